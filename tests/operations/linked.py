"""Clients as operations see them, in memory: what they are asked for is done, or not, and noted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.radarr_models import ArrCommand, RadarrMovie
from custom_components.showrunner.clients.sonarr_models import (
    SonarrEpisode,
    SonarrFile,
    SonarrSeries,
)
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.plan import Payload, Scope, Step, Subject, Target
from custom_components.showrunner.domain.torrent_details import Removal, TorrentFiles
from custom_components.showrunner.domain.torrents import TorrentList

IDS = ProviderIds(tmdb=603, imdb="tt0133093")
FILM = Title(MediaType.MOVIE, IDS, "The Matrix", 1999)
SHOW = Title(MediaType.SERIES, ProviderIds(tvdb=121361), "A Show", 2011)
NOW = datetime(2026, 6, 10, 20, tzinfo=UTC)
# What Radarr keeps of a movie, as far as it is put back.
RECORD = {
    "title": "The Matrix",
    "year": 1999,
    "monitored": True,
    "qualityProfileId": 6,
    "path": "/data/movies/The Matrix (1999)",
    "minimumAvailability": "inCinemas",
    "tags": [3],
}
# What Sonarr keeps of a series, as far as it is put back.
SERIES_RECORD = {
    "id": 7,
    "title": "A Show",
    "monitored": True,
    "qualityProfileId": 4,
    "path": "/data/shows/A Show (2011)",
    "seriesType": "anime",
    "seasonFolder": False,
    "monitorNewItems": "none",
    "tags": [3],
}


def step(payload: Payload, **more: Any) -> Step:
    """Make a step of an action."""
    plain = Step(
        id="s",
        scope=Scope.MOVIE,
        subject=Subject.of_title(FILM),
        target=Target("here", "radarr", 7, None, IDS),
        payload=payload,
        reasons=(),
    )
    return replace(plain, **more)


def movie(**more: Any) -> RadarrMovie:
    """Make a movie in Radarr."""
    fields: dict[str, Any] = dict.fromkeys(RadarrMovie.__slots__)
    fields |= {
        "id": 7,
        "title": FILM,
        "path": RECORD["path"],
        "root_folder": "/data/movies",
        "monitored": True,
        "has_file": True,
        "file_id": 70,
        "file_path": "/data/movies/The Matrix (1999)/matrix.mkv",
        "size_bytes": 700,
        "quality_profile_id": 6,
        "tags": (3,),
        "titles": (),
        "genres": (),
        "status": "released",
        "poster": "",
    }
    return RadarrMovie(**(fields | more))


@dataclass
class Radarr:
    """A Radarr with one movie, or none."""

    held: RadarrMovie | None = field(default_factory=movie)
    writes: list[tuple[Any, ...]] = field(default_factory=list)
    running: tuple[ArrCommand, ...] = ()
    down: bool = False

    async def by_number(self, number: int) -> RadarrMovie | None:
        """Find it by its number."""
        return self.held if self.held is not None and self.held.id == number else None

    async def movie_by_tmdb(self, tmdb: int) -> RadarrMovie | None:
        """Find it by TMDb's."""
        return self.held if self.held is not None and self.held.title.ids.tmdb == tmdb else None

    async def by_ids(self, ids: ProviderIds) -> RadarrMovie | None:
        """Find it by its ids, in a list: no proxy gives one."""
        if self.down:
            raise Unreachable("Radarr", "down")
        return None if ids.tmdb is None else await self.movie_by_tmdb(ids.tmdb)

    def can_ask(self, ids: ProviderIds) -> bool:
        """Tell whether it can be asked by them."""
        return ids.tmdb is not None

    async def record(self, number: int) -> Mapping[str, object] | None:
        """Give all of it."""
        return None if await self.by_number(number) is None else RECORD

    async def status(self) -> object:
        """Say that it is there."""
        if self.down:
            raise Unreachable("Radarr", "down")
        return None

    async def commands(self) -> tuple[ArrCommand, ...]:
        """Say what runs."""
        return self.running

    async def ensure_tag(self, label: str) -> int:
        """Number a label."""
        self.writes.append(("tag", label))
        return 9

    async def add_movie(self, tmdb: int, **wish: Any) -> RadarrMovie:
        """Add it."""
        self.writes.append(("add", tmdb, wish))
        self.held = movie(
            id=8,
            has_file=False,
            file_id=None,
            quality_profile_id=wish["profile_id"],
            root_folder=wish["root_folder"],
        )
        return self.held

    async def edit(self, number: int, **wish: Any) -> None:
        """Change it."""
        self.writes.append(("edit", number, wish))
        assert self.held is not None
        self.held = replace(self.held, monitored=wish["monitored"])
        if wish.get("root_folder_path"):
            self.held = replace(self.held, root_folder=wish["root_folder_path"])
        if wish.get("quality_profile_id"):
            self.held = replace(self.held, quality_profile_id=wish["quality_profile_id"])

    async def search(self, number: int) -> int:
        """Search."""
        self.writes.append(("search", number))
        return 5

    async def delete_file(self, number: int) -> None:
        """Delete its file."""
        self.writes.append(("delete_file", number))
        assert self.held is not None
        self.held = replace(self.held, has_file=False, file_id=None)

    async def delete_movie(self, number: int) -> None:
        """Forget it."""
        self.writes.append(("delete_movie", number))
        self.held = None


