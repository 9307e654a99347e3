"""The block map, the number of connections, the rate and the hours of a transfer."""

from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.transfer.block_map import BlockMap
from custom_components.showrunner.domain.transfer.connections import Connections
from custom_components.showrunner.domain.transfer.pace import Hours, TokenBucket
from custom_components.showrunner.domain.transfer.tree import Version
from tests.effort import examples

BERLIN = ZoneInfo("Europe/Berlin")
# -- the block map -------------------------------------------------------------------------------


@st.composite
def maps(draw: st.DrawFn) -> BlockMap:
    block = draw(st.integers(1, 50))
    version = Version(draw(st.integers(0, 1000)), draw(st.integers(-1, 2**40)))
    blocks = BlockMap(version, block)
    if len(blocks):
        for number in draw(st.lists(st.integers(0, len(blocks) - 1))):
            blocks.finish(number)
    return blocks


@given(maps())
@settings(max_examples=examples(300))
def test_a_map_is_read_back_as_it_was(blocks: BlockMap) -> None:
    again = BlockMap.from_bytes(blocks.to_bytes(), blocks.version, blocks.block)
    assert again is not None
    assert again.missing == blocks.missing
    assert again.left == blocks.left == len(blocks.missing)
    done = set(range(len(blocks))) - set(blocks.missing)
    assert blocks.done_bytes == sum(blocks.span(n)[1] for n in done)
    assert blocks.reach == max((sum(blocks.span(n)) for n in done), default=0)
    assert blocks.done_bytes <= blocks.reach <= blocks.version.size


@given(maps(), st.data())
@settings(max_examples=examples(300))
def test_a_damaged_map_is_none(blocks: BlockMap, data: st.DataObject) -> None:
    kept = bytearray(blocks.to_bytes())
    at = data.draw(st.integers(0, len(kept) - 1))
    if data.draw(st.booleans()):
        kept[at] ^= data.draw(st.integers(1, 255))
    else:
        del kept[at:]
    assert BlockMap.from_bytes(bytes(kept), blocks.version, blocks.block) is None


@given(maps(), st.integers(-2, 2), st.integers(-2, 2), st.integers(0, 2))
def test_a_map_of_another_version_is_none(
    blocks: BlockMap, size: int, mtime: int, block: int
) -> None:
    version = Version(max(blocks.version.size + size, 0), blocks.version.mtime + mtime)
    read = BlockMap.from_bytes(blocks.to_bytes(), version, blocks.block + block)
    same = version == blocks.version and block == 0
    assert (read is not None) == same


def test_blocks_have_a_length() -> None:
    with pytest.raises(ValueError, match="block"):
        BlockMap(Version(1, 1), 0)


# -- connections ---------------------------------------------------------------------------------


@given(st.integers(1, 16), st.lists(st.floats(0, 1e9), max_size=200))
@settings(max_examples=examples(500))
def test_never_more_connections_than_allowed_and_never_restless(
    limit: int, rates: list[float]
) -> None:
    state, changes = Connections(limit), 0
    for rate in rates:
        before = state.count
        state = state.observe(rate)
        assert 1 <= state.count <= limit
        # One at a time doubled, or back to what was best.
        assert state.count <= before * 2
        changes += state.count != before
    # Four rounds and six probes, each of at most five steps up and one down (and back to one).
    assert changes <= 10 * 7


@pytest.mark.parametrize(
    ("per_connection", "link", "ends"), [(100, 100, 1), (25, 100, 4), (6, 100, 8), (50, 100, 2)]
)
def test_as_many_as_make_it_faster(per_connection: int, link: int, ends: int) -> None:
    state = Connections(8)
    for _ in range(20):
        state = state.observe(min(state.count * per_connection, link))
    assert state.count == ends
    assert state.settled


def test_a_line_that_became_slow_is_measured_anew() -> None:
    state = Connections(8)
    for _ in range(5):
        state = state.observe(100)
    assert state.count == 1
    for _ in range(12):
        state = state.observe(min(state.count * 10, 100))
    assert state.count == 8


def test_one_wrong_measurement_is_not_believed_for_ever() -> None:
    state = Connections(8).observe(10).observe(2)  # something was in the way just then
    assert (state.count, state.settled) == (1, True)
    for _ in range(30):
        state = state.observe(min(state.count * 10, 40))
    assert (state.count, state.settled) == (4, True)


