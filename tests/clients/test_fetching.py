"""A release comes home whole or not at all, whatever the server, the line and the disk do."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
import errno
import os
from pathlib import Path
import shutil
from typing import Any

import asyncssh
import pytest

from custom_components.showrunner.clients.errors import NotThere, Refused, Unreachable
from custom_components.showrunner.clients.fetching import placed, staging
from custom_components.showrunner.clients.fetching.disk import Disk
from custom_components.showrunner.clients.fetching.files import FileFetcher
from custom_components.showrunner.clients.fetching.order import (
    DiskFull,
    InUse,
    LocalFailed,
    NameTaken,
    Progress,
    RemoteChanged,
)
from custom_components.showrunner.clients.fetching.remote import READ, RemoteFiles, RemoteReader
from custom_components.showrunner.domain.transfer import sizes
from custom_components.showrunner.domain.transfer.names import STAGING
from custom_components.showrunner.domain.transfer.pace import TokenBucket
from custom_components.showrunner.domain.transfer.remote import Space
from custom_components.showrunner.domain.transfer.sizes import FileClass
from tests.clients.fetching import LIMITS, QUICK, Hooks, Server, contents, listed, serving, write

MIDDLE, BIG = 700_000, 3 * 1024 * 1024
pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(autouse=True)
def lower_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a file of 2 MiB be a big one: what is tried here is not its size."""
    monkeypatch.setattr(sizes, "_BIG", 2 * 1024 * 1024)


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """Give the folder at the other end, with a release of all kinds of files."""
    folder = tmp_path / "remote"
    write(folder / "Pack" / "big.mkv", BIG + 77, 1)
    write(folder / "Pack" / "middle.mkv", MIDDLE, 2)
    write(folder / "Pack" / "sub" / "small.nfo", 3000, 3)
    write(folder / "Pack" / "sub" / "empty", 0, 4)
    write(folder / "Film.mkv", BIG, 5)
    return folder


@pytest.fixture
def local(tmp_path: Path) -> Path:
    folder = tmp_path / "local"
    folder.mkdir()
    return folder


@pytest.fixture
async def server(remote: Path, socket_enabled: None) -> AsyncGenerator[Server]:
    async with serving(remote) as running:
        yield running


def _visible(local: Path) -> list[str]:
    return sorted(one.name for one in local.iterdir() if one.name != STAGING)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_release_comes_home_as_it_is(server: Server, remote: Path, local: Path) -> None:
    progress = await server.fetch(local, b"Pack")
    assert contents(local, b"Pack") == contents(remote, b"Pack")
    assert progress.bytes_done == progress.bytes_total == BIG + 77 + MIDDLE + 3000
    assert progress.files_done == progress.files_total == 4
    await server.fetch(local, b"Film.mkv", order=replace(server.order(local, b"Film.mkv"), key="b"))
    assert contents(local, b"Film.mkv") == contents(remote, b"Film.mkv")
    assert placed.was_placed(str(local), "key", b"Pack", listed(remote, b"Pack"))
    placed.discard(str(local), "key")
    placed.discard(str(local), "b")
    assert {one.name for one in local.iterdir()} == {"Film.mkv", "Pack"}


async def test_only_what_was_chosen_comes(server: Server, local: Path) -> None:
    order = server.order(local, b"Pack")
    chosen = {path: one for path, one in order.files.items() if path.endswith(b".mkv")}
    await server.fetch(local, b"Pack", order=replace(order, files=chosen))
    assert set(contents(local, b"Pack")) == set(chosen)


async def test_odd_names_are_names(server: Server, remote: Path, local: Path) -> None:
    names = [
        b"-rf",
        b"$(touch x)",
        b"new\nline",
        b"Caf\xe9",
        "Am\u00e9lie \U0001f600".encode(),
        b"x" * 255,
    ]
    for number, name in enumerate(names):
        write(Path(os.fsdecode(os.fsencode(remote / "Odd") + b"/" + name)), 10 + number, number)
    await server.fetch(local, b"Odd")
    assert contents(local, b"Odd") == contents(remote, b"Odd")
    assert {path.split(b"/")[1] for path in contents(local, b"Odd")} == set(names)
    assert _visible(local) == ["Odd"]


