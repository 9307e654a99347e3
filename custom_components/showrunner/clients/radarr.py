"""How we talk to Radarr (API version 3)."""

import asyncio
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import aiohttp

from ..domain.history import HistoryKind
from ..domain.knowledge import Answer
from ..domain.media import ProviderIds, Title, same_year
from ..domain.text import say
from . import arr_history, radarr_models as models
from .arr import CONFLICT, LONG, NOT_FOUND, SOME, ArrClient, ArrStatus
from .arr_models import QueueItem, RootFolder
from .errors import Refused, Unreachable
from .listing import Listed
from .moment import once
from .parse import Json
from .radarr_models import ArrCommand, HistoryRecord, RadarrMovie

__all__ = [
    "ArrCommand",
    "ArrStatus",
    "HistoryRecord",
    "QueueItem",
    "RadarrClient",
    "RadarrMovie",
    "RootFolder",
]

PRODUCT: Final = "Radarr"
# Of what its webhook tells us; an upgrade's deletion is no deletion.
SWITCHES: Final[Mapping[str, bool]] = {
    "onGrab": True,
    "onDownload": True,
    "onUpgrade": True,
    "onRename": True,
    "onMovieAdded": True,
    "onMovieDelete": True,
    "onMovieFileDelete": True,
    "onMovieFileDeleteForUpgrade": False,
    "onHealthIssue": False,
    "includeHealthWarnings": False,
    "onHealthRestored": False,
    "onApplicationUpdate": False,
    "onManualInteractionRequired": True,
}


def _itself(movie: RadarrMovie) -> RadarrMovie:
    return movie


