"""When we look at Jellyfin's library: a whole sweep every night, increments in between.

The rest asks here, too, what an item is. What can't be known is Unknown; what the
server says is gone is Absent. An idle household costs two small requests every ten minutes,
however many viewers it has.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
import logging
import random
import time
from typing import Final, Protocol

from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError
from ..clients.jellyfin_library import MOST_IDS, Query
from ..clients.jellyfin_webhook import UserDataSaved
from ..domain.fall import Fall, FallBusy
from ..domain.knowledge import Absent, Knowledge, Known, Unknown
from ..domain.library import NO_TITLE, ItemKind, LibraryItem, MarkSource, WatchedMark
from ..domain.media import ProviderIds, Unit, UnitKind, normalize_guid
from ..domain.sweep import DAY, sweep_due
from ..domain.text import Words
from ..store import Store, StoreError
from .library_sweep import Sweeper
from .server import LibraryServer

_LOGGER = logging.getLogger(__name__)

# After the start others come first.
SETTLE: Final = timedelta(seconds=20)
EVERY: Final = timedelta(minutes=10)
# So long it may be in doubt before anybody has to know.
LONG: Final = timedelta(hours=2)
_DOWN: Final = timedelta(seconds=30)
_RETRY: Final = (timedelta(minutes=2), EVERY, timedelta(minutes=30), timedelta(hours=2))
# Between half past one and half past three: before the jobs of the night.
_NIGHT: Final = timedelta(hours=1, minutes=30)
_SPREAD: Final = 2 * 3600
_ACTIVE_OVERLAP: Final = timedelta(minutes=15)
_QUICK: Final = 3.0
_CACHED: Final = 512
_MISSED_FOR: Final = 60.0
_NOT_A_MARK: Final = frozenset({"playbackprogress", "playbackstart"})
_SOURCE: Final = "jellyfin"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not known, since when and why: the library, or what is kept of a viewer."""

    viewer_id: str
    since: datetime
    why: Words


class LibrarySettings(Protocol):
    """What the settings say at any time."""

    def tracked_viewers(self) -> Collection[str]:
        """Name the viewers who are tracked now."""

    def max_drop(self) -> float:
        """Give law 9's limit in percent."""


