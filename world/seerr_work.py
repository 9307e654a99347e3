"""What Seerr does by itself: it hands requests on to Radarr and Sonarr, and looks at Jellyfin."""

import asyncio
from collections.abc import Callable, Collection
from typing import Final

import aiohttp

from .catalogue import Film
from .clock import utcnow
from .radarr_library import Row
from .seerr_agent import Agent
from .seerr_book import Ask, Book, Media, MediaStatus, Status
from .shows import Show
from .world import SONARR_ROOT, World, in_jellyfin

_ANIME: Final = "anime"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)

type Address = Callable[[], str]


class Worker:
    """Hands on, and scans. `radarr` and `sonarr` give the addresses of the arrs."""

    def __init__(
        self, world: World, book: Book, agent: Agent, radarr: Address, sonarr: Address
    ) -> None:
        """Take what it works on."""
        self._world = world
        self._book = book
        self._agent = agent
        self._radarr = radarr
        self._sonarr = sonarr
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to look at Jellyfin now and then."""
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        self._tasks = [asyncio.create_task(self._scan_on()), asyncio.create_task(self._sync_on())]

    async def stop(self) -> None:
        """End that."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def pass_to_arr(self, ask: Ask) -> None:
        """Add an approved request's title to its arr and have it searched; or let it fail."""
        entry = ask.media.entry
        try:
            number = await (
                self._to_radarr(entry) if isinstance(entry, Film) else self._to_sonarr(entry, ask)
            )
        except (aiohttp.ClientError, TimeoutError, KeyError, ValueError) as err:
            self._world.note("handing_on_failed", entry.name, type(err).__name__)
            ask.status = Status.FAILED
            self._agent.tell("MEDIA_FAILED", ask)
            return
        ask.media.arr_id = number
        if ask.media.status in (MediaStatus.UNKNOWN, MediaStatus.PENDING):
            ask.media.status = MediaStatus.PROCESSING
        self._world.note("handed_on", entry.name)

    async def _to_radarr(self, film: Film) -> int:
        known = _rows(await self._arr("GET", self._radarr(), f"/movie?tmdbId={film.tmdb}"))
        if known:
            return _id(known[0])
        anime = film.language == "Japanese" and "Animation" in film.genres
        body: Row = {
            "title": film.name,
            "tmdbId": film.tmdb,
            "year": film.year,
            "qualityProfileId": 4,
            "rootFolderPath": "/data/movies",
            "monitored": True,
            "tags": [await self._tag()] if anime else [],
            "addOptions": {"searchForMovie": True},
        }
        made = await self._arr("POST", self._radarr(), "/movie", body)
        return _id(made)

    async def _tag(self) -> int:
        """Find Radarr's tag for anime, or make it: Seerr's override rules name it."""
        for row in _rows(await self._arr("GET", self._radarr(), "/tag")):
            if row["label"] == _ANIME:
                return _id(row)
        made = await self._arr("POST", self._radarr(), "/tag", {"label": _ANIME})
        return _id(made)

    async def _to_sonarr(self, show: Show, ask: Ask) -> int:
        for row in _rows(await self._arr("GET", self._sonarr(), "/series")):
            if row["tvdbId"] == show.tvdb:
                return _id(row)
        seasons = range(1, len(show.seasons) + 1)
        body: Row = {
            "title": show.name,
            "tvdbId": show.tvdb,
            "qualityProfileId": 4,
            "rootFolderPath": SONARR_ROOT,
            "seriesType": _ANIME if show.anime else "standard",
            "monitored": True,
            "seasons": [{"seasonNumber": n, "monitored": n in ask.seasons} for n in seasons],
            "addOptions": {"searchForMissingEpisodes": True},
        }
        made = await self._arr("POST", self._sonarr(), "/series", body)
        return _id(made)

    async def _arr(self, method: str, base: str, path: str, body: Row | None = None) -> object:
        """Ask an arr. Raises what a failed handing on is made of."""
        if self._session is None:
            raise ValueError("not started")
        keys = self._world.keys
        key = keys.radarr if base == self._radarr() else keys.sonarr
        async with self._session.request(
            method, f"{base}/api/v3{path}", json=body, headers={"X-Api-Key": key}
        ) as answer:
            answer.raise_for_status()
            parsed: object = await answer.json()
            return parsed

    # -- looking at Jellyfin ---------------------------------------------------------------------

    async def _scan_on(self) -> None:
        while True:
            await asyncio.sleep(self._world.pace.scan)
            self.scan()

    async def _sync_on(self) -> None:
        while True:
            await asyncio.sleep(self._world.pace.sync)
            self.sync()

    def scan(self) -> None:
        """See what is new in Jellyfin: what came is available."""
        for media in tuple(self._book.media.values()):
            if isinstance(media.entry, Film):
                if in_jellyfin(self._world, media.entry):
                    self._found(media)
            else:
                self._found_seasons(media, self._whole(media.entry))

    def sync(self) -> None:
        """See what Jellyfin has no more, as its availability sync does: it can be asked for again.

        The requests stay completed, and nobody is told (captured of a Seerr 3.1).
        """
        for media in self._book.media.values():
            if media.status is MediaStatus.AVAILABLE and not self._is_there(media):
                media.status, media.arr_id = MediaStatus.DELETED, None

    def _is_there(self, media: Media) -> bool:
        if isinstance(media.entry, Film):
            return in_jellyfin(self._world, media.entry)
        wanted = {season for ask in self._book.of(media) for season in ask.seasons}
        whole = self._whole(media.entry)
        return bool(whole) and wanted <= whole

    def _whole(self, show: Show) -> frozenset[int]:
        """Say of which seasons Jellyfin has everything that was aired."""
        now = utcnow()
        aired = [one for one in show.episodes if show.aired(one, now) <= now]
        lacking = {one.season for one in aired if one.item_id not in self._world.episodes}
        return frozenset(one.season for one in aired) - lacking

    def _found(self, media: Media) -> None:
        if media.status is not MediaStatus.AVAILABLE:
            media.status = MediaStatus.AVAILABLE
            for ask in self._book.of(media):
                self._complete(ask)

    def _found_seasons(self, media: Media, whole: Collection[int]) -> None:
        wanted = {season for ask in self._book.of(media) for season in ask.seasons}
        if whole and wanted <= set(whole):
            self._found(media)
            return
        if whole and media.status not in (MediaStatus.DELETED, MediaStatus.AVAILABLE):
            media.status = MediaStatus.PARTIALLY_AVAILABLE
        for ask in self._book.of(media):
            if ask.seasons and set(ask.seasons) <= set(whole):
                self._complete(ask)

    def _complete(self, ask: Ask) -> None:
        """Complete an approved request; one that waits for approval goes on waiting."""
        if ask.status is Status.APPROVED:
            ask.status = Status.COMPLETED
            self._agent.tell("MEDIA_AVAILABLE", ask)


def _rows(body: object) -> list[Row]:
    return [row for row in body if isinstance(row, dict)] if isinstance(body, list) else []


def _id(row: object) -> int:
    """Read what an arr calls a title. Raises KeyError, ValueError."""
    if not isinstance(row, dict):
        raise KeyError("id")
    return int(str(row["id"]))
