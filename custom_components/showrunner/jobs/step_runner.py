"""Carries one step out: the ledger before, the operation, the reading back, the ledger after.

A step that may have happened is read back from its service and never repeated blindly. Whatever
goes wrong, also a defect of ours, the step ends honestly, or stays planned and says why.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
import logging

from ..clients.errors import RateLimited, Refused, ServiceError, Unauthorized
from ..domain.knowledge import Absent, Knowledge, Known, Unknown
from ..domain.plan import Check, Skip, Step, StepState, Wait
from ..domain.plan.guards import against_carrying_out
from ..domain.text import Words, say
from ..operations import Applied, NotLinked, NotPossible, Operation, Operations
from ..store import LedgerRow, LedgerState, Store, StoreError, Write
from ..unexpected import log_unexpected

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something did not work. `sure`: it did not take place. `again`: it may work later."""

    why: Words
    sure: bool
    again: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step stands now that it was tried, and what the ledger is to be told of that."""

    step: Step
    told: Write[None] | None = None


class StepRunner:
    """Knows the operations, and writes the ledger."""

    def __init__(self, store: Store, operations: Operations, now: Callable[[], datetime]) -> None:
        """Take the ledger, an operation for each action, and the clock."""
        self._store = store
        self._operations = operations
        self._now = now

    def against(self, step: Step) -> Skip | None:
        """Say what a step lacks, whatever job's it is (laws 4 and 6); None: nothing."""
        if step.action not in self._operations:
            return Skip(say("step_no_operation"))
        lacking = against_carrying_out(step)
        return None if lacking is None else Skip(lacking)

    async def earlier(self, step: Step, row: LedgerRow) -> Ended | None:
        """Say how a step ended that was begun before a crash; None when it may be done now."""
        if row.state is LedgerState.DONE:
            done = replace(step, state=StepState.DONE, detail=row.detail, waits=False)
            return Ended(replace(done, bytes_freed=row.bytes_freed))
        if row.state is not LedgerState.BEGUN:
            return None
        operation = self._operations.get(step.action)
        if operation is None:
            return Ended(replace(step, detail=say("step_no_operation")))
        match await _happened(operation, step, row.begun_at):
            case Known(applied):
                return await self._done(operation, row.id, step, applied)
            case Unknown(reason):
                return Ended(replace(step, detail=say("step_may_have_happened", why=reason)))
        failed = LedgerState.FAILED
        await self._store.ledger.finish(row.id, failed, say("step_had_not_happened"), {})
        return None

    async def carry_out(
        self, plan_id: str, job: str, step: Step, kept: Awaitable[None] | None
    ) -> Ended:
        """Carry a step out that may be; say how it ended, or why it stays planned.

        `kept`: what of the step before is being written still. Nothing is done before that is.
        """
        operation = self._operations[step.action]
        try:
            before = await operation.snapshot(step)
        except StoreError:
            raise
        except Exception as err:  # noqa: BLE001  told whole by `_failure`
            return Ended(_not_done(step, _failure(err, step)))
        ledger_id = await self._store.ledger.begin(job, plan_id, step, before)
        if kept is not None:
            await kept
        return await self._apply(operation, step, ledger_id)

    async def _apply(self, operation: Operation, step: Step, ledger_id: int) -> Ended:
        begun = self._now()
        failure = Failure(say("nothing_changed"), sure=False, again=False)
        applied: Applied | None = None
        try:
            applied = await operation.apply(step)
        except StoreError:
            raise
        except Exception as err:  # noqa: BLE001  told whole by `_failure`
            failure = _failure(err, step)
        told: Knowledge[Applied] = Absent() if applied is None else Known(applied)
        if applied is None and not failure.sure:
            told = await _happened(operation, step, begun)
        match told:
            case Known(done):
                return await self._done(operation, ledger_id, step, done)
            case Unknown(reason):
                # Stays begun in the ledger: the next run of this plan reads it back first.
                return Ended(replace(step, detail=say("step_may_have_happened", why=reason)))
        said = self._store.ledger.to_finish(ledger_id, LedgerState.FAILED, failure.why, {})
        if failure.again:
            return Ended(replace(step, detail=failure.why), said)
        _LOGGER.warning("%s of %s failed: %s", step.action, step.label, failure.why)
        failed = replace(step, state=StepState.FAILED, detail=failure.why, waits=False)
        return Ended(failed, said)

    async def _done(
        self, operation: Operation, ledger_id: int, step: Step, applied: Applied
    ) -> Ended:
        try:
            await operation.acknowledge(step)
        except (ServiceError, NotPossible) as err:
            _LOGGER.debug("%s of %s is noted at the next poll: %s", step.action, step.label, err)
        state, outcome = StepState.DONE, LedgerState.DONE
        if applied.half:
            state, outcome = StepState.FAILED, LedgerState.FAILED
            _LOGGER.warning("%s of %s failed: %s", step.action, step.label, applied.detail)
        freed = applied.bytes_freed
        told = self._store.ledger.to_finish(
            ledger_id, outcome, applied.detail, applied.after, freed
        )
        done = replace(step, state=state, detail=applied.detail, waits=False, bytes_freed=freed)
        return Ended(done, told)


async def checked(ask: Callable[[], Awaitable[Check]], step: Step) -> Check:
    """Ask a job whether a step may be carried out; whatever goes wrong, it may not be now."""
    try:
        return await ask()
    except StoreError:
        raise
    except Exception as err:  # noqa: BLE001  told whole by `_failure`
        failure = _failure(err, step)
    if failure.again:
        # Unknown freezes: what can't be checked now is not done now, and stays planned.
        return Wait(say("step_not_checked_yet", why=failure.why))
    return Skip(say("step_not_checked", why=failure.why))


def _not_done(step: Step, failure: Failure) -> Step:
    """Say how a step stands of which not even the present state could be kept."""
    if failure.again:
        return replace(step, detail=say("step_not_checked_yet", why=failure.why))
    said = say("step_not_checked", why=failure.why)
    return replace(step, state=StepState.SKIPPED, detail=said, waits=False)


async def _happened(operation: Operation, step: Step, since: datetime) -> Knowledge[Applied]:
    """Read back; whatever goes wrong with that, it is not known."""
    try:
        return await operation.read_back(step, since)
    except StoreError:
        raise
    except Exception as err:  # noqa: BLE001  told whole by `_failure`
        return Unknown(_failure(err, step).why, step.target.kind)


def _failure(err: Exception, step: Step) -> Failure:
    """Say what an error means for a step."""
    match err:
        case Unauthorized() | RateLimited() | NotLinked():
            # It surely did not happen, and may be done once the key is mended, later, or when its
            # service is linked anew; the plan's own end ends it.
            return Failure(err.text, sure=True, again=True)
        case Refused() | NotPossible():
            return Failure(err.text, sure=True, again=False)
        case ServiceError():
            return Failure(err.text, sure=False, again=True)
        case OSError():
            return Failure(say("io_failed", why=str(err)), sure=False, again=True)
    log_unexpected(_LOGGER, "Could not carry out %s of %s", step.action, step.label)
    return Failure(say("step_unexpected", why=type(err).__name__), sure=False, again=False)
