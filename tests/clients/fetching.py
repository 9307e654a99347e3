"""A server to fetch from in this process, which does what is asked of it before it answers."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import os
from pathlib import Path
import random
from typing import Any

import asyncssh

from custom_components.showrunner.clients.fetching.crew import Timing
from custom_components.showrunner.clients.fetching.engine import Engine
from custom_components.showrunner.clients.fetching.order import FetchOrder, Limits, Progress
from custom_components.showrunner.clients.fetching.remote import Pool
from custom_components.showrunner.clients.sftp_connection import HostKey, Opened
from custom_components.showrunner.clients.sftp_session import SftpSession
from custom_components.showrunner.domain.transfer.tree import Version

type Read = Callable[[bytes, int, int], Awaitable[bytes | None]]
type Stat = Callable[[bytes], Awaitable[asyncssh.SFTPAttrs | None]]

QUICK = Timing(window=0.05, start=0.0, pause=0.01)
LIMITS = Limits(timing=QUICK, answer=5, chunk_mb=0.01, save_every=0.01)
_KEY = asyncssh.generate_private_key("ssh-ed25519")


@dataclass
class Hooks:
    """What happens before the server answers; what they give is answered in its place."""

    read: Read | None = None
    fstat: Stat | None = None
    # How many connections are let in at once.
    most: int = 100
    # How many sessions each connection may have.
    sessions: int = 10
    # How long each read takes (seconds), of which a connection does one after the other.
    delay: float = 0.0
    # Is set when the server ends: who waits for it does not answer.
    over: asyncio.Event = field(default_factory=asyncio.Event)
    opened: list[bytes] = field(default_factory=list)
    reads: int = 0


class Server:
    """A server that runs, and opens connections to itself."""

    def __init__(self, folder: Path, port: int, hooks: Hooks) -> None:
        self.folder, self.port, self.hooks = folder, port, hooks
        self.logins: list[asyncssh.SSHServerConnection] = []
        self.clients: list[tuple[asyncssh.SSHClientConnection, SftpSession]] = []

    async def add(self) -> Opened:
        from custom_components.showrunner.clients.sftp_errors import FAILURES, failure

        try:
            ssh = await asyncssh.connect(
                "127.0.0.1", self.port, config=[], known_hosts=None, username="anna"
            )
            sftp = await SftpSession.open(ssh)
        except FAILURES as err:
            raise failure(err) from None
        self.clients.append((ssh, sftp))
        return Opened(ssh, sftp, HostKey("", ""), "")

    def drop(self, one: Opened) -> None:
        one.drop()

    def kill(self) -> None:
        """Hang up on everybody."""
        for login in self.logins:
            login.abort()

    def order(self, local: Path, name: bytes) -> FetchOrder:
        files = listed(self.folder, name)
        return FetchOrder(b"/", str(local), "key", name, files, files)

    async def fetch(
        self, local: Path, name: bytes, limits: Limits | None = None, **other: Any
    ) -> Progress:
        """Fetch a release as an engine does that has just begun."""
        progress = other.pop("progress", None) or Progress()
        order = other.pop("order", None) or self.order(local, name)
        limits = limits or Limits(timing=QUICK, answer=5)
        await Engine().fetch(order, Pool(self, limits.answer), limits, progress)
        return progress


@asynccontextmanager
async def serving(folder: Path, hooks: Hooks | None = None) -> AsyncGenerator[Server]:
    """Serve a folder until the context ends. Nobody has to sign in."""
    hooks = hooks or Hooks()

    class Login(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            server.logins = [one for one in server.logins if not one.is_closed()]
            if len(server.logins) >= hooks.most:
                conn.abort()
            server.logins.append(conn)

        def begin_auth(self, username: str) -> bool:
            return False

        def session_requested(self) -> bool:
            self.sessions = getattr(self, "sessions", 0) + 1
            return self.sessions <= hooks.sessions

    class Files(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=os.fsencode(folder))
            self._turn = asyncio.Lock()

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            hooks.opened.append(path)
            return super().open(path, pflags, attrs)

        async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
            hooks.reads += 1
            if hooks.delay:
                async with self._turn:
                    await asyncio.sleep(hooks.delay)
            if hooks.read is not None:
                content = await hooks.read(_name(folder, file_obj), offset, size)
                if content is not None:
                    return content
            return super().read(file_obj, offset, size)

        async def fstat(self, file_obj: Any) -> asyncssh.SFTPAttrs:
            if hooks.fstat is not None:
                content = await hooks.fstat(_name(folder, file_obj))
                if content is not None:
                    return content
            return super().fstat(file_obj)

    listener = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Login, server_host_keys=[_KEY], sftp_factory=Files
    )
    server = Server(folder, listener.get_port(), hooks)
    try:
        yield server
    finally:
        hooks.over.set()
        for ssh, _ in server.clients:
            ssh.abort()
        server.kill()
        listener.close()
        await listener.wait_closed()
        await asyncio.gather(*(ssh.wait_closed() for ssh, _ in server.clients))
        # Whoever served them ends a little later.
        while any("_sftp_handler" in repr(one) for one in asyncio.all_tasks()):
            await asyncio.sleep(0.001)


def _name(folder: Path, file_obj: Any) -> bytes:
    path = file_obj.name if isinstance(file_obj.name, bytes) else os.fsencode(file_obj.name)
    return bytes(path).removeprefix(os.fsencode(folder) + b"/")


def listed(folder: Path, name: bytes) -> dict[bytes, Version]:
    """List the files of a release as they are on the disk."""
    top = folder / os.fsdecode(name)
    files = [top] if top.is_file() else [path for path in top.rglob("*") if path.is_file()]
    return {
        os.fsencode(path.relative_to(folder)): Version(one.st_size, int(one.st_mtime))
        for path in files
        for one in [path.stat()]
    }


def contents(folder: Path, name: bytes) -> dict[bytes, tuple[bytes, int]]:
    """Read what a release holds: each file's bytes and time."""
    return {
        path: ((folder / os.fsdecode(path)).read_bytes(), version.mtime)
        for path, version in listed(folder, name).items()
    }


def write(path: Path, size: int, seed: int = 1, mtime: int = 1_700_000_000) -> None:
    """Write a file of so many bytes, always the same ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(random.Random(seed).randbytes(size))
    os.utime(path, (mtime, mtime))
