"""Files that are read over a channel: one that is open, and the beginnings of very many at once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncssh

from . import sftp_packets as packets
from .sftp_channel import Answer, SftpChannel
from .sftp_errors import failure


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read of an open file at once, and what was told of it before and after."""

    before: asyncssh.SFTPAttrs
    data: bytes
    after: asyncssh.SFTPAttrs


class OpenFile:
    """A file that is open to read, as asyncssh has it."""

    __slots__ = ("_channel", "_handle")

    def __init__(self, channel: SftpChannel, handle: bytes) -> None:
        """Take the channel, and what the server calls the file."""
        self._channel = channel
        self._handle = handle

    async def stat(self) -> asyncssh.SFTPAttrs:
        """Look at it. Raises what `failure` knows, and ServiceError."""
        kind, body = await self._channel.answer(packets.FSTAT, self._handle)
        attrs = packets.attrs_of(kind, body)
        if attrs is None:
            raise packets.refused(kind, body)
        return attrs

    async def read(self, size: int, offset: int) -> bytes:
        """Read at the most so many bytes; none at its end. Raises as `stat` does."""
        span = packets.SPAN.pack(offset, size)
        kind, body = await self._channel.answer(packets.READ, self._handle + span)
        if kind == packets.DATA and len(body) <= size:
            return body
        if kind == packets.STATUS and packets.uint(body, 0) == packets.EOF:
            return b""
        raise packets.refused(kind, body)

    async def close(self) -> None:
        """Close it. Nobody waits for the answer."""
        self._channel.forget(self._handle)


class Reads:
    """The beginnings of many files, as they come."""

    def __init__(self, channel: SftpChannel, files: Mapping[bytes, int]) -> None:
        """Ask for all of them."""
        self.channel = channel
        self.over = False
        self._came: dict[bytes, ReadFile] = {}
        self._left = len(files)
        self._error: Exception | None = None
        self._news = asyncio.Event()
        for path, size in files.items():
            _Reading(self, path, size).begin()

    async def next(self) -> dict[bytes, ReadFile]:
        """Wait for some more of them; nothing once there are no more to come.

        What a server does not answer plainly, such as a file that is not there, is left out: why is
        for who asks for it alone. Raises ServiceError when the connection is lost.
        """
        while not self._came and self._left and self._error is None:
            self._news.clear()
            await self._news.wait()
        came, self._came = self._came, {}
        if not came and self._left and self._error is not None:
            raise failure(self._error)
        return came

    def close(self) -> None:
        """Take it that nobody waits any more: no further one is read."""
        self.over = True

    def ended(self, path: bytes, told: ReadFile | None) -> None:
        """Take in one of them; None: it was not answered plainly."""
        self._left -= 1
        if told is not None:
            self._came[path] = told
        self._news.set()

    def lost(self, err: Exception) -> None:
        """Take it that the connection is lost."""
        self._error = err
        self._news.set()


class _Reading:
    """One small file on its way: opened, looked at, read, looked at again, and closed."""

    __slots__ = ("_after", "_before", "_data", "_handle", "_left", "_path", "_reads", "_size")

    def __init__(self, reads: Reads, path: bytes, size: int) -> None:
        self._reads, self._path, self._size = reads, path, size
        self._handle = b""
        self._left = 3
        self._before: asyncssh.SFTPAttrs | None = None
        self._data: bytes | None = None
        self._after: asyncssh.SFTPAttrs | None = None

    def begin(self) -> None:
        """Open it."""
        self._ask(packets.OPEN, packets.opening(self._path), self._opened)

    def _ask(self, kind: int, body: bytes, answer: Answer) -> None:
        self._reads.channel.ask(kind, body, answer, self._reads.lost)

    def _opened(self, kind: int, body: bytes) -> None:
        if kind != packets.HANDLE:
            self._reads.ended(self._path, None)
            return
        self._handle = packets.string(packets.handle(body))
        if self._reads.over:
            self._close()
            return
        self._ask(packets.FSTAT, self._handle, self._looked)
        self._ask(packets.READ, self._handle + packets.SPAN.pack(0, self._size), self._read)
        self._ask(packets.FSTAT, self._handle, self._looked_again)

    def _looked(self, kind: int, body: bytes) -> None:
        self._before = packets.attrs_of(kind, body)
        self._answered()

    def _read(self, kind: int, body: bytes) -> None:
        if kind == packets.DATA:
            # More than was asked for would be kept for very many files at once.
            self._data = body if len(body) <= self._size else None
        elif kind == packets.STATUS and packets.uint(body, 0) == packets.EOF:
            self._data = b""
        self._answered()

    def _looked_again(self, kind: int, body: bytes) -> None:
        self._after = packets.attrs_of(kind, body)
        self._answered()

    def _answered(self) -> None:
        self._left -= 1
        if self._left:
            return
        self._close()
        if self._before is None or self._data is None or self._after is None:
            self._reads.ended(self._path, None)
        else:
            self._reads.ended(self._path, ReadFile(self._before, self._data, self._after))

    def _close(self) -> None:
        self._reads.channel.forget(self._handle)
