"""What queue, history and inventory of an arr say of requests: pure, row by row."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.clients.arr_models import QueueItem
from custom_components.showrunner.coordinators.arr_reports import (
    Holding,
    Speaker,
    gone,
    of_history,
    of_items,
    of_settled,
    unconfirmed,
)
from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.media import MOVIE, MediaType, Place, ProviderIds, Title
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Facts,
    Inventory,
    Transfer,
    Trouble,
)
from custom_components.showrunner.domain.requests.report import About, Index, awaited
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import ALL

AT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
IDS = ProviderIds(tvdb=300001)
HASH, OTHER = "A" * 40, "B" * 40
SONARR = Speaker("sonarr", MediaType.SERIES, alone=True)
RADARR = Speaker("radarr", MediaType.MOVIE, alone=True)
ONE, TWO = Place(1, 1), Place(1, 2)
HELD = {7: Holding(7, IDS, places={701: ONE, 702: TWO})}
FILM = {12: Holding(12, ProviderIds(tmdb=5))}


def line(number: int, episode: int | None = 701, **more: object) -> QueueItem:
    """Make a line of Sonarr's queue."""
    values: dict[str, object] = {
        "movie_id": None,
        "title": "x",
        "status": "downloading",
        "tracked_state": "downloading",
        "tracked_status": "ok",
        "download_id": HASH,
        "size": 200.0,
        "size_left": 50.0,
        "eta": AT + timedelta(seconds=90),
        "messages": (),
        "output_path": None,
        "series_id": 7,
        "episode_id": episode,
    }
    return QueueItem(id=number, **{**values, **more})  # type: ignore[arg-type]


def event(kind: HistoryKind, number: int = 1, **more: object) -> HistoryEvent:
    """Make a row of Sonarr's history."""
    values: dict[str, object] = {"media_id": 7, "episode_id": 701, "download_id": HASH}
    return HistoryEvent(number, kind, AT, **{**values, **more})  # type: ignore[arg-type]


def test_the_lines_of_a_pack_are_one_reading_over_its_episodes() -> None:
    """One transfer, a grab for each episode, and the hash in upper case."""
    lines = [line(1, 701, download_id=HASH.lower()), line(2, 702)]
    [report] = of_items(SONARR, lines, HELD, AT)
    assert set(report.facts) == {
        Event(EventKind.GRABBED, AT, ONE, HASH),
        Event(EventKind.GRABBED, AT, TWO, HASH),
        Event(EventKind.STARTED, AT, download=HASH),
        Transfer(HASH, AT, 75.0, 90.0, source="queue"),
    }
    assert report.about == About(
        MediaType.SERIES, IDS, service="sonarr", arr_id=7, download=HASH, is_4k=False
    )


def test_the_worst_line_of_a_pack_speaks_and_all_messages_count() -> None:
    """One episode of it can't be imported."""
    bad = {"status": "completed", "tracked_state": "importBlocked", "tracked_status": "warning"}
    good = {"status": "completed", "tracked_state": "importPending"}
    lines = [
        line(1, 701, messages=("fine",), **good),
        line(2, 702, messages=("Sample", "Sample"), **bad),
    ]
    [report] = of_items(SONARR, lines, HELD, AT)
    [reading] = [fact for fact in report.facts if isinstance(fact, Transfer)]
    assert (reading.trouble, reading.message) == (Trouble.IMPORT_BLOCKED, "fine; Sample")


def test_a_title_that_nobody_asked_for_is_named_by_its_download_only() -> None:
    """What Sonarr does not recognise, and what is not a request's, places no episode."""
    lines = [line(1, None, series_id=None), line(2, 1, series_id=99, download_id=OTHER)]
    unknown, foreign = of_items(SONARR, lines, HELD, AT)
    assert (unknown.about.arr_id, unknown.about.ids) == (None, ProviderIds())
    assert foreign.about.arr_id == 99
    for report in (unknown, foreign):
        assert not [f for f in report.facts if isinstance(f, Event) and f.place is not None]


def test_a_line_whose_episode_is_not_known_keeps_its_download() -> None:
    """It may be for anything of the series; only where Sonarr was not heard is nothing said."""
    lines = [line(1, 701), line(2, 799), line(3, None)]
    [report] = of_items(SONARR, lines, HELD, AT)
    grabs = {f.place for f in report.facts if isinstance(f, Event) and f.kind is EventKind.GRABBED}
    assert grabs == {ONE, None}
    [report] = of_items(SONARR, lines[:2], HELD, AT, unsure={2})
    grabs = {f.place for f in report.facts if isinstance(f, Event) and f.kind is EventKind.GRABBED}
    assert grabs == {ONE}


