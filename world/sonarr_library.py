"""What Sonarr keeps: series, episodes, files, history, queue, and how it writes them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final, NamedTuple

from .catalogue import Episode
from .clock import arr_time, utcnow
from .radarr_library import LANGUAGES, Row
from .shows import SHOWS, Show
from .world import SONARR_ROOT, World

QUALITY: Final[Row] = {
    "quality": {"id": 3, "name": "WEBDL-1080p", "source": "web", "resolution": 1080},
    "revision": {"version": 1, "real": 0, "isRepack": False},
}
EPISODE_SIZE: Final = 700_000_000


@dataclass(slots=True)
class Part:
    """An episode in Sonarr. `file_id` 0: there is no file."""

    id: int
    episode: Episode
    aired: datetime
    monitored: bool
    file_id: int = 0
    last_search: datetime | None = None
    file_added: datetime | None = None


@dataclass(slots=True)
class Series:
    """A series in Sonarr."""

    id: int
    show: Show
    root: str
    monitored: bool
    added: datetime
    parts: list[Part] = field(default_factory=list)
    kind: str = "standard"
    tags: set[int] = field(default_factory=set)
    profile: int = 4
    folder: str = ""
    quality: Row = field(default_factory=lambda: QUALITY)

    @property
    def path(self) -> str:
        """Its folder."""
        return self.folder or f"{self.root}/{self.show.label}"

    def of_season(self, season: int) -> list[Part]:
        """List a season's episodes."""
        return [part for part in self.parts if part.episode.season == season]

    def write(self) -> Row:
        """Write it as the API does: nulls are left out."""
        return describe(self.show) | {
            "seasons": [self._season(number) for number, _ in self.show.numbered],
            "path": self.path,
            "rootFolderPath": self.root,
            "monitored": self.monitored,
            "qualityProfileId": self.profile,
            "seriesType": self.kind,
            "tags": sorted(self.tags),
            "added": arr_time(self.added),
            "statistics": {
                "seasonCount": len(self.show.seasons),
                **_counts(self.parts),
                "releaseGroups": [],
            },
            "id": self.id,
        }

    def _season(self, number: int) -> Row:
        parts = self.of_season(number)
        return {
            "seasonNumber": number,
            "monitored": any(part.monitored for part in parts),
            "statistics": _counts(parts) | {"releaseGroups": []},
        }

    def file_path(self, part: Part) -> str:
        """Name an episode's file."""
        one = part.episode
        name = f"{one.series} - S{one.season:02d}E{one.number:02d} - {one.name}.mkv"
        return f"{self.path}/Season {one.season:02d}/{name}"

    def write_file(self, part: Part) -> Row:
        """Write an episode's file."""
        path = self.file_path(part)
        return {
            "seriesId": self.id,
            "seasonNumber": part.episode.season,
            "relativePath": path.removeprefix(f"{self.path}/"),
            "path": path,
            "size": EPISODE_SIZE,
            "dateAdded": arr_time(part.file_added or self.added),
            "releaseGroup": "DEMO",
            "languages": languages(self.show),
            "quality": self.quality,
            "customFormats": [],
            "customFormatScore": 0,
            "indexerFlags": 0,
            "releaseType": "singleEpisode",
            "qualityCutoffNotMet": False,
            "id": part.file_id,
        }

    def write_part(self, part: Part) -> Row:
        """Write an episode."""
        one = part.episode
        row: Row = {
            "seriesId": self.id,
            "tvdbId": one.tvdb_episode,
            "episodeFileId": part.file_id,
            "seasonNumber": one.season,
            "episodeNumber": one.number,
            "title": one.name,
            "airDate": part.aired.date().isoformat(),
            "airDateUtc": arr_time(part.aired),
            "runtime": 24,
            "hasFile": bool(part.file_id),
            "monitored": part.monitored,
            "unverifiedSceneNumbering": False,
            "id": part.id,
        }
        if self.kind == "anime":
            row["absoluteEpisodeNumber"] = self.parts.index(part) + 1
        if part.last_search is not None:
            row["lastSearchTime"] = arr_time(part.last_search)
        return row


