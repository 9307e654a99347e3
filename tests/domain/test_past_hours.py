"""The past as rows: it counts up from nothing, ends where the live hours begin, can be repeated."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.past_hours import Past, StatisticRow, past_hours

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
_HOUR = timedelta(hours=1)


def _day(at: datetime) -> date:
    return at.date()


def _live(begin: datetime, *gains: float, base: float = 0.0, state: float = 0.0):
    """Make the sensor's rows: one an hour, reset at midnight."""
    rows, total = [], base
    for number, gain in enumerate(gains):
        start = begin + number * _HOUR
        state = gain if start.hour == 0 else state + gain
        total += gain
        rows.append(StatisticRow(start, total, state))
    return rows


def _after(known: list[StatisticRow], past: Past) -> list[StatisticRow]:
    """Do as the recorder does: write rows over those of the same hour, raise what follows."""
    rows = {row.start: row for row in known}
    rows |= {start: StatisticRow(start, total, None) for start, total in past.rows}
    return [
        StatisticRow(row.start, row.sum + past.raised_by, row.state)
        if row.start >= past.live_since
        else row
        for _, row in sorted(rows.items())
    ]


def _changes(rows: list[StatisticRow]) -> dict[datetime, float]:
    before, found = 0.0, {}
    for row in rows:
        found[row.start] = pytest.approx(row.sum - before)
        before = row.sum
    return found


def test_without_a_live_hour_the_past_waits() -> None:
    """It must end somewhere."""
    assert past_hours({NOW: 1.0}, (), _day, NOW.date(), None) is None


def test_the_past_counts_up_and_the_live_hours_go_on() -> None:
    """Nothing jumps where they meet."""
    watched = {NOW - timedelta(days=9): 2.0, NOW - timedelta(days=3): 1.5}
    known = _live(NOW, 0.0, 1.0)
    past = past_hours(watched, known, _day, NOW.date(), None)
    assert past is not None
    assert _changes(_after(known, past)) == {**watched, NOW: 0.0, NOW + _HOUR: 1.0}


def test_again_is_as_once_and_more_is_put_in_between() -> None:
    """Repeated, nothing changes; with another import the later sums rise."""
    watched = {NOW - timedelta(days=9): 2.0, NOW - timedelta(days=3): 1.5}
    known = _live(NOW, 0.0, 1.0)
    first = past_hours(watched, known, _day, NOW.date(), None)
    assert first is not None
    known = _after(known, first)
    again = past_hours(watched, known, _day, NOW.date(), None)
    assert again is not None
    assert (again.raised_by, _after(known, again)) == (0.0, known)
    watched |= {NOW - timedelta(days=5): 4.0}
    more = past_hours(watched, known, _day, NOW.date(), None)
    assert more is not None
    assert _changes(_after(known, more)) == {**watched, NOW: 0.0, NOW + _HOUR: 1.0}


def test_what_the_sensor_began_with_was_not_counted_by_it() -> None:
    """On the first day: the first state is its zero point, all that comes to it is counted live."""
    morning = NOW - 4 * _HOUR
    known = _live(NOW, 0.0, 1.0, state=2.0)
    watched = {morning: 2.0, NOW + _HOUR: 1.0}
    past = past_hours(watched, known, _day, NOW.date(), None)
    assert past is not None
    assert _changes(_after(known, past)) == {morning: 2.0, NOW: 0.0, NOW + _HOUR: 1.0}
    # Imported when the sensor was there already: the sensor jumped, and has it.
    known = _live(NOW, 0.0, 3.0)
    past = past_hours({morning: 2.0, NOW + _HOUR: 1.0}, known, _day, NOW.date(), None)
    assert past is not None
    assert sum(row[1] for row in past.rows) == 0.0


def test_the_first_day_is_made_whole_when_it_is_over() -> None:
    """Imported on the next day: what the sensor can't have seen is put before it."""
    morning = NOW - 4 * _HOUR
    known = _live(NOW, 0.0, 1.0)
    watched = {morning: 2.0, NOW + _HOUR: 1.0}
    past = past_hours(watched, known, _day, NOW.date() + timedelta(days=1), None)
    assert past is not None
    assert _changes(_after(known, past))[morning] == 2.0


def test_what_was_archived_stays_in_the_statistic() -> None:
    """Our history begins later now; the rows that were written before still count."""
    old, young = NOW - timedelta(days=400), NOW - timedelta(days=30)
    known = _live(NOW, 0.0, 1.0)
    first = past_hours({old: 2.0, young: 1.0}, known, _day, NOW.date(), None)
    assert first is not None
    known = _after(known, first)
    watched = {young: 1.0, NOW - timedelta(days=20): 5.0}
    more = past_hours(watched, known, _day, NOW.date(), NOW - timedelta(days=365))
    assert more is not None
    changes = _changes(_after(known, more))
    assert changes[old] == 2.0
    assert sum(watched.values()) + 2.0 + 1.0 == sum(c.expected for c in changes.values())


hours = st.integers(1, 2000).map(lambda number: NOW - number * _HOUR)


@given(
    st.lists(
        st.dictionaries(hours, st.integers(1, 4).map(lambda n: n / 4), max_size=8),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.integers(0, 4).map(lambda n: n / 4), min_size=1, max_size=60),
)
def test_it_always_adds_up(imports: list[dict[datetime, float]], gains: list[float]) -> None:
    """Whatever was imported in which order: every hour has its time, and nothing is negative."""
    known = _live(NOW, *gains)
    later = NOW.date() + timedelta(days=10)
    watched = {row.start: gain for row, gain in zip(known, gains, strict=True)}
    for brought in imports:
        watched |= {hour: watched.get(hour, 0.0) + time for hour, time in brought.items()}
        past = past_hours(watched, known, _day, later, None)
        assert past is not None
        known = _after(known, past)
    changes = _changes(known)
    assert {hour: time for hour, time in watched.items() if time} == {
        hour: change for hour, change in changes.items() if change != pytest.approx(0.0)
    }
