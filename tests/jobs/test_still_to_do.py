"""What of a new plan the clock leaves alone: what waits, was ended, or has just failed."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.domain.plan import (
    DeleteMovie,
    Payload,
    StepState,
    UnmonitorMovie,
)
from custom_components.showrunner.domain.text import Words, say
from custom_components.showrunner.jobs.kit.plan_runs import still_to_do
from custom_components.showrunner.store import Store
from tests.domain.plans import plan, step

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENDED = say("plan_cancelled")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "still.db")
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    ("state", "detail", "payload", "ago", "rests"),
    [
        (StepState.FAILED, "no", DeleteMovie(), HOUR, True),
        (StepState.FAILED, "no", DeleteMovie(), DAY, False),
        (StepState.FAILED, "no", UnmonitorMovie(), HOUR, False),  # it is something else by now
        (StepState.SKIPPED, ENDED, DeleteMovie(), 30 * DAY, True),
        (StepState.SKIPPED, say("listed", what=(ENDED, "x")), DeleteMovie(), HOUR, True),
        (StepState.SKIPPED, ENDED, UnmonitorMovie(), HOUR, False),
        (StepState.SKIPPED, "changed", DeleteMovie(), HOUR, False),
        (StepState.DONE, "", DeleteMovie(), HOUR, False),
        (StepState.CUT, "", DeleteMovie(), HOUR, False),
    ],
)
async def test_what_was_ended_or_has_just_failed_rests(
    store: Store, state: StepState, detail: Words, payload: Payload, ago: timedelta, rests: bool
) -> None:
    """A failure for a day, what a person has ended for good; and only the very same."""
    new = plan(step(1), step(2))
    past = replace(step(1, payload=payload), state=state, detail=detail)
    at = new.created_at - ago
    await store.plans.put(replace(plan(past), plan_id="before", created_at=at))
    left = await still_to_do(store, new, ())
    assert [one.id for one in left.steps] == (["s2"] if rests else ["s1", "s2"])


async def test_what_waits_in_another_plan_is_left_to_that(store: Store) -> None:
    """What has ended there is not."""
    waiting = plan(step(1, waits=True), step(2, state=StepState.DONE))
    left = await still_to_do(store, plan(step(1), step(2), step(3)), (waiting,))
    assert [one.id for one in left.steps] == ["s2", "s3"]
