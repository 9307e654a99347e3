"""The one hand that changes anything (PRODUCT 0, laws 2, 3, 8 and 11).

One run at a time per job. Before each step its facts are asked anew; the ledger is written before
and after. A step that may have happened (a time-out, a crash in the middle) is read back from the
service, never repeated blindly. A dry run stops before the first write. A step that can't be done
yet stays planned and is marked: the plan's job comes back to it (law 15).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
import logging
from typing import Protocol

from ..clients.errors import Refused, ServiceError, Unauthorized
from ..domain.belonging import Progress, Skip, Wait, begun, chosen
from ..domain.guards import Budget, cut
from ..domain.knowledge import Knowledge, Known, Unknown
from ..domain.plan import Action, Plan, Step, StepState
from ..domain.text import Words, say
from ..store import LedgerRow, LedgerState, Store

__all__ = [
    "AlreadyRunning",
    "Applied",
    "Check",
    "Handler",
    "PlanExpired",
    "Proceed",
    "Runner",
    "Skip",
    "Wait",
]

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proceed:
    """The facts still hold; `before` is what the ledger keeps of them."""

    before: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Applied:
    """A step was carried out; `after` is what the ledger keeps, `bytes_freed` was read back.

    `half`: only a part of it was done. The step has failed, and says what is left.
    """

    detail: Words
    after: Mapping[str, object]
    bytes_freed: int = 0
    half: bool = False


type Check = Proceed | Skip | Wait


class Handler(Protocol):
    """Knows how to carry out one kind of action on one kind of service."""

    async def check(self, step: Step, prepares: Sequence[Step] = ()) -> Check:
        """Ask for fresh facts, in the moment before the step is carried out.

        `prepares`: the deletions that it is only done for; they must be possible, too.
        """
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
        """Carry out a plan (or some of its steps) and return it as it ended, or waits.

        Raises AlreadyRunning, PlanExpired. A dry run changes nothing and writes nothing.
        """
        plan, beyond = _within(plan, self._budget())
        if dry_run:
            return replace(plan, dry_run=True)
        if plan.expired(self._now()):
            raise PlanExpired(plan.plan_id)
        if (first := self._running.get(plan.job)) is not None:
            raise AlreadyRunning(plan.job, first)
        self._running[plan.job] = plan.plan_id
        try:
            return await self._run(replace(plan, dry_run=False), steps, beyond)
        finally:
            del self._running[plan.job]

    async def _run(
        self, plan: Plan, wanted: Collection[str] | None, beyond: Collection[str]
    ) -> Plan:
        rows = await self._begun(plan)
        ids = chosen(plan, wanted) - set(beyond)
        plan = _not_chosen(begun(plan, ids), ids, wanted or ())
        # Kept before anything is done: what a crash leaves undone goes on by itself.
        await self._store.plans.put(plan)
        progress = Progress(plan)
        for step in plan.steps:
            if step.id in ids:
                await self._note(progress, await self._step(progress, step, rows.get(step.id)))
        return progress.plan

    async def _note(self, progress: Progress, step: Step) -> None:
        """Keep how a step stands now."""
        progress.put(step)
        await self._store.plans.put_step(progress.plan_id, step)

    async def settle(self, plan: Plan) -> Plan:
        """Read back the steps that were begun and never ended, however old the plan is.

        Nothing is carried out. A step of which it is still not known stays planned.
        """
        begun = await self._begun(plan)
        progress = Progress(plan)
        for step in plan.steps:
            row = begun.get(step.id)
            if step.state is StepState.PLANNED and row is not None:
                known = await self._earlier(step, row)
                if known is not None:
                    await self._note(progress, known)
        return progress.plan

    async def _begun(self, plan: Plan) -> dict[str, LedgerRow]:
        rows = await self._store.ledger.for_plan(plan.plan_id)
        return {row.step_id: row for row in rows if row.step_id is not None}

    async def _step(self, progress: Progress, step: Step, row: LedgerRow | None) -> Step:
        if row is not None and (known := await self._earlier(step, row)) is not None:
            return known
        if (waits_for := progress.held(step)) is not None:
            return _not_now(step, waits_for)
        handler = self._handlers.get(step.action)
        if handler is None:
            return _ended(step, StepState.SKIPPED, say("step_no_hand"))
        checked = await _checked(handler, step, progress.prepared(step))
        if isinstance(checked, Step):
            return checked
        ledger_id = await self._store.ledger.begin(
            progress.job, progress.plan_id, step, checked.before
        )
        return await self._apply(handler, step, ledger_id)

    async def _apply(self, handler: Handler, step: Step, ledger_id: int) -> Step:
        begun = self._now()
        try:
            applied = await handler.apply(step)
        except Unauthorized as err:
            # It surely did not happen, and may be done once the key is mended.
            await self._store.ledger.finish(ledger_id, LedgerState.FAILED, err.text, {})
            return replace(step, detail=err.text)
        except Refused as err:
            return await self._finish(ledger_id, step, StepState.FAILED, err.text)
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
                return replace(step, detail=say("step_may_have_happened", why=reason))
        await self._store.ledger.finish(
            row.id, LedgerState.FAILED, say("step_had_not_happened"), {}
        )
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
                return replace(step, detail=say("step_may_have_happened", why=err.text))
        # It did not take place, and nobody refused it: it may be tried again later.
        await self._store.ledger.finish(ledger_id, LedgerState.FAILED, err.text, {})
        return replace(step, detail=err.text)

    async def _happened(self, handler: Handler, step: Step, since: datetime) -> Knowledge[Applied]:
        try:
            return await handler.happened(step, since)
        except ServiceError as err:
            return Unknown(err.text, step.target.kind)

    async def _done(self, ledger_id: int, step: Step, applied: Applied) -> Step:
        state = StepState.FAILED if applied.half else StepState.DONE
        return await self._finish(
            ledger_id, step, state, applied.detail, applied.after, applied.bytes_freed
        )

    async def _finish(
        self,
        ledger_id: int,
        step: Step,
        state: StepState,
        detail: Words,
        after: Mapping[str, object] | None = None,
        freed: int = 0,
    ) -> Step:
        outcome = LedgerState.DONE if state is StepState.DONE else LedgerState.FAILED
        await self._store.ledger.finish(ledger_id, outcome, detail, after or {}, freed)
        if outcome is LedgerState.FAILED:
            _LOGGER.warning("%s of %s failed: %s", step.action, step.title.label, detail)
        return replace(_ended(step, state, detail), bytes_freed=freed)


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


async def _checked(handler: Handler, step: Step, prepares: Sequence[Step]) -> Proceed | Step:
    """Ask for fresh facts; give the step as it ends, or stays, when it can't go on."""
    try:
        check = await handler.check(step, prepares)
    except Refused as err:
        return _ended(step, StepState.SKIPPED, say("step_not_checked", why=err.text))
    except ServiceError as err:
        # Unknown freezes: what can't be checked now is not done now, and stays planned.
        return replace(step, detail=say("step_not_checked_yet", why=err.text))
    return check if isinstance(check, Proceed) else _not_now(step, check)


def _not_now(step: Step, why: Skip | Wait) -> Step:
    """Say how a step stands that is not carried out."""
    if isinstance(why, Wait):
        return replace(step, detail=why.reason)
    return replace(_ended(step, StepState.SKIPPED, why.reason), needless=why.needless)


def _not_chosen(plan: Plan, ids: Collection[str], wanted: Collection[str]) -> Plan:
    """Say of steps that were chosen without what they belong to why they are not carried out."""
    left = set(wanted) - set(ids)
    said = say("step_belongs_to_others")
    return plan.with_steps(
        replace(step, detail=said)
        for step in plan.steps
        if step.id in left and step.state is StepState.PLANNED
    )


def _ended(step: Step, state: StepState, detail: Words) -> Step:
    return replace(step, state=state, detail=detail, waits=False)
