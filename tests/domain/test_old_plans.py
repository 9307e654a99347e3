"""When plans that are over are let go of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.showrunner.domain.plan import StepState
from custom_components.showrunner.domain.plan.old import PlansKept, is_over
from custom_components.showrunner.domain.text import Words, say

from .plans import plan, step
from .samples import NOW

KEPT = PlansKept(newest=50, days=90, most=1000, least_days=14)
LATER = NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("newest", "most", "days"),
    [
        (200, None, 200),  # the newest stay, however old
        (10, None, 90),
        (10, 300, 90),
        (10, 60, 60),  # too many: as old ones as that go
        (10, 5, 14),  # but none that is not a fortnight old
        (100, 60, 100),
    ],
)
def test_the_newest_the_young_and_not_too_many_stay(
    newest: int, most: int | None, days: int
) -> None:
    """All in days ago."""
    last = None if most is None else NOW - timedelta(days=most)
    before = KEPT.before(NOW, NOW - timedelta(days=newest), last)
    assert before == NOW - timedelta(days=days)


def test_of_few_none_goes() -> None:
    """Whatever their age."""
    assert KEPT.before(NOW, None, None) is None
    assert KEPT.before(NOW, None, NOW) is None


def test_a_plan_is_over_when_nobody_goes_on_with_it() -> None:
    """It has expired, and nothing of it waits."""
    done = plan(step(1, state=StepState.DONE))
    assert is_over(done, LATER)
    assert not is_over(done, NOW)
    assert not is_over(plan(step(1, waits=True)), LATER)


@pytest.mark.parametrize(
    ("state", "detail", "rests"),
    [
        (StepState.SKIPPED, say("plan_cancelled"), True),
        (StepState.SKIPPED, say("listed", what=(say("plan_cancelled"), "x")), True),
        (StepState.SKIPPED, say("nothing_left_to_do"), False),
        (StepState.FAILED, say("plan_cancelled"), False),
    ],
)
def test_what_a_person_has_ended_rests(state: StepState, detail: Words, rests: bool) -> None:
    """It is by the plan that it is known not to be tried again."""
    ended = replace(step(1), state=state, detail=detail)
    assert is_over(plan(step(2, state=StepState.DONE), ended), LATER) is not rests
