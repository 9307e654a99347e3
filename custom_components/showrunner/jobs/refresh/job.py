"""Jellyfin is told the paths that imports changed.

The histories of the linked arrs are read every few minutes and at a hint; what is new is collected
for a moment into one call. Nothing is forgotten over a restart or while somebody is down.

The dry run does not hold this job back: to look at its own folders costs Jellyfin nothing, and no
file, tag or torrent is changed. It has a switch of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
import logging
from typing import Final

from ...clients.errors import ServiceError
from ...domain.refresh import Scan
from ...domain.text import Words, say
from ...signals import Attributes, Signals, Topic
from ...store import Store, StoreError
from ...unexpected import log_unexpected
from ..refused import Refused
from .gather import HistorySource, Library, LibraryNotifier, Notified, PathUnknown
from .options import RefreshOptions

__all__ = ["JOB", "HistorySource", "Notified", "PathUnknown", "RefreshJob", "RefreshRunning"]

_LOGGER = logging.getLogger(__name__)

JOB: Final = "refresh"
_FIRST_PAUSE: Final = timedelta(minutes=1)


class RefreshRunning(Refused):
    """A run is under way (law 11)."""

    callers_mistake = False

    def __init__(self, since: datetime) -> None:
        """Say since when."""
        super().__init__(translation_key="refresh_running", since=since)


class RefreshJob:
    """Tells Jellyfin. `sources` are the arrs by their subentries' ids."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        library: Library,
        sources: Mapping[str, HistorySource],
        *,
        options: Callable[[], RefreshOptions],
        now: Callable[[], datetime],
    ) -> None:
        """Take everything by hand; nothing starts yet."""
        self._notifier = LibraryNotifier(store, library, sources, now)
        self._signals = signals
        self._sources = sources
        self._options = options
        self._now = now
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._hinted = False
        self._running: datetime | None = None
        self._free = asyncio.Lock()
        self._failures = 0
        self._complained = False

    # -- what comes in ---------------------------------------------------------------------------

    def hint(self, service_id: str | None = None) -> None:
        """Look soon: an arr (this one, if it is said) has imported something."""
        if service_id is None or service_id in self._sources:
            self._hinted = True
            self._wake.set()

    def heard(self, kind: str, attributes: Attributes) -> None:
        """Take another job's signal as a hint: a download that has ended was imported."""
        if kind == "done" and attributes.get("job") != JOB:
            self.hint()

    def run_now(self) -> None:
        """Tell what is pending at once, because a person asks."""
        self._hurry.set()
        self._wake.set()

    def options_changed(self) -> None:
        """Look again whether and when to run."""
        self._wake.set()

    # -- the worker ------------------------------------------------------------------------------

    async def work(self) -> None:
        """Look and tell for as long as the entry is loaded. The first look sets the checkpoints."""
        while True:
            self._wake.clear()
            try:
                wait = await self._round()
            except StoreError as err:
                _LOGGER.warning("Jellyfin is told later, the database can't be used: %s", err)
                wait = self._pause()
            except Exception:  # noqa: BLE001  logged whole
                log_unexpected(_LOGGER, "Could not tell Jellyfin what was imported")
                wait = self._pause()
            await _first(self._wake.wait(), wait)

    async def _round(self) -> timedelta:
        """Look, collect and tell; say how long there is nothing else to do."""
        options, hurried = self._options(), self._hurry.is_set()
        hinted, self._hinted = self._hinted, False
        if not (options.enabled or hurried):
            return self._every()
        if not hurried:
            if not hinted:
                pending, complete = await self._notifier.pending()
                if not pending:
                    return self._all_well() if complete else self._pause()
            # A season comes in one by one: one call for all of it.
            await _first(self._hurry.wait(), timedelta(seconds=options.collect_seconds))
        self._hurry.clear()
        try:
            async with self._run():
                notified = await self._notifier.tell_pending(asked=hurried, dry_run=False)
        except ServiceError as err:
            self._complain(err)
            return self._pause()
        self._complained = False
        self._done(notified)
        if notified.unknown:
            return self._pause()
        every = self._all_well()
        return min(every, await self._notifier.until_scan()) if notified.waiting else every

    def _all_well(self) -> timedelta:
        self._failures = 0
        return self._every()

    def _every(self) -> timedelta:
        return timedelta(minutes=self._options().every_minutes)

    def _pause(self) -> timedelta:
        """Wait ever longer after a failure, but not longer than without one."""
        self._failures += 1
        longer: int = 1 << min(self._failures - 1, 10)
        return min(self._every(), _FIRST_PAUSE * longer)

    def _complain(self, err: ServiceError) -> None:
        """Say once that Jellyfin can't be told; it is tried again."""
        _LOGGER.debug("Could not tell Jellyfin what was imported: %s", err)
        if not self._complained:
            self._complained = True
            self._signal("failed", err.service, err.said, Scan.NONE)

    # -- what people ask -------------------------------------------------------------------------

    async def tell_pending(self, *, dry_run: bool = False) -> Notified:
        """Tell what is pending, with a whole scan where nothing else helps.

        Raises RefreshRunning; a ServiceError when Jellyfin does not answer, or when nothing is
        pending as far as is known and an arr did not answer.
        """
        self._refuse_a_second()
        async with self._run():
            notified = await self._notifier.tell_pending(asked=True, dry_run=dry_run)
        if not dry_run:
            self._done(notified)
        return notified

    async def tell_path(self, path: str) -> bool:
        """Have Jellyfin look at an imported file; false when it is to be tried again."""
        if not self._options().enabled:
            return True
        try:
            await self.tell_paths((path,))
        except PathUnknown:
            # Asking again would not make it known; the request says that it is not visible.
            return True
        except (RefreshRunning, ServiceError) as err:
            _LOGGER.debug("Jellyfin is told of an import later: %s", err)
            return False
        return True

    async def tell_paths(self, paths: Sequence[str], *, dry_run: bool = False) -> Notified:
        """Tell paths, as Jellyfin or an arr names them. The checkpoints stay.

        Raises RefreshRunning, ServiceError, and PathUnknown before anything is told.
        """
        self._refuse_a_second()
        async with self._run():
            notified = await self._notifier.tell_paths(paths, dry_run=dry_run)
        if not dry_run:
            self._done(notified)
        return notified

    def _refuse_a_second(self) -> None:
        if self._running is not None:
            raise RefreshRunning(self._running)

    @asynccontextmanager
    async def _run(self) -> AsyncIterator[None]:
        """Be the only run."""
        async with self._free:
            self._running = self._now()
            try:
                yield
            finally:
                self._running = None

    @property
    def running(self) -> bool:
        """Whether Jellyfin is being told now."""
        return self._running is not None

    @property
    def failures(self) -> int:
        """How often in a row Jellyfin could not be told."""
        return self._failures

    # -- what goes out ---------------------------------------------------------------------------

    def _done(self, notified: Notified) -> None:
        """Tell what Jellyfin was told; of nothing there is nothing to tell."""
        if notified.scan is Scan.NONE:
            return
        title: Words = say("paths", count=len(notified.paths))
        if len(notified.paths) == 1:
            title = notified.paths[0]
        if notified.scan is Scan.FULL:
            title = say("whole_library")
        self._signal("done", title, say("jellyfin_looks_at", what=title), notified.scan)

    def _signal(self, kind: str, title: Words, detail: Words, scan: Scan) -> None:
        self._signals.send(
            Topic.JOB,
            kind,
            {
                "job": JOB,
                "title": title,
                "outcome": scan.value,
                "detail": detail,
                "reason": "",
                "plan_id": None,
            },
        )


async def _first(event: Awaitable[bool], wait: timedelta) -> None:
    """Wait for an event, but not longer than `wait`."""
    try:
        async with asyncio.timeout(wait.total_seconds()):
            await event
    except TimeoutError:
        return
