"""What is packed is given back equal, to the microsecond, and is small."""

from datetime import timedelta

from hypothesis import given, strategies as st

from custom_components.showrunner.domain.media import Place
from custom_components.showrunner.domain.requests.facts import EventKind, Facts, Inventory
from custom_components.showrunner.domain.requests.packed import (
    pack_facts,
    pack_request,
    unpack_facts,
    unpack_request,
)
from custom_components.showrunner.domain.requests.request import (
    Closing,
    Request,
    RequestState,
    Stage,
    Stuck,
    StuckReason,
)
from custom_components.showrunner.domain.requests.state import RequestStatus, state_of

from . import made_up
from .samples import FILM, HASH, POLICY, START, Event, Transfer, at

STATUS = st.builds(
    RequestStatus,
    state=st.sampled_from(RequestState),
    progress=st.floats(0, 100),
    eta=st.none() | st.floats(0, 1e9),
    episodes=st.dictionaries(st.sampled_from(RequestState), st.integers(1, 99), max_size=3),
    stage=st.sampled_from(Stage),
    stage_since=st.none() | made_up.instants,
    stuck=st.none()
    | st.builds(Stuck, st.sampled_from(StuckReason), made_up.instants, made_up.words),
    attempts=st.integers(0, 9),
    available_at=st.none() | made_up.instants,
    closed=st.none() | st.sampled_from(Closing),
    closed_at=st.none() | made_up.instants,
    settled=st.booleans(),
    pending=st.booleans(),
)


@given(made_up.facts())
def test_facts_are_the_same_after_packing(facts: Facts) -> None:
    """All of them, in their order, with the same state."""
    again = unpack_facts(pack_facts(facts))
    assert again == facts
    assert list(again.by_key) == list(facts.by_key)
    assert [type(fact) for fact in again] == [type(fact) for fact in facts]


@given(made_up.requests(), STATUS)
def test_a_request_is_the_same_after_packing(request: Request, status: RequestStatus) -> None:
    """With how it stands, and its counts in their order."""
    again, stands = unpack_request(pack_request(request, status))
    assert (again, stands) == (request, status)
    assert list(stands.episodes) == list(status.episodes)


@given(made_up.requests(), made_up.facts())
def test_what_is_derived_is_the_same_after_packing(request: Request, facts: Facts) -> None:
    """Also what a state really is, with its counts behind a proxy."""
    status = state_of(request, facts, START, policy=POLICY)
    assert unpack_request(pack_request(request, status)) == (request, status)
    assert state_of(request, unpack_facts(pack_facts(facts)), START, policy=POLICY) == status


def test_a_season_under_way_takes_a_few_kilobytes() -> None:
    """Forty episodes of four packs: a tenth of what they are as objects."""
    rows = []
    for number in range(40):
        place, download = Place(1, number + 1), f"{number // 10:040X}"
        rows += [
            Inventory(place, at(number), has_file=False, aired_at=at(-9000 - number)),
            Event(EventKind.GRABBED, at(number), place, download),
            Event(EventKind.STARTED, at(number), download=download),
            Transfer(download, at(number), progress=40.0, eta=60.0),
        ]
    facts = Facts().with_(rows)
    assert len(pack_facts(facts)) < 2000
    assert len(pack_request(FILM, state_of(FILM, facts, at(1), policy=POLICY))) < 300


def test_a_time_is_kept_to_the_microsecond() -> None:
    """Else what is told once more would be earlier than what is known, and news."""
    odd = START + timedelta(microseconds=123_457)
    known = Facts().with_([Event(EventKind.GRABBED, odd, Place(1, 1), HASH)])
    again = unpack_facts(pack_facts(known))
    assert again == known
    assert again.with_(known) is again