class LibraryReader:
    """Keeps the store's library and the viewers' data up to date. Never two sweeps at once."""

    def __init__(
        self,
        server: LibraryServer,
        store: Store,
        settings: LibrarySettings,
    ) -> None:
        """Take the server, the store, and what the settings say at any time."""
        self._server = server
        self._client = server.library
        self._store = store
        self._server_id = server.server_id
        self._viewers = settings.tracked_viewers
        self._max_drop = settings.max_drop
        self._sweeper = Sweeper(server.library, store, server.server_id)
        self._lock = asyncio.Lock()
        self._jitter = timedelta(seconds=random.uniform(0, _SPREAD))  # noqa: S311
        self._failures = 0
        self._sweep_not_before: datetime | None = None
        self._series: OrderedDict[str, ProviderIds] = OrderedDict()
        self._missed: dict[str, float] = {}
        self.last_error = ""
        # Called after each look, whatever came of it.
        self.on_looked: list[Callable[[], Awaitable[None]]] = []

    # -- looking -----------------------------------------------------------------------------------

    async def work(self) -> None:
        """Look for as long as the entry is loaded."""
        await asyncio.sleep(SETTLE.total_seconds())
        while True:
            if not self._server.connected:
                await asyncio.sleep(_DOWN.total_seconds())
                continue
            await self.look()
            await self._tell_looked()
            await asyncio.sleep(EVERY.total_seconds() * random.uniform(0.9, 1.1))  # noqa: S311

    async def look(self) -> None:
        """Do what is due now: sweeps, or increments. What fails is noted, and tried again later."""
        now = dt_util.utcnow()
        try:
            items, viewers = await self._due(now)
            waiting = self._sweep_not_before is not None and now < self._sweep_not_before
            if (items or viewers) and not waiting:
                await self.sweep(now, items=items, viewers=viewers)
                self._failures, self._sweep_not_before = 0, None
            else:
                async with self._lock:
                    await self._increments(now)
        except (ServiceError, StoreError) as err:
            self._failed(now, err)
        else:
            self.last_error = ""

    def _failed(self, now: datetime, err: Exception) -> None:
        self._sweep_not_before = now + _RETRY[min(self._failures, len(_RETRY) - 1)]
        self._failures += 1
        if str(err) != self.last_error:
            _LOGGER.warning(
                "Jellyfin's library could not be read, it stays as it was until %s: %s",
                dt_util.as_local(self._sweep_not_before).strftime("%H:%M"),
                err,
            )
        self.last_error = str(err)

    async def sweep(
        self,
        now: datetime | None = None,
        *,
        items: bool = True,
        viewers: Collection[str] | None = None,
    ) -> None:
        """Read it all: what there is, and what is kept of the viewers (None: of all of them).

        One viewer's failure is not another's; the first one is raised in the end.
        Raises ServiceError, StoreError.
        """
        now = now or dt_util.utcnow()
        failure: Exception | None = None
        async with self._lock:
            if items:
                await self._sweeper.sweep_items(now, self._max_drop())
                self._series.clear()
            for viewer_id in tuple(self._viewers() if viewers is None else viewers):
                if viewer_id not in self._viewers():
                    continue  # paused while others were read
                try:
                    await self._sweeper.sweep_viewer(viewer_id, now, self._max_drop())
                except ServiceError as err:
                    failure = failure or err
        if failure is not None:
            raise failure

    async def sweep_now(self) -> None:
        """Read it all because somebody asked for it. Raises ServiceError, StoreError."""
        try:
            await self.sweep()
        finally:
            await self._tell_looked()

    async def _tell_looked(self) -> None:
        for listener in self.on_looked:
            await listener()

    async def doubts(self, now: datetime) -> tuple[Doubt, ...]:
        """Say what has been in doubt for long, or counts more than it lists. Raises StoreError.

        A fall is told apart from these: a person can say that it is meant.
        """
        states = [("", await self._store.library.state())]
        states += [(one, await self._store.userdata.state(one)) for one in self._viewers()]
        return tuple(
            Doubt(viewer_id, since, state.reason)
            for viewer_id, state in states
            if (since := state.unknown_since) is not None
            and not state.is_fallen
            and (state.surplus is not None or now - since >= LONG)
        )

    async def falls(self) -> Mapping[str, Fall]:
        """Give the falls that wait, by viewer; the library's own under "". Raises StoreError."""
        states = {"": await self._store.library.state()}
        states |= {one: await self._store.userdata.state(one) for one in self._viewers()}
        return {one: fall for one, state in states.items() if (fall := state.fall) is not None}

    async def accept(self, viewer_id: str, mark: str) -> None:
        """Take over a fall that a person has confirmed. Raises FallMoved, FallBusy, StoreError."""
        if self._lock.locked():
            raise FallBusy
        async with self._lock:
            if viewer_id:
                await self._sweeper.accept_viewer(viewer_id, mark)
            else:
                await self._sweeper.accept_items(mark)
                self._series.clear()
        await self._tell_looked()

    async def _due(self, now: datetime) -> tuple[bool, tuple[str, ...]]:
        """Say what is due for a sweep: the items, and of which viewers."""
        night = self._night(now)
        items = sweep_due(await self._store.library.state(), now, night)
        viewers = [
            viewer_id
            for viewer_id in tuple(self._viewers())
            if sweep_due(await self._store.userdata.state(viewer_id), now, night)
        ]
        return items, tuple(viewers)

    def _night(self, now: datetime) -> datetime:
        """Give the last of the appointed hours that has passed, in Home Assistant's own time."""
        tonight = dt_util.start_of_local_day(now) + _NIGHT + self._jitter
        return tonight if tonight <= now else tonight - DAY

    async def _increments(self, now: datetime) -> None:
        await self._sweeper.new_items(now)
        viewers = set(self._viewers())
        if not viewers:
            return
        active = await self._client.active_at()
        for viewer_id in viewers:
            state = await self._store.userdata.state(viewer_id)
            last = active.get(viewer_id)
            idle = last is not None and state.read_at is not None
            if idle and last + _ACTIVE_OVERLAP < state.read_at:  # type: ignore[operator]
                # Nobody was there: nothing was played. Tools that set marks are for the night.
                continue
            await self._sweeper.new_plays(viewer_id, now)

    # -- asking ------------------------------------------------------------------------------------

    async def lookup(self, item_ids: Collection[str]) -> Mapping[str, Knowledge[LibraryItem]]:
        """Say what items are: from the store, else from Jellyfin, at most 100 in a request."""
        found: dict[str, Knowledge[LibraryItem]] = {}
        try:
            known = await self._store.library.find_many(item_ids, self._server_id)
        except StoreError as err:
            return {one: Unknown(err.said, "store") for one in item_ids}
        found |= {one: Known(item, "library") for one, item in known.items()}
        missing = [one for one in dict.fromkeys(item_ids) if one not in found]
        for some in batched(missing, MOST_IDS, strict=False):
            found |= await self._ask(some)
        return found

    async def _ask(
        self, ids: Sequence[str], timeout: float | None = None
    ) -> dict[str, Knowledge[LibraryItem]]:
        asked = {one: guid for one in ids if (guid := normalize_guid(one)) is not None}
        found: dict[str, Knowledge[LibraryItem]] = {one: Absent(_SOURCE) for one in ids}
        if not asked:
            return found
        try:
            answer = await self._client.look_up(
                self._server_id, tuple(dict.fromkeys(asked.values())), timeout=timeout
            )
            listed = answer.items
            state = await self._store.library.state()
            await self._store.library.take(listed, state.sweep + 1)
            # From the store once more: there an episode has its series' ids.
            items = await self._store.library.find_many(
                [item.item_id for item in listed], self._server_id
            )
        except (ServiceError, StoreError) as err:
            return {one: Unknown(err.text, _SOURCE) for one in ids}
        found |= {one: Absent(NO_TITLE) for one, guid in asked.items() if guid in answer.others}
        return found | {
            one: Known(items[guid], _SOURCE) for one, guid in asked.items() if guid in items
        }

    async def enrich(self, unit: Unit) -> Unit:
        """Fill in what the library knows of a unit: its ids, its series', its place. Never raises.

        The server is asked only for a series that the library does not have, and not for long.
        """
        try:
            return await self._enriched(unit)
        except StoreError as err:
            _LOGGER.debug("Could not look a unit up: %s", err)
            return unit

    async def _enriched(self, unit: Unit) -> Unit:
        if unit.ids and (unit.kind is UnitKind.MOVIE or unit.series_ids):
            return unit
        item = await self._store.library.find(unit.item_id, unit.server_id)
        known = item.unit if item is not None else None
        if known is not None and known.kind is unit.kind:
            unit = _filled(unit, known)
        elif known is not None and not unit.ids:
            unit = known
        if unit.kind is UnitKind.MOVIE or unit.series_ids or unit.series_item_id is None:
            return unit
        return replace(unit, series_ids=await self._series_ids(unit.series_item_id))

    async def _series_ids(self, series_item_id: str) -> ProviderIds:
        if series_item_id in self._series:
            self._series.move_to_end(series_item_id)
            return self._series[series_item_id]
        if time.monotonic() < self._missed.get(series_item_id, 0.0):
            return ProviderIds()
        series = await self._store.library.find(series_item_id, self._server_id)
        if series is None:
            asked = (await self._ask((series_item_id,), _QUICK))[series_item_id]
            series = asked.value if isinstance(asked, Known) else None
        if series is None or series.kind is not ItemKind.SERIES:
            self._missed = {k: t for k, t in self._missed.items() if t > time.monotonic()}
            self._missed[series_item_id] = time.monotonic() + _MISSED_FOR
            return ProviderIds()
        self._series[series_item_id] = series.ids
        if len(self._series) > _CACHED:
            self._series.popitem(last=False)
        return series.ids

    # -- what is watched ---------------------------------------------------------------------------

    async def saved(self, message: UserDataSaved) -> None:
        """Take in a webhook about a viewer's data: what Jellyfin then says is played is watched.

        For ever, and so the webhook's own word is not enough. Raises ServiceError, StoreError.
        While something plays the flag is reset by some versions, so those messages say nothing.
        """
        reason = message.reason.replace(" ", "").lower()
        if not message.played or reason in _NOT_A_MARK or message.user_id not in self._viewers():
            return
        ids: Query = {"ids": message.unit.item_id}
        page = await self._client.of_user(message.user_id, ids, 0, 1, count=False)
        kept = next((row for row in page.rows if row.item_id == message.unit.item_id), None)
        if kept is not None and kept.played:
            unit = await self.enrich(message.unit.unverified)  # a webhook named it
            mark = WatchedMark(unit.keys, unit.item_id, kept.last_played, MarkSource.JELLYFIN)
            await self._store.watched.mark(message.user_id, (mark,))


def _filled(unit: Unit, known: Unit) -> Unit:
    """Fill the gaps of a unit from the same one in the library."""
    return replace(
        unit,
        ids=unit.ids.merged(known.ids),
        year=unit.year if unit.year is not None else known.year,
        series_item_id=unit.series_item_id or known.series_item_id,
        series_name=unit.series_name or known.series_name,
        series_ids=unit.series_ids.merged(known.series_ids),
        season=unit.season if unit.season is not None else known.season,
        episode=unit.episode if unit.episode is not None else known.episode,
    )
