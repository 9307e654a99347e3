"""How thousands of requests are held: packed, and found without going through all of them."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.coordinators.request_book import RequestBook, Requests
from custom_components.showrunner.coordinators.request_facts import HeldFacts
from custom_components.showrunner.coordinators.request_index import (
    Mark,
    RequestIndex,
    marks_of,
    owner_of,
)
from custom_components.showrunner.coordinators.request_shown import Shown
from custom_components.showrunner.coordinators.request_view import RequestView
from custom_components.showrunner.domain.media import MediaType
from custom_components.showrunner.domain.requests.facts import EventKind, Facts
from custom_components.showrunner.domain.requests.request import (
    Request,
    RequestState,
    Stage,
    Stuck,
    StuckReason,
)
from custom_components.showrunner.domain.requests.state import RequestStatus
from tests.domain.requests.samples import FILM, HASH, SERIES, Event, at, event, status

WAITS = status(FILM, [event(EventKind.GRABBED, 1, download=HASH)], 2)
THERE = replace(WAITS, state=RequestState.AVAILABLE, settled=True, available_at=at(9), stuck=None)


def view(name: str, stands: RequestStatus = WAITS, **more: object) -> RequestView:
    """Make a request that stands so."""
    return RequestView(replace(FILM, id=name, ref=name, **more), stands)  # type: ignore[arg-type]


def facts(number: int) -> Facts:
    """Make three facts that nobody else has."""
    kinds = (EventKind.APPROVED, EventKind.GRABBED, EventKind.STARTED)
    return Facts().with_(Event(kind, at(number), download=f"{number}") for kind in kinds)


# -- facts -----------------------------------------------------------------------------------------


def test_facts_that_are_looked_at_stay_what_they_are() -> None:
    """The last ones as objects; the others packed, and equal."""
    held = HeldFacts(most=6)
    for number in range(4):
        held.put(str(number), facts(number))
    assert len(held._open) == 2
    assert {one: held[one] for one in map(str, range(4))} == {
        str(number): facts(number) for number in range(4)
    }
    assert held["3"] is held["3"]
    assert held.get("9") is None
    assert set(held) == {"0", "1", "2", "3"}
    assert len(held) == 4


def test_what_has_changed_is_packed_anew_and_what_is_dropped_is_gone() -> None:
    """Nobody sees what was packed before."""
    held = HeldFacts(most=3)
    held.put("1", facts(1))
    held.put("2", facts(2))
    assert held["1"] == facts(1)
    held.put("1", facts(7))
    held.put("2", facts(2))
    assert held["1"] == facts(7)
    held.drop("1")
    held.drop("1")
    assert "1" not in held
    assert list(held) == ["2"]
    assert held._count <= 3


def test_one_that_is_larger_than_all_may_be_is_held_all_the_same() -> None:
    """It is open as long as it is the last one."""
    held = HeldFacts(most=1)
    held.put("1", facts(1))
    assert held["1"] is held["1"]
    held.put("2", facts(2))
    assert held["1"] == facts(1)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["put", "get", "drop"]), st.integers(0, 4), st.integers()))
)
def test_held_facts_are_a_dict(steps: list[tuple[str, int, int]]) -> None:
    """Whatever is done in which order."""
    held, plain = HeldFacts(most=6), dict[str, Facts]()
    for what, number, value in steps:
        name = str(number)
        if what == "put":
            held.put(name, facts(value % 5))
            plain[name] = facts(value % 5)
        elif what == "drop":
            held.drop(name)
            plain.pop(name, None)
        else:
            assert held.get(name) == plain.get(name)
        assert dict(held) == plain
        assert len(held) == len(plain)
        assert held._count == sum(map(len, held._open.values()))


# -- the book --------------------------------------------------------------------------------------


def test_who_was_put_last_is_given_as_it_stands_now() -> None:
    """Settled and packed like all others: changed, waiting again, or dropped."""
    book = RequestBook()
    there = view("a", THERE)
    book.put(there)
    assert book["a"] is there
    later = view("a", replace(THERE, attempts=7))
    book.put(later)
    assert book["a"] == later
    book.put(view("a"))
    assert book["a"] == view("a")
    book.put(there)
    book.put(view("b", THERE))
    assert book["a"] == there
    book.drop("b")
    assert "b" not in book
    with pytest.raises(KeyError):
        book["b"]


def test_a_settled_request_is_a_few_bytes_and_the_same() -> None:
    """And is one that waits again when it does."""
    book = RequestBook()
    book.put(view("1"))
    book.put(view("2", THERE))
    assert (len(book), list(book)) == (2, ["1", "2"])
    assert book["2"] == view("2", THERE)
    assert len(book._settled["2"]) < 250
    book.put(view("2"))
    assert not book._settled
    book.put(view("1", THERE))
    assert book["1"] == view("1", THERE)
    book.drop("1")
    book.drop("2")
    assert "1" not in book
    assert not book


def test_what_was_just_learnt_of_a_request_counts_already() -> None:
    """Until the book has it too, or it is over."""
    book = RequestBook()
    requests = Requests(book)
    book.put(view("1", THERE))
    grown = replace(book["1"].request, arr=("radarr", 7))
    requests["1"] = grown
    assert requests["1"] == grown
    book.put(RequestView(grown, THERE))
    requests["1"] = grown
    assert not requests._learnt
    requests["2"] = replace(FILM, id="2")
    assert (list(requests), len(requests)) == (["1", "2"], 2)
    del requests["2"]
    del requests["1"]  # the book is told by itself
    with pytest.raises(KeyError):
        del requests["2"]


def test_hints_are_shown_over_what_the_book_has() -> None:
    """Counted as they are shown, until they are gone."""
    book = RequestBook()
    shown = Shown(book)
    book.put(view("1"))
    shown.put(view("1", THERE), hinted=True)
    assert shown.views["1"].status.state is RequestState.AVAILABLE
    assert (shown.count(RequestState.AVAILABLE), shown.count(RequestState.GRABBING)) == (1, 0)
    shown.put(view("1"))
    assert shown.views["1"] == view("1")
    assert shown.count(RequestState.AVAILABLE) == 0
    assert (list(shown.views), len(shown.views), "1" in shown.views) == (["1"], 1, True)
    shown.drop("1")
    with pytest.raises(KeyError):
        shown.views["1"]


# -- where they are found --------------------------------------------------------------------------


def test_whose_a_request_is() -> None:
    """Its arr's; any only one's that holds standard titles; nobody's."""
    assert owner_of(replace(FILM, arr=("one", 7))) == (MediaType.MOVIE, "one")
    assert owner_of(SERIES) == (MediaType.SERIES, None)
    assert owner_of(replace(FILM, is_4k=True)) is None
    assert owner_of(replace(FILM, is_4k=True, arr=("one", 7))) == (MediaType.MOVIE, "one")


