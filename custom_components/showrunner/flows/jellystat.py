"""Link Jellystat: it knows what was watched before Showrunner looked."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.core import HomeAssistant

from ..clients.jellystat import PRODUCT, JellystatClient
from ..const import JELLYSTAT
from .arr import ArrFlow, keyed_client


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the product's name. Raise ServiceError."""
    await keyed_client(hass, data, JellystatClient).status()
    return PRODUCT


class JellystatFlow(ArrFlow):
    """Add or reconfigure Jellystat."""

    kind: ClassVar[str] = JELLYSTAT
    example: ClassVar[str] = "http://192.168.1.10:3000"

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)
