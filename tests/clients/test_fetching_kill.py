"""Killed at any moment, it goes on, and never leaves a wrong byte under a final name."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
import json
import os
from pathlib import Path
import random
import shutil
import signal
import subprocess

import pytest

from custom_components.showrunner.clients.fetching import placed
from custom_components.showrunner.clients.fetching.remote import READ
from tests.clients.fetching import Hooks, Server, contents, listed, serving, write
from tests.effort import THOROUGH
from tests.support.forking import forking

_KILLS = 50 if THOROUGH else 4
NAME = b"Pack"


@pytest.fixture
async def server(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Server]:
    """Serve a release of all kinds of files."""
    remote = tmp_path / "remote"
    write(remote / "Pack" / "big.mkv", 30 * READ + 5, 1)
    write(remote / "Pack" / "middle.mkv", 900_000, 2)
    for number in range(8):
        write(remote / "Pack" / "sub" / f"{number}.srt", 2000 + number, 10 + number)
    async with serving(remote, Hooks(delay=0.002)) as running:
        yield running


class Forks:
    """Has releases fetched in processes of their own."""

    def __init__(self, server: Server, process: subprocess.Popen[str]) -> None:
        self._server = server
        self._process = process

    async def fetch(
        self,
        local: Path,
        reads: int | None = None,
        then: Callable[[], Awaitable[None]] | None = None,
    ) -> int:
        """Fetch; kill it after so many reads, and what is waited for then. Give its exit code."""
        hooks, order = self._server.hooks, [self._server.port, str(self._server.folder), str(local)]
        begun = hooks.reads
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([*order, NAME.decode()]) + "\n")
        self._process.stdin.flush()
        number = int(await self._line())
        ended = asyncio.create_task(self._line())
        while reads is not None and not ended.done():
            if hooks.reads - begun >= reads:
                if then is not None:
                    await then()
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
                break
            await asyncio.sleep(0.001)
        return int(await ended)

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return await asyncio.to_thread(self._process.stdout.readline)


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    """Have a process that has everything imported, and forks one for each order."""
    with forking("tests.clients.fetching_child") as made:
        yield made


@pytest.fixture
def forks(server: Server, process: subprocess.Popen[str]) -> Forks:
    return Forks(server, process)


@pytest.mark.long
async def test_killed_at_any_moment_it_ends_as_if_nothing_had_been(
    server: Server, forks: Forks, tmp_path: Path
) -> None:
    """Several times in a row, and up to the very rename."""
    dice = random.Random("kill")
    kills, wanted = 0, contents(server.folder, NAME)
    brought = 0
    while kills < _KILLS:
        local = tmp_path / "local"
        local.mkdir()
        for _ in range(dice.randint(1, 4)):
            # Fifty reads are the whole of it, when nothing was there before.
            pause = dice.choice((0, 0, 0.01, 0.03))
            await forks.fetch(local, dice.randint(1, 55), partial(asyncio.sleep, pause))
            kills += 1
            if (local / "Pack").exists():
                assert contents(local, NAME) == wanted
                assert placed.was_placed(str(local), "key", NAME, listed(server.folder, NAME))
                brought += 1
                break
        assert await forks.fetch(local) == 0
        assert contents(local, NAME) == wanted
        assert placed.was_placed(str(local), "key", NAME, listed(server.folder, NAME))
        shutil.rmtree(local)
    assert brought < kills


async def test_what_was_there_before_the_kill_is_not_read_again(
    server: Server, forks: Forks, tmp_path: Path
) -> None:
    """Of fifty reads forty are answered, and what they gave is on the disk before the kill."""
    local = tmp_path / "local"
    local.mkdir()
    hooks, killed = server.hooks, asyncio.Event()

    async def hold(name: bytes, offset: int, size: int) -> None:
        if hooks.reads > 40:
            await killed.wait()

    hooks.read = hold
    assert await forks.fetch(local, 41, lambda: saved_anew(local)) == -signal.SIGKILL
    hooks.read = None
    killed.set()
    begun = hooks.reads
    assert await forks.fetch(local) == 0
    assert hooks.reads - begun < 40
    assert contents(local, NAME) == contents(server.folder, NAME)


async def saved_anew(local: Path) -> None:
    """Wait until the map of the unfinished file is written twice: the second holds all till now."""
    while not (found := list(local.rglob("*.map"))):
        await asyncio.sleep(0.001)
    (path,) = found
    for _ in range(2):
        known = path.stat().st_mtime_ns
        while path.stat().st_mtime_ns == known:
            await asyncio.sleep(0.001)
