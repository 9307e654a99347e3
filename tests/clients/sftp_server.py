"""An SFTP server in this process, over a folder, which can be as unkind as real ones never are."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import os
from pathlib import Path
from typing import Any

import asyncssh

from custom_components.showrunner.clients.sftp import SftpClient

USER = "anna"
PASSWORD = "Fourteen words."


@dataclass
class Unkind:
    """What a server does otherwise than asked. Paths are those that the client sends."""

    # Never answers what is asked of these, and never lists them further.
    hangs: set[bytes] = field(default_factory=set)
    # Hangs up when one of these is asked for.
    dies: set[bytes] = field(default_factory=set)
    # Says this of a file.
    lies: dict[bytes, asyncssh.SFTPAttrs] = field(default_factory=dict)
    # Says this of a file where it lists it, and nowhere else.
    listed: dict[bytes, asyncssh.SFTPAttrs] = field(default_factory=dict)
    # Names this in a folder, after what is there.
    more: dict[bytes, list[Any]] = field(default_factory=dict)
    # Answers what is asked of these with an error.
    refuses: dict[bytes, asyncssh.SFTPError] = field(default_factory=dict)
    # Says nothing of what it lists but the names.
    silent: bool = False
    # Ends what hangs.
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass
class Served:
    """A server that runs."""

    port: int
    folder: Path
    host_key: str
    unkind: Unkind
    connections: list[asyncssh.SSHServerConnection]

    def client(self, **other: Any) -> SftpClient:
        """Make a client that may sign in, unless told otherwise."""
        given = {"password": PASSWORD, "host_key": self.host_key, "username": USER, **other}
        return SftpClient("127.0.0.1", given.pop("port", self.port), given.pop("username"), **given)


def text_of(key: asyncssh.SSHKey) -> str:
    """Write a public key as it is pinned."""
    return b" ".join(key.export_public_key("openssh").split()[:2]).decode()


@asynccontextmanager
async def serving(
    folder: Path,
    *,
    unkind: Unkind | None = None,
    keys: Sequence[asyncssh.SSHKey] = (),
    client_key: asyncssh.SSHKey | None = None,
    sftp: bool = True,
    chroot: bool = True,
    port: int = 0,
) -> AsyncGenerator[Served]:
    """Run a server until the context ends."""
    unkind = unkind or Unkind()
    keys = keys or [asyncssh.generate_private_key("ssh-ed25519")]
    connections: list[asyncssh.SSHServerConnection] = []

    class Login(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            connections.append(conn)

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == (USER, PASSWORD)

        def public_key_auth_supported(self) -> bool:
            return client_key is not None

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            assert client_key is not None
            return username == USER and key.public_data == client_key.public_data

    class Files(asyncssh.SFTPServer):
        def __init__(self, chan: Any) -> None:
            super().__init__(chan, chroot=str(folder).encode() if chroot else None)

        async def _ask(self, what: str, path: bytes) -> None:
            unkind.asked.append((what, path))
            if path in unkind.dies:
                self.connection.abort()
            if path in unkind.hangs | unkind.dies:
                await unkind.go_on.wait()
            if path in unkind.refuses:
                raise unkind.refuses[path]

        async def stat(self, path: bytes) -> Any:
            await self._ask("stat", path)
            return unkind.lies.get(path) or super().stat(path)

        async def lstat(self, path: bytes) -> Any:
            await self._ask("lstat", path)
            return unkind.lies.get(path) or super().lstat(path)

        async def remove(self, path: bytes) -> None:
            await self._ask("remove", path)
            super().remove(path)

        async def rmdir(self, path: bytes) -> None:
            await self._ask("rmdir", path)
            super().rmdir(path)

        async def statvfs(self, path: bytes) -> Any:
            await self._ask("statvfs", path)
            return super().statvfs(path)

        async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
            unkind.asked.append(("list", path))
            if path in unkind.refuses:
                raise unkind.refuses[path]
            for entry in sorted(os.scandir(self.map_path(path)), key=lambda one: one.name):
                name = os.fsencode(entry.name)
                whole = path.rstrip(b"/") + b"/" + name
                found = asyncssh.SFTPAttrs.from_local(entry.stat(follow_symlinks=False))
                answer = asyncssh.SFTPAttrs() if unkind.silent else found
                yield asyncssh.SFTPName(
                    name, attrs=(unkind.listed | unkind.lies).get(whole, answer)
                )
            for one in unkind.more.get(path, ()):
                yield one
            if path in unkind.hangs | unkind.dies:
                await self._ask("list", path)

    listener = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_factory=Login,
        server_host_keys=list(keys),
        sftp_factory=Files if sftp else None,
        # Like a shell: a session is opened, and knows no subsystem.
        process_factory=None if sftp else lambda process: process.exit(0),
        config=[],
    )
    try:
        yield Served(listener.get_port(), folder, text_of(keys[0]), unkind, connections)
    finally:
        unkind.go_on.set()
        listener.close()
        for one in connections:
            one.abort()
        await listener.wait_closed()
