"""One lftp that runs until its script is done, or it is no longer wanted.

It gets a folder of its own for a home, so that nobody's settings, bookmarks, keys or passwords are
used; secrets go over its standard input, and into that folder, which only we may read.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
import fcntl
from functools import partial
import os
from pathlib import Path
import shlex
import shutil
import signal
import ssl
import tempfile
import threading
from typing import Final

import asyncssh

from ...domain.text import say
from ..errors import Unauthorized
from ..fetching.disk import Disk, meaning
from ..offload import whole
from .script import Address, Protocol

PRODUCT: Final = "lftp"

# For how long what lftp has begun may outlive it, and how often that is looked at (seconds).
_LINGERS: Final = 5.0
_LOOK: Final = 0.01
# What is kept of what lftp says, to find out what went wrong (bytes).
_SAID: Final = 8192
_LFTP: Final = "lftp"
_SSH: Final = "ssh"
_PREFIX: Final = "showrunner-lftp-"
# What it is begun with holds a folder of that name.
_IS_OURS: Final = b"LFTP_HOME="
# What the server is called in the file of its key, whatever its name or address.
_ALIAS: Final = "pinned"
_making: Final = threading.Lock()


def lacking(protocol: Protocol) -> str | None:
    """Name a program that has to be installed here and is not; None: all are. Blocks."""
    wanted = (_LFTP, _SSH) if protocol is Protocol.SFTP else (_LFTP,)
    return next((one for one in wanted if shutil.which(one) is None), None)


@dataclass(frozen=True, slots=True)
class Home:
    """A folder of lftp's own, and what it connects with."""

    folder: Path
    fd: int
    ssh: str
    ca_file: str

    def close(self) -> None:
        """Take it away, with what lies in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.fd)


@dataclass(frozen=True, slots=True)
class Keys:
    """What SFTP is signed in with: the pinned host key, and a private key with its passphrase."""

    host_key: str = ""
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)


@asynccontextmanager
async def home(disk: Disk, address: Address, keys: Keys) -> AsyncGenerator[Home]:
    """Make the folder, and take it away at the end, with what we left when we were killed.

    Raises ServiceError.
    """
    async with disk.opened(partial(_make, address, keys)) as made:
        yield made


def _make(address: Address, keys: Keys) -> Home:
    with _making:
        _sweep()
        return _made(address, keys)


def _made(address: Address, keys: Keys) -> Home:
    folder, fd = _locked_folder()
    paths = ssl.get_default_verify_paths()
    made = Home(folder, fd, _connect_program(folder, address, keys), paths.cafile or "")
    try:
        _write(folder / "known_hosts", f"{_ALIAS} {keys.host_key}\n")
        if keys.private_key:
            _write(folder / "key", _unlocked(keys))
    except BaseException:
        made.close()
        raise
    return made


def _locked_folder() -> tuple[Path, int]:
    """Make a folder. As long as it is locked somebody uses it; until then another may remove it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with suppress(FileNotFoundError), ExitStack() as ours:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            ours.callback(os.close, fd)
            fcntl.flock(fd, fcntl.LOCK_EX)
            if os.path.samestat(folder.stat(), os.fstat(fd)):
                ours.pop_all()
                return folder, fd


def _sweep() -> None:
    """Remove the folders that nobody uses any more: a key may lie in them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another one's, or gone just now
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(fd)


def _connect_program(folder: Path, address: Address, keys: Keys) -> str:
    """Say what lftp connects with over SFTP: only the pinned host key counts, and only our login.

    A shell reads it: it holds nothing but paths and words of ours.
    """
    if address.protocol is not Protocol.SFTP:
        return ""
    command = [
        *(shutil.which(_SSH) or _SSH, "-a", "-x", "-F", "none", "-e", "none"),
        *("-o", f"UserKnownHostsFile={folder}/known_hosts"),
        *("-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes"),
        *("-o", "CheckHostIP=no", "-o", "UpdateHostKeys=no", "-o", f"HostKeyAlias={_ALIAS}"),
        *("-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes"),
        *("-o", "NumberOfPasswordPrompts=1", "-o", "ServerAliveInterval=5"),
        *("-o", "ServerAliveCountMax=3", "-o", "ConnectTimeout=30", "-o", "ControlPath=none"),
    ]
    if keys.private_key:
        command += ["-i", f"{folder}/key", "-o", "BatchMode=yes"]
    else:
        command += ["-o", "PubkeyAuthentication=no"]
    return shlex.join(command)


def _unlocked(keys: Keys) -> str:
    """Give the private key as ssh reads it without asking for anything. Raises Unauthorized."""
    try:
        key = asyncssh.import_private_key(keys.private_key, keys.passphrase or None)
    except ValueError:
        raise Unauthorized(PRODUCT, say("error_private_key_unreadable")) from None
    return key.export_private_key("openssh").decode()


def _write(path: Path, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)


def at_work(folder: int) -> bool:
    """Tell whether an lftp of ours, which outlived who began it, works within an open folder.

    Where there are locks it holds one; on a file system without them nothing else tells. Blocks.
    """
    here = os.fstat(folder)
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's, or it has just ended
            if os.path.samestat((one / "cwd").stat(), here):
                names = (one / "environ").read_bytes().split(b"\0")
                if any(name.startswith(_IS_OURS) and _PREFIX.encode() in name for name in names):
                    return True
    return False


async def run(own: Home, commands: bytes, *, within: int, held: int) -> str:
    """Run a script within an open folder; give the last that lftp said.

    `held` is handed on to it: a lock on it lasts as long as lftp does, even when we are killed.
    Who is cancelled meanwhile has ended it, and all that it has begun.
    """
    environ: Mapping[str, str] = {
        "HOME": str(own.folder),
        "LFTP_HOME": str(own.folder),
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "TERM": "dumb",
    }
    process = await _begun(environ, within, held)
    try:
        _, said = await asyncio.gather(_tell(process, commands), _hear(process))
        return said
    finally:
        await _end(process)


async def _begun(environ: Mapping[str, str], within: int, held: int) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            shutil.which(_LFTP) or _LFTP,
            "--norc",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=f"/proc/self/fd/{within}",
            env=environ,
            pass_fds=(within, held),
            start_new_session=True,
        )
    except OSError as err:
        error = meaning(err)
    raise error


async def _tell(process: asyncio.subprocess.Process, commands: bytes) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(commands)
        await process.stdin.drain()
    process.stdin.close()


async def _hear(process: asyncio.subprocess.Process) -> str:
    """Read what it says until it ends; only the last of it is kept."""
    assert process.stdout is not None
    said = b""
    while part := await process.stdout.read(_SAID):
        said = (said + part)[-_SAID:]
    return said.decode("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill it and what it has begun, if it is there still; it has ended afterwards.

    It writes into the staging folder, which nobody else may have before that.
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await whole(asyncio.ensure_future(_ended(process)))


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for its end, and for that of what it connected with: those hold its lock and folder."""
    await _hear(process)
    await process.wait()
    loop = asyncio.get_running_loop()
    until = loop.time() + _LINGERS
    with suppress(ProcessLookupError):
        while True:
            # Signal 0 tells whether there is anybody left; what stays for long is ended.
            os.killpg(process.pid, 0 if loop.time() < until else signal.SIGKILL)
            await asyncio.sleep(_LOOK)
