"""The one hand that changes anything (PRODUCT 0, laws 2, 3, 8 and 11).

One run at a time per job. Before each step its facts are asked anew; the ledger is written before
and after. A step that may have happened (a time-out, a crash in the middle) is read back from the
service, never repeated blindly. A dry run stops before the first write.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import logging
from typing import Protocol

from ..clients.errors import Refused, ServiceError, Unauthorized
from ..domain.guards import Budget, cut
from ..domain.knowledge import Knowledge, Known, Unknown
from ..domain.plan import Action, Plan, Step, StepState
from ..store import LedgerRow, LedgerState, Store

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proceed:
    """The facts still hold; `before` is what the ledger keeps of them."""

    before: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Skip:
    """The facts changed, or nothing is left to do: the step is skipped, and says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Applied:
    """A step was carried out; `after` is what the ledger keeps, `bytes_freed` was read back."""

    detail: str
    after: Mapping[str, object]
    bytes_freed: int = 0


type Check = Proceed | Skip


class Handler(Protocol):
    """Knows how to carry out one kind of action on one kind of service."""

    async def check(self, step: Step) -> Check:
        """Ask for fresh facts, in the moment before the step is carried out."""
        ...

    async def apply(self, step: Step) -> Applied:
        """Carry the step out; raise a ServiceError when that fails."""
        ...

    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Read back whether a step begun at `since` took place. Absent: it did not."""
        ...


class AlreadyRunning(Exception):
    """A run of this job is under way (law 11)."""

    def __init__(self, job: str, plan_id: str) -> None:
        """Name the first run."""
        super().__init__(f"{job} is already running plan {plan_id}")
        self.job = job
        self.plan_id = plan_id


class PlanExpired(Exception):
    """The plan is too old to be carried out."""


class Runner:
    """Carries out plans."""

    def __init__(
        self,
        store: Store,
        handlers: Mapping[Action, Handler],
        budget: Callable[[], Budget],
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, a handler for each action, the caps and the clock."""
        self._store = store
        self._handlers = handlers
        self._budget = budget
        self._now = now
        self._running: dict[str, str] = {}

    def running(self, job: str) -> str | None:
        """Give the id of the plan that a job is carrying out."""
        return self._running.get(job)

    async def run(self, plan: Plan, *, dry_run: bool, steps: Collection[str] | None = None) -> Plan:
        """Carry out a plan (or some of its steps) and return it as it ended.

        Raises AlreadyRunning, PlanExpired. A dry run changes nothing and writes nothing.
        """
        plan = cut(plan, self._budget())
        if dry_run:
            return replace(plan, dry_run=True)
        if plan.expired(self._now()):
            raise PlanExpired(plan.plan_id)
        if (first := self._running.get(plan.job)) is not None:
            raise AlreadyRunning(plan.job, first)
        self._running[plan.job] = plan.plan_id
        try:
            return await self._run(replace(plan, dry_run=False), steps)
        finally:
            del self._running[plan.job]

    async def _run(self, plan: Plan, chosen: Collection[str] | None) -> Plan:
        begun = await self._begun(plan)
        for step in plan.steps:
            if step.state is not StepState.PLANNED or (
                chosen is not None and step.id not in chosen
            ):
                continue
            plan = plan.with_step(await self._step(plan, step, begun.get(step.id)))
            await self._store.plans.put(plan)
        return plan

    async def settle(self, plan: Plan) -> Plan:
        """Read back the steps that were begun and never ended, however old the plan is.

        Nothing is carried out. A step of which it is still not known stays planned.
        """
        begun = await self._begun(plan)
        for step in plan.steps:
            row = begun.get(step.id)
            if step.state is StepState.PLANNED and row is not None:
                known = await self._earlier(step, row)
                plan = plan.with_step(known or step)
        await self._store.plans.put(plan)
        return plan

    async def _begun(self, plan: Plan) -> dict[str, LedgerRow]:
        rows = await self._store.ledger.for_plan(plan.plan_id)
        return {row.step_id: row for row in rows if row.step_id is not None}

    async def _step(self, plan: Plan, step: Step, row: LedgerRow | None) -> Step:
        if row is not None and (known := await self._earlier(step, row)) is not None:
            return known
        if (held := _held(plan, step)) is not None:
            return held
        handler = self._handlers.get(step.action)
        if handler is None:
            return _ended(step, StepState.SKIPPED, "nobody here can carry it out")
        checked = await _checked(handler, step)
        if isinstance(checked, Step):
            return checked
        ledger_id = await self._store.ledger.begin(plan.job, plan.plan_id, step, checked.before)
        return await self._apply(handler, step, ledger_id)

    async def _apply(self, handler: Handler, step: Step, ledger_id: int) -> Step:
        begun = self._now()
        try:
            applied = await handler.apply(step)
        except Unauthorized as err:
            # It surely did not happen, and may be done once the key is mended.
            await self._store.ledger.finish(ledger_id, LedgerState.FAILED, str(err), {})
            return replace(step, detail=str(err))
        except Refused as err:
            return await self._finish(ledger_id, step, StepState.FAILED, str(err))
        except ServiceError as err:
            return await self._read_back(handler, step, ledger_id, begun, err)
        return await self._done(ledger_id, step, applied)

    async def _earlier(self, step: Step, row: LedgerRow) -> Step | None:
        """Say how a step ended that was begun before a crash; None when it may be done now."""
        if row.state is LedgerState.DONE:
            return _ended(step, StepState.DONE, row.detail)
        if row.state is not LedgerState.BEGUN:
            return None
        answer = await self._happened(self._handlers[step.action], step, row.begun_at)
        match answer:
            case Known(applied):
                return await self._done(row.id, step, applied)
            case Unknown(reason):
                return replace(step, detail=f"may have happened, not known yet: {reason}")
        await self._store.ledger.finish(row.id, LedgerState.FAILED, "it had not happened", {})
        return None

    async def _read_back(
        self, handler: Handler, step: Step, ledger_id: int, begun: datetime, err: ServiceError
    ) -> Step:
        """Find out whether a step that ended badly took place all the same."""
        match await self._happened(handler, step, begun):
            case Known(applied):
                return await self._done(ledger_id, step, applied)
            case Unknown():
                # Stays begun in the ledger: the next run of this plan reads it back first.
                return replace(step, detail=f"may have happened, not known yet: {err}")
        # It did not take place, and nobody refused it: it may be tried again later.
        await self._store.ledger.finish(ledger_id, LedgerState.FAILED, str(err), {})
        return replace(step, detail=str(err))

    async def _happened(self, handler: Handler, step: Step, since: datetime) -> Knowledge[Applied]:
        try:
            return await handler.happened(step, since)
        except ServiceError as err:
            return Unknown(str(err), step.target.kind)

    async def _done(self, ledger_id: int, step: Step, applied: Applied) -> Step:
        done = await self._finish(ledger_id, step, StepState.DONE, applied.detail, applied.after)
        return replace(done, bytes_freed=applied.bytes_freed)

    async def _finish(
        self,
        ledger_id: int,
        step: Step,
        state: StepState,
        detail: str,
        after: Mapping[str, object] | None = None,
    ) -> Step:
        outcome = LedgerState.DONE if state is StepState.DONE else LedgerState.FAILED
        await self._store.ledger.finish(ledger_id, outcome, detail, after or {})
        if outcome is LedgerState.FAILED:
            _LOGGER.warning("%s of %s failed: %s", step.action, step.title.label, detail)
        return _ended(step, state, detail)


async def _checked(handler: Handler, step: Step) -> Proceed | Step:
    """Ask for fresh facts; give the step as it ends, or stays, when it can't go on."""
    try:
        check = await handler.check(step)
    except Refused as err:
        return _ended(step, StepState.SKIPPED, f"could not be checked: {err}")
    except ServiceError as err:
        # Unknown freezes: what can't be checked now is not done now, and stays planned.
        return replace(step, detail=f"could not be checked yet: {err}")
    return _ended(step, StepState.SKIPPED, check.reason) if isinstance(check, Skip) else check


def _held(plan: Plan, step: Step) -> Step | None:
    """Say what becomes of a step whose predecessor is not done; None when it may go on."""
    if step.after is None:
        return None
    first = plan.step(step.after)
    if first is not None and first.state is StepState.DONE:
        return None
    if first is not None and first.state is StepState.PLANNED:
        return replace(step, detail="waits for the step before it")
    return _ended(step, StepState.SKIPPED, "the step before it was not done")


def _ended(step: Step, state: StepState, detail: str) -> Step:
    return replace(step, state=state, detail=detail)
