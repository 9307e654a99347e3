"""Carries out a job's plans: because a person says so, and later what could not be done at once.

What can't be done yet waits, and goes on by itself until the plan expires (law 15). One run at a
time (law 11); a newer plan for the same wish takes the place of one that waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Final

from ..clients.errors import ServiceError
from ..domain.plan import Plan, StepState, ended
from ..domain.text import Words, say
from ..options import Options
from ..signals import Signals, Topic
from ..store import LedgerState, Store, StoreDamaged, StoreError
from .runner import AlreadyRunning, PlanExpired, PlannedBy, Runner
from .waiting import WaitingPlans

_LOGGER = logging.getLogger(__name__)

# No plan holds for longer, whatever the options say.
_LONGEST: Final = timedelta(days=8)


async def _as_it_is(plan: Plan) -> Plan:
    return plan


class PlanRuns:
    """The runs of one job's plans.

    `wish` names what a plan is for; `measured` notes how much there is now of what it takes from.
    """

    def __init__(
        self,
        key: str,
        job: PlannedBy,
        store: Store,
        signals: Signals,
        runner: Runner,
        *,
        options: Callable[[], Options],
        now: Callable[[], datetime],
        wish: Callable[[Plan], object],
        measured: Callable[[Plan], Awaitable[Plan]] = _as_it_is,
    ) -> None:
        """Take everything by hand; nothing runs yet."""
        self._key = key
        self._job = job
        self._store = store
        self._signals = signals
        self._runner = runner
        self._options = options
        self._now = now
        self._wish = wish
        self._measured = measured
        self._waiting = WaitingPlans(now)
        # Held from the looking at other plans to the end of a run: nothing gets in between.
        self._busy = asyncio.Lock()
        self._current = ""

    def refuse_second(self) -> None:
        """Raise AlreadyRunning while a run is under way."""
        if self._busy.locked():
            raise AlreadyRunning(self._key, self._current)

    async def start(self, plan: Plan, *, dry_run: bool, keep: bool = True) -> Plan:
        """Keep a new plan and, unless it is a dry run, carry it out. Raises AlreadyRunning.

        A dry run that is not to be kept leaves no trace: no plan, no event.
        """
        plan = await self._measured(plan)
        if dry_run:
            shown = await self._runner.run(plan, self._job, dry_run=True)
            if keep:
                await self._store.plans.put(plan)
                self._tell("planned", shown)
            return shown
        self.refuse_second()
        await self._store.plans.put(plan)
        return await self._begin(plan, None)

    async def apply(self, plan: Plan, steps: Collection[str] | None, *, dry_run: bool) -> Plan:
        """Carry out a kept plan, or some of its steps. Raises AlreadyRunning, PlanExpired."""
        plan = await self._measured(plan)
        if dry_run:
            return await self._runner.run(plan, self._job, dry_run=True, steps=steps)
        return await self._begin(plan, steps)

    async def _begin(self, plan: Plan, steps: Collection[str] | None) -> Plan:
        """Carry a plan out because a person says so, with the dry run on or off."""
        self.refuse_second()
        async with self._busy:
            await self._replace_others(plan)
            confirmed = replace(plan, confirmed=self._options().safety.dry_run)
            return await self._carry_out(confirmed, steps)

    def hint(self) -> None:
        """Take it that something has changed which a plan may wait for."""
        self._waiting.hint()

    async def work(self) -> None:
        """Carry on what waits, and what a crash left, for as long as the entry is loaded."""
        for plan in await self._store.plans.since(self._key, self._now() - _LONGEST):
            if plan.waiting:
                self._waiting.take_up(plan.plan_id)
        while True:
            try:
                for plan_id in self._waiting.due():
                    try:
                        await self._go_on(plan_id)
                    except StoreDamaged as err:
                        _LOGGER.warning("Leaving a plan of %s as it is: %s", self._key, err)
            except (StoreError, ServiceError, AlreadyRunning, PlanExpired) as err:
                _LOGGER.warning("Could not go on with %s: %s", self._key, err)
            await self._waiting.turn()

    async def _go_on(self, plan_id: str) -> None:
        """Carry on the steps of a plan that wait."""
        self._waiting.tried(plan_id)
        if self._busy.locked():
            return
        async with self._busy:
            plan = await self._store.plans.get(plan_id)
            if plan is None or not plan.waiting:
                self._waiting.forget(plan_id)
            elif plan.expired(self._now()):
                plan = await self._runner.settle(plan)
                rows = await self._store.ledger.for_plan(plan_id)
                if not any(row.state is LedgerState.BEGUN for row in rows):
                    await self._end(plan, say("plan_expired_waiting"))
            elif not self._halted(plan):
                plan = await self._measured(plan)
                await self._carry_out(plan, [step.id for step in plan.waiting])

    def _halted(self, plan: Plan) -> bool:
        """Tell whether the person has stopped everything since a plan was begun."""
        return self._options().safety.dry_run and not plan.confirmed

    async def _end(self, plan: Plan, why: Words) -> None:
        """End what still waits of a plan."""
        self._waiting.forget(plan.plan_id)
        over = ended(plan, why)
        await self._store.plans.put(over)
        self._tell("failed", over)

    async def _replace_others(self, plan: Plan) -> None:
        """End the plans that wait for what a newer one, or one chosen now, does."""
        for plan_id in self._waiting.ids:
            other = await self._store.plans.get(plan_id)
            if (
                other is not None
                and plan_id != plan.plan_id
                and self._wish(other) == self._wish(plan)
            ):
                await self._end(other, say("plan_replaced"))

    async def _carry_out(self, plan: Plan, steps: Collection[str] | None) -> Plan:
        self._current = plan.plan_id
        done = await self._runner.run(plan, self._job, dry_run=False, steps=steps)
        if done.waiting:
            if done.plan_id not in self._waiting:
                self._waiting.tried(done.plan_id)
            return done
        self._waiting.forget(done.plan_id)
        self._tell("failed" if _has_failed(done) else "done", done)
        return done

    def _tell(self, kind: str, plan: Plan) -> None:
        title = plan.steps[0].label if plan.steps else ""
        attributes = {"job": self._key, "title": title, "plan_id": plan.plan_id, **plan.totals}
        self._signals.send(Topic.JOB, kind, attributes)


def _has_failed(plan: Plan) -> bool:
    """Tell whether something failed, or nothing was done that had to be."""
    states = {step.state for step in plan.steps}
    if StepState.FAILED in states:
        return True
    skipped = [step for step in plan.steps if step.state is StepState.SKIPPED]
    return StepState.DONE not in states and any(not step.needless for step in skipped)
