"""What an item is called, how a title outlives its ids, and when a listing is proven whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import random

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.fall import FallMoved
from custom_components.showrunner.domain.library import (
    ItemKey,
    ItemKind,
    LibraryItem,
    UserRow,
    episodes_of,
    successor,
)
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.sweep import ReadState, Surplus, Tally, sweep_due
from custom_components.showrunner.domain.sweep_pages import (
    HalfRead,
    Moved,
    Progress,
    Seen,
    ShortPage,
    advance,
)
from custom_components.showrunner.domain.text import say
from tests.english import english

from .libraries import MOVIE, SERVER

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EPISODE = LibraryItem(
    SERVER,
    "b" * 32,
    ItemKind.EPISODE,
    "Pilot",
    ProviderIds(tvdb=77),
    path="/s/b",
    series_item_id="c" * 32,
    series_name="Show",
    series_ids=ProviderIds(tvdb=5, tmdb=6),
    season=0,
    episode=3,
)


@pytest.mark.parametrize("item", [MOVIE, EPISODE, replace(MOVIE, kind=ItemKind.SERIES)])
def test_every_name_can_be_taken_apart(item: LibraryItem) -> None:
    """Season 0 is a season; the item's id is scoped by its server."""
    keys = [ItemKey.parse(name) for name in item.keys]
    assert None not in keys
    last = keys[-1]
    assert last is not None
    assert (last.kind, last.server_id, last.item_id) == (None, SERVER, item.item_id)
    places = [key for key in keys if key is not None and key.season is not None]
    assert len(places) == (2 if item is EPISODE else 0)
    assert all((key.season, key.episode) == (0, 3) for key in places)


@pytest.mark.parametrize("text", ["", "movie", "movie:tmdb:x", "book:tmdb:1", "item:", "a:b:c"])
def test_what_is_no_name(text: str) -> None:
    """Rubbish finds nothing."""
    assert ItemKey.parse(text) is None


def test_a_title_that_came_back_is_found_by_its_ids() -> None:
    """Best under the same path; never by its name, never another server's."""
    again = replace(MOVIE, item_id="d" * 32, path="/elsewhere")
    same_file = replace(MOVIE, item_id="e" * 32)
    assert successor(MOVIE, (again,)) == again
    assert successor(MOVIE, (again, same_file)) == same_file
    nameless = replace(MOVIE, ids=ProviderIds())
    assert successor(nameless, (replace(nameless, item_id="f" * 32),)) is None
    assert successor(MOVIE, (replace(again, server_id="6" * 32),)) is None
    assert successor(MOVIE, (replace(again, ids=ProviderIds(604)),)) is None
    moved = replace(EPISODE, item_id="d" * 32, ids=ProviderIds())
    assert successor(EPISODE, (moved,)) == moved
    assert successor(EPISODE, (replace(moved, episode=4),)) is None
    assert successor(EPISODE, (replace(moved, ids=ProviderIds(tvdb=78)),)) is None


def test_episodes_are_counted_once_without_specials() -> None:
    """A file of two is two, two files of one are one; a file without a number makes it unknown."""
    assert episodes_of([(1, 1, 2), (1, 2, None), (1, 3, None), (0, 1, None), (2, 1, None)]) == 4
    assert episodes_of([(1, 1, None), (None, 2, None)]) is None
    assert episodes_of([(1, None, None)]) is None
    assert episodes_of([(0, None, None)]) == 0
    assert episodes_of([(1, 5, 2)]) == 1


def test_what_a_user_row_says() -> None:
    """Nothing is nothing; a single start is something."""
    assert UserRow("a").says_nothing
    assert not UserRow("a", play_count=1).says_nothing


# -- a listing that is proven whole ----------------------------------------------------------------


def read(server: Server, limit: int) -> list[str]:
    """Read a listing as the sweeper does."""
    progress = Progress(limit)
    met: list[str] = []
    while not progress.done:
        ids, total = server.page(progress)
        try:
            progress, fresh = advance(progress, ids, total)
        except Moved:
            back = progress.back()
            ids, total = server.page(back)
            progress, fresh = advance(back, ids, total)
        met += fresh
    progress.check(len(set(met)))
    return met


