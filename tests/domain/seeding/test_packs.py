"""How many episodes a torrent may hold, by its own files."""

import pytest

from custom_components.showrunner.domain.history import HistoryKind
from custom_components.showrunner.domain.seeding import ArrImports
from custom_components.showrunner.domain.seeding.packs import episodes_held
from custom_components.showrunner.domain.torrent_details import TorrentFile, TorrentFiles

from .samples import arr, client, facts, film, row, verdict

GB = 10**9


def files(*answer: tuple[str, int]) -> TorrentFiles:
    """Make the files of a torrent."""
    return TorrentFiles(
        b"/d", tuple(TorrentFile(name.encode(), size, complete=True) for name, size in answer)
    )


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        ([("P/E1.mkv", GB), ("P/E2.mp4", 2 * GB), ("P/E1.srt", 9), ("P/i.nfo", 9)], 2),
        # A sample, a trailer, what a group adds; not a short one, nor a long extra.
        ([("P/E1.mkv", GB), ("P/Sample/x.mkv", GB // 5)], 1),
        ([("P/E1.mkv", GB), ("P/e1-sample.mkv", GB // 4)], 1),
        ([("P/E1.mkv", GB), ("P/e1-sample.mkv", GB // 3)], 2),
        ([("P/E1.mkv", GB), ("P/Featurettes/x.mkv", GB // 2)], 2),
        ([("P/E1.mkv", GB), ("P/E0.mkv", GB // 5)], 2),
        ([("P/E1.mkv", GB), ("P/www.group.mp4", GB // 100)], 1),
        # A series whose title is a marker's word.
        ([("Extras/Extras.S01E01.mkv", GB), ("Extras/Extras.S01E02.mkv", GB)], 2),
        ([("P/a.mpg", GB), ("P/b.m2ts", GB)], 2),
        # Packed releases, each in a folder of its own.
        ([("P/E1/a.rar", 9), ("P/E1/a.r00", 9), ("P/E2/b.rar", 9), ("P/E2/Subs/b.rar", 1)], 2),
        ([("P/a.rar", 9), ("P/a.part2.rar", 9)], 1),
        ([("P/a.iso", GB)], 1),
        ([("P/a.nfo", 9)], 0),
        ([], 0),
    ],
)
def test_what_may_be_an_episode(answer: list[tuple[str, int]], held: int) -> None:
    assert episodes_held(files(*answer)) == held


def test_two_episodes_of_one_file_are_one_file() -> None:
    """Ten rows for nine of ten files: one of them was not imported."""
    mine = film(1)
    known = [
        row(2 * number + step, kind, mine.hash, 1, number, source_path=source)
        for number in range(10)
        for step, kind, source in (
            (0, HistoryKind.GRABBED, None),
            (1, HistoryKind.IMPORTED, f"/h/{max(number, 1)}.mkv"),
        )
    ]
    found = verdict(facts(client(mine), arrs=[arr(known, movies=False)]))
    assert (found.may_go, found.files) == (True, 9)
    ten = files(*((f"{number}.mkv", GB) for number in range(10)))
    assert found.unless_whole(ten) is not None
    assert found.unless_whole(files(("1.mkv", GB))) is None
    assert found.unless_whole(None) is not None
    assert not found.instead(found.unless_whole(ten) or found.findings[0]).may_go


def test_a_films_torrent_may_hold_more_than_the_film() -> None:
    """Radarr imports one film of it, and nobody waits for its extras."""
    mine = film(1)
    rows = [row(1, HistoryKind.GRABBED, mine.hash), row(2, HistoryKind.IMPORTED, mine.hash)]
    found = verdict(facts(client(mine), arrs=[arr(rows)]))
    assert found.files is None
    assert found.unless_whole(files(("a.mkv", GB), ("b.mkv", GB))) is None
    assert ArrImports(arr(rows)).of_download([mine.hash]) is not None
