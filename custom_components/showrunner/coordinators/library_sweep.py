"""Reads a whole library, or what is new in it, page by page into the store.

A sweep is taken over when every listing was proven whole; else what was known stays, and the state
says since when it is in doubt and why. What a whole sweep misses goes when the next one that agrees
misses it too. Increments only add. Nothing here runs twice at once: the
reader sees to that.
"""

import asyncio
from collections import Counter
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import batched
import logging
from typing import Any, Final, Protocol

from ..clients.errors import Blocked, ServiceError, TlsFailed, Unreachable, Unreadable
from ..clients.jellyfin_library import (
    EVERYTHING,
    FAVORITES,
    PLAYABLE,
    PLAYED,
    PRODUCT,
    RESUMABLE,
    SERIES,
    JellyfinLibrary,
    Query,
)
from ..domain.flat_rows import FlatUserRows
from ..domain.library import LibraryItem, MarkSource, UserRow, WatchedMark
from ..domain.sweep import ReadState, Surplus
from ..domain.sweep_pages import HalfRead, Moved, Progress, Seen, ShortPage, advance
from ..domain.text import say
from ..store import Store, StoreError

_LOGGER = logging.getLogger(__name__)

# A page's rows, and the one that it shares with the page before.
PAGE: Final = 1001
# Up to so many items everything is read of each viewer: the server's own filters have been wrong.
READ_ALL: Final = 25_000
# Clocks differ, and what was being saved while we read must not slip through.
_OVERLAP: Final = timedelta(minutes=15)
_NEW_PAGES: Final = 20
_PLAYED_PAGE: Final = 25
# Five million rows: a list that is longer has no end, or is told again and again.
_MOST_PAGES: Final = 5000
_MARKS: Final = 250
# How long a listing waits before it asks again for a page that did not come (seconds), and the
# rows that it asks for at least then: half as many take half as long.
PAUSES: Final = (5.0, 30.0, 120.0)
_LEAST: Final = 126
_FAILURES: Final = (ServiceError, StoreError)


class _Page[T](Protocol):
    """A page of a listing."""

    @property
    def ids(self) -> Sequence[str]: ...
    @property
    def rows(self) -> Collection[T]: ...
    @property
    def total(self) -> int | None: ...


