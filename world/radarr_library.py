"""What Radarr keeps: movies, files, history, queue, commands and tags, and how it writes them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from .catalogue import Film, Home
from .clock import arr_time, utcnow
from .world import RADARR_ROOT, World

type Row = dict[str, object]

LANGUAGES: Final = {"English": 1, "French": 2, "German": 4, "Japanese": 8, "Russian": 11}
PROFILES: Final = {1: "Any", 4: "HD-1080p", 5: "Ultra-HD"}
QUALITY: Final = {
    "quality": {
        "id": 7,
        "name": "Bluray-1080p",
        "source": "bluray",
        "resolution": 1080,
        "modifier": "none",
    },
    "revision": {"version": 1, "real": 0, "isRepack": False},
}


@dataclass(slots=True)
class Movie:
    """A movie in Radarr."""

    id: int
    film: Film
    root: str
    path: str
    monitored: bool
    profile: int
    added: datetime
    tags: set[int] = field(default_factory=set)
    file_id: int = 0
    file_name: str = ""
    file_added: datetime | None = None
    quality: Row = field(default_factory=lambda: QUALITY)
    last_search: datetime | None = None

    @property
    def file_path(self) -> str:
        """Name the file, which Radarr keeps relative to the movie's folder."""
        return f"{self.path}/{self.file_name}"

    def write(self) -> Row:
        """Write it as the API does: nulls are left out."""
        film = self.film
        size = film.size if self.file_id else 0
        row = describe(film) | {
            "sizeOnDisk": size,
            "path": self.path,
            "rootFolderPath": self.root,
            "folderName": self.path,
            "qualityProfileId": self.profile,
            "hasFile": bool(self.file_id),
            "movieFileId": self.file_id,
            "monitored": self.monitored,
            "tags": sorted(self.tags),
            "added": arr_time(self.added),
            "statistics": {
                "movieFileCount": int(bool(self.file_id)),
                "sizeOnDisk": size,
                "releaseGroups": ["DEMO"] if self.file_id else [],
            },
            "id": self.id,
        }
        if self.file_id:
            row["movieFile"] = self.write_file()
        if self.last_search is not None:
            row["lastSearchTime"] = arr_time(self.last_search)
        return row

    def write_file(self) -> Row:
        """Write its file."""
        return {
            "movieId": self.id,
            "relativePath": self.file_name,
            "path": self.file_path,
            "size": self.film.size,
            "dateAdded": arr_time(self.file_added or self.added),
            "releaseGroup": "DEMO",
            "edition": self.film.edition,
            "languages": languages(self.film),
            "quality": self.quality,
            "customFormats": [],
            "customFormatScore": 0,
            "indexerFlags": 0,
            "qualityCutoffNotMet": False,
            "id": self.file_id,
        }


def languages(film: Film) -> list[Row]:
    """Write the languages of a release."""
    return [{"id": LANGUAGES[film.language], "name": film.language}]


def describe(film: Film) -> Row:
    """Write what Radarr's metadata service says about a film, whether it was added or not."""
    premiere = f"{film.premiere.isoformat()}T00:00:00Z"
    row: Row = {
        "title": film.name,
        "originalTitle": film.original or film.name,
        "originalLanguage": languages(film)[0],
        "alternateTitles": [],
        "secondaryYearSourceId": 0,
        "sortTitle": film.name.casefold(),
        "sizeOnDisk": 0,
        "status": "released" if film.released else "announced",
        "overview": "A made-up title of the demo.",
        "inCinemas": premiere,
        "digitalRelease": premiere,
        "physicalRelease": premiere,
        "releaseDate": premiere,
        "images": [],
        "website": "",
        "year": film.year,
        "studio": "Demo Pictures",
        "qualityProfileId": 0,
        "hasFile": False,
        "movieFileId": 0,
        "monitored": False,
        "minimumAvailability": "released",
        "isAvailable": film.released,
        "folderName": "",
        "runtime": 80 + film.number,
        "cleanTitle": "".join(filter(str.isalnum, film.name.casefold())),
        "imdbId": film.imdb,
        "tmdbId": film.tmdb,
        "titleSlug": str(film.tmdb),
        "certification": "PG",
        "genres": list(film.genres),
        "keywords": [],
        "tags": [],
        "added": "0001-01-01T00:00:00Z",
        "ratings": _ratings(film),
        "popularity": 10.0,
    }
    return row


