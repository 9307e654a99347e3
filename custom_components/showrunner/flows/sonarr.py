"""Link Sonarr, and say what its folders are: permanent or streamed, and how Jellyfin calls them."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..clients.jellyfin import JellyfinClient
from ..clients.sonarr import SonarrClient
from ..const import SONARR
from .arr_folders import FoldersFlow, OnDisk
from .common import read_url


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> SonarrClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    session = async_get_clientsession(hass, data[CONF_VERIFY_SSL])
    return SonarrClient(session, read_url(data[CONF_URL]), data[CONF_API_KEY])


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    status = await client(hass, data).status()
    return status.instance_name or status.app_name


class SonarrFlow(FoldersFlow):
    """Add or reconfigure Sonarr."""

    kind: ClassVar[str] = SONARR
    example: ClassVar[str] = "http://192.168.1.10:8989"

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)

    @override
    async def _read(self) -> tuple[tuple[str, ...], tuple[OnDisk, ...]]:
        sonarr = client(self.hass, self._data)
        folders = tuple(folder.path for folder in await sonarr.root_folders())
        titles = tuple(
            OnDisk(series.title.ids, series.title.name, series.path)
            for series in await sonarr.all_series()
            if any(season.files for season in series.seasons)
        )
        return folders, titles

    @staticmethod
    @override
    async def _jellyfins(server: JellyfinClient, title: OnDisk, user_id: str) -> str | None:
        return await server.find_series_folder(title.ids, title.name, user_id)
