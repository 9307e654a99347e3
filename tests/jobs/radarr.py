"""A Radarr that holds what a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.radarr import QueueItem, RadarrMovie
from custom_components.showrunner.coordinators.radarr import RadarrCoordinator, _ImdbIndex
from custom_components.showrunner.domain.media import ProviderIds
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

    async def by_number(self, number: int) -> RadarrMovie | None:
        """Find by Radarr's number."""
        return next((one for one in self.all if one.id == number), None)

    async def movie_by_tmdb(self, tmdb: int) -> RadarrMovie | None:
        """Find by TMDb's number."""
        if self.fails:
            raise Unreachable("Radarr", "no answer")
        return next((one for one in self.all if one.title.ids.tmdb == tmdb), None)

    async def by_ids(self, ids: ProviderIds) -> RadarrMovie | None:
        """Find by TMDb's number among the ids."""
        return None if ids.tmdb is None else await self.movie_by_tmdb(ids.tmdb)

    def can_ask(self, ids: ProviderIds) -> bool:
        """Tell whether it can be asked by them."""
        return ids.tmdb is not None

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
            return await self.client.by_number(number)
        return None

    async def by_ids(self, ids: ProviderIds) -> RadarrMovie | None:
        """Find by TMDb's id, else by IMDb's."""
        return await RadarrCoordinator.by_ids(self, ids)  # type: ignore[arg-type]

    def is_permanent(self, path: str) -> bool:
        """Tell whether a path is for good."""
        return path.startswith("/data/movies")