def test_what_can_not_be_named_is_awaited_until_the_rest_of_it_has_come() -> None:
    """Not for ever."""
    grabbed = [Event(EventKind.GRABBED, AT, place, HASH) for place in (ONE, None)]
    assert awaited(Facts().with_(grabbed)) == {HASH}
    assert awaited(Facts().with_(grabbed[1:])) == {HASH}
    come = [*grabbed, Event(EventKind.IMPORTED, AT, ONE, HASH)]
    assert awaited(Facts().with_(come)) == frozenset()


def test_a_line_without_a_download_is_none() -> None:
    """Delayed, or at a client that gives no ids."""
    assert list(of_items(SONARR, [line(1, download_id=None)], HELD, AT)) == []


@pytest.mark.parametrize(
    ("row", "fact"),
    [
        (event(HistoryKind.GRABBED), Event(EventKind.GRABBED, AT, ONE, HASH)),
        (
            event(HistoryKind.GRABBED, download_id=None, info_hash=HASH),
            Event(EventKind.GRABBED, AT, ONE, HASH),
        ),
        (event(HistoryKind.GRABBED, download_id=None), None),
        (event(HistoryKind.IMPORTED, file_id=901), Event(EventKind.IMPORTED, AT, ONE, HASH)),
        (
            event(HistoryKind.IMPORTED, file_id=901, download_id=None),
            Event(EventKind.IMPORTED, AT, ONE, "file:901"),
        ),
        (
            event(HistoryKind.IMPORTED, 33, download_id=None),
            Event(EventKind.IMPORTED, AT, ONE, "file:history-33"),
        ),
        (
            event(HistoryKind.FAILED, message="no seeds left"),
            Event(EventKind.FAILED, AT, ONE, HASH, "no seeds left"),
        ),
        (
            event(HistoryKind.DELETED, 44, reason="Manual"),
            Event(EventKind.DELETED, AT, ONE, "file:history-44"),
        ),
        (
            event(HistoryKind.DELETED, file_id=901, reason="MissingFromDisk"),
            Event(EventKind.DELETED, AT, ONE, "file:901"),
        ),
        (event(HistoryKind.DELETED, reason="Upgrade"), None),
        (event(HistoryKind.DELETED, reason="ManualOverride"), None),
        (event(HistoryKind.RENAMED), None),
        (event(HistoryKind.IGNORED), None),
        (event(HistoryKind.OTHER), None),
        (event(HistoryKind.GRABBED, media_id=99), None),
        (
            event(HistoryKind.GRABBED, episode_id=799),
            Event(EventKind.GRABBED, AT, None, HASH),
        ),
        (
            event(HistoryKind.GRABBED, episode_id=None),
            Event(EventKind.GRABBED, AT, None, HASH),
        ),
        (event(HistoryKind.IMPORTED, episode_id=799), None),
        (event(HistoryKind.FAILED, episode_id=799), None),
    ],
)
def test_what_a_row_of_history_says(row: HistoryEvent, fact: Event | None) -> None:
    """In the arr's own time; of unknown titles nothing, of unknown episodes only that it grabs."""
    found = [one for report in of_history(SONARR, [row], HELD) for one in report.facts]
    assert found == ([] if fact is None else [fact])


def test_a_film_needs_no_episode() -> None:
    """It is its one unit."""
    row = event(HistoryKind.GRABBED, media_id=12, episode_id=None)
    [report] = of_history(RADARR, [row], FILM)
    assert report.facts == (Event(EventKind.GRABBED, AT, MOVIE, HASH),)
    assert report.about.ids == ProviderIds(tmdb=5)


def test_what_the_queue_should_hold() -> None:
    """Grabbed for any episode whose file has not come, and not failed."""
    facts = Facts().with_(
        [
            Event(EventKind.GRABBED, AT, ONE, HASH),
            Event(EventKind.GRABBED, AT, TWO, HASH),
            Event(EventKind.IMPORTED, AT, ONE, HASH),
            Event(EventKind.GRABBED, AT, ONE, OTHER),
            Event(EventKind.FAILED, AT, ONE, OTHER),
        ]
    )
    assert awaited(facts) == {HASH}
    assert awaited(facts.with_([Event(EventKind.IMPORTED, AT, TWO, HASH)])) == set()


def test_a_title_that_is_gone_has_none_of_the_files_that_were_known() -> None:
    """And of one that was never there nothing is said."""
    facts = Facts().with_(
        [Inventory(ONE, AT, has_file=True), Event(EventKind.IMPORTED, AT, TWO, HASH)]
    )
    later = AT + timedelta(hours=1)
    before = gone(SONARR, 7, IDS, facts, later).facts
    assert before == (
        Inventory(ONE, later, has_file=False, monitored=False),
        Inventory(TWO, later, has_file=False, monitored=False),
    )
    assert gone(SONARR, 7, IDS, Facts(), later).facts == ()


