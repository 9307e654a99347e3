"""What webhooks say shows something sooner, decides nothing, and is forgotten at the next read."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.media import MOVIE
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Facts,
    Inventory,
    JellyfinPresence,
    Transfer,
)
from custom_components.showrunner.domain.requests.hints import MOST, SETTLES, Hint, Hints, without
from custom_components.showrunner.domain.requests.report import About, Report

from .samples import FILM, at

# That something ended, was refused, or is held up is for a read to say.
SHOWN = {
    *(EventKind.APPROVED, EventKind.GRABBED, EventKind.STARTED),
    *(EventKind.COMPLETE, EventKind.IMPORTING, EventKind.IMPORTED),
}
SERVICES = ("seerr", "radarr", "sonarr")

minutes = st.integers(0, 60)
events = st.builds(
    lambda kind, minute, download: Event(kind, at(minute), MOVIE, download),
    st.sampled_from(EventKind),
    minutes,
    st.sampled_from(("", "a" * 40, "b" * 40)),
)
told: st.SearchStrategy[Fact] = st.one_of(
    events,
    st.builds(
        lambda minute, there: JellyfinPresence(MOVIE, at(minute), seen=there),
        minutes,
        st.booleans(),
    ),
    st.builds(
        lambda minute, there: Inventory(MOVIE, at(minute), has_file=there, monitored=True),
        minutes,
        st.booleans(),
    ),
)
reports = st.lists(told, max_size=6).map(lambda some: Report(About(ref=FILM.ref), tuple(some)))
hints = st.builds(
    lambda service, minute, report: Hint.of(service, at(minute), FILM, report),
    st.sampled_from(SERVICES),
    minutes,
    reports,
)
known = st.lists(events, max_size=5).map(lambda some: Facts().with_(some))


def taken(heard: list[Hint], facts: Facts) -> Hints:
    """Take them in, one after the other."""
    found = Hints()
    for one in heard:
        found = found.with_hint(one, facts)
    return found


@given(st.lists(hints, max_size=8), known)
def test_a_hint_only_ever_shows_that_something_has_got_on(heard: list[Hint], facts: Facts) -> None:
    """What is known stays; what is added is no end, no trouble and no observation."""
    shown = taken(heard, facts).over(facts)
    assert facts.by_key.keys() <= shown.by_key.keys()
    for key in shown.by_key.keys() - facts.by_key.keys():
        added = shown.by_key[key]
        assert isinstance(added, Event)
        assert added.kind in SHOWN
    if facts.event(EventKind.REFUSED) is not None:
        approved = facts.event(EventKind.APPROVED)
        assert shown.event(EventKind.APPROVED) == approved


@given(st.lists(hints, max_size=8), known, st.permutations(SERVICES))
def test_reads_of_all_services_leave_nothing_of_hints(
    heard: list[Hint], facts: Facts, order: list[str]
) -> None:
    """In whatever order they come: each takes its own service's hints, and no other's."""
    left = taken(heard, facts)
    for service in order:
        others = [one for one in left.hints if one.service != service]
        left = left.after(service, at(60) + SETTLES)
        assert list(left.hints) == others
    assert left.over(facts) == facts


@given(hints, known)
def test_a_read_that_began_too_soon_says_nothing_against_a_hint(hint: Hint, facts: Facts) -> None:
    """A service may call before it has written what it tells."""
    once = Hints().with_hint(hint, facts)
    assert once.after(hint.service, hint.came + SETTLES - timedelta(microseconds=1)) is once
    assert not once.after(hint.service, hint.came + SETTLES).hints


@given(st.lists(hints, max_size=8), known)
def test_what_is_said_twice_is_held_once(heard: list[Hint], facts: Facts) -> None:
    """Bodies can be sent again and again."""
    once = taken(heard, facts)
    assert taken([*heard, *heard], facts) == once


@given(st.lists(st.integers(1, 90), max_size=8))
def test_no_flood_fills_the_memory(sizes: list[int]) -> None:
    """Whatever it names: what finds no room is left out whole."""
    numbers = iter(range(10_000))
    found = Hints()
    for size in sizes:
        some = tuple(
            Event(EventKind.GRABBED, at(0), MOVIE, f"{next(numbers):040x}") for _ in range(size)
        )
        found = found.with_hint(Hint("radarr", at(0), some), Facts())
    assert sum(len(one.facts) for one in found.hints) <= MOST


@given(minutes, minutes)
def test_nothing_has_happened_later_than_it_was_told(came: int, claimed: int) -> None:
    """A body may claim any time."""
    report = Report(About(ref=FILM.ref), (Event(EventKind.GRABBED, at(claimed), MOVIE, "a" * 40),))
    (fact,) = Hint.of("radarr", at(came), FILM, report).facts
    assert isinstance(fact, Event)
    assert fact.at == at(min(came, claimed))


def test_an_approval_does_not_hide_that_it_was_refused() -> None:
    """Seerr calls so at every new try; whether it can hand it on by now is for a read to say."""
    refused = Facts().with_([Event(EventKind.REFUSED, at(5), None)])
    approved = Hint("seerr", at(6), (Event(EventKind.APPROVED, at(6), None),))
    assert Hints((approved,)).over(refused) == refused
    assert Hints().with_hint(approved, refused).hints == ()
    assert Hints().with_hint(approved, Facts()).over(Facts()).event(EventKind.APPROVED) is not None


@pytest.mark.parametrize("kind", [EventKind.GRABBED, EventKind.IMPORTED])
def test_a_file_that_only_a_hint_tells_of_has_come(kind: EventKind) -> None:
    """Unless it is known already, or was only grabbed."""
    fact = Event(kind, at(1), MOVIE, "a" * 40)
    report = Report(About(ref=FILM.ref), (fact,), anime=True)
    hints = Hints((Hint("radarr", at(1), (fact,), anime=True),))
    assert hints.imports(Facts()) is (kind is EventKind.IMPORTED)
    assert not hints.imports(Facts().with_([fact]))
    assert hints.anime
    assert not Hints().anime
    assert hints.downloads == {"a" * 40}
    assert report.anime


def test_what_a_client_said_of_a_download_goes_with_the_last_hint_of_it() -> None:
    """What an arr named stays."""
    hinted = Event(EventKind.GRABBED, at(1), MOVIE, "a" * 40)
    known = Event(EventKind.GRABBED, at(1), MOVIE, "b" * 40)
    moves = [Transfer(one, at(2), progress=5.0) for one in ("a" * 40, "b" * 40)]
    facts = Facts().with_([known, *moves])
    hints = Hints((Hint("radarr", at(1), (hinted, known)),))
    assert without(facts, hints, hints) is facts
    left = without(facts, hints, Hints())
    assert left == Facts().with_([known, moves[1]])
