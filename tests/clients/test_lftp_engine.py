"""A release with lftp, of which a stand-in does what it is told: the staging folder's promises."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
import fcntl
import json
import os
from pathlib import Path
import subprocess
import tempfile
import threading
from typing import Any

import asyncssh
import pytest

from custom_components.showrunner.clients.errors import Unauthorized, Unreachable
from custom_components.showrunner.clients.fetching import staging
from custom_components.showrunner.clients.fetching.folder import marked
from custom_components.showrunner.clients.fetching.order import (
    FetchOrder,
    FolderGone,
    InUse,
    Limits,
    LocalUnfit,
    NameTaken,
    Progress,
    RemoteChanged,
)
from custom_components.showrunner.clients.lftp import (
    Address,
    Keys,
    LftpEngine,
    Protocol,
    engine as lftp_engine,
    process as lftp_process,
)
from custom_components.showrunner.domain.transfer.names import STAGING
from custom_components.showrunner.domain.transfer.tree import Version

from .fake_lftp import install
from .fetching import contents, listed, write

SECRET = 'pass "word\\ $(x)'
MIDDLE = 700_000
KEY = asyncssh.generate_private_key("ssh-ed25519")


@dataclass
class Box:
    """A remote folder of this machine, the folder at home, and what the stand-in is told."""

    remote: Path
    home: Path
    told: Path
    temporary: Path
    mark: str = ""
    keys: Keys = field(default_factory=Keys)
    protocol: Protocol = Protocol.FTP
    looks: int = 0

    def order(self, name: bytes = b"Pack", **other: Any) -> FetchOrder:
        """Want all of a release."""
        files = listed(self.remote, name)
        given = {"files": files, "mark": self.mark, **other}
        return FetchOrder(
            os.fsencode(self.remote), str(self.home), "key", name, given.pop("files"), {}, **given
        )

    async def look(self, name: bytes) -> Mapping[bytes, Version]:
        """List a release."""
        self.looks += 1
        return listed(self.remote, name)

    async def fetch(
        self, order: FetchOrder | None = None, progress: Progress | None = None
    ) -> None:
        """Fetch a release."""
        address = Address(self.protocol, "box", 21, "me", SECRET)
        made = LftpEngine(address, self.keys, self.look)
        await made.fetch(order or self.order(), Limits(parallel_files=2), progress or Progress())

    @property
    def visible(self) -> list[str]:
        """What lies at home under names that others see."""
        return sorted(one.name for one in self.home.iterdir() if one.name != STAGING)

    @property
    def parts(self) -> Path:
        """Where unfinished files lie."""
        return self.home / STAGING / "key" / "parts"

    @property
    def runs(self) -> list[dict[str, Any]]:
        """What each lftp was given."""
        return [json.loads(one.read_text()) for one in sorted(self.told.glob("*.json"))]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """Give a release of three files, of which two are small."""
    remote, home, temporary = (tmp_path / one for one in ("remote", "home", "temporary"))
    for one in (remote, home, temporary):
        one.mkdir()
    write(remote / "Pack" / "film.mkv", MIDDLE, 1)
    write(remote / "Pack" / "sub" / "film.srt", 2000, 2)
    write(remote / "Pack" / "empty.nfo", 0, 3)
    log = install(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(lftp_engine, "_TICK", 0.02)
    made = Box(remote, home, log, temporary, marked(str(home)))
    yield made
    assert list(temporary.iterdir()) == []
    for run in made.runs:
        with pytest.raises(ProcessLookupError):
            os.kill(run["pid"], 0)


async def hanging(box: Box, work: asyncio.Task[None]) -> None:
    """Wait until lftp hangs in the middle of the film."""
    async with asyncio.timeout(60):
        while not any(one.stat().st_size == MIDDLE // 2 for one in box.parts.glob("*.lftp")):
            assert not work.done(), work.result()
            await asyncio.sleep(0.01)


async def test_a_release_comes_home_whole(box: Box) -> None:
    progress = Progress()
    await box.fetch(progress=progress)
    assert contents(box.home, b"Pack") == contents(box.remote, b"Pack")
    assert (progress.bytes_done, progress.files_done) == (MIDDLE + 2000, 3)
    assert list(box.parts.iterdir()) == []
    assert box.looks == 2


async def test_secrets_are_on_no_command_line_and_in_no_environment(box: Box) -> None:
    """They come over standard input, and with a key in a folder that only we may read."""
    box.protocol = Protocol.SFTP
    private = KEY.export_private_key("openssh", "shut", rounds=50).decode()
    box.keys = Keys("ssh-ed25519 AAAA", private, "shut")
    await box.fetch()
    for run in box.runs:
        assert run["arguments"] == ["--norc"]
        assert SECRET not in str(run["environment"])
        assert 'user "me" "pass \\"word\\\\ $(x)"' in run["script"]
        assert set(run["home"].values()) == {"0o700", "0o600"}
        assert set(run["home"]) >= {"key", "known_hosts"}
        assert "StrictHostKeyChecking=yes" in run["script"]
        assert "shut" not in run["script"]
    assert len(box.runs) == 2


async def test_a_key_that_can_not_be_read_leaves_nothing(box: Box) -> None:
    box.protocol = Protocol.SFTP
    box.keys = Keys("ssh-ed25519 AAAA", "no key", "shut")
    with pytest.raises(Unauthorized):
        await box.fetch()
    assert box.runs == []


async def test_who_is_broken_off_at_the_very_start_leaves_no_key(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key may be written while nobody waits for it any more."""
    box.protocol = Protocol.SFTP
    private = KEY.export_private_key("openssh").decode()
    box.keys = Keys("ssh-ed25519 AAAA", private)
    begun, go_on = threading.Event(), threading.Event()
    unlocked = lftp_process._unlocked

    def slowly(keys: Keys) -> str:
        begun.set()
        assert go_on.wait(60)
        return unlocked(keys)

    monkeypatch.setattr(lftp_process, "_unlocked", slowly)
    work = asyncio.create_task(box.fetch())
    try:
        assert await asyncio.to_thread(begun.wait, 60)
        [folder] = box.temporary.iterdir()
        work.cancel()
        await asyncio.sleep(0)
    finally:
        go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not folder.exists()
    assert box.runs == []


