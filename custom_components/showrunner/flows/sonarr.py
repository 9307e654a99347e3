"""Link Sonarr, and say what its folders are: permanent or streamed, and how Jellyfin calls them."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.core import HomeAssistant

from ..clients.jellyfin import JellyfinClient
from ..clients.sonarr import SonarrClient
from ..clients.sonarr_models import SonarrSeries
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
    async def _read(self) -> tuple[str, ...]:
        return tuple(f.path for f in await client(self.hass, self._data).root_folders())

    @override
    async def _on_disk(self, most: int) -> tuple[OnDisk, ...]:
        return await client(self.hass, self._data).all_series(_on_disk, most)

    @override
    async def _files(self, one: OnDisk) -> tuple[str, ...]:
        return tuple(file.path for file in await client(self.hass, self._data).files(one.id))

    @staticmethod
    @override
    async def _jellyfins(server: JellyfinClient, one: OnDisk, user_id: str) -> str | None:
        return await server.find_series_folder(
            one.title.ids, one.title.name, user_id, one.title.year
        )


def _on_disk(series: SonarrSeries) -> OnDisk | None:
    if not any(season.files for season in series.seasons):
        return None
    return OnDisk(series.id, series.title, series.path)
