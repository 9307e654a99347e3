"""What Radarr tells, as values. Bytes, and instants in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..domain.knowledge import Absent, Knowledge, Known
from ..domain.media import MediaType, ProviderIds, Title
from ..domain.text import say
from . import arr_models
from .arr_models import LONGEST, RootFolder, identity
from .errors import Unreadable
from .parse import (
    Json,
    flag,
    instant,
    integer,
    language,
    path,
    positive,
    rating,
    released,
    rows,
    size,
    table,
    text,
    texts,
    year,
)
from .redaction import excerpt

_SEARCH: Final = "moviessearch"
_AFTER_CINEMAS: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class RadarrMovie:
    """A movie. `id` is 0 for one that was only looked up. `tags` are numbers of labels.

    `runtime` in seconds, `file_resolution` in lines.
    """

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
    poster: str = ""
    released_at: datetime | None = None
    file_id: int | None = None
    runtime: float | None = None
    file_added: datetime | None = None
    file_resolution: int | None = None

    @property
    def out_since(self) -> datetime | None:
        """Say since when it can be had. Without a date: since it is here, if Radarr says it can."""
        return self.released_at or (self.added if self.is_available else None)


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


def movie(row: Json) -> RadarrMovie:
    """Read a movie."""
    ids = ProviderIds.parse(row.get("tmdbId"), None, row.get("imdbId"))
    imdb = table(table(row.get("ratings")).get("imdb"))
    value, votes = rating(imdb.get("value")), positive(imdb.get("votes"))
    file = table(row.get("movieFile"))
    alternative = tuple(
        found for other in rows(row.get("alternateTitles")) if (found := text(other.get("title")))
    )
    return RadarrMovie(
        id=positive(row.get("id")) or 0,
        title=Title(MediaType.MOVIE, ids, text(row.get("title")) or "?", year(row.get("year"))),
        original_title=text(row.get("originalTitle")),
        original_language=language(table(row.get("originalLanguage")).get("name")),
        path=path(row.get("path")) or "",
        root_folder=path(row.get("rootFolderPath")),
        monitored=flag(row.get("monitored")) or False,
        has_file=flag(row.get("hasFile")) or False,
        file_path=path(file.get("path")),
        file_edition=text(file.get("edition")),
        size_bytes=size(row.get("sizeOnDisk")) or 0,
        quality_profile_id=positive(row.get("qualityProfileId")),
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
        poster=arr_models.poster(row),
        released_at=_released(row),
        file_id=positive(file.get("id")) or positive(row.get("movieFileId")),
        runtime=arr_models.runtime(row),
        file_added=instant(file.get("dateAdded")),
        file_resolution=arr_models.resolution(file),
    )


def _released(row: Json) -> datetime | None:
    """Say from when on it can be had: its first release for homes, else 90 days after cinemas."""
    homes = [released(row.get(name)) for name in ("digitalRelease", "physicalRelease")]
    cinemas = released(row.get("inCinemas"))
    first = min((at for at in homes if at is not None), default=None)
    return first or (None if cinemas is None else cinemas + _AFTER_CINEMAS)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def history_record(row: Json) -> HistoryRecord:
    """Read a row of the history. Raises Unreadable for one without an id or a date."""
    at = instant(row.get("date"))
    if at is None:
        raise Unreadable("Radarr", say("error_history_record_without_date"))
    data = table(row.get("data"))
    return HistoryRecord(
        id=identity(row, say("record_history"), "Radarr"),
        movie_id=positive(row.get("movieId")),
        event=text(row.get("eventType")) or "",
        at=at,
        download_id=text(row.get("downloadId")),
        source_title=text(row.get("sourceTitle")) or "",
        data={
            name: said
            for key, value in data.items()
            if (name := text(key)) is not None and (said := text(value)) is not None
        },
    )


def command(row: Json) -> ArrCommand:
    """Read a command. Raises Unreadable for one without an id."""
    body = table(row.get("body"))
    numbers = (positive(one) for one in _list(body.get("movieIds")))
    return ArrCommand(
        id=identity(row, say("record_command"), "Radarr"),
        name=text(row.get("name")) or text(row.get("commandName")) or "",
        status=(text(row.get("status")) or "").lower(),
        movie_ids=tuple(one for one in numbers if one is not None),
        queued=instant(row.get("queued")),
        started=instant(row.get("started")),
        ended=instant(row.get("ended")),
        result=(text(row.get("result")) or "").lower(),
        message=excerpt(text(row.get("message")) or "", LONGEST),
    )


def root_folder(row: Json) -> RootFolder:
    """Read a root folder. Raises Unreadable for one without an id or a path."""
    return arr_models.root_folder(row, "Radarr")
