"""qBittorrent."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from aiohttp import ClientSession, CookieJar
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import (
    CONF_API_KEY,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
import voluptuous as vol

from ..clients.login_rest import LoginMemory
from ..clients.qbittorrent import PRODUCT, QBittorrentClient
from ..coordinators.remembered import RememberedLogin
from ..coordinators.torrents import TorrentCoordinator
from ..flows.common import read_url
from ..flows.fields import KEY as KEY_FIELD, PASSWORD, USERNAME
from . import torrents
from .spec import LinkContext, Reauth, ServiceSpec
from .torrents import TorrentFlow, with_login

KEY: Final = "qbittorrent"

REAUTH_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_USERNAME): USERNAME,
        vol.Optional(CONF_PASSWORD): PASSWORD,
        vol.Optional(CONF_API_KEY): KEY_FIELD,
    }
)


def client(
    session: ClientSession, data: Mapping[str, Any], memory: LoginMemory | None = None
) -> QBittorrentClient:
    """Build a client from the address and the login. Raise InvalidUrl.

    `session` must be nobody else's, for its cookie. `memory`: where a refused login is kept.
    """
    return QBittorrentClient(
        session,
        read_url(data[CONF_URL]),
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
        api_key=data.get(CONF_API_KEY),
        memory=memory,
    )


def _session(
    hass: HomeAssistant, data: Mapping[str, Any], *, auto_cleanup: bool = True
) -> ClientSession:
    """Open a session that keeps its cookie for bare addresses too."""
    return async_create_clientsession(
        hass,
        data[CONF_VERIFY_SSL],
        auto_cleanup=auto_cleanup,
        cookie_jar=CookieJar(unsafe=True),
    )


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Try the address, the login, and the list itself. Raise ServiceError, InvalidUrl."""
    session = _session(hass, data, auto_cleanup=False)
    try:
        await client(session, data).torrents()
    finally:
        session.detach()


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> TorrentCoordinator:
    """Build what looks after one qBittorrent."""
    data = subentry.data
    memory = RememberedLogin(
        context.store.kv,
        subentry.subentry_id,
        PRODUCT,
        {name: data.get(name) for name in (CONF_URL, CONF_USERNAME, CONF_PASSWORD)},
    )
    made = client(_session(context.hass, data), data, memory)
    return torrents.coordinator(context, subentry, made, PRODUCT)


class QBittorrentFlow(TorrentFlow):
    """Add or reconfigure qBittorrent."""

    kind: ClassVar[str] = KEY
    title: ClassVar[str] = PRODUCT
    example: ClassVar[str] = "http://192.168.1.10:8080"
    login: ClassVar[vol.Schema] = REAUTH_SCHEMA

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        await probe(hass, data)


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="qBittorrent",
    model="qBittorrent",
    flow=QBittorrentFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_login, probe),
    sensors=torrents.SENSORS,
    binary_sensors=torrents.BINARY_SENSORS,
    diagnostics=torrents.DIAGNOSTICS,
)
