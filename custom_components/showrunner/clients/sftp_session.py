"""What can be asked of a server's files over a channel."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final

import asyncssh

from . import sftp_packets as packets
from .sftp_channel import SftpChannel, until
from .sftp_reading import OpenFile, Reads

# Questions for names that are under way at once: few for a small folder, and so many more for each
# that is answered, for a large one.
_FIRST_NAMES: Final = 2
_MORE_NAMES: Final = 4
_MOST_NAMES: Final = 48


class SftpSession(SftpChannel):
    """A channel over which files are asked for.

    asyncssh's own client would be a second session beside it: a server that is far away answers
    several times for each, and some let in only one.
    """

    def read_files(self, files: Mapping[bytes, int]) -> Reads:
        """Read so many bytes of the beginning of each file; they are all asked for at once."""
        return Reads(self, files)

    async def open_file(self, path: bytes) -> OpenFile:
        """Open a file to read. Raises what `failure` knows, and ServiceError."""
        kind, body = await self.answer(packets.OPEN, packets.opening(path))
        if kind != packets.HANDLE:
            raise packets.refused(kind, body)
        return OpenFile(self, packets.string(packets.handle(body)))

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Look at a file, or at what a link leads to. Raises what `failure` knows, ServiceError."""
        return await self._look(packets.STAT, path)

    async def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Look at a file, or at a link itself. Raises as `stat` does."""
        return await self._look(packets.LSTAT, path)

    async def _look(self, kind: int, path: bytes) -> asyncssh.SFTPAttrs:
        kind, body = await self.answer(kind, packets.string(path))
        attrs = packets.attrs_of(kind, body)
        if attrs is None:
            raise packets.refused(kind, body)
        return attrs

    async def realpath(self, path: bytes) -> bytes:
        """Write a path whole, as the server does. Raises as `stat` does."""
        kind, body = await self.answer(packets.REALPATH, packets.string(path))
        if kind != packets.NAME:
            raise packets.refused(kind, body)
        match packets.names(body):
            case [asyncssh.SFTPName(filename=bytes(whole))]:
                return whole
        raise ValueError("no one name")

    async def statvfs(self, path: bytes) -> asyncssh.SFTPVFSAttrs:
        """Ask for the room of a file system. Raises as `stat` does; SFTPOpUnsupported."""
        if packets.STATVFS not in self.extensions:
            raise asyncssh.SFTPOpUnsupported("")
        asked = packets.string(packets.STATVFS) + packets.string(path)
        kind, body = await self.answer(packets.EXTENDED, asked)
        if kind != packets.EXTENDED_REPLY:
            raise packets.refused(kind, body)
        return packets.room(body)

    async def remove(self, path: bytes) -> None:
        """Remove a file. Raises as `stat` does."""
        await self._do(packets.REMOVE, packets.string(path))

    async def rmdir(self, path: bytes) -> None:
        """Remove an empty folder. Raises as `stat` does."""
        await self._do(packets.RMDIR, packets.string(path))

    async def rename(self, path: bytes, new: bytes) -> None:
        """Give a file another path, where nothing is yet. Raises as `stat` does."""
        await self._do(packets.RENAME, packets.string(path) + packets.string(new))

    async def _do(self, kind: int, asked: bytes) -> None:
        kind, body = await self.answer(kind, asked)
        if kind != packets.STATUS or packets.uint(body, 0) != packets.OK:
            raise packets.refused(kind, body)

    async def readdir(self, folder: bytes) -> list[asyncssh.SFTPName]:
        """Name all that lies in a folder. Raises as `stat` does."""
        async with aclosing(self.names(folder)) as parts:
            return [one async for part in parts for one in part]

    async def names(
        self, folder: bytes, *, in_order: bool = False
    ) -> AsyncGenerator[list[asyncssh.SFTPName]]:
        """Name what lies in a folder, in parts. Raises as `stat` does.

        Of a server that answers `in_order` several parts are asked for at once.
        """
        kind, body = await self.answer(packets.OPENDIR, packets.string(folder))
        if kind != packets.HANDLE:
            raise packets.refused(kind, body)
        handle = packets.string(packets.handle(body))
        under_way: list[asyncio.Future[tuple[int, bytes]]] = []
        most, more = _FIRST_NAMES if in_order else 1, True
        try:
            while more or under_way:
                while more and len(under_way) < most:
                    under_way.append(self.future(packets.READDIR, handle))
                kind, body = await until(under_way.pop(0))
                if kind == packets.NAME:
                    most = min(most + _MORE_NAMES, _MOST_NAMES) if in_order else 1
                    yield packets.names(body)
                elif kind == packets.STATUS and packets.uint(body, 0) == packets.EOF:
                    more = False
                else:
                    raise packets.refused(kind, body)
        finally:
            self.forget(handle)
