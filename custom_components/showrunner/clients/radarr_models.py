"""What Radarr tells, as values. Bytes, and instants in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..domain.knowledge import Absent, Knowledge, Known
from ..domain.media import MediaType, ProviderIds, Title
from .errors import Unreadable
from .parse import Json, flag, instant, integer, number, rows, table, text, texts

SOURCE: Final = "radarr"
_SEARCH: Final = "moviessearch"


@dataclass(frozen=True, slots=True)
class RootFolder:
    """A root folder; `free_bytes` None when Radarr can't tell."""

    id: int
    path: str
    free_bytes: int | None
    accessible: bool


@dataclass(frozen=True, slots=True)
class RadarrMovie:
    """A movie. `id` is 0 for one that was only looked up. `tags` are numbers of labels."""

    id: int
    title: Title
    original_title: str | None
    original_language: str | None
    path: str
    root_folder: str | None
    monitored: bool
    has_file: bool
    file_path: str | None
    file_edition: str | None
    size_bytes: int
    quality_profile_id: int | None
    tags: tuple[int, ...]
    genres: tuple[str, ...]
    imdb_rating: Knowledge[float]
    imdb_votes: Knowledge[int]
    is_available: bool | None
    status: str
    last_search: datetime | None
    added: datetime | None
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A download under way. `movie_id` None: Radarr does not know what it is."""

    id: int
    movie_id: int | None
    title: str
    status: str
    tracked_state: str
    tracked_status: str
    download_id: str | None
    size: float
    size_left: float
    eta: datetime | None
    messages: tuple[str, ...]
    output_path: str | None


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """Something that happened to a movie; `event` in Radarr's words, `data` all texts."""

    id: int
    movie_id: int | None
    event: str
    at: datetime
    download_id: str | None
    source_title: str
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ArrCommand:
    """A command. `status` in Radarr's words (queued, started, completed, failed, …)."""

    id: int
    name: str
    status: str
    movie_ids: tuple[int, ...]
    queued: datetime | None
    started: datetime | None
    ended: datetime | None
    result: str
    message: str

    @property
    def is_search(self) -> bool:
        """Tell whether it searches for movies."""
        return self.name.lower() == _SEARCH


def _identity(row: Json, what: str) -> int:
    """Read the number that says what a row is: without it the answer can't be believed."""
    found = integer(row.get("id"))
    if found is None:
        raise Unreadable("Radarr", f"a {what} without an id")
    return found


def movie(row: Json) -> RadarrMovie:
    """Read a movie."""
    ids = ProviderIds.parse(row.get("tmdbId"), None, row.get("imdbId"))
    imdb = table(table(row.get("ratings")).get("imdb"))
    value, votes = number(imdb.get("value")), integer(imdb.get("votes"))
    file = table(row.get("movieFile"))
    alternative = tuple(
        found for other in rows(row.get("alternateTitles")) if (found := text(other.get("title")))
    )
    return RadarrMovie(
        id=integer(row.get("id")) or 0,
        title=Title(MediaType.MOVIE, ids, text(row.get("title")) or "?", integer(row.get("year"))),
        original_title=text(row.get("originalTitle")),
        original_language=text(table(row.get("originalLanguage")).get("name")),
        path=text(row.get("path")) or "",
        root_folder=text(row.get("rootFolderPath")),
        monitored=flag(row.get("monitored")) or False,
        has_file=flag(row.get("hasFile")) or False,
        file_path=text(file.get("path")),
        file_edition=text(file.get("edition")),
        size_bytes=integer(row.get("sizeOnDisk")) or 0,
        quality_profile_id=integer(row.get("qualityProfileId")),
        tags=tuple(tag for one in _list(row.get("tags")) if (tag := integer(one)) is not None),
        genres=texts(row.get("genres")),
        # Radarr leaves the rating out, or writes 0, where there is none.
        imdb_rating=Known(value, "radarr:imdb") if value else Absent("radarr:imdb"),
        imdb_votes=Known(votes, "radarr:imdb") if votes else Absent("radarr:imdb"),
        is_available=flag(row.get("isAvailable")),
        status=text(row.get("status")) or "",
        last_search=instant(row.get("lastSearchTime")),
        added=instant(row.get("added")),
        titles=alternative,
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def queue_item(row: Json) -> QueueItem:
    """Read a row of the queue. Raises Unreadable for one without an id."""
    said = [
        message
        for status in rows(row.get("statusMessages"))
        for message in texts(status.get("messages"))
    ]
    if error := text(row.get("errorMessage")):
        said.insert(0, error)
    return QueueItem(
        id=_identity(row, "queue item"),
        movie_id=integer(row.get("movieId")),
        title=text(row.get("title")) or "",
        status=text(row.get("status")) or "",
        tracked_state=text(row.get("trackedDownloadState")) or "",
        tracked_status=text(row.get("trackedDownloadStatus")) or "",
        download_id=text(row.get("downloadId")),
        size=number(row.get("size")) or 0.0,
        size_left=number(row.get("sizeleft")) or 0.0,
        eta=instant(row.get("estimatedCompletionTime")),
        messages=tuple(dict.fromkeys(said)),
        output_path=text(row.get("outputPath")),
    )


def history_record(row: Json) -> HistoryRecord:
    """Read a row of the history. Raises Unreadable for one without an id or a date."""
    at = instant(row.get("date"))
    if at is None:
        raise Unreadable("Radarr", "a history record without a date")
    data = table(row.get("data"))
    return HistoryRecord(
        id=_identity(row, "history record"),
        movie_id=integer(row.get("movieId")),
        event=text(row.get("eventType")) or "",
        at=at,
        download_id=text(row.get("downloadId")),
        source_title=text(row.get("sourceTitle")) or "",
        data={key: value for key, value in data.items() if isinstance(value, str)},
    )


def command(row: Json) -> ArrCommand:
    """Read a command. Raises Unreadable for one without an id."""
    body = table(row.get("body"))
    numbers = (integer(one) for one in _list(body.get("movieIds")))
    return ArrCommand(
        id=_identity(row, "command"),
        name=text(row.get("name")) or text(row.get("commandName")) or "",
        status=(text(row.get("status")) or "").lower(),
        movie_ids=tuple(one for one in numbers if one is not None),
        queued=instant(row.get("queued")),
        started=instant(row.get("started")),
        ended=instant(row.get("ended")),
        result=(text(row.get("result")) or "").lower(),
        message=text(row.get("message")) or "",
    )


def root_folder(row: Json) -> RootFolder:
    """Read a root folder. Raises Unreadable for one without an id or a path."""
    path = text(row.get("path"))
    if path is None:
        raise Unreadable("Radarr", "a root folder without a path")
    return RootFolder(
        id=_identity(row, "root folder"),
        path=path,
        free_bytes=integer(row.get("freeSpace")),
        accessible=flag(row.get("accessible")) is not False,
    )
