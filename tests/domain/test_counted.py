"""What an arr lists is believed, or in doubt: titles, files, and titles with a tag that keeps."""

from datetime import datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.counted import (
    APART,
    FILES,
    KEPT,
    TITLES,
    Counted,
    Span,
    Taken,
    tally,
)
from custom_components.showrunner.domain.fall import FallMoved

from .samples import NOW

HAD = {TITLES: 10, FILES: 40, "tag:keep": 4}
LATER = NOW + APART
sizes = st.fixed_dictionaries(
    {TITLES: st.integers(0, 40), FILES: st.integers(0, 40), "tag:keep": st.integers(0, 9)}
)


def seen(counts: dict[str, int], at: datetime) -> Counted:
    """Say what is known of what was believed then."""
    return Counted(counts, had_at=Span(at, at))


def read(before: Counted, counts: dict[str, int], now: datetime, most: float = 50) -> Counted:
    """Read it while nothing of ours is going on."""
    found = before.read(counts, now, most)
    assert found is not None
    return found


def test_titles_files_and_tags_are_counted_by_their_names() -> None:
    """A tag may be written in any way, and two may have the same name."""
    listed = [((1, 3), 2), ((2,), 0), ((), 7)]
    labels = {1: "Keep ", 2: "keep", 3: "other"}
    assert tally(listed, labels, ["keep", "stay"]) == {
        TITLES: 3,
        FILES: 9,
        "tag:keep": 2,
        "tag:stay": 0,
    }


