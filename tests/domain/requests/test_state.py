"""The state of a request is a function of its facts, whatever their order and number."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.showrunner.domain.requests.facts import EventKind, Facts
from custom_components.showrunner.domain.requests.report import admitted
from custom_components.showrunner.domain.requests.request import (
    Closing,
    RequestState,
    Stage,
    StuckReason,
)
from custom_components.showrunner.domain.requests.unit import Ledger
from tests.english import english

from .samples import (
    FILM,
    HASH,
    MOVIE,
    OTHER,
    SERIES,
    Event,
    EventKind as Kind,
    Inventory,
    JellyfinPresence,
    Place,
    Trouble,
    at,
    episodes,
    event,
    of_download,
    status,
    transfer,
    whole,
)

PATH = [
    (whole(Kind.APPROVED, 1), RequestState.APPROVED),
    (event(Kind.GRABBED, 2, MOVIE, HASH), RequestState.GRABBING),
    (of_download(Kind.STARTED, 3), RequestState.DOWNLOADING),
    (of_download(Kind.COMPLETE, 9), RequestState.DOWNLOADED),
    (of_download(Kind.IMPORTING, 10), RequestState.IMPORTING),
    (event(Kind.IMPORTED, 11, MOVIE, HASH), RequestState.IMPORTING),
    (JellyfinPresence(MOVIE, at(12), seen=True), RequestState.AVAILABLE),
]


def test_a_movie_goes_through_every_state() -> None:
    """Each fact brings it one further."""
    assert status(FILM, []).state is RequestState.REQUESTED
    for number, (_, expected) in enumerate(PATH, 1):
        found = status(FILM, [fact for fact, _ in PATH[:number]], 12)
        assert found.state is expected, number
        assert found.closed is None
    assert found.available_at == at(12)
    assert found.settled


@pytest.mark.parametrize(("placed", "told"), [(5, 7), (7, 5)])
def test_a_download_is_as_far_since_the_first_time_that_it_is_said(placed: int, told: int) -> None:
    """Whoever says it, of the unit or of the download."""
    grabbed = event(Kind.GRABBED, 2, MOVIE, HASH)
    facts = (event(Kind.IMPORTED, placed, MOVIE, HASH), of_download(Kind.IMPORTING, told))
    ledger = Ledger(Facts().with_((grabbed, *facts)))
    attempt = ledger.unit(MOVIE, approved=True, anime=False).attempt
    assert attempt is not None
    assert (attempt.state, attempt.since) == (RequestState.IMPORTING, at(5))


def test_a_fact_alone_is_enough() -> None:
    """Whatever was lost before it; a download must be known to be of this title."""
    for fact, expected in PATH:
        if isinstance(fact, Event) and fact.download and fact.place is None:
            continue
        assert status(FILM, [fact], 12).state is expected


def test_progress_and_time_left_come_from_the_client() -> None:
    """And from the queue only where the client says nothing."""
    facts = [fact for fact, _ in PATH[:3]]
    queue = transfer(4, 30.0, eta=50.0, source="queue")
    assert status(FILM, [*facts, queue], 5).progress == 30
    both = status(FILM, [*facts, queue, transfer(4, 40.0, eta=20.0)], 5)
    assert (both.progress, both.eta) == (40, 20)


def test_a_failed_download_and_the_one_that_replaces_it() -> None:
    """The second is another attempt of the same request; it may begin at the beginning."""
    facts = [fact for fact, _ in PATH[:4]]
    failed = event(Kind.FAILED, 10, MOVIE, HASH)
    one = status(FILM, [*facts, failed])
    assert (one.state, one.attempts) == (RequestState.FAILED, 1)
    assert one.stuck is not None
    assert one.stuck.reason is StuckReason.DOWNLOAD_FAILED
    again = status(FILM, [*facts, failed, event(Kind.GRABBED, 11, MOVIE, OTHER)], 12)
    assert (again.state, again.attempts) == (RequestState.GRABBING, 2)


def test_the_same_release_grabbed_again_is_alive() -> None:
    """As soon as the arr's queue names it."""
    facts = [*(fact for fact, _ in PATH[:3]), event(Kind.FAILED, 10, MOVIE, HASH)]
    alive = transfer(12, 5.0, source="queue")
    assert status(FILM, [*facts, alive], 12).state is RequestState.DOWNLOADING
    seeding = transfer(12, 100.0)
    assert status(FILM, [*facts, seeding], 12).state is RequestState.FAILED