class Sweeper:
    """Sweeps and increments of one server's library and its viewers' data."""

    def __init__(self, client: JellyfinLibrary, store: Store, server_id: str) -> None:
        """Take the client, the store and the server's id."""
        self._client = client
        self._store = store
        self._server_id = server_id

    # -- the items ---------------------------------------------------------------------------------

    async def sweep_items(self, now: datetime, max_drop: float) -> ReadState:
        """Read what there is; let go of what is gone. Raises ServiceError, StoreError."""
        library = self._store.library
        before = await library.state()
        state = replace(before, sweep=before.sweep + 1)
        await library.keep_state(state)
        try:
            seen, counts, ends = await self._read_items(state.sweep)
            if (short := ends.surplus(now)) is not None:
                return await _with_surplus(library.keep_state, state, now, counts, short)
            losses = library.losses(seen, self._server_id, state)
            after = state.swept(now, counts, await losses.tally(), max_drop)
            await losses.settle(after.since)
        except SurplusRead:
            raise
        except _FAILURES as err:
            await _note(library.keep_state, state.failed(now, err.text))
            raise
        await library.keep_state(after)
        return after

    async def accept_items(self, mark: str) -> None:
        """Let go of what is gone by the fall of this mark. Raises FallMoved, StoreError."""
        library = self._store.library
        state = await library.state()
        after = state.accepted(mark)
        # Half done, the fall still stands, and the next sweep says what is there.
        await library.losses(Seen(), self._server_id, state).accept()
        await library.keep_state(after)

    async def _read_items(self, sweep: int) -> tuple[Seen, dict[str, int], _Ends]:
        seen, counts, ends = Seen(), Counter[str](), _Ends()
        # Series first: an episode has its series' ids from the first moment.
        for what in (SERIES, PLAYABLE):

            async def ask(progress: Progress, what: Query = what) -> _Page[LibraryItem]:
                return await self._client.items(
                    self._server_id,
                    what,
                    progress.start,
                    progress.limit,
                    count=progress.wants_total,
                )

            listing, met = Listing(ask), 0
            async for page in listing.pages():
                numbers = await self._store.library.take(page.rows, sweep)
                # Rows that say nothing to us count too, they are there.
                met += len(page.ids) - len(page.rows)
                for item in page.rows:
                    if seen.add(numbers[item.item_id]):
                        counts[item.kind.value] += 1
                        met += 1
            ends.add(listing, met)
        return seen, dict(counts), ends

    async def new_items(self, now: datetime) -> None:
        """Read what was added or changed since the last read. Removes nothing."""
        library = self._store.library
        state = await library.state()
        if state.read_at is None:
            return
        since, pages = state.read_at - _OVERLAP, 0

        async def ask(progress: Progress) -> _Page[LibraryItem]:
            return await self._client.saved_since(
                self._server_id, since, progress.start, progress.limit
            )

        listing = Listing(ask)
        async for page in listing.pages():
            await library.take(page.rows, state.sweep + 1)
            pages += 1
            if pages >= _NEW_PAGES:
                raise Unreadable(PRODUCT, say("error_more_changed_than_can_read_between"))
        if listing.total is None:
            await library.keep_state(replace(state, read_at=now))
        # Else it lists fewer than it counts: what came is kept, the next read looks back as far.

    # -- what is kept of a viewer ------------------------------------------------------------------

    async def sweep_viewer(self, viewer_id: str, now: datetime, max_drop: float) -> ReadState:
        """Read what the server keeps of a viewer. Raises ServiceError, StoreError."""
        userdata = self._store.userdata
        before = await userdata.state(viewer_id)
        state = replace(before, sweep=before.sweep + 1)
        await userdata.keep_state(viewer_id, state)

        async def keep(state: ReadState) -> None:
            await userdata.keep_state(viewer_id, state)

        try:
            rows, ends = await self._read_viewer(viewer_id)
            if (short := ends.surplus(now)) is not None:
                # What a viewer has played is so, however much is not shown.
                await self.take_rows(viewer_id, rows.values())
                return await _with_surplus(keep, state, now, _counts(rows.values()), short)
            losses = userdata.losses(viewer_id, rows, state)
            after = state.swept(now, _counts(rows.values()), await losses.tally(), max_drop)
            await losses.settle(after.since)
            await self.take_rows(viewer_id, rows.values())
        except SurplusRead:
            raise
        except _FAILURES as err:
            await _note(keep, state.failed(now, err.text))
            raise
        await keep(after)
        return after

    async def accept_viewer(self, viewer_id: str, mark: str) -> None:
        """Take back what is not said by the fall of this mark. Raises FallMoved, StoreError."""
        userdata = self._store.userdata
        state = await userdata.state(viewer_id)
        after = state.accepted(mark)
        await userdata.losses(viewer_id, {}, state).accept()
        await userdata.keep_state(viewer_id, after)

    async def _read_viewer(self, viewer_id: str) -> tuple[Mapping[str, UserRow], _Ends]:
        """Read what a viewer touched; kept apart until proven whole, for what it lacks counts."""
        items = await self._store.library.state()
        everything = sum(items.counts.values()) <= READ_ALL
        touched = FlatUserRows()
        ends = _Ends()
        for what in (EVERYTHING,) if everything else (PLAYED, RESUMABLE, FAVORITES):

            async def ask(progress: Progress, what: Query = what) -> _Page[UserRow]:
                return await self._client.of_user(
                    viewer_id, what, progress.start, progress.limit, count=progress.wants_total
                )

            listing, met = Listing(ask), set[str]()
            async for page in listing.pages():
                met.update(page.ids)
                for row in page.rows:
                    if not row.says_nothing:
                        touched.append(row)
            ends.add(listing, len(met))
        return touched, ends

    async def take_rows(self, viewer_id: str, rows: Iterable[UserRow]) -> None:
        """Keep what the server says of a viewer; what it says is played is watched for ever."""
        for every in batched(rows, _MARKS, strict=False):
            await self._store.userdata.take(viewer_id, every)
            some = [row for row in every if row.played]
            if not some:
                continue
            ids = [row.item_id for row in some]
            items = await self._store.library.find_many(ids, self._server_id)
            marks = [self._mark(row, items.get(row.item_id)) for row in some]
            await self._store.watched.mark(viewer_id, marks)

    def _mark(self, row: UserRow, item: LibraryItem | None) -> WatchedMark:
        """Mark what was played; an item that the library does not know yet by its id alone."""
        keys = (f"item:{self._server_id}:{row.item_id}",) if item is None else item.keys
        return WatchedMark(keys, row.item_id, row.last_played, MarkSource.JELLYFIN)

    async def new_plays(self, viewer_id: str, now: datetime) -> None:
        """Read what a viewer played since the last read: one small page when it is little."""
        userdata = self._store.userdata
        state = await userdata.state(viewer_id)
        if state.read_at is None:
            return
        since, start = state.read_at - _OVERLAP, 0
        for _ in range(_NEW_PAGES):
            page = await self._client.last_played(viewer_id, start, _PLAYED_PAGE)
            new = [
                row for row in page.rows if row.last_played is not None and row.last_played >= since
            ]
            await self.take_rows(viewer_id, new)
            if len(new) < _PLAYED_PAGE:
                await userdata.keep_state(viewer_id, replace(state, read_at=now))
                return
            start += _PLAYED_PAGE
        raise Unreadable(PRODUCT, say("error_more_was_played_than_can_read"))


