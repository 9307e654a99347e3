"""Playback reports from any source become viewings, once each, and survive restarts.

Socket, poll and webhook end in `ingest`. The fold is `domain.watching`; this keeps its state,
stores what it finds and tells the rest. Users who are not tracked leave no trace: their reports
are dropped, or, where guests may trigger downloads, folded in memory only and never stored. Of a
viewer who is paused nothing is noticed at all.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
import logging
from typing import Final, Protocol

from homeassistant.util import dt as dt_util

from ..domain.media import Unit, UnitKind
from ..domain.schedule import is_due
from ..domain.watching import (
    REMEMBERED,
    Change,
    ChangeKind,
    Past,
    PlaybackReport,
    ReportKind,
    Tracker,
    Viewing,
    WatchPolicy,
    expire,
    fold,
    is_new,
    leave,
    recall,
    with_known_unit,
)
from ..signals import Signals, Topic
from ..store import Saved, Store, StoreError, Write

_LOGGER = logging.getLogger(__name__)

# What is open changes every second, what is over seldom, and it is much more.
_TRACKER_KEY: Final = "tracker"
_RECENT_KEY: Final = "tracker_recent"
_SAVE_EVERY: Final = timedelta(seconds=15)
# For how long an answer of the library is believed, and for how long that it had none.
_KNOWN_FOR: Final = timedelta(hours=1)
_UNKNOWN_FOR: Final = timedelta(minutes=5)
_UNITS: Final = 500
# How much may wait for a database that can't be used.
_WAITING: Final = 1000


class WatchSettings(Protocol):
    """What the entry's options and viewers say about watching."""

    def policy(self, user_id: str) -> WatchPolicy:
        """Give the thresholds that hold for a viewer."""
        ...

    def tracked(self, user_id: str) -> bool:
        """Tell whether a viewer is tracked now."""
        ...

    def paused(self, user_id: str) -> bool:
        """Tell whether a viewer is not to be noticed for now."""
        ...

    @property
    def guests(self) -> bool:
        """Tell whether plays of others may lead to a decision."""
        ...


type ViewingListener = Callable[[Viewing, bool], Awaitable[None]]
type CompletionListener = Callable[[Viewing], Awaitable[None]]
type Enricher = Callable[[Unit], Awaitable[Unit]]
type RuntimeSource = Callable[[Unit], Awaitable[float | None]]


@dataclass(slots=True)
class _Due:
    """What was found and is not told yet; `saved` once it is stored."""

    change: Change
    tracked: bool
    saved: Saved | None = None


def local_day(at: datetime) -> date:
    """Give Home Assistant's calendar day of an instant."""
    return dt_util.as_local(at).date()


