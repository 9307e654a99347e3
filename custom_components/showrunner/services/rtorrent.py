"""rTorrent, under one of its four addresses."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import voluptuous as vol

from ..clients.errors import Refused, Unreadable
from ..clients.rtorrent import RTorrentClient, normalize
from ..clients.rtorrent_wire import PRODUCT
from ..coordinators.torrents import TorrentCoordinator
from ..flows.common import InvalidUrl
from ..flows.fields import PASSWORD, TEXT, USERNAME
from . import torrents
from .spec import LinkContext, Reauth, ServiceSpec, page_of
from .torrents import TorrentFlow, with_login

KEY: Final = "rtorrent"
# ruTorrent's own door to rTorrent, below its page.
_HTTPRPC: Final = "/plugins/httprpc/action.php"
_RPC: Final = "/RPC2"
# Where rTorrent is spoken to behind ruTorrent's page, and behind a web server of its own.
_WAYS: Final = (_HTTPRPC, "/plugins/rpc/rpc.php", _RPC)

REAUTH_SCHEMA: Final = vol.Schema(
    {vol.Optional(CONF_USERNAME): USERNAME, vol.Optional(CONF_PASSWORD): PASSWORD}
)


def read_address(text: str) -> str:
    """Put an address of rTorrent's in order. Raise InvalidUrl."""
    try:
        return normalize(text)
    except ValueError as err:
        raise InvalidUrl from err


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> RTorrentClient:
    """Build a client from the address, the login and verify_ssl. Raise InvalidUrl."""
    return RTorrentClient(
        async_get_clientsession(hass, data[CONF_VERIFY_SSL]),
        read_address(data[CONF_URL]),
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
    )


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Try the address, the login, and the list itself. Raise ServiceError, InvalidUrl."""
    await client(hass, data).torrents()


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> TorrentCoordinator:
    """Build what looks after one rTorrent."""
    made = client(context.hass, subentry.data)
    return torrents.coordinator(context, subentry, made, PRODUCT)


def page(url: str) -> str | None:
    """Give the address of ruTorrent's page; where only rTorrent is spoken to, there is none."""
    return None if url.endswith(_RPC) else page_of(url.removesuffix(_HTTPRPC))


class RTorrentFlow(TorrentFlow):
    """Add or reconfigure rTorrent."""

    kind: ClassVar[str] = KEY
    title: ClassVar[str] = PRODUCT
    example: ClassVar[str] = "https://seedbox.example/RPC2"
    login: ClassVar[vol.Schema] = REAUTH_SCHEMA
    url_field: ClassVar[object] = TEXT

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        await probe(hass, data)

    @staticmethod
    @override
    def read_url(text: str) -> str:
        return read_address(text)

    @override
    async def _connect(self, data: dict[str, Any]) -> str:
        """Try the address; where it is ruTorrent's page, the way that leads to rTorrent from there.

        Raise what the address itself said where none does.
        """
        try:
            return await super()._connect(data)
        except (Unreadable, Refused) as err:
            first = err
        page = data[CONF_URL]
        for way in _WAYS if page.startswith("http") and not page.endswith(_WAYS) else ():
            data[CONF_URL] = page + way
            try:
                return await super()._connect(data)
            except Unreadable, Refused:
                continue  # nobody speaks there
        data[CONF_URL] = page
        raise first

    @override
    def _known(self) -> dict[str, tuple[str, dict[str, Any]]]:
        # Home Assistant's own rTorrent is written by hand and has no entries.
        return {}


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="rakshasa",
    model="rTorrent",
    flow=RTorrentFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_login, probe),
    sensors=torrents.SENSORS,
    binary_sensors=torrents.BINARY_SENSORS,
    diagnostics=torrents.DIAGNOSTICS,
    page=page,
)
