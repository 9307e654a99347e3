"""Link Jellystat: it knows what was watched before Showrunner looked."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.const import CONF_API_KEY
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
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        # It says nothing of itself, but makes its keys at random: no other server has this one.
        key: str = data[CONF_API_KEY]
        return key or None

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)
