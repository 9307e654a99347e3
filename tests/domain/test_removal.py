"""Whether a release that is home may be removed at its source: what is not known, or not text."""

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.seeding import SeedingFacts
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.domain.transfer.removal import (
    Removable,
    Stay,
    by_imports,
    home,
)
from custom_components.showrunner.domain.transfer.tree import Release, Version

from .seeding.samples import HASH, arr, facts, row

FILM = b"Film.2020/film.mkv"
RELEASE = Release(b"Film.2020", True, {FILM: Version(1000, 7)})
ROWS = [
    row(1, HistoryKind.GRABBED),
    row(2, HistoryKind.IMPORTED, source_path="/home/Film.2020/film.mkv"),
]


def judged(
    known: SeedingFacts | None = None,
    release: Release = RELEASE,
    rows: list[HistoryEvent] = ROWS,
) -> Removable | Stay:
    """Judge a release of which all files are home."""
    files = release.files
    return by_imports(release, files, files, rows, known or facts(arrs=[arr(ROWS)]))


def test_what_was_imported_may_go() -> None:
    found = judged()
    assert isinstance(found, Removable)
    assert (found.hash.upper(), found.size, found.left) == (HASH, 1000, 0)


def test_while_history_or_queue_do_not_answer_it_stays_and_is_unknown() -> None:
    """So it does while it is in a queue; and where no history is, nothing was imported."""
    silent = Unknown("no answer", "radarr")
    for known in (facts(imports=silent), facts(arrs=[arr(ROWS)], queued=silent)):
        found = judged(known)
        assert isinstance(found, Stay)
        assert (found.unknown, found.reason) == (
            True,
            say("purge_history_unknown", why="no answer"),
        )
    waits = judged(facts(arrs=[arr(ROWS)], queued=Known(frozenset({HASH}))))
    assert waits == Stay(RELEASE, say("purge_in_queue"))
    assert judged(facts(imports=Absent("radarr"))) == Stay(RELEASE, say("source_not_imported"))


def test_what_the_server_does_not_tell_enough_of_stays() -> None:
    """Whatever else of it is home."""
    odd = Release(b"Film.2020", True, RELEASE.files, unread=(b"Film.2020/odd.mkv",))
    found = home(odd, RELEASE.files, ())
    assert isinstance(found, Stay)
    assert (found.unknown, found.seeded) == (True, False)
    assert home(RELEASE, RELEASE.files, ()) == RELEASE.files


def test_what_was_excluded_does_not_keep_the_rest_of_an_interrupted_removal() -> None:
    """The film is gone by now: its sample is not wanted more than before."""
    note, sample = b"Film.2020/film.nfo", b"Film.2020/film-sample.mkv"
    fetched = {FILM: Version(1000, 7), note: Version(1, 7)}
    left = Release(b"Film.2020", True, {note: Version(1, 7), sample: Version(40, 7)})
    assert home(left, fetched, ["*sample*"]) == {note: Version(1, 7)}


def test_a_name_that_is_no_text_is_no_import_s() -> None:
    """Not even of one that has the same name but for what is no text."""
    for name in (b"Film.2020\xff", b"Film.2020"):
        path = name + b"/film\xff.mkv"
        odd = Release(name, True, {path: Version(1000, 7)})
        rows = [
            row(1, HistoryKind.GRABBED),
            row(2, HistoryKind.IMPORTED, source_path="/home/Film.2020/film\ufffd.mkv"),
        ]
        assert isinstance(judged(release=odd, rows=rows), Stay)
    # Beside what was imported it is something else, as small as a note may be.
    beside = Release(
        b"Film.2020", True, {FILM: Version(1000, 7), b"Film.2020/n\xff.nfo": Version(1, 7)}
    )
    assert isinstance(judged(release=beside), Removable)
