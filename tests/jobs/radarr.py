"""A Radarr that holds what a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.radarr import QueueItem, RadarrMovie
from custom_components.showrunner.coordinators.radarr import _ImdbIndex
from custom_components.showrunner.domain.paths import PathMap, PathPair

MAP = PathMap((PathPair("/media", "/data"),))


@dataclass
class Client:
    """A Radarr that answers as /movie, /movie/7 and /movie?tmdbId= do."""

    all: list[RadarrMovie]
    fails: bool = False
    listed: int = 0

    async def movies(self, pick: Callable[[RadarrMovie], Any] = lambda one: one) -> tuple[Any, ...]:
        """List what is picked of all."""
        self.listed += 1
        return tuple(found for one in self.all if (found := pick(one)) is not None)

    async def movie(self, number: int) -> RadarrMovie | None:
        """Find by Radarr's number."""
        return next((one for one in self.all if one.id == number), None)

    async def movie_by_tmdb(self, tmdb: int) -> RadarrMovie | None:
        """Find by TMDb's number."""
        if self.fails:
            raise Unreachable("Radarr", "no answer")
        return next((one for one in self.all if one.title.ids.tmdb == tmdb), None)

    async def queue(self) -> tuple[QueueItem, ...]:
        """Have nothing under way."""
        return ()

    async def tags(self) -> dict[int, str]:
        """Have no tags."""
        return {}


@dataclass
class Radarr:
    """What is asked of its coordinator."""

    client: Client
    path_map: PathMap = MAP
    title: str = "Radarr"
    index: _ImdbIndex = field(init=False)

    def __post_init__(self) -> None:
        """List as the coordinator does."""
        self.index = _ImdbIndex(self.client)  # type: ignore[arg-type]

    async def movie_by_imdb(self, imdb: str, *, fresh: bool = False) -> RadarrMovie | None:
        """Find by IMDb's id."""
        for number in await self.index.numbers(imdb, fresh=fresh):
            return await self.client.movie(number)
        return None

    def is_permanent(self, path: str) -> bool:
        """Tell whether a path is for good."""
        return path.startswith("/data/movies")
