"""What can be asked of a server's files over a channel."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Final

import asyncssh

from . import sftp_packets as packets
from .sftp_channel import SftpChannel, until
from .sftp_reading import OpenFile, Reads

# Questions for names that are under way at once: few for a small folder, more for a large one.
_FIRST_NAMES: Final = 2
_MOST_NAMES: Final = 16


class SftpSession(SftpChannel):
    """A channel over which files are asked for."""

    def read_files(self, files: Mapping[bytes, int]) -> Reads:
        """Read so many bytes of the beginning of each file; they are all asked for at once."""
        return Reads(self, files)

    async def open_file(self, path: bytes) -> OpenFile:
        """Open a file to read. Raises what `failure` knows, and ServiceError."""
        kind, body = await self.answer(packets.OPEN, packets.opening(path))
        if kind != packets.HANDLE:
            raise packets.refused(kind, body)
        return OpenFile(self, packets.string(packets.handle(body)))

    async def names(self, folder: bytes) -> AsyncGenerator[list[asyncssh.SFTPName]]:
        """Name what lies in a folder, in parts. Raises what `failure` knows, and ServiceError.

        Several parts are asked for at once: only of a server that answers one after the other.
        """
        kind, body = await self.answer(packets.OPENDIR, packets.string(folder))
        if kind != packets.HANDLE:
            raise packets.refused(kind, body)
        handle = packets.string(packets.handle(body))
        under_way: list[asyncio.Future[tuple[int, bytes]]] = []
        most, more = _FIRST_NAMES, True
        try:
            while more or under_way:
                while more and len(under_way) < most:
                    under_way.append(self.future(packets.READDIR, handle))
                kind, body = await until(under_way.pop(0))
                if kind == packets.NAME:
                    most = min(most + 2, _MOST_NAMES)
                    yield packets.names(body)
                elif kind == packets.STATUS and packets.uint(body, 0) == packets.EOF:
                    more = False
                else:
                    raise packets.refused(kind, body)
        finally:
            self.forget(handle)