def _counts(parts: Iterable[Part]) -> Row:
    parts = list(parts)
    files = sum(bool(part.file_id) for part in parts)
    now = utcnow()
    # Sonarr counts as episodes what is there, or could be: monitored and aired.
    episodes = sum(bool(p.file_id) or (p.monitored and p.aired <= now) for p in parts)
    return {
        "episodeFileCount": files,
        "episodeCount": episodes,
        "totalEpisodeCount": len(parts),
        "sizeOnDisk": files * EPISODE_SIZE,
        "percentOfEpisodes": 100.0 * files / episodes if episodes else 0.0,
    }


def languages(show: Show) -> list[Row]:
    """Write the languages of a release."""
    name = "Japanese" if show.anime else "English"
    return [{"id": LANGUAGES[name], "name": name}]


def describe(show: Show) -> Row:
    """Write what Sonarr's metadata service says about a series, whether it was added or not."""
    titles = [{"title": show.original, "seasonNumber": -1}] if show.original else []
    return {
        "title": show.name,
        "alternateTitles": titles,
        "sortTitle": show.name.casefold(),
        "status": "continuing" if show.to_air else "ended",
        "ended": not show.to_air,
        "overview": "A made-up title of the demo.",
        "network": "Demo",
        "airTime": "19:30",
        "images": [
            {
                "coverType": "poster",
                "url": f"/MediaCover/{show.tvdb}/poster.jpg",
                "remoteUrl": f"https://artworks.example/{show.tvdb}.jpg",
            }
        ],
        "originalLanguage": languages(show)[0],
        "seasons": [{"seasonNumber": number, "monitored": False} for number, _ in show.numbered],
        "year": show.year,
        "path": "",
        "qualityProfileId": 0,
        "seasonFolder": True,
        "monitored": False,
        "monitorNewItems": "all",
        "useSceneNumbering": False,
        "runtime": 24,
        "tvdbId": show.tvdb,
        "tvRageId": 0,
        "tvMazeId": 0,
        "tmdbId": show.tmdb,
        "imdbId": show.imdb,
        "firstAired": f"{show.year}-02-01T00:00:00Z",
        "seriesType": "standard",
        "cleanTitle": "".join(filter(str.isalnum, show.name.casefold())),
        "titleSlug": "-".join(show.name.casefold().split()),
        "certification": "TV-PG",
        "genres": ["Animation", "Anime"] if show.anime else ["Drama"],
        "tags": [],
        "added": "0001-01-01T00:00:00Z",
        "ratings": {"votes": 120, "value": 7.9},
        "languageProfileId": 1,
    }


