"""The only one that changes anything (PRODUCT 0, laws 2, 3, 4, 6, 8, 9 and 11).

One run at a time per job, and no two runs on the same title or torrent. Before each step its job
checks it from fresh answers, and whatever the job says, it needs its proofs. The ledger is written
before and after; how a step has ended is written while the next is checked, which is done only when
both are on the disk. A step that may have happened (a time-out, a crash in the middle) is read back
from the service, never repeated blindly. A dry run stops before the first write. A step that can't
be done yet stays planned and is marked: the plan's job comes back to it (law 15).
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from weakref import WeakValueDictionary

from ..domain.plan import (
    Check,
    Plan,
    Proceed,
    Progress,
    Skip,
    Step,
    StepState,
    Wait,
    begun,
    chosen,
    ended,
    without,
)
from ..domain.plan.guards import Budget, cut
from ..domain.text import Words, say
from ..operations import Operations
from ..store import LedgerRow, Store
from .refused import Refused
from .step_runner import Ended, StepRunner, checked

__all__ = ["AlreadyRunning", "PlanExpired", "PlanUnknown", "PlannedBy", "Runner"]

type Listener = Callable[[str, Step], None]


class PlannedBy(Protocol):
    """The job that has made a plan, as far as the runner asks it."""

    async def recheck(self, plan: Plan, step: Step, prepares: Sequence[Step]) -> Check:
        """Ask for fresh facts, in the moment before a step is carried out (law 3).

        `prepares`: the deletions that it is only done for; they must be possible, too. Raises
        ServiceError and NotPossible.
        """
        ...


class AlreadyRunning(Refused):
    """A run of this job is under way (law 11)."""

    callers_mistake = False

    def __init__(self, job: str, plan_id: str) -> None:
        """Name the first run."""
        super().__init__(translation_key="already_running", job=job, plan_id=plan_id)


class PlanUnknown(Refused):
    """There is no such plan."""

    def __init__(self, plan_id: str) -> None:
        """Take the id that was asked for."""
        super().__init__(translation_key="plan_unknown", plan_id=plan_id)


class PlanExpired(Refused):
    """The plan is too old to be carried out."""

    def __init__(self, plan_id: str) -> None:
        """Take the plan's id."""
        super().__init__(translation_key="plan_expired", plan_id=plan_id)


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
        self._cancelled: set[str] = set()
        self._alone_with: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._listeners: list[Listener] = []

    def running(self, job: str) -> str | None:
        """Give the id of the plan that a job is carrying out."""
        return self._running.get(job)

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with a plan's id and each step that was tried; give what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def cancel(self, plan_id: str) -> bool:
        """Have a run stop before its next step; false when the plan is not being carried out."""
        if plan_id not in self._running.values():
            return False
        self._cancelled.add(plan_id)
        return True

    async def run(
        self, plan: Plan, job: PlannedBy, *, dry_run: bool, steps: Collection[str] | None = None
    ) -> Plan:
        """Carry out a plan (or some of its steps) and return it as it ended, or waits.

        Raises AlreadyRunning, PlanExpired. A dry run changes nothing and writes nothing.
        """
        budget = self._budget()
        if dry_run:
            plan, _ = await asyncio.to_thread(_within, plan, budget)
            return replace(plan, dry_run=True)
        if plan.expired(self._now()):
            raise PlanExpired(plan.plan_id)
        if (first := self._running.get(plan.job)) is not None:
            raise AlreadyRunning(plan.job, first)
        self._running[plan.job] = plan.plan_id
        try:
            plan, beyond = await asyncio.to_thread(_within, plan, budget)
            async with self._alone(plan.plan_id):
                return await self._run(replace(plan, dry_run=False), job, steps, beyond)
        finally:
            del self._running[plan.job]
            self._cancelled.discard(plan.plan_id)
            self._held = {one: by for one, by in self._held.items() if by != plan.plan_id}

    async def _run(
        self,
        plan: Plan,
        job: PlannedBy,
        wanted: Collection[str] | None,
        beyond: Collection[str],
    ) -> Plan:
        rows = await self._rows(plan)
        # What looks at every step does so beside the event loop: there may be many.
        plan, ids, locks = await asyncio.to_thread(_begun, plan, wanted, beyond)
        plan, ids = self._hold(plan, ids, locks)
        # Kept before anything is done: what a crash leaves undone goes on by itself.
        await self._store.plans.put(plan)
        progress = await asyncio.to_thread(Progress, plan)
        kept: asyncio.Task[None] | None = None
        try:
            for step in plan.steps:
                if step.id not in ids:
                    continue
                if plan.plan_id in self._cancelled:
                    return await self._stopped(progress)
                ended = await self._step(progress, job, step, rows, kept)
                if kept is not None:
                    await kept
                kept = self._keep(progress, step, ended)
        finally:
            if kept is not None:
                await kept
        return await asyncio.to_thread(lambda: progress.plan)

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

    def _keep(self, progress: Progress, before: Step, ended: Ended) -> asyncio.Task[None]:
        """Begin at once to write how a step stands now."""
        progress.put(ended.step)
        writing = self._write(progress.plan_id, before, ended)
        return asyncio.Task(writing, loop=asyncio.get_running_loop(), eager_start=True)

    async def _write(self, plan_id: str, before: Step, ended: Ended) -> None:
        """Keep how a step stands now, in the plan and in the ledger: in both or in none."""
        step, writes = ended.step, [] if ended.told is None else [ended.told]
        if step != before:
            writes.append(self._store.plans.to_put_step(plan_id, step))
        if writes:
            await self._store.together(*writes)
        for listener in tuple(self._listeners):
            listener(plan_id, step)

    async def _stopped(self, progress: Progress) -> Plan:
        """End what is left of a plan that a person has cancelled."""
        over = ended(progress.plan, say("plan_cancelled"))
        await self._store.plans.put(over)
        return over

    # -- what was begun before ---------------------------------------------------------------------

    async def settle(self, plan: Plan) -> Plan:
        """Read back the steps that were begun and never ended, however old the plan is.

        Nothing is carried out. A step of which it is still not known stays planned.
        """
        alone = self._alone(plan.plan_id)
        if alone.locked():
            return plan  # it is being carried out, which reads back first, or settled
        async with alone:
            return await self._settle(plan)

    async def _settle(self, plan: Plan) -> Plan:
        rows = await self._rows(plan)
        progress = Progress(plan)
        for step in plan.steps:
            row = rows.get(step.id)
            if step.state is StepState.PLANNED and row is not None:
                known = await self._steps.earlier(step, row)
                if known is not None:
                    await self._keep(progress, step, known)
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
        kept: Awaitable[None] | None,
    ) -> Ended:
        row = rows.get(step.id)
        if row is not None and (known := await self._steps.earlier(step, row)) is not None:
            return known
        against = progress.held(step) or self._steps.against(step) or await self._against(progress)
        if against is not None:
            return Ended(_not_now(step, against))
        prepares = progress.prepared(step)
        check = await checked(lambda: job.recheck(progress.begun_as, step, prepares), step)
        if not isinstance(check, Proceed):
            return Ended(_not_now(step, check))
        return await self._steps.carry_out(progress.plan_id, progress.job, step, kept)

    async def _against(self, progress: Progress) -> Wait | None:
        why = await self._frozen(progress.begun_as)
        return None if why is None else Wait(why)


