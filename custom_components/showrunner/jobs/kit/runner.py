"""The only one that changes anything (laws 2, 3, 4, 6, 8, 9 and 11).

One run at a time per job, and no two runs on the same title or torrent. Before each step its job
checks it from fresh answers, and whatever the job says, it needs its proofs. The ledger is written
before and after; how a step has ended goes there with the beginning of the next, which is done only
when both are on the disk. A step that may have happened (a time-out, a crash in the middle) is read
back from the service, never repeated blindly. A dry run stops before the first write. A step that
can't be done yet stays planned and is marked: the plan's job comes back to it (law 15).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from weakref import WeakValueDictionary

from ...clients.moment import forget, moment
from ...domain.plan import (
    Check,
    Plan,
    Proceed,
    Progress,
    Step,
    StepState,
    Wait,
    without,
)
from ...domain.plan.guards import Budget
from ...domain.text import Words, say
from ...operations import Operations
from ...store import LedgerRow, LedgerState, Store
from .endings import Endings
from .refusals import AlreadyRunning, NotUnderWay, PlanExpired, PlanUnknown
from .standing import Stop, as_begun, not_now, stopped_by, within
from .step_runner import Ended, StepRunner, checked

type Listener = Callable[[str, Step | Change], None]


class Change(StrEnum):
    """What becomes of a plan as a whole."""

    BEGUN = "begun"
    ENDED = "ended"
    STOPPED = "stopped"
    RESUMED = "resumed"


class PlannedBy(Protocol):
    """The job that has made a plan, as far as the runner asks it."""

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Ask for fresh facts, in the moment before a step is carried out (law 3).

        `prepares`: the deletions that it is only done for; they must be possible, too. Raises
        ServiceError and NotPossible.
        """
        ...


