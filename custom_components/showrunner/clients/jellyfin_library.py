"""How Jellyfin's library is read in bulk: pages with few fields, decoded and read off the loop.

Never one request for one item and user. A row that makes no sense is left out; a page that makes
none raises Unreadable, and a user's page without that user's data too: an empty answer to the
wrong question must not look like "never watched".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from ..domain.flat_rows import FlatItems
from ..domain.library import ItemKind, LibraryItem, UserRow
from ..domain.media import ProviderIds, normalize_guid
from ..domain.requests.showing import File, Shown
from ..domain.text import say
from .errors import Unreadable
from .http import HttpClient
from .jellyfin_models import is_extra, runtime, seconds
from .json_rows import read_rows
from .parse import (
    Json,
    flag,
    instant,
    natural,
    path,
    positive,
    rating,
    rows,
    size,
    table,
    text,
    texts,
    year,
)

PRODUCT: Final = "Jellyfin"
MOST_IDS: Final = 100
_TIMEOUT: Final = 60.0
_KINDS: Final = {"Movie": ItemKind.MOVIE, "Series": ItemKind.SERIES, "Episode": ItemKind.EPISODE}
_FIELDS: Final = "ProviderIds,Path,DateCreated,Genres"

# Oldest first, so that what comes while we read comes behind us.
_ALL: Final = {
    "recursive": "true",
    "collapseBoxSetItems": "false",
    "isMissing": "false",
    "excludeLocationTypes": "Virtual",
    "sortBy": "DateCreated,SortName",
    "sortOrder": "Ascending",
    "enableImages": "false",
}

type Query = Mapping[str, str | int]
type Reader[T] = Callable[[Json], T | None]

SERIES: Final[Query] = {"includeItemTypes": "Series"}
TITLES: Final[Query] = {"includeItemTypes": "Movie,Series"}
PLAYABLE: Final[Query] = {"includeItemTypes": "Movie,Episode"}
EVERYTHING: Final[Query] = {"includeItemTypes": "Movie,Series,Episode"}
# What a user has touched. A series counts as played when its episodes are: no mark of its own.
PLAYED: Final[Query] = {**PLAYABLE, "isPlayed": "true"}
RESUMABLE: Final[Query] = {**PLAYABLE, "filters": "IsResumable"}
FAVORITES: Final[Query] = {**EVERYTHING, "isFavorite": "true"}


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page: the ids of all its rows as they came, what could be read of them, and the total.

    `total` is None when the server was not asked to count.
    """

    ids: tuple[str, ...]
    rows: Collection[T]
    total: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of some ids: titles, and the ids of what is none (an intro, music)."""

    items: tuple[LibraryItem, ...]
    others: frozenset[str]


class JellyfinLibrary:
    """The library of one server. Every method raises a ServiceError instead of half an answer."""

    def __init__(self, http: HttpClient) -> None:
        """Take the connection."""
        self._http = http

    async def items(
        self, server_id: str, what: Query, start: int, limit: int, *, count: bool
    ) -> Page[LibraryItem]:
        """Read a page of what there is, for no user in particular."""
        query = {"fields": _FIELDS, "enableUserData": "false", **what}
        items: Callable[[], _Rows[LibraryItem]] = FlatItems
        read = _read(lambda row: item(row, server_id), items, count=count)
        return await self._page(query, start, limit, read, count=count)

    async def saved_since(
        self, server_id: str, since: datetime, start: int, limit: int
    ) -> Page[LibraryItem]:
        """Read a page of what was added or changed since then."""
        at = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return await self.items(
            server_id, {**EVERYTHING, "minDateLastSaved": at}, start, limit, count=True
        )

    async def of_user(
        self, user_id: str, what: Query, start: int, limit: int, *, count: bool
    ) -> Page[UserRow]:
        """Read a page of what is kept of a user."""
        query = {"userId": user_id, "enableUserData": "true", **what}
        return await self._page(query, start, limit, _read(user_row, count=count), count=count)

    async def last_played(self, user_id: str, start: int, limit: int) -> Page[UserRow]:
        """Read a page of what a user played last, the newest first."""
        newest = {"sortBy": "DatePlayed", "sortOrder": "Descending"}
        return await self.of_user(user_id, {**PLAYABLE, **newest}, start, limit, count=False)

    async def by_ids(self, server_id: str, ids: Sequence[str]) -> tuple[LibraryItem, ...]:
        """Find up to 100 items by their ids, with the sizes of their files; what is gone is out."""
        return (await self.look_up(server_id, ids)).items

    async def look_up(
        self, server_id: str, ids: Sequence[str], *, timeout: float | None = None
    ) -> Found:
        """Say likewise also which of them are there and no titles."""
        query = {
            "ids": ",".join(ids[:MOST_IDS]),
            "fields": f"{_FIELDS},MediaSources",
            "enableImages": "false",
            "enableUserData": "false",
        }
        page = await self._http.get_decoded(
            "/Items", _read(lambda row: item(row, server_id) or _other(row)), query, timeout=timeout
        )
        return Found(
            tuple(one for one in page.rows if isinstance(one, LibraryItem)),
            frozenset(one for one in page.rows if isinstance(one, str)),
        )

    async def newest(self, server_id: str, limit: int) -> tuple[LibraryItem, ...]:
        """Find what was added last. That something is not in it says nothing."""
        newest = {"sortBy": "DateCreated", "sortOrder": "Descending"}
        page = await self.items(server_id, {**PLAYABLE, **newest}, 0, limit, count=False)
        return tuple(page.rows)

    async def named(
        self, server_id: str, kinds: Query, name: str, limit: int
    ) -> tuple[LibraryItem, ...]:
        """Find what bears a name, to be told apart by ids. A miss says nothing."""
        what = {**kinds, "searchTerm": name, "enableTotalRecordCount": "false"}
        return tuple((await self.items(server_id, what, 0, limit, count=False)).rows)

    async def episodes(self, server_id: str, series_id: str, limit: int) -> tuple[LibraryItem, ...]:
        """Find the episodes of a series, at most `limit`."""
        what = {"includeItemTypes": "Episode", "parentId": series_id}
        return tuple((await self.items(server_id, what, 0, limit, count=False)).rows)

    async def shown(self, server_id: str, ids: Sequence[str]) -> tuple[Shown, ...]:
        """Find up to 100 items by their ids, with all their files; what is gone is out."""
        query = {
            "ids": ",".join(ids[:MOST_IDS]),
            "fields": f"{_FIELDS},MediaSources,Width",
            "enableImages": "false",
            "enableUserData": "false",
        }
        page = await self._http.get_decoded(
            "/Items", _read(lambda row: shown(row, server_id)), query
        )
        return tuple(page.rows)

    async def shown_to(
        self, server_id: str, user_id: str, ids: Sequence[str]
    ) -> tuple[LibraryItem, ...]:
        """Say which of up to 100 items the server shows to a user: by their age, tags and blocks.

        Not by the libraries that are open to them: of what is asked for by its ids Jellyfin does
        not look whether they are (`LibraryManager.AddUserToQuery`).
        """
        query = {
            "userId": user_id,
            "ids": ",".join(ids[:MOST_IDS]),
            "recursive": "true",
            "collapseBoxSetItems": "false",
            "fields": "Path",
            "enableImages": "false",
            "enableUserData": "false",
        }
        read = _read(lambda row: item(row, server_id))
        return tuple((await self._http.get_decoded("/Items", read, query)).rows)

    async def active_at(self) -> Mapping[str, datetime | None]:
        """Say when each user was last active; None where the server does not tell."""
        answer = await self._http.get("/Users")
        if not isinstance(answer, list):
            raise Unreadable(PRODUCT, say("error_answer_not_list"))
        return {
            user_id: instant(row.get("LastActivityDate"))
            for row in rows(answer)
            if (user_id := normalize_guid(row.get("Id"))) is not None
        }

    async def _page[T](
        self,
        query: Query,
        start: int,
        limit: int,
        read: Callable[[bytes], Page[T]],
        *,
        count: bool,
    ) -> Page[T]:
        asked: dict[str, str | int] = {
            **_ALL,
            **query,
            "startIndex": start,
            "limit": limit,
            "enableTotalRecordCount": str(count).lower(),
        }
        return await self._http.get_decoded("/Items", read, asked, timeout=_TIMEOUT)


class _Rows[T](Collection[T], Protocol):
    """What rows are read into."""

    def append(self, row: T, /) -> None: ...


def _read[T](
    read: Reader[T], into: Callable[[], _Rows[T]] = list, *, count: bool = False
) -> Callable[[bytes], Page[T]]:
    """Make what turns a body into a page, in a thread of its own. It raises Unreadable."""

    def page(body: bytes) -> Page[T]:
        answer, listed = read_rows(body, "Items")
        if not isinstance(answer.get("Items"), list):
            raise Unreadable(PRODUCT, say("error_answer_not_list"))
        total = natural(answer.get("TotalRecordCount")) if count else None
        if count and total is None:
            raise Unreadable(PRODUCT, say("error_answer_does_not_tell_how_many"))
        ids, found = list[str](), into()
        for row in listed:
            if not isinstance(row, Mapping):
                ids.append("")  # a row all the same, which nothing is known of
                continue
            item_id = normalize_guid(row.get("Id"))
            ids.append(item_id or "")
            if item_id is not None and (one := read(row)) is not None:
                found.append(one)
        return Page(tuple(ids), found, total)

    return page


def item(row: Json, server_id: str) -> LibraryItem | None:
    """Read an item; None for what is no movie, series or episode, or has no file (virtual)."""
    kind, place = _KINDS.get(text(row.get("Type")) or ""), path(row.get("Path"))
    item_id = normalize_guid(row.get("Id"))
    virtual = text(row.get("LocationType")) == "Virtual"
    if kind is None or item_id is None or place is None or virtual or is_extra(row):
        return None
    episode = kind is ItemKind.EPISODE
    sizes = [size(source.get("Size")) for source in rows(row.get("MediaSources"))]
    return LibraryItem(
        server_id=normalize_guid(row.get("ServerId")) or server_id,
        item_id=item_id,
        kind=kind,
        name=text(row.get("Name")) or "?",
        ids=ProviderIds.from_mapping(table(row.get("ProviderIds"))),
        year=year(row.get("ProductionYear")),
        path=place,
        size=next((one for one in sizes if one is not None), None),
        runtime=runtime(row.get("RunTimeTicks")),
        created=instant(row.get("DateCreated")),
        genres=texts(row.get("Genres")),
        rating=rating(row.get("CommunityRating")),
        series_item_id=normalize_guid(row.get("SeriesId")) if episode else None,
        series_name=text(row.get("SeriesName")) if episode else None,
        season=natural(row.get("ParentIndexNumber")) if episode else None,
        episode=natural(row.get("IndexNumber")) if episode else None,
        episode_end=natural(row.get("IndexNumberEnd")) if episode else None,
    )


def _other(row: Json) -> str | None:
    """Name an item that is something else than a movie, a series or an episode."""
    kind = text(row.get("Type"))
    other = is_extra(row) or (kind is not None and kind not in _KINDS)
    return normalize_guid(row.get("Id")) if other else None


def shown(row: Json, server_id: str) -> Shown | None:
    """Read an item with its files: the versions of it, and how wide their pictures are."""
    found = item(row, server_id)
    if found is None or found.path is None:
        return None
    files = [
        File(place, _width(source))
        for source in rows(row.get("MediaSources"))
        if (place := path(source.get("Path"))) is not None
    ]
    return Shown(found, tuple(files) or (File(found.path, positive(row.get("Width"))),))


def _width(source: Json) -> int | None:
    streams = rows(source.get("MediaStreams"))
    widths = (positive(one.get("Width")) for one in streams if one.get("Type") == "Video")
    return max((width for width in widths if width is not None), default=None)


def user_row(row: Json) -> UserRow | None:
    """Read what is kept of a user and an item. Raises Unreadable when it is not there at all."""
    kept = row.get("UserData")
    if not isinstance(kept, Mapping):
        raise Unreadable(PRODUCT, say("error_answer_does_not_tell_what_user"))
    item_id, kind = normalize_guid(row.get("Id")), _KINDS.get(text(row.get("Type")) or "")
    if item_id is None or kind is None:
        return None
    if kind is ItemKind.SERIES:
        # All else of a series is summed up from its episodes.
        return UserRow(item_id, favorite=flag(kept.get("IsFavorite")) or False)
    return UserRow(
        item_id,
        played=flag(kept.get("Played")) or False,
        favorite=flag(kept.get("IsFavorite")) or False,
        play_count=natural(kept.get("PlayCount")) or 0,
        position=seconds(kept.get("PlaybackPositionTicks")) or 0.0,
        last_played=instant(kept.get("LastPlayedDate")),
    )