def test_more_are_tried_again_in_vain_ever_more_rarely_and_then_no_more() -> None:
    state, probes = Connections(8), list[int]()
    for number in range(5000):
        state = state.observe(100)
        if state.count > 1 and number > 0:
            probes.append(number)
    pauses = [later - before for before, later in pairwise(probes)]
    assert pauses == [41, 81, 161, 321, 641]
    assert (state.count, state.settled, state.probes) == (1, True, 0)


def test_what_is_at_its_limit_is_not_probed() -> None:
    state = Connections(2)
    for _ in range(100):
        state = state.observe(state.count * 10)
    assert (state.count, state.probes) == (2, 6)


def test_a_pause_settles_nothing() -> None:
    state = Connections(8)
    for _ in range(5):
        state = state.observe(0)
    assert (state.count, state.settled) == (1, False)


def test_a_server_that_allows_fewer_is_not_asked_for_more() -> None:
    state = Connections(8).observe(10).observe(20)
    assert state.count == 4
    state = state.at_most(3)
    for _ in range(50):
        state = state.observe(1)
        assert state.count <= 3


def test_none_at_all_is_no_limit() -> None:
    with pytest.raises(ValueError, match="limit"):
        Connections(0)


# -- rate and hours ------------------------------------------------------------------------------


@given(
    st.floats(1, 1e9),
    st.lists(st.tuples(st.integers(0, 10**7), st.floats(0, 10)), min_size=1, max_size=50),
)
@settings(max_examples=examples(300))
def test_no_more_than_the_rate_passes(rate: float, reads: list[tuple[int, float]]) -> None:
    bucket, now, passed = TokenBucket(rate), 0.0, 0
    for size, pause in reads:
        now += pause
        now += bucket.take(size, now)
        passed += size
        # All but what a second's worth of rest allows.
        assert passed <= rate * (now + 1) * (1 + 1e-6) + 1


def test_without_a_rate_everything_passes() -> None:
    assert TokenBucket(0).take(10**12, 5.0) == 0


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(10)
    bucket.take(10, 100.0)
    assert bucket.take(10, 50.0) >= 1.0


def test_hours_over_midnight() -> None:
    night = Hours(time(23), time(7))
    day = datetime(2026, 6, 1, tzinfo=BERLIN)
    assert night.allow(day.replace(hour=23))
    assert night.allow(day.replace(hour=6, minute=59))
    assert not night.allow(day.replace(hour=7))
    assert not night.allow(day.replace(hour=22, minute=59))
    assert night.left(day.replace(hour=23)) == timedelta(hours=8)
    assert night.left(day.replace(hour=12)) == timedelta()


@pytest.mark.parametrize(
    "hours", [Hours(), Hours(time(1)), Hours(None, time(1)), Hours(time(1), time(1))]
)
def test_half_a_window_is_none(hours: Hours) -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=BERLIN)
    assert hours.always
    assert hours.allow(now)
    assert hours.left(now) is None


def test_the_night_in_which_the_clocks_change_is_longer_or_shorter() -> None:
    night = Hours(time(23), time(7))
    assert night.left(datetime(2026, 3, 28, 23, tzinfo=BERLIN)) == timedelta(hours=7)
    assert night.left(datetime(2026, 10, 24, 23, tzinfo=BERLIN)) == timedelta(hours=9)


@given(
    st.integers(0, 4 * 86400),
    st.times(),
    st.times(),
)
@settings(max_examples=examples(300))
def test_what_is_left_ends_outside_of_the_hours(seconds: int, start: time, end: time) -> None:
    hours = Hours(start, end)
    begin = datetime(2026, 3, 27, tzinfo=UTC)
    now = (begin + timedelta(seconds=seconds)).astimezone(BERLIN)
    left = hours.left(now)
    assert (left is None) == (start == end)
    if left is not None:
        assert timedelta() <= left <= timedelta(hours=25)
        assert bool(left) == hours.allow(now)


def test_a_map_that_names_more_blocks_than_there_are_is_none() -> None:
    """Its sum is right: another version wrote it."""
    blocks = BlockMap(Version(10, 1), 1)
    body = blocks.to_bytes()[: -len(sha256().digest())]
    longer = body + b"\0"
    again = longer + sha256(longer).digest()
    assert BlockMap.from_bytes(again, blocks.version, blocks.block) is None
    same = body + sha256(body).digest()
    assert BlockMap.from_bytes(same, blocks.version, blocks.block) is not None
