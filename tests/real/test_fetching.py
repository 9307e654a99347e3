"""A release from a real OpenSSH server: whole, also when that freezes, dies or the disk is full."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
import os
from pathlib import Path
import subprocess

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.fetching import staging
from custom_components.showrunner.clients.fetching.engine import Engine
from custom_components.showrunner.clients.fetching.order import (
    DiskFull,
    FetchOrder,
    Limits,
    Progress,
)
from custom_components.showrunner.clients.fetching.remote import Pool
from custom_components.showrunner.clients.sftp import SftpClient
from custom_components.showrunner.domain.transfer import sizes
from custom_components.showrunner.domain.transfer.names import STAGING
from custom_components.showrunner.domain.transfer.remote import Space
from tests.clients.fetching import LIMITS, contents, listed, write
from tests.clients.hostile import HOSTILE
from tests.real.sshd import Sshd, sshd

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]
BIG = 40_000_000


@pytest.fixture(autouse=True)
def lower_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a file of 2 MiB be a big one: what is tried here is not its size."""
    monkeypatch.setattr(sizes, "_BIG", 2 * 1024 * 1024)


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[Sshd]:
    """Serve a release of all kinds of files."""
    async with sshd() as running:
        write(running.data / "Pack" / "big.mkv", BIG, 1)
        write(running.data / "Pack" / "middle.mkv", 900_000, 2)
        for number in range(100):
            write(running.data / "Pack" / "sub" / f"{number}.srt", 2000 + number, 10 + number)
        running.own(*running.data.rglob("*"))
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Path:
    folder = tmp_path / "local"
    folder.mkdir()
    return folder


def _visible(local: Path) -> list[str]:
    return sorted(one.name for one in local.iterdir() if one.name != STAGING)


async def fetch(
    client: SftpClient,
    server: Sshd,
    local: Path,
    name: bytes,
    limits: Limits = LIMITS,
    progress: Progress | None = None,
) -> Progress:
    """Fetch in the client's thread."""
    progress = progress or Progress()
    files = listed(server.data, name)
    key = staging.key_of("real", name)
    order = FetchOrder(os.fsencode(server.data), str(local), key, name, files, files)

    async def work() -> None:
        async with client.connections(0) as connections:
            await Engine().fetch(order, Pool(connections), limits, progress)

    await client.run(work())
    return progress


async def test_a_release_and_every_odd_name_come_home(server: Sshd, local: Path) -> None:
    """Byte for byte, and with their times."""
    names = [name for name in HOSTILE if len(name) <= 250]
    for name in map(os.fsdecode, names):
        write(server.data / name / name, 1000, len(name))
        server.own(server.data / name, server.data / name / name)
    client = server.client()
    for one in (b"Pack", *names):
        await fetch(client, server, local, one)
        assert contents(local, one) == contents(server.data, one)
    await client.close()


@pytest.mark.long
async def test_thousands_of_small_files_come_home(server: Sshd, local: Path) -> None:
    """Also from a server that lets no second session in; listed as they are on the disk."""
    for number in range(3000):
        write(server.data / "Many" / f"{number % 7}" / f"{number}.txt", number % 900, number)
    server.own(*server.data.rglob("*"))
    client = server.client()
    found: set[bytes] = set()
    async with aclosing(client.walk(os.fsencode(server.data / "Many"))) as parts:
        async for part in parts:
            found.update(one.path for one in part)
    assert len(found) == 3007
    await fetch(client, server, local, b"Many")
    await client.close()
    assert contents(local, b"Many") == contents(server.data, b"Many")


async def test_one_session_for_each_connection_is_enough(local: Path) -> None:
    async with sshd(options="MaxSessions 1") as server:
        for number in range(60):
            write(server.data / "Pack" / f"{number}.srt", 2000 + number, 10 + number)
        server.own(*server.data.rglob("*"))
        client = server.client()
        async with aclosing(client.walk(os.fsencode(server.data))) as parts:
            assert sum([len(part) async for part in parts]) == 61
        await fetch(client, server, local, b"Pack")
        await client.close()
        assert contents(local, b"Pack") == contents(server.data, b"Pack")


@pytest.mark.long
@pytest.mark.parametrize("how", ["freeze", "die"])
async def test_a_server_that_freezes_or_dies_is_gone_on_with(
    server: Sshd, local: Path, how: str
) -> None:
    """Given up after a while, and nothing is shown; then it goes on from where it was."""
    client, progress = server.client(), Progress()
    # Connections that are killed one after another are lost several times in a row.
    tries = 1 if how == "freeze" else 8
    limits = replace(LIMITS, answer=1.0, timing=replace(LIMITS.timing, tries=tries))
    progress.pace.rate = 10_000_000
    work = asyncio.create_task(fetch(client, server, local, b"Pack", limits, progress))
    while progress.received < BIG / 4:
        await asyncio.sleep(0.01)
        assert not work.done(), work
    if how == "freeze":
        server.freeze()
        with pytest.raises(Unreachable):
            await work
        assert _visible(local) == []
        server.go_on()
    else:
        server.kill_connections()
    if how == "die":
        await work
    else:
        again = await fetch(client, server, local, b"Pack")
        assert again.received < BIG
    assert contents(local, b"Pack") == contents(server.data, b"Pack")
    await client.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
async def test_a_disk_that_is_really_full(
    server: Sshd, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody foresees it: it is said, and it goes on when there is room again."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(local)], check=False
    )
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    client = server.client()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(staging.Staging, "space", lambda _: Space(10**12, 10**12))
            with pytest.raises(DiskFull):
                await fetch(client, server, local, b"Pack")
            assert _visible(local) == []
            subprocess.run(["mount", "-o", "remount,size=100m", str(local)], check=True)
            await fetch(client, server, local, b"Pack")
        assert contents(local, b"Pack") == contents(server.data, b"Pack")
    finally:
        await client.close()
        subprocess.run(["umount", str(local)], check=True)
