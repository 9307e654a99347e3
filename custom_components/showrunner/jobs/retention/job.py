"""What is old goes, once a day: plans that are over, and history (option `keep_months`, 0: never).

History is archived to a file, which `store.archive` proves before a row is removed. What counts as
watched stays, and so does the ledger.
"""

from collections.abc import Callable
from datetime import date, datetime, time, tzinfo
import logging
from pathlib import Path
from typing import Final

from ...domain.plan import PlansKept
from ...domain.schedule import Schedule
from ...options import Options
from ...signals import Signals, Topic
from ...store import Archived, Store, StoreError

_LOGGER = logging.getLogger(__name__)

JOB: Final = "retention"
_DAILY: Final = Schedule(at=time())


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

    @property
    def schedule(self) -> Schedule:
        """When it runs: at midnight."""
        return _DAILY

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self._zone()).date()

    async def run(self) -> int:
        """Remove old plans; archive the history that is not kept, and give how much of it went.

        A failure removes nothing and is told.
        """
        now = self._now()
        await self._prune(now)
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

    async def _prune(self, now: datetime) -> None:
        try:
            removed = await self._store.plans.prune(PlansKept(), now)
        except StoreError as err:
            _LOGGER.warning("Old plans stay: %s", err)
            return
        if removed:
            _LOGGER.debug("Removed %s plans that were over for long", removed)

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
