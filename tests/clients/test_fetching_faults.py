"""What is noted as there is there: at every write that fails, is held, or is not on the disk yet.

Killing at random moments hardly ever meets the moment between a note and what it is of. So here
every single write is met: it fails, or it is held until the notes were kept meanwhile.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
import errno
import os
from pathlib import Path
import threading
import time
from typing import Any

import pytest

from custom_components.showrunner.clients.fetching import disk, parts, staging
from custom_components.showrunner.clients.fetching.files import MIDDLE_BLOCK
from custom_components.showrunner.clients.fetching.order import LocalFailed
from custom_components.showrunner.clients.fetching.remote import READ
from custom_components.showrunner.domain.transfer import sizes
from custom_components.showrunner.domain.transfer.block_map import BlockMap
from custom_components.showrunner.domain.transfer.names import STAGING
from tests.clients.fetching import LIMITS, Server, contents, listed, serving, write

NAME = b"Pack"
# Longer than any wait here takes; who waits for so long fails.
LONG = 30.0
pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(autouse=True)
def lower_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a file of 2 MiB be a big one."""
    monkeypatch.setattr(sizes, "_BIG", 2 * 1024 * 1024)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Server]:
    """Serve a release of all kinds of files."""
    remote = tmp_path / "remote"
    write(remote / "Pack" / "big.mkv", 9 * READ + 5, 1)
    write(remote / "Pack" / "middle.mkv", 3 * READ + 7, 2)
    write(remote / "Pack" / "sub" / "1.srt", 2001, 3)
    write(remote / "Pack" / "sub" / "2.srt", 2002, 4)
    async with serving(remote) as running:
        yield running


def blocks_of(local: Path, server: Server) -> dict[bytes, BlockMap]:
    """Read what is noted of unfinished files."""
    folder, found = local / STAGING / "key" / "parts", dict[bytes, BlockMap]()
    for path, version in listed(server.folder, NAME).items():
        kept = folder / os.fsdecode(parts._names(path)[1])
        for block in (MIDDLE_BLOCK, LIMITS.block):
            blocks = (
                BlockMap.from_bytes(kept.read_bytes(), version, block) if kept.exists() else None
            )
            if blocks is not None:
                found[path] = blocks
    return found


def spans(blocks: BlockMap) -> list[tuple[int, int]]:
    """Give where the blocks lie that are noted as there."""
    missing = set(blocks.missing)
    return [blocks.span(number) for number in range(len(blocks)) if number not in missing]


def noted_in_vain(local: Path, server: Server) -> list[tuple[bytes, int]]:
    """Name the blocks that are noted, and are not there as they should be."""
    wrong: list[tuple[bytes, int]] = []
    for path, blocks in blocks_of(local, server).items():
        source = (server.folder / os.fsdecode(path)).read_bytes()
        part = local / STAGING / "key" / "parts" / os.fsdecode(parts._names(path)[0])
        there = part.read_bytes() if part.exists() else source
        wrong += [
            (path, at)
            for at, size in spans(blocks)
            if there[at : at + size] != source[at : at + size]
        ]
    return wrong


