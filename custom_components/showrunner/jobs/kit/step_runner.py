"""Carries one step out: the ledger before, the operation, the reading back, the ledger after.

A step that may have happened is read back from its service and never repeated blindly. Whatever
goes wrong, also a defect of ours, the step ends honestly, or stays planned and says why.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
import logging

from ...clients.errors import RateLimited, Refused, ServiceError, Unauthorized
from ...clients.moment import forget
from ...domain.knowledge import Absent, Knowledge, Known, Unknown
from ...domain.plan import Check, Skip, Step, StepState, Wait
from ...domain.plan.guards import against_carrying_out
from ...domain.text import Words, say
from ...operations import Applied, NotLinked, NotPossible, Operation, Operations
from ...store import LedgerRow, LedgerState, Store, StoreError, Write
from ...unexpected import log_unexpected
from .endings import Endings

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something did not work. `sure`: it did not take place. `again`: it may work later.

    `late`: a service that did not answer may do it still.
    """

    why: Words
    sure: bool
    again: bool
    late: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step stands now that it was tried, and what the ledger is to be told of that.

    `goes_on`: what is left of it may be done now.
    """

    step: Step
    write: Write[None] | None = None
    goes_on: bool = False


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

    async def earlier(self, step: Step, row: LedgerRow, *, over: bool = False) -> Ended | None:
        """Say how a step ended that was begun before a crash; None when it may be done now.

        `over`: nobody goes on with it, so that little that is left keeps nothing from being done.
        """
        if row.state is LedgerState.DONE:
            done = replace(step, state=StepState.DONE, detail=row.detail, waits=False)
            freed = step.bytes_freed + row.bytes_freed
            return Ended(replace(done, bytes_freed=freed, ledger_id=row.id))
        return await self._begun(step, row, over=over) if row.state is LedgerState.BEGUN else None

    async def _begun(self, step: Step, row: LedgerRow, *, over: bool) -> Ended | None:
        operation = self._operations.get(step.action)
        if operation is None:
            return Ended(replace(step, detail=say("step_no_operation")))
        match await _happened(operation, step, row.begun_at):
            case Known(applied):
                if _goes_on(step, applied, over=over):
                    return self._unfinished(row.id, step, applied, applied.detail)
                return await self._done(operation, row.id, step, applied)
            case Unknown(reason):
                return Ended(replace(step, detail=say("step_may_have_happened", why=reason)))
        failed = LedgerState.FAILED
        await self._store.ledger.finish(row.id, failed, say("step_had_not_happened"), {})
        return None

    async def carry_out(self, plan_id: str, job: str, step: Step, endings: Endings) -> Ended:
        """Carry a step out that may be; say how it ended, or why it stays planned.

        `endings`: of the steps before. Nothing is done before they are on the disk.
        """
        operation = self._operations[step.action]
        try:
            before = await operation.snapshot(step)
        except StoreError:
            raise
        except Exception as err:  # noqa: BLE001  told whole by `_failure`
            forget()
            return Ended(_not_done(step, _failure(err, step)))
        begin = self._store.ledger.to_begin(job, plan_id, step, before)
        ledger_id = await endings.written_with(begin)
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
        finally:
            forget()  # whatever it was done with
        happened: Knowledge[Applied] = Absent() if applied is None else Known(applied)
        if applied is None and not failure.sure:
            happened = await _happened(operation, step, begun)
        match happened:
            case Known(done) if done.unfinished and failure.again:
                return replace(self._unfinished(ledger_id, step, done, failure.why), goes_on=False)
            case Known(done):
                return await self._done(operation, ledger_id, step, done)
            case Unknown(reason):
                # Stays begun in the ledger: the next run of this plan reads it back first.
                return Ended(replace(step, detail=say("step_may_have_happened", why=reason)))
        if failure.late:
            # That it is not done yet proves nothing. It stays begun in the ledger: the next run
            # looks once more, before it asks again.
            return Ended(replace(step, detail=failure.why))
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
        # What lies there under another name, too, is not freed, whatever has gone.
        gone = applied.bytes_freed
        now = gone if step.room is None else step.room.freed(gone)
        finish = self._store.ledger.to_finish(
            ledger_id, outcome, applied.detail, applied.after, now
        )
        freed = step.bytes_freed + now
        done = replace(step, state=state, detail=applied.detail, waits=False, bytes_freed=freed)
        return Ended(replace(done, ledger_id=ledger_id), finish)

    def _unfinished(self, ledger_id: int, step: Step, applied: Applied, detail: Words) -> Ended:
        """Note what a step has done whose answer was lost; it stays planned, and goes on."""
        freed = applied.bytes_freed
        written = self._store.ledger.to_finish(
            ledger_id, LedgerState.FAILED, applied.detail, applied.after, freed
        )
        left = replace(step, detail=detail, bytes_freed=step.bytes_freed + freed)
        return Ended(left, written, goes_on=True)


def _goes_on(step: Step, applied: Applied, *, over: bool) -> bool:
    planned = step.state is StepState.PLANNED
    return applied.unfinished and planned and (applied.half or not over)


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
            return Failure(err.text, sure=False, again=True, late=True)
        case OSError():
            return Failure(say("io_failed", why=str(err)), sure=False, again=True)
    log_unexpected(_LOGGER, "Could not carry out %s of %s", step.action, step.label)
    return Failure(say("step_unexpected", why=type(err).__name__), sure=False, again=False)
