"""Real rTorrents and qBittorrents: files, trackers, stopping, limits and removal as they are."""

import asyncio
from collections.abc import Callable
import os
from pathlib import Path

import pytest

from custom_components.showrunner.clients.torrents import TorrentClient
from custom_components.showrunner.domain.torrent_details import RateLimits, TrackerState
from custom_components.showrunner.domain.torrents import TorrentList, TorrentState
from tests.real import lab
from tests.real.torrents import ODD, Made, make, make_many, make_odd

from .torrent_clients import KINDS, linked

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]

NO_HASH = "0" * 40


async def load(server: lab.RTorrent | lab.QBittorrent, made: list[Made], data: Path) -> None:
    """Load torrents whose data is there, and have it checked."""
    if isinstance(server, lab.RTorrent):
        await server.load_blindly(made, data)
    else:
        await server.load(made, data, check=True)


async def until(ours: TorrentClient, wanted: Callable[[TorrentList], bool]) -> TorrentList:
    """Ask until something is so."""
    async with asyncio.timeout(120):
        while not wanted(torrents := await ours.torrents()):
            await asyncio.sleep(0.2)
    return torrents


def checked(count: int) -> Callable[[TorrentList], bool]:
    """Wait until so many are there and none is being checked."""
    return lambda answer: len(answer) == count and not answer.counts.get(TorrentState.CHECKING)


@pytest.mark.parametrize(("kind", "version"), KINDS)
async def test_exact_names_are_files_on_the_disk(tmp_path: Path, kind: str, version: str) -> None:
    """Whatever a torrent is called: an exact name is the file, and another says that it is none."""
    data = tmp_path / "files"
    data.mkdir()
    async with (
        lab.tracker(tmp_path) as announce,
        linked(kind, version, tmp_path / "c") as (ours, server),
    ):
        odd = make_odd(data, announce)
        tame = make_many(data, 3, announce)
        await load(server, [*odd.values(), *tame], data)
        await until(ours, checked(len(odd) + len(tame)))
        inexact: set[str] = set()
        for key, one in {**odd, **{one.hash: one for one in tame}}.items():
            files = await ours.files(one.hash)
            assert files is not None
            assert files.size_bytes == one.size, key
            assert files.root_exact
            for file in files.files:
                there = Path(os.fsdecode(files.root + b"/" + file.path))
                if not file.exact:
                    inexact.add(key)
                elif file.complete:
                    assert there.stat().st_size == file.size_bytes, key
        for one in tame:
            files = await ours.files(one.hash)
            assert files is not None
            assert files.exact
            assert all(file.complete for file in files.files)
        lost = {
            ("rtorrent", "0.9.8"): {"emoji", "nonchar", "latin1", "surrogate", "brackets", "multi"},
            # Question marks and percent signs are letters there.
            ("rtorrent", "0.16"): set(),
        }
        assert inexact == lost.get((kind, version), set())
        assert await ours.files(NO_HASH) is None
        assert set(ODD) <= set(odd)


@pytest.mark.parametrize(("kind", "version"), KINDS)
async def test_stopping_limits_trackers_and_removal(
    tmp_path: Path, kind: str, version: str
) -> None:
    """Told in few calls, and read back; one that is not there disturbs nobody."""
    data = tmp_path / "files"
    data.mkdir()
    async with (
        lab.tracker(tmp_path) as announce,
        linked(kind, version, tmp_path / "c") as (ours, server),
    ):
        made = make_many(data, 6, f"{announce}?passkey=SECRET")
        made.append(make(data, b"other", [((b"a.mkv",), b"x" * 50_000)], announce))
        (data / "other" / "foreign.txt").write_text("not the torrent's")
        await load(server, made, data)
        await until(ours, lambda trackers: trackers.seeding == len(made))
        hashes = [one.hash for one in made]

        trackers = await ours.trackers([*hashes, NO_HASH])
        url = announce.removesuffix("/announce")
        assert trackers == dict.fromkeys(hashes, (TrackerState("127.0.0.1", url),))

        await ours.pause([*hashes[:4], NO_HASH])
        await until(ours, lambda trackers: trackers.counts.get(TorrentState.STOPPED) == 4)
        await ours.resume([NO_HASH, *hashes[:3]])
        now = await until(ours, lambda trackers: trackers.seeding == len(made) - 1)
        assert now.by_hash[hashes[3]].state is TorrentState.STOPPED

        await ours.set_limits(1500, 10 * 1024 * 1024)
        assert await ours.limits() == RateLimits(2048, 10 * 1024 * 1024)
        await ours.set_limits(0, 0)
        assert await ours.limits() == RateLimits(0, 0)

        await ours.remove(hashes[0], data=False)
        await ours.remove(hashes[0], data=False)
        await until(ours, lambda trackers: hashes[0] not in trackers.by_hash)
        assert (data / made[0].name.decode()).exists()
        if kind == "rtorrent":
            with pytest.raises(ValueError, match="can't be deleted"):
                await ours.remove(hashes[1], data=True)
            return
        await ours.remove(made[-1].hash, data=True)
        await until(ours, lambda trackers: made[-1].hash not in trackers.by_hash)
        async with asyncio.timeout(60):
            while (data / "other" / "a.mkv").exists():
                await asyncio.sleep(0.1)
        assert (data / "other" / "foreign.txt").exists()


@pytest.mark.parametrize("version", lab.RTORRENTS)
async def test_files_of_a_torrent_that_was_never_opened(tmp_path: Path, version: str) -> None:
    """Its base path is empty, its folder is known all the same, and nothing of it is complete."""
    data = tmp_path / "files"
    data.mkdir()
    async with (
        lab.tracker(tmp_path) as announce,
        linked("rtorrent", version, tmp_path / "c") as (ours, server),
    ):
        assert isinstance(server, lab.RTorrent)
        made = make_many(data, 3, announce)
        await server.load(made, data, start=False)
        single, multi = await ours.files(made[0].hash), await ours.files(made[2].hash)
        assert single is not None
        assert multi is not None
        assert (single.root, single.exact) == (str(data).encode(), True)
        assert [one.path for one in single.files] == [made[0].name]
        assert multi.root == str(data).encode() + b"/" + made[2].name
        assert len(multi.files) == 3
        assert not any(one.complete for one in (*single.files, *multi.files))


@pytest.mark.parametrize("version", lab.RTORRENTS)
async def test_trackers_of_thousands(tmp_path: Path, version: str) -> None:
    """Within the usual limit of 512 KiB a request."""
    data = tmp_path / "files"
    data.mkdir()
    async with (
        lab.tracker(tmp_path) as announce,
        linked("rtorrent", version, tmp_path / "c") as (ours, server),
    ):
        assert isinstance(server, lab.RTorrent)
        made = make_many(data, 3000, announce)
        await server.load(made, data, start=False)
        await server.call("network.xmlrpc.size_limit.set", "", "524288")
        trackers = await ours.trackers([one.hash for one in made])
        assert trackers.keys() == {one.hash for one in made}
        assert all(len(one) == 1 for one in trackers.values())
