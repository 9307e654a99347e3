"""Whether the data of what leaves are elsewhere, asked in bulk, and never guessed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.ftp import FtpClient
from custom_components.showrunner.clients.sftp import SftpClient
from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.inventory import ArrFile, ArrTitle, ArrUnit
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import MOVIE, Place, ProviderIds
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.plan import (
    DeleteEpisodeFiles,
    DeleteMovieFile,
    FileFingerprint,
    Room,
    Step,
)
from custom_components.showrunner.domain.seeding import ArrHistory, Imports
from custom_components.showrunner.domain.torrents import TorrentList
from custom_components.showrunner.jobs.cleanup import room as asking
from custom_components.showrunner.jobs.cleanup.room import RoomAsker
from tests.domain.plans import step
from tests.domain.requests.samples import TORRENT
from tests.domain.samples import NOW
from tests.english import english

HASH = TORRENT.hash


@dataclass
class Histories:
    """What the arrs' histories say; how often that was asked."""

    said: Any
    asked: int = 0

    async def read(self) -> Any:
        """Say it."""
        self.asked += 1
        return self.said


@dataclass
class Transfer:
    """A file transfer of the arr's host."""

    counts: Mapping[bytes, int] | None
    asked: list[bytes] = field(default_factory=list)
    remote_path: bytes = b"/data"
    kind: Any = SftpClient

    @property
    def client(self) -> Any:
        """Its server, on the same host."""
        made = Mock(spec=self.kind)
        made.removes, made.login = True, SimpleNamespace(host="nas")
        made.link_counts = self.link_counts
        return made

    async def link_counts(self, folder: bytes) -> Mapping[bytes, int]:
        """Say how many names the files of a folder have."""
        self.asked.append(folder)
        if self.counts is None:
            raise Unreachable("SFTP", "down")
        return self.counts


def client(*torrents: Any, **more: Any) -> Any:
    """Make a torrent client."""
    values = {"data": TorrentList.of(torrents), "connected": True, "doubted": False}
    return SimpleNamespace(**values | {"title": "Box"} | more)


def event(number: int, kind: HistoryKind, media: int = 1, episode: int | None = None) -> Any:
    """Make a row of a history, of the torrent."""
    at = NOW + timedelta(minutes=number)
    return HistoryEvent(number, kind, at, media, episode, HASH)


def imports(*events: Any, movies: bool = True) -> Known[Imports]:
    """Make what the histories say."""
    return Known(Imports.of([ArrHistory("r1", "Radarr", movies, events)]))


CAME = imports(event(1, HistoryKind.GRABBED), event(2, HistoryKind.IMPORTED))


def leaving(path: str, size: int = 4, **more: Any) -> tuple[Step, ArrTitle]:
    """Make a movie's file that leaves."""
    values: dict[str, Any] = {
        "service": "r1",
        "kind": "radarr",
        "name": "Radarr",
        "id": 1,
        "ids": ProviderIds(tmdb=1),
        "path": os.path.dirname(path),  # noqa: PTH120
        "tags": frozenset(),
        "units": (ArrUnit(1, MOVIE, True, 5),),
        "files": (ArrFile(5, path, size, frozenset({MOVIE})),),
    }
    record = ArrTitle(**values | more)
    return step(1, payload=DeleteMovieFile((FileFingerprint(5, path, size),))), record


def asker(
    histories: Histories | None = None,
    torrents: Mapping[str, Any] | None = None,
    transfers: Mapping[str, Any] | None = None,
) -> RoomAsker:
    """Make one who asks."""
    arrs: Any = {"r1": SimpleNamespace(client=SimpleNamespace(url="http://nas:7878"))}
    wish: Any = histories or Histories(CAME)
    return RoomAsker(arrs, torrents or {}, transfers or {}, wish)


def rules(made: Step) -> dict[str, Answer]:
    """Give what is found beside the protections."""
    return {one.rule: one.answer for one in made.findings if one.rule in ("seedbox", "links")}


# -- other names ----------------------------------------------------------------------------------


async def test_a_file_with_one_name_frees_its_room_and_one_with_two_does_not(
    tmp_path: Path,
) -> None:
    film = tmp_path / "film.mkv"
    film.write_bytes(b"film")
    (made,) = await asker().of([leaving(str(film))])
    assert (made.room, rules(made)) == (Room(4), {"links": Answer.NO})
    (tmp_path / "seed.mkv").hardlink_to(film)
    (made,) = await asker().of([leaving(str(film))])
    assert (made.room, rules(made)) == (Room(0, 4), {"links": Answer.YES})
    # As Jellyfin names it, where that is what Home Assistant sees.
    paths = PathMap((PathPair(str(tmp_path), "/data"),))
    (made,) = await asker().of([leaving("/data/film.mkv", path_map=paths)])
    assert made.room == Room(0, 4)


async def test_what_is_not_surely_the_file_is_not_counted(tmp_path: Path) -> None:
    """Another size, a link, a folder, nothing, and what is no path."""
    film, link = tmp_path / "film.mkv", tmp_path / "link.mkv"
    film.write_bytes(b"film")
    link.symlink_to(film)
    for path, size in ((film, 5), (link, 4), (link, len(str(film))), (tmp_path, 4)):
        (made,) = await asker().of([leaving(str(path), size)])
        assert (made.room, rules(made)) == (Room(0, 0, size), {"links": Answer.UNKNOWN})
    for odd in ("/gone/film.mkv", "C:\\film.mkv", "/a\0b"):
        (made,) = await asker().of([leaving(odd)])
        assert made.room == Room(0, 0, 4)


