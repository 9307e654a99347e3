"""The seedbox's SSH server: its files over SFTP, for one user with a password.

What it shows is the seedbox's folder, under the path that the torrent client names, and nothing
else of this machine. It has the same host key as long as it lives, and another in another world.
"""

from functools import partial
from pathlib import Path
from typing import Any, Final, override

import asyncssh

from .world import Keys

_HOST: Final = "127.0.0.1"


class Sftp:
    """The server. `port` is 0 while it does not run."""

    def __init__(self, keys: Keys, folder: Path) -> None:
        """Take who may sign in, and what they see."""
        self._keys = keys
        self._folder = folder
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._open: set[asyncssh.SSHServerConnection] = set()
        self._server: asyncssh.SSHAcceptor | None = None
        self.port = 0

    @property
    def host_key(self) -> str:
        """Its public key, as it is written in files of known hosts."""
        return b" ".join(self._key.export_public_key("openssh").split()[:2]).decode()

    async def start(self, port: int = 0) -> None:
        """Listen on this machine only."""
        self._server = await asyncssh.listen(
            _HOST,
            port or self.port,
            server_factory=partial(_Login, self._keys, self._open),
            server_host_keys=[self._key],
            sftp_factory=partial(_Files, self._folder),
            encoding=None,
        )
        self.port = self._server.get_port()

    async def stop(self) -> None:
        """Take no more connections, and end those that there are; `start` takes the same port."""
        if self._server is not None:
            self._server.close()
            for connection in tuple(self._open):
                connection.abort()
            await self._server.wait_closed()
            self._server = None


class _Login(asyncssh.SSHServer):
    def __init__(self, keys: Keys, opened: set[asyncssh.SSHServerConnection]) -> None:
        self._keys = keys
        self._opened = opened
        self._mine: asyncssh.SSHServerConnection | None = None

    @override
    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._mine = conn
        self._opened.add(conn)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._mine is not None:
            self._opened.discard(self._mine)

    @override
    def password_auth_supported(self) -> bool:
        return True

    @override
    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (self._keys.torrent_user, self._keys.torrents)


class _Files(asyncssh.SFTPServer):
    """A folder of this machine under its own path, and nothing beside it."""

    def __init__(self, folder: Path, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel)
        self._root = str(folder).encode()

    @override
    def map_path(self, path: bytes) -> bytes:
        whole = super().map_path(path)
        if whole != self._root and not whole.startswith(self._root + b"/"):
            raise asyncssh.SFTPNoSuchFile("No such file")
        return whole

    @override
    def realpath(self, path: bytes) -> Any:
        return super().realpath(path or self._root)
