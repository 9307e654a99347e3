"""Link Shoko: it knows an anime before Jellyfin does."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..clients.shoko import PRODUCT, ShokoClient
from ..const import SHOKO
from .arr import ArrFlow
from .common import read_url


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the product's name. Raise ServiceError."""
    session = async_get_clientsession(hass, data[CONF_VERIFY_SSL])
    await ShokoClient(session, read_url(data[CONF_URL]), data[CONF_API_KEY]).status()
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
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)