class Library:
    """Sonarr's database."""

    def __init__(self, world: World) -> None:
        """Fill it with the series that Jellyfin has, and how they came."""
        self._world = world
        self._ids: Iterator[int] = count(5001)
        self._series_ids: Iterator[int] = count(1)
        self.series: dict[int, Series] = {}
        self.tags: dict[int, str] = {1: "keep"}
        self.roots: dict[int, str] = {1: SONARR_ROOT}
        self.free: int = 1_400_000_000_000
        self.total: int = 8_000_000_000_000
        self.history: list[Row] = []
        self.queue: dict[int, Row] = {}
        self.commands: dict[int, Row] = {}
        self.locked: set[int] = set()  # files that can't be deleted
        now = utcnow()
        for show in world.shows:
            added = now - timedelta(days=400 + show.tvdb % 100)
            series = self.add(show, monitored=True, at=added)
            for part in series.parts:
                if part.episode.item_id in world.episodes:
                    self._had(series, part, added)

    def _had(self, series: Series, part: Part, added: datetime) -> None:
        part.file_id = self.next_id()
        download = f"{part.id:040X}"
        self.record(series, part, "grabbed", download, added + timedelta(minutes=3))
        self.record(series, part, "downloadFolderImported", download, added + timedelta(hours=1))

    def add(
        self,
        show: Show,
        *,
        monitored: bool = True,
        seasons: Iterable[int] | None = None,
        at: datetime | None = None,
        root: str = SONARR_ROOT,
    ) -> Series:
        """Add a series without files; `seasons` that are wanted (None: all)."""
        now = at or utcnow()
        wanted = None if seasons is None else set(seasons)
        series = Series(next(self._series_ids), show, root.rstrip("/"), monitored, now)
        series.kind = "anime" if show.anime else "standard"
        for episode in show.episodes:
            want = wanted is None or episode.season in wanted
            aired = show.aired(episode, utcnow())
            series.parts.append(Part(self.next_id(), episode, aired, want))
        self.series[series.id] = series
        return series

    def next_id(self) -> int:
        """Give an id that was not used yet."""
        return next(self._ids)

    def by_tvdb(self, tvdb: int) -> Series | None:
        """Find an added series."""
        return next((one for one in self.series.values() if one.show.tvdb == tvdb), None)

    def show(self, tvdb: int) -> Show | None:
        """Find a series in the metadata service."""
        known = (*SHOWS, *self._world.shows)
        return next((show for show in known if show.tvdb == tvdb), None)

    def part(self, episode_id: int) -> tuple[Series, Part] | None:
        """Find an episode by Sonarr's id of it."""
        return next(
            (
                (series, part)
                for series in self.series.values()
                for part in series.parts
                if part.id == episode_id
            ),
            None,
        )

    def record(
        self,
        series: Series,
        part: Part,
        event: str,
        download: str,
        at: datetime,
        parts: Sequence[Part] = (),
    ) -> None:
        """Write history. `parts`: all that came with the same download, where it was a pack."""
        path, name = series.file_path(part), release(series.show, list(parts) or [part])
        row: Row = {
            "episodeId": part.id,
            "seriesId": series.id,
            "sourceTitle": path if event == "episodeFileDeleted" else name,
            "languages": languages(series.show),
            "quality": QUALITY,
            "customFormats": [],
            "customFormatScore": 0,
            "qualityCutoffNotMet": False,
            "date": arr_time(at),
            "eventType": event,
            "data": _data(event, download, path, part, _Came(series, name, len(parts) > 1)),
            "id": self.next_id(),
        }
        if download:
            row["downloadId"] = download
        self.history.append(row)

    def missing(self) -> list[Row]:
        """List monitored, aired episodes without a file."""
        now = utcnow()
        return [
            series.write_part(part)
            for series in self.series.values()
            for part in series.parts
            if series.monitored and part.monitored and not part.file_id and part.aired <= now
        ]


def release(show: Show, parts: list[Part]) -> str:
    """Name the release that indexers have: of an episode, or of a season."""
    words = "".join(c if c.isalnum() else " " for c in show.name).split()
    first = parts[0].episode
    number = f"S{first.season:02d}" + (f"E{first.number:02d}" if len(parts) == 1 else "")
    return f"{'.'.join(words)}.{number}.1080p.WEB-DL.x264-DEMO"


class _Came(NamedTuple):
    """The release that an episode came with."""

    series: Series
    name: str
    is_pack: bool

    @property
    def kind(self) -> str:
        """Call it as Sonarr does."""
        return "SeasonPack" if self.is_pack else "SingleEpisode"

    def file(self, part: Part) -> str:
        """Name an episode's file within its release's folder, as Sonarr's own rows do."""
        return f"{self.name}/{release(self.series.show, [part])}.mkv"


def _data(event: str, download: str, path: str, part: Part, came: _Came) -> dict[str, str]:
    common = {"downloadClient": "QBittorrent", "downloadClientName": "qBit"}
    size = str(EPISODE_SIZE)
    match event:
        case "grabbed":
            return common | {
                "indexer": "Demo (Prowlarr)",
                "protocol": "2",
                "size": size,
                "torrentInfoHash": download,
                "releaseType": came.kind,
            }
        case "downloadFolderImported":
            return (common if download else {}) | {
                "fileId": str(part.file_id),
                "droppedPath": f"/data/torrents/{came.file(part)}",
                "importedPath": path,
                "releaseGroup": "DEMO",
                "size": size,
                "releaseType": came.kind,
            }
        case "episodeFileDeleted":
            return {"reason": "Manual", "releaseGroup": "DEMO", "size": size}
        case _:
            return common | {"message": "The download failed: no seeds left"}
