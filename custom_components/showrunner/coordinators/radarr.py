"""When we look at one Radarr: its state for the entities, fresh facts for the jobs and requests."""

from datetime import datetime
from typing import ClassVar, override

from ..clients.arr_models import ANIME, is_anime_folder
from ..clients.radarr import RadarrClient, RadarrMovie
from ..domain.media import MediaType
from ..domain.requests.facts import MOVIE, Inventory
from ..domain.requests.request import Request
from .arr import INTERVAL, ArrCoordinator, ArrData
from .arr_reports import Holding, may_be_of

__all__ = ["INTERVAL", "RadarrCoordinator", "RadarrData"]

RadarrData = ArrData


class RadarrCoordinator(ArrCoordinator[RadarrClient]):
    """Looks after one Radarr."""

    media: ClassVar[MediaType] = MediaType.MOVIE

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
            aired_at=movie.released_at,
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

    async def _movie(self, request: Request) -> RadarrMovie | None:
        """Find the film by Radarr's own number, which is quick, or by its id."""
        if request.arr is not None:
            movie = await self.client.movie(request.arr[1])
            if movie is not None and may_be_of(request, movie.title):
                return movie
        if request.ids.tmdb is None:
            return None
        movie = await self.client.movie_by_tmdb(request.ids.tmdb)
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
        return await self.client.movie(arr_id) is None