class Server:
    """A list that changes between two pages, as it was told."""

    def __init__(self, rows: list[str], changes: list[tuple[bool, float]], lie: str = "") -> None:
        self.rows = rows
        self.always = set(rows)
        self._changes = changes
        self._lie = lie
        self._asked = 0

    def page(self, asked: Progress) -> tuple[list[str], int | None]:
        """Give a page; before all but the first, something came or went."""
        self._asked += 1
        if self._asked > 1 and self._changes:
            comes, share = self._changes.pop()
            place = int(share * len(self.rows))
            if comes:
                self.rows.insert(place, f"new{self._asked}")
            elif self.rows:
                self.always.discard(self.rows.pop(min(place, len(self.rows) - 1)))
        ids = self.rows[asked.start : asked.start + asked.limit]
        total = len(self.rows) if asked.wants_total else None
        if self._lie == "short" and self._asked == 2:
            ids = ids[: len(ids) // 2]
        return ids, total


rows = st.integers(0, 60).map(lambda count: [f"r{number}" for number in range(count)])
changes = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=8)


@given(rows, changes, st.integers(2, 20))
def test_whoever_was_there_all_the_time_is_met(
    names: list[str], changing: list[tuple[bool, float]], limit: int
) -> None:
    """Whatever comes and goes between pages: a listing that ends well has missed nobody."""
    server = Server(list(names), list(changing))
    try:
        met = read(server, limit)
    except HalfRead:
        assert changing  # a list at rest is always read to its end
        return
    assert server.always <= set(met)


@given(rows, st.integers(2, 20), st.randoms(use_true_random=False))
def test_a_shuffled_list_is_never_taken_for_whole(
    names: list[str], limit: int, dice: random.Random
) -> None:
    """A server that sorts anew for every page: either all are met, or it is a half read.

    The anchor alone proves nothing here: it may stand still while all others change places.
    """

    class Restless(Server):
        def page(self, asked: Progress) -> tuple[list[str], int | None]:
            dice.shuffle(self.rows)
            if asked.anchor is not None:
                self.rows.remove(asked.anchor)
                self.rows.insert(asked.start, asked.anchor)
            return super().page(asked)

    try:
        met = read(Restless(list(names), []), limit)
    except HalfRead:
        return
    assert set(met) == set(names)


def test_a_short_page_is_a_half_read() -> None:
    """Half of the rows, though the total counts all."""
    with pytest.raises(HalfRead):
        read(Server([str(n) for n in range(40)], [], "short"), 10)


def test_a_short_page_gives_its_new_rows_all_the_same() -> None:
    """What is on it is there; whether that is all is for the next question to say."""
    with pytest.raises(ShortPage) as first:
        advance(Progress(10), ["a", "b", "c"], 6)
    assert (first.value.fresh, first.value.end) == (["a", "b", "c"], 3)
    with pytest.raises(ShortPage) as later:
        advance(Progress(10, start=9, anchor="a"), ["a", "b"], 15)
    assert (later.value.fresh, later.value.end) == (["b"], 11)


def test_a_surplus_is_believed_when_it_is_the_same_again() -> None:
    """Not at once, not of another list, and never over a restart of the counting."""
    answer = Surplus(3, 6, "x", NOW)
    one = ReadState(sweep=1).read_with_surplus(NOW, {"movie": 3}, answer)
    assert (one.known, english(one.why)) == (False, "it counts 6 items and lists 3")
    soon = NOW + timedelta(minutes=1)
    assert not one.read_with_surplus(soon, {"movie": 3}, replace(answer, since=soon)).known
    later = NOW + timedelta(minutes=9)
    for other in (Surplus(3, 6, "y", later), Surplus(3, 7, "x", later), Surplus(2, 6, "x", later)):
        assert not one.read_with_surplus(later, {"movie": 3}, other).known
    again = ReadState.from_dict(one.as_dict())
    assert again == one
    believed = again.read_with_surplus(later, {"movie": 3}, replace(answer, since=later))
    assert believed.known
    assert (believed.counts, believed.taken, believed.whole) == ({"movie": 3}, 0, 0)
    whole = replace(believed, sweep=2).swept(later, {"movie": 3}, Tally(), 50)
    assert whole.surplus is None


def test_totals_that_lie() -> None:
    """More than there are, fewer than there are, rows without ids, more rows than asked for."""
    start = Progress(10)
    for ids, total in (
        (["a"] * 5, 51),
        (["a"] * 5, 4),
        (["a", ""], 2),
        ([str(n) for n in range(11)], 11),
        ([], 3),
        (["a"] * 9, None),
    ):
        with pytest.raises(HalfRead):
            advance(start, ids, total)
    assert advance(start, [], 0)[0].done