def test_what_a_request_is_found_by() -> None:
    """By its own state and by those of its episodes; a settled one by less."""
    assert marks_of(view("1")) == {Mark.WAITING, Mark.UNDER_WAY, Mark.COMING, Mark.PENDING}
    assert marks_of(view("1", THERE)) == {Mark.SETTLED, Mark.PENDING}
    part = replace(WAITS, state=RequestState.APPROVED, episodes={RequestState.IMPORTING: 1})
    assert Mark.UNDER_WAY in marks_of(view("1", part))
    assert Mark.COMING not in marks_of(view("1", part))
    unseen = replace(WAITS, stage=Stage.NOT_MATCHED)
    assert {Mark.NOT_MATCHED, Mark.NOT_SEEN} <= marks_of(view("1", unseen))
    unseen = replace(WAITS, stage=Stage.NOT_VISIBLE, pending=False)
    assert marks_of(view("1", unseen)) & {Mark.NOT_MATCHED, Mark.NOT_SEEN, Mark.PENDING} == {
        Mark.NOT_SEEN
    }


def test_requests_are_found_as_they_stand_and_by_whose_they_are() -> None:
    """What has become settled, or another arr's, is found there and nowhere else."""
    index, movies = RequestIndex(), [(MediaType.MOVIE, None)]
    index.put(view("1"), due=at(5), awaited=[HASH], unread=True)
    index.put(view("2", arr=("one", 7)))
    assert index.marked(Mark.WAITING) == ("1", "2")
    assert index.marked(Mark.WAITING, movies) == ("1",)
    assert index.marked(Mark.UNREAD) == ("1",)
    assert index.awaited(movies) == {HASH}
    assert index.of_arr("one", 7) == ("2",)
    assert (index.number_of("1"), index.number_of("2")) == (None, 7)
    assert index.due(at(4)) == ()
    assert index.due(at(5)) == ("1",)
    index.put_off("1", at(6))
    assert index.due(at(5)) == ()
    index.put(view("1", THERE, arr=("one", 7)))
    assert index.marked(Mark.WAITING) == ("2",)
    assert not index.any_marked(Mark.WAITING, movies)
    assert index.any_marked(Mark.SETTLED, [(MediaType.MOVIE, "one")])
    assert index.any_marked(Mark.SETTLED)
    assert index.of_arr("one", 7) == ("2", "1")
    assert index.awaited(movies) == frozenset()
    assert index.due(at(9)) == ()
    assert index.came_last(5) == ["1"]
    index.drop("2")
    assert index.of_arr("one", 7) == ("1",)
    index.drop("1")
    index.drop("1")
    assert index.of_arr("one", 7) == ()
    assert index.came_last(5) == []
    assert index.marked(Mark.SETTLED) == ()


