"""When the time alone may change how a request stands: never later than it does."""

from datetime import datetime, timedelta

from hypothesis import assume, given, strategies as st
import pytest

from custom_components.showrunner.domain.requests.changing import changes_at
from custom_components.showrunner.domain.requests.facts import EventKind, Fact, Facts
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.state import state_of

from . import made_up
from .samples import (
    FILM,
    HASH,
    MOVIE,
    POLICY,
    SERIES,
    Event,
    Inventory,
    Place,
    Trouble,
    at,
    event,
    of_download,
    transfer,
    whole,
)

SOON = st.builds(lambda us: at(0) + timedelta(microseconds=us), st.integers(0, 4 * 86_400 * 10**6))


@given(made_up.requests(), made_up.facts(), SOON, SOON, st.booleans())
def test_until_then_a_request_stands_as_it_does_now(
    request: Request, facts: Facts, one: datetime, other: datetime, matcher: bool
) -> None:
    """Whatever is known: between two such moments nothing changes by itself."""
    now, later = min(one, other), max(one, other)
    due = changes_at(request, facts, now, POLICY)
    assume(due is None or later < due)
    assume(state_of(request, facts, now, policy=POLICY, matcher=matcher).closed is None)
    status = state_of(request, facts, now, policy=POLICY, matcher=matcher)
    assert state_of(request, facts, later, policy=POLICY, matcher=matcher) == status


@pytest.mark.parametrize(
    ("request_", "facts", "minutes"),
    [
        (FILM, [], 24 * 60),
        (FILM, [whole(EventKind.APPROVED, 0), event(EventKind.GRABBED, 0, MOVIE, HASH)], 15),
        (
            FILM,
            [
                event(EventKind.GRABBED, 0, MOVIE, HASH),
                of_download(EventKind.STARTED, 0),
                transfer(0, 10.0, trouble=Trouble.STALLED),
            ],
            60,
        ),
        (FILM, [whole(EventKind.APPROVED, 0), event(EventKind.IMPORTED, 0, MOVIE, HASH)], 15),
        (
            SERIES,
            [
                whole(EventKind.APPROVED, 0),
                Inventory(Place(1, 1), at(0), has_file=False, aired_at=at(90)),
            ],
            90,
        ),
    ],
)
def test_it_is_no_later_than_what_does_change(
    request_: Request, facts: list[Fact], minutes: float
) -> None:
    """Going from one to the next, the change is met to the microsecond."""
    known, now = Facts().with_(facts), at(0)
    before = state_of(request_, known, now, policy=POLICY)
    while True:
        due = changes_at(request_, known, now, POLICY)
        assert due is not None
        assert due > now
        now = due
        if state_of(request_, known, now, policy=POLICY) != before:
            break
    assert now == at(minutes)


def test_what_is_long_over_never_changes() -> None:
    """No look at the clock is spent on it."""
    facts = Facts().with_([Event(EventKind.APPROVED, at(-1_000_000))])
    old = Request("1", "1", FILM.title, at(-1_000_000))
    assert changes_at(old, facts, at(0), POLICY) is None