async def test_a_disk_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a mere figure."""
    monkeypatch.setattr(asking, "_PATIENCE", 0.01)
    released = asyncio.Event()

    async def hang(work: Any, *arguments: Any) -> Any:
        await released.wait()

    monkeypatch.setattr(asking.asyncio, "to_thread", hang)
    (made,) = await asker().of([leaving("/data/film.mkv")])
    released.set()
    assert made.room == Room(0, 0, 4)


@pytest.mark.parametrize(
    ("counts", "room"),
    [({b"film.mkv": 1}, Room(4)), ({b"film.mkv": 2}, Room(0, 4)), ({}, None), (None, None)],
)
async def test_a_transfer_of_the_arrs_host_tells(
    counts: Mapping[bytes, int] | None, room: Room | None
) -> None:
    """One question a folder; what it does not list is unknown, and so is what it can't."""
    over = Transfer(counts)
    steps = [leaving("/data/a/film.mkv"), leaving("/data/a/film.mkv")]
    made = await asker(transfers={"t": over}).of(steps)
    assert [one.room for one in made] == [room or Room(0, 0, 4)] * 2
    assert over.asked == [b"/data/a"]
    for other in (Transfer(counts, remote_path=b"/elsewhere"), Transfer(counts, kind=FtpClient)):
        made = await asker(transfers={"t": other}).of(steps)
        assert (other.asked, made[0].room) == ([], Room(0, 0, 4))


# -- the seedbox -----------------------------------------------------------------------------------


async def test_a_download_that_is_still_in_a_client_is_said() -> None:
    """By the hash that the history names, with one look at all histories, whatever goes."""
    histories = Histories(CAME)
    torrents = {"b": client(TORRENT), "a": client(title="Another")}
    made = await asker(histories, torrents).of([leaving("/x/1.mkv"), leaving("/x/2.mkv")])
    for one in made:
        assert rules(one)["seedbox"] is Answer.YES
        assert "still in Box" in english(one.findings[-2].detail)
    assert histories.asked == 1


@pytest.mark.parametrize(
    ("said", "torrents", "answer"),
    [
        (CAME, [client()], Answer.NO),
        (CAME, [client(data=None)], Answer.UNKNOWN),
        (CAME, [client(connected=False)], Answer.UNKNOWN),
        (CAME, [client(doubted=True)], Answer.UNKNOWN),
        (CAME, [client(TORRENT), client(data=None)], Answer.YES),
        (Unknown("down"), [client(TORRENT)], Answer.UNKNOWN),
        (Absent(), [client(TORRENT)], Answer.UNKNOWN),
        (imports(), [client(TORRENT)], Answer.UNKNOWN),
        (imports(event(1, HistoryKind.GRABBED)), [client(TORRENT)], Answer.UNKNOWN),
        (imports(event(1, HistoryKind.IMPORTED, 2)), [client(TORRENT)], Answer.UNKNOWN),
    ],
)
async def test_nobody_says_no_for_who_does_not_tell(
    said: Any, torrents: list[Any], answer: Answer
) -> None:
    """Not a silent client, nor a history that does not name what was imported."""
    clients = {str(number): one for number, one in enumerate(torrents)}
    (made,) = await asker(Histories(said), clients).of([leaving("/x/1.mkv")])
    assert rules(made)["seedbox"] is answer


async def test_without_a_torrent_client_nobody_is_asked() -> None:
    """Nor for what deletes no file."""
    histories = Histories(CAME)
    (made,) = await asker(histories).of([leaving("/x/1.mkv")])
    assert (histories.asked, "seedbox" in rules(made)) == (0, False)
    entry = step(1)
    record = leaving("/x/1.mkv")[1]
    assert await asker(histories, {"b": client()}).of([(entry, record)]) == [entry]
    mixed = await asker(histories, {"b": client()}).of([(entry, record), leaving("/x/1.mkv")])
    assert (mixed[0], histories.asked) == (entry, 1)


async def test_of_a_season_every_episode_is_asked() -> None:
    """One of which no download is known may lie in any."""
    files = (FileFingerprint(5, "/x/1.mkv", 4), FileFingerprint(6, "/x/2.mkv", 4))
    _, movie = leaving("/x/1.mkv")
    units = (ArrUnit(11, Place(1, 1), True, 5), ArrUnit(12, Place(1, 2), True, 6))
    record = replace(movie, kind="sonarr", units=(*units, ArrUnit(13, Place(2, 1), True, 7)))
    season = step(1, payload=DeleteEpisodeFiles(1, files))
    pack = [event(1, HistoryKind.IMPORTED, 1, 11), event(2, HistoryKind.IMPORTED, 1, 12)]
    for some, answer in ((pack, Answer.NO), (pack[:1], Answer.UNKNOWN)):
        said = imports(*some, movies=False)
        (made,) = await asker(Histories(said), {"b": client()}).of([(season, record)])
        assert rules(made)["seedbox"] is answer
    said = imports(pack[0], movies=False)
    (made,) = await asker(Histories(said), {"b": client(TORRENT)}).of([(season, record)])
    assert rules(made)["seedbox"] is Answer.YES
