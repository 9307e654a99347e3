"""What was fetched of a file is not fetched again, whatever its size and what interrupted it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
import os
from pathlib import Path
import shutil

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.fetching.order import DiskFull, Limits, Progress
from custom_components.showrunner.clients.fetching.remote import READ
from custom_components.showrunner.clients.fetching.staging import Staging
from custom_components.showrunner.domain.transfer import sizes
from custom_components.showrunner.domain.transfer.names import STAGING
from custom_components.showrunner.domain.transfer.remote import Space
from custom_components.showrunner.domain.transfer.tree import Version
from tests.clients.fetching import LIMITS, Server, contents, serving, write

BLOCKS = 7
SIZE = BLOCKS * READ + 11
NAME = b"Film.mkv"
pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(autouse=True)
def lower_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a file of 2 MiB be a big one."""
    monkeypatch.setattr(sizes, "_BIG", 2 * 1024 * 1024)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Server]:
    """Serve one file that is fetched whole, over one connection."""
    write(tmp_path / "remote" / NAME.decode(), SIZE, 1)
    assert sizes.FileClass.of(SIZE) is sizes.FileClass.MIDDLE
    async with serving(tmp_path / "remote") as running:
        yield running


@pytest.fixture
def local(tmp_path: Path) -> Path:
    folder = tmp_path / "local"
    folder.mkdir()
    return folder


@dataclass
class Halfway:
    """A server's reads: what lies behind the half waits for ever, and the offsets are noted."""

    half: int = 4 * READ
    stays: asyncio.Event = field(default_factory=asyncio.Event)
    offsets: list[int] = field(default_factory=list)

    async def read(self, which: bytes, offset: int, size: int) -> None:
        self.offsets.append(offset)
        if offset >= self.half:
            await self.stays.wait()


async def reached(work: asyncio.Task[Progress], there: Callable[[], bool]) -> None:
    """Wait until something is so; what fails meanwhile is raised."""
    while not there():
        assert not work.done(), await work
        await asyncio.sleep(0.002)


async def halfway(server: Server, local: Path) -> tuple[asyncio.Task[Progress], Halfway]:
    """Fetch until half of the file is there, and no more comes."""
    half, progress = Halfway(), Progress()
    server.hooks.read = half.read
    work = asyncio.create_task(server.fetch(local, NAME, LIMITS, progress=progress))
    await reached(work, lambda: progress.bytes_done == half.half)
    return work, half