class Runner:
    """Carries out plans."""

    def __init__(
        self,
        store: Store,
        operations: Operations,
        *,
        budget: Callable[[], Budget],
        frozen: Callable[[Plan], Awaitable[Words | None]],
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, an operation for each action, the caps and the clock.

        `frozen` says why nothing of a plan may be carried out at this moment, if so: a source of
        it has suddenly fallen (law 9), or a person has stopped everything.
        """
        self._store = store
        self._steps = StepRunner(store, operations, now)
        self._budget = budget
        self._frozen = frozen
        self._now = now
        self._running: dict[str, str] = {}
        self._held: dict[str, str] = {}
        self._stops: dict[str, Stop] = {}
        # Plans that were changed beside a run that may be about to begin with what it has read.
        self._stale: set[str] = set()
        self._alone_with: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._listeners: list[Listener] = []

    def running(self, job: str) -> str | None:
        """Give the id of the plan that a job is carrying out."""
        return self._running.get(job)

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with a plan's id and each step that was tried; give what ends that.

        And with what becomes of the plan: it begins or ends to be carried out, a person stops it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, plan_id: str, news: Step | Change) -> None:
        for listener in tuple(self._listeners):
            listener(plan_id, news)

    # -- what a person wants of it -----------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Tell whether any plan is being carried out."""
        return bool(self._running)

    def is_running(self, plan_id: str) -> bool:
        """Tell whether a plan is being carried out at this moment."""
        return plan_id in self._running.values()

    def is_stopping(self, plan_id: str) -> bool:
        """Tell whether a person wants a plan that is being carried out to end, or to wait."""
        return plan_id in self._stops

    async def cancel(self, plan_id: str) -> None:
        """End a plan: before its next step, or at once when it waits.

        Raises PlanUnknown, NotUnderWay, StoreError.
        """
        await self._stop(plan_id, Stop.CANCEL)

    async def pause(self, plan_id: str) -> None:
        """Have a plan wait for a person: from its next step on, also over a restart.

        It expires as others do. Raises PlanUnknown, NotUnderWay, StoreError.
        """
        await self._stop(plan_id, Stop.PAUSE)

    async def resume(self, plan_id: str) -> None:
        """Let a paused plan go on. Raises PlanUnknown, NotUnderWay, StoreError."""
        if self._stops.get(plan_id) is Stop.PAUSE:
            del self._stops[plan_id]  # it did not come to its next step yet
            return
        async with self._alone(plan_id):
            plan = await self._kept(plan_id)
            if not plan.paused:
                raise NotUnderWay(plan_id)
            await self._put_changed(replace(plan, paused=False))
        self._tell(plan_id, Change.RESUMED)

    async def _stop(self, plan_id: str, how: Stop) -> None:
        if self.is_running(plan_id):
            if self._stops.get(plan_id) is not Stop.CANCEL:
                self._stops[plan_id] = how
            return
        async with self._alone(plan_id):
            plan = await self._kept(plan_id)
            if not plan.waiting:
                raise NotUnderWay(plan_id)
            await self._put_changed(stopped_by(plan, how))
        self._tell(plan_id, Change.STOPPED)

    async def _kept(self, plan_id: str) -> Plan:
        plan = await self._store.plans.get(plan_id)
        if plan is None:
            raise PlanUnknown(plan_id)
        return plan

    async def _fresh(self, plan: Plan) -> Plan:
        """Give a plan as it stands, if somebody has changed it since it was read."""
        if plan.plan_id not in self._stale:
            return plan
        kept = await self._kept(plan.plan_id)
        self._stale.discard(plan.plan_id)
        return replace(plan, steps=kept.steps, paused=kept.paused)

    async def _put_changed(self, plan: Plan) -> None:
        self._stale.add(plan.plan_id)
        await self._store.plans.put(plan)

    async def run(
        self, plan: Plan, job: PlannedBy, *, dry_run: bool, steps: Collection[str] | None = None
    ) -> Plan:
        """Carry out a plan (or some of its steps) and return it as it ended, or waits.

        Raises AlreadyRunning, PlanExpired. A dry run changes nothing and writes nothing.
        """
        budget = self._budget()
        if dry_run:
            plan, _ = await asyncio.to_thread(within, plan, budget)
            return replace(plan, dry_run=True)
        if plan.expired(self._now()):
            raise PlanExpired(plan.plan_id)
        if (first := self._running.get(plan.job)) is not None:
            raise AlreadyRunning(plan.job, first)
        self._running[plan.job] = plan.plan_id
        try:
            async with self._alone(plan.plan_id):
                plan = await self._fresh(plan)
                if plan.paused:
                    return plan
                plan, beyond = await asyncio.to_thread(within, plan, budget)
                with moment():
                    return await self._run(replace(plan, dry_run=False), job, steps, beyond)
        finally:
            del self._running[plan.job]
            self._stops.pop(plan.plan_id, None)
            self._held = {one: by for one, by in self._held.items() if by != plan.plan_id}
            self._tell(plan.plan_id, Change.ENDED)

    async def _run(
        self,
        plan: Plan,
        job: PlannedBy,
        wanted: Collection[str] | None,
        beyond: Collection[str],
    ) -> Plan:
        rows = await self._rows(plan)
        # What looks at every step does so beside the event loop: there may be many.
        plan, ids, locks = await asyncio.to_thread(as_begun, plan, wanted, beyond)
        plan, ids = self._hold(plan, ids, locks)
        # Kept before anything is done: what a crash leaves undone goes on by itself.
        await self._store.plans.put(plan)
        progress = await asyncio.to_thread(Progress, plan)
        first = next((step for step in plan.steps if step.id in ids), None)
        if first is None or first.action.destructive:
            forget()  # what it was planned from: nothing is destroyed on that
        self._tell(plan.plan_id, Change.BEGUN)
        endings = Endings(self._store, lambda step: self._tell(plan.plan_id, step))
        try:
            for step in plan.steps:
                if plan.plan_id in self._stops:
                    break
                if step.id not in ids:
                    continue
                ended = await self._step(progress, job, step, rows, endings)
                self._keep(progress, step, ended, endings)
        finally:
            await endings.written()
        result = await asyncio.to_thread(lambda: progress.plan)
        how = self._stops.get(plan.plan_id)
        if how is None or not result.waiting:
            return result
        stopped = stopped_by(result, how)
        await self._store.plans.put(stopped)
        return stopped

    def _hold(
        self, plan: Plan, ids: frozenset[str], locks: Mapping[str, Collection[str]]
    ) -> tuple[Plan, frozenset[str]]:
        """Take what the steps are about; say which wait because another run has theirs.

        Nobody else gets in between the looking and the taking.
        """
        taken = [one for one in ids if not self._held.keys().isdisjoint(locks[one])]
        wait = without(plan.steps, taken) & ids if taken else frozenset()
        for one in ids - wait:
            self._held |= dict.fromkeys(locks[one], plan.plan_id)
        if not wait:
            return plan, ids
        said = say("step_held_by_another")
        waiting = (replace(step, detail=said) for step in plan.steps if step.id in wait)
        return plan.with_steps(waiting), ids - wait

    def _keep(self, progress: Progress, before: Step, ended: Ended, endings: Endings) -> None:
        """Have it written how a step stands now, in plan and ledger: in both or in none."""
        step, writes = ended.step, [] if ended.write is None else [ended.write]
        progress.put(step)
        if step != before:
            writes.append(self._store.plans.to_put_step(progress.plan_id, step))
        endings.add(step, writes)

    # -- what was begun before ---------------------------------------------------------------------

    async def settle(self, plan: Plan) -> Plan:
        """Read back the steps that were begun and never ended, however old the plan is.

        Nothing is carried out. A step of which it is still not known stays as it is, also one that
        has been ended since: whether it took place is to be known all the same.
        """
        alone = self._alone(plan.plan_id)
        if alone.locked():
            return plan  # it is being carried out, which reads back first, or settled
        async with alone:
            return await self._settle(plan)

    async def _settle(self, plan: Plan) -> Plan:
        rows = await self._rows(plan)
        progress = Progress(plan)
        endings = Endings(self._store, lambda step: self._tell(plan.plan_id, step))
        for step in plan.steps:
            row = rows.get(step.id)
            planned = step.state is StepState.PLANNED
            if row is not None and (planned or row.state is LedgerState.BEGUN):
                over = not step.waits or plan.expired(self._now())
                known = await self._steps.earlier(step, row, over=over)
                if known is not None and known.goes_on and not over:
                    continue  # its own run goes on with it
                if known is not None and (planned or known.write is not None):
                    self._keep(progress, step, known, endings)
                    await endings.written()
        return progress.plan

    def _alone(self, plan_id: str) -> asyncio.Lock:
        """Give the lock of a plan: reading back beside a run would take what it does for undone."""
        lock = self._alone_with.get(plan_id)
        if lock is None:
            lock = self._alone_with[plan_id] = asyncio.Lock()
        return lock

    async def _rows(self, plan: Plan) -> dict[str, LedgerRow]:
        rows = await self._store.ledger.for_plan(plan.plan_id)
        return {row.step_id: row for row in rows if row.step_id is not None}

    # -- one step ----------------------------------------------------------------------------------

    async def _step(
        self,
        progress: Progress,
        job: PlannedBy,
        step: Step,
        rows: Mapping[str, LedgerRow],
        endings: Endings,
    ) -> Ended:
        row = rows.get(step.id)
        if row is not None and (known := await self._steps.earlier(step, row)) is not None:
            if not known.goes_on:
                return known
            self._keep(progress, step, known, endings)
            step = known.step
        against = progress.held(step) or self._steps.against(step) or await self._against(progress)
        if against is not None:
            return Ended(not_now(step, against))
        prepares = progress.prepared(step)
        check = await checked(lambda: job.recheck(progress.begun_as, step, prepares), step)
        if not isinstance(check, Proceed):
            forget()  # each step has a check of its own
            return Ended(not_now(step, check))
        return await self._steps.carry_out(progress.plan_id, progress.job, step, endings)

    async def _against(self, progress: Progress) -> Wait | None:
        why = await self._frozen(progress.begun_as)
        return None if why is None else Wait(why)
