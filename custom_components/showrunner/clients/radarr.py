"""How we talk to Radarr (API version 3)."""

from collections.abc import Callable
from typing import Final

import aiohttp

from . import arr, radarr_models as models
from .arr import ArrStatus
from .errors import Refused, Unreachable, Unreadable
from .parse import Json, integer, rows, table, text
from .radarr_models import ArrCommand, HistoryRecord, QueueItem, RadarrMovie, RootFolder

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
_PAGE: Final = 1000
_NOT_FOUND: Final = 404


class RadarrClient:
    """One Radarr. Every method raises a ServiceError when the answer can't be had or believed."""

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str) -> None:
        """Take the address as the person typed it (normalised) and the API key."""
        self.url = url.rstrip("/")
        self._http = arr.http_client(session, url, api_key, PRODUCT, "v3")

    async def status(self) -> ArrStatus:
        """Ask who answers. Raises WrongProduct when it is not Radarr."""
        return await arr.status(self._http, PRODUCT)

    # -- movies ----------------------------------------------------------------------------------

    async def movies(self) -> tuple[RadarrMovie, ...]:
        """List all movies."""
        return await self._list("/movie", models.movie, excludeLocalCovers="true")

    async def movie(self, movie_id: int) -> RadarrMovie | None:
        """Find a movie by Radarr's id; None when it is gone."""
        row = await self._one(f"/movie/{movie_id}")
        return None if row is None else models.movie(row)

    async def movie_by_tmdb(self, tmdb: int) -> RadarrMovie | None:
        """Find a movie by its tmdb id; None when this Radarr does not hold it."""
        found = await self._list("/movie", models.movie, tmdbId=tmdb, excludeLocalCovers="true")
        # Older servers ignore the parameter and answer with all.
        return next((movie for movie in found if movie.title.ids.tmdb == tmdb), None)

    async def lookup(self, tmdb: int) -> RadarrMovie | None:
        """Look a movie up in TMDb through Radarr; None when TMDb does not know it."""
        row = await self._lookup(tmdb)
        return None if row is None else models.movie(row)

    async def _lookup(self, tmdb: int) -> Json | None:
        try:
            told = await self._http.get("/movie/lookup/tmdb", {"tmdbId": tmdb})
        except Unreachable as err:
            # An unknown film is answered with 500 and this text.
            if "was not found" in err.message:
                return None
            raise
        return self._table(told)

    async def add_movie(
        self, tmdb: int, *, root_folder: str, profile_id: int, tags: tuple[int, ...] = ()
    ) -> RadarrMovie:
        """Add a movie, monitored, without a search."""
        row = await self._lookup(tmdb)
        if row is None:
            raise Refused(PRODUCT, _NOT_FOUND, f"TMDb does not know {tmdb}")
        body = {key: value for key, value in row.items() if key not in ("id", "movieFile")} | {
            "tmdbId": tmdb,
            "rootFolderPath": root_folder,
            "qualityProfileId": profile_id,
            "monitored": True,
            "minimumAvailability": "released",
            "tags": list(tags),
            "addOptions": {"monitor": "movieOnly", "searchForMovie": False},
        }
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

    # -- commands, queue, history ----------------------------------------------------------------

    async def search(self, movie_id: int) -> int:
        """Have a movie searched for; give the command's id."""
        body = {"name": "MoviesSearch", "movieIds": [movie_id]}
        told = self._table(await self._http.request("POST", "/command", body=body))
        return models.command(told).id

    async def command(self, command_id: int) -> ArrCommand | None:
        """Find a command; None when Radarr has forgotten it."""
        row = await self._one(f"/command/{command_id}")
        return None if row is None else models.command(row)

    async def commands(self) -> tuple[ArrCommand, ...]:
        """List what runs, and what ran lately."""
        return await self._list("/command", models.command)

    async def queue(self) -> tuple[QueueItem, ...]:
        """List all downloads under way, over all pages: half a queue is no queue."""
        found: dict[int, QueueItem] = {}
        page, total = 1, 0
        while True:
            told = self._table(
                await self._http.get(
                    "/queue",
                    {"page": page, "pageSize": _PAGE, "includeUnknownMovieItems": "true"},
                )
            )
            records = self._rows(told.get("records"))
            total = integer(told.get("totalRecords")) or 0
            for item in map(models.queue_item, records):
                found[item.id] = item
            if page * _PAGE >= total or not records:
                break
            page += 1
        if len(found) < total:
            raise Unreadable(PRODUCT, f"the queue tells of {total} and names {len(found)}")
        return tuple(found.values())

    async def movie_history(self, movie_id: int) -> tuple[HistoryRecord, ...]:
        """List everything that happened to a movie."""
        return await self._list("/history/movie", models.history_record, movieId=movie_id)

    async def wanted_missing_count(self) -> int:
        """Count the monitored movies without a file."""
        told = self._table(await self._http.get("/wanted/missing", {"page": 1, "pageSize": 1}))
        total = integer(told.get("totalRecords"))
        if total is None:
            raise Unreadable(PRODUCT, "no number of missing movies")
        return total

    # -- settings --------------------------------------------------------------------------------

    async def root_folders(self) -> tuple[RootFolder, ...]:
        """List the root folders."""
        return await self._list("/rootfolder", models.root_folder)

    async def quality_profiles(self) -> tuple[tuple[int, str], ...]:
        """List the quality profiles: number and name."""
        return tuple(
            (number, text(row.get("name")) or "")
            for row in self._rows(await self._http.get("/qualityprofile"))
            if (number := integer(row.get("id"))) is not None
        )

    async def tags(self) -> dict[int, str]:
        """Give the labels by their numbers."""
        return {
            number: text(row.get("label")) or ""
            for row in self._rows(await self._http.get("/tag"))
            if (number := integer(row.get("id"))) is not None
        }

    async def ensure_tag(self, label: str) -> int:
        """Find a label, or make it; give its number. Labels are lower case."""
        wanted = label.strip().lower()
        for number, known in (await self.tags()).items():
            if known.lower() == wanted:
                return number
        told = await self._http.request("POST", "/tag", body={"label": wanted})
        made = integer(self._table(told).get("id"))
        if made is None:
            raise Unreadable(PRODUCT, "a tag without a number")
        return made

    # -- reading ---------------------------------------------------------------------------------

    async def _list[T](
        self, path: str, read: Callable[[Json], T], **params: str | int
    ) -> tuple[T, ...]:
        return tuple(read(row) for row in self._rows(await self._http.get(path, params)))

    async def _one(self, path: str) -> Json | None:
        try:
            return self._table(await self._http.get(path))
        except Refused as err:
            if err.status == _NOT_FOUND:
                return None
            raise

    @staticmethod
    def _rows(told: object) -> list[Json]:
        """Insist on a list: something else must not look like an empty one."""
        if not isinstance(told, list):
            raise Unreadable(PRODUCT, "the answer is not a list")
        return rows(told)

    @staticmethod
    def _table(told: object) -> Json:
        found = table(told)
        if not found:
            raise Unreadable(PRODUCT, "the answer is empty")
        return found
