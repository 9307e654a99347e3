"""Whether what somebody says is gone is still there: Jellyfin is asked at once, and once more.

An arr that has lost a file by two of its own reads, and Jellyfin's webhook, only hint (law 13). A
request closes when two healthy looks at Jellyfin miss its units, and its arr, where it has one, has
no file of them either; the night's sweeps find what nobody hinted at.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError
from ..clients.jellyfin_library import EVERYTHING
from ..domain.fall import sudden_fall
from ..domain.knowledge import Known, Unknown
from ..domain.library import ItemKind, LibraryItem
from ..domain.media import MediaType, Place, TitleKey
from ..domain.requests.facts import Inventory, JellyfinPresence
from ..domain.requests.report import About, Report
from ..domain.requests.request import Request
from ..domain.requests.showing import Wanted, seen
from ..domain.text import say
from ..store import RequestRow, Store, StoreError
from ..waking import woken
from .requests import RequestTracker
from .server import LibraryServer

_LOGGER = logging.getLogger(__name__)

# Between two looks: where an arr has lost the file, too, and where Jellyfin alone would know.
AGAIN: Final = timedelta(seconds=20)
LATER: Final = timedelta(minutes=10)
# Jellyfin takes a minute and more to notice; after so many looks it is left to the night's sweep.
_LOOKS: Final = 12
# So many are looked at in a round, and so many hints and doubts are held.
AT_ONCE: Final = 5
_MOST: Final = 100
_COLLECT: Final = 1.0


@dataclass(slots=True)
class _Doubt:
    """A request that may be gone: when to look, and how often still."""

    due: datetime
    left: int = _LOOKS


class Losses:
    """Looks for the units of requests that may be gone. `present` asks Jellyfin for them."""

    def __init__(
        self,
        server: LibraryServer,
        store: Store,
        requests: RequestTracker,
        *,
        present: Callable[[Request, Sequence[Wanted]], Awaitable[frozenset[Place]]],
        has_files: Callable[[Request, Collection[Place]], Awaitable[bool]],
        max_drop: Callable[[], float],
    ) -> None:
        """Take everything by hand. `has_files` asks its arr; `max_drop` is law 9's limit."""
        self._server = server
        self._client = server.library
        self._store = store
        self._server_id = server.server_id
        self._requests = requests
        self._present = present
        self._has_files = has_files
        self._max_drop = max_drop
        self._wake = asyncio.Event()
        self._items: set[str] = set()
        self._doubts: dict[str, _Doubt] = {}

    # -- what comes in ---------------------------------------------------------------------------

    def hint(self, item_id: str) -> None:
        """Take in the id of an item that Jellyfin's webhook says is gone."""
        if len(self._items) < _MOST:
            self._items.add(item_id)
            self._wake.set()

    def doubt(self, request_id: str) -> None:
        """Take in a request whose files its arr has lost."""
        if len(self._doubts) < _MOST and request_id not in self._doubts:
            self._doubts[request_id] = _Doubt(dt_util.utcnow())
            self._wake.set()

    # -- looking ---------------------------------------------------------------------------------

    async def work(self) -> None:
        """Look for as long as the entry is loaded."""
        while True:
            await self._wait()
            self._wake.clear()
            try:
                await self.look(dt_util.utcnow())
            except (ServiceError, StoreError) as err:
                _LOGGER.debug("Could not look for what is said to be gone: %s", err)
                self._put_off(self._doubts)

    async def _wait(self) -> None:
        """Wait for a hint, or until something is due."""
        due = min((one.due for one in self._doubts.values()), default=None)
        left = None if due is None else max(0.0, (due - dt_util.utcnow()).total_seconds())
        if await woken(self._wake, left):
            # Several things that go at once are one look.
            await asyncio.sleep(_COLLECT)

    async def look(self, now: datetime) -> None:
        """Look once for what is due. Raises ServiceError, StoreError."""
        items, self._items = self._items, set()
        for request_id in await self._meant(items):
            self.doubt(request_id)
        open_ = self._requests.views
        self._doubts = {one: doubt for one, doubt in self._doubts.items() if one in open_}
        due = [one for one, doubt in self._doubts.items() if doubt.due <= now][:AT_ONCE]
        if not due:
            return
        if not self._server.connected or not await self._is_healthy():
            self._put_off(due)
            return
        for request_id in due:
            await self._look_for(request_id)

    def _put_off(self, requests: Iterable[str]) -> None:
        for request_id in requests:
            self._doubts[request_id].due = dt_util.utcnow() + AGAIN

    async def _meant(self, items: Iterable[str]) -> set[str]:
        """Find the requests that items are of, by what the library knows of these."""
        known = await self._store.library.find_many(tuple(items), self._server_id)
        return {
            view.request.id
            for item in known.values()
            if (title := _title(item)) is not None
            for view in self._requests.about(title)
        }

    async def _is_healthy(self) -> bool:
        """Tell whether Jellyfin has about as much as it had (law 9). Raises ServiceError."""
        had = sum((await self._store.library.counts()).values())
        page = await self._client.items(self._server_id, EVERYTHING, 0, 1, count=True)
        now = (
            Unknown(say("it_does_not_count"), "jellyfin")
            if page.total is None
            else Known(page.total)
        )
        return not sudden_fall(had, now, self._max_drop())

    async def _look_for(self, request_id: str) -> None:
        """Look for one request, and report what was there and is not."""
        doubt = self._doubts[request_id]
        row = await self._store.requests.get(request_id)
        before = {} if row is None else seen(row.facts)
        doubt.left -= 1
        if row is None or not before or doubt.left <= 0:
            del self._doubts[request_id]
            return
        units = [Wanted(row.request, one, None, _path(row, one), matched=True) for one in before]
        there = await self._present(row.request, units)
        at = dt_util.utcnow()
        missed = [place for place in before if place not in there]
        if missed and await self._has_files(row.request, missed):
            missed = []  # Jellyfin is blind: who owns the files has them
        presences = [JellyfinPresence(place, at, seen=False) for place in missed]
        presences += [
            JellyfinPresence(place, at, seen=True) for place in there if not before[place]
        ]
        if presences:
            await self._requests.ingest([Report(About(ref=row.request.ref), tuple(presences))])
        lost = [place for place in before if _is_lost(row, place)]
        if not missed and not lost:
            del self._doubts[request_id]
            return
        # Without an arr's word a moment may be no more than a folder that is mounted anew.
        doubt.due = at + (AGAIN if lost else LATER)


def _title(item: LibraryItem) -> TitleKey | None:
    if item.kind is ItemKind.EPISODE:
        return TitleKey(MediaType.SERIES, item.series_ids) if item.series_ids else None
    media = MediaType.MOVIE if item.kind is ItemKind.MOVIE else MediaType.SERIES
    return TitleKey(media, item.ids) if item.ids else None


def _inventory(row: RequestRow, place: Place) -> Inventory | None:
    return next((f for f in row.facts if isinstance(f, Inventory) and f.place == place), None)


def _path(row: RequestRow, place: Place) -> str:
    known = _inventory(row, place)
    return "" if known is None else known.path


def _is_lost(row: RequestRow, place: Place) -> bool:
    """Tell whether two reads of the arr in a row have found no file."""
    known = _inventory(row, place)
    return known is not None and not known.has_file and known.before is not None
