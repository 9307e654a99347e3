"""A schedule holds for who looks at its own pace, whatever the jitter of the timer."""

from datetime import UTC, datetime, timedelta
import itertools

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.schedule import is_due, share

BEGUN = datetime(2026, 6, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

jitter = st.floats(-1.0, 1.0).map(lambda seconds: timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("passed", "due"),
    [
        (timedelta(seconds=60), True),
        (timedelta(seconds=59, milliseconds=990), True),
        (timedelta(seconds=58), True),
        (timedelta(seconds=50), False),
        (timedelta(0), False),
        (-timedelta(seconds=1), True),
    ],
)
def test_a_minute_is_over_a_little_early_too(passed: timedelta, due: bool) -> None:
    """Home Assistant's timer may fire a second too early; a clock put back waits for nothing."""
    assert is_due(BEGUN, BEGUN + passed, MINUTE) is due


def test_what_was_never_done_is_due() -> None:
    """There is no first interval to wait for."""
    assert is_due(None, BEGUN, MINUTE)


@given(st.lists(jitter, min_size=1, max_size=30))
def test_whoever_looks_at_its_pace_finds_it_due_each_time(late: list[timedelta]) -> None:
    """No look is left out, so that the interval is never doubled."""
    last = BEGUN
    for more in late:
        now = last + MINUTE + more
        assert is_due(last, now, MINUTE)
        last = now


@given(st.lists(jitter, min_size=100, max_size=100))
def test_a_longer_schedule_keeps_its_length(late: list[timedelta]) -> None:
    """Looked at every minute, ten minutes are the tenth look: not the ninth, nor the eleventh."""
    last, done = BEGUN, [0]
    for number, more in enumerate(late, start=1):
        # The jitter is the timer's, from one look to the next, and does not add up.
        now = BEGUN + number * MINUTE + more
        if is_due(last, now, 10 * MINUTE):
            last = now
            done.append(number)
    assert [after - before for before, after in itertools.pairwise(done)] == [10] * 10


@given(st.integers(0, 5000), st.integers(1, 60), st.integers(1, 50))
def test_all_have_their_turn_in_so_many_looks(number: int, looks: int, most: int) -> None:
    """Nobody is left out, no look has more than it may, and none is busier than it has to be."""
    each = share(number, looks, most)
    assert each <= most
    assert each * looks >= number or each == most
    assert each == 0 or (each - 1) * looks < number
