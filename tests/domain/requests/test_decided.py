"""What is decided can be decided again: of that the last time counts, of the rest the first."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.media import MOVIE, MediaType, ProviderIds, Title
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Facts
from custom_components.showrunner.domain.requests.request import (
    Closing,
    Request,
    RequestState,
    StuckReason,
)
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy

START = datetime(2026, 11, 1, tzinfo=UTC)
ASKED = Request("r", "r", Title(MediaType.MOVIE, ProviderIds(tmdb=1), "A"), START)
DECIDED = (EventKind.APPROVED, EventKind.DECLINED, EventKind.REFUSED)


def at(minutes: int) -> datetime:
    """Give an instant."""
    return START + timedelta(minutes=minutes)


@pytest.mark.parametrize("kind", DECIDED)
def test_the_last_time_of_a_decision_counts(kind: EventKind) -> None:
    """Whatever order it is heard in."""
    facts = Facts().with_([Event(kind, at(5)), Event(kind, at(1)), Event(kind, at(3))])
    assert facts.event(kind) == Event(kind, at(5))


def test_of_what_happens_once_the_first_time_counts() -> None:
    """A grab that is told of twice is one."""
    grab = EventKind.GRABBED
    facts = Facts().with_([Event(grab, at(5), MOVIE, "A"), Event(grab, at(1), MOVIE, "A")])
    assert facts.event(grab, MOVIE, "A") == Event(grab, at(1), MOVIE, "A")


def test_a_failed_handing_on_that_worked_at_the_second_try_is_not_stuck() -> None:
    """Approved, refused, approved again; in any order of arrival."""
    story = [
        Event(EventKind.APPROVED, at(1)),
        Event(EventKind.REFUSED, at(2)),
        Event(EventKind.APPROVED, at(3)),
    ]
    for order in permutations(story):
        status = state_of(ASKED, Facts().with_(order), at(4), policy=StuckPolicy())
        assert (status.state, status.stuck) == (RequestState.APPROVED, None)
    refused = state_of(ASKED, Facts().with_(story[:2]), at(4), policy=StuckPolicy())
    assert refused.stuck is not None
    assert refused.stuck.reason is StuckReason.REFUSED


def test_declined_after_it_was_approved_is_over_and_the_other_way_round_is_not() -> None:
    """Seerr allows both."""
    over = [Event(EventKind.APPROVED, at(1)), Event(EventKind.DECLINED, at(2))]
    assert state_of(ASKED, Facts().with_(over), at(9), policy=StuckPolicy()).closed is (
        Closing.DECLINED
    )
    again = [*over, Event(EventKind.APPROVED, at(3))]
    assert state_of(ASKED, Facts().with_(again), at(9), policy=StuckPolicy()).closed is None


events = st.builds(
    Event, st.sampled_from(EventKind), st.integers(0, 5).map(at), detail=st.sampled_from("ab")
)


@given(st.lists(events, max_size=8), st.randoms())
def test_any_order_and_number_of_the_same_events_is_one_set(
    some: list[Event], dice: object
) -> None:
    """Decisions among them."""
    again = [*some, *some]
    dice.shuffle(again)  # type: ignore[attr-defined]
    assert Facts().with_(again).by_key == Facts().with_(some).by_key
