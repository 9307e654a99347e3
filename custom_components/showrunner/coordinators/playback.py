"""Playback reports from any source become viewings, once each, and survive restarts.

Poll and webhook end in `ingest`. The fold is `domain.watching`; this keeps its state, stores what
it finds and tells the rest. Users who are not tracked leave no trace: their reports are dropped,
or, where guests may trigger downloads, folded in memory only and never stored.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
import logging
from typing import Final, Protocol

from homeassistant.util import dt as dt_util

from ..domain.watching import (
    Change,
    ChangeKind,
    PlaybackReport,
    ReportKind,
    Tracker,
    Viewing,
    WatchPolicy,
    expire,
    fold,
)
from ..signals import Signals, Topic
from ..store import Store

_LOGGER = logging.getLogger(__name__)

_TRACKER_KEY: Final = "tracker"
_SAVE_EVERY: Final = timedelta(seconds=15)


class WatchSettings(Protocol):
    """What the entry's options and viewers say about watching."""

    def policy(self, user_id: str) -> WatchPolicy:
        """Give the thresholds that hold for a viewer."""
        ...

    def tracked(self, user_id: str) -> bool:
        """Tell whether a viewer is tracked."""
        ...

    @property
    def guests(self) -> bool:
        """Tell whether plays of others may lead to a decision."""
        ...


type ViewingListener = Callable[[Viewing, bool], Awaitable[None]]


def local_day(at: datetime) -> date:
    """Give Home Assistant's calendar day of an instant."""
    return dt_util.as_local(at).date()


class PlaybackTracker:
    """Folds reports into viewings for one Jellyfin server."""

    def __init__(self, store: Store, signals: Signals, settings: WatchSettings) -> None:
        """Begin empty; `load` brings back what was open before a restart."""
        self._store = store
        self._signals = signals
        self._settings = settings
        self._tracker = Tracker()
        self._guests = Tracker()
        self._lock = asyncio.Lock()
        self._listeners: list[ViewingListener] = []
        self._saved_at: datetime | None = None

    def on_viewing(self, listener: ViewingListener) -> None:
        """Call `listener(viewing, tracked)` after a viewing was stored or updated."""
        self._listeners.append(listener)

    async def load(self) -> None:
        """Take up the films that were playing when Home Assistant stopped."""
        state = await self._store.kv.get(_TRACKER_KEY)
        if isinstance(state, Mapping):
            try:
                self._tracker = Tracker.from_dict(state)
            except (KeyError, TypeError, ValueError) as err:
                _LOGGER.warning("Forgetting what was playing: the record is unreadable (%s)", err)

    async def ingest(self, reports: Iterable[PlaybackReport], now: datetime) -> None:
        """Take in reports of any source, in order of arrival, and close what was lost."""
        async with self._lock:
            urgent = False
            for report in reports:
                urgent |= await self._one(report, now)
            before = self._tracker
            self._tracker, changes = expire(
                self._tracker, now, self._settings.policy(""), local_day
            )
            self._guests, guest_changes = expire(
                self._guests, now, self._settings.policy(""), local_day
            )
            for change in changes:
                await self._apply(change, tracked=True)
            for change in guest_changes:
                await self._apply(change, tracked=False)
            urgent |= self._tracker is not before and bool(changes)
            await self._save(now, urgent=urgent)

    async def _one(self, report: PlaybackReport, now: datetime) -> bool:
        """Fold one report; tell whether the state must be saved at once."""
        if report.is_theme:
            return False
        policy = self._settings.policy(report.user_id)
        if self._settings.tracked(report.user_id):
            self._tracker, changes = fold(self._tracker, report, policy, local_day)
            for change in changes:
                await self._apply(change, tracked=True)
            return bool(changes) or report.kind is not ReportKind.PROGRESS
        if self._settings.guests:
            self._guests, changes = fold(self._guests, report, policy, local_day)
            for change in changes:
                await self._apply(change, tracked=False)
        return False

    async def _apply(self, change: Change, *, tracked: bool) -> None:
        viewing = change.viewing
        if not tracked:
            if change.kind is not ChangeKind.STARTED:
                await self._tell(viewing, tracked=False)
            return
        if change.kind is not ChangeKind.STARTED:
            saved = await self._store.viewings.save(viewing)
            viewing = saved.viewing
            await self._tell(viewing, tracked=True)
        self._signals.send(Topic.PLAYBACK, change.kind.value, playback_attributes(viewing))

    async def _tell(self, viewing: Viewing, *, tracked: bool) -> None:
        for listener in self._listeners:
            await listener(viewing, tracked)

    async def _save(self, now: datetime, *, urgent: bool) -> None:
        """Keep the open films: at once when something happened, else now and then."""
        due = self._saved_at is None or now - self._saved_at >= _SAVE_EVERY
        if urgent or (due and self._tracker.open):
            self._saved_at = now
            await self._store.kv.put(_TRACKER_KEY, self._tracker.as_dict())

    async def save(self) -> None:
        """Keep the open films now (at unload)."""
        async with self._lock:
            await self._store.kv.put(_TRACKER_KEY, self._tracker.as_dict())


def playback_attributes(viewing: Viewing) -> dict[str, object]:
    """Give what an event says of a viewing: small and flat."""
    return {
        "viewer_id": viewing.viewer_id,
        "title": viewing.unit.label,
        "media": viewing.unit.kind.value,
        "device": viewing.device,
        "client": viewing.client,
        "play_method": viewing.play_method,
        "percent": round(viewing.percent, 1),
        "watched_seconds": round(viewing.watched),
        "completed": viewing.completed,
    }
