"""Whatever has not changed for too long in its state is stuck: unseen, nothing stands still."""

from datetime import timedelta
import json
from pathlib import Path

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.arr_models import queue_item
from custom_components.showrunner.coordinators.arr_reports import Holding, Speaker, of_items
from custom_components.showrunner.domain.media import MediaType
from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.readings import of_queue
from custom_components.showrunner.domain.requests.record import dump_facts, load_facts
from custom_components.showrunner.domain.requests.request import RequestState, Stage, StuckReason
from custom_components.showrunner.domain.requests.state import RequestStatus

from .samples import (
    FILM,
    HASH,
    MOVIE,
    POLICY,
    SERIES,
    Event,
    EventKind as Kind,
    Inventory,
    JellyfinPresence,
    Place,
    Transfer,
    Trouble,
    at,
    event,
    of_download,
    status,
    transfer,
    whole,
)

QUEUE = Path(__file__).parents[2] / "fixtures/sonarr/queue-waits-to-import.json"
HOUR = 60
GRABBED = [whole(Kind.APPROVED, 1), event(Kind.GRABBED, 2, MOVIE, HASH)]


def line(minute: float, **more: object) -> list[Event | Transfer]:
    """Read a line of the queue at a minute."""
    plain: dict[str, object] = {
        "status": "downloading",
        "tracked_state": "downloading",
        "tracked_status": "ok",
        "size": 1000.0,
        "size_left": 400.0,
        "eta": None,
        "message": "",
    }
    return list(of_queue(HASH, (MOVIE,), at(minute), **(plain | more)))  # type: ignore[arg-type]


def for_days(**more: object) -> list[Event | Transfer]:
    """Read the same line every hour for three days."""
    return [fact for hour in range(73) for fact in line(3 + hour * HOUR, **more)]


def stuck_after(facts: list[object], hours: float) -> tuple[StuckReason | None, RequestStatus]:
    """Say what holds it up so many hours after the evening began."""
    found = status(FILM, facts, hours * HOUR)  # type: ignore[arg-type]
    return found.stuck.reason if found.stuck else None, found


def test_a_download_that_waits_to_be_imported_for_days() -> None:
    """Sonarr's queue as it is told, for three days the same; it says where Sonarr looks."""
    records = json.loads(QUEUE.read_text())["records"]
    held = {12: Holding(12, SERIES.ids, places={340: Place(1, 2)})}
    speaker = Speaker("x", MediaType.SERIES, alone=True)
    facts: list[object] = [whole(Kind.APPROVED, 1)]
    for hour in range(73):
        lines = [queue_item(row) for row in records]
        facts += [f for r in of_items(speaker, lines, held, at(3 + hour * HOUR)) for f in r.facts]
    early = status(SERIES, facts, 5 * HOUR)  # type: ignore[arg-type]
    assert (early.state, early.stuck) == (RequestState.DOWNLOADED, None)
    assert (early.stage, early.stage_since) == (Stage.WAITING_TO_IMPORT, at(3))
    late = status(SERIES, facts, 72 * HOUR)  # type: ignore[arg-type]
    assert late.stuck is not None
    assert (late.stuck.reason, late.stuck.since) == (StuckReason.NOT_IMPORTED, at(3))
    assert late.stuck.message == "importPending /downloads/tv/Copper.Bay.S01E02.1080p"


