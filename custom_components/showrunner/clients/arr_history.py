"""The history that Radarr and Sonarr keep, read in one way for both.

Answers carry words (`movieFileDeleted`, `episodeFileDeleted`); numbers, which older servers and
some proxies send, mean other things in the two products.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol

from ..domain.history import HistoryEvent, HistoryKind
from ..domain.text import say
from .arr_models import LONGEST
from .errors import Unreadable
from .http import HttpClient
from .json_rows import read_rows
from .parse import LARGEST, Json, instant, integer, natural, path, positive, table, text
from .redaction import excerpt

# After a long silence, or of a long series (seconds).
_LONG: Final = 60.0
# Rows in a page of the whole history, and how often it is read anew when it changes meanwhile.
_PAGE: Final = 5000
# No list is longer: one that is has no end, or is told again and again.
_MOST_PAGES: Final = 1000
_TRIES: Final = 3
_OLDEST_FIRST: Final[Mapping[str, str]] = {"sortKey": "date", "sortDirection": "ascending"}
# What is said to be of this year has no date.
_NO_YEAR: Final = 1970
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

# The same as servers of today write them.
_WRITTEN: Final[Mapping[str, HistoryKind]] = {
    "grabbed": HistoryKind.GRABBED,
    "downloadFolderImported": HistoryKind.IMPORTED,
    "downloadFailed": HistoryKind.FAILED,
    "downloadIgnored": HistoryKind.IGNORED,
    "movieFileDeleted": HistoryKind.DELETED,
    "episodeFileDeleted": HistoryKind.DELETED,
    "movieFileRenamed": HistoryKind.RENAMED,
    "episodeFileRenamed": HistoryKind.RENAMED,
}


async def since(
    http: HttpClient, date: datetime, numbers: Mapping[int, HistoryKind], *, whole: bool = False
) -> tuple[HistoryEvent, ...]:
    """List everything that happened at or after `date`, in the server's own time.

    The answer is a plain list, and all of it: after a long silence it is large. A row that can't be
    read is left out, or makes the answer unreadable where it has to be `whole`. Raises a
    ServiceError.
    """
    asked = date.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()
    read = partial(event, numbers=numbers, product=http.service)
    params = {"date": f"{asked}Z"}
    found = await http.get_list("/history/since", read, params, timeout=_LONG)
    if whole and found.unread:
        raise Unreadable(http.service, say("error_history_holds_what_no_record"))
    return found.rows


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


class Takes(Protocol):
    """Takes in what has happened, page by page and beside the event loop; not necessarily once."""

    def take(self, events: Iterable[HistoryEvent]) -> None:
        """Take in some of it, all that is given."""
        ...


async def whole[T: Takes](
    http: HttpClient, numbers: Mapping[int, HistoryKind], begin: Callable[[], T]
) -> T:
    """Read everything that ever happened, over all pages: half a history would hide what failed.

    From the oldest on, so that what happens meanwhile moves no row to another page; a row that is
    deleted meanwhile does, and then everything is asked once more. `begin` makes what takes it in,
    anew each time: no page is kept, for there are very many rows. Raises a ServiceError.
    """
    for _ in range(_TRIES):
        taken = begin()
        if await _pages(http, numbers, taken):
            return taken
    raise Unreadable(http.service, say("error_history_changes_while_read"))


async def _pages(http: HttpClient, numbers: Mapping[int, HistoryKind], taken: Takes) -> bool:
    """Read all pages; tell whether no row went while they were read."""
    known: set[int] = set()
    first: int | None = None
    total, page = 1, 0
    read = partial(_page, numbers=numbers, product=http.service, taken=taken)
    while page * _PAGE < total:
        page += 1
        if page > _MOST_PAGES:
            raise Unreadable(http.service, say("error_list_never_ends"))
        params: dict[str, str | int] = {"page": page, "pageSize": _PAGE, **_OLDEST_FIRST}
        total, ids = await http.get_decoded("/history", read, params, timeout=_LONG)
        first = total if first is None else first
        # Only the last page may be short: whoever sends less would be asked for ever.
        if total < first or len(ids) < min(_PAGE, total - (page - 1) * _PAGE):
            return False
        known.update(ids)
    return len(known) >= total


def _page(
    body: bytes, numbers: Mapping[int, HistoryKind], product: str, taken: Takes
) -> tuple[int, list[int]]:
    """Say how many rows there are in all, and which are in this page; have those taken in."""
    page, records = read_rows(body, "records")
    total = natural(page.get("totalRecords"))
    if total is None or not isinstance(page.get("records"), list):
        raise Unreadable(product, say("error_answer_no_page_history"))
    ids: list[int] = []

    def events() -> Iterator[HistoryEvent]:
        for row in records:
            one = _brief(table(row), numbers, product)
            ids.append(one.id)
            yield one

    taken.take(events())
    return total, ids


def _brief(row: Json, numbers: Mapping[int, HistoryKind], product: str) -> HistoryEvent:
    """Read of a row what tells downloads apart, and nothing else: there are very many.

    What is not written as servers write it is read like any other row.
    """
    number, date, event_type = row.get("id"), row.get("date"), row.get("eventType")
    kind = _WRITTEN.get(event_type) if isinstance(event_type, str) else None
    if (
        kind is None
        or type(number) is not int
        or not 0 < number <= LARGEST
        or not isinstance(date, str)
    ):
        return event(row, numbers, product)
    try:
        at = datetime.fromisoformat(date)
    except ValueError:
        return event(row, numbers, product)
    if at.tzinfo is not UTC or at.year <= _NO_YEAR:
        return event(row, numbers, product)
    data = table(row.get("data"))
    movie, episode = row.get("movieId"), _key(row.get("episodeId"))
    # From which file of a pack an episode came; a film comes alone.
    tells_source = kind is HistoryKind.IMPORTED and episode is not None
    return HistoryEvent(
        number,
        kind,
        at,
        _key(row.get("seriesId") if movie is None else movie),
        episode,
        _upper(row.get("downloadId")),
        _upper(data.get("torrentInfoHash")),
        source_path=path(data.get("droppedPath")) if tells_source else None,
        reason=text(data.get("reason")) if kind is HistoryKind.DELETED else None,
    )


def _key(value: object) -> int | None:
    """Read a key, mostly written as one or not at all."""
    if value is None or (type(value) is int and 0 < value <= LARGEST):
        return value
    return positive(value)


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
    if value is None:
        return None
    found = text(value)
    return found.upper() if found else None
