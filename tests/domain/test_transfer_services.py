"""What torrent clients and arrs say of releases: unknown is never complete, nor not imported."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.torrents import TorrentState
from custom_components.showrunner.domain.transfer.services import AskedFor, Downloads, Imports
from custom_components.showrunner.jobs.sync_options import SyncOptions, hours
from tests.domain.torrents import torrent

HASH = "A" * 40
WHOLE = replace(
    torrent(hash=HASH),
    name="Film.2020",
    content_path="/data/torrents/Film.2020",
    complete=True,
    state=TorrentState.SEEDING,
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _event(kind: HistoryKind, **more: object) -> HistoryEvent:
    return replace(HistoryEvent(1, kind, NOW), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, Answer.YES),
        ({"complete": False}, Answer.NO),
        ({"state": TorrentState.CHECKING}, Answer.NO),
        ({"state": TorrentState.MOVING}, Answer.NO),
        ({"content_path": "C:\\Downloads\\Film.2020"}, Answer.YES),
        ({"content_path": None}, Answer.YES),
        ({"content_path": "/data/torrents/Other"}, None),
    ],
)
def test_a_client_s_word_counts(change: dict[str, object], answer: Answer | None) -> None:
    result = Downloads.of([replace(WHOLE, **change)], silent=False)  # type: ignore[arg-type]
    assert result.complete(b"Film.2020") is answer


def test_all_of_one_name_must_be_complete() -> None:
    other = replace(WHOLE, hash="B" * 40, complete=False)
    assert Downloads.of([WHOLE, other], silent=False).complete(b"Film.2020") is Answer.NO


def test_a_silent_client_may_know_it() -> None:
    answer = Downloads.of([WHOLE], silent=True)
    assert answer.complete(b"Film.2020") is Answer.YES
    assert answer.complete(b"Other") is Answer.UNKNOWN
    assert Downloads.of([WHOLE], silent=False).complete(b"Other") is None


@pytest.mark.parametrize("lost", ["Caf?", "Caf%E9", "Caf\ufffd"])
def test_a_name_that_lost_letters_may_be_any_such_name(lost: str) -> None:
    """As long as what it names is not complete."""
    half = replace(WHOLE, name=lost, content_path=None, complete=False)
    answer = Downloads.of([half], silent=False)
    assert answer.complete(b"Caf\xe9") is Answer.UNKNOWN
    assert answer.complete(b"Film.2020") is None
    done = Downloads.of([replace(half, complete=True)], silent=False)
    assert done.complete(b"Caf\xe9") is None


@pytest.mark.parametrize(
    "paths",
    [
        {"content_path": "/dl/radarr/Film"},
        {"content_path": "C:\\dl\\radarr\\Film"},
        {"content_path": "/dl/radarr/deep/Film/film.mkv"},
        {"content_path": None, "save_path": "/dl/radarr"},
        {"content_path": "/incomplete/Film", "save_path": "/dl/radarr"},
    ],
)
@pytest.mark.parametrize("silent", [False, True])
def test_a_folder_with_something_unfinished_is_not_complete(
    paths: dict[str, object], silent: bool
) -> None:
    """Also where other things in it are, and where one of just its name is."""
    half = replace(WHOLE, complete=False, **paths)  # type: ignore[arg-type]
    named = replace(WHOLE, hash="B" * 40, content_path="/dl/radarr")
    for torrents in ([half], [half, named]):
        answer = Downloads.of(torrents, silent=silent)
        assert answer.complete(b"radarr") is Answer.NO
    checking = replace(half, complete=True, state=TorrentState.CHECKING)
    assert Downloads.of([checking], silent=silent).complete(b"radarr") is Answer.NO
    done = Downloads.of([replace(half, complete=True)], silent=silent)
    assert done.complete(b"radarr") is (Answer.UNKNOWN if silent else None)


def test_a_folder_that_lost_letters_may_be_any_such_name() -> None:
    half = replace(WHOLE, content_path="/dl/S?ries/Film", complete=False)
    assert Downloads.of([half], silent=False).complete(b"S\xe9ries") is Answer.UNKNOWN


def test_only_a_file_and_its_folder_are_what_was_imported() -> None:
    """The folder of all downloads is none, nor is a category."""
    event = _event(HistoryKind.IMPORTED, source_path="/data/downloads/tv/Show.S01/Show.S01E01.mkv")
    answer = Imports.of({"arr": [event]}, unknown=False)
    assert answer.imported(b"Show.S01", frozenset()) is Answer.YES
    assert answer.imported(b"Show.S01E01.mkv", frozenset()) is Answer.YES
    for name in (b"tv", b"downloads", b"data"):
        assert answer.imported(name, frozenset()) is Answer.NO


def test_imports_are_found_by_hash_and_by_name() -> None:
    answer = Imports.of(
        {
            "arr": [
                _event(HistoryKind.IMPORTED, download_id=HASH),
                _event(HistoryKind.IMPORTED, source_path="C:\\done\\Film.2020\\film.mkv"),
                _event(HistoryKind.GRABBED, download_id="C" * 40, source_title="Other.2021"),
            ]
        },
        unknown=False,
    )
    assert answer.imported(b"any", frozenset({HASH})) is Answer.YES
    assert answer.imported(b"Film.2020", frozenset()) is Answer.YES
    assert answer.imported(b"Film.2021", frozenset()) is Answer.NO
    assert replace(answer, unknown=True).imported(b"Film.2021", frozenset()) is Answer.UNKNOWN
    assert answer.asked_for(b"x", frozenset({"C" * 40})) == AskedFor("arr", "C" * 40)
    assert answer.asked_for(b"Other.2021.mkv", frozenset()) == AskedFor("arr", None)
    assert answer.asked_for(b"nobody", frozenset()) is None


def test_what_is_asked_for_after_its_import_is_not_imported() -> None:
    """By the hash, whatever its old import says of the name; one import later, it is again."""
    first = _event(HistoryKind.IMPORTED, download_id=HASH, source_path="/done/Film.2020/a.mkv")
    asked = replace(_event(HistoryKind.GRABBED, download_id=HASH), at=NOW + timedelta(days=1))
    again = replace(first, at=NOW + timedelta(days=2))
    mine = frozenset({HASH})
    for events in ([first, asked], [asked, first]):
        answer = Imports.of({"arr": events}, unknown=False)
        assert answer.imported(b"Film.2020", mine) is Answer.NO
        assert answer.wanted_since(mine, NOW)
        assert not answer.wanted_since(mine, NOW + timedelta(days=1))
    answer = Imports.of({"arr": [first, asked, again]}, unknown=False)
    assert answer.imported(b"Film.2020", mine) is Answer.YES
    assert not answer.wanted_since(mine, NOW)
    assert not answer.wanted_since(frozenset(), NOW)


def test_all_hashes_of_a_hybrid_count() -> None:
    answer = Downloads.of([replace(WHOLE, other_hashes=("d" * 40,))], silent=False)
    assert answer.hashes(b"Film.2020") == {HASH, "D" * 40}
    assert answer.hashes(b"\xff") == frozenset()


@pytest.mark.parametrize("value", ["night", "25:00-01:00", "1-2", 5, ["x"]])
def test_hours_that_are_none(value: object) -> None:
    assert hours(value) is None
    assert SyncOptions.from_mapping({"hours": value}).hours.always


def test_options_that_can_not_be_right_are_defaults() -> None:
    read = SyncOptions.from_mapping(
        {"sync_enabled": 1, "segments": 99, "exclude": ["*.nfo", 5, ""], "rate_limit_mbit": 80}
    )
    assert not read.enabled
    assert read.how.limits.segments == 8
    assert read.exclude == ("*.nfo",)
    assert read.how.rate == 10_000_000
    assert SyncOptions.from_mapping({}) == SyncOptions()
    found = hours(" 7:30-23:00")
    assert found is not None
    assert (str(found.start), str(found.end)) == ("07:30:00", "23:00:00")


def test_of_a_history_only_grabs_and_imports_count() -> None:
    """A file that was deleted or renamed neither came nor was asked for."""
    events = [_event(kind, download_id=HASH) for kind in HistoryKind]
    others = [one for one in events if one.kind not in (HistoryKind.GRABBED, HistoryKind.IMPORTED)]
    assert others
    assert Imports.of({"r": others}, unknown=False) == Imports.of({}, unknown=False)
    assert Imports.of({"r": events}, unknown=False) != Imports.of({}, unknown=False)