def episode(number: int, *, monitored: bool = True, file: int | None = None) -> SonarrEpisode:
    """Make an episode in Sonarr."""
    fields: dict[str, Any] = dict.fromkeys(SonarrEpisode.__slots__)
    fields |= {"id": number, "season": 1, "number": number, "monitored": monitored, "file_id": file}
    return SonarrEpisode(**fields)


def file_of(number: int) -> SonarrFile:
    """Make an episode file."""
    fields: dict[str, Any] = dict.fromkeys(SonarrFile.__slots__)
    return SonarrFile(**fields | {"id": number, "path": f"/data/{number}.mkv", "size_bytes": 10})


def series(**more: Any) -> SonarrSeries:
    """Make a series in Sonarr of which nothing is left."""
    fields: dict[str, Any] = dict.fromkeys(SonarrSeries.__slots__)
    fields |= {"id": 7, "title": SHOW, "path": SERIES_RECORD["path"], "size_bytes": 0}
    return SonarrSeries(**(fields | {"seasons": (), "tags": (), "monitored": True} | more))


@dataclass
class Sonarr:
    """A Sonarr with one series."""

    held: list[SonarrEpisode] = field(default_factory=list)
    tracked: list[SonarrFile] = field(default_factory=list)
    writes: list[tuple[Any, ...]] = field(default_factory=list)
    gone: bool = False
    entry: SonarrSeries = field(default_factory=series)
    down: bool = False

    async def by_number(self, number: int) -> SonarrSeries | None:
        """Find it by its number."""
        return None if self.gone or self.entry.id != number else self.entry

    async def series_by_tvdb(self, tvdb: int) -> SonarrSeries | None:
        """Find it by TheTVDB's."""
        if self.down:
            raise Unreachable("Sonarr", "down")
        return None if self.gone or self.entry.title.ids.tvdb != tvdb else self.entry

    async def by_ids(self, ids: ProviderIds) -> SonarrSeries | None:
        """Find it by its ids, in a list: no proxy gives one."""
        return None if ids.tvdb is None else await self.series_by_tvdb(ids.tvdb)

    def can_ask(self, ids: ProviderIds) -> bool:
        """Tell whether it can be asked by them."""
        return ids.tvdb is not None

    async def status(self) -> object:
        """Say that it is there."""
        if self.down:
            raise Unreachable("Sonarr", "down")
        return None

    async def record(self, number: int) -> Mapping[str, object] | None:
        """Give all of it."""
        return None if self.gone else SERIES_RECORD

    async def add_series(self, tvdb: int, **wish: Any) -> SonarrSeries:
        """Add it."""
        self.writes.append(("add", tvdb, wish))
        self.entry, self.gone = series(id=8), False
        return self.entry

    async def delete_series(self, number: int) -> None:
        """Forget it."""
        self.writes.append(("delete_series", number))
        self.gone = True

    async def episodes(self, number: int) -> tuple[SonarrEpisode, ...]:
        """List them."""
        return tuple(self.held)

    async def files(self, number: int) -> tuple[SonarrFile, ...]:
        """List them."""
        return tuple(self.tracked)

    async def set_monitored(self, numbers: Collection[int], *, monitored: bool) -> None:
        """Say which are looked for."""
        self.writes.append(("monitor", tuple(numbers), monitored))
        self.held = [
            replace(one, monitored=monitored) if one.id in numbers else one for one in self.held
        ]

    async def search(self, numbers: Collection[int]) -> None:
        """Search."""
        self.writes.append(("search", tuple(numbers)))

    async def delete_files(self, numbers: Collection[int]) -> None:
        """Delete them."""
        self.writes.append(("delete", tuple(numbers)))
        self.tracked = [one for one in self.tracked if one.id not in numbers]