def test_the_server_counts_only_at_the_ends() -> None:
    """Counting costs the server a query of its own."""
    progress = Progress(10)
    assert progress.wants_total
    progress, _ = advance(progress, [str(n) for n in range(10)], 25)
    assert not progress.wants_total
    progress, _ = advance(progress, [str(n) for n in range(9, 19)], None)
    assert progress.wants_total


@given(st.lists(st.integers(0, 100_000)))
def test_what_was_seen(numbers: list[int]) -> None:
    """As a set, but small."""
    seen, beside = Seen(), set()
    for number in numbers:
        assert seen.add(number) == (number not in beside)
        beside.add(number)
    assert all((number in seen) == (number in beside) for number in (*numbers, 7, 99_999, 200_000))


# -- law 9 -----------------------------------------------------------------------------------------


def tally(lost: int, again: int = 0, had: int = 100) -> Tally:
    """Say how many movies of so many a read did not meet."""
    return Tally({"movie": had, "episode": 1000}, {"movie": lost}, {"movie": again})


GOOD = ReadState(sweep=1).swept(NOW, {"movie": 100, "episode": 1000}, Tally(), 50)
NEXT_DAY = NOW + timedelta(days=1)


def test_a_sudden_fall_needs_a_second_healthy_read() -> None:
    """More than half of the movies gone: doubted; the same gone the next time: taken over."""
    assert GOOD.known
    assert GOOD.taken == 1
    less = {"movie": 49, "episode": 1000}
    doubted = replace(GOOD, sweep=2).swept(NEXT_DAY, less, tally(51), 50)
    assert not doubted.known
    assert (doubted.counts["movie"], doubted.taken, doubted.good_at) == (100, 1, NOW)
    assert doubted.unknown_since == NEXT_DAY
    assert "49 of 100" in english(doubted.why)
    again = replace(doubted, sweep=3).swept(NEXT_DAY + timedelta(days=1), less, tally(51, 51), 50)
    assert again.known
    assert (again.counts["movie"], again.taken) == (49, 3)
    # Another fall is not the same one; and a recovery needs nobody's consent.
    other = replace(doubted, sweep=3).swept(NEXT_DAY, less, tally(95, 51), 50)
    assert not other.known
    assert replace(doubted, sweep=3).swept(NEXT_DAY, less, tally(10, 10), 50).known


@pytest.mark.parametrize(
    ("lost", "again", "agrees"),
    [
        (60, 60, True),  # the same
        (61, 60, True),  # the same, and one more, which waits for its own second read
        (80, 60, True),  # of the forty left, half: not more than half
        (81, 60, False),  # the loss grows as fast as a fall
        (100, 60, False),
        (60, 20, False),  # titles 1 to 60, then 41 to 100
        (60, 59, False),  # one has come back: it comes and goes
        (55, 55, False),  # some have come back: it recovers
    ],
)
def test_two_reads_agree_when_they_miss_the_same_titles(
    lost: int, again: int, agrees: bool
) -> None:
    """And not when as many are missing, or some of them are others."""
    doubted = replace(GOOD, sweep=2).swept(NEXT_DAY, {}, tally(60), 50)
    second = replace(doubted, sweep=3).swept(NEXT_DAY, {}, tally(lost, again), 50)
    assert second.known is agrees
    # What was missed first in the doubted read has its second miss only where they agree.
    assert second.since == (2 if agrees else 3)


def test_what_was_missed_counts_from_where_reads_agree() -> None:
    """From the last disagreement, and of sweeps that were read to their end alone."""
    one = replace(GOOD, sweep=2).swept(NEXT_DAY, {}, tally(5), 50)
    assert [one.counts_for(number) for number in range(4)] == [False, True, True, False]
    # A sweep that broke off in between: what it has noted counts no more than it does.
    assert not replace(one, sweep=3).counts_for(3)
    fallen = replace(one, sweep=4).swept(NEXT_DAY, {}, tally(60, 5), 50)
    assert [fallen.counts_for(number) for number in range(6)] == [False] * 4 + [True, False]
    better = replace(fallen, sweep=5).swept(NEXT_DAY, {}, tally(30, 30), 50)
    assert better.known
    assert [better.counts_for(number) for number in (4, 5)] == [False, True]