@pytest.mark.parametrize(
    ("more", "normal", "stuck", "reason"),
    [
        (
            {"status": "completed", "tracked_state": "importing", "size_left": 0.0},
            5,
            7,
            StuckReason.NOT_IMPORTED,
        ),
        (
            {"status": "queued", "tracked_state": "downloading", "size_left": 1000.0},
            11,
            13,
            StuckReason.NOT_MOVING,
        ),
        ({"status": "downloadclientunavailable"}, 1, 2, StuckReason.CLIENT_UNAVAILABLE),
        ({}, 11, 13, StuckReason.NOT_MOVING),
        # A client calls it a warning when a tracker complains, complete or not.
        (
            {"status": "warning", "size_left": 0.0, "message": "Tracker: unregistered torrent"},
            11,
            13,
            StuckReason.NOT_MOVING,
        ),
    ],
    ids=["importing", "queued", "client-unavailable", "percentage", "complete-with-a-warning"],
)
def test_what_has_no_clock_of_its_own(
    more: dict[str, object], normal: int, stuck: int, reason: StuckReason
) -> None:
    """For some hours that is normal; then it is stuck, since it began to be so."""
    facts = [*GRABBED, *for_days(**more)]
    assert stuck_after(facts, normal)[0] is None
    found, after = stuck_after(facts, stuck)
    assert found is reason
    assert after.stuck is not None
    assert after.stuck.since == at(3)


def test_a_percentage_that_stands_still_while_its_state_flaps() -> None:
    """Stalled, downloading, stalled: every few minutes another trouble, and never one byte."""
    flaps = [
        transfer(3 + 10 * n, 63.2, trouble=(Trouble.NONE, Trouble.STALLED)[n % 2])
        for n in range(100)
    ]
    facts = [*GRABBED, of_download(Kind.STARTED, 3), *flaps]
    found, after = stuck_after(facts, 14)
    assert found is StuckReason.NOT_MOVING
    assert after.stuck is not None
    assert after.stuck.since == at(3)


def test_a_percentage_that_grows_is_not_stuck() -> None:
    """However slowly: a hundredth in ten hours."""
    facts = [*GRABBED, *for_days(), transfer(13 * HOUR, 63.21)]
    assert stuck_after(facts, 14)[0] is None


def test_one_of_two_sources_that_moves_is_enough() -> None:
    """The arr looks once a minute, or its own copy of the number is stale."""
    client = [transfer(3 + n * HOUR, float(n)) for n in range(15)]
    assert stuck_after([*GRABBED, *for_days(), *client], 14)[0] is None


def test_approved_and_nobody_takes_it() -> None:
    """No arr knows it, or has never searched for it although it is out."""
    approved = whole(Kind.APPROVED, 1)
    assert stuck_after([approved], 71)[0] is None
    assert stuck_after([approved], 73)[0] is StuckReason.NOT_SEARCHED
    assert status(SERIES, [approved], 73 * HOUR).stuck is not None
    out = Inventory(MOVIE, at(3), has_file=False, aired_at=at(-900))
    assert stuck_after([approved, out], 73)[0] is StuckReason.NOT_SEARCHED


def test_what_is_not_out_yet_waits_without_being_stuck() -> None:
    """A film in cinemas, and an episode that is still to air."""
    soon = Inventory(MOVIE, at(3), has_file=False, aired_at=at(200 * HOUR))
    assert stuck_after([whole(Kind.APPROVED, 1), soon], 100)[0] is None
    unknown = Inventory(MOVIE, at(3), has_file=False)
    assert stuck_after([whole(Kind.APPROVED, 1), unknown], 100)[0] is None
    announced = Inventory(Place(1, 1), at(3), has_file=False, aired_at=at(200 * HOUR))
    assert status(SERIES, [whole(Kind.APPROVED, 1), announced], 100 * HOUR).stuck is None


def test_what_holds_a_download_up_is_said_at_once() -> None:
    """The last seed is gone: that is shown in the same minute; stuck it is an hour later."""
    seeds = transfer(4, 30.0, trouble=Trouble.NO_SEEDS)
    facts = [*GRABBED, of_download(Kind.STARTED, 3), seeds]
    found = status(FILM, facts, 4)
    assert (found.stage, found.stage_since, found.stuck) == (Stage.NO_SEEDS, at(4), None)
    well = status(FILM, [*facts, transfer(5, 31.0)], 5)
    assert well.stage is Stage.NONE


