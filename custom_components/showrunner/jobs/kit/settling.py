"""Finds out how steps ended that were begun and never ended, whatever job's they are.

A crash, or a service that did not answer in time, leaves them so. Nothing is carried out here.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
import logging
from typing import Final

from ...domain.text import Words, say
from ...store import LedgerRow, LedgerState, Store, StoreDamaged, StoreError
from ...unexpected import log_unexpected
from .runner import Runner

_LOGGER = logging.getLogger(__name__)

_AGAIN: Final = timedelta(minutes=5)
# So long nobody is asked how a step ended that a service did which is no longer linked.
_GIVE_UP: Final = timedelta(days=8)


class Settling:
    """Reads back, again and again, until everything is known."""

    def __init__(
        self,
        store: Store,
        runner: Runner,
        *,
        linked: Callable[[], Collection[str]],
        now: Callable[[], datetime],
    ) -> None:
        """Take the ledger, who reads back, the ids of the linked services and the clock."""
        self._store = store
        self._runner = runner
        self._linked = linked
        self._now = now

    async def work(self) -> None:
        """Settle what a crash left, and what comes to be open, while the entry is loaded."""
        while True:
            try:
                await self.settle()
            except StoreError as err:
                _LOGGER.warning("Not known yet how some steps ended: %s", err)
            except Exception:  # noqa: BLE001  logged whole; one plan's defect must not end this
                log_unexpected(_LOGGER, "Could not find out how some steps ended")
            await asyncio.sleep(_AGAIN.total_seconds())

    async def settle(self) -> None:
        """Read back once. A plan that is being carried out does so by itself."""
        rows: dict[str, list[LedgerRow]] = {}
        for row in await self._store.ledger.unfinished():
            if row.plan_id is not None and self._runner.running(row.job) != row.plan_id:
                rows.setdefault(row.plan_id, []).append(row)
        for plan_id, of_plan in rows.items():
            await self._settle(plan_id, of_plan)

    async def _settle(self, plan_id: str, rows: list[LedgerRow]) -> None:
        try:
            plan = await self._store.plans.get(plan_id)
        except StoreDamaged as err:
            _LOGGER.warning("Not known how the steps of a plan ended: %s", err)
            return
        if plan is None:
            await self._end(rows, say("plan_gone"))
            return
        await self._runner.settle(plan)
        gone = {row.id for row in rows if self._is_gone(row)}
        if gone:
            left = await self._store.ledger.for_plan(plan_id)
            begun = [row for row in left if row.state is LedgerState.BEGUN and row.id in gone]
            await self._end(begun, say("step_service_gone"))

    def _is_gone(self, row: LedgerRow) -> bool:
        """Tell whether the service of a step was unlinked for good: nobody can ever be asked."""
        unlinked = row.service is not None and row.service not in self._linked()
        return unlinked and self._now() - row.begun_at >= _GIVE_UP

    async def _end(self, rows: Iterable[LedgerRow], why: Words) -> None:
        for row in rows:
            await self._store.ledger.finish(row.id, LedgerState.FAILED, why, {})
