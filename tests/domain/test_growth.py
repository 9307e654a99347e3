"""How fast a client fills: what comes counts, what goes does not, and too little says nothing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.growth import LEAST, STEP, WINDOW, Growth

NOW = datetime(2026, 11, 1, tzinfo=UTC)
GB = 10**9
HOUR = timedelta(hours=1)


def grown(*held: int, every: timedelta = HOUR) -> Growth:
    """Note what is held, one after the other."""
    found = Growth()
    for number, used in enumerate(held):
        found = found.noted(NOW + number * every, used)
    return found


def test_it_is_full_when_what_comes_has_filled_what_is_left() -> None:
    """One GB an hour, ten left: in ten hours."""
    found = grown(0, GB, 2 * GB)
    assert found.rate == 24 * GB
    assert found.full_at(2 * GB, 12 * GB, NOW) == NOW + 10 * HOUR


def test_what_was_purged_meanwhile_does_not_slow_it_down() -> None:
    """Five came, five went, five came."""
    assert grown(0, 5 * GB, 0, 5 * GB).rate == pytest.approx(80 * GB)


def test_what_is_full_is_full_now() -> None:
    """Also where more is held than there is room for."""
    assert grown(0, GB).full_at(9 * GB, 8 * GB, NOW) == NOW


@pytest.mark.parametrize(
    "found",
    [Growth(), grown(GB), grown(0, GB, every=LEAST - STEP), grown(GB, GB), grown(GB, 0)],
    ids=["nothing seen", "once", "too short", "nothing comes", "only less"],
)
def test_nobody_says_when(found: Growth) -> None:
    """What is not known, and what does not fill, has no day."""
    assert found.full_at(0, 10 * GB, NOW) is None


def test_without_a_size_or_in_ten_years_nobody_says_when() -> None:
    """Unknown room is not endless room, and far is no news."""
    assert grown(0, GB).full_at(GB, None, NOW) is None
    assert grown(0, 1).full_at(0, 100 * GB, NOW) is None


def test_what_is_old_is_forgotten_and_what_follows_at_once_is_not_noted() -> None:
    """A day, in steps of ten minutes."""
    found = grown(*range(400), every=STEP)
    assert found.seen[-1][0] - found.seen[0][0] <= WINDOW
    assert len(found.seen) <= WINDOW / STEP + 1
    assert found.noted(found.seen[-1][0] + STEP / 2, 7) is found


def test_a_clock_that_was_put_back_begins_anew() -> None:
    """No rate is told of time that ran backwards."""
    assert grown(0, GB).noted(NOW - HOUR, GB).seen == ((NOW - HOUR, GB),)


@given(st.lists(st.integers(0, 10**15), max_size=40), st.integers(0, 10**15))
def test_full_is_never_in_the_past(held: list[int], total: int) -> None:
    """Whatever was held."""
    found = grown(*held)
    at = found.full_at(held[-1] if held else 0, total, NOW)
    assert at is None or at >= NOW
    assert found.rate is None or found.rate >= 0
