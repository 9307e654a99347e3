"""The world's two torrent clients under ours: files, trackers, stopping, limits and removal."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from custom_components.showrunner.clients.errors import Refused, Unauthorized, Unreachable
from custom_components.showrunner.clients.rtorrent import RTorrentClient, Speech
from custom_components.showrunner.domain.torrent_details import RateLimits, Removal, TrackerState
from custom_components.showrunner.domain.torrents import TorrentState
from world.servers import Servers

from .torrent_clients import GONE, HASH, OTHER, finished, linked, until

KINDS = ("qbittorrent", "rtorrent", "rutorrent")


@pytest.mark.parametrize("kind", KINDS)
async def test_files_are_those_on_the_disk(
    servers: Servers, session: aiohttp.ClientSession, kind: str
) -> None:
    """Name and size of each, exact; of an unfinished torrent nothing is complete."""
    folder = finished(servers)
    ours = linked(servers, session, kind)
    listed = (await until(ours, lambda files: bool(files.seeding))).by_hash[HASH]
    assert (listed.content_path, listed.label) == (str(folder), "tv-sonarr")
    files = await ours.files(HASH)
    assert files is not None
    assert files.exact
    assert {
        Path(files.root.decode(), one.path.decode()): one.size_bytes for one in files.files
    } == {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    assert all(one.complete for one in files.files)
    servers.world.swarm.add(OTHER, "Other", 100_000, 900, "radarr")
    files = await ours.files(OTHER)
    assert files is not None
    assert not any(one.complete for one in files.files)
    assert await ours.files(GONE) is None


@pytest.mark.parametrize("kind", KINDS)
async def test_stopping_trackers_and_limits(
    servers: Servers, session: aiohttp.ClientSession, kind: str
) -> None:
    """As the real ones: late, in KiB, without anything for what is not there."""
    finished(servers)
    finished(servers, OTHER, "Other")
    ours = linked(servers, session, kind)
    await ours.pause([HASH, GONE])
    found = await until(ours, lambda found: bool(found.counts.get(TorrentState.STOPPED)))
    assert found.by_hash[OTHER].state is TorrentState.SEEDING
    await ours.resume([HASH])
    await until(ours, lambda found: found.seeding == 2)
    tracker = TrackerState("tracker.example", "https://tracker.example")
    assert await ours.trackers([HASH, OTHER, GONE]) == {HASH: (tracker,), OTHER: (tracker,)}
    await ours.set_limits(1500, 0)
    assert await ours.limits() == RateLimits(2048, 0)


@pytest.mark.parametrize("kind", KINDS)
async def test_data_goes_as_the_client_can(
    servers: Servers, session: aiohttp.ClientSession, kind: str
) -> None:
    """Some time after the entry; never with rTorrent alone; only the entry when that is asked."""
    folder, other = finished(servers), finished(servers, OTHER, "Other")
    ours = linked(servers, session, kind)
    await ours.remove(OTHER, data=False)
    await ours.remove(OTHER, data=False)
    torrents = await ours.torrents()
    assert torrents.by_hash.keys() == {HASH}
    if ours.removal is Removal.ENTRY_ONLY:
        await ours.remove(HASH, data=False)
    else:
        await ours.remove(HASH, data=True)
        assert folder.is_dir()  # not at once
        async with asyncio.timeout(20):
            while folder.exists():
                await asyncio.sleep(0.02)
        await ours.remove(HASH, data=True)
    assert folder.exists() is (ours.removal is Removal.ENTRY_ONLY)
    assert other.is_dir()
    assert len(await ours.torrents()) == 0


async def test_rtorrent_speaks_xml_and_is_as_unkind_as_the_real_one(
    servers: Servers, session: aiohttp.ClientSession
) -> None:
    """A login, lost letters, no free space of what is closed, and a limit to what it reads."""
    with pytest.raises(Unauthorized):
        await linked(servers, session, "rtorrent", password="wrong").torrents()
    finished(servers, name="Émile 🎬")
    ours = linked(servers, session, "rtorrent")
    assert isinstance(ours, RTorrentClient)
    torrents = await ours.torrents()
    assert ours.speech is Speech.XML
    assert torrents.free_bytes
    assert "?" in torrents.by_hash[HASH].name
    files = await ours.files(HASH)
    assert files is not None
    assert not files.exact
    # As ruTorrent's stop closes it: then nobody knows how much is free.
    await ours._calls.xml("d.close", HASH)
    torrents = await ours.torrents()
    assert (torrents.free_bytes, torrents.capacity.free) == (None, None)
    for size, error in ((600_000, Refused), (2_200_000, Unreachable)):
        with pytest.raises(error):
            await ours._calls.each("x" * size, [HASH])