async def test_what_was_left_by_one_who_was_killed_is_swept(box: Box) -> None:
    """A key may lie there; what somebody still uses stays."""
    left, used = (box.temporary / f"showrunner-lftp-{one}" for one in ("left", "used"))
    for one in (left, used):
        one.mkdir()
        (one / "key").touch()
    fd = os.open(used, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    await box.fetch()
    assert [one.name for one in box.temporary.iterdir()] == [used.name]
    os.close(fd)
    (box.remote / "Pack").rename(box.remote / "Other")
    await box.fetch(box.order(b"Other"))


@pytest.mark.parametrize("early", [True, False])
async def test_who_sweeps_takes_no_folder_that_was_only_just_made(
    box: Box, monkeypatch: pytest.MonkeyPatch, early: bool
) -> None:
    """Another Home Assistant may sweep between its making, its opening and its locking."""
    swept: list[Path] = []
    make, lock = tempfile.mkdtemp, fcntl.flock

    def sweep() -> None:
        for folder in box.temporary.iterdir():
            if not swept:
                folder.rmdir()
                swept.append(folder)

    def made(**options: Any) -> str:
        folder = make(**options)
        if early:
            sweep()
        return folder

    def locked(fd: int, how: int) -> None:
        if how == fcntl.LOCK_EX and not early:
            sweep()
        lock(fd, how)

    monkeypatch.setattr(tempfile, "mkdtemp", made)
    monkeypatch.setattr(fcntl, "flock", locked)
    await box.fetch()
    assert len(swept) == 1
    assert contents(box.home, b"Pack") == contents(box.remote, b"Pack")
    assert not list(box.temporary.iterdir())


@pytest.mark.parametrize("other", ["another", "none"])
async def test_nothing_is_written_into_another_folder(box: Box, other: str) -> None:
    """As in process: a disk that is not mounted leaves an empty folder."""
    if other == "another":
        box.mark = "0" * 32
    else:
        box.home.rename(box.home.with_name("away"))
    with pytest.raises(FolderGone):
        await box.fetch()
    assert box.runs == []
    if other == "another":
        assert [one.name for one in (box.home / STAGING).iterdir()] == ["folder"]


async def test_what_has_no_room_for_its_names_is_told_before_anything_is_fetched(box: Box) -> None:
    order = box.order(files={b"Pack/" + b"x" * 300: Version(1, 1)})

    async def look(_: bytes) -> Mapping[bytes, Version]:
        return order.files

    with pytest.raises(LocalUnfit):
        await LftpEngine(Address(Protocol.FTP, "box", 21, "me"), Keys(), look).fetch(
            order, Limits(), Progress()
        )
    assert box.runs == []


async def test_what_lies_there_already_is_not_replaced(box: Box) -> None:
    write(box.home / "Pack" / "mine", 10)
    with pytest.raises(NameTaken):
        await box.fetch()
    assert contents(box.home, b"Pack").keys() == {b"Pack/mine"}
    assert box.runs == []


async def test_half_a_file_is_none(box: Box) -> None:
    """What it left is gone on with, as far as it is known to be on the disk."""
    (box.told / "half").touch()
    with pytest.raises(Unreachable):
        await box.fetch()
    assert box.visible == []
    begun = len(box.runs)
    (box.told / "half").unlink()
    await box.fetch()
    assert contents(box.home, b"Pack") == contents(box.remote, b"Pack")
    assert 0 < len(box.runs) - begun <= 2


async def test_what_is_broken_off_ends_lftp_and_goes_on_later(box: Box) -> None:
    """By its pid; the folder can be used by another at once."""
    (box.told / "hang").touch()
    progress = Progress()
    work = asyncio.create_task(box.fetch(progress=progress))
    await hanging(box, work)
    assert progress.break_off()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    for run in box.runs:
        with pytest.raises(ProcessLookupError):
            os.kill(run["pid"], 0)
    assert box.visible == []
    [sure] = box.parts.glob("*.sure")
    assert int(sure.read_text()) == MIDDLE // 2
    # What is beyond that is not known to be on the disk.
    with sure.with_suffix("").open("ab") as file:
        file.write(bytes(MIDDLE - MIDDLE // 2))
    (box.told / "hang").unlink()
    await box.fetch()
    assert contents(box.home, b"Pack") == contents(box.remote, b"Pack")


async def test_an_lftp_that_outlives_us_keeps_others_away(box: Box) -> None:
    """It holds the lock; who has ended its own lets go, also where a child of it goes on."""
    opened = staging.Staging.open(str(box.home), "key", box.mark)
    with _holding(opened.lock):
        os.close(opened.lock)  # as when we are killed
        opened._own = os.open("/dev/null", os.O_RDONLY)
        opened.close()
        with pytest.raises(InUse):
            await box.fetch()
    await box.fetch()
    opened = staging.Staging.open(str(box.home), "key", box.mark)
    with _holding(opened.lock):
        opened.close()
        staging.Staging.open(str(box.home), "key", box.mark).close()


async def test_without_locks_an_lftp_that_outlives_us_is_found_by_where_it_works(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody's shell there is none."""
    monkeypatch.setattr(staging, "_lock", lambda _: None)
    (box.told / "half").touch()
    with pytest.raises(Unreachable):
        await box.fetch()
    (box.told / "half").unlink()
    begun = len(box.runs)
    with _working(box.parts, {"LFTP_HOME": f"/tmp/{lftp_process._PREFIX}abc"}):
        with pytest.raises(InUse):
            await box.fetch()
        assert len(box.runs) == begun
    with _working(box.parts, {"LFTP_HOME": "/home/me"}), _working(box.home, {}):
        await box.fetch()
    assert contents(box.home, b"Pack") == contents(box.remote, b"Pack")


@contextmanager
def _working(folder: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Have another process that works in a folder."""
    with subprocess.Popen(["/bin/sleep", "600"], cwd=folder, env=environ) as other:
        try:
            yield
        finally:
            other.kill()


@contextmanager
def _holding(fd: int) -> Iterator[None]:
    """Have another process that has a file open, too."""
    with subprocess.Popen(["sleep", "600"], pass_fds=(fd,)) as other:
        try:
            yield
        finally:
            other.kill()


async def test_broken_off_just_before_its_place_it_is_not_put_there(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Progress()
    assert progress.break_off()
    with pytest.raises(asyncio.CancelledError):
        await box.fetch(progress=progress)
    assert box.visible == []


async def test_what_changed_since_is_not_fetched(box: Box) -> None:
    order = box.order()
    write(box.remote / "Pack" / "film.mkv", MIDDLE + 1, 7)
    with pytest.raises(RemoteChanged):
        await box.fetch(order)
    assert box.runs == []


async def test_what_changes_meanwhile_is_fetched_as_it_is_then(box: Box) -> None:
    (box.told / "hang").touch()
    order = box.order()
    work = asyncio.create_task(box.fetch(order))
    await hanging(box, work)
    write(box.remote / "Pack" / "film.mkv", MIDDLE + 5000, 8)
    (box.told / "hang").unlink()
    for run in box.runs:
        with suppress(ProcessLookupError):
            os.kill(run["pid"], 9)
    await work
    assert contents(box.home, b"Pack") == contents(box.remote, b"Pack")


async def test_what_is_new_meanwhile_makes_it_wait(box: Box) -> None:
    (box.told / "hang").touch()
    work = asyncio.create_task(box.fetch())
    await hanging(box, work)
    write(box.remote / "Pack" / "more.mkv", 5000, 8)
    (box.told / "hang").unlink()
    for run in box.runs:
        os.kill(run["pid"], 9)
    with pytest.raises(RemoteChanged):
        await work
    assert box.visible == []


async def test_another_rate_reaches_it_at_once(box: Box) -> None:
    """It is begun anew, and goes on where it was."""
    (box.told / "hang").touch()
    progress = Progress()
    work = asyncio.create_task(box.fetch(progress=progress))
    await hanging(box, work)
    (box.told / "hang").unlink()
    progress.pace.rate = 2_000_000.0
    await work
    assert contents(box.home, b"Pack") == contents(box.remote, b"Pack")
    rates = [
        int(run["script"].partition('net:limit-rate "')[2].partition(":")[0]) for run in box.runs
    ]
    # Shared out by what is left: nearly all of it belongs to the one large file, or all of it once
    # the small one is here.
    assert 0 in rates
    assert 1_980_000 < max(rates) <= sum(rates) <= 2_000_001


async def test_what_is_here_already_is_not_received_again(box: Box) -> None:
    """Each new rate begins lftp anew, behind what lies there."""
    (box.told / "hang").touch()
    progress = Progress()
    work = asyncio.create_task(box.fetch(progress=progress))
    await hanging(box, work)
    for rate in (2_000_000.0, 3_000_000.0, 4_000_000.0):
        begun = len(box.runs)
        progress.pace.rate = rate
        # Who runs is followed; that ends at a look of its own.
        async with asyncio.timeout(60):
            while len(box.runs) == begun:
                assert not work.done(), work.result()
                await asyncio.sleep(0.01)
    # Small files are fetched anew each time.
    assert progress.received < MIDDLE // 2 + 10_000
    (box.told / "hang").unlink()
    progress.pace.rate = 0.0
    await work
    assert progress.received < MIDDLE + 12_000


@pytest.mark.parametrize("program", ["lftp", "ssh"])
async def test_a_program_that_is_not_installed_is_said(
    box: Box, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """And nobody else fetches in its place."""
    (box.told.parent / program).unlink()
    monkeypatch.setenv("PATH", str(box.told.parent))
    box.protocol = Protocol.SFTP
    with pytest.raises(Unreachable, match=f"{program} is not installed"):
        await box.fetch()
    assert box.runs == []
    assert box.visible == []
