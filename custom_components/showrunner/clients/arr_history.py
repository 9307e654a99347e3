"""The history that Radarr and Sonarr keep, read in one way for both.

Answers carry words (`movieFileDeleted`, `episodeFileDeleted`); numbers, which older servers and
some proxies send, mean other things in the two products.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Final

from ..domain.history import HistoryEvent, HistoryKind
from ..domain.text import say
from .arr_models import LONGEST
from .errors import Unreadable
from .http import HttpClient
from .parse import Json, instant, integer, path, positive, table, text
from .redaction import excerpt

# After a long silence, or of a long series (seconds).
_LONG: Final = 60.0
RADARR_NUMBERS: Final[Mapping[int, HistoryKind]] = MappingProxyType(
    {
        1: HistoryKind.GRABBED,
        3: HistoryKind.IMPORTED,
        4: HistoryKind.FAILED,
        6: HistoryKind.DELETED,
        7: HistoryKind.IMPORTED,
        8: HistoryKind.RENAMED,
        9: HistoryKind.IGNORED,
    }
)
SONARR_NUMBERS: Final[Mapping[int, HistoryKind]] = MappingProxyType(
    {
        1: HistoryKind.GRABBED,
        2: HistoryKind.IMPORTED,
        3: HistoryKind.IMPORTED,
        4: HistoryKind.FAILED,
        5: HistoryKind.DELETED,
        6: HistoryKind.RENAMED,
        7: HistoryKind.IGNORED,
    }
)
_WORDS: Final[Mapping[str, HistoryKind]] = {
    "grabbed": HistoryKind.GRABBED,
    "downloadfolderimported": HistoryKind.IMPORTED,
    "moviefolderimported": HistoryKind.IMPORTED,
    "seriesfolderimported": HistoryKind.IMPORTED,
    "downloadfailed": HistoryKind.FAILED,
    "moviefiledeleted": HistoryKind.DELETED,
    "episodefiledeleted": HistoryKind.DELETED,
    "moviefilerenamed": HistoryKind.RENAMED,
    "episodefilerenamed": HistoryKind.RENAMED,
    "downloadignored": HistoryKind.IGNORED,
}


async def since(
    http: HttpClient, date: datetime, numbers: Mapping[int, HistoryKind]
) -> tuple[HistoryEvent, ...]:
    """List everything that happened at or after `date`, in the server's own time.

    The answer is a plain list, and all of it: after a long silence it is large. A row that can't be
    read is left out. Raises a ServiceError.
    """
    asked = date.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
    read = partial(event, numbers=numbers, product=http.service)
    params = {"date": f"{asked}Z"}
    return (await http.get_list("/history/since", read, params, timeout=_LONG)).rows


async def of_title(
    http: HttpClient, page: str, params: Mapping[str, str | int], numbers: Mapping[int, HistoryKind]
) -> tuple[HistoryEvent, ...]:
    """List everything that happened to one title: the whole of it, for it tells whose torrents are.

    Raises a ServiceError.
    """
    read = partial(event, numbers=numbers, product=http.service)
    found = await http.get_list(page, read, params, timeout=_LONG)
    if found.unread:
        raise Unreadable(http.service, say("error_history_holds_what_no_record"))
    return found.rows


def event(row: Json, numbers: Mapping[int, HistoryKind], product: str) -> HistoryEvent:
    """Read a row. Raises Unreadable for one without an id or a date."""
    number, at = positive(row.get("id")), instant(row.get("date"))
    if number is None or at is None:
        raise Unreadable(product, say("error_history_record_without_id_date"))
    kind, data = _kind(row.get("eventType"), numbers), table(row.get("data"))
    title = text(row.get("sourceTitle")) or ""
    place, source = _paths(kind, data, row)
    media = positive(row.get("movieId"))
    return HistoryEvent(
        id=number,
        kind=kind,
        at=at,
        media_id=positive(row.get("seriesId")) if media is None else media,
        episode_id=positive(row.get("episodeId")),
        download_id=_upper(row.get("downloadId")),
        info_hash=_upper(data.get("torrentInfoHash")),
        path=place,
        source_path=source,
        file_id=positive(data.get("fileId")),
        reason=text(data.get("reason")),
        source_title=title,
        message=excerpt(text(data.get("message")) or "", LONGEST),
    )


def _kind(value: object, numbers: Mapping[int, HistoryKind]) -> HistoryKind:
    number = integer(value)
    if number is not None:
        return numbers.get(number, HistoryKind.OTHER)
    return _WORDS.get((text(value) or "").lower(), HistoryKind.OTHER)


def _paths(kind: HistoryKind, data: Json, row: Json) -> tuple[str | None, str | None]:
    """Say where the file is (or was), and where it came from."""
    title = path(row.get("sourceTitle"))
    match kind:
        case HistoryKind.IMPORTED:
            return path(data.get("importedPath")), path(data.get("droppedPath"))
        case HistoryKind.RENAMED:
            return path(data.get("path")), path(data.get("sourcePath")) or title
        case HistoryKind.DELETED:
            return title, None  # the deleted file's path stands where titles stand
        case _:
            return None, None


def _upper(value: object) -> str | None:
    found = text(value)
    return found.upper() if found else None
