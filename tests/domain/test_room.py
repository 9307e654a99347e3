"""What a deletion really frees is known, nothing, or unknown; and never more than goes."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.deletion.room import RoomRule, links, seedbox
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.plan import Room, Step, StepState
from tests.english import english

from .plans import GB, plan, step

_FILES = st.lists(st.tuples(st.integers(0, GB), st.one_of(st.none(), st.integers(-1, 4))))


@given(_FILES)
def test_every_byte_is_freed_stays_or_is_unknown(files: list[tuple[int, int | None]]) -> None:
    room = Room.of(files)
    assert room.frees + room.stays + room.unknown == sum(size for size, _ in files)
    assert room.frees == sum(size for size, names in files if names == 1)
    assert room.stays == sum(size for size, names in files if names is not None and names > 1)
    assert Room.of(reversed(files)) == room
    assert Room.from_store(room.as_dict()) == room


@given(_FILES, st.integers(-5, 10 * GB))
def test_no_more_is_freed_than_may_be(files: list[tuple[int, int | None]], gone: int) -> None:
    room = Room.of(files)
    assert 0 <= room.freed(gone) <= max(0, gone)
    assert room.freed(gone) <= room.frees + room.unknown


@pytest.mark.parametrize("kept", [None, 3, {}, {"frees": 1, "stays": True, "unknown": 0}])
def test_a_plan_of_an_older_version_says_nothing_of_room(kept: object) -> None:
    assert Room.from_store(kept) is None


def test_a_plan_adds_up_what_is_really_freed() -> None:
    """Of what is planned or done; what nobody could look at is only claimed."""
    one = step(1, size=6, room=Room(1, 2, 3))
    other = step(2, size=5, room=Room(5), state=StepState.DONE, bytes_freed=5)
    claimed = step(3, size=9, room=Room(4, 0, 5), state=StepState.DONE, bytes_freed=9)
    cut = step(4, size=8, room=Room(8), state=StepState.CUT)
    made = plan(one, other, claimed, cut, step(5, size=7))
    totals = made.totals
    assert (totals["bytes_frees"], totals["bytes_stays"], totals["bytes_unknown"]) == (10, 2, 8)
    assert (totals["bytes_freed"], totals["bytes_claimed"]) == (14, 5)
    assert [shown["room"] for shown in made.as_dict()["steps"]][3:] == [  # type: ignore[index]
        {"frees": 8, "stays": 0, "unknown": 0},
        None,
    ]


def test_a_step_keeps_what_it_frees() -> None:
    for room in (None, Room(1, 2, 3)):
        made = replace(step(1), room=room)
        assert Step.from_store(made.to_store()) == made
    kept = step(1).to_store()
    del kept["room"]
    assert Step.from_store(kept).room is None


@pytest.mark.parametrize(
    ("clients", "answer", "said"),
    [
        (Known(("A", "B")), Answer.YES, "still in A, B"),
        (Known(()), Answer.NO, ""),
        (Absent(), Answer.NO, ""),
        (Unknown("down"), Answer.UNKNOWN, "not known: down"),
    ],
)
def test_where_a_download_still_is(clients: object, answer: Answer, said: str) -> None:
    found = seedbox(clients)  # type: ignore[arg-type]
    assert (found.rule, found.answer) == (RoomRule.SEEDBOX, answer)
    assert said in english(found.detail)


@pytest.mark.parametrize(
    ("names", "answer", "said"),
    [
        ((1, 1), Answer.NO, ""),
        ((1, 2), Answer.YES, "1 of 2"),
        ((3, 2, None), Answer.YES, "2 of 3"),
        ((1, None), Answer.UNKNOWN, "nobody can look"),
    ],
)
def test_which_files_have_other_names(
    names: tuple[int | None, ...], answer: Answer, said: str
) -> None:
    room = Room.of((10, one) for one in names)
    found = links(names, room)
    assert (found.rule, found.answer) == (RoomRule.LINKS, answer)
    assert said in english(found.detail)
    assert found.value == (room.stays if answer is Answer.YES else None)
