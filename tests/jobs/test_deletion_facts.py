"""Which downloads a request waits for, by what is known of grabs and by the arr's queue."""

from dataclasses import replace

from custom_components.showrunner.domain.inventory import ArrTitle, ArrUnit
from custom_components.showrunner.domain.media import MOVIE, Place
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Facts
from custom_components.showrunner.domain.requests.holdings import Queued
from custom_components.showrunner.domain.requests.seasons import TheseSeasons
from custom_components.showrunner.jobs.delete_request.gather import _downloads, _with_queued
from tests.domain.requests.samples import FILM, HASH, OTHER, SERIES, at

ONE, TWO, LATER = Place(1, 1), Place(1, 2), Place(2, 1)


def grabbed(place: Place | None, download: str = HASH) -> Event:
    """Make a grab."""
    return Event(EventKind.GRABBED, at(0), place, download)


def imported(place: Place, download: str = HASH) -> Event:
    """Make an import."""
    return Event(EventKind.IMPORTED, at(5), place, download)


def of(*facts: Event) -> dict[str, frozenset[Place | None]]:
    """Ask for the first season's downloads."""
    return dict(_downloads(SERIES, Facts().with_(facts)))


def test_a_grab_for_an_episode_that_can_not_be_named_keeps_its_torrent() -> None:
    """It is not dropped: it may be any episode, also beside those that are known."""
    assert of(grabbed(ONE), grabbed(None)) == {HASH: {ONE, None}}
    assert of(grabbed(None)) == {HASH: {None}}
    assert of(grabbed(ONE), grabbed(None), imported(ONE)) == {HASH: {ONE, None}}
    assert of(grabbed(LATER), grabbed(None)) == {HASH: {LATER, None}}


def test_another_seasons_download_is_not_this_requests() -> None:
    """It does not stand in its way; a pack with both does."""
    assert of(grabbed(LATER)) == {}
    assert of(grabbed(ONE), grabbed(LATER)) == {HASH: {ONE, LATER}}
    assert of(grabbed(ONE), imported(ONE)) == {}


def test_what_was_grabbed_a_moment_ago_is_only_in_the_queue() -> None:
    """Of this title's it counts, also when its episode is not told; nothing else does."""
    record = ArrTitle(
        "s1",
        "sonarr",
        "Sonarr",
        4,
        SERIES.ids,
        "/data/x",
        frozenset(),
        (ArrUnit(11, ONE, True, None), ArrUnit(21, LATER, True, None)),
        (),
    )

    def seen(*lines: Queued) -> dict[str, frozenset[Place | None]]:
        return dict(_with_queued(SERIES, record, (), lines))

    assert seen(Queued("s1", 4, 11, HASH)) == {HASH: frozenset()}
    assert seen(Queued("s1", 4, None, HASH)) == {HASH: frozenset()}
    assert seen(Queued("s1", 4, 99, HASH)) == {HASH: frozenset()}
    for line in (
        Queued("s1", 4, 21, HASH),
        Queued("s1", 5, 11, HASH),
        Queued("s2", 4, 11, HASH),
        Queued("s1", 4, 11, ""),
    ):
        assert seen(line) == {}
    known = ((HASH, frozenset({ONE})),)
    again = _with_queued(SERIES, record, known, [Queued("s1", 4, 11, HASH)])
    assert again == known
    both = replace(SERIES, seasons=TheseSeasons((1, 2)))
    assert dict(_with_queued(both, record, known, [Queued("s1", 4, 21, OTHER)])) == {
        HASH: {ONE},
        OTHER: frozenset(),
    }
    film = replace(record, service="r1", kind="radarr", id=12)
    assert _with_queued(FILM, film, (), [Queued("r1", 12, None, HASH)]) == ((HASH, frozenset()),)
    assert dict(_downloads(FILM, Facts().with_([grabbed(MOVIE)]))) == {HASH: {MOVIE}}