class PlaybackTracker:
    """Folds reports into viewings for one Jellyfin server."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        settings: WatchSettings,
        enrich: Enricher | None = None,
    ) -> None:
        """Begin empty; `load` brings back what was open before a restart.

        `enrich` adds the ids that the library knows to a unit: a report of an episode names its
        series by the server's own id only.
        """
        self._store = store
        self._signals = signals
        self._settings = settings
        self.enrich = enrich
        # Asked for the runtime (seconds) of what is reported without one.
        self.runtime_of: RuntimeSource | None = None
        self._units: dict[Unit, tuple[Unit, datetime]] = {}
        self._runtimes: dict[Unit, tuple[float | None, datetime]] = {}
        self._tracker = Tracker()
        self._guests = Tracker()
        self._due: deque[_Due] = deque(maxlen=_WAITING)
        self._lock = asyncio.Lock()
        self._listeners: list[ViewingListener] = []
        self._completions: list[CompletionListener] = []
        self._saved_at: datetime | None = None
        self._saved_recent: tuple[Past, ...] | None = None
        self._listed: dict[int, tuple[Past, list[object]]] = {}

    def on_viewing(self, listener: ViewingListener) -> None:
        """Call `listener(viewing, tracked)` after a viewing was stored or updated."""
        self._listeners.append(listener)

    def on_completed(self, listener: CompletionListener) -> None:
        """Call `listener(viewing)` once for every completed viewing of a tracked viewer."""
        self._completions.append(listener)

    async def load(self) -> None:
        """Take up the films that were playing when Home Assistant stopped."""
        state = await self._store.kv.get(_TRACKER_KEY)
        recent = await self._store.kv.get(_RECENT_KEY)
        if not isinstance(state, Mapping):
            return
        # The first release kept both in one.
        state = {**state, **(recent if isinstance(recent, Mapping) else {})}
        try:
            tracker = await asyncio.to_thread(Tracker.from_dict, state)
        except (KeyError, TypeError, ValueError) as err:
            _LOGGER.warning("Forgetting what was playing: the record is unreadable (%s)", err)
            return
        self._tracker = replace(
            tracker,
            open=tuple(one for one in tracker.open if self._is_viewer(one.viewer_id)),
            recent=tuple(one for one in tracker.recent if self._is_viewer(one.viewing.viewer_id)),
        )

    @property
    def lost_after(self) -> float:
        """For how many seconds a client may be silent."""
        return self._settings.policy("").lost_after

    def completion(self, user_id: str) -> float:
        """Say at how many percent a play of somebody counts."""
        return self._settings.policy(user_id).completion

    def _is_viewer(self, user_id: str) -> bool:
        return self._settings.tracked(user_id) or self._settings.paused(user_id)

    async def ingest(self, reports: Iterable[PlaybackReport], now: datetime) -> None:
        """Take in reports of any source, in order of arrival, and close what was lost."""
        async with self._lock:
            urgent = self._let_go()
            for report in reports:
                urgent |= await self._one(report, now)
            before = self._tracker
            everybody = self._settings.policy("")
            self._tracker, changes = expire(self._tracker, now, everybody, local_day)
            self._guests, guest_changes = expire(self._guests, now, everybody, local_day)
            self._note(changes, tracked=True)
            self._note(guest_changes, tracked=False)
            urgent |= self._tracker is not before and bool(changes)
            kept = await self._keep()
            await self._work_off()
            if not kept:
                await self._save(now, urgent=urgent)

    async def let_go(self) -> None:
        """Close at once what viewers play who were paused a moment ago: until here it is kept."""
        async with self._lock:
            if self._let_go():
                kept = await self._keep()
                await self._work_off()
                if not kept:
                    await self._save(dt_util.utcnow(), urgent=True)

    def _let_go(self) -> bool:
        """Take leave of everybody who is not tracked any more; tell whether there was anybody."""
        gone = {s.viewer_id for s in self._tracker.open if not self._settings.tracked(s.viewer_id)}
        for user_id in gone:
            self._tracker, changes = leave(self._tracker, user_id, self._settings.policy(user_id))
            if self._settings.paused(user_id):
                self._note(changes, tracked=True)
        if self._guests.open:
            for user_id in {s.viewer_id for s in self._guests.open}:
                if self._settings.paused(user_id) or not self._settings.guests:
                    self._guests, _ = leave(self._guests, user_id, self._settings.policy(user_id))
        return bool(gone)

    async def _one(self, report: PlaybackReport, now: datetime) -> bool:
        """Fold one report; tell whether the state must be saved at once."""
        user_id = report.user_id
        if report.is_theme or self._settings.paused(user_id):
            return False
        policy = self._settings.policy(user_id)
        report = with_known_unit(self._tracker, report)
        if self._settings.tracked(user_id):
            report = await self._measured(await self._enriched(report, now), now)
            await self._recall(report)
            self._tracker, changes = fold(self._tracker, report, policy, local_day)
            self._note(changes, tracked=True)
            return bool(changes) or report.kind is not ReportKind.PROGRESS
        if self._settings.guests:
            self._guests, changes = fold(self._guests, report, policy, local_day)
            self._note(changes, tracked=False)
        return False

    async def _recall(self, report: PlaybackReport) -> None:
        """Ask the history for what is taken up, when a big household's plays have pushed it out."""
        if not is_new(self._tracker, report):
            return
        try:
            earlier = await self._store.viewings.last_of(
                report.user_id, report.unit, report.at - REMEMBERED
            )
        except StoreError as err:
            _LOGGER.debug("Beginning anew, the history can't be asked: %s", err)
            return
        if earlier is not None:
            self._tracker = recall(self._tracker, earlier)

    async def _enriched(self, report: PlaybackReport, now: datetime) -> PlaybackReport:
        """Add what the library knows of the unit; without it things go on as they are."""
        if self.enrich is None:
            return report
        unit = report.unit
        known = self._units.get(unit)
        if known is None or now >= known[1]:
            better = await self.enrich(unit)
            whole = better.ids and (better.kind is UnitKind.MOVIE or better.series_ids)
            known = better, now + (_KNOWN_FOR if whole else _UNKNOWN_FOR)
            _keep(self._units, unit, known)
        return report if known[0] == unit else replace(report, unit=known[0])

    async def _measured(self, report: PlaybackReport, now: datetime) -> PlaybackReport:
        """Add the runtime from elsewhere where the server does not know it."""
        if report.runtime is not None or self.runtime_of is None:
            return report
        known = self._runtimes.get(report.unit)
        if known is None or now >= known[1]:
            runtime = await self.runtime_of(report.unit)
            known = runtime, now + (_UNKNOWN_FOR if runtime is None else _KNOWN_FOR)
            _keep(self._runtimes, report.unit, known)
        return report if known[0] is None else replace(report, runtime=known[0])

    def _note(self, changes: Iterable[Change], *, tracked: bool) -> None:
        self._due.extend(_Due(change, tracked) for change in changes)

    async def _work_off(self) -> None:
        """Store and tell what was found, in order.

        The fold has gone on already: what the database does not take now, or what we are stopped
        in the middle of, stays due.
        """
        while self._due:
            one = self._due[0]
            try:
                await self._apply(one)
            except StoreError, asyncio.CancelledError:
                raise
            except BaseException:
                self._due.popleft()  # it would never end otherwise
                raise
            self._due.popleft()

    async def _keep(self) -> bool:
        """Store all that is due, and what is open now, at once: with one sync, or not at all.

        Tells whether it is stored. If not, each has its turn by itself: one that the database does
        not take costs no other.
        """
        due = [
            one
            for one in self._due
            if one.saved is None and one.tracked and one.change.kind is not ChangeKind.STARTED
        ]
        if not due:
            return False
        recent = self._tracker.recent
        saving = [self._store.viewings.to_save(one.change.viewing) for one in due]
        try:
            became = await self._store.together(*saving, *self._to_put())
        except Exception as err:  # noqa: BLE001  whatever it is, it is one of them that it is about
            _LOGGER.debug("Storing what was played one by one: %s", err)
            await self._keep_each(due)
            return False
        for one, (saved, _) in zip(due, became[: len(due)], strict=True):
            one.saved = saved
        self._saved_at, self._saved_recent = dt_util.utcnow(), recent
        return True

    async def _keep_each(self, due: Sequence[_Due]) -> None:
        """Store each by itself; whoever is not stored has another turn when it is told."""
        saving = (self._store.viewings.save(one.change.viewing) for one in due)
        became = await asyncio.gather(*saving, return_exceptions=True)
        for one, saved in zip(due, became, strict=True):
            if isinstance(saved, BaseException):
                _LOGGER.debug("Not stored yet: %s", saved)
            else:
                one.saved = saved

    def _is_followed(self, one: _Due) -> bool:
        """Tell whether more of the same viewing is due: then that is told."""
        key = one.change.viewing.key
        kept = (later for later in self._due if later is not one and later.saved is not None)
        return any(later.change.viewing.key == key for later in kept)

    async def _apply(self, one: _Due) -> None:
        change, viewing = one.change, one.change.viewing
        if not one.tracked:
            if change.kind is not ChangeKind.STARTED:
                await self._tell(viewing, tracked=False)
            return
        completed = change.kind is ChangeKind.COMPLETED
        if change.kind is not ChangeKind.STARTED:
            saved = one.saved = one.saved or await self._store.viewings.save(viewing)
            viewing = saved.viewing
            if not self._is_followed(one):
                await self._tell(viewing, tracked=True)
            if saved.newly_completed:
                await self._completed(viewing, announced=completed and not change.correction)
        if completed and not viewing.counts:
            return  # until Jellyfin has confirmed it
        if not change.correction:
            self._signals.send(Topic.PLAYBACK, change.kind.value, playback_attributes(viewing))

    async def _completed(self, viewing: Viewing, *, announced: bool) -> None:
        for listener in self._completions:
            await listener(viewing)
        if not announced:
            self._signals.send(
                Topic.PLAYBACK, ChangeKind.COMPLETED.value, playback_attributes(viewing)
            )

    async def confirm(self, viewing: Viewing, *, tracked: bool) -> None:
        """Let a viewing count that only a webhook told: Jellyfin has confirmed it.

        Its unit and runtime are those that Jellyfin has told with that.
        """
        async with self._lock:
            unit = viewing.unit if self.enrich is None else await self.enrich(viewing.unit)
            confirmed = replace(viewing, unit=unit).borne_out
            if self._settings.tracked(viewing.viewer_id) is not tracked:
                return
            if not tracked:
                await self._tell(confirmed, tracked=False)
                return
            saved = await self._store.viewings.save(confirmed)
            await self._tell(saved.viewing, tracked=True)
            if saved.newly_completed:
                await self._completed(saved.viewing, announced=False)

    async def _tell(self, viewing: Viewing, *, tracked: bool) -> None:
        for listener in self._listeners:
            await listener(viewing, tracked)

    async def _save(self, now: datetime, *, urgent: bool) -> None:
        """Keep the open films: at once when something happened, else now and then."""
        if urgent or (is_due(self._saved_at, now, _SAVE_EVERY) and self._tracker.open):
            self._saved_at = now
            await self._put()

    async def save(self) -> None:
        """Keep what was found and what is open (at unload), as far as the database takes it."""
        async with self._lock:
            try:
                await self._work_off()
                await self._put()
            except StoreError as err:
                _LOGGER.warning("Could not keep what was playing: %s", err)

    async def _put(self) -> None:
        """Write down what is open and, where that is new, what is over."""
        recent = self._tracker.recent
        await self._store.together(*self._to_put())
        self._saved_recent = recent

    def _to_put(self) -> list[Write[None]]:
        kv, recent = self._store.kv, self._tracker.recent
        writes = [kv.to_put(_TRACKER_KEY, {"open": self._tracker.open_list()})]
        if recent is not self._saved_recent:
            writes.append(kv.to_put(_RECENT_KEY, {"recent": self._recent_list(recent)}))
        return writes

    def _recent_list(self, recent: tuple[Past, ...]) -> list[object]:
        """Write what is over as JSON: only one or two of hundreds are new since the last time."""
        before = self._listed
        self._listed = {id(past): before.get(id(past)) or (past, past.as_list()) for past in recent}
        return [written for _, written in self._listed.values()]


def _keep[T](known: dict[Unit, T], unit: Unit, found: T) -> None:
    """Keep an answer, and not too many of them."""
    known.pop(unit, None)
    while len(known) >= _UNITS:
        del known[next(iter(known))]
    known[unit] = found


def playback_attributes(viewing: Viewing) -> dict[str, object]:
    """Give what an event says of a viewing: small and flat."""
    return {
        "viewer_id": viewing.viewer_id,
        "title": viewing.unit.label,
        "media": viewing.unit.kind.value,
        "device": viewing.device,
        "client": viewing.client,
        "play_method": viewing.play_method,
        "percent": viewing.rounded_percent,
        "watched_seconds": round(viewing.watched),
        "completed": viewing.counts,
    }
