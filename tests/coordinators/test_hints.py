"""Whatever comes in through the doors of Seerr and the arrs: after the next healthy reads all is as
polling alone would have it (law 13). Bodies are forged, replayed, shuffled, doubled and lost.
"""

from collections import Counter
import copy
from datetime import timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.media import MOVIE, Place
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Transfer, Trouble
from custom_components.showrunner.domain.requests.hints import MOST, SETTLES, Hint, Hints
from custom_components.showrunner.domain.requests.report import About, Report
from custom_components.showrunner.domain.requests.request import Closing, RequestState, StuckReason
from tests.domain.requests.samples import FILM
from tests.effort import examples

from .hints import (
    BODIES,
    COMING,
    DECLINED,
    FOREIGN,
    GRABBED,
    PENDING,
    START,
    THERE,
    House,
    forged,
    run,
)

type Step = tuple[str, Any]

steps = st.lists(st.one_of(forged(), st.sampled_from([("read", None), ("on", None)])), max_size=25)


@settings(max_examples=examples(300), deadline=None)
@given(steps, st.randoms(use_true_random=False))
def test_whatever_comes_in_ends_as_polling_alone(story: list[Step], dice: Any) -> None:
    """All that is shown, held and closed is the same, and no event was sent on a hint's word."""
    replayed = [*story, *(step for step in story if step[0] != "on" and dice.random() < 0.5)]
    answer, plain = House(), House()
    for house in (answer, plain):
        house.read()
    for door, body in [*replayed, ("read", None), ("read", None)]:
        for house in (answer, plain):
            house.now += timedelta(seconds=5)
            if door == "read":
                house.read()
            elif door == "on":
                house.phase = min(2, house.phase + 1)
            elif house is answer:
                house.hear(door, body)
    assert answer.shown() == plain.shown()
    assert answer.over() == plain.over() == {f"seerr:seerr:{DECLINED}": Closing.DECLINED}
    # A download may be read sooner, and a step in between go by; nothing more is ever told.
    assert Counter(answer.events) <= Counter(plain.events)
    assert answer.book.rows.keys() == plain.book.rows.keys()
    assert not answer.tracker._hints


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(forged(), max_size=60))
def test_a_flood_is_bounded_whatever_it_names(flood: list[Step]) -> None:
    """No request is begun, and of one there is room for so many hints only."""
    house = House()
    house.read()
    known = set(house.tracker.views)
    for door, body in flood:
        house.hear(door, body)
    assert set(house.tracker.views) == known
    for hints in house.tracker._hints.values():
        assert sum(len(one.facts) for one in hints.hints) <= MOST
    assert house.tracker.downloads <= {GRABBED, FOREIGN, "B" * 40, *_recorded()}


def _recorded() -> set[str]:
    return {str(body["downloadId"]).upper() for _, body in BODIES if body.get("downloadId")}


# -- one by one ------------------------------------------------------------------------------------


def grab(tmdb: int, download: str, event: str = "Grab") -> Any:
    """Make Radarr's word of a film."""
    body = next(copy.deepcopy(b) for d, b in BODIES if d == "radarr" and b["eventType"] == event)
    body["movie"] |= {"id": tmdb, "tmdbId": tmdb, "imdbId": None, "year": 2000 + tmdb}
    return body | {"downloadId": download}


def state(house: House, number: int) -> RequestState:
    """Say how a request is shown."""
    return house.tracker.views[f"seerr:seerr:{number}"].status.state


def test_a_forged_grab_and_import_last_until_radarr_is_read() -> None:
    """They are shown at once; the queue and the history decide."""
    house = House()
    house.read()
    house.now += timedelta(seconds=5)
    house.hear("radarr", grab(COMING, FOREIGN))
    assert state(house, COMING) is RequestState.GRABBING
    assert FOREIGN in house.tracker.downloads
    house.hear("radarr", grab(COMING, FOREIGN, "Download"))
    assert state(house, COMING) is RequestState.IMPORTING
    house.now += SETTLES
    house.read()
    assert state(house, COMING) is RequestState.APPROVED
    assert FOREIGN not in house.tracker.downloads
    assert [kind for kind, one in house.events if one == f"seerr:seerr:{COMING}"] == ["approved"]


def test_what_a_client_says_of_a_hinted_download_shows_at_once_and_goes_with_it() -> None:
    """Its progress is seen before the arr was read; of a forged one nothing is left."""
    house = House()
    house.read()
    house.hear("radarr", grab(COMING, FOREIGN))
    run(house.tracker.of_downloads({FOREIGN: house.client(FOREIGN)}))
    view = house.tracker.views[f"seerr:seerr:{COMING}"]
    assert view.status.state is RequestState.DOWNLOADING
    assert view.status.progress == 100.0
    house.now += SETTLES
    run(house.tracker.overrule("radarr", house.now))
    facts = house.tracker.facts(view.request.id)
    assert not [fact for fact in facts if getattr(fact, "download", "") == FOREIGN]


