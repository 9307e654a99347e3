"""When in a week people watch, by the clock on their wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from custom_components.showrunner.domain.viewing_week import DAYS, HOURS, week_of

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/St_Johns")])
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_an_evening_is_on_its_day_and_at_its_hour() -> None:
    """Sunday 23:30 UTC is Monday already; in the summer the clock is two hours on, not one."""
    winter = datetime(2026, 1, 11, 23, 30, tzinfo=UTC)
    summer = datetime(2026, 7, 12, 23, 30, tzinfo=UTC)
    week = week_of([(winter, 60.0), (summer, 30.0), (winter, 1.0)], BERLIN)
    assert (week[0][0], week[0][1]) == (61.0, 30.0)
    assert sum(map(sum, week)) == 91.0


def test_the_hour_that_there_is_twice_has_both() -> None:
    """When the clocks are put back, two hours have one name."""
    first = datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    week = week_of([(first, 1.0), (first + timedelta(hours=1), 2.0)], BERLIN)
    assert week[6][2] == 3.0


def test_nobody_watched() -> None:
    """A week has its hours all the same."""
    week = week_of([], UTC)
    assert (len(week), {len(day) for day in week}) == (DAYS, {HOURS})
    assert not any(map(any, week))


@given(st.lists(st.tuples(INSTANTS, st.integers(0, 3600).map(float))), ZONES)
def test_nothing_is_lost_and_weeks_lie_on_each_other(
    watched: list[tuple[datetime, float]], zone: ZoneInfo
) -> None:
    """Whatever the zone; and a whole number of local weeks later all is where it was."""
    week = week_of(watched, zone)
    assert sum(map(sum, week)) == sum(seconds for _, seconds in watched)
    later = [
        ((at.astimezone(zone) + timedelta(weeks=3)).replace(fold=at.astimezone(zone).fold), seconds)
        for at, seconds in watched
    ]
    assert week_of(later, zone) == week
