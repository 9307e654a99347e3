"""Whether a release that is home may be removed at its source: what is not known, or not text."""

import pytest

from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.seeding import SeedingFacts
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.domain.torrents import Torrent
from custom_components.showrunner.domain.transfer.removal import (
    Removable,
    Source,
    Stay,
    against_clients,
    by_imports,
    home,
)
from custom_components.showrunner.domain.transfer.tree import Release, Version

from .seeding.samples import HASH, arr, client, facts, film, row

FILM = b"Film.2020/film.mkv"
RELEASE = Release(b"Film.2020", True, {FILM: Version(1000, 7)})
SOURCE = Source("sftp", "SFTP", "box", b"/data/")
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


def test_what_is_not_home_in_this_very_version_stays() -> None:
    """Nor does a part of what is wanted make the whole."""
    more = Release(b"Film.2020", True, {**RELEASE.files, b"Film.2020/two.mkv": Version(900, 7)})
    not_home = say("source_not_home")
    assert home(RELEASE, {}, ()) == Stay(RELEASE, not_home)
    assert home(RELEASE, {FILM: Version(1000, 8)}, ()) == Stay(RELEASE, not_home)
    assert home(more, RELEASE.files, ()) == Stay(more, not_home)


def test_a_release_that_no_client_has_may_go() -> None:
    """Every client of that machine must have answered."""
    assert against_clients(RELEASE, SOURCE, facts(client(film(1)))) is None


@pytest.mark.parametrize(
    ("known", "key"),
    [
        (facts(client(film(1)), blind=True), "transfer_client_silent"),
        (
            facts(client(film(1)), silent=(client(service="c2", host="elsewhere"),)),
            "transfer_client_silent",
        ),
        (facts(client(film(1), host="elsewhere")), "source_no_client"),
        (facts(), "source_no_client"),
    ],
)
def test_law_1_while_a_client_does_not_tell_it_stays_and_is_unknown(
    known: SeedingFacts, key: str
) -> None:
    """So it does where no client of that machine is linked: it may be seeded there."""
    found = against_clients(RELEASE, SOURCE, known)
    assert found is not None
    assert (found.reason, found.unknown, found.seeded) == (say(key), True, False)


@pytest.mark.parametrize(
    "torrent",
    [
        film(1, content_path="/data/Film.2020"),
        film(1, content_path="/elsewhere/Film.2020/film.mkv"),
        film(1, save_path="/data/Film.2020", content_path=None),
        film(1, name="FILM.2020", content_path=None),
        film(1, name="film.mkv", content_path="/other/film.mkv"),
    ],
)
def test_what_a_client_has_is_the_purges(torrent: Torrent) -> None:
    """By its name or by that of a file in it, wherever the client says that it lies."""
    found = against_clients(RELEASE, SOURCE, facts(client(film(2), torrent)))
    assert found is not None
    assert (found.seeded, found.unknown) == (True, False)
    assert found.reason == say("source_seeded", client="qBittorrent")


def test_what_a_torrent_may_use_under_another_name_stays() -> None:
    """One whose name lost its letters, and that is as large, may be any."""
    lost = film(1, name="????", content_path=None, size_bytes=1000)
    found = against_clients(RELEASE, SOURCE, facts(client(lost)))
    assert found == Stay(RELEASE, say("purge_sharing_unknown"), unknown=True)


def test_what_no_import_names_may_only_be_little() -> None:
    """Notes and samples go along; another film does not, nor what was imported elsewhere."""
    note, film_2 = b"Film.2020/film.nfo", b"Film.2020/two.mkv"
    for size, goes in ((250, True), (251, False)):
        files = {FILM: Version(1000, 7), note: Version(size, 7)}
        found = judged(release=Release(b"Film.2020", True, files))
        assert isinstance(found, Removable) is goes
    both = Release(b"Film.2020", True, {FILM: Version(1000, 7), film_2: Version(900, 7)})
    assert judged(release=both) == Stay(both, say("source_not_all_imported"))
    other = [ROWS[0], row(2, HistoryKind.IMPORTED, source_path="/home/Film.2020/gone.mkv")]
    assert judged(rows=other) == Stay(RELEASE, say("source_not_all_imported"))
    away = [ROWS[0], row(2, HistoryKind.IMPORTED, source_path="/home/Film.2021/film.mkv")]
    assert judged(rows=away) == Stay(RELEASE, say("source_not_imported"))


def test_what_came_of_several_downloads_or_of_none_stays() -> None:
    """Which of them it is nobody knows."""
    path = "/home/Film.2020/film.mkv"
    two = [*ROWS, row(3, HistoryKind.IMPORTED, "B" * 40, source_path=path)]
    assert judged(rows=two) == Stay(RELEASE, say("source_of_several"))
    grabbed = [row(1, HistoryKind.GRABBED, source_path=path), row(2, HistoryKind.IMPORTED)]
    assert judged(rows=grabbed) == Stay(RELEASE, say("source_not_imported"))
    none = [row(2, HistoryKind.IMPORTED, None, source_path=path)]
    assert judged(rows=none) == Stay(RELEASE, say("source_of_several"))


def test_a_download_that_a_client_still_has_stays() -> None:
    """Whatever it is called there."""
    others = client(film(2), film(3), service="c2")
    assert isinstance(judged(facts(others, arrs=[arr(ROWS)])), Removable)
    found = judged(facts(others, client(film(1, hash=HASH, name="x")), arrs=[arr(ROWS)]))
    assert found == Stay(RELEASE, say("source_seeded", client="qBittorrent"), seeded=True)


def test_a_download_of_which_a_part_was_not_imported_stays() -> None:
    """It says what the arrs say, and is asked again only where they do not know."""
    grabbed = [row(1, HistoryKind.GRABBED), row(5, HistoryKind.GRABBED, media=2)]
    found = judged(facts(arrs=[arr([*grabbed, ROWS[1]])]))
    assert isinstance(found, Stay)
    assert found.reason != say("source_not_imported")
    assert not found.unknown


def test_a_single_file_is_named_by_itself() -> None:
    """In whatever folder it came home to."""
    name = b"film.mkv"
    alone = Release(name, False, {name: Version(1000, 7)})
    rows = [ROWS[0], row(2, HistoryKind.IMPORTED, source_path="/home/any/film.mkv")]
    found = judged(facts(arrs=[arr(rows)]), alone, rows)
    assert isinstance(found, Removable)
    assert found.path == "/home/any/film.mkv"
    below = [ROWS[0], row(2, HistoryKind.IMPORTED, source_path="/home/film.mkv/other.mkv")]
    assert judged(release=alone, rows=below) == Stay(alone, say("source_not_imported"))
