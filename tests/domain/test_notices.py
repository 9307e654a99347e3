"""What people are told of what leaves: each part once for its day, and how that is kept."""

from datetime import UTC, datetime, time, timedelta
import json
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.notices import (
    Coming,
    Notice,
    merged,
    next_day,
    remembered,
    silent_hours,
    unannounced,
)

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

NOTICE = Notice(("movie:tmdb:603", "movie:imdb:tt0133093"), None, datetime(2026, 6, 12, tzinfo=UTC))


def test_a_notice_comes_back_as_it_was_kept() -> None:
    """Through JSON, too."""
    assert Notice.from_dict(json.loads(json.dumps(NOTICE.as_dict()))) == NOTICE


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": "movie:tmdb:603"},
        {"season": "2"},
        {"at": "2026-06-12T00:00:00"},
        {"at": None},
    ],
)
def test_a_notice_that_can_not_be_read_is_none(wrong: dict[str, object]) -> None:
    """Whoever reads it leaves it out: somebody may be told twice, and nobody never."""
    with pytest.raises(ValueError, match=r".*"):
        Notice.from_dict({**NOTICE.as_dict(), **wrong})


# -- what is told, and when ------------------------------------------------------------------------

_AT = st.integers(0, 400).map(lambda hours: NOW + hours * HOUR)


@st.composite
def _coming(draw: st.DrawFn) -> Coming:
    at, name = draw(_AT), draw(st.sampled_from("abc"))
    leaves = at + draw(st.integers(0, 60)) * HOUR
    return Coming((name,), draw(st.sampled_from([None, 1, 2])), at, leaves, leaves.date(), name, 1)


@given(st.lists(st.lists(_coming(), max_size=6), max_size=8))
def test_nothing_is_told_twice_and_nothing_near_is_left_out(days: list[list[Coming]]) -> None:
    """Over any number of days on which different things leave."""
    notices: list[Notice] = []
    said: list[tuple[object, ...]] = []
    for number, coming in enumerate(days):
        now = NOW + number * DAY
        new = unannounced(coming, notices, now + 2 * DAY)
        assert [one.leaves_at for one in new] == sorted(one.leaves_at for one in new)
        fresh = {(one.names, one.season, one.at) for one in new}
        near = {(o.names, o.season, o.at) for o in coming if o.leaves_at <= now + 2 * DAY}
        assert fresh.isdisjoint(said)
        assert near <= fresh | set(said)
        said += fresh
        notices = remembered(notices, coming, new, now)
        notices = [Notice.from_dict(one.as_dict()) for one in notices]


def test_what_is_long_over_is_forgotten_unless_it_still_leaves() -> None:
    """What waits for its run for months is not told anew."""
    one = Coming(("a",), None, NOW, NOW, NOW.date(), "a", 1)
    memory = remembered([], [one], [one], NOW)
    later = NOW + 90 * DAY
    assert remembered(memory, [one], [], later) == memory
    assert remembered(memory, [], [], later) == []


def test_the_night_is_quiet_where_no_hours_are_set() -> None:
    """And only there."""
    assert silent_hours(None, None) == (time(22), time(9))
    assert silent_hours(time(1), time(2)) == (time(1), time(2))


def test_what_leaves_at_the_last_instant_is_near_and_the_next_grace_is_another() -> None:
    """A part that was told of comes again when its grace ends anew, and only then."""
    one = Coming(("a",), None, NOW, NOW + DAY, (NOW + DAY).date(), "a", 1)
    assert unannounced([one], [], NOW + DAY) == [one]
    assert unannounced([one], [], NOW + DAY - timedelta(microseconds=1)) == []
    rows = [Notice(("a", "b"), None, NOW)]
    assert unannounced([one], rows, NOW + DAY) == []
    for other in (
        Notice(("b",), None, NOW),
        Notice(("a",), 1, NOW),
        Notice(("a",), None, NOW - HOUR),
    ):
        assert unannounced([one], [other], NOW + DAY) == [one]


def test_two_copies_of_a_film_are_told_of_as_one() -> None:
    """With all their names and bytes, on the day when the first of them leaves."""
    late = Coming(("a", "b"), None, NOW, NOW + 2 * DAY, (NOW + 2 * DAY).date(), "late", 5)
    soon = Coming(("b", "c"), None, NOW, NOW + DAY, (NOW + DAY).date(), "soon", 7)
    season = Coming(("b",), 1, NOW, NOW, NOW.date(), "a season", 1)
    assert merged([late, season, soon]) == [
        season,
        Coming(("b", "c", "a"), None, NOW, NOW + DAY, (NOW + DAY).date(), "soon", 12),
    ]
    # What shares no name with either is joined by what shares one with both.
    far = Coming(("c",), None, NOW, NOW + 3 * DAY, (NOW + 3 * DAY).date(), "far", 2)
    assert [one.size_bytes for one in merged([late, far, soon])] == [14]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [((time(22), time(9)), "2026-06-11T09:00"), ((time(1), time(2)), "2026-06-11T00:00")],
)
def test_after_today_it_is_told_tomorrow_outside_of_the_quiet_hours(
    hours: tuple[time, time], expected: str
) -> None:
    """By the clock of the house."""
    berlin = ZoneInfo("Europe/Berlin")
    local = datetime(2026, 6, 10, 23, 59, tzinfo=berlin)
    assert next_day(local, hours) == datetime.fromisoformat(expected).replace(tzinfo=berlin)
