"""Old history is archived to a file and removed, once a day (option `keep_months`, 0: never).

`store.archive` proves the file before a row is removed. What counts as watched stays; the day's
run is remembered, so that restarts don't repeat it.
"""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time, tzinfo
import logging
from pathlib import Path
from typing import Final

from ...domain.schedule import Schedule
from ...options import Options
from ...signals import Signals, Topic
from ...store import Archived, Store, StoreError

_LOGGER = logging.getLogger(__name__)

JOB: Final = "retention"
_KEY: Final = "retention:day"
_DAILY: Final = Schedule(at=time())
# Not among everything that a start has to do, and then often enough to meet every day.
_FIRST_PAUSE: Final = 300.0
_PAUSE: Final = 1800.0


class RetentionJob:
    """Keeps the history as long as it is wanted."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        folder: Path,
        entry_id: str,
        *,
        options: Callable[[], Options],
        now: Callable[[], datetime],
        zone: Callable[[], tzinfo],
    ) -> None:
        """Take where archives go, and what they are named by. `zone` is Home Assistant's."""
        self._store = store
        self._signals = signals
        self._folder = folder
        self._entry_id = entry_id
        self._options = options
        self._now = now
        self._zone = zone

    async def work(self) -> None:
        """Look every while whether today's run is due, for as long as the entry is loaded."""
        await asyncio.sleep(_FIRST_PAUSE)
        while True:
            try:
                await self.run_if_due()
            except StoreError as err:
                _LOGGER.warning("Could not look after the old history: %s", err)
            await asyncio.sleep(_PAUSE)

    async def run_if_due(self) -> None:
        """Run when it wasn't done today. Raises StoreError."""
        now = self._now()
        if self._options().keep_months and _DAILY.due(await self._last(), now, self._zone()):
            await self.run()
            # A run that failed is tried again tomorrow, too: a full disk does not empty itself.
            await self._store.kv.put(_KEY, self._day_of(now).isoformat())

    async def _last(self) -> datetime | None:
        """Give the day of the last run, by its first moment; None when nobody knows."""
        try:
            day = date.fromisoformat(str(await self._store.kv.get(_KEY)))
        except ValueError:
            return None
        return datetime.combine(day, time(), self._zone())

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self._zone()).date()

    async def run(self) -> int:
        """Archive what is older than is kept, and remove it; give how much was removed.

        A failure removes nothing and is told.
        """
        now = self._now()
        before = self._options().kept_since(now)
        if before is None:
            return 0
        path = self._folder / f"{self._entry_id}-{self._day_of(now).isoformat()}.jsonl.gz"
        removed, more = 0, True
        while more:
            try:
                done = await self._store.archive.move(before, path)
            except StoreError as err:
                _LOGGER.warning("Old viewings stay, for they could not be archived: %s", err)
                self._signals.send(Topic.JOB, "failed", {"job": JOB, "reason": err.said})
                break
            self._tell(done, before)
            removed, more = removed + done.removed, done.more
        return removed

    def _tell(self, done: Archived, before: datetime) -> None:
        if done.path is not None:
            _LOGGER.info(
                "Archived %s viewings from before %s in %s and removed %s",
                *(done.viewings, before.date(), done.path.name, done.removed),
            )
            attributes = {
                "job": JOB,
                "archived": done.viewings,
                "removed": done.removed,
                "file": done.path.name,
            }
            self._signals.send(Topic.JOB, "done", attributes)
