"""What an arr lists is believed, or in doubt: titles, files, and titles with a tag that keeps."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.counted import APART, FILES, KEPT, TITLES, Counted, tally
from custom_components.showrunner.domain.fall import FallMoved

from .samples import NOW

HAD = {TITLES: 10, FILES: 40, "tag:keep": 4}
LATER = NOW + APART
sizes = st.fixed_dictionaries(
    {TITLES: st.integers(0, 40), FILES: st.integers(0, 40), "tag:keep": st.integers(0, 9)}
)


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
    assert Counted(HAD).read(half, NOW, 50) == Counted(half)
    low = HAD | {what: HAD[what] // 2 - 1}
    doubted = Counted(HAD).read(low, NOW, 50)
    assert not doubted.believed
    fall = doubted.fall
    assert fall is not None
    shown = KEPT if what == "tag:keep" else what
    assert (fall.had[shown], fall.left(shown), fall.since) == (HAD[what], low[what], NOW)
    assert sum(fall.lost.values()) == HAD[what] - low[what]
    assert doubted.read(HAD, NOW, 50) == Counted(HAD)
    early = doubted.read(low, LATER - timedelta(seconds=1), 50)
    assert early == doubted
    assert doubted.read(low, LATER, 50) == Counted(low)


def test_law_9_a_fall_that_goes_on_is_another_one() -> None:
    """The hour begins anew, and what was shown before is no longer what is confirmed."""
    first = Counted(HAD).read(HAD | {FILES: 10}, NOW, 50)
    deeper = first.read(HAD | {FILES: 2}, LATER, 50)
    assert deeper.since == LATER
    assert not deeper.believed
    assert first.fall is not None
    with pytest.raises(FallMoved):
        deeper.accepted(first.fall.mark)
    assert deeper.fall is not None
    assert deeper.accepted(deeper.fall.mark) == Counted(HAD | {FILES: 2})
    with pytest.raises(FallMoved):
        Counted(HAD).accepted("")


def test_law_9_that_nothing_is_left_only_a_person_makes_believed() -> None:
    """However often it says so."""
    none = dict.fromkeys(HAD, 0)
    empty = Counted(HAD).read(none, NOW, 100)
    for days in (1, 100):
        assert empty.read(none, NOW + timedelta(days=days), 100) == empty
    assert empty.fall is not None
    assert empty.accepted(empty.fall.mark) == Counted(none)


def test_what_we_have_taken_ourselves_is_no_fall() -> None:
    """It is expected to be gone, and nothing beyond it."""
    left = HAD | {FILES: 10}
    assert not Counted(HAD).read(left, NOW, 50).believed
    assert Counted(HAD).without({FILES: 25}).read(left, NOW, 50) == Counted(left)
    assert not Counted(HAD).without({FILES: 5}).read(left, NOW, 50).believed


@given(had=st.none() | sizes, reads=st.lists(st.tuples(sizes, st.integers(0, 200)), max_size=6))
def test_it_comes_back_as_it_was_kept(
    had: dict[str, int] | None, reads: list[tuple[dict[str, int], int]]
) -> None:
    """And whoever is believed has lost no more than may vanish, or was read twice an hour apart."""
    counted, now = Counted(had), NOW
    for counts, minutes in reads:
        before, now = counted, now + timedelta(minutes=minutes)
        counted = before.read(counts, now, 50)
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
    doubted = counted.read(HAD, NOW, 50)
    assert not doubted.believed
    assert doubted.fall is not None
    assert doubted.read(HAD, LATER, 50) == Counted(HAD)


def test_what_was_never_counted_is_not_in_doubt() -> None:
    """There is nothing to compare it with."""
    assert Counted.from_dict(None) is None


def test_of_what_nobody_knows_nothing_is_taken() -> None:
    """What we removed ourselves makes it no less unknown."""
    unknown = Counted(None)
    assert unknown.without({"titles": 1}) is unknown
