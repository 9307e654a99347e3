"""The bodies that Radarr posts to a webhook."""

from typing import Final

from .clock import arr_time, utcnow
from .radarr_library import Movie, Row, languages, release

SWITCHES: Final = (
    "onGrab",
    "onDownload",
    "onUpgrade",
    "onRename",
    "onMovieAdded",
    "onMovieDelete",
    "onMovieFileDelete",
    "onMovieFileDeleteForUpgrade",
    "onHealthIssue",
    "includeHealthWarnings",
    "onHealthRestored",
    "onApplicationUpdate",
    "onManualInteractionRequired",
)
_CLIENT: Final[Row] = {"downloadClient": "qBit", "downloadClientType": "qBittorrent"}
_FORMATS: Final[Row] = {"customFormatInfo": {"customFormats": [], "customFormatScore": 0}}


def sample() -> Row:
    """Write what a test carries."""
    return {
        "movie": {
            "id": 1,
            "title": "Test Title",
            "year": 1970,
            "releaseDate": "1970-01-01",
            "folderPath": "C:\\testpath",
            "tmdbId": 0,
            "tags": ["test-tag"],
        },
        "remoteMovie": {"tmdbId": 1234, "imdbId": "5678", "title": "Test title", "year": 1970},
        "release": {"quality": "Test Quality", "qualityVersion": 1, "size": 9999999},
    }


def grab(movie: Movie, labels: list[str], download: str) -> Row:
    """Write a Grab."""
    described = {
        "quality": "Bluray-1080p",
        "qualityVersion": 1,
        "releaseTitle": release(movie.film),
    }
    return {
        "eventType": "Grab",
        "movie": _movie(movie, labels),
        "remoteMovie": _remote(movie),
        "release": {
            **described,
            "size": movie.film.size,
            "indexer": "Demo (Prowlarr)",
            "customFormatScore": 0,
            "customFormats": [],
            "languages": languages(movie.film),
            "indexerFlags": [],
        },
        "downloadId": download,
        **_CLIENT,
        **_FORMATS,
    }


def imported(movie: Movie, labels: list[str], download: str) -> Row:
    """Write a Download: the file is there. Without a download's id it was imported by hand."""
    body: Row = {
        "eventType": "Download",
        "movie": _movie(movie, labels),
        "remoteMovie": _remote(movie),
        "movieFile": _file(movie),
        "isUpgrade": False,
        "release": {"size": movie.film.size if download else 0, "indexerFlags": []},
        **_FORMATS,
    }
    return body | (_CLIENT | {"downloadId": download} if download else {})


def added(movie: Movie, labels: list[str]) -> Row:
    """Write a MovieAdded."""
    return {"eventType": "MovieAdded", "movie": _movie(movie, labels), "addMethod": "manual"}


def file_deleted(movie: Movie, labels: list[str]) -> Row:
    """Write a MovieFileDelete of a file that the movie still has."""
    return {
        "eventType": "MovieFileDelete",
        "movie": _movie(movie, labels),
        "movieFile": _file(movie),
        "deleteReason": "manual",
    }


def deleted(movie: Movie, labels: list[str], *, files: bool) -> Row:
    """Write a MovieDelete."""
    return {
        "eventType": "MovieDelete",
        "movie": _movie(movie, labels),
        "deletedFiles": files,
        "movieFolderSize": movie.film.size if movie.file_id else 0,
    }


def _movie(movie: Movie, labels: list[str]) -> Row:
    film = movie.film
    return {
        "id": movie.id,
        "title": film.name,
        "year": film.year,
        "releaseDate": film.premiere.isoformat(),
        "folderPath": movie.path,
        "tmdbId": film.tmdb,
        "imdbId": film.imdb,
        "overview": "A made-up title of the demo.",
        "genres": list(film.genres),
        "images": [],
        "tags": labels,
        "originalLanguage": languages(film)[0],
    }


def _remote(movie: Movie) -> Row:
    film = movie.film
    return {"tmdbId": film.tmdb, "imdbId": film.imdb, "title": film.name, "year": film.year}


def _file(movie: Movie) -> Row:
    return {
        "id": movie.file_id,
        "relativePath": movie.file_name,
        "path": movie.file_path,
        "quality": "Bluray-1080p",
        "qualityVersion": 1,
        "releaseGroup": "DEMO",
        "indexerFlags": "0",
        "size": movie.film.size,
        "dateAdded": arr_time(utcnow()),
        "languages": languages(movie.film),
    }
