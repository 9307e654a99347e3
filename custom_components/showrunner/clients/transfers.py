"""What the server of a file transfer is asked, over whatever it speaks."""

from collections.abc import AsyncGenerator
from typing import Protocol

from ..domain.transfer.remote import RemoteFile, Space


class Login(Protocol):
    """Where a client signs in."""

    @property
    def host(self) -> str:
        """The server."""
        ...


class TransferClient(Protocol):
    """One server, one user. `removes`: whether files can be removed there as exactly as we want."""

    removes: bool
    version: str

    @property
    def login(self) -> Login:
        """Where it signs in."""
        ...

    async def connect(self) -> object:
        """Sign in, if that is not done yet. Raises ServiceError."""
        ...

    async def stat(self, path: bytes) -> RemoteFile:
        """Look at a file, or at what a link leads to. Raises NotThere too."""
        ...

    async def lstat(self, path: bytes) -> RemoteFile:
        """Look at a file, or at a link itself. Raises NotThere too."""
        ...

    async def realpath(self, path: bytes) -> bytes:
        """Write a path whole, as the server does."""
        ...

    async def statvfs(self, path: bytes) -> Space | None:
        """Ask for the room of a folder's file system; None where its server does not tell."""
        ...

    def walk(self, root: bytes) -> AsyncGenerator[tuple[RemoteFile, ...]]:
        """Name everything below a folder."""
        ...

    async def close(self) -> None:
        """Let go of everything. May be called twice."""
        ...