async def test_what_is_there_is_never_overwritten(server: Server, local: Path) -> None:
    (local / "Pack").mkdir()
    with pytest.raises(NameTaken):
        await server.fetch(local, b"Pack")
    (local / "Pack").rmdir()
    (local / "Pack").symlink_to("nowhere")
    with pytest.raises(NameTaken):
        await server.fetch(local, b"Pack")
    assert (local / "Pack").is_symlink()


@pytest.mark.parametrize("kernel", [True, False])
@pytest.mark.parametrize("name", ["Pack", "Film.mkv"])
async def test_what_comes_in_the_last_moment_is_not_overwritten(
    server: Server, local: Path, monkeypatch: pytest.MonkeyPatch, name: str, kernel: bool
) -> None:
    """Also where the file system can't rename without overwriting."""
    real = staging.rename_new

    def late(from_fd: int, one: bytes, to_fd: int, other: bytes) -> None:
        (local / name).write_text("somebody else's")
        real(from_fd, one, to_fd, other)

    monkeypatch.setattr(staging, "rename_new", late)
    if not kernel:
        monkeypatch.setattr(
            "custom_components.showrunner.renaming._rename_flagged",
            lambda *_: errno.EINVAL,
        )
    with pytest.raises(NameTaken):
        await server.fetch(local, name.encode())
    assert (local / name).read_text() == "somebody else's"
    # Nothing was fetched in vain.
    (local / name).unlink()
    monkeypatch.setattr(staging, "rename_new", real)
    before = server.hooks.reads
    await server.fetch(local, name.encode())
    assert server.hooks.reads - before <= 8
    assert contents(local, name.encode()) == contents(server.folder, name.encode())


# -- changes while it is read ----------------------------------------------------------------------


@pytest.mark.parametrize("name", [b"Pack/big.mkv", b"Pack/middle.mkv", b"Pack/sub/small.nfo"])
@pytest.mark.parametrize("change", [-100, 0, 400_000])
async def test_a_file_that_changes_is_read_again(
    remote: Path, local: Path, name: bytes, change: int
) -> None:
    path = remote / os.fsdecode(name)
    hooks = Hooks()

    async def read(which: bytes, offset: int, size: int) -> None:
        if which == name and hooks.read is not None:
            hooks.read = None
            write(path, path.stat().st_size + change, 99, 1_700_000_500)

    hooks.read = read
    async with serving(remote, hooks) as server:
        await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(remote, b"Pack")


async def test_a_file_that_changes_between_the_listing_and_the_end(
    remote: Path, local: Path
) -> None:
    """Also one that was replaced by another, so that the open one did not change."""
    hooks, done = Hooks(), False

    async def read(which: bytes, offset: int, size: int) -> None:
        nonlocal done
        if which.endswith(b"big.mkv") and not done:
            done = True
            (remote / "Pack" / "middle.mkv").unlink()
            write(remote / "Pack" / "middle.mkv", MIDDLE, 77, 1_700_000_001)

    hooks.read = read
    async with serving(remote, hooks) as server:
        progress = await server.fetch(local, b"Pack")
    assert contents(local, b"Pack") == contents(remote, b"Pack")
    assert progress.bytes_done == progress.bytes_total
    assert progress.files_done == progress.files_total


@pytest.mark.parametrize("name", ["big.mkv", "middle.mkv", "sub/small.nfo"])
async def test_a_file_that_goes_on_changing_is_left_and_said(
    remote: Path, local: Path, name: str
) -> None:
    hooks, at = Hooks(), 1_700_000_000

    async def read(which: bytes, offset: int, size: int) -> None:
        nonlocal at
        if which == b"Pack/" + name.encode():
            at += 1
            with (remote / "Pack" / name).open("ab") as file:
                file.write(b"more")
            os.utime(remote / "Pack" / name, (at, at))

    hooks.read = read
    async with serving(remote, hooks) as server:
        with pytest.raises(RemoteChanged, match=name.rsplit("/", maxsplit=1)[-1]):
            await server.fetch(local, b"Pack", LIMITS)
    assert _visible(local) == []


