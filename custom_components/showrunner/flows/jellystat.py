"""Link Jellystat: it knows what was watched before Showrunner looked."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..clients.jellystat import PRODUCT, JellystatClient
from ..const import JELLYSTAT
from .arr import ArrFlow
from .common import read_url


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the product's name. Raise ServiceError."""
    session = async_get_clientsession(hass, data[CONF_VERIFY_SSL])
    await JellystatClient(session, read_url(data[CONF_URL]), data[CONF_API_KEY]).status()
    return PRODUCT


class JellystatFlow(ArrFlow):
    """Add or reconfigure Jellystat."""

    kind: ClassVar[str] = JELLYSTAT
    example: ClassVar[str] = "http://192.168.1.10:3000"

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)
