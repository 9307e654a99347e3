"""Which steps of a plan belong together, and in which order they may be done (law 15).

Pure. What is not done takes with it what comes after it, and what only prepares it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..text import Text, Words, joined, say
from .payloads import RemoveRemoteFiles
from .plan import Plan
from .step import Step, StepState

_NOT_DONE: Final = say("step_before_not_done")
# The key of the text in which it says why.
_NOT_DONE_WHY: Final = "step_before_not_done_why"


@dataclass(frozen=True, slots=True)
class Proceed:
    """The facts that the step was planned on still hold."""


@dataclass(frozen=True, slots=True)
class Skip:
    """The facts changed, or nothing is left to do: the step is skipped, and says why.

    `needless`: what it was for is so already, so that what comes after it may go on.
    """

    reason: Words
    needless: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """It can't be done yet: the step stays planned, and goes on by itself."""

    reason: Words


type Check = Proceed | Skip | Wait


class Progress:
    """A plan while it is carried out: what comes after what is looked up once, not each time."""

    def __init__(self, plan: Plan) -> None:
        """Begin with the plan as it stands."""
        self._plan = plan
        self._steps = {step.id: step for step in plan.steps}
        self._followers = _followers(plan.steps)

    @property
    def plan_id(self) -> str:
        """The plan's id."""
        return self._plan.plan_id

    @property
    def job(self) -> str:
        """The job whose plan it is."""
        return self._plan.job

    @property
    def begun_as(self) -> Plan:
        """The plan as it stood when this began."""
        return self._plan

    @property
    def plan(self) -> Plan:
        """The plan as it stands now."""
        return self._plan.with_steps(self._steps.values())

    def put(self, step: Step) -> None:
        """Note how a step stands now."""
        self._steps[step.id] = step

    def prepared(self, step: Step) -> tuple[Step, ...]:
        """Give the deletions that a step only prepares: without them it must not be done."""
        if step.action.destructive:
            return ()
        found: dict[str, Step] = {}
        fresh = [step.id]
        while fresh:
            for one in self._followers.get(fresh.pop(), ()):
                later = self._steps[one]
                if one not in found and later.state is StepState.PLANNED:
                    found[one] = later
                    fresh.append(one)
        return tuple(later for later in found.values() if later.action.destructive)

    def held(self, step: Step) -> Skip | Wait | None:
        """Say what becomes of a step while one before it is not done; None when it may go on."""
        firsts = [self._steps.get(one) for one in step.after]
        for first in firsts:
            if first is None or _failed(first):
                return Skip(_said(first))
        if any(first is not None and first.state is StepState.PLANNED for first in firsts):
            return Wait(say("step_waits"))
        return None


def _followers(steps: Iterable[Step]) -> dict[str, list[str]]:
    """Name the steps that come right after each."""
    found: dict[str, list[str]] = {}
    for step in steps:
        for first in step.after:
            found.setdefault(first, []).append(step.id)
    return found


def without(steps: Sequence[Step], missing: Collection[str]) -> frozenset[str]:
    """Name the planned steps that are not done when these are not: these, and what hangs on them.

    That is whatever comes after one of them, and whatever comes before deletions none of which is
    done: unmonitoring alone only loses what was wanted.
    """
    planned = {step.id: step for step in steps if step.state is StepState.PLANNED}
    followers = _followers(planned.values())
    matter = _destroying(planned)
    # How many of those that come right after each still destroy something, or lead to it.
    left = {one: sum(later in matter for later in followers.get(one, ())) for one in planned}
    dropped: set[str] = set()
    fresh = [one for one in missing if one in planned]
    while fresh:
        one = fresh.pop()
        if one in dropped:
            continue
        dropped.add(one)
        fresh += followers.get(one, ())
        for first in planned[one].after if one in matter else ():
            if first in planned:
                left[first] -= 1
                if not left[first]:
                    fresh.append(first)
    return frozenset(dropped)


def _destroying(planned: Mapping[str, Step]) -> set[str]:
    """Name the steps that destroy something, and those that come before one that does."""
    found: set[str] = set()
    fresh = [one for one, step in planned.items() if step.action.destructive]
    while fresh:
        one = fresh.pop()
        if one not in found:
            found.add(one)
            fresh += [first for first in planned[one].after if first in planned]
    return found


def chosen(plan: Plan, wanted: Collection[str] | None) -> frozenset[str]:
    """Name the planned steps that are carried out when a person chose these (None: all)."""
    planned = frozenset(step.id for step in plan.steps if step.state is StepState.PLANNED)
    return planned if wanted is None else planned - without(plan.steps, planned - set(wanted))


def begun(plan: Plan, step_ids: Collection[str]) -> Plan:
    """Note which steps are being carried out: they go on by themselves until they have ended."""
    return plan.with_steps(replace(step, waits=True) for step in plan.steps if step.id in step_ids)


def _said(first: Step | None) -> Words:
    """Say that a step before was not done, and why, once for all that come after."""
    if first is None or not first.detail:
        return _NOT_DONE
    if first.detail == _NOT_DONE or (
        isinstance(first.detail, Text) and first.detail.key == _NOT_DONE_WHY
    ):
        return first.detail
    return say("step_before_not_done_why", why=first.detail)


def _failed(first: Step) -> bool:
    ended = first.state not in (StepState.PLANNED, StepState.DONE)
    return ended and not (first.state is StepState.SKIPPED and first.needless)


def ended(plan: Plan, why: Words, but: Collection[str] = ()) -> Plan:
    """End the steps that still wait, because nobody carries the plan out any more; some go on."""
    done = {step.id for step in plan.steps if step.state is StepState.DONE}
    return plan.with_steps(
        replace(
            step,
            state=StepState.SKIPPED,
            waits=False,
            detail=joined((why, step.detail, _stays(step, done))),
        )
        for step in plan.waiting
        if step.id not in but
    )


def owed(plan: Plan, begun: Collection[str] = ()) -> frozenset[str]:
    """Name the waiting steps that remove files whose torrent has left: nobody else knows of them.

    `begun`: the steps of which it is not known whether they took place.
    """
    gone = {step.id for step in plan.steps if step.state is StepState.DONE} | set(begun)
    return frozenset(
        step.id
        for step in plan.waiting
        if isinstance(step.payload, RemoveRemoteFiles) and gone.issuperset(step.after)
    )


def files_left(plan: Plan) -> int:
    """Count the torrents that were removed and whose files are not, or not all of them."""
    done = {step.id for step in plan.steps if step.state is StepState.DONE}
    ended = (StepState.SKIPPED, StepState.FAILED)
    return sum(step.state in ended and bool(_stays(step, done)) for step in plan.steps)


def _stays(step: Step, done: Collection[str]) -> Words:
    """Say what stays on a disk, and that no torrent tells of it any more."""
    payload = step.payload
    if not isinstance(payload, RemoveRemoteFiles) or not set(done).issuperset(step.after):
        return ""
    if step.bytes_freed:
        return say("files_stay_some", folder=step.target.path or "")
    return say("files_stay", count=len(payload.files) + payload.left, folder=step.target.path or "")
