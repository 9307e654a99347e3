"""Link Radarr, and say what its folders are: permanent or streamed, and how Jellyfin calls them."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.core import HomeAssistant

from ..clients.jellyfin import JellyfinClient
from ..clients.radarr import RadarrClient, RadarrMovie
from ..const import RADARR
from .arr import keyed_client, of_process, really
from .arr_folders import FoldersFlow, OnDisk


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> RadarrClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return keyed_client(hass, data, RadarrClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    return await really(hass, data, RadarrClient.product, client(hass, data).status())


class RadarrFlow(FoldersFlow):
    """Add or reconfigure Radarr."""

    kind: ClassVar[str] = RADARR
    example: ClassVar[str] = "http://192.168.1.10:7878"

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
        return await client(self.hass, self._data).movies(_on_disk, most)

    @override
    async def _files(self, one: OnDisk) -> tuple[str, ...]:
        return (one.path,)

    @staticmethod
    @override
    async def _jellyfins(server: JellyfinClient, one: OnDisk, user_id: str) -> str | None:
        item = await server.find_movie(one.title.ids, one.title.name, user_id, one.title.year)
        return None if item is None else item.path


def _on_disk(movie: RadarrMovie) -> OnDisk | None:
    if not movie.has_file or not movie.file_path:
        return None
    return OnDisk(movie.id, movie.title, movie.file_path)
