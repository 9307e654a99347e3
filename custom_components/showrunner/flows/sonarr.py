"""Link Sonarr, and say what its folders are: permanent or streamed, and how Jellyfin calls them."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.core import HomeAssistant

from ..clients.jellyfin import JellyfinClient
from ..clients.sonarr import SonarrClient
from ..const import SONARR
from .arr import keyed_client, of_process, really
from .arr_folders import FoldersFlow, OnDisk


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> SonarrClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return keyed_client(hass, data, SonarrClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    return await really(hass, data, SonarrClient.product, client(hass, data).status())


class SonarrFlow(FoldersFlow):
    """Add or reconfigure Sonarr."""

    kind: ClassVar[str] = SONARR
    example: ClassVar[str] = "http://192.168.1.10:8989"

    @staticmethod
    @override
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        return of_process((await client(hass, data).status()).process, data)

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)

    @override
    async def _read(self) -> tuple[tuple[str, ...], tuple[OnDisk, ...]]:
        sonarr = client(self.hass, self._data)
        folders = tuple(folder.path for folder in await sonarr.root_folders())
        titles = tuple(
            OnDisk(series.title, series.path)
            for series in await sonarr.all_series()
            if any(season.files for season in series.seasons)
        )
        return folders, titles

    @staticmethod
    @override
    async def _jellyfins(server: JellyfinClient, one: OnDisk, user_id: str) -> str | None:
        return await server.find_series_folder(
            one.title.ids, one.title.name, user_id, one.title.year
        )
