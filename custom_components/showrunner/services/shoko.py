"""Shoko: it knows an anime before Jellyfin does."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant

from ..clients.shoko import PRODUCT, ShokoClient
from ..coordinators.shoko import ShokoCoordinator
from ..flows.keyed import REAUTH_SCHEMA, KeyedFlow, keyed_client, with_key
from .spec import LinkContext, Reauth, ServiceSpec

KEY: Final = "shoko"


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> ShokoClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return keyed_client(hass, data, ShokoClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the product's name. Raise ServiceError."""
    await client(hass, data).status()
    return PRODUCT


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> ShokoCoordinator:
    """Build what looks after one Shoko."""
    return ShokoCoordinator(
        context.hass,
        context.entry,
        context.signals,
        client(context.hass, subentry.data),
        context.requests,
        subentry_id=subentry.subentry_id,
        title=subentry.title,
    )


class ShokoFlow(KeyedFlow):
    """Add or reconfigure Shoko."""

    kind: ClassVar[str] = KEY
    example: ClassVar[str] = "http://192.168.1.10:8111"

    @override
    def _known(self) -> dict[str, tuple[str, dict[str, Any]]]:
        # Home Assistant has no integration for it.
        return {}

    @staticmethod
    @override
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        # It says nothing of itself, but makes its keys at random: no other server has this one.
        key: str = data[CONF_API_KEY]
        return key or None

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="Shoko",
    model="Shoko Server",
    flow=ShokoFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_key, probe),
    matches_anime=True,
)