@pytest.mark.parametrize(
    ("had", "lost", "fell"),
    [
        (100, 50, False),
        (100, 51, True),
        (3, 3, True),
        (2, 2, True),
        (1, 1, True),
        (2, 1, False),
        (0, 0, False),
    ],
)
def test_the_limit_is_exact(had: int, lost: int, fell: bool) -> None:
    """Half is not more than half, two of two are all; what never was can't fall."""
    assert Tally({"movie": had}, {"movie": lost}).fallen(50) == ("movie" if fell else None)
    everything = "movie" if 0 < had == lost else None
    assert Tally({"movie": had}, {"movie": lost}).fallen(100) == everything


def test_a_failure_keeps_the_first_since() -> None:
    """In doubt since the first failure; the last good state stays."""
    good = ReadState().swept(NOW, {"movie": 1}, Tally(), 50)
    later = NOW + timedelta(hours=1)
    once = good.failed(later, "HTTP 500")
    twice = once.failed(later + timedelta(hours=1), "no answer")
    assert (twice.unknown_since, english(twice.why), twice.good_at) == (later, "no answer", NOW)
    assert not twice.known
    assert ReadState.from_dict(twice.as_dict()) == twice
    doubted = replace(GOOD, sweep=2).swept(NEXT_DAY, {}, tally(60), 50)
    assert ReadState.from_dict(doubted.as_dict()) == doubted
    assert ReadState.from_dict({"sweep": "x"}) == ReadState.from_dict(None) == ReadState()


def test_when_a_sweep_is_due() -> None:
    """Never read, a day old, or this night's hour; a doubted read waits for the next one."""
    night = NOW.replace(hour=2)
    assert sweep_due(ReadState(), NOW, night)
    read = ReadState().swept(NOW, {}, Tally(), 50)
    assert not sweep_due(read, NOW + timedelta(hours=5), night)
    tonight = night + timedelta(days=1)
    assert not sweep_due(read, tonight - timedelta(minutes=1), night)
    assert sweep_due(read, tonight + timedelta(minutes=5), tonight)
    # Not swept at its hour (Home Assistant was off): only when a day has passed.
    assert not sweep_due(read, tonight + timedelta(hours=3), tonight)
    assert sweep_due(read, NOW + timedelta(days=1), tonight)
    doubted = read.swept(tonight, {}, tally(100), 50)
    assert not doubted.known
    assert not sweep_due(doubted, tonight + timedelta(minutes=10), tonight)


def test_law_9_what_a_person_confirms_of_a_fall_is_just_that_fall() -> None:
    """By its mark; a sweep that failed since leaves all in doubt all the same."""
    good = ReadState(1, 1, 1, 1, NOW, NOW, {"movies": 10})
    assert (good.fall, good.is_fallen, good.reason) == (None, False, say("library_not_read"))
    tally = Tally({"movies": 10}, {"movies": 9})
    fallen = replace(good, sweep=2).swept(NOW, {"movies": 1}, tally, 20)
    fall = fallen.fall
    assert fall is not None
    assert (fallen.is_fallen, fallen.known, fall.left("movies")) == (True, False, 1)
    with pytest.raises(FallMoved):
        fallen.accepted("another")
    with pytest.raises(FallMoved):
        good.accepted(fall.mark)
    after = fallen.accepted(fall.mark)
    assert (after.known, after.counts, after.fall) == (True, {"movies": 1}, None)
    # Earlier versions did not note what there was: then what was counted before is all there is.
    old = replace(fallen, had=None).fall
    assert old is not None
    assert old.had == {"movies": 10}
    later = replace(fallen, sweep=3).failed(NOW, "down")
    assert (later.is_fallen, later.accepted(fall.mark).known) == (False, False)
    assert later.accepted(fall.mark).reason == "down"


@pytest.mark.parametrize(
    ("row", "begun"),
    [
        (UserRow("i"), False),
        (UserRow("i", played=True, favorite=True), False),
        (UserRow("i", play_count=1), True),
        (UserRow("i", position=0.5), True),
    ],
)
def test_whoever_has_started_it_has_begun(row: UserRow, begun: bool) -> None:
    """A mark is none: it is set without playing."""
    assert row.was_begun is begun