def test_a_true_hint_is_followed_by_its_facts_without_a_step_back() -> None:
    """What the client has said meanwhile stays."""
    house = House()
    house.read()
    house.phase = 1
    house.hear("radarr", grab(COMING, GRABBED))
    run(house.tracker.of_downloads({GRABBED: house.client(GRABBED)}))
    assert state(house, COMING) is RequestState.DOWNLOADING
    seen: list[RequestState] = []
    house.tracker.add_listener(lambda view: seen.append(view.status.state))
    house.now += SETTLES
    house.read()
    assert state(house, COMING) is RequestState.DOWNLOADING
    assert RequestState.GRABBING not in seen


def test_another_services_read_says_nothing_of_a_hint() -> None:
    """Only that of the service through whose door it came."""
    house = House()
    house.read()
    house.hear("radarr", grab(COMING, FOREIGN))
    house.now += SETTLES
    for door in ("sonarr", "seerr"):
        run(house.tracker.overrule(door, house.now))
    assert state(house, COMING) is RequestState.GRABBING


def test_what_is_available_is_shown_as_it_is() -> None:
    """A deletion that only a webhook tells takes nothing away."""
    house = House()
    house.read()
    for event in ("MovieFileDelete", "MovieDelete"):
        house.hear("radarr", grab(THERE, "", event))
    assert state(house, THERE) is RequestState.AVAILABLE


def test_a_refusal_stands_until_seerr_is_read() -> None:
    """Every new try is called an approval, before it is known to have failed once more."""
    house = House()
    house.read()
    request = house.tracker.views[f"seerr:seerr:{PENDING}"].request
    failed = (Event(EventKind.APPROVED, house.now), Event(EventKind.REFUSED, house.now))
    run(house.tracker.asked([(request, failed)]))
    house.now += timedelta(seconds=5)
    body = next(copy.deepcopy(b) for d, b in BODIES if d == "seerr" and b["media"] and b["request"])
    ids = {"tmdbId": str(PENDING), "imdbId": "", "tvdbId": ""}
    body |= {"notification_type": "MEDIA_APPROVED", "subject": "Film 1 (2001)"}
    body["media"] |= ids | {"media_type": "movie"}
    body["request"] |= {"request_id": str(PENDING)}
    house.hear("seerr", body)
    stuck = house.tracker.views[request.id].status.stuck
    assert stuck is not None
    assert stuck.reason is StuckReason.REFUSED


@pytest.mark.parametrize("problem", ["import", "torrent"])
def test_nobody_is_called_to_help_by_a_hint(problem: str) -> None:
    """A repair is for what was read; the state is shown all the same."""
    house = House()
    house.read()
    house.now += timedelta(seconds=5)
    if problem == "import":
        house.hear("radarr", grab(COMING, FOREIGN, "ManualInteractionRequired"))
        assert state(house, COMING) is RequestState.DOWNLOADED
    else:
        house.hear("radarr", grab(COMING, FOREIGN))
        full = Transfer(FOREIGN, house.now, 10.0, trouble=Trouble.DISK_FULL)
        run(house.tracker.of_downloads({FOREIGN: (full,)}))
        assert state(house, COMING) is RequestState.GRABBING
    assert house.tracker.stuck == ()


@pytest.mark.parametrize("kind", list(EventKind))
def test_a_hint_only_ever_gets_on(kind: EventKind) -> None:
    """Whatever ends or takes away waits for a read; and nothing happens later than it was told."""
    later = START + timedelta(days=1)
    report = Report(About(), (Event(kind, later, MOVIE, GRABBED),))
    hint = Hint.of("radarr", START, FILM, report)
    ends = {"declined", "withdrawn", "refused", "failed", "deleted", "pending", "matched"}
    assert bool(hint.facts) is (kind.value not in ends)
    assert all(fact.at == START for fact in hint.facts)


def test_a_hint_that_is_known_or_too_much_is_not_kept() -> None:
    """Told again it is the same; there is room for so many."""
    facts = House().tracker.facts("nobody")
    event = Event(EventKind.GRABBED, START, MOVIE, GRABBED)
    hint = Hint("radarr", START, (event,))
    once = Hints().with_hint(hint, facts)
    assert once.with_hint(hint, facts) is once
    assert Hints().with_hint(hint, facts.with_([event])).hints == ()
    many = tuple(
        Event(EventKind.GRABBED, START, Place(1, number), GRABBED) for number in range(MOST + 1)
    )
    assert once.with_hint(Hint("sonarr", START, many), facts) is once
    assert len(Hints().with_hint(Hint("sonarr", START, many[1:]), facts).hints) == 1