def test_an_upgrade_takes_nothing_away() -> None:
    """A better file is on its way; what is there can still be played."""
    facts = [fact for fact, _ in PATH]
    grabbed = event(Kind.GRABBED, 100, MOVIE, OTHER)
    assert status(FILM, [*facts, grabbed]).state is RequestState.AVAILABLE


def test_one_bad_read_takes_nothing_away() -> None:
    """Jellyfin or the arr does not name it, once."""
    facts = [fact for fact, _ in PATH]
    blind = JellyfinPresence(MOVIE, at(20), seen=False)
    empty = Inventory(MOVIE, at(20), has_file=False)
    assert status(FILM, [*facts, blind, empty]).state is RequestState.AVAILABLE


def test_deleted_elsewhere_closes_after_two_healthy_reads() -> None:
    """And not before."""
    facts = [*(fact for fact, _ in PATH), event(Kind.DELETED, 50, MOVIE, "file:9")]
    once = [JellyfinPresence(MOVIE, at(60), seen=False)]
    assert status(FILM, [*facts, *once]).closed is None
    assert status(FILM, [*facts, *once]).state is RequestState.AVAILABLE
    twice = [*once, JellyfinPresence(MOVIE, at(61), seen=False)]
    found = status(FILM, [*facts, *twice])
    assert (found.closed, found.settled) == (Closing.DELETED, True)
    missing = [Inventory(MOVIE, at(minute), has_file=False) for minute in (55, 56)]
    unheard = [fact for fact, _ in PATH] + missing + twice
    assert status(FILM, unheard).closed is Closing.DELETED


def test_what_the_arr_had_before_it_deleted_it_counts_no_more() -> None:
    """Its last inventory is older than its own word that the file is gone."""
    facts = [*(fact for fact, _ in PATH), Inventory(MOVIE, at(40), has_file=True)]
    facts.append(event(Kind.DELETED, 50, MOVIE, "file:9"))
    facts += [JellyfinPresence(MOVIE, at(minute), seen=False) for minute in (60, 61)]
    assert status(FILM, facts).closed is Closing.DELETED


def test_what_happened_before_a_request_belongs_to_an_earlier_one() -> None:
    """The title was deleted and is asked for again: its old import is no news."""
    again = replace(FILM, floor=at(60))
    old, new = event(Kind.IMPORTED, 11, MOVIE, HASH), event(Kind.GRABBED, 70, MOVIE, OTHER)
    seen = JellyfinPresence(MOVIE, at(12), seen=False)
    assert admitted(again, [old, seen, new]) == (seen, new)
    assert admitted(FILM, [old]) == (old,)
    found = status(again, admitted(again, [whole(Kind.APPROVED, 61), old, new]), 75)
    assert (found.state, found.attempts) == (RequestState.GRABBING, 1)


def test_a_drive_that_is_not_mounted_closes_nothing() -> None:
    """Jellyfin lost it, the arr has it."""
    facts = [fact for fact, _ in PATH]
    facts.append(Inventory(MOVIE, at(70), has_file=True))
    facts += [JellyfinPresence(MOVIE, at(minute), seen=False) for minute in (60, 61, 62)]
    found = status(FILM, facts)
    assert (found.state, found.closed) == (RequestState.AVAILABLE, None)


def test_declined_and_withdrawn_are_closed() -> None:
    """Unless it was approved after all."""
    declined = whole(Kind.DECLINED, 5)
    assert status(FILM, [declined]).closed is Closing.DECLINED
    assert status(FILM, [declined, whole(Kind.APPROVED, 6)]).closed is None
    assert status(FILM, [declined, whole(Kind.PENDING, 6)]).closed is None
    assert status(FILM, [whole(Kind.WITHDRAWN, 6)]).closed is Closing.WITHDRAWN


