"""What Radarr, Sonarr and Jellyfin say of files: which they track, which play, whose folders are.

The paths of Home Assistant need not be theirs, and no mapping tells how those differ. So files are
compared by their own names, which no mapping changes: one of a name that is tracked anywhere stays.
Every method raises a ServiceError, StoreError or NotKnown instead of half an answer.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ...clients.errors import Unreadable
from ...clients.jellyfin import JellyfinClient
from ...clients.radarr import RadarrMovie
from ...clients.sonarr import SonarrSeries
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.extras import Library, Parts, plain
from ...domain.paths import components
from ...domain.text import Words, say
from ..facts.counted_lists import CountedLists
from .walk import Kinds

# Steps that are carried out one right after the other are checked by the same answers.
_FRESH: Final = timedelta(seconds=30)
_KINDS: Final[Mapping[str, Library]] = {"tvshows": Library.SERIES, "movies": Library.MOVIES}


class NotKnown(Exception):
    """Nobody can say now what is tracked."""

    def __init__(self, why: Words) -> None:
        """Take why."""
        super().__init__(str(why))
        self.text = why


@dataclass(frozen=True, slots=True)
class Show:
    """A series of a Sonarr: the name of its folder, and whether it has files."""

    service: str
    id: int
    folder: str
    has_files: bool


@dataclass(frozen=True, slots=True)
class Shelves:
    """What is tracked: the names of movie files with who tracks them, the series, the kinds."""

    read_at: datetime
    kinds: Kinds
    films: Mapping[str, str]
    shows: tuple[Show, ...]


@dataclass(frozen=True, slots=True)
class _Tracked:
    """A movie or a series as an arr lists it; `file`: where a movie lies."""

    id: int
    folder: str
    tags: tuple[int, ...]
    files: int
    file: str | None = None


class ExtrasFacts:
    """Asks all Radarrs and Sonarrs, and Jellyfin. `lists`: believes what they list (law 9)."""

    def __init__(
        self,
        radarrs: Mapping[str, RadarrCoordinator],
        sonarrs: Mapping[str, SonarrCoordinator],
        jellyfin: JellyfinClient,
        lists: CountedLists,
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self.radarrs = radarrs
        self.sonarrs = sonarrs
        self._jellyfin = jellyfin
        self._lists = lists
        self._now = now
        self._shelves: Shelves | None = None
        # The names of the files of the series that were asked for, as long as that answer holds.
        self._files: dict[tuple[str, int], frozenset[str]] = {}

    @property
    def sources(self) -> frozenset[str]:
        """Name whose answers a plan stands on."""
        return frozenset({*self.radarrs, *self.sonarrs})

    async def shelves(self, *, fresh: bool = True) -> Shelves:
        """Ask for everything that is tracked. Not `fresh`: an answer of a moment ago will do."""
        known = self._shelves
        if not fresh and known is not None and self._now() - known.read_at < _FRESH:
            return known
        if not self.radarrs and not self.sonarrs:
            # One that is not linked may track what lies there all the same.
            raise NotKnown(say("extras_without_arr"))
        read_at, films, shows = self._now(), dict[str, str](), list[Show]()
        kinds: dict[str, Library] = {}
        for folder in await self._jellyfin.library_folders():
            _note(kinds, folder.paths, _KINDS.get(folder.kind, Library.UNKNOWN))
        for radarr in tuple(self.radarrs.values()):
            movies = await self._movies(radarr)
            files = (one.file for one in movies if one.file is not None)
            films |= {plain(_name(file)): radarr.title for file in files}
            _note(kinds, (one.folder for one in movies), Library.MOVIES)
            _note(kinds, [one.path for one in await radarr.client.root_folders()], Library.MOVIES)
        for service, sonarr in tuple(self.sonarrs.items()):
            series = await self._series(sonarr)
            shows += [Show(service, o.id, _name(o.folder), o.files > 0) for o in series]
            _note(kinds, (one.folder for one in series), Library.SERIES)
            _note(kinds, [one.path for one in await sonarr.client.root_folders()], Library.SERIES)
        self._shelves = Shelves(read_at, Kinds(kinds), films, tuple(shows))
        self._files = {}
        return self._shelves

    async def _movies(self, radarr: RadarrCoordinator) -> tuple[_Tracked, ...]:
        rows = await self._lists.rows(radarr, lambda: radarr.client.movies(_movie, whole=True))
        return _some(rows, radarr.title)

    async def _series(self, sonarr: SonarrCoordinator) -> tuple[_Tracked, ...]:
        rows = await self._lists.rows(sonarr, lambda: sonarr.client.all_series(_shown, whole=True))
        return _some(rows, sonarr.title)

    def without_arr(self, shelves: Shelves, folder: str, path: Parts) -> Words | None:
        """Say that nobody is linked who could track what lies in a folder of this kind."""
        match shelves.kinds.of(folder, path[:-1]):
            case Library.SERIES if not self.sonarrs:
                return say("arr_not_linked", arr="Sonarr")
            case Library.MOVIES if not self.radarrs:
                return say("arr_not_linked", arr="Radarr")
        return None

    async def tracked_by(self, shelves: Shelves, folder: str, path: Parts) -> str | None:
        """Say who tracks a file of this name as a movie's or an episode's; None: nobody."""
        name = plain(path[-1])
        if name in shelves.films:
            return shelves.films[name]
        above = {plain(one) for one in (*folder.split("/"), *path[:-1])}
        for show in shelves.shows:
            if plain(show.folder) in above and name in await self._episodes(show):
                return self.sonarrs[show.service].title
        return None

    async def _episodes(self, show: Show) -> frozenset[str]:
        """Name the files of a series, once for all that is asked at this moment."""
        key = (show.service, show.id)
        if key not in self._files:
            sonarr = self.sonarrs.get(show.service)
            if sonarr is None:
                raise NotKnown(say("arr_not_linked", arr="Sonarr"))
            files = await sonarr.client.files(show.id)
            if show.has_files and not files:
                raise Unreadable(sonarr.title, say("error_episode_file_without_path"))
            self._files[key] = frozenset(plain(_name(one.path)) for one in files)
        return self._files[key]

    async def playing(self) -> frozenset[str]:
        """Give the names of the files that play now."""
        return frozenset(plain(_name(one)) for one in await self._jellyfin.playing_paths())


def _note(kinds: dict[str, Library], paths: Iterable[str], kind: Library) -> None:
    """Note of what kind the folders of these names are; a series' name is never a movie's too."""
    for path in paths:
        name = plain(_name(path))
        if name and kinds.get(name) is not Library.SERIES:
            kinds[name] = kind


def _name(path: str) -> str:
    """Give the last name of a path, of whatever system."""
    parts = components(path)
    return parts[-1] if parts else path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _some(rows: tuple[_Tracked, ...], arr: str) -> tuple[_Tracked, ...]:
    """Refuse a list of nothing: it says as little of what lies there as none, believed or not."""
    if not rows:
        raise NotKnown(say("extras_arr_holds_nothing", arr=arr))
    return rows


def _movie(movie: RadarrMovie) -> _Tracked:
    if movie.file_path is None and (movie.has_file or movie.file_id is not None):
        raise Unreadable("Radarr", say("error_movie_file_without_path"))
    return _Tracked(movie.id, movie.path, movie.tags, int(movie.has_file), movie.file_path)


def _shown(series: SonarrSeries) -> _Tracked:
    files = sum(season.files for season in series.seasons)
    return _Tracked(series.id, series.path, series.tags, files)
