"""When a file's days in the trash are over, by clocks that may be wrong."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.extras import is_confirmed, is_past_due

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def ago(days: float) -> datetime:
    """So many days before now."""
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("trashed_at", "placed_at", "over"),
    [
        (ago(31), ago(31), True),
        (ago(30), ago(30), False),
        (ago(29), ago(29), False),
        # Moved with a clock that was behind: the file system of a server knows better.
        (ago(31), ago(2), False),
        (ago(2), ago(31), False),
        # Moved with a clock that was ahead.
        (ago(-400), ago(31), False),
        (ago(31), ago(-400), False),
        # Moved with no clock at all.
        (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), False),
        (datetime(2019, 12, 31, tzinfo=UTC), ago(31), False),
    ],
)
def test_what_says_since_when_it_lies_there(
    trashed_at: datetime, placed_at: datetime, over: bool
) -> None:
    """Both the manifest and the file system must; what is impossible keeps it."""
    assert is_past_due(trashed_at, placed_at, NOW, 30) is over


@given(TIMES, TIMES, TIMES, st.floats(1, 3650))
def test_never_sooner_than_by_any_of_them(
    trashed_at: datetime, placed_at: datetime, now: datetime, days: float
) -> None:
    """Whatever the clocks said."""
    if is_past_due(trashed_at, placed_at, now, days):
        assert min(now - trashed_at, now - placed_at) >= timedelta(days=days)
        assert trashed_at.year >= 2020


@pytest.mark.parametrize(("days", "confirmed"), [(0, False), (0.99, False), (1, True), (-1, False)])
def test_a_look_is_confirmed_by_one_a_day_before(days: float, confirmed: bool) -> None:
    """Not by one of moments ago, nor by one in the future."""
    assert is_confirmed(ago(days), NOW) is confirmed
