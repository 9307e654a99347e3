"""A long list of requests: its order, what is found in it, and its pages."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.requests.browsing import Entry, Look, Page, Show, in_order
from custom_components.showrunner.domain.requests.request import RequestState, Stuck, StuckReason

from .samples import FILM, at, status

STANDS = status(FILM, [], 2)
WORDS = st.text("aAbBß ", max_size=3)


def entry(
    name: str = "1", state: str = "downloading", *, day: int = 1, stuck: bool = False
) -> Entry:
    """Make what is looked for of a request."""
    return Entry(name, RequestState(state), stuck, at(day), f"film {name}")


def of(why: StuckReason | None = None, **more: object) -> Entry:
    """Take an entry from a request."""
    stuck = None if why is None else Stuck(why, at(1))
    request = replace(FILM, **more)  # type: ignore[arg-type]
    return Entry.of(request, replace(STANDS, stuck=stuck))


def test_trouble_is_first_then_what_waits_what_comes_and_what_is_there() -> None:
    """Within these the newest is first; of two of one instant always the same."""
    listed = [
        entry("there", "available", day=9),
        entry("older", day=2),
        entry("b", day=3),
        entry("a", day=3),
        entry("failed", "failed", day=1),
        entry("asked", "requested", day=1),
        entry("stuck", "available", stuck=True),
    ]
    expected = ["stuck", "asked", "a", "b", "older", "failed", "there"]
    assert [one.request_id for one in in_order(listed)] == expected
    assert [one.request_id for one in in_order(reversed(listed))] == expected


@pytest.mark.parametrize(
    ("why", "stuck"),
    [(None, False), (StuckReason.WAITING_FOR_APPROVAL, False), (StuckReason.NO_SEEDS, True)],
)
def test_what_only_waits_for_a_word_is_in_no_trouble(why: StuckReason | None, stuck: bool) -> None:
    """It is there to be approved."""
    assert of(why).stuck is stuck


def test_it_is_found_by_titles_year_and_person() -> None:
    """Every word has to be there, whatever its case and in any order."""
    title = replace(FILM.title, name="Spirited STRASSE", year=2001)
    listed = [of(title=title, other_titles=("Sen to Chihiro",), requested_by="Kitchen")]
    for search in ("", "chihiro", "2001 spirit", "straße", " kitchen  sen "):
        assert Look(search=search).of(listed).total == 1, search
    for search in ("chihiro sofa", "2002"):
        assert Look(search=search).of(listed).total == 0, search


def test_a_request_without_a_year_has_none() -> None:
    """Nothing is found by the word that stands for nothing."""
    assert "none" not in of(title=replace(FILM.title, year=None)).text


def test_what_is_shown_is_in_trouble_or_of_one_state() -> None:
    """All, those in trouble, or one state; what is counted is what is shown."""
    listed = in_order([entry("1"), entry("2", stuck=True), entry("3", "requested")])
    assert Look(Show.ALL).of(listed) == Page(("2", "3", "1"), 3, 1, 3)
    assert Look(Show.STUCK).of(listed) == Page(("2",), 1, 1, 3)
    assert Look(RequestState.REQUESTED).of(listed) == Page(("3",), 1, 0, 3)
    assert Look(offset=1, limit=1).of(listed) == Page(("3",), 3, 1, 3)
    assert Look(offset=9).of(listed) == Page((), 3, 1, 3)


@given(
    st.lists(
        st.builds(
            Entry,
            st.uuids().map(str),
            st.sampled_from(RequestState),
            st.booleans(),
            st.integers(1, 5).map(at),
            WORDS.map(str.casefold),
        ),
        unique_by=lambda one: one.request_id,
    ),
    st.sampled_from([*Show, *RequestState]),
    WORDS,
    st.integers(1, 4),
)
def test_the_pages_together_are_the_list(
    listed: list[Entry], show: Show | RequestState, search: str, limit: int
) -> None:
    """No request is on two of them, none is left out, and all pages count alike."""
    ordered = in_order(listed)
    whole = Look(show, search, limit=len(listed) + 1).of(ordered)
    pages = [
        Look(show, search, offset, limit).of(ordered) for offset in range(0, whole.total, limit)
    ]
    assert [one for page in pages for one in page.ids] == [*whole.ids]
    assert all(replace(page, ids=whole.ids) == whole for page in pages)
    assert len(whole.ids) == whole.total