@pytest.mark.parametrize("torn", [False, True])
async def test_a_write_that_fails_is_taken_for_none(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: bool
) -> None:
    """Whichever it is, also where a half of it was written."""
    real, lock = os.pwritev, threading.Lock()
    failing, count = 0, 0

    def pwritev(fd: int, chunks: list[bytes], offset: int) -> int:
        nonlocal count
        with lock:
            count += 1
            fails = count == failing
        if not fails:
            return real(fd, chunks, offset)
        if torn:
            whole = b"".join(chunks)
            os.pwrite(fd, whole[: len(whole) // 2], offset)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pwritev", pwritev)
    limits = replace(LIMITS, save_every=10)  # what is kept is kept by who fails
    for failing in range(1, 100):
        count, local = 0, tmp_path / f"local{failing}"
        local.mkdir()
        try:
            await server.fetch(local, NAME, limits)
        except LocalFailed:
            assert noted_in_vain(local, server) == []
            await server.fetch(local, NAME, limits)
        assert contents(local, NAME) == contents(server.folder, NAME)
        if count < failing:
            break
    assert 10 < failing < 99  # every one was met


async def test_what_is_noted_during_a_write_does_not_tell_of_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write is held until the map was kept twice: as it is then, a kill would leave it."""
    monkeypatch.setattr(disk, "_THREADS", 40)  # some are held
    local, answer = tmp_path / "local", threading.Condition()
    local.mkdir()
    real_write, real_rename = os.pwritev, os.rename
    kept: dict[bytes, int] = defaultdict(int)
    wrong: list[tuple[bytes, int]] = []
    held = 0

    def pwritev(fd: int, chunks: list[bytes], offset: int) -> int:
        nonlocal held
        name = os.fsencode(Path(f"/proc/self/fd/{fd}").readlink().name)
        if name.endswith(b".part"):
            note = name.removesuffix(b".part") + b".map"
            with answer:
                since = kept[note]
                assert answer.wait_for(lambda: kept[note] >= since + 2, LONG), "no map was kept"
                held += 1
                wrong.extend(noted_in_vain(local, server))
        return real_write(fd, chunks, offset)

    def rename(old: bytes, new: bytes, **where: Any) -> None:
        with answer:
            real_rename(old, new, **where)
            kept[new] += 1
            answer.notify_all()

    monkeypatch.setattr(os, "pwritev", pwritev)
    monkeypatch.setattr(os, "rename", rename)
    await server.fetch(local, NAME, LIMITS)
    assert contents(local, NAME) == contents(server.folder, NAME)
    assert held >= 7
    assert wrong == []


class PowerLoss:
    """Follows what is on the disk for certain, and says what a power cut would turn into a lie."""

    def __init__(self, server: Server, local: Path, patch: pytest.MonkeyPatch) -> None:
        self._server, self._local, self._lock = server, local, threading.Lock()
        self._written: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._durable: dict[int, int] = defaultdict(int)
        self.wrong: list[object] = []
        self.looked = 0
        self.kept: dict[bytes, int] = defaultdict(int)
        self._write, self._rename = os.pwritev, os.rename
        self._rename_new, self._sync_all = staging.rename_new, staging.sync_file_system
        patch.setattr(os, "pwritev", self.pwritev)
        patch.setattr(os, "fsync", self.synced(os.fsync))
        patch.setattr(os, "fdatasync", self.synced(os.fdatasync))
        patch.setattr(os, "rename", self.rename)
        patch.setattr(staging, "rename_new", self.rename_new)
        patch.setattr(staging, "sync_file_system", self.sync_all)
        patch.setattr(staging.Staging, "note", self.note(staging.Staging.note))

    def pwritev(self, fd: int, chunks: list[bytes], offset: int) -> int:
        written = self._write(fd, chunks, offset)
        with self._lock:
            self._written[os.fstat(fd).st_ino].append((offset, written))
        return written

    def synced(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def sync(fd: int) -> None:
            number = os.fstat(fd).st_ino
            with self._lock:
                count = len(self._written[number])
            real(fd)
            time.sleep(0.02)  # more is written meanwhile, which this says nothing of
            self._durable[number] = max(self._durable[number], count)

        return sync

    def sync_all(self, fd: int) -> None:
        with self._lock:
            counts = {number: len(writes) for number, writes in self._written.items()}
        self._sync_all(fd)
        self._durable.update(counts)

    def is_durable(self, number: int, start: int, size: int) -> bool:
        """Tell whether a span of a file was written, and synced after that."""
        there = sorted(self._written[number][: self._durable[number]])
        end = start + size
        for at, length in there:
            if at <= start:
                start = max(start, at + length)
        return start >= end

    def _check(self, path: Path, spans: list[tuple[int, int]]) -> None:
        number = path.stat().st_ino
        with self._lock:
            self.looked += len(spans)
            self.wrong += [(path.name, one) for one in spans if not self.is_durable(number, *one)]

    def rename(self, old: bytes, new: bytes, **where: Any) -> None:
        self._rename(old, new, **where)
        folder = self._local / STAGING / "key" / "parts"
        if new.endswith(b".map"):
            self._check(
                folder / os.fsdecode(new), [(0, (folder / os.fsdecode(new)).stat().st_size)]
            )
            for path, blocks in blocks_of(self._local, self._server).items():
                part, note = parts._names(path)
                if note == new:
                    self.kept[new] += 1
                    self._check(folder / os.fsdecode(part), spans(blocks))

    def noted(self, staged: staging.Staging) -> None:
        """Look at every small file that is told to be there."""
        tree = self._local / STAGING / "key" / "tree"
        for path, version in listed(self._server.folder, NAME).items():
            small = sizes.FileClass.of(version.size) is sizes.FileClass.SMALL
            if small and staged.is_noted(path, version):
                self._check(tree / os.fsdecode(path), [(0, version.size)])

    def note(self, real: Callable[[staging.Staging], None]) -> Callable[[staging.Staging], None]:
        def note(staged: staging.Staging) -> None:
            real(staged)
            self.noted(staged)

        return note

    def rename_new(self, from_fd: int, name: bytes, to_fd: int, to_name: bytes) -> None:
        tree = self._local / STAGING / "key" / "tree"
        for path in listed(tree, name):
            file = tree / os.fsdecode(path)
            self._check(file, [(0, file.stat().st_size)])
        self._rename_new(from_fd, name, to_fd, to_name)


async def test_nothing_is_noted_or_put_in_its_place_that_a_power_cut_would_take(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map tells only of blocks that were synced after they were written, and so does the end."""
    local = tmp_path / "local"
    local.mkdir()

    power = PowerLoss(server, local, monkeypatch)

    async def read(which: bytes, offset: int, size: int) -> None:
        note = parts._names(which)[1]
        while power.kept[note] < offset // (2 * READ):  # so that there are several maps
            await asyncio.sleep(0.002)

    server.hooks.read = read
    await server.fetch(local, NAME, replace(LIMITS, note_every=0.001))
    assert contents(local, NAME) == contents(server.folder, NAME)
    assert power.looked > 6
    assert power.wrong == []