def test_of_a_settled_request_only_changes_are_told() -> None:
    """A lost file and one that is back; a new episode is nobody's request."""
    later = AT + timedelta(hours=1)
    facts = Facts().with_([Inventory(ONE, AT, has_file=True), Inventory(TWO, AT, has_file=False)])
    units = tuple(
        Inventory(place, later, has_file=has)
        for place, has in ((ONE, False), (TWO, True), (Place(1, 3), False))
    )
    before = of_settled(SONARR, Holding(7, IDS, units), facts).facts
    assert before == units[:2]
    same = (Inventory(ONE, later, has_file=True),)
    assert of_settled(SONARR, Holding(7, IDS, same), facts).facts == ()


def request(number: int, arr: tuple[str, int] | None = None, *, is_4k: bool = False) -> Request:
    """Make a request for the series."""
    title = Title(MediaType.SERIES, IDS, "The Show")
    return Request(f"r{number}", f"r{number}", title, AT, ALL, arr=arr, is_4k=is_4k)


def test_whose_word_counts_for_a_request() -> None:
    """The named arr's; of an only one also for what nobody named, but never for 4K."""
    requests = [
        request(1),
        request(2, is_4k=True),
        request(3, ("sonarr", 7)),
        request(4, ("other", 7)),
        request(5, ("sonarr", 9), is_4k=True),
    ]
    index = Index()
    for one in requests:
        index.put(one, Facts())
    alone = index.meant(SONARR.about(7, IDS))
    assert {one.id for one in alone} == {"r1", "r3", "r5"}  # r5: added anew under another number
    several = index.meant(Speaker("sonarr", MediaType.SERIES, alone=False).about(7, IDS))
    assert {one.id for one in several} == {"r3", "r5"}
    assert index.meant(RADARR.about(7, IDS)) == ()
    elsewhere = index.meant(SONARR.about(7, ProviderIds(tvdb=1)))
    assert elsewhere == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([701, 702, 703, None]),
            st.sampled_from([HASH, OTHER, None, "usenet-id"]),
            st.sampled_from(["downloading", "completed", "warning", "surprise", ""]),
            st.sampled_from(["importBlocked", "imported", "failedPending", "x", ""]),
            st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12),
        ),
        max_size=8,
    )
)
def test_any_queue_in_any_order_reads_alike(rows: list[tuple[object, ...]]) -> None:
    """Once for each download; progress stays within its bounds."""
    lines = [
        line(i, episode, download_id=hash_, status=status, tracked_state=state, size_left=left)  # type: ignore[arg-type]
        for i, (episode, hash_, status, state, left) in enumerate(rows)
    ]
    by_key = {report.about.download: report for report in of_items(SONARR, lines, HELD, AT)}
    assert set(by_key) == {str(row[1]).upper() for row in rows if row[1]}
    again = {r.about.download: r for r in of_items(SONARR, lines[::-1], HELD, AT)}
    for name, report in by_key.items():
        transfers = [fact for fact in report.facts if isinstance(fact, Transfer)]
        assert len(transfers) == 1
        assert transfers[0].progress is None or 0 <= transfers[0].progress <= 100
        assert set(again[name].facts) == set(report.facts)


def test_a_download_that_nobody_knows_of_is_named() -> None:
    """History, queue and client each confirm one; what is older than the history read is left."""
    history = [event(HistoryKind.GRABBED, download_id=HASH.lower())]
    kept = [
        Event(EventKind.GRABBED, AT, ONE, HASH),
        Event(EventKind.IMPORTED, AT, ONE, "file:5"),
        Event(EventKind.GRABBED, AT, ONE, "QUEUED"),
        Event(EventKind.STARTED, AT, download="SEEDED"),
        Transfer("SEEDED", AT, 50.0),
        Event(EventKind.GRABBED, AT - timedelta(days=2), ONE, "OLD"),
        Event(EventKind.GRABBED, AT, ONE, OTHER),
        Transfer(OTHER, AT, trouble=Trouble.MISSING),
        Transfer(OTHER, AT, 50.0, source="queue"),
        Event(EventKind.APPROVED, AT),
    ]
    facts = Facts().with_(kept)
    since = AT - timedelta(hours=1)
    assert unconfirmed(facts, history, {"QUEUED"}, since) == {OTHER, "file:5"}
    imported = event(HistoryKind.IMPORTED, file_id=5, download_id=None)
    assert unconfirmed(facts, [*history, imported], {"QUEUED"}, since) == {OTHER}