def _within(plan: Plan, budget: Budget) -> tuple[Plan, frozenset[str]]:
    """Cut a plan to its budget; of what was begun already name what has to wait for now.

    Cut off in its middle, a title would be unmonitored and never deleted.
    """
    fresh = cut(plan, budget)
    cuts = {step.id for step in fresh.steps if step.state is StepState.CUT}
    beyond = frozenset(step.id for step in plan.waiting if step.id in cuts)
    back = [step for step in plan.waiting if step.id in beyond]
    said = say("step_beyond_budget_now")
    return fresh.with_steps(replace(step, detail=said) for step in back), beyond


def _begun(
    plan: Plan, wanted: Collection[str] | None, beyond: Collection[str]
) -> tuple[Plan, frozenset[str], dict[str, Collection[str]]]:
    """Note what is carried out of a plan; give that, and what each of those steps is about."""
    ids = chosen(plan, wanted) - set(beyond)
    plan = _not_chosen(begun(plan, ids), ids, wanted or ())
    return plan, ids, {step.id: tuple(step.locks) for step in plan.steps if step.id in ids}


def _not_now(step: Step, why: Skip | Wait) -> Step:
    """Say how a step stands that is not carried out."""
    if isinstance(why, Wait):
        return replace(step, detail=why.reason)
    return replace(
        replace(step, state=StepState.SKIPPED, detail=why.reason, waits=False),
        needless=why.needless,
    )


def _not_chosen(plan: Plan, ids: Collection[str], wanted: Collection[str]) -> Plan:
    """Say of steps that were chosen without what they belong to why they are not carried out."""
    left = set(wanted) - set(ids)
    said = say("step_belongs_to_others")
    return plan.with_steps(
        replace(step, detail=said)
        for step in plan.steps
        if step.id in left and step.state is StepState.PLANNED
    )
