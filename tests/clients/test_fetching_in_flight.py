"""Never more bytes, and never more files, at once than are allowed, and nobody is forgotten."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.showrunner.clients.fetching.in_flight import InFlight
from custom_components.showrunner.clients.fetching.order import Progress
from custom_components.showrunner.clients.sftp_session import SftpSession
from tests.clients.fetching import LIMITS, Hooks, contents, serving, write


async def test_never_more_than_allowed_and_all_come_to_their_turn() -> None:
    flight, held, most, ended = InFlight(10), 0, 0, list[int]()

    async def one(size: int) -> None:
        nonlocal held, most
        async with flight.take(size):
            held += min(size, 10)
            most = max(most, held)
            await asyncio.sleep(0)
            held -= min(size, 10)
        ended.append(size)

    async with asyncio.timeout(60):
        await asyncio.gather(*(one(size) for size in (3, 9, 1, 25, 4, 4, 10, 2)))

    assert sorted(ended) == [1, 2, 3, 4, 4, 9, 10, 25]
    assert most <= 10


@pytest.mark.parametrize("given_already", [False, True])
async def test_who_is_cancelled_while_waiting_takes_nothing_along(given_already: bool) -> None:
    flight = InFlight(10)

    async def one() -> None:
        async with flight.take(10):
            await asyncio.sleep(0)

    holding = flight.take(10)
    await holding.__aenter__()
    waiting = asyncio.create_task(one())
    behind = asyncio.create_task(one())
    await asyncio.sleep(0)
    if given_already:
        await holding.__aexit__(None, None, None)
        waiting.cancel()
    else:
        waiting.cancel()
        await asyncio.sleep(0)
        await holding.__aexit__(None, None, None)
    async with asyncio.timeout(60):
        await asyncio.gather(waiting, behind, return_exceptions=True)
        await one()

    assert waiting.cancelled()
    assert not behind.cancelled()


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("allowed", [1, 2])
async def test_no_more_files_are_read_at_once_than_are_allowed(
    tmp_path: Path, allowed: int
) -> None:
    """As many again are open by then, and wait: they are read when the first have been."""
    remote, local, progress = tmp_path / "remote", tmp_path / "local", Progress()
    local.mkdir()
    for number in range(4 * allowed):
        write(remote / "Season" / f"{number}.mkv", 300_000, number)
    read, held = set[bytes](), asyncio.Event()

    async def hold(which: bytes, offset: int, size: int) -> None:
        read.add(which)
        await held.wait()

    async with serving(remote, Hooks(read=hold)) as server, asyncio.timeout(60):
        limits = replace(LIMITS, parallel_files=allowed)
        fetching = asyncio.create_task(server.fetch(local, b"Season", limits, progress=progress))
        while len(progress.under_way) < 2 * allowed:
            await asyncio.sleep(0.001)
        # Sessions of their own: the others are answered in order.
        beside = [await SftpSession.open(ssh) for ssh, _ in server.clients]
        for _ in range(10):  # whatever has been asked for until then has arrived by now
            for session in beside:
                await session.stat(b"/")
        at_once = len(read)
        held.set()
        await fetching
    assert at_once == allowed
    assert contents(local, b"Season") == contents(remote, b"Season")
