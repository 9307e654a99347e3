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
    # What TMDb has under IMDb's ids, and whether the internet is away.
    tmdb: dict[str, int] = field(default_factory=dict)
    offline: bool = False

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

    async def tmdb_of(self, imdb: str) -> int | None:
        """Know of films what TMDb knows now."""
        if self.offline:
            raise Unreachable("Radarr", "no internet")
        return self.tmdb.get(imdb)

    async def by_ids(self, ids: ProviderIds) -> RadarrMovie | None:
        """Find by TMDb's number among the ids."""
        return None if ids.tmdb is None else await self.movie_by_tmdb(ids.tmdb)

    def can_ask(self, ids: ProviderIds) -> bool:
        """Tell whether it can be asked by them."""
        return ids.tmdb is not None

    missed_client: None = None
    queued_when_well: frozenset[int] = frozenset()

    async def health(self, *, anew: bool = False) -> tuple[()]:
        """Have nothing wrong with it."""
        return ()

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
    _imdb: _ImdbIndex = field(init=False)

    def __post_init__(self) -> None:
        """List as the coordinator does."""
        self._imdb = _ImdbIndex(self.client)  # type: ignore[arg-type]

    async def movie_by_imdb(self, imdb: str, *, fresh: bool = False) -> RadarrMovie | None:
        """Find by IMDb's id."""
        return await RadarrCoordinator.movie_by_imdb(self, imdb, fresh=fresh)  # type: ignore[arg-type]

    async def asked_by_imdb(self, imdb: str) -> RadarrMovie | None:
        """Find by IMDb's id without a list."""
        return await RadarrCoordinator.asked_by_imdb(self, imdb)  # type: ignore[arg-type]

    async def by_ids(self, ids: ProviderIds) -> RadarrMovie | None:
        """Find by TMDb's id, else by IMDb's."""
        return await RadarrCoordinator.by_ids(self, ids)  # type: ignore[arg-type]

    def is_permanent(self, path: str) -> bool:
        """Tell whether a path is for good."""
        return path.startswith("/data/movies")
