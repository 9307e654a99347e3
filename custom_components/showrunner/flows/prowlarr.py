"""Link Prowlarr: it is asked for seeders when nothing else decides."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..clients.prowlarr import ProwlarrClient
from ..const import PROWLARR
from .arr import ArrFlow
from .common import read_url


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    session = async_get_clientsession(hass, data[CONF_VERIFY_SSL])
    client = ProwlarrClient(session, read_url(data[CONF_URL]), data[CONF_API_KEY])
    status = await client.status()
    return status.instance_name or status.app_name


class ProwlarrFlow(ArrFlow):
    """Add or reconfigure Prowlarr."""

    kind: ClassVar[str] = PROWLARR
    example: ClassVar[str] = "http://192.168.1.10:9696"

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)
