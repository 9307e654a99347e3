"""The bodies that Sonarr posts to a webhook: for each file, and for a whole download."""

from collections.abc import Sequence
from typing import Final

from .clock import arr_time, utcnow
from .radarr_library import Row
from .sonarr_library import EPISODE_SIZE, Part, Series, languages, release

SWITCHES: Final = (
    "onGrab",
    "onDownload",
    "onUpgrade",
    "onImportComplete",
    "onRename",
    "onSeriesAdd",
    "onSeriesDelete",
    "onEpisodeFileDelete",
    "onEpisodeFileDeleteForUpgrade",
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
        "series": {
            "id": 1,
            "title": "Test Title",
            "path": "C:\\testpath",
            "tvdbId": 1234,
            "tvMazeId": 0,
            "tmdbId": 0,
            "type": "standard",
            "year": 0,
            "tags": ["test-tag"],
        },
        "episodes": [
            {
                "id": 123,
                "episodeNumber": 1,
                "seasonNumber": 1,
                "title": "Test title",
                "seriesId": 0,
                "tvdbId": 0,
            }
        ],
    }


def grab(series: Series, parts: Sequence[Part], download: str) -> Row:
    """Write a Grab of one episode or of a season."""
    described = {
        "quality": "WEBDL-1080p",
        "qualityVersion": 1,
        "releaseTitle": release(series.show, list(parts)),
        "indexer": "Demo (Prowlarr)",
        "size": EPISODE_SIZE * len(parts),
        "customFormatScore": 0,
        "customFormats": [],
    }
    return {
        "eventType": "Grab",
        **_about(series, parts),
        "release": described,
        "downloadId": download,
        **_CLIENT,
        **_FORMATS,
    }


def imported(series: Series, part: Part, download: str) -> Row:
    """Write a Download of one file. Without a download's id it was imported by hand."""
    body: Row = {
        "eventType": "Download",
        **_about(series, [part]),
        "episodeFile": _file(series, part),
        "isUpgrade": False,
        "release": {"releaseType": "singleEpisode"},
        **_FORMATS,
    }
    return body | (_CLIENT | {"downloadId": download} if download else {})


def complete(series: Series, parts: Sequence[Part], download: str) -> Row:
    """Write a Download of everything that one download brought."""
    files = [_file(series, part) for part in parts]
    return {
        "eventType": "Download",
        **_about(series, parts),
        "episodeFiles": files,
        "fileCount": len(files),
        "sourcePath": f"/data/torrents/{release(series.show, list(parts))}",
        "destinationPath": f"{series.path}/Season {parts[0].episode.season:02d}",
        "release": {"releaseType": "seasonPack" if len(parts) > 1 else "singleEpisode"},
        "downloadId": download,
        **_CLIENT,
    }


def added(series: Series) -> Row:
    """Write a SeriesAdd."""
    return {"eventType": "SeriesAdd", "series": _series(series)}


def file_deleted(series: Series, part: Part) -> Row:
    """Write an EpisodeFileDelete of a file that the episode still has."""
    return {
        "eventType": "EpisodeFileDelete",
        **_about(series, [part]),
        "episodeFile": _file(series, part),
        "deleteReason": "manual",
    }


def deleted(series: Series, *, files: bool) -> Row:
    """Write a SeriesDelete."""
    return {"eventType": "SeriesDelete", "series": _series(series), "deletedFiles": files}


def blocked(series: Series, parts: Sequence[Part], download: str, said: str) -> Row:
    """Write a ManualInteractionRequired."""
    name = release(series.show, list(parts))
    info = {"quality": "WEBDL-1080p", "qualityVersion": 1, "title": name}
    return {
        "eventType": "ManualInteractionRequired",
        **_about(series, parts),
        "downloadInfo": info | {"size": EPISODE_SIZE * len(parts)},
        "downloadId": download,
        "downloadStatus": "Warning",
        "downloadStatusMessages": [{"title": name, "messages": [said]}],
        "release": {"releaseTitle": name, "releaseType": "seasonPack"},
        **_CLIENT,
        **_FORMATS,
    }


def _about(series: Series, parts: Sequence[Part]) -> Row:
    return {
        "series": _series(series),
        "episodes": [
            {
                "id": part.id,
                "episodeNumber": part.episode.number,
                "seasonNumber": part.episode.season,
                "title": part.episode.name,
                "airDate": part.aired.date().isoformat(),
                "airDateUtc": arr_time(part.aired),
                "seriesId": series.id,
                "tvdbId": part.episode.tvdb_episode,
            }
            for part in parts
        ],
    }


def _series(series: Series) -> Row:
    show = series.show
    return {
        "id": series.id,
        "title": show.name,
        "titleSlug": "-".join(show.name.casefold().split()),
        "path": series.path,
        "tvdbId": show.tvdb,
        "tvMazeId": 0,
        "tmdbId": show.tmdb,
        "imdbId": show.imdb,
        "type": series.kind,
        "year": show.year,
        "genres": ["Drama"],
        "images": [],
        "tags": [],
        "originalLanguage": languages(show)[0],
    }


def _file(series: Series, part: Part) -> Row:
    path = series.file_path(part)
    return {
        "id": part.file_id,
        "relativePath": path.removeprefix(f"{series.path}/"),
        "path": path,
        "quality": "WEBDL-1080p",
        "qualityVersion": 1,
        "releaseGroup": "DEMO",
        "size": EPISODE_SIZE,
        "dateAdded": arr_time(utcnow()),
        "languages": languages(series.show),
    }
