"""A release with lftp, from real servers: OpenSSH, and ProFTPD with and without TLS."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
import json
import os
from pathlib import Path
import random
import shlex
import shutil
import signal
import subprocess
from typing import Any

import asyncssh
import pytest

from custom_components.showrunner.clients.errors import (
    ServiceError,
    TlsFailed,
    Unauthorized,
)
from custom_components.showrunner.clients.fetching import staging
from custom_components.showrunner.clients.fetching.fetcher import (
    How,
    Interrupted,
    Limits,
    ReleaseFetcher,
)
from custom_components.showrunner.clients.fetching.folder import marked
from custom_components.showrunner.clients.fetching.order import InUse, RemoteChanged
from custom_components.showrunner.clients.ftp import FtpClient, FtpLogin
from custom_components.showrunner.clients.lftp import (
    Address,
    Keys,
    LftpEngine,
    Protocol,
    engine as lftp_engine,
    parts,
)
from custom_components.showrunner.clients.transfers import TransferClient
from custom_components.showrunner.domain.transfer.names import STAGING
from custom_components.showrunner.domain.transfer.tree import as_text
from tests.clients.fetching import contents, write
from tests.clients.hostile import HOSTILE
from tests.effort import THOROUGH
from tests.real.ftpd import Ftpd, ftpd
from tests.real.lab import program
from tests.real.sshd import USER, Sshd, sshd
from tests.support.forking import forking

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("socket_enabled")]
BIG = 12_000_000
# What a whole release takes two seconds with.
RATE = 6_000_000.0


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have lftp and ssh be found, with the libraries that lie beside them."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("lftp", "ssh"):
        path = folder / name
        path.write_text(f'#!/bin/sh\nexec {shlex.join(program("ssh", f"usr/bin/{name}"))} "$@"\n')
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(lftp_engine, "_TICK", 0.05)


@dataclass
class Lab:
    """A server with a release, and what fetches from it."""

    data: Path
    home: Path
    client: TransferClient
    address: Address
    keys: Keys
    remote: bytes
    server: Sshd | Ftpd

    def fetcher(self, rate: float = 0.0, **other: Any) -> ReleaseFetcher:
        """Make who fetches."""
        address = replace(self.address, **other)
        return ReleaseFetcher(
            self.client,
            "real",
            self.remote,
            str(self.home),
            engine=lambda look: LftpEngine(address, self.keys, look),
            mark=marked(str(self.home)),
            how=lambda: How(Limits(), rate),
            tell=lambda _: None,
        )

    async def fetch(self, name: bytes = b"Pack", **more: Any) -> None:
        """Fetch a release, all of it."""
        fetcher = self.fetcher(**more)
        release = await fetcher.look(name)
        assert release is not None
        await fetcher.fetch(name, release.files)

    @property
    def visible(self) -> list[str]:
        """What lies at home under names that others see."""
        return sorted(one.name for one in self.home.iterdir() if one.name != STAGING)

    def has_begun(self, size: int = 1) -> bool:
        """Tell whether an unfinished file has so many bytes."""
        for one in self.home.rglob("*.lftp"):
            with suppress(FileNotFoundError):  # it has just been finished
                if one.stat().st_size >= size:
                    return True
        return False


def fill(data: Path, own: Callable[..., None]) -> None:
    """Put a release there."""
    write(data / "Pack" / "big.mkv", BIG, 1)
    write(data / "Pack" / "empty.nfo", 0, 2)
    for number in range(20):
        write(data / "Pack" / "sub" / f"{number}.srt", 2000 + number, 10 + number)
    own(*data.rglob("*"))


@pytest.fixture(params=["key", "password", "ftp", "ftps"])
async def lab(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Lab]:
    """Run a server of each kind."""
    home = tmp_path / "home"
    home.mkdir()
    how = request.param
    if how in ("key", "password"):
        async with sshd(tmp_path / "lab") as server:
            fill(server.data, server.own)
            client = server.client()
            keys = Keys(server.host_key, server.private_key if how == "key" else "")
            word = "" if how == "key" else server.password
            address = Address(Protocol.SFTP, "127.0.0.1", server.port, USER, word)
            yield Lab(server.data, home, client, address, keys, os.fsencode(server.data), server)
            await client.close()
        return
    async with ftpd(tmp_path / "lab", tls=how == "ftps") as server:
        fill(server.data, server.own)
        ftp = FtpClient(
            FtpLogin("127.0.0.1", server.port, USER, server.password, how == "ftps", verify=False)
        )
        address = Address(
            Protocol(how), "127.0.0.1", server.port, USER, server.password, verify=False
        )
        yield Lab(server.data, home, ftp, address, Keys(), os.fsencode(server.data), server)
        await ftp.close()


async def test_a_release_comes_home_whole(lab: Lab) -> None:
    """Byte for byte, with the times that the files have there."""
    await lab.fetch()
    assert contents(lab.home, b"Pack") == contents(lab.data, b"Pack")
    there, here = (one / "Pack" / "big.mkv" for one in (lab.data, lab.home))
    assert int(there.stat().st_mtime) == int(here.stat().st_mtime)


async def test_a_wrong_password_is_said_and_told_to_nobody(lab: Lab, tmp_path: Path) -> None:
    """Neither on a command line, nor in an error."""
    if not lab.address.password:
        pytest.skip("signed in by key")
    with pytest.raises(Unauthorized) as error:
        await lab.fetch(password="not-the-secret-one")
    assert "not-the-secret-one" not in str(error.value)
    assert lab.visible == []


async def test_what_is_paused_goes_on_where_it_was(lab: Lab) -> None:
    """And lfp has ended by then, and all that it had begun."""
    fetcher = lab.fetcher(rate=RATE)
    release = await fetcher.look(b"Pack")
    assert release is not None

    def against() -> Any:
        return "stop" if lab.has_begun(1_000_000) else None

    fetcher.against = against
    with pytest.raises(Interrupted):
        await fetcher.fetch(b"Pack", release.files)
    assert _lftps() == []
    assert lab.visible == []
    assert list(lab.home.rglob("*.sure"))
    await lab.fetch()
    assert contents(lab.home, b"Pack") == contents(lab.data, b"Pack")


def _lftps() -> list[str]:
    result = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [one for one in result.stdout.splitlines() if "usr/bin/lftp" in one]


async def test_what_lftp_left_at_full_size_is_no_proof(lab: Lab) -> None:
    """A file of the right size and wrong bytes, where nobody has noted that it is on the disk."""
    fetcher = lab.fetcher()
    release = await fetcher.look(b"Pack")
    assert release is not None
    key = fetcher.key(b"Pack")
    opened = staging.Staging.open(str(lab.home), key)
    path = b"Pack/big.mkv"
    name = parts.name_of(path, release.files[path])
    (lab.home / STAGING / key / "parts" / name).write_bytes(bytes(BIG))
    opened.close()
    await fetcher.fetch(b"Pack", release.files)
    assert contents(lab.home, b"Pack") == contents(lab.data, b"Pack")


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_come_home_as_they_are_or_are_told(
    lab: Lab, name: bytes, tmp_path: Path
) -> None:
    """Nothing is carried out, nothing is written elsewhere."""
    folder = lab.data / "Odd"
    folder.mkdir()
    (folder / os.fsdecode(name)).write_bytes(name * 100)
    lab.server.own(folder, *folder.rglob("*"))
    before = sorted(tmp_path.iterdir())
    try:
        await lab.fetch(b"Odd")
    except RemoteChanged, ServiceError:
        assert set(name) & set(b"\r\n"), as_text(name)
        assert lab.visible == []
    else:
        assert (lab.home / "Odd" / os.fsdecode(name)).read_bytes() == name * 100
    assert sorted(tmp_path.iterdir()) == before


async def test_another_host_key_or_certificate_stops_it(lab: Lab) -> None:
    """Nothing is fetched from who may be somebody else."""
    if lab.address.protocol is Protocol.FTP:
        pytest.skip("it has neither")
    if lab.address.protocol is Protocol.FTPS:
        with pytest.raises(TlsFailed):
            await lab.fetch(verify=True)
    else:
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
        lab.keys = replace(lab.keys, host_key=" ".join(other.split()[:2]))
        with pytest.raises(ServiceError):
            await lab.fetch()
    assert lab.visible == []


async def test_what_changes_meanwhile_is_fetched_anew(lab: Lab) -> None:
    fetcher = lab.fetcher(rate=RATE)
    release = await fetcher.look(b"Pack")
    assert release is not None
    work = asyncio.create_task(fetcher.fetch(b"Pack", release.files))
    async with asyncio.timeout(60):
        while not lab.has_begun():
            await asyncio.sleep(0.02)
            assert not work.done()
    write(lab.data / "new", 5000, 99)
    lab.server.own(lab.data / "new")
    (lab.data / "new").rename(lab.data / "Pack" / "sub" / "1.srt")
    await work
    assert contents(lab.home, b"Pack") == contents(lab.data, b"Pack")


@pytest.fixture(scope="module")
def forks() -> Iterator[subprocess.Popen[str]]:
    """Have a process that has everything imported, and forks one for each release."""
    with forking("tests.real.lftp_child") as made:
        yield made


@pytest.mark.long
@pytest.mark.parametrize("locks", [True, False])
async def test_killed_at_any_moment_it_goes_on(
    lab: Lab, forks: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    """An lftp that outlives us ends its work first: never do two write one file.

    On a file system without locks, too.
    """
    if not locks:
        monkeypatch.setattr(staging, "_lock", lambda _: None)
    dice = random.Random(7)
    for _ in range(10 if THOROUGH else 1):
        shutil.rmtree(lab.home / "Pack", ignore_errors=True)
        await _killed(lab, forks, dice.uniform(0.0, 1.0))
        assert lab.visible == []
        async with asyncio.timeout(120):
            while True:
                try:
                    await lab.fetch()
                except InUse:
                    await asyncio.sleep(0.1)
                else:
                    break
        assert contents(lab.home, b"Pack") == contents(lab.data, b"Pack")


async def _killed(lab: Lab, forks: subprocess.Popen[str], pause: float) -> None:
    """Fetch in another process, and kill it a while after its first bytes have come."""
    order = {
        "address": asdict(lab.address),
        "keys": asdict(lab.keys),
        "remote": str(lab.data),
        "local": str(lab.home),
        "name": "Pack",
        "key": lab.fetcher().key(b"Pack"),
        "mark": marked(str(lab.home)),
        "rate": RATE,
        "programs": os.environ["PATH"],
    }
    assert forks.stdin is not None
    assert forks.stdout is not None
    forks.stdin.write(json.dumps([order]) + "\n")
    forks.stdin.flush()
    number = int(await asyncio.to_thread(forks.stdout.readline))
    ended = asyncio.create_task(asyncio.to_thread(forks.stdout.readline))
    while not lab.has_begun():
        assert not ended.done(), ended.result()
        await asyncio.sleep(0.02)
    await asyncio.sleep(pause)
    assert not ended.done(), ended.result()
    os.kill(number, signal.SIGKILL)
    assert int(await ended) == -signal.SIGKILL


async def test_every_byte_a_name_can_have_comes_over(lab: Lab) -> None:
    """Each in the middle of a name; what ends a line is told, and nothing else."""
    ends = {"/", "\0", "\n", "\r"}
    folder = lab.data / "Bytes"
    folder.mkdir()
    for byte in range(256):
        letter = os.fsdecode(bytes([byte]))
        if letter not in ends:
            (folder / f"a{letter}b").write_bytes(bytes([byte]) * 50)
    lab.server.own(folder, *folder.rglob("*"))
    await lab.fetch(b"Bytes")
    assert contents(lab.home, b"Bytes") == contents(lab.data, b"Bytes")