def test_what_waits_once_more_is_not_approved() -> None:
    """Whatever was decided before; from then on it waits, and a download under way is one."""
    taken_back = [whole(Kind.APPROVED, 5), whole(Kind.PENDING, 6)]
    assert status(FILM, taken_back, 7).state is RequestState.REQUESTED
    stuck = status(FILM, taken_back, 6 + 25 * 60).stuck
    assert stuck is not None
    assert (stuck.reason, stuck.since) == (StuckReason.WAITING_FOR_APPROVAL, at(6))
    assert status(FILM, [*taken_back, whole(Kind.APPROVED, 8)], 9).state is RequestState.APPROVED
    refused = [whole(Kind.APPROVED, 4), whole(Kind.REFUSED, 5), whole(Kind.PENDING, 6)]
    assert status(FILM, refused, 7).stuck is None
    grabbed = event(Kind.GRABBED, 7, download=HASH)
    assert status(FILM, [*taken_back, grabbed], 8).state is RequestState.GRABBING


def test_a_series_is_as_far_as_its_least_advanced_episode() -> None:
    """With the counts of all; what has not aired and what nobody asked for don't count."""
    facts = [
        whole(Kind.APPROVED, 1),
        *episodes(4, 2),
        Inventory(Place(1, 5), at(2), has_file=False, aired_at=at(100_000)),
        Inventory(Place(2, 1), at(2), has_file=True, aired_at=at(-9)),
        Inventory(Place(0, 1), at(2), has_file=False, aired_at=at(-9)),
        *(event(Kind.GRABBED, 3, Place(1, n), HASH) for n in (1, 2)),
        of_download(Kind.STARTED, 4),
        JellyfinPresence(Place(1, 3), at(5), seen=True),
    ]
    found = status(SERIES, facts, 10)
    assert found.state is RequestState.APPROVED
    assert dict(found.episodes) == {
        RequestState.DOWNLOADING: 2,
        RequestState.AVAILABLE: 1,
        RequestState.APPROVED: 1,
    }
    assert english(found.summary) == "1 available, 2 downloading, 1 approved"


def test_an_unmonitored_episode_without_a_file_is_not_waited_for() -> None:
    """Nobody will fetch it."""
    facts = [
        whole(Kind.APPROVED, 1),
        *episodes(1, 2, has_file=True),
        Inventory(Place(1, 2), at(2), has_file=False, monitored=False, aired_at=at(-9)),
        JellyfinPresence(Place(1, 1), at(3), seen=True),
    ]
    assert status(SERIES, facts).state is RequestState.AVAILABLE


def test_a_season_that_still_airs_is_not_settled() -> None:
    """What has aired is available; the next episode will be waited for."""
    facts = [
        whole(Kind.APPROVED, 1),
        *episodes(1, 2, has_file=True),
        JellyfinPresence(Place(1, 1), at(3), seen=True),
        Inventory(Place(1, 2), at(2), has_file=False, aired_at=at(10_000)),
    ]
    found = status(SERIES, facts, 100)
    assert (found.state, found.settled) == (RequestState.AVAILABLE, False)
    assert status(SERIES, facts, 10_001).state is RequestState.APPROVED
    waiting = status(SERIES, [whole(Kind.APPROVED, 1), facts[-1]], 100)
    assert waiting.stage is Stage.UNAIRED


def test_anime_is_matched_before_it_is_available() -> None:
    """Only where a Shoko is linked; and what Jellyfin plays is available, matched or not."""
    anime = replace(FILM, anime=True)
    facts = [fact for fact, _ in PATH[:6]]
    assert status(anime, facts, 12).state is RequestState.IMPORTING
    found = status(anime, facts, 12, shoko=True)
    assert (found.state, found.stage) == (RequestState.ANIME_MATCHING, Stage.NOT_MATCHED)
    matched = status(anime, [*facts, event(Kind.MATCHED, 13)], 14, shoko=True)
    assert (matched.state, matched.stage) == (RequestState.ANIME_MATCHING, Stage.NOT_VISIBLE)
    seen = status(anime, [*facts, JellyfinPresence(MOVIE, at(14), seen=True)], 15, shoko=True)
    assert seen.state is RequestState.AVAILABLE


