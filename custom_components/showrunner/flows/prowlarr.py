"""Link Prowlarr: it is asked for seeders when nothing else decides."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.core import HomeAssistant

from ..clients.prowlarr import PRODUCT, ProwlarrClient
from ..const import PROWLARR
from .arr import ArrFlow, keyed_client, of_process, really


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    return await really(hass, data, PRODUCT, keyed_client(hass, data, ProwlarrClient).status())


class ProwlarrFlow(ArrFlow):
    """Add or reconfigure Prowlarr."""

    kind: ClassVar[str] = PROWLARR
    example: ClassVar[str] = "http://192.168.1.10:9696"

    @staticmethod
    @override
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        return of_process((await keyed_client(hass, data, ProwlarrClient).status()).process, data)

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)