class SurplusRead(Unreadable):
    """A listing was read to its end, and the server counts more than it lists."""


class Listing[T]:
    """A listing that is read page by page. Both methods raise Unreadable when it is not whole.

    `total` is None, or how many rows the server counts where it lists fewer, also when it is asked
    for what comes behind its last row. `mark` is the same for the same rows.
    """

    def __init__(
        self, ask: Callable[[Progress], Awaitable[_Page[T]]], most: int = _MOST_PAGES
    ) -> None:
        """Take what asks for a page, and after how many of them no end is expected any more."""
        self._ask = ask
        self._most = most
        self._progress = Progress(PAGE)
        self.total: int | None = None
        self.mark = 0

    async def pages(self) -> AsyncGenerator[_Page[T]]:
        """Read to the end."""
        count = 0
        while not self._progress.done and self.total is None:
            if count >= self._most:
                raise Unreadable(PRODUCT, say("error_list_never_ends"))
            count += 1
            try:
                page = await self._next()
            except HalfRead as err:
                raise Unreadable(PRODUCT, err.said) from None
            yield page

    def check(self, met: int) -> None:
        """Insist that as many different rows were met as there are."""
        try:
            self._progress.check(met)
        except HalfRead as err:
            raise Unreadable(PRODUCT, err.said) from None

    async def _next(self) -> _Page[T]:
        """Read the next page; where the list moved, look for our place further up."""
        asked = self._progress
        try:
            page, fresh = await self._advance(asked)
        except Moved:
            page, fresh = await self._advance(asked.back())
        for one in fresh:
            # Whatever their order: a server may sort by what changes.
            self.mark ^= int.from_bytes(blake2b(one.encode(), digest_size=8).digest())
        return page

    async def _advance(self, asked: Progress) -> tuple[_Page[T], Sequence[str]]:
        """Read a page and go on; give it and its new rows. Raises HalfRead."""
        asked, page = await self._patiently(asked)
        try:
            self._progress, fresh = advance(asked, page.ids, page.total)
        except ShortPage as err:
            if page.total is None:
                # It ends before the end was expected: have it counted.
                return await self._advance(replace(asked, total=None))
            _, behind = await self._patiently(replace(asked, start=err.end, total=None))
            if behind.ids or behind.total != page.total:
                raise
            self.total, fresh = page.total, err.fresh
        return page, fresh

    async def _patiently(self, asked: Progress) -> tuple[Progress, _Page[T]]:
        """Ask for a page, again where none came: what was read before it shall not be for nothing.

        Give what was asked for in the end. Raises ServiceError.
        """
        for tries, pause in enumerate(PAUSES):
            try:
                return asked, await self._ask(asked)
            except TlsFailed, Blocked:
                raise
            except Unreachable as err:
                if asked.start == 0:
                    raise  # nothing was read yet: that can wait for its turn
                _LOGGER.log(
                    logging.WARNING if tries else logging.INFO,
                    "A list of the library stands still at row %s: %s. Asking again from there",
                    asked.start,
                    err,
                )
            await asyncio.sleep(pause)
            asked = replace(asked, limit=max(min(asked.limit, _LEAST), asked.limit // 2))
        return asked, await self._ask(asked)


class _Ends:
    """How the listings of one read ended: whole, or short of what the server counts."""

    def __init__(self) -> None:
        """Begin."""
        self._met = self._total = 0
        self._marks: list[int] = []
        self._short = False

    def add(self, listing: Listing[Any], met: int) -> None:
        """Take in one that was read to its end. Raises Unreadable when it is not proven whole."""
        if listing.total is None:
            listing.check(met)
        self._short |= listing.total is not None
        self._met += met
        self._total += met if listing.total is None else listing.total
        self._marks.append(listing.mark)

    def surplus(self, now: datetime) -> Surplus | None:
        """Give what the server counts and does not list; None when all was read."""
        if not self._short:
            return None
        mark = "-".join(f"{one:016x}" for one in self._marks)
        return Surplus(self._met, self._total, mark, now)


async def _with_surplus(
    keep: Callable[[ReadState], Awaitable[None]],
    state: ReadState,
    now: datetime,
    counts: Mapping[str, int],
    surplus: Surplus,
) -> ReadState:
    """Keep what such a read is worth. Raises SurplusRead while it is in doubt."""
    after = state.read_with_surplus(now, counts, surplus)
    await keep(after)
    if after.unknown_since is not None:
        raise SurplusRead(PRODUCT, surplus.reason)
    return after


def _counts(rows: Iterable[UserRow]) -> dict[str, int]:
    counts = Counter(played=0, favorites=0)
    for row in rows:
        counts["played"] += row.played
        counts["favorites"] += row.favorite
    return dict(counts)


async def _note(keep: Callable[[ReadState], Awaitable[None]], state: ReadState) -> None:
    """Say that a sweep failed, if that can be said at all."""
    try:
        await keep(state)
    except StoreError:
        return
