"""When we look at one Radarr: its state for the entities, fresh facts for the jobs and requests."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cached_property
import logging
from typing import ClassVar, Final, override

from homeassistant.util import dt as dt_util

from ..clients.arr_models import ANIME, QueueItem, is_anime_folder
from ..clients.arr_titles import find
from ..clients.errors import ServiceError
from ..clients.radarr import RadarrClient, RadarrMovie
from ..domain.knowledge import Known
from ..domain.media import MOVIE, MediaType, ProviderIds
from ..domain.requests.facts import Inventory
from ..domain.requests.request import Request
from .arr import INTERVAL, ArrCoordinator, ArrData
from .arr_reports import Holding, may_be_of

__all__ = ["INTERVAL", "RadarrCoordinator", "RadarrData"]

RadarrData = ArrData

_LOGGER = logging.getLogger(__name__)

_LIST_HOLDS: Final = timedelta(minutes=10)


def _imdb_of(movie: RadarrMovie) -> tuple[str, int] | None:
    return None if movie.title.ids.imdb is None else (movie.title.ids.imdb, movie.id)


class _ImdbIndex:
    """Radarr's numbers by IMDb ids, as they were in its last list."""

    def __init__(self, client: RadarrClient) -> None:
        """Know nothing yet."""
        self._client = client
        self._numbers: dict[str, tuple[int, ...]] = {}
        self._read_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def numbers(self, imdb: str, *, fresh: bool) -> tuple[int, ...]:
        """Give the numbers under an IMDb id. Whoever asks meanwhile waits for the same list."""
        asked = dt_util.utcnow()
        async with self._lock:
            since = asked if fresh else asked - _LIST_HOLDS
            if self._read_at is None or self._read_at < since:
                begun, numbers = dt_util.utcnow(), dict[str, tuple[int, ...]]()
                for known, number in await self._client.movies(_imdb_of):
                    numbers[known] = (*numbers.get(known, ()), number)
                self._numbers, self._read_at = numbers, begun
            return self._numbers.get(imdb, ())


class RadarrCoordinator(ArrCoordinator[RadarrClient]):
    """Looks after one Radarr."""

    media: ClassVar[MediaType] = MediaType.MOVIE

    @cached_property
    def _imdb(self) -> _ImdbIndex:
        return _ImdbIndex(self.client)

    async def movie_by_imdb(self, imdb: str, *, fresh: bool = False) -> RadarrMovie | None:
        """Find a movie by its IMDb id; None when there is none. Raises ServiceError.

        What TMDb has under it now is asked for at once. That there is none is said by a list of all
        movies alone, for one may be kept under a number that TMDb has given up: every few minutes
        at most, unless `fresh`.
        """
        movie = await self.asked_by_imdb(imdb)
        if movie is not None:
            return movie
        for number in await self._imdb.numbers(imdb, fresh=fresh):
            movie = await self.client.by_number(number)
            if movie is not None and movie.title.ids.imdb == imdb:
                return movie
        return None

    async def asked_by_imdb(self, imdb: str) -> RadarrMovie | None:
        """Find a movie without a list of all; None says nothing, it may be there all the same."""
        try:
            tmdb = await self.client.tmdb_of(imdb)
            movie = None if tmdb is None else await self.client.movie_by_tmdb(tmdb)
        except ServiceError as err:
            # It asks the internet for this, and may do all else without.
            _LOGGER.debug("%s did not look an IMDb id up: %s", self.title, err)
            return None
        return movie if movie is not None and movie.title.ids.imdb == imdb else None

    async def by_ids(self, ids: ProviderIds) -> RadarrMovie | None:
        """Find a movie by TMDb's id; where Radarr has none under it, by IMDb's."""
        movie = await self.client.by_ids(ids)
        if movie is None and ids.imdb is not None:
            movie = await self.movie_by_imdb(ids.imdb)
        return movie

    @override
    async def _find(self, request: Request, at: datetime) -> Holding | None:
        movie = await self._movie(request)
        if movie is None:
            return None
        # A film that is not out yet is not searched for in earnest.
        searched = None if movie.is_available is False else movie.last_search
        unit = Inventory(
            MOVIE,
            at,
            has_file=movie.has_file,
            monitored=movie.monitored,
            aired_at=movie.out_since,
            searched_at=searched,
            path=movie.file_path or "",
        )
        original = (movie.original_title,) if movie.original_title else ()
        return Holding(
            movie.id,
            movie.title.ids,
            (unit,),
            anime=await self._is_anime(movie),
            other_titles=tuple(dict.fromkeys((*original, *movie.titles))),
            poster=movie.poster,
            year=movie.title.year,
        )

    @override
    async def _search(self, request: Request, queue: Collection[QueueItem]) -> bool:
        movie = await self._movie(request)
        if movie is None or movie.has_file or not movie.monitored:
            return False
        if any(item.media_id == movie.id for item in queue):
            return False
        await self.client.search(movie.id)
        return True

    async def _movie(self, request: Request) -> RadarrMovie | None:
        """Find the film, unless an id or its year says that it is another."""
        found = await find(self.client, request.ids, request.arr[1] if request.arr else None)
        movie = found.value.entry if isinstance(found, Known) else None
        return movie if movie is not None and may_be_of(request, movie.title) else None

    async def _is_anime(self, movie: RadarrMovie) -> bool:
        if is_anime_folder(movie.root_folder):
            return True
        if not movie.tags:
            return False
        labels = await self.client.tags()
        return any(labels.get(tag, "").lower() == ANIME for tag in movie.tags)

    @override
    async def _is_gone(self, arr_id: int) -> bool:
        return await self.client.by_number(arr_id) is None