@pytest.mark.parametrize(
    ("facts", "minutes", "reason"),
    [
        ([], 24 * 60, StuckReason.WAITING_FOR_APPROVAL),
        (
            [
                whole(Kind.APPROVED, 1),
                Inventory(MOVIE, at(3), has_file=False, aired_at=at(-9), searched_at=at(2)),
            ],
            61,
            StuckReason.NOTHING_FOUND,
        ),
        ([whole(Kind.REFUSED, 1)], 1, StuckReason.REFUSED),
        ([event(Kind.GRABBED, 2, MOVIE, HASH)], 17, StuckReason.NO_TORRENT),
        (
            [
                event(Kind.GRABBED, 2, MOVIE, HASH),
                of_download(Kind.STARTED, 3),
                transfer(3, 10, trouble=Trouble.STALLED),
                transfer(63, 10, trouble=Trouble.STALLED),
            ],
            63,
            StuckReason.STALLED,
        ),
        (
            [
                event(Kind.GRABBED, 2, MOVIE, HASH),
                of_download(Kind.STARTED, 3),
                transfer(3, 10, trouble=Trouble.NO_SEEDS),
            ],
            63,
            StuckReason.NO_SEEDS,
        ),
        (
            [
                event(Kind.GRABBED, 2, MOVIE, HASH),
                of_download(Kind.STARTED, 3),
                transfer(3, 10, trouble=Trouble.DISK_FULL),
            ],
            3,
            StuckReason.DISK_FULL,
        ),
        (
            [
                event(Kind.GRABBED, 2, MOVIE, HASH),
                of_download(Kind.COMPLETE, 3),
                transfer(4, 100, trouble=Trouble.IMPORT_BLOCKED, source="queue"),
            ],
            6,
            StuckReason.IMPORT_BLOCKED,
        ),
        (
            [
                event(Kind.GRABBED, 2, MOVIE, HASH),
                of_download(Kind.STARTED, 3),
                transfer(5, None, trouble=Trouble.MISSING),
                transfer(20, None, trouble=Trouble.MISSING),
            ],
            20,
            StuckReason.VANISHED,
        ),
        ([event(Kind.IMPORTED, 2, MOVIE, HASH)], 17, StuckReason.NOT_VISIBLE),
    ],
)
def test_why_it_is_stuck(facts: list[object], minutes: int, reason: StuckReason) -> None:
    """From its time on, and not a minute before."""
    found = status(FILM, facts, minutes)  # type: ignore[arg-type]
    assert found.stuck is not None
    assert found.stuck.reason is reason
    if found.stuck.since + timedelta(minutes=2) <= at(minutes):
        before = status(FILM, facts, minutes - 1.01)  # type: ignore[arg-type]
        assert before.stuck is None or before.stuck.reason is not reason


def test_a_reading_right_after_an_import_deletes_nothing() -> None:
    """An arr writes whole seconds, and its clock may be behind: the readings may be older."""
    grabbed, imported = event(Kind.GRABBED, 2, MOVIE, HASH), event(Kind.IMPORTED, 10, MOVIE, HASH)
    absent = [Inventory(MOVIE, at(minute), has_file=False) for minute in (10.1, 10.3, 10.9)]
    found = status(FILM, [grabbed, imported, *absent], 11)
    assert (found.state, found.attempts) == (RequestState.IMPORTING, 1)
    later = [Inventory(MOVIE, at(minute), has_file=False) for minute in (12, 13)]
    assert status(FILM, [grabbed, imported, *absent, *later], 13).attempts == 0


def test_an_episode_that_only_jellyfin_has_told_of_is_not_waited_for() -> None:
    """No arr has it: nobody would fetch it, and its season is there."""
    facts = [
        whole(Kind.APPROVED, 1),
        *episodes(1, 2, has_file=True),
        JellyfinPresence(Place(1, 1), at(3), seen=True),
        JellyfinPresence(Place(1, 9), at(3), seen=False),
    ]
    assert status(SERIES, facts).state is RequestState.AVAILABLE


def test_a_file_that_lay_there_is_no_attempt() -> None:
    """It was imported, and nothing was grabbed for it."""
    lay = status(FILM, [event(EventKind.IMPORTED, 2, download="file:1")])
    came = status(FILM, [event(EventKind.IMPORTED, 2, download=HASH)])
    assert lay.state is came.state
