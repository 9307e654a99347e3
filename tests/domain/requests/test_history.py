"""What happened to a request, told once for what belongs together."""

from datetime import timedelta

from hypothesis import given, strategies as st

from custom_components.showrunner.domain.media import MOVIE, Place
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Transfer
from custom_components.showrunner.domain.requests.history import history_of

from .samples import HASH, OTHER, at

EPISODES = tuple(Place(1, number) for number in (1, 2, 3))


def test_a_pack_is_grabbed_and_imported_once() -> None:
    """With all its episodes; another download, another kind and another hour are others."""
    facts = [
        *(Event(EventKind.GRABBED, at(0), place, HASH) for place in EPISODES),
        *(Event(EventKind.IMPORTED, at(60), place, HASH) for place in EPISODES[:2]),
        Event(EventKind.IMPORTED, at(180), EPISODES[2], HASH),
        Event(EventKind.GRABBED, at(0), EPISODES[0], OTHER),
        Transfer(HASH, at(30), 50.0),
    ]
    rows = [(one.kind.value, len(one.places), one.download) for one in history_of(facts)]
    assert rows == [
        ("grabbed", 3, HASH),
        ("grabbed", 1, OTHER),
        ("imported", 2, HASH),
        ("imported", 1, HASH),
    ]


def test_files_that_were_deleted_together_are_one_event() -> None:
    """Each names its own file where others name their download."""
    gone = [
        Event(EventKind.DELETED, at(0) + timedelta(seconds=number), place, f"file:{number}")
        for number, place in enumerate(EPISODES)
    ]
    (answer,) = history_of(gone)
    assert answer.at == at(0)
    assert answer.as_dict() == {
        "kind": "deleted",
        "episodes": ["s1e1", "s1e2", "s1e3"],
        "download": None,
        "detail": "",
    }


def test_of_a_movie_no_episode_is_named() -> None:
    """Nor where nobody tells which it was."""
    for place in (MOVIE, None):
        (answer,) = history_of([Event(EventKind.FAILED, at(0), place, HASH, "no seeds")])
        assert (answer.as_dict()["episodes"], answer.detail) == ([], "no seeds")


places = st.none() | st.sampled_from((*EPISODES, MOVIE))
events = st.builds(
    Event,
    st.sampled_from(EventKind),
    st.integers(0, 5).map(at),
    places,
    st.sampled_from(["", HASH, OTHER, "file:1"]),
    st.sampled_from(["", "why"]),
)


@given(st.lists(events, max_size=20))
def test_nothing_is_lost_and_the_order_is_that_of_time(some: list[Event]) -> None:
    """Every kind and unit that the facts have is told, whatever their order."""
    answer = history_of(some)
    assert [one.at for one in answer] == sorted(one.at for one in answer)
    assert {(one.kind, place) for one in answer for place in one.places} == {
        (one.kind, one.place) for one in some if one.place is not None
    }
    assert {one.kind for one in answer} == {one.kind for one in some}
    assert history_of(reversed(some)) == answer


def test_a_pack_over_the_turn_of_a_minute_is_told_once() -> None:
    """A minute is counted from its first episode, not by the clock; a later grab is another."""
    first = at(0).replace(second=58)
    times = [first, first + timedelta(seconds=4), first + timedelta(seconds=59)]
    pack = [Event(EventKind.GRABBED, one, Place(1, n), HASH) for n, one in enumerate(times)]
    (answer,) = history_of(pack)
    assert (answer.at, len(answer.places)) == (first, 3)
    again = Event(EventKind.GRABBED, first + timedelta(seconds=60), Place(1, 0), HASH)
    assert [len(one.places) for one in history_of([again, *pack])] == [3, 1]
