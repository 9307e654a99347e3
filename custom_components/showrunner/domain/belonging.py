"""Which steps of a plan belong together, and in which order they may be done (law 15).

Pure. What is not done takes with it what comes after it, and what only prepares it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .plan import Plan, Step, StepState
from .text import Text, Words, joined, say

_NOT_DONE: Final = say("step_before_not_done")
# The key of the text in which it says why.
_NOT_DONE_WHY: Final = "step_before_not_done_why"


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


def without(steps: Sequence[Step], missing: Collection[str]) -> frozenset[str]:
    """Name the planned steps that are not done when these are not: these, and what hangs on them.

    That is whatever comes after one of them, and whatever comes before deletions none of which is
    done: unmonitoring alone only loses what was wanted.
    """
    planned = {step.id: step for step in steps if step.state is StepState.PLANNED}
    dropped = set(missing) & planned.keys()
    prepared = {
        step_id: {one for one in _later(planned, step_id) if planned[one].action.destructive}
        for step_id in planned
    }
    grown = bool(dropped)
    while grown:
        more = {
            step.id
            for step in planned.values()
            if dropped.intersection(step.after)
            or (prepared[step.id] and prepared[step.id] <= dropped)
        }
        grown = not more <= dropped
        dropped |= more
    return frozenset(dropped)


def prepared(plan: Plan, step: Step) -> tuple[Step, ...]:
    """Give the deletions that a step only prepares: without them it must not be done."""
    if step.action.destructive:
        return ()
    planned = {one.id: one for one in plan.steps if one.state is StepState.PLANNED}
    later = _later(planned, step.id)
    return tuple(one for one in planned.values() if one.id in later and one.action.destructive)


def _later(planned: dict[str, Step], step_id: str) -> set[str]:
    """Name the steps that come after one, directly or not."""
    found: set[str] = set()
    fresh = {step_id}
    while fresh:
        fresh = {one.id for one in planned.values() if fresh.intersection(one.after)} - found
        found |= fresh
    return found


def chosen(plan: Plan, wanted: Collection[str] | None) -> frozenset[str]:
    """Name the planned steps that are carried out when a person chose these (None: all)."""
    planned = frozenset(step.id for step in plan.steps if step.state is StepState.PLANNED)
    return planned if wanted is None else planned - without(plan.steps, planned - set(wanted))


def begun(plan: Plan, step_ids: Collection[str]) -> Plan:
    """Note which steps are being carried out: they go on by themselves until they have ended."""
    return replace(
        plan,
        steps=tuple(
            replace(step, waits=True) if step.id in step_ids else step for step in plan.steps
        ),
    )


def held(plan: Plan, step: Step) -> Skip | Wait | None:
    """Say what becomes of a step while one before it is not done; None when it may go on."""
    firsts = [plan.step(one) for one in step.after]
    for first in firsts:
        if first is None or _failed(first):
            return Skip(_said(first))
    if any(first is not None and first.state is StepState.PLANNED for first in firsts):
        return Wait(say("step_waits"))
    return None


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


def ended(plan: Plan, why: Words) -> Plan:
    """End the steps that still wait, because nobody carries the plan out any more."""
    for step in plan.waiting:
        said = joined((why, step.detail))
        plan = plan.with_step(replace(step, state=StepState.SKIPPED, waits=False, detail=said))
    return plan