async def test_a_release_that_grows_is_left_and_said(remote: Path, local: Path) -> None:
    hooks = Hooks()

    async def read(which: bytes, offset: int, size: int) -> None:
        write(remote / "Pack" / "e02.mkv", 10)

    hooks.read = read
    async with serving(remote, hooks) as server:
        with pytest.raises(RemoteChanged, match=r"e02\.mkv"):
            await server.fetch(local, b"Pack")
    assert _visible(local) == []


async def test_a_file_that_vanishes_is_said(remote: Path, local: Path) -> None:
    hooks = Hooks()

    async def read(which: bytes, offset: int, size: int) -> None:
        (remote / "Pack" / "big.mkv").unlink(missing_ok=True)

    hooks.read = read
    async with serving(remote, hooks) as server:
        with pytest.raises((NotThere, RemoteChanged)):
            await server.fetch(local, b"Pack")
    assert _visible(local) == []


@pytest.mark.parametrize("name", [b"Pack/big.mkv", b"Pack/middle.mkv", b"Pack/sub/small.nfo"])
@pytest.mark.parametrize("lie", [-1000, 1])
async def test_a_server_that_lies_about_sizes_is_not_believed(
    remote: Path, local: Path, name: bytes, lie: int
) -> None:
    hooks = Hooks()

    async def fstat(which: bytes) -> asyncssh.SFTPAttrs | None:
        if which != name:
            return None
        status = (remote / os.fsdecode(name)).stat()
        return asyncssh.SFTPAttrs(
            type=asyncssh.FILEXFER_TYPE_REGULAR,
            size=status.st_size + lie,
            mtime=int(status.st_mtime),
            atime=0,
        )

    hooks.fstat = fstat
    async with serving(remote, hooks) as server:
        order = server.order(local, b"Pack")
        size = order.files[name].size + lie
        lied = {**order.files, name: replace(order.files[name], size=size)}
        with pytest.raises(RemoteChanged):
            await server.fetch(
                local, b"Pack", LIMITS, order=replace(order, files=lied, listed=lied)
            )
    assert _visible(local) == []


@pytest.mark.parametrize("name", [b"Pack/big.mkv", b"Pack/middle.mkv", b"Pack/sub/small.nfo"])
async def test_what_was_another_version_while_it_was_read_is_read_again(
    remote: Path, local: Path, name: bytes
) -> None:
    """Also when it is listed as before, ever after: what was read may be of both."""
    hooks, read_from, shown = Hooks(), False, False

    async def read(which: bytes, offset: int, size: int) -> None:
        nonlocal read_from
        read_from = read_from or which == name

    async def fstat(which: bytes) -> asyncssh.SFTPAttrs | None:
        nonlocal shown
        if which != name or not read_from or shown:
            return None
        shown = True
        size = (remote / os.fsdecode(name)).stat().st_size
        return asyncssh.SFTPAttrs(
            type=asyncssh.FILEXFER_TYPE_REGULAR, size=size, mtime=1_700_000_900, atime=0
        )

    hooks.read, hooks.fstat = read, fstat
    before: list[bytes] = []
    async with serving(remote, hooks) as server:
        await server.fetch(local, b"Pack", replace(LIMITS, segments=1))
        before += hooks.opened
    assert shown
    assert before.count(b"/" + name) >= 2
    assert contents(local, b"Pack") == contents(remote, b"Pack")