REQUESTS = st.builds(
    replace,
    st.just(FILM),
    id=st.sampled_from("abcd"),
    arr=st.sampled_from([None, ("one", 1), ("one", 2), ("two", 1)]),
    is_4k=st.booleans(),
)
STANDS = st.sampled_from([WAITS, THERE, replace(WAITS, pending=False, stuck=None)])


@given(st.lists(st.tuples(st.booleans(), REQUESTS, STANDS), max_size=20))
def test_the_index_is_what_going_through_all_would_find(
    steps: list[tuple[bool, Request, RequestStatus]],
) -> None:
    """Whatever came, changed and went before."""
    index, held = RequestIndex(), dict[str, RequestView]()
    for keeps, request, stands in steps:
        if keeps:
            held[request.id] = RequestView(request, stands)
            index.put(held[request.id])
        else:
            held.pop(request.id, None)
            index.drop(request.id)
    for mark in (Mark.WAITING, Mark.SETTLED, Mark.PENDING, Mark.UNDER_WAY):
        for owner in {owner_of(one.request) for one in held.values()} - {None}:
            assert owner is not None
            assert set(index.marked(mark, [owner])) == {
                name
                for name, one in held.items()
                if mark in marks_of(one) and owner_of(one.request) == owner
            }
        assert set(index.marked(mark)) == {n for n, one in held.items() if mark in marks_of(one)}
    for arr in (("one", 1), ("one", 2), ("two", 1)):
        assert set(index.of_arr(*arr)) == {n for n, one in held.items() if one.request.arr == arr}


def test_the_last_to_come_are_named_first() -> None:
    """Only those that are settled."""
    index = RequestIndex()
    for number in range(5):
        there = replace(THERE, available_at=at(9) + timedelta(minutes=number))
        index.put(view(str(number), there))
    index.put(view("6", replace(THERE, settled=False)))
    assert index.came_last(2) == ["4", "3"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, *StuckReason]))))
def test_those_that_are_held_up_are_counted_as_they_come_and_go(
    steps: list[tuple[str, StuckReason | None]],
) -> None:
    """Without going through them; what waits for approval has no trouble."""
    book = RequestBook()
    shown, held = Shown(book), dict[str, StuckReason | None]()
    for name, reason in steps:
        stuck = None if reason is None else Stuck(reason, at(1))
        one = view(name, replace(WAITS, stuck=stuck))
        book.put(one)
        shown.put(one)
        held[name] = reason
        waits = StuckReason.WAITING_FOR_APPROVAL
        assert shown.count_stuck(but=waits) == sum(o not in (None, waits) for o in held.values())
        assert set(shown.stuck) == {name for name, one in held.items() if one is not None}
    for name in held:
        shown.drop(name)
    assert shown.count_stuck(but=StuckReason.WAITING_FOR_APPROVAL) == len(shown.stuck) == 0
