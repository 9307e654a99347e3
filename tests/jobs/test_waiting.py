"""Whose turn it is of plans that wait: a growing pause, hints, and no hurry."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.showrunner.jobs.kit.waiting import LEAST, PAUSES, WaitingPlans

START = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Begin."""
        self.now = START

    def __call__(self) -> datetime:
        """Read it."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


def test_the_pause_grows_and_then_stays(clock: Clock) -> None:
    """Each try that changes nothing makes it longer, up to the last."""
    plans = WaitingPlans(clock)
    plans.tried("p")
    for pause in (*PAUSES, PAUSES[-1]):
        clock.now += pause - SECOND
        assert plans.due() == ()
        clock.now += SECOND
        assert plans.due() == ("p",)
        plans.tried("p")
    assert list(PAUSES) == sorted(PAUSES)


def test_a_hint_makes_it_sooner_but_not_at_once(clock: Clock) -> None:
    """Changes come in swarms; the hint is remembered until it could be followed."""
    plans = WaitingPlans(clock)
    for _ in range(9):
        plans.tried("p")
    plans.hint()
    assert plans.due() == ()
    clock.now += LEAST
    assert plans.due() == ("p",)
    plans.tried("p")
    clock.now += LEAST
    assert plans.due() == ()


def test_what_waited_when_it_was_stopped_comes_at_once(clock: Clock) -> None:
    """A restart is a reason to look."""
    plans = WaitingPlans(clock)
    plans.take_up("p")
    assert (plans.due(), plans.ids, "p" in plans) == (("p",), ("p",), True)
    plans.forget("p")
    assert (plans.due(), plans.ids, "p" in plans) == ((), (), False)


async def test_a_turn_waits_for_a_hint_or_for_its_time(clock: Clock) -> None:
    """And for nothing while nothing waits."""
    plans = WaitingPlans(clock)
    turn = asyncio.ensure_future(plans.turn())
    plans.hint()
    await asyncio.sleep(0)
    assert not turn.done()
    plans.tried("p")
    await turn
    clock.now += PAUSES[0]
    await plans.turn()
    assert plans.due() == ("p",)
    plans.forget("p")
    await plans.turn(longest=timedelta())
