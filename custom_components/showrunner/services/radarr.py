"""Radarr: it fetches and keeps films."""

from functools import partial
from typing import Any, ClassVar, Final, override

from ..clients.jellyfin import JellyfinClient
from ..clients.radarr import RadarrClient, RadarrMovie
from ..coordinators.radarr import RadarrCoordinator
from ..flows.keyed import REAUTH_SCHEMA, with_key
from . import arr
from .arr import ArrLink
from .arr_folders import FoldersFlow, OnDisk
from .spec import Reauth, ServiceSpec

KEY: Final = "radarr"
LINK: Final = ArrLink(RadarrClient, RadarrClient.product)


class RadarrFlow(FoldersFlow):
    """Add or reconfigure Radarr."""

    kind: ClassVar[str] = KEY
    link: ClassVar[ArrLink[Any]] = LINK
    example: ClassVar[str] = "http://192.168.1.10:7878"

    @override
    async def _on_disk(self, most: int) -> tuple[OnDisk, ...]:
        return await LINK.client(self.hass, self._data).movies(_on_disk, most)

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


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="Servarr",
    model="Radarr",
    flow=RadarrFlow,
    coordinator=partial(arr.coordinator, RadarrCoordinator, LINK),
    reauth=Reauth(REAUTH_SCHEMA, with_key, LINK.probe),
    webhook=arr.webhook(LINK),
    sensors=arr.MOVIE_SENSORS,
    diagnostics=arr.DIAGNOSTICS,
)
