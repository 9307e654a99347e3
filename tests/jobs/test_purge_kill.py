"""A purge that is killed at any moment goes on, and never takes anything that the policy keeps."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
import random
import subprocess
import time

from aiohttp import web
import pytest

from tests.effort import THOROUGH
from tests.support.forking import forking
from world.qbittorrent import QBittorrent
from world.rtorrent import RTorrent
from world.seedbox import Seedbox
from world.sftp import Sftp
from world.world import World

from .killing import Forks, Purged

_KILLS = 50 if THOROUGH else 4
_SIZE = 700 * 1024 * 1024


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    """Have a process that has everything imported, and forks one for each order."""
    with forking("tests.jobs.purge_child") as made:
        yield made


@asynccontextmanager
async def serving(app: web.Application) -> AsyncGenerator[str]:
    """Serve until the context ends; give the address."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def filled(kind: str, folder: Path) -> AsyncGenerator[tuple[Purged, World]]:
    """Fill a client: four films go, two of them over the same data, and three stay."""
    for name in ("remote", "home"):
        (folder / name).mkdir(parents=True)
    seedbox = Seedbox(folder / "remote", folder / "home")
    world = World(seedbox=seedbox)
    hashes = [f"{number:040X}" for number in range(1, 8)]
    goes: dict[str, frozenset[bytes]] = {}
    for number, info_hash in enumerate(hashes, 1):
        # The second has the first one's data, the last is kept, and one has not been imported.
        name = f"Film.{1 if number == 2 else number}"
        label = "keep" if number == 7 else "radarr"
        size = world.torrent_size(_SIZE)
        world.swarm.add(info_hash, name, size, 0.001, label)
        seedbox.finish(name, size)
        if number <= 4:
            files = [str(one).encode() for one in (folder / "remote" / name).rglob("*.*")]
            goes[info_hash] = frozenset(files if number != 2 else ())
    imported = [one for one in hashes if one not in hashes[4:6]]
    app, path = RTorrent(world).app(), "/RPC2"
    if kind == "qbittorrent":
        client = QBittorrent(world)
        client.deletes = 0.0
        app, path = client.app(), ""
    sftp = Sftp(world.keys, folder / "remote")
    await sftp.start()
    try:
        async with serving(app) as url:
            order = {
                "kind": kind,
                "url": url + path,
                "username": world.keys.torrent_user,
                "password": world.keys.torrents,
                "sftp": ["127.0.0.1", sftp.port, world.keys.torrent_user],
                "keys": {"password": world.keys.torrents, "host_key": sftp.host_key},
                "folder": str(folder / "remote"),
                "database": str(folder / "purge.db"),
                "calls": str(folder / "calls"),
                "imported": imported,
                "days": 0,
                "now": time.time(),
            }
            yield Purged(order, folder / "remote", frozenset(hashes[4:]), goes), world
    finally:
        await sftp.stop()


def listed(world: World) -> frozenset[str]:
    """Name the torrents that the client has."""
    return frozenset(one.upper() for one in world.swarm.torrents)


async def settled(one: Purged) -> None:
    """Wait until a client that deletes a little later has done so."""
    async with asyncio.timeout(20):
        while any(Path(path.decode()).exists() for path in one.files):
            await asyncio.sleep(0.005)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["rtorrent", "qbittorrent"])
async def test_killed_at_any_moment_it_ends_as_if_nothing_had_been(
    socket_enabled: None, tmp_path: Path, process: subprocess.Popen[str], kind: str
) -> None:
    """Several times in a row, and also before there is a plan."""
    dice = random.Random(f"purge {kind}")
    forks = Forks(process, dice)
    async with filled(kind, tmp_path / "whole") as (one, world):
        assert await forks.purge(one) == 0
        await settled(one)
        await one.check_ended(listed(world))
        calls = int(Path(one.order["calls"]).read_text())
    kills, rounds = 0, 0
    while kills < _KILLS:
        rounds += 1
        async with filled(kind, tmp_path / str(rounds)) as (one, world):
            for _ in range(dice.randint(1, 3)):
                if await forks.purge(one, calls) == 0:
                    break
                kills += 1
                one.check_kept(listed(world))
            assert await forks.purge(one) == 0
            await settled(one)
            await one.check_ended(listed(world))