def _ratings(film: Film) -> Row:
    if film.rating is None or film.votes is None:
        return {}
    tmdb = {"votes": film.votes // 40, "value": round(film.rating - 0.2, 1), "type": "user"}
    return {"imdb": {"votes": film.votes, "value": film.rating, "type": "user"}, "tmdb": tmdb}


class Library:
    """Radarr's database."""

    def __init__(self, world: World) -> None:
        """Fill it from the world, with the imports of the past in its history."""
        self._world = world
        self._ids: Iterator[int] = count(1001)
        self._movie_ids: Iterator[int] = count(1)
        self.movies: dict[int, Movie] = {}
        self.tags: dict[int, str] = {1: "favorite", 2: "keep"}
        self.roots: dict[int, str] = {
            1: f"{RADARR_ROOT}/{Home.PERMANENT}",
            2: f"{RADARR_ROOT}/{Home.STREAM}",
        }
        self.free: int = 1_400_000_000_000
        self.total: int = 8_000_000_000_000
        self.history: list[Row] = []
        self.queue: dict[int, Row] = {}
        self.commands: dict[int, Row] = {}
        now = utcnow()
        for film in world.films.values():
            if world.homes[film.item_id] not in (Home.UNKNOWN, Home.NOWHERE):
                self._known(film, now)
        self.history.sort(key=lambda row: str(row["date"]))

    def _known(self, film: Film, now: datetime) -> None:
        home = self._world.homes[film.item_id]
        root = self.roots[2 if home is Home.STREAM else 1]
        added = now - timedelta(days=60 + film.number * 37 % 1700)
        movie = self.add(film, root, profile=4, monitored=home is not Home.STREAM, at=added)
        if home is Home.WANTED:
            return
        self.attach(movie)
        if home is Home.PERMANENT:
            download = f"{film.number:040X}"
            self.record(movie, "grabbed", download, added + timedelta(minutes=3))
            self.record(movie, "downloadFolderImported", download, added + timedelta(hours=1))

    def add(self, film: Film, root: str, *, profile: int, monitored: bool, at: datetime) -> Movie:
        """Add a movie without a file."""
        number = next(self._movie_ids)
        path = f"{root.rstrip('/')}/{film.label}"
        movie = Movie(number, film, root, path, monitored, profile, at)
        self.movies[number] = movie
        return movie

    def attach(self, movie: Movie) -> None:
        """Give the movie its file."""
        movie.file_id = next(self._ids)
        movie.file_name = self._world.file(movie.film, RADARR_ROOT).rsplit("/", 1)[-1]

    def went(self, movie: Movie) -> None:
        """Take its file off the disk."""
        self._world.moved_away(movie.film)

    def next_id(self) -> int:
        """Give an id that was not used yet."""
        return next(self._ids)

    def film(self, tmdb: int) -> Film | None:
        """Find a film in the metadata service."""
        return next((f for f in self._world.films.values() if f.tmdb == tmdb), None)

    def film_by_imdb(self, imdb: str) -> Film | None:
        """Find a film in the metadata service by its other id."""
        return next((f for f in self._world.films.values() if f.imdb == imdb), None)

    def by_tmdb(self, tmdb: int) -> Movie | None:
        """Find an added movie."""
        return next((m for m in self.movies.values() if m.film.tmdb == tmdb), None)

    def record(self, movie: Movie, event: str, download: str, at: datetime) -> None:
        """Write history."""
        gone = event == "movieFileDeleted"
        row: Row = {
            "movieId": movie.id,
            "sourceTitle": movie.file_path if gone else release(movie.film),
            "languages": languages(movie.film),
            "quality": QUALITY,
            "customFormats": [],
            "customFormatScore": 0,
            "qualityCutoffNotMet": False,
            "date": arr_time(at),
            "eventType": event,
            "data": _data(movie, event, download),
            "id": self.next_id(),
        }
        if download:
            row["downloadId"] = download
        self.history.append(row)

    def labels(self, movie: Movie) -> list[str]:
        """Name a movie's tags, as webhooks do."""
        return [self.tags[tag] for tag in sorted(movie.tags) if tag in self.tags]

    def missing(self) -> list[Movie]:
        """List monitored, released movies without a file."""
        return [
            m for m in self.movies.values() if m.monitored and not m.file_id and m.film.released
        ]


def release(film: Film) -> str:
    """Name the release that indexers have of a film."""
    words = "".join(c if c.isalnum() else " " for c in film.name).split()
    return f"{'.'.join(words)}.{film.year}.1080p.BluRay.x264-DEMO"


def _data(movie: Movie, event: str, download: str) -> dict[str, str]:
    common = {"downloadClient": "qBittorrent", "downloadClientName": "qBit"}
    size, name = str(movie.film.size), release(movie.film)
    match event:
        case "grabbed":
            return common | {
                "indexer": "Demo (Prowlarr)",
                "protocol": "2",
                "size": size,
                "torrentInfoHash": download,
            }
        case "downloadFolderImported":
            return common | {
                "fileId": str(movie.file_id),
                "droppedPath": f"/data/torrents/{name}/{name}.mkv",
                "importedPath": movie.file_path,
                "releaseGroup": "DEMO",
                "size": size,
            }
        case "movieFileDeleted":
            return {"reason": "Manual", "releaseGroup": "DEMO", "size": size}
        case _:
            return common | {"message": "The download failed: no seeds left"}
