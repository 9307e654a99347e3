"""A schedule holds for who looks at its own pace, whatever the jitter of the timer."""

from datetime import UTC, datetime, time, timedelta
import itertools
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.schedule import Schedule, is_due, share

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


# -- when a job has its turn ----------------------------------------------------------------------

BERLIN = ZoneInfo("Europe/Berlin")
# Midnight itself is left out there in spring.
BEIRUT = ZoneInfo("Asia/Beirut")
NIGHT = Schedule(at=time(2, 30))
DAY = timedelta(days=1)

zones = st.sampled_from([UTC, BERLIN, BEIRUT, ZoneInfo("Pacific/Apia"), ZoneInfo("Asia/Kolkata")])
instants = st.integers(0, 60 * 366 * 24 * 60).map(
    lambda minutes: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
times = st.times().map(lambda at: at.replace(tzinfo=None, microsecond=0))
weekdays = st.frozensets(st.integers(0, 6), min_size=1)


def local(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """Read a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("last", "turn"),
    [
        ("2026-11-24 02:30", "2026-11-25 02:30"),
        ("2026-11-24 02:29:59", "2026-11-24 02:30"),
        ("2026-11-24 18:00", "2026-11-25 02:30"),
        # 2:30 does not come; an hour and a half after the clocks' last midnight hour it is 3:30.
        ("2026-03-28 02:30", "2026-03-29 03:30"),
        ("2026-03-29 03:30", "2026-03-30 02:30"),
        # 2:30 comes twice: the first counts, and the second is not another day's.
        ("2026-10-24 02:30", "2026-10-25 02:30"),
        ("2026-10-25 02:30", "2026-10-26 02:30"),
    ],
)
def test_a_local_time_comes_once_a_day(last: str, turn: str) -> None:
    """On the days when the clocks change, too."""
    assert NIGHT.turn(local(last), local(last), BERLIN) == local(turn).astimezone(UTC)


def test_only_some_weekdays() -> None:
    """The next Sunday after a Tuesday."""
    sundays = Schedule(at=time(4), weekdays=frozenset({6}))
    last = local("2026-11-24 12:00")
    assert sundays.turn(last, last, BERLIN) == local("2026-11-29 04:00").astimezone(UTC)
    assert Schedule(at=time(4), weekdays=frozenset()).turn(last, last, BERLIN) is None


def test_midnight_that_is_left_out_is_the_days_first_moment() -> None:
    """Its day has its turn all the same."""
    last = local("2026-03-28 12:00", BEIRUT)
    turn = Schedule(at=time()).turn(last, last, BEIRUT)
    assert turn == local("2026-03-29 01:00", BEIRUT).astimezone(UTC)


def test_by_the_clock_or_only_when_something_happens() -> None:
    """Whichever comes first; with neither there is no turn, and nothing is due."""
    last = local("2026-11-24 02:00")
    both = Schedule(every=timedelta(hours=1), at=time(2, 30))
    assert both.turn(last, last, BERLIN) == local("2026-11-24 02:30").astimezone(UTC)
    assert both.turn(local("2026-11-24 02:30"), last, BERLIN) == last.astimezone(UTC)
    assert Schedule().turn(None, last, BERLIN) is None
    assert not Schedule().due(None, last, BERLIN)
    assert NIGHT.due(None, last, BERLIN)


@given(instants, times, weekdays, zones)
def test_a_turn_is_later_and_within_a_week(
    last: datetime, at: time, on: frozenset[int], zone: ZoneInfo
) -> None:
    """Whatever the zone does to its clocks, no week goes by without it."""
    turn = Schedule(at=at, weekdays=on).turn(last, last, zone)
    assert turn is not None
    # A zone may leave out a whole day.
    assert last < turn <= last + 9 * DAY


@given(instants, times, zones, st.integers(0, 1000))
def test_what_was_missed_is_made_up_for_once(
    last: datetime, at: time, zone: ZoneInfo, hours: int
) -> None:
    """However long nothing ran: due at once, then not before the next turn."""
    daily, now = Schedule(at=at), last + timedelta(hours=hours)
    turn = daily.turn(last, now, zone)
    assert turn is not None
    assert daily.due(last, now, zone) is (turn <= now)
    if hours > 50:
        assert daily.due(last, now, zone)
    assert not daily.due(now, now, zone)


@given(instants, st.integers(1, 10_000).map(lambda some: timedelta(minutes=some)), zones)
def test_an_interval_is_one_in_every_zone(last: datetime, every: timedelta, zone: ZoneInfo) -> None:
    """It counts what passes, not what clocks show."""
    schedule = Schedule(every=every)
    assert schedule.turn(last, last, zone) == last + every
    assert not schedule.due(last, last + every - timedelta(seconds=1), zone)
    assert schedule.due(last, last + every, zone)