@pytest.mark.parametrize("what", [TITLES, FILES, "tag:keep"])
def test_law_9_who_lost_too_much_of_anything_is_in_doubt(what: str) -> None:
    """More than half is too much; half is not."""
    half = HAD | {what: HAD[what] // 2}
    assert Counted(HAD).read(half, NOW, 50) == seen(half, NOW)
    low = HAD | {what: HAD[what] // 2 - 1}
    doubted = read(Counted(HAD), low, NOW)
    assert not doubted.believed
    fall = doubted.fall
    assert fall is not None
    shown = KEPT if what == "tag:keep" else what
    assert (fall.had[shown], fall.left(shown), fall.since) == (HAD[what], low[what], NOW)
    assert sum(fall.lost.values()) == HAD[what] - low[what]
    assert doubted.read(HAD, NOW, 50) == seen(HAD, NOW)
    early = doubted.read(low, LATER - timedelta(seconds=1), 50)
    assert early == doubted
    assert doubted.read(low, LATER, 50) == seen(low, LATER)


def test_law_9_a_fall_that_goes_on_is_another_one() -> None:
    """The hour begins anew, and what was shown before is no longer what is confirmed."""
    first = read(Counted(HAD), HAD | {FILES: 10}, NOW)
    deeper = read(first, HAD | {FILES: 2}, LATER)
    assert deeper.since == LATER
    assert not deeper.believed
    assert first.fall is not None
    with pytest.raises(FallMoved):
        deeper.accepted(first.fall.mark)
    assert deeper.fall is not None
    assert deeper.accepted(deeper.fall.mark) == seen(HAD | {FILES: 2}, LATER)
    with pytest.raises(FallMoved):
        Counted(HAD).accepted("")


def test_law_9_that_nothing_is_left_only_a_person_makes_believed() -> None:
    """However often it says so."""
    none = dict.fromkeys(HAD, 0)
    empty = read(Counted(HAD), none, NOW, 100)
    for days in (1, 100):
        assert empty.read(none, NOW + timedelta(days=days), 100) == empty
    assert empty.fall is not None
    assert empty.accepted(empty.fall.mark) == seen(none, NOW)


def span(begun: float, ended: float | None) -> Span:
    """Say it in minutes from now."""
    last = None if ended is None else NOW + timedelta(minutes=ended)
    return Span(NOW + timedelta(minutes=begun), last)


def test_what_we_have_taken_ourselves_is_no_fall() -> None:
    """It is expected to be gone, and nothing beyond it."""
    left, at = HAD | {FILES: 10}, span(30, 31)
    had = Counted(HAD, had_at=span(0, 1))

    def looks(files: int, begun: float = 5, ended: float | None = 6, **more: int) -> Counted | None:
        taken = (Taken(span(begun, ended), files=files, **more),)
        return had.read(left, NOW, 50, at=at, taken=taken)

    assert looks(25) == Counted(left, had_at=at)
    few = looks(5)
    assert few is not None
    assert not few.believed
    # Before it was counted, and after it was listed: that is not what is missing.
    for begun, ended in ((-9, -8), (31.1, None), (31.1, 32)):
        other = looks(25, begun, ended)
        assert other is not None
        assert not other.believed
    # What was going on while it was listed may or may not be missing.
    for ended in (None, 30.5, 40, 30.005):
        assert looks(25, 5, ended) is None
    nearly = Counted(HAD | {FILES: 21}, had_at=span(0, 1))
    assert nearly.read(HAD | {FILES: 10}, NOW, 50, at=at, taken=[]) is not None
    slow = nearly.read(HAD | {FILES: 11}, NOW, 50, at=at, taken=[Taken(span(5, None), files=9)])
    assert slow == nearly, "it is believed, and what it had before is still known"
    unknown = Counted(HAD)
    doubted = unknown.read(left, NOW, 50, at=at, taken=[Taken(span(5, 6), files=25)])
    assert doubted is not None
    assert not doubted.believed, "when it was counted nobody knows"


def test_nothing_is_begun_with_while_we_delete() -> None:
    """Of a first count, and of what would become the next one."""
    going, over = Taken(span(0, None), files=5), Taken(span(-9, -8), files=5)
    assert Counted.first(HAD, span(1, 2), [going]) is None
    assert Counted.first(HAD, span(1, 2), [over]) == Counted(HAD, had_at=span(1, 2))
    low = HAD | {FILES: 2}
    doubted = Counted(HAD, low, NOW, span(-9, -8), span(0, 1))
    late = span(90, 91)
    assert doubted.read(low, LATER, 50, at=late, taken=[Taken(span(90, None), files=1)]) == doubted
    assert doubted.read(low, LATER, 50, at=late) == Counted(low, had_at=late)


times = st.floats(0, 100, allow_nan=False)
deletions = st.lists(
    st.tuples(times, st.floats(0, 20), st.floats(0, 1), st.integers(1, 30)), max_size=6
)
looks = st.lists(st.tuples(times, st.floats(0, 5), st.floats(0, 1)), min_size=1, max_size=8)


class House:
    """An arr of which we delete files, one list after the other; minutes from now."""

    def __init__(self, deleting: list[tuple[float, float, float, int]], files: int) -> None:
        """Have each deletion take place somewhere between its beginning and its end."""
        self.files = files
        self.lost: list[tuple[float, int]] = []
        self.deleting = [(at, at + took, at + took * when, n) for at, took, when, n in deleting]
        self.counted: Counted | None = None

    def has(self, at: float) -> int:
        """Count the files at a moment."""
        gone = sum(n for _, _, done, n in self.deleting if done <= at)
        return max(self.files - gone - sum(n for when, n in self.lost if when <= at), 0)

    def look(self, begun: float, took: float, when: float) -> Counted | None:
        """List it: what is there at some moment in between."""
        at, ended = span(begun, begun + took), begun + took
        counts = {TITLES: 1, FILES: self.has(begun + took * when)}
        taken = [
            Taken(span(first, last if last <= ended else None), files=n)
            for first, last, _, n in self.deleting
            if first <= ended
        ]
        if self.counted is None:
            self.counted = Counted.first(counts, at, taken)
            return self.counted
        found = self.counted.read(counts, NOW + timedelta(minutes=ended), 50, at=at, taken=taken)
        self.counted = found or self.counted
        return found

    def is_deleting(self, begun: float, ended: float) -> bool:
        """Tell whether something is, or just was, deleted in this time."""
        return any(not (last + 1 / 60 <= begun or ended < one) for one, last, _, _ in self.deleting)


@given(deletions, looks, st.integers(0, 200))
def test_law_9_what_we_delete_ourselves_never_freezes_anything(
    deleting: list[tuple[float, float, float, int]],
    looking: list[tuple[float, float, float]],
    files: int,
) -> None:
    """Whenever it is looked, also in the middle of it."""
    house = House(deleting, files)
    for one in sorted(looking):
        found = house.look(*one)
        assert found is None or found.believed
        assert house.counted is None or house.counted.believed
        if found is None:
            assert house.is_deleting(one[0], one[0] + one[1])


@given(deletions, looks, st.integers(1, 200), times, st.data())
def test_law_9_a_real_fall_beside_our_own_deletions_is_seen(
    deleting: list[tuple[float, float, float, int]],
    looking: list[tuple[float, float, float]],
    files: int,
    when: float,
    data: st.DataObject,
) -> None:
    """Whatever we delete before, after or meanwhile: it is never believed at once."""
    house = House(deleting, files)
    assert house.look(-9, 1, 0.5) is not None
    for one in sorted(looking):
        if one[0] + one[1] <= when:
            house.look(*one)
    begun, took = when + data.draw(st.floats(0, 20)), data.draw(st.floats(0, 5))
    moment = data.draw(st.floats(0, 1))
    left = house.has(begun + took * moment)
    house.lost.append((when, left // 2 + 1))
    found = house.look(begun, took, moment)
    assert found is None or not found.believed or not left
    if found is None:
        assert house.is_deleting(begun, begun + took)
        # Once we are done it is seen.
        later = house.look(300, 1, 0.5)
        assert later is not None
        assert not later.believed or house.has(300) * 2 >= files - sum(
            n for *_, n in house.deleting
        )


@given(had=st.none() | sizes, reads=st.lists(st.tuples(sizes, st.integers(0, 200)), max_size=6))
def test_it_comes_back_as_it_was_kept(
    had: dict[str, int] | None, reads: list[tuple[dict[str, int], int]]
) -> None:
    """And whoever is believed has lost no more than may vanish, or was read twice an hour apart."""
    counted, now = Counted(had), NOW
    for counts, minutes in reads:
        before, now = counted, now + timedelta(minutes=minutes)
        counted = read(before, counts, now)
        assert Counted.from_dict(counted.as_dict()) == counted
        assert counted.believed is (counted.fall is None)
        if counted.believed:
            known = before.had or dict.fromkeys(counts, 10**9)
            small = all(2 * counts[one] >= known[one] for one in counts)
            assert small or (before.since is not None and now - before.since >= APART)


@pytest.mark.parametrize("kept", [5, {}, {"had": {"titles": "many"}}, {"had": None, "low": []}])
def test_what_can_not_be_read_any_more_is_in_doubt(kept: object) -> None:
    """Nobody knows what it had: it takes two reads."""
    counted = Counted.from_dict(kept)
    assert counted is not None
    doubted = read(counted, HAD, NOW)
    assert not doubted.believed
    assert doubted.fall is not None
    assert doubted.read(HAD, LATER, 50) == seen(HAD, LATER)


def test_what_was_never_counted_is_not_in_doubt() -> None:
    """There is nothing to compare it with."""
    assert Counted.from_dict(None) is None


def test_of_what_nobody_knows_nothing_is_taken() -> None:
    """What we removed ourselves makes it no less unknown."""
    doubted = Counted(None).read(HAD, NOW, 50, taken=[Taken(span(-5, -4), files=30)])
    assert doubted is not None
    assert (doubted.had, doubted.believed) == (None, False)


def test_what_we_delete_matters_from_the_earliest_look_on_that_is_compared() -> None:
    """From the beginning of that look; where none is kept it helps nobody."""
    assert Counted(HAD).looked_at is None
    early, late = Span(NOW - APART, NOW), Span(NOW, LATER)
    assert Counted(HAD, had_at=late).looked_at == NOW
    doubted = Counted(HAD, HAD, NOW, early, late)
    assert doubted.looked_at == NOW - APART
    assert Counted(HAD, HAD, NOW, None, late).looked_at == NOW
