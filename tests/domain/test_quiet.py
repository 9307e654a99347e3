"""Quiet hours are wall-clock hours, also over midnight."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.quiet import quiet_until

ZONE = ZoneInfo("Europe/Berlin")
NIGHT = (time(22, 0), time(7, 0))


def at(hour: int, minute: int = 0, day: int = 10) -> datetime:
    """Give a local instant."""
    return datetime(2026, 6, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(21, 59), at(21, 59)),
        (at(22, 0), at(7, 0, day=11)),
        (at(3, 30), at(7, 0)),
        (at(6, 59), at(7, 0)),
        (at(7, 0), at(7, 0)),
        (at(12, 0), at(12, 0)),
    ],
)
def test_a_night_ends_in_the_morning(now: datetime, until: datetime) -> None:
    """Over midnight, both sides of it are quiet; the end itself is loud again."""
    assert quiet_until(now, *NIGHT) == until


def test_hours_within_a_day() -> None:
    """A nap in the afternoon does not reach into the night."""
    nap = (time(13), time(15))
    assert quiet_until(at(14), *nap) == at(15)
    assert quiet_until(at(23), *nap) == at(23)


@pytest.mark.parametrize("hours", [(None, None), (None, time(7)), (time(22), None)])
def test_half_a_time_is_none(hours: tuple[time | None, time | None]) -> None:
    """Without both ends nothing is quiet."""
    assert quiet_until(at(3), *hours) == at(3)


@given(st.times(), st.times(), st.integers(0, 60 * 24 * 400))
def test_quiet_always_ends_within_a_day(start: time, end: time, minutes: int) -> None:
    """Whatever the hours: at most a day of silence, and then it may be loud."""
    now = at(0) + timedelta(minutes=minutes)
    until = quiet_until(now, start, end)
    assert now <= until <= now + timedelta(days=1)
    assert quiet_until(until, start, end) == until
