"""How a plan and its steps stand: as a run begins or is stopped, and when a step is not done."""

from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum

from ...domain.plan import Plan, Skip, Step, StepState, Wait, begun, chosen, ended
from ...domain.plan.guards import Budget, cut
from ...domain.text import say


class Stop(StrEnum):
    """What a person wants of a plan that is being carried out, or waits."""

    CANCEL = "cancel"
    PAUSE = "pause"


def within(plan: Plan, budget: Budget) -> tuple[Plan, frozenset[str]]:
    """Cut a plan to its budget; of what was begun already name what has to wait for now.

    Cut off in its middle, a title would be unmonitored and never deleted.
    """
    fresh = cut(plan, budget)
    cuts = {step.id for step in fresh.steps if step.state is StepState.CUT}
    beyond = frozenset(step.id for step in plan.waiting if step.id in cuts)
    back = [step for step in plan.waiting if step.id in beyond]
    said = say("step_beyond_budget_now")
    return fresh.with_steps(replace(step, detail=said) for step in back), beyond


def stopped_by(plan: Plan, how: Stop) -> Plan:
    """Say how a plan stands that a person has stopped."""
    if how is Stop.CANCEL:
        return replace(ended(plan, say("plan_cancelled")), paused=False)
    return replace(plan, paused=True)


def as_begun(
    plan: Plan, wanted: Collection[str] | None, beyond: Collection[str]
) -> tuple[Plan, frozenset[str], dict[str, Collection[str]]]:
    """Note what is carried out of a plan; give that, and what each of those steps is about."""
    ids = chosen(plan, wanted) - set(beyond)
    plan = _not_chosen(begun(plan, ids), ids, wanted or ())
    return plan, ids, {step.id: tuple(step.locks) for step in plan.steps if step.id in ids}


def not_now(step: Step, why: Skip | Wait) -> Step:
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