@pytest.mark.parametrize("name", [b"Pack/big.mkv", b"Pack/middle.mkv", b"Pack/sub/small.nfo"])
async def test_a_file_that_goes_on_behind_its_end_is_not_whole(
    remote: Path, local: Path, name: bytes
) -> None:
    """Whatever its server says of its size, in its list and of the open file."""
    hooks, path = Hooks(), remote / os.fsdecode(name)

    async def read(which: bytes, offset: int, size: int) -> bytes | None:
        there = path.read_bytes() + b"more"
        return there[offset : offset + size] if which == name else None

    hooks.read = read
    async with serving(remote, hooks) as server:
        with pytest.raises(RemoteChanged):
            await server.fetch(local, b"Pack", LIMITS)
    assert _visible(local) == []


async def test_short_answers_are_asked_for_the_rest(remote: Path, local: Path) -> None:
    """A server may answer less than it was asked for."""
    hooks = Hooks()

    async def read(which: bytes, offset: int, size: int) -> bytes | None:
        with (remote / os.fsdecode(which)).open("rb") as file:
            file.seek(offset)
            return file.read(min(size, 1 + offset % 7 + size // 2))

    hooks.read = read
    async with serving(remote, hooks) as server:
        await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(remote, b"Pack")


@pytest.mark.parametrize("name", [b"Pack", b"Film.mkv"])
async def test_one_session_over_each_connection_is_enough(
    remote: Path, local: Path, name: bytes
) -> None:
    async with serving(remote, Hooks(sessions=1)) as server:
        await server.fetch(local, name, LIMITS)
    assert contents(local, name) == contents(remote, name)


async def test_hundreds_of_small_files_are_under_way_at_once(
    remote: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes two ways there and back, however far it is. One more connection may have begun."""
    for number in range(600):
        write(remote / "Subs" / f"{number}.srt", 5, number)
    read_small, all_asked = RemoteFiles.read_small, asyncio.Event()
    now = most = 0

    async def counted(self: RemoteFiles, files: Mapping[bytes, int]) -> AsyncGenerator[Any]:
        nonlocal now, most
        now += len(files)
        most = max(most, now)
        if now >= 512:
            all_asked.set()
        await all_asked.wait()
        async for part in read_small(self, files):
            yield part
        now -= len(files)

    monkeypatch.setattr(RemoteFiles, "read_small", counted)
    async with serving(remote) as server, asyncio.timeout(60):
        await server.fetch(local, b"Subs")
    assert most >= 512
    assert contents(local, b"Subs") == contents(remote, b"Subs")


async def test_what_is_at_its_end_keeps_no_other_file_from_being_read(
    remote: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file is read at a time, and none comes to its end until each was read."""
    folder = remote / "Season"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.mkv").write_bytes(bytes([number]) * 300_000)
    all_read, read = asyncio.Event(), 0
    read_all, sync = FileFetcher._read_all, Disk.sync
    at_once = most = 0

    async def counted(self: FileFetcher, *args: Any) -> None:
        nonlocal read, at_once, most
        at_once += 1
        most = max(most, at_once)
        await read_all(self, *args)
        at_once -= 1
        read += 1
        # By itself more is at hand than is read at once, and so many there are at the most.
        if read == 2:
            all_read.set()

    async def waits(self: Disk, *args: Any) -> Any:
        await all_read.wait()
        return await sync(self, *args)

    monkeypatch.setattr(FileFetcher, "_read_all", counted)
    monkeypatch.setattr(Disk, "sync", waits)
    async with serving(remote, Hooks()) as server:
        async with asyncio.timeout(20):
            await server.fetch(local, b"Season", replace(LIMITS, parallel_files=1))
    assert contents(local, b"Season") == contents(remote, b"Season")
    assert most == 1


async def test_a_server_that_gives_less_than_it_is_asked_for_is_asked_again(
    remote: Path, local: Path
) -> None:
    """It reads no more than 1000 bytes at once."""

    async def read(which: bytes, offset: int, size: int) -> bytes | None:
        if not which.endswith(b".srt"):
            return None
        with (remote / os.fsdecode(which)).open("rb") as file:
            file.seek(offset)
            return file.read(min(size, 1000))

    async with serving(remote, Hooks(read=read)) as server:
        await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(remote, b"Pack")


# -- the line --------------------------------------------------------------------------------------


async def test_a_server_that_hangs_up_is_called_again(remote: Path, local: Path) -> None:
    hooks = Hooks()
    async with serving(remote, hooks) as server:

        async def read(which: bytes, offset: int, size: int) -> None:
            if hooks.reads % 9 == 0:
                server.kill()

        hooks.read = read
        # All connections are lost at once, also those that are being opened.
        often = replace(LIMITS, timing=replace(LIMITS.timing, tries=50))
        await server.fetch(local, b"Pack", often)
    assert contents(local, b"Pack") == contents(remote, b"Pack")


async def test_a_server_that_is_gone_for_good_is_given_up_and_gone_on_with_later(
    remote: Path, local: Path
) -> None:
    hooks, seen, again = Hooks(), set[int](), set[int]()
    write(remote / "Film.mkv", 12 * 4 * READ, 6)

    async def read(which: bytes, offset: int, size: int) -> None:
        seen.add(offset)
        if len(seen) > 7 * 4:
            hooks.most = 0
            server.kill()

    async def note(which: bytes, offset: int, size: int) -> None:
        again.add(offset)

    hooks.read = read
    async with serving(remote, hooks) as server:
        with pytest.raises(Unreachable):
            await server.fetch(local, b"Film.mkv", replace(LIMITS, lanes=1))
    assert _visible(local) == []
    async with serving(remote, Hooks(read=note)) as server:
        progress = await server.fetch(local, b"Film.mkv", LIMITS)
    assert contents(local, b"Film.mkv") == contents(remote, b"Film.mkv")
    # What was there was not read again: only the rest, and the end.
    assert len(again) <= (12 - 7 + 1) * 4 + 1
    assert progress.bytes_done == progress.bytes_total


@pytest.mark.parametrize("name", [b"Pack/big.mkv", b"Pack/middle.mkv", b"Pack/sub/small.nfo"])
async def test_a_server_that_freezes_is_not_waited_for_for_ever(
    remote: Path, local: Path, name: bytes
) -> None:
    hooks = Hooks()

    async def read(which: bytes, offset: int, size: int) -> None:
        if which == name:
            await hooks.over.wait()

    hooks.read = read
    async with serving(remote, hooks) as server:
        with pytest.raises(Unreachable):
            await server.fetch(local, b"Pack", replace(LIMITS, answer=0.2))
        assert _visible(local) == []
        hooks.over.set()
        await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(remote, b"Pack")


async def test_fewer_connections_than_wished_are_enough(remote: Path, local: Path) -> None:
    hooks = Hooks(most=1)

    async def slow(which: bytes, offset: int, size: int) -> None:
        await asyncio.sleep(0.02)

    hooks.read = slow
    async with serving(remote, hooks) as server:
        await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(remote, b"Pack")


async def test_more_connections_are_used_where_each_is_slow(remote: Path, local: Path) -> None:
    write(remote / "Film.mkv", 60 * READ, 6)
    limits = replace(LIMITS, timing=replace(QUICK, window=0.2))
    async with serving(remote, Hooks(delay=0.02)) as server:
        await server.fetch(local, b"Film.mkv", limits)
        assert 1 < len(server.clients) <= limits.segments
    assert contents(local, b"Film.mkv") == contents(remote, b"Film.mkv")


async def test_a_rate_is_kept(server: Server, local: Path) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    progress = Progress(pace=TokenBucket(6_000_000))
    await server.fetch(local, b"Film.mkv", LIMITS, progress=progress)
    assert loop.time() - begun >= BIG / 6_000_000 - 0.2


# -- the disk --------------------------------------------------------------------------------------


async def test_a_release_that_does_not_fit_is_not_begun(
    server: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging.Staging, "space", lambda _: Space(100_000_000 + BIG, 10**9))
    with pytest.raises(DiskFull):
        await server.fetch(local, b"Pack", LIMITS)
    assert server.hooks.reads == 0


async def test_a_disk_that_says_nothing_of_its_room_is_not_taken_for_full(
    server: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems of programs say 0 of 0 blocks, and take what comes."""
    silent = os.statvfs_result((4096, 4096, 0, 0, 0, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "fstatvfs", lambda _: silent)
    await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(server.folder, b"Pack")


async def test_a_disk_that_others_fill_meanwhile_stops_it(
    remote: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 10**12
    monkeypatch.setattr(staging.Staging, "space", lambda _: Space(free, 10**12))
    hooks = Hooks()

    async def read(which: bytes, offset: int, size: int) -> None:
        nonlocal free
        if offset > 2 * READ:
            free = 0
            await asyncio.sleep(0.05)

    hooks.read = read
    async with serving(remote, hooks) as server:
        with pytest.raises(DiskFull):
            await server.fetch(local, b"Film.mkv", LIMITS)
        assert _visible(local) == []
        free, hooks.read = 10**12, None
        await server.fetch(local, b"Film.mkv", LIMITS)
    assert contents(local, b"Film.mkv") == contents(remote, b"Film.mkv")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("call", ["pwritev", "fsync", "utime", "fdatasync"])
async def test_a_disk_that_refuses_is_said(
    server: Server, local: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    real = getattr(os, call)

    def refuse(*args: object, **kwargs: object) -> object:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, refuse)
    if call == "fdatasync":
        server.hooks.read = _slowly
    full = number in (errno.ENOSPC, errno.EDQUOT)
    with pytest.raises(DiskFull if full else LocalFailed):
        await server.fetch(local, b"Film.mkv" if call == "fdatasync" else b"Pack", LIMITS)
    assert _visible(local) == []
    monkeypatch.setattr(os, call, real)
    await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(server.folder, b"Pack")


async def _slowly(which: bytes, offset: int, size: int) -> None:
    await asyncio.sleep(0.02)


# -- who else is here ------------------------------------------------------------------------------


async def test_links_in_the_staging_folder_lead_nowhere(
    server: Server, local: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    for link in (STAGING, f"{STAGING}/key", f"{STAGING}/key/tree", f"{STAGING}/key/tree/Pack"):
        path = local / link
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(outside, target_is_directory=True)
        with pytest.raises(LocalFailed):
            await server.fetch(local, b"Pack", LIMITS)
        path.unlink()
    tree = local / STAGING / "key" / "tree" / "Pack"
    tree.mkdir(parents=True)
    (tree / "sub").mkdir()
    (tree / "sub" / "small.nfo").symlink_to(outside / "file")
    (tree / "middle.mkv").hardlink_to(outside / "file")
    (tree / "other").symlink_to(outside)
    await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(server.folder, b"Pack")
    assert [one.name for one in outside.iterdir()] == ["file"]
    assert (outside / "file").read_text() == "mine"


async def test_a_full_size_leftover_is_no_proof(server: Server, local: Path) -> None:
    order = server.order(local, b"Pack")
    tree = local / STAGING / "key" / "tree"
    write(tree / "Pack" / "big.mkv", BIG + 77, 9, 1_600_000_000)
    write(tree / "Pack" / "left.mkv", 5)
    parts = local / STAGING / "key" / "parts"
    write(parts / "x.part", BIG)
    await server.fetch(local, b"Pack", LIMITS, order=order)
    assert contents(local, b"Pack") == contents(server.folder, b"Pack")


async def test_two_do_not_fetch_the_same_at_once(remote: Path, local: Path) -> None:
    hooks, reads = Hooks(), asyncio.Event()
    goes_on = asyncio.Event()

    async def read(which: bytes, offset: int, size: int) -> None:
        reads.set()
        await goes_on.wait()

    hooks.read = read
    async with serving(remote, hooks) as server:
        first = asyncio.create_task(server.fetch(local, b"Pack", LIMITS))
        await reads.wait()
        with pytest.raises(InUse):
            await server.fetch(local, b"Pack", LIMITS)
        goes_on.set()
        await first
    assert contents(local, b"Pack") == contents(remote, b"Pack")


@pytest.mark.parametrize("after", [1, 5, 14])
async def test_who_is_cancelled_leaves_nothing_open_and_is_gone_on_with(
    remote: Path, local: Path, after: int
) -> None:
    hooks, reached = Hooks(), asyncio.Event()

    async def read(which: bytes, offset: int, size: int) -> None:
        if hooks.reads >= after:
            reached.set()

    hooks.read = read
    before = _open_files()
    async with serving(remote, hooks) as server:
        fetching = asyncio.create_task(server.fetch(local, b"Pack", LIMITS))
        await reached.wait()
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        assert _visible(local) == []
        await server.fetch(local, b"Pack", LIMITS)
    assert contents(local, b"Pack") == contents(remote, b"Pack")
    assert _open_files() <= before + 1


async def test_what_a_server_refuses_is_said(remote: Path, local: Path) -> None:
    hooks = Hooks()

    async def read(which: bytes, offset: int, size: int) -> None:
        raise asyncssh.SFTPFailure("too many files")

    hooks.read = read
    async with serving(remote, hooks) as server:
        with pytest.raises(Refused, match="too many files"):
            await server.fetch(local, b"Pack", LIMITS)


def test_a_staging_folder_can_be_looked_at_and_emptied(tmp_path: Path) -> None:
    local = str(tmp_path)
    assert placed.staged(local) == {}
    placed.discard(local, "key")
    assert not placed.was_placed(local, "key", b"Pack", {})
    opened = staging.Staging.open(local, "key")
    opened.write(b"Pack/x", b"1", 5)
    opened.close()
    assert list(placed.staged(local)) == ["key"]
    assert not placed.was_placed(local, "key", b"Pack", {})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (tmp_path / STAGING / "key" / "tree" / "Pack" / "link").symlink_to(outside)
    placed.discard(local, "key")
    assert placed.staged(local) == {}
    assert not (tmp_path / STAGING).exists()
    assert (outside / "file").exists()
    shutil.rmtree(outside)


async def test_that_it_was_placed_is_said_of_just_these_versions(
    server: Server, local: Path
) -> None:
    """A mark that no clean-up has taken away tells nothing of what is fetched next."""
    await server.fetch(local, b"Pack", LIMITS)
    files = listed(server.folder, b"Pack")
    shutil.rmtree(local / "Pack")  # an arr has taken it
    assert placed.was_placed(str(local), "key", b"Pack", files)
    assert placed.came(str(local), "key", files) == files
    for path, version in files.items():
        for other in (
            {**files, path: replace(version, size=version.size + 1)},
            {**files, path: replace(version, mtime=version.mtime + 1)},
            {one: answer for one, answer in files.items() if one != path},
            {path + b"x" if one == path else one: answer for one, answer in files.items()},
        ):
            assert not placed.was_placed(str(local), "key", b"Pack", other)
    ready = local / STAGING / "key" / "ready"
    ready.write_bytes(b"")  # as an older version left it, or a crash
    assert not placed.was_placed(str(local), "key", b"Pack", files)


async def test_what_changed_on_the_way_was_placed_as_it_was_asked_for_and_as_it_came(
    server: Server, remote: Path, local: Path
) -> None:
    order = server.order(local, b"Pack")

    async def read(which: bytes, offset: int, size: int) -> None:
        if which.endswith(b"small.nfo"):
            server.hooks.read = None
            write(remote / "Pack" / "sub" / "small.nfo", 3001, 9, 1_700_000_009)

    server.hooks.read = read
    await server.fetch(local, b"Pack", LIMITS, order=order)
    now = listed(remote, b"Pack")
    assert now != order.files
    for files in (now, order.files):
        assert placed.was_placed(str(local), "key", b"Pack", files)
        assert placed.came(str(local), "key", files) == now
    assert placed.came(str(local), "key", {}) is None
    answer = local / STAGING / "key" / "came"
    written = answer.read_bytes()
    for other in (b"", b"x", written[:-5], written + b"a\0b\0c\0", written + written):
        answer.write_bytes(other)
        assert placed.came(str(local), "key", now) is None or other == written + written
    placed.discard(str(local), "key")
    assert placed.came(str(local), "key", now) is None


async def test_a_clean_up_that_fails_leaves_no_mark(
    server: Server, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.fetch(local, b"Pack", LIMITS)

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        with pytest.raises(PermissionError):
            placed.discard(str(local), "key")
    files = listed(server.folder, b"Pack")
    assert not placed.was_placed(str(local), "key", b"Pack", files)


def test_keys_are_plain_names() -> None:
    keys = {staging.key_of("a", b"b"), staging.key_of("a", b"../b"), staging.key_of("ab", b"")}
    assert len(keys) == 3
    assert all(key.isalnum() for key in keys)


def test_the_classes_are_told_apart_here_as_well() -> None:
    assert FileClass.of(BIG) is FileClass.BIG
    assert FileClass.of(MIDDLE) is FileClass.MIDDLE


async def test_a_file_that_is_cut_short_once_is_not_fetched_anew(remote: Path, local: Path) -> None:
    hooks, progress, offsets, cut = Hooks(), Progress(), list[int](), list[int]()
    last = 3 * LIMITS.block

    async def ends(which: bytes, offset: int, size: int) -> bytes | None:
        offsets.append(offset)
        if offset == last and not cut:
            while progress.bytes_done < last:
                await asyncio.sleep(0.01)
            cut.append(offset)
            return b""
        return None

    hooks.read = ends
    async with serving(remote, hooks) as server:
        await server.fetch(local, b"Film.mkv", LIMITS, progress=progress)
    assert cut
    assert contents(local, b"Film.mkv") == contents(remote, b"Film.mkv")
    assert offsets.count(0) == 1
    assert progress.bytes_done == progress.bytes_total == BIG


@pytest.mark.parametrize("name", [b"Film.mkv", b"Pack/middle.mkv"])
async def test_a_slow_line_is_given_the_time_that_all_that_was_asked_takes(
    remote: Path, local: Path, name: bytes
) -> None:
    """Each read waits behind the others: only silence is a reason to give up."""
    write(remote / "Pack" / "middle.mkv", 8 * READ, 7)
    limits = replace(LIMITS, answer=0.5, segments=1, timing=replace(QUICK, tries=0))
    async with serving(remote, Hooks(delay=0.1)) as server:
        files = {name: server.order(local, name.split(b"/", 1)[0]).files[name]}
        order = replace(server.order(local, name.split(b"/", 1)[0]), files=files)
        await server.fetch(local, name, limits, order=order)
    assert (local / os.fsdecode(name)).read_bytes() == (remote / os.fsdecode(name)).read_bytes()


@pytest.mark.parametrize("chunk_mb", [32, 1])
async def test_only_so_much_is_held_in_the_memory_whatever_the_options_say(
    remote: Path, local: Path, chunk_mb: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(remote / "Film.mkv", 80 * READ, 6)
    under_way, most = 0, 0
    real = RemoteReader.read

    async def counted(reader: RemoteReader, offset: int, size: int) -> bytes:
        nonlocal under_way, most
        under_way += size
        most = max(most, under_way)
        try:
            return await real(reader, offset, size)
        finally:
            under_way -= size

    monkeypatch.setattr(RemoteReader, "read", counted)
    async with serving(remote) as server:
        await server.fetch(local, b"Film.mkv", replace(LIMITS, chunk_mb=chunk_mb, lanes=40))
    assert most <= 64 * READ
    assert contents(local, b"Film.mkv") == contents(remote, b"Film.mkv")