class RadarrClient(ArrClient):
    """One Radarr. Every method raises a ServiceError when the answer can't be had or believed."""

    product: ClassVar[str] = PRODUCT
    switches: ClassVar[Mapping[str, bool]] = SWITCHES
    numbers: ClassVar[Mapping[int, HistoryKind]] = arr_history.RADARR_NUMBERS
    _queue_of_all: ClassVar[str] = "includeUnknownMovieItems"
    _title: ClassVar[str] = "movie"
    _scan: ClassVar[str] = "DownloadedMoviesScan"

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str) -> None:
        """Take the address as the person typed it (normalised) and the API key."""
        super().__init__(session, url, api_key)
        self._all = asyncio.Lock()
        self._knows_tmdb = False
        self._patience = SOME

    # -- movies ----------------------------------------------------------------------------------

    async def movies[T = RadarrMovie](
        self,
        pick: Callable[[RadarrMovie], T | None] = _itself,  # type: ignore[assignment]
        most: int | None = None,
        *,
        whole: bool = False,
    ) -> tuple[T, ...]:
        """List all movies, or what `pick` makes of each that is wanted: there may be 50,000.

        With `most` the list is read only until so many were picked. `whole`: a list with rows that
        can't be read is none, for it counts what is not among them.
        """

        def read(row: Json) -> T | None:
            return pick(models.movie(row))

        found = await self._long_list("/movie", read, most, excludeLocalCovers="true")
        return self._whole(found) if whole else found.rows

    async def by_number(self, number: int) -> RadarrMovie | None:
        """Find a movie by Radarr's number; None when it is gone."""
        row = await self._one(f"/movie/{number}")
        return None if row is None else models.movie(row)

    def can_ask(self, ids: ProviderIds) -> bool:
        """Tell whether there is the id by which Radarr can be asked for one movie."""
        return ids.tmdb is not None

    async def by_ids(self, ids: ProviderIds) -> RadarrMovie | None:
        """Find a movie by its tmdb id; None when this Radarr does not hold it."""
        return None if ids.tmdb is None else await self.movie_by_tmdb(ids.tmdb)

    async def movie_by_tmdb(self, tmdb: int) -> RadarrMovie | None:
        """Find a movie by its tmdb id; None when this Radarr does not hold it."""
        if self._knows_tmdb:
            return self._held(await self._by_tmdb(tmdb))
        # Older servers ignore the parameter and answer with all: never twice at the same time.
        async with self._all:
            found = await self._by_tmdb(tmdb)
            self._knows_tmdb = found.count <= 1
            self._patience = SOME if self._knows_tmdb else LONG
        return self._held(found)

    async def _by_tmdb(self, tmdb: int) -> Listed[RadarrMovie]:
        def read(row: Json) -> RadarrMovie | None:
            movie = models.movie(row)
            return movie if movie.title.ids.tmdb == tmdb else None

        params: dict[str, str | int] = {"tmdbId": tmdb, "excludeLocalCovers": "true"}
        return await once(
            (self, "tmdb", tmdb),
            lambda: self._http.get_list("/movie", read, params, timeout=self._patience),
        )

    def _held(self, found: Listed[RadarrMovie]) -> RadarrMovie | None:
        """Take what was found; that it was not counts only of a whole list."""
        return found.rows[0] if found.rows else next(iter(self._whole(found)), None)

    async def lookup(self, tmdb: int) -> RadarrMovie | None:
        """Look a movie up in TMDb through Radarr; None when TMDb does not know it."""
        row = await self._lookup(tmdb)
        return None if row is None else models.movie(row)

    async def tmdb_of(self, imdb: str) -> int | None:
        """Ask which TMDb id goes with an IMDb id; None when that is not known for certain."""
        row = await self._looked_up("/movie/lookup/imdb", {"imdbId": imdb})
        ids = None if row is None else models.movie(row).title.ids
        return ids.tmdb if ids is not None and ids.imdb == imdb else None

    async def _lookup(self, tmdb: int) -> Json | None:
        return await self._looked_up("/movie/lookup/tmdb", {"tmdbId": tmdb})

    async def _looked_up(self, path: str, params: Mapping[str, str | int]) -> Json | None:
        try:
            answer = await self._http.get(path, params)
        except Unreachable as err:
            # An unknown film is answered with 500 and this text.
            if "was not found" in err.message:
                return None
            raise
        return self._table(answer)

    async def add_movie(
        self,
        tmdb: int,
        *,
        root_folder: str,
        profile_id: int,
        expected: Title,
        tags: tuple[int, ...] = (),
        monitored: bool = True,
        folder: str | None = None,
        minimum_availability: str | None = None,
    ) -> RadarrMovie:
        """Add a movie, without a search; only what TMDb knows as the one expected.

        `folder` is the movie's own, where it must be one in particular.
        """
        row = await self._lookup(tmdb)
        if row is None:
            raise Refused(PRODUCT, NOT_FOUND, say("error_tmdb_does_not_know_tmdb", tmdb=tmdb))
        found = models.movie(row).title
        same = found.ids.matches(expected.ids), same_year(found.year, expected.year)
        if same[0] is not Answer.YES or same[1] is Answer.NO:
            named = f"{found.label} ({' '.join(found.ids.keys)})"
            wanted = f"{expected.label} ({' '.join(expected.ids.keys)})"
            raise Refused(
                PRODUCT,
                CONFLICT,
                say(
                    "error_tmdb_named_under_tmdb_not_wanted", named=named, tmdb=tmdb, wanted=wanted
                ),
            )
        body = {key: value for key, value in row.items() if key not in ("id", "movieFile")} | {
            "tmdbId": tmdb,
            "rootFolderPath": root_folder,
            "qualityProfileId": profile_id,
            "monitored": monitored,
            "minimumAvailability": minimum_availability or "released",
            "tags": list(tags),
            "addOptions": {"monitor": "movieOnly", "searchForMovie": False},
        }
        if folder is not None:
            body["path"] = folder
        return models.movie(self._table(await self._http.request("POST", "/movie", body=body)))

    async def edit(
        self,
        movie_id: int,
        *,
        monitored: bool | None = None,
        quality_profile_id: int | None = None,
        root_folder_path: str | None = None,
        add_tags: tuple[int, ...] = (),
    ) -> None:
        """Change only the named fields of a movie; files are never moved."""
        body: dict[str, object] = {"movieIds": [movie_id], "moveFiles": False}
        if monitored is not None:
            body["monitored"] = monitored
        if quality_profile_id is not None:
            body["qualityProfileId"] = quality_profile_id
        if root_folder_path is not None:
            body["rootFolderPath"] = root_folder_path
        if add_tags:
            body |= {"tags": list(add_tags), "applyTags": "add"}
        await self._http.request("PUT", "/movie/editor", body=body)

    async def delete_file(self, file_id: int) -> None:
        """Delete one movie file, and nothing else."""
        await self._delete(f"/moviefile/{file_id}")

    async def delete_movie(self, movie_id: int) -> None:
        """Have a movie forgotten. Its folder stays: with files, all that lies in it would go."""
        params = {"deleteFiles": "false", "addImportExclusion": "false"}
        await self._delete(f"/movie/{movie_id}", **params)

    # -- commands, queue, history ----------------------------------------------------------------

    async def search(self, movie_id: int) -> int:
        """Have a movie searched for; give the command's id."""
        body = {"name": "MoviesSearch", "movieIds": [movie_id]}
        answer = self._table(await self._http.request("POST", "/command", body=body))
        return models.command(answer).id

    async def command(self, command_id: int) -> ArrCommand | None:
        """Find a command; None when Radarr has forgotten it."""
        row = await self._one(f"/command/{command_id}")
        return None if row is None else models.command(row)

    async def commands(self) -> tuple[ArrCommand, ...]:
        """List what runs, and what ran lately."""
        return (await self._list("/command", models.command)).rows

    async def movie_history(self, movie_id: int) -> tuple[HistoryRecord, ...]:
        """List everything that happened to a movie."""
        found = await self._list("/history/movie", models.history_record, movieId=movie_id)
        return found.rows
