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
from ...domain.fall import sudden_fall
from ...domain.knowledge import Known
from ...domain.paths import components
from ...domain.text import Words, say
from ...store import Store
from .walk import Kinds

# Steps that are carried out one right after the other are checked by the same answers.
_FRESH: Final = timedelta(seconds=30)
# Two reads that agree on a sudden fall are no two when they are moments apart.
_APART: Final = timedelta(hours=1)
_KINDS: Final[Mapping[str, Library]] = {"tvshows": Library.SERIES, "movies": Library.MOVIES}

type Arr = RadarrCoordinator | SonarrCoordinator


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


class ExtrasFacts:
    """Asks all Radarrs and Sonarrs, and Jellyfin. `max_drop`: what may vanish at once, percent."""

    def __init__(
        self,
        radarrs: Mapping[str, RadarrCoordinator],
        sonarrs: Mapping[str, SonarrCoordinator],
        jellyfin: JellyfinClient,
        store: Store,
        *,
        max_drop: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand."""
        self.radarrs = radarrs
        self.sonarrs = sonarrs
        self._jellyfin = jellyfin
        self._store = store
        self._max_drop = max_drop
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
        for service, radarr in tuple(self.radarrs.items()):
            movies = await radarr.client.movies(_movie, whole=True)
            await self._believe(service, radarr, len(movies))
            films |= {plain(_name(file)): radarr.title for _, file in movies if file is not None}
            _note(kinds, (folder for folder, _ in movies), Library.MOVIES)
            _note(kinds, [one.path for one in await radarr.client.root_folders()], Library.MOVIES)
        for service, sonarr in tuple(self.sonarrs.items()):
            series = await sonarr.client.all_series(_series, whole=True)
            await self._believe(service, sonarr, len(series))
            shows += [Show(service, number, _name(path), files) for number, path, files in series]
            _note(kinds, (path for _, path, _ in series), Library.SERIES)
            _note(kinds, [one.path for one in await sonarr.client.root_folders()], Library.SERIES)
        self._shelves = Shelves(read_at, Kinds(kinds), films, tuple(shows))
        self._files = {}
        return self._shelves

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

    # -- a sudden fall (law 9) ---------------------------------------------------------------------

    async def _believe(self, service: str, arr: Arr, count: int) -> None:
        """Take what an arr lists, unless it has lost most of what it had; then not at once.

        Two reads that agree, an hour or more apart, are believed.
        """
        key = f"extras:{service}"
        kept = await self._store.kv.get(key)
        known = kept if isinstance(kept, dict) else {}
        before, low, since = known.get("count"), known.get("low"), known.get("since")
        if not count:
            raise NotKnown(say("extras_arr_holds_nothing", arr=arr.title))
        drop = self._max_drop()
        if not isinstance(before, int) or not sudden_fall(before, Known(count), drop):
            if (before, low) != (count, None):
                await self._store.kv.put(key, {"count": count})
            return
        agrees = isinstance(low, int) and not sudden_fall(low, Known(count), drop)
        if agrees and self._now() - datetime.fromisoformat(str(since)) >= _APART:
            await self._store.kv.put(key, {"count": count})
            return
        if not agrees:
            fallen = {"count": before, "low": count, "since": self._now().isoformat()}
            await self._store.kv.put(key, fallen)
        raise NotKnown(say("source_has_fallen", name=arr.title))


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


def _movie(movie: RadarrMovie) -> tuple[str, str | None]:
    if movie.file_path is None and (movie.has_file or movie.file_id is not None):
        raise Unreadable("Radarr", say("error_movie_file_without_path"))
    return movie.path, movie.file_path


def _series(series: SonarrSeries) -> tuple[int, str, bool]:
    return series.id, series.path, any(season.files for season in series.seasons)