async def rest(server: Server, local: Path) -> set[int]:
    """Fetch the rest; number the blocks that were read for that."""
    seen: set[int] = set()

    async def read(which: bytes, offset: int, size: int) -> None:
        seen.add(offset // READ)

    server.hooks.read = read
    progress = await server.fetch(local, NAME, LIMITS)
    assert contents(local, NAME) == contents(server.folder, NAME)
    assert (progress.bytes_done, progress.files_done) == (SIZE, 1)
    return seen


# What is behind the half.
LEFT = set(range(4, BLOCKS + 1))


async def cancelled(server: Server, local: Path, work: asyncio.Task[Progress]) -> None:
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def gone(server: Server, local: Path, work: asyncio.Task[Progress]) -> None:
    """Be away for good."""
    server.hooks.most = 0
    server.kill()
    with pytest.raises(Unreachable):
        await work
    server.hooks.most = 100


@pytest.mark.parametrize("interrupt", [cancelled, gone])
async def test_a_file_that_is_fetched_whole_is_gone_on_with(
    server: Server,
    local: Path,
    interrupt: Callable[[Server, Path, asyncio.Task[Progress]], Awaitable[None]],
) -> None:
    work, half = await halfway(server, local)
    await interrupt(server, local, work)
    half.stays.set()
    assert await rest(server, local) == LEFT


async def test_a_line_that_is_lost_for_a_moment_costs_only_what_was_under_way(
    server: Server, local: Path
) -> None:
    work, half = await halfway(server, local)
    half.half, half.offsets = SIZE + 1, []
    server.kill()
    half.stays.set()
    await work
    assert {offset // READ for offset in half.offsets} == LEFT
    assert contents(local, NAME) == contents(server.folder, NAME)


async def test_what_is_there_is_noted_while_it_is_fetched(
    server: Server, local: Path, tmp_path: Path
) -> None:
    """As it lies on the disk at that moment, it is what a crash leaves."""
    work, half = await halfway(server, local)
    parts = local / STAGING / "key" / "parts"
    [part] = parts.glob("*.part")
    noted = part.with_suffix(".map")

    def known() -> bool:
        return noted.exists() and noted.read_bytes()[-33] == 0b1111

    await reached(work, known)
    shutil.copytree(local, tmp_path / "after")
    await cancelled(server, local, work)
    half.stays.set()
    assert await rest(server, tmp_path / "after") == LEFT


async def test_what_is_there_of_another_version_is_not_gone_on_with(
    server: Server, local: Path
) -> None:
    work, half = await halfway(server, local)
    await cancelled(server, local, work)
    half.stays.set()
    write(server.folder / NAME.decode(), SIZE, 2, mtime=1_700_000_001)
    assert await rest(server, local) == set(range(BLOCKS + 1))


@pytest.mark.parametrize("size", [3000, SIZE])
async def test_a_disk_that_others_fill_stops_files_of_any_size(
    server: Server, local: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """They are many: what is still to come is asked for, and not only at the beginning."""
    for number in range(3):
        write(server.folder / "Pack" / f"{number}", size, number)
    free, read = 10**12, asyncio.Event()
    monkeypatch.setattr(Staging, "space", lambda _: Space(free, 10**12))

    async def stay(which: bytes, offset: int, size: int) -> None:
        read.set()
        await server.hooks.over.wait()

    server.hooks.read = stay
    work = asyncio.create_task(server.fetch(local, b"Pack", LIMITS))
    await reached(work, read.is_set)
    free = 0
    with pytest.raises(DiskFull):
        await work


# -- small files -----------------------------------------------------------------------------------

SMALL = 40


async def small_ones(server: Server, local: Path, limits: Limits) -> asyncio.Task[Progress]:
    """Fetch many small files until some are there, one after the other."""
    for number in range(SMALL):
        write(server.folder / "Pack" / f"{number:02}.srt", 3000 - number, number)
    progress = Progress()
    server.hooks.delay = 0.02
    work = asyncio.create_task(server.fetch(local, b"Pack", limits, progress=progress))
    await reached(work, lambda: progress.files_done >= 6)
    return work


def count_of_noted(local: Path) -> int:
    """Count the small files that are noted as there."""
    noted = local / STAGING / "key" / "small"
    return noted.stat().st_size // 32 if noted.exists() else 0


async def rest_of_small_ones(server: Server, local: Path) -> int:
    """Fetch the rest; count the files that were opened for that."""
    server.hooks.delay = 0.0
    server.hooks.opened.clear()
    progress = await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(server.folder, b"Pack")
    assert progress.files_done == SMALL
    assert progress.bytes_done == progress.bytes_total
    return len({one for one in server.hooks.opened if one.endswith(b".srt")})


async def test_small_files_that_are_there_are_not_fetched_again(
    server: Server, local: Path
) -> None:
    work = await small_ones(server, local, LIMITS)
    await cancelled(server, local, work)
    there = count_of_noted(local)
    assert 6 <= there < SMALL
    assert await rest_of_small_ones(server, local) == SMALL - there


async def test_small_files_are_noted_while_others_come(
    server: Server, local: Path, tmp_path: Path
) -> None:
    """As a crash finds them; and a note that it cut tells of whole ones only."""
    work = await small_ones(server, local, replace(LIMITS, note_every=0.001))
    await reached(work, lambda: count_of_noted(local) >= 6)
    for name in ("after", "cut"):
        shutil.copytree(local, tmp_path / name)
    await cancelled(server, local, work)
    there = count_of_noted(tmp_path / "after")
    assert await rest_of_small_ones(server, tmp_path / "after") == SMALL - there
    cut = tmp_path / "cut" / STAGING / "key" / "small"
    cut.write_bytes(cut.read_bytes()[:-7])
    there = count_of_noted(tmp_path / "cut")
    opened = Staging.open(str(tmp_path / "cut"), "key")
    opened.write(b"Pack/other", b"1", 5)
    opened.note()
    opened.close()
    assert count_of_noted(tmp_path / "cut") == there + 1
    assert await rest_of_small_ones(server, tmp_path / "cut") == SMALL - there


async def test_a_small_file_that_nobody_noted_is_no_proof(server: Server, local: Path) -> None:
    """It has its size and time before its bytes are on the disk."""
    work = await small_ones(server, local, LIMITS)
    await cancelled(server, local, work)
    tree = local / STAGING / "key" / "tree" / "Pack"
    status = (tree / "00.srt").stat()
    (tree / "00.srt").write_bytes(bytes(status.st_size))
    os.utime(tree / "00.srt", (status.st_mtime, status.st_mtime))
    (local / STAGING / "key" / "small").unlink()
    assert await rest_of_small_ones(server, local) == SMALL


def test_a_small_file_that_is_written_anew_is_not_noted_meanwhile(local: Path) -> None:
    version = Version(1, 5)
    opened = Staging.open(str(local), "key")
    opened.write(b"Pack/x", b"1", 5)
    assert not opened.is_noted(b"Pack/x", version)
    opened.note()
    assert opened.is_noted(b"Pack/x", version)
    opened.write(b"Pack/x", b"2", 5)
    assert not opened.is_noted(b"Pack/x", version)
    opened.close()
    opened = Staging.open(str(local), "key")
    assert not opened.is_noted(b"Pack/x", version)
    opened.close()