@dataclass
class Torrents:
    """A torrent client, and what we believe of it."""

    told: TorrentList
    believed: bool = True
    removal: Removal = Removal.WITH_DATA
    removed: list[str] = field(default_factory=list)
    with_data: list[bool] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    files_are: TorrentFiles | None = None

    @property
    def client(self) -> Any:
        """Itself."""
        return self

    async def files(self, info_hash: str) -> TorrentFiles | None:
        """List a torrent's files."""
        return self.files_are

    async def torrents(self) -> TorrentList:
        """List them."""
        return self.told

    async def hashes(self) -> frozenset[str]:
        """Name them."""
        return frozenset((await self.torrents()).by_hash)

    async def remove(self, info_hash: str, *, data: bool) -> None:
        """Remove one, with its data where the client says that it can."""
        assert not (data and self.removal is Removal.ENTRY_ONLY)
        self.with_data.append(data)
        self.removed.append(info_hash)
        left = [one for one in self.told.by_hash.values() if one.hash != info_hash]
        self.told = TorrentList.of(left)

    def believes(self, there: Collection[str], *, without: str) -> bool:
        """Say whether an answer counts."""
        return self.believed

    async def let_go(self, download: str) -> None:
        """Note it."""
        self.noted.append(download)


@dataclass
class SeerrThing:
    """A request in Seerr."""

    id: int
    media_id: int


@dataclass
class Seerr:
    """A Seerr with one request."""

    held: dict[int, SeerrThing] = field(default_factory=lambda: {4: SeerrThing(4, 40)})
    writes: list[tuple[Any, ...]] = field(default_factory=list)
    down: bool = False

    async def request(self, number: int) -> SeerrThing | None:
        """Find it."""
        return self.held.get(number)

    async def answers(self) -> str:
        """Say that it is there."""
        if self.down:
            raise Unreachable("Seerr", "down")
        return "3.0"

    async def delete_request(self, number: int) -> None:
        """Delete it."""
        self.writes.append(("request", number))
        self.held.pop(number, None)

    async def delete_media(self, number: int) -> None:
        """Forget a title."""
        self.writes.append(("media", number))
        self.held.clear()


class Linked:
    """One service of each kind, under the id `here`."""

    def __init__(self, **services: Any) -> None:
        """Take them."""
        self._services = services

    def _find(self, kind: str, service: str) -> Any:
        return self._services.get(kind) if service == "here" else None

    def radarr(self, service: str) -> Any:
        """Find a Radarr."""
        return self._find("radarr", service)

    def sonarr(self, service: str) -> Any:
        """Find a Sonarr."""
        return self._find("sonarr", service)

    def seerr(self, service: str) -> Any:
        """Find a Seerr."""
        return self._find("seerr", service)

    def torrent_client(self, service: str) -> Any:
        """Find a torrent client."""
        return self._find("torrents", service)

    def transfer(self, service: str) -> Any:
        """Find who fetches releases."""
        return self._find("fetcher", service)

    def folder_over(self, service: str, path: str | None) -> Any:
        """Find a file transfer over a client's place."""
        return self._find("over", service)

    def remote_folder(self, service: str) -> Any:
        """Find a file transfer."""
        return self._find("transfer", service)


@dataclass
class Book:
    """Our requests."""

    closed: list[tuple[str, datetime]] = field(default_factory=list)

    async def withdrawn(self, ref: str, at: datetime) -> None:
        """Note it."""
        self.closed.append((ref, at))
