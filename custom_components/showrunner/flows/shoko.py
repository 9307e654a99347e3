"""Link Shoko: it knows an anime before Jellyfin does."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.const import CONF_API_KEY
from homeassistant.core import HomeAssistant

from ..clients.shoko import PRODUCT, ShokoClient
from ..const import SHOKO
from .arr import ArrFlow, keyed_client


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the product's name. Raise ServiceError."""
    await keyed_client(hass, data, ShokoClient).status()
    return PRODUCT


class ShokoFlow(ArrFlow):
    """Add or reconfigure Shoko."""

    kind: ClassVar[str] = SHOKO
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