def test_a_restart_does_not_reset_the_clock() -> None:
    """What was kept says since when; a record of before the second clock is read too."""
    kept = Facts().with_([*GRABBED, *for_days()])
    again = load_facts(dump_facts(kept))
    assert again == kept
    assert status(FILM, [*again, *line(80 * HOUR)], 80 * HOUR).stuck == (
        status(FILM, [*kept, *line(80 * HOUR)], 80 * HOUR).stuck
    )
    old = [row[:9] if row[0] == "t" else row for row in dump_facts(kept)]
    found = status(FILM, load_facts(old), 80 * HOUR).stuck
    assert found is not None
    assert found.since == at(3)


# --- whatever happens --------------------------------------------------------------------------

minutes = st.integers(3, 40 * HOUR)
facts = st.one_of(
    st.builds(
        lambda minute, progress, trouble, source: Transfer(
            HASH, at(minute), float(progress), trouble=trouble, source=source
        ),
        minutes,
        st.integers(0, 3),
        st.sampled_from([Trouble.NONE, Trouble.STALLED, Trouble.NO_SEEDS, Trouble.PAUSED]),
        st.sampled_from(["client", "queue"]),
    ),
    st.builds(
        of_download,
        st.sampled_from([Kind.STARTED, Kind.COMPLETE, Kind.IMPORTING]),
        minutes,
    ),
    st.builds(event, st.sampled_from([Kind.GRABBED]), minutes, st.just(MOVIE), st.just(HASH)),
    st.builds(event, st.just(Kind.IMPORTED), minutes, st.just(MOVIE), st.just(HASH)),
    st.builds(lambda minute: JellyfinPresence(MOVIE, at(minute), seen=True), minutes),
)


@given(st.lists(facts, max_size=12))
def test_nothing_stands_still_unseen(values: list[object]) -> None:
    """Three days after the last word about it, it is available, failed, or stuck with a since."""
    whatever = [*GRABBED, *values]
    longest = max(POLICY.still.values())
    found = status(FILM, whatever, 40 * HOUR + longest / timedelta(minutes=1))  # type: ignore[arg-type]
    if found.state is not RequestState.AVAILABLE:
        assert found.stuck is not None
        assert found.stuck.since <= at(40 * HOUR)


@given(st.lists(facts, max_size=8), st.integers(0, 50 * HOUR))
def test_once_stuck_it_stays_so_while_nothing_happens(values: list[object], minute: int) -> None:
    """Time alone does not mend it."""
    whatever = [*GRABBED, *values]
    late = 40 * HOUR + minute
    if status(FILM, whatever, late).stuck is not None:  # type: ignore[arg-type]
        assert status(FILM, whatever, late + 600).stuck is not None  # type: ignore[arg-type]


def test_what_is_searched_for_before_it_is_out_is_not_missing() -> None:
    """An indexer that had nothing then says nothing."""
    searched = Inventory(MOVIE, at(3), has_file=False, aired_at=at(200 * HOUR), searched_at=at(2))
    approved = whole(Kind.APPROVED, 1)
    assert status(FILM, [approved, searched], 199 * HOUR).stuck is None
    out = status(FILM, [approved, searched], 200 * HOUR + POLICY.nothing_found.total_seconds() / 60)
    assert out.stuck is not None
    assert out.stuck.reason is StuckReason.NOTHING_FOUND


def test_a_download_that_is_complete_is_not_stuck_by_what_its_client_says() -> None:
    """It seeds, or rests: what counts is its import."""
    stalled = transfer(5, 100.0, trouble=Trouble.STALLED)
    facts = [*GRABBED, of_download(Kind.STARTED, 3), stalled]
    coming = status(FILM, facts, 72 * HOUR).stuck
    assert coming is not None
    assert coming.reason is StuckReason.STALLED
    home = status(FILM, [*facts, of_download(Kind.COMPLETE, 4)], 72 * HOUR).stuck
    assert home is None or home.reason is not StuckReason.STALLED
