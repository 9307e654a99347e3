"""SFTP over a channel of its own, for very many questions and very many bytes.

asyncssh makes a task, a future and a packet of each question, and copies what is answered several
times; with thousands of small files, or a fast line, that is most of the work there is. Here
questions are written together, and answered by what is called. It is the third version of SFTP
(draft-ietf-secsh-filexfer-02), which every server speaks. Belongs to the thread of its connection,
as everything about it does.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
import stat
import struct
from typing import Final, Self, override

import asyncssh

from .sftp_errors import FAILURES, failure

_INIT: Final = 1
_VERSION: Final = 2
_OPEN: Final = 3
_CLOSE: Final = 4
_READ: Final = 5
_FSTAT: Final = 8
_OPENDIR: Final = 11
_READDIR: Final = 12
_STATUS: Final = 101
_HANDLE: Final = 102
_DATA: Final = 103
_NAME: Final = 104
_ATTRS: Final = 105
_EOF: Final = 1
_FOR_READING: Final = 1
# The version that is spoken.
_OURS: Final = 3

_HAS_SIZE: Final = 0x1
_HAS_OWNER: Final = 0x2
_HAS_MODE: Final = 0x4
_HAS_TIMES: Final = 0x8
_HAS_MORE: Final = 0x80000000

_HEAD: Final = struct.Struct(">IBI")
_UINT: Final = struct.Struct(">I")
_SPAN: Final = struct.Struct(">QI")
# Nothing that is asked for here is answered with more.
_LONGEST: Final = 512 * 1024
# How long the number before each packet is, and the least that follows: its kind and its number.
_LENGTH: Final = 4
_LEAST: Final = 5
# What stands before the bytes that were read: the length of all, its kind, its number, and theirs.
_DATA_HEAD: Final = 13
# So much may be on its way over one channel: enough for 200 MB/s from 40 ms away.
_WINDOW: Final = 8 * 1024 * 1024
_LONGEST_HANDLE: Final = 256
# Questions for names that are under way at once: few for a small folder, more for a large one.
_FIRST_NAMES: Final = 2
_MOST_NAMES: Final = 16
_TYPES: Final[Mapping[int, int]] = {
    stat.S_IFREG: asyncssh.FILEXFER_TYPE_REGULAR,
    stat.S_IFDIR: asyncssh.FILEXFER_TYPE_DIRECTORY,
    stat.S_IFLNK: asyncssh.FILEXFER_TYPE_SYMLINK,
}

type Answer = Callable[[int, bytes], None]
type Lost = Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read of an open file at once, and what was told of it before and after."""

    before: asyncssh.SFTPAttrs
    data: bytes
    after: asyncssh.SFTPAttrs


class SftpChannel(asyncssh.SSHClientSession[bytes]):
    """One channel. `heard` is called whenever something is answered."""

    def __init__(self, heard: Callable[[], None]) -> None:
        """Take whom to tell; it is not open yet."""
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._came = bytearray()
        # What has come of an answer that holds bytes of a file, and how much of it is to come.
        self._pieces: list[bytes | bytearray] = []
        self._to_come = 0
        self._of = 0
        self._questions: list[bytes] = []
        self._waiting: dict[int, tuple[Answer, Lost]] = {}
        self._number = 0
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._error: Exception | None = None

    @classmethod
    async def open(
        cls, ssh: asyncssh.SSHClientConnection, heard: Callable[[], None] = lambda: None
    ) -> Self:
        """Open one over a connection. Raises ServiceError."""
        made = cls(heard)
        try:
            await ssh.create_session(
                lambda: made,
                subsystem="sftp",
                encoding=None,
                env=(),
                send_env=(),
                window=_WINDOW,
            )
            await made.start()
        except FAILURES as err:
            error = failure(err)
        else:
            return made
        raise error

    async def start(self) -> None:
        """Agree on the version. Raises what `failure` knows."""
        assert self._channel is not None
        self._channel.write(_UINT.pack(5) + bytes((_INIT,)) + _UINT.pack(_OURS))
        await self._started

    @property
    def is_lost(self) -> bool:
        """Tell whether nothing is answered any more."""
        return self._error is not None

    def close(self) -> None:
        """Let it go at once."""
        self._fail(EOFError())
        if self._channel is not None:
            self._channel.abort()

    # -- what is asked ---------------------------------------------------------------------------

    def read_files(self, files: Mapping[bytes, int]) -> Reads:
        """Read so many bytes of the beginning of each file; they are all asked for at once."""
        return Reads(self, files)

    async def open_file(self, path: bytes) -> OpenFile:
        """Open a file to read. Raises what `failure` knows, and ServiceError."""
        kind, body = await self.answer(_OPEN, _opening(path))
        if kind != _HANDLE:
            raise _refused(kind, body)
        return OpenFile(self, _string(_handle(body)))

    async def names(self, folder: bytes) -> AsyncGenerator[list[asyncssh.SFTPName]]:
        """Name what lies in a folder, in parts. Raises what `failure` knows, and ServiceError.

        Several parts are asked for at once: only of a server that answers one after the other.
        """
        kind, body = await self.answer(_OPENDIR, _string(folder))
        if kind != _HANDLE:
            raise _refused(kind, body)
        handle = _handle(body)
        under_way: list[asyncio.Future[tuple[int, bytes]]] = []
        most, more = _FIRST_NAMES, True
        try:
            while more or under_way:
                while more and len(under_way) < most:
                    under_way.append(self._future(_READDIR, _string(handle)))
                kind, body = await _until(under_way.pop(0))
                if kind == _NAME:
                    most = min(most + 2, _MOST_NAMES)
                    yield _names(body)
                elif kind == _STATUS and _uint(body, 0) == _EOF:
                    more = False
                else:
                    raise _refused(kind, body)
        finally:
            self.ask(_CLOSE, _string(handle), _nothing, _nothing_more)

    async def answer(self, kind: int, body: bytes) -> tuple[int, bytes]:
        """Ask one thing, and wait for the answer. Raises ServiceError when the connection is lost.

        The bytes that were read of a file are given without the number before them.
        """
        return await _until(self._future(kind, body))

    def _future(self, kind: int, body: bytes) -> asyncio.Future[tuple[int, bytes]]:
        made: asyncio.Future[tuple[int, bytes]] = self._loop.create_future()

        def answer(told: int, rest: bytes) -> None:
            if not made.done():
                made.set_result((told, rest))

        self.ask(kind, body, answer, partial(_fail, made))
        return made

    def ask(self, kind: int, body: bytes, answer: Answer, lost: Lost) -> None:
        """Ask one thing, together with what else is asked in this moment.

        `answer` is called with the kind of the answer and the rest of it, `lost` with what went
        wrong with the connection before.
        """
        if self._error is not None:
            lost(self._error)
            return
        if not self._questions:
            self._loop.call_soon(self._flush)
        self._number = (self._number + 1) & 0xFFFFFFFF
        self._waiting[self._number] = (answer, lost)
        self._questions.append(_HEAD.pack(len(body) + 5, kind, self._number) + body)

    def _flush(self) -> None:
        questions, self._questions = self._questions, []
        if self._error is not None or self._channel is None:
            return
        try:
            self._channel.write(b"".join(questions))
        except OSError as err:
            self._fail(err)

    # -- what is answered ------------------------------------------------------------------------

    @override
    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan

    @override
    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if datatype is not None or self._error is not None:
            return  # what the server says to people, or after what was no SFTP
        self._heard()
        try:
            if self._to_come:
                data = self._more(data)
            if data:
                self._came += data
                self._read_all()
        except ValueError, KeyError:
            self._fail(ValueError("no SFTP"))

    def _more(self, data: bytes) -> bytes:
        """Take in more of the bytes of a file; give what comes behind them."""
        if len(data) < self._to_come:
            self._pieces.append(data)
            self._to_come -= len(data)
            return b""
        self._pieces.append(data[: self._to_come])
        rest = data[self._to_come :]
        self._to_come = 0
        pieces, self._pieces = self._pieces, []
        self._take(_DATA, self._of, b"".join(pieces))
        return rest

    def _read_all(self) -> None:
        """Read what has come whole. Raises ValueError, KeyError."""
        came = self._came
        at, size = 0, len(came)
        while size - at >= _LENGTH:
            (length,) = _UINT.unpack_from(came, at)
            if not _LEAST <= length <= _LONGEST:
                raise ValueError("length")
            end = at + _LENGTH + length
            if size < end:
                if size - at >= _DATA_HEAD and came[at + _LENGTH] == _DATA:
                    self._begin_data(at, length)
                    return
                break
            _, kind, number = _HEAD.unpack_from(came, at)
            if kind == _DATA:
                start = at + _data_head(came, at, length)
                self._take(kind, number, bytes(memoryview(came)[start:end]))
            else:
                self._take(kind, number, bytes(came[at + 9 : end]))
            at = end
        del came[:at]

    def _begin_data(self, at: int, length: int) -> None:
        """Begin with the bytes of a file of which more is to come: they are not copied around."""
        came = self._came
        _, _, self._of = _HEAD.unpack_from(came, at)
        start = at + _data_head(came, at, length)
        self._pieces = [came[start:]]
        self._to_come = at + _LENGTH + length - len(came)
        self._came = bytearray()

    def _take(self, kind: int, number: int, body: bytes) -> None:
        if kind == _VERSION and not self._started.done():
            if number != _OURS:  # where others have the number of their question
                raise ValueError("version")
            self._started.set_result(None)
            return
        answer, _ = self._waiting[number]
        answer(kind, body)
        # Only now: who asked is told as well when the answer is none.
        del self._waiting[number]

    @override
    def eof_received(self) -> bool:
        self._fail(EOFError())
        return False

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or EOFError())

    def _fail(self, err: Exception) -> None:
        self._error = self._error or err
        waiting, self._waiting = self._waiting, {}
        _fail(self._started, err)
        for _, lost in waiting.values():
            lost(err)


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
        self._ask(_OPEN, _opening(self._path), self._opened)

    def _ask(self, kind: int, body: bytes, answer: Answer) -> None:
        self._reads.channel.ask(kind, body, answer, self._reads.lost)

    def _opened(self, kind: int, body: bytes) -> None:
        if kind != _HANDLE:
            self._reads.ended(self._path, None)
            return
        self._handle = _string(_handle(body))
        if self._reads.over:
            self._close()
            return
        self._ask(_FSTAT, self._handle, self._looked)
        self._ask(_READ, self._handle + _SPAN.pack(0, self._size), self._read)
        self._ask(_FSTAT, self._handle, self._looked_again)

    def _looked(self, kind: int, body: bytes) -> None:
        self._before = _attrs_of(kind, body)
        self._answered()

    def _read(self, kind: int, body: bytes) -> None:
        if kind == _DATA:
            # More than was asked for would be kept for very many files at once.
            self._data = body if len(body) <= self._size else None
        elif kind == _STATUS and _uint(body, 0) == _EOF:
            self._data = b""
        self._answered()

    def _looked_again(self, kind: int, body: bytes) -> None:
        self._after = _attrs_of(kind, body)
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
        self._ask(_CLOSE, self._handle, _nothing)


class OpenFile:
    """A file that is open to read, as asyncssh has it."""

    __slots__ = ("_channel", "_handle")

    def __init__(self, channel: SftpChannel, handle: bytes) -> None:
        """Take the channel, and what the server calls the file."""
        self._channel = channel
        self._handle = handle

    async def stat(self) -> asyncssh.SFTPAttrs:
        """Look at it. Raises what `failure` knows, and ServiceError."""
        kind, body = await self._channel.answer(_FSTAT, self._handle)
        attrs = _attrs_of(kind, body)
        if attrs is None:
            raise _refused(kind, body)
        return attrs

    async def read(self, size: int, offset: int) -> bytes:
        """Read at the most so many bytes; none at its end. Raises as `stat` does."""
        kind, body = await self._channel.answer(_READ, self._handle + _SPAN.pack(offset, size))
        if kind == _DATA and len(body) <= size:
            return body
        if kind == _STATUS and _uint(body, 0) == _EOF:
            return b""
        raise _refused(kind, body)

    async def close(self) -> None:
        """Close it. Nobody waits for the answer."""
        self._channel.ask(_CLOSE, self._handle, _nothing, _nothing_more)


def _nothing(_: int, __: bytes) -> None:
    """Take it that a file is closed."""


def _nothing_more(_: Exception) -> None:
    """Take it that the connection is lost, and with it what was open."""


def _fail[T](who: asyncio.Future[T], err: Exception) -> None:
    if not who.done():
        who.set_exception(err)
        who.exception()  # also where nobody waits


async def _until[T](ended: asyncio.Future[T]) -> T:
    """Wait for an answer. Raises ServiceError when the connection is lost before."""
    try:
        return await ended
    except FAILURES as err:
        error = failure(err)
    raise error


def _opening(path: bytes) -> bytes:
    return _string(path) + _UINT.pack(_FOR_READING) + _UINT.pack(0)


def _data_head(came: bytearray, at: int, length: int) -> int:
    """Say how much stands before the bytes of a file. Raises ValueError: they are not the rest."""
    if length < _DATA_HEAD - _LENGTH or _UINT.unpack_from(came, at + 9)[0] + 9 != length:
        raise ValueError("data")
    return _DATA_HEAD


def _string(value: bytes) -> bytes:
    return _UINT.pack(len(value)) + value


def _uint(body: bytes, at: int) -> int:
    """Read a number. Raises ValueError where an answer is cut off, which `failure` knows."""
    try:
        (value,) = _UINT.unpack_from(body, at)
    except struct.error:
        raise ValueError("cut off") from None
    return int(value)


def _text(body: bytes, at: int) -> tuple[bytes, int]:
    """Read a string, and say where it ends. Raises ValueError."""
    end = at + 4 + _uint(body, at)
    if end > len(body):
        raise ValueError("string")
    return body[at + 4 : end], end


def _handle(body: bytes) -> bytes:
    handle, _ = _text(body, 0)
    if len(handle) > _LONGEST_HANDLE:
        raise ValueError("handle")
    return handle


def _attrs_of(kind: int, body: bytes) -> asyncssh.SFTPAttrs | None:
    return _attrs(body, 0)[0] if kind == _ATTRS else None


def _attrs(body: bytes, at: int) -> tuple[asyncssh.SFTPAttrs, int]:
    """Read what is told of a file, and say where it ends. Raises ValueError."""
    flags = _uint(body, at)
    at += 4
    size = mtime = None
    kind = asyncssh.FILEXFER_TYPE_UNKNOWN
    if flags & _HAS_SIZE:
        size = _uint(body, at) << 32 | _uint(body, at + 4)
        at += 8
    if flags & _HAS_OWNER:
        at += 8
    if flags & _HAS_MODE:
        kind = _TYPES.get(stat.S_IFMT(_uint(body, at)), asyncssh.FILEXFER_TYPE_SPECIAL)
        at += 4
    if flags & _HAS_TIMES:
        mtime = _uint(body, at + 4)
        at += 8
    if flags & _HAS_MORE:
        count = _uint(body, at)
        at += 4
        for _ in range(2 * count):
            _, at = _text(body, at)
    if at > len(body):
        raise ValueError("cut off")
    return asyncssh.SFTPAttrs(type=kind, size=size, mtime=mtime), at


def _names(body: bytes) -> list[asyncssh.SFTPName]:
    at, found = 4, list[asyncssh.SFTPName]()
    for _ in range(_uint(body, 0)):
        name, at = _text(body, at)
        line, at = _text(body, at)
        attrs, at = _attrs(body, at)
        found.append(asyncssh.SFTPName(name, line, attrs))
    return found


def _refused(kind: int, body: bytes) -> Exception:
    """Say what an answer means that is not what was asked for."""
    if kind != _STATUS:
        return ValueError("another answer")
    code = _uint(body, 0)
    reason = _text(body, 4)[0] if body[4:] else b""
    known = {
        2: asyncssh.SFTPNoSuchFile,
        3: asyncssh.SFTPPermissionDenied,
        5: asyncssh.SFTPBadMessage,
        6: asyncssh.SFTPNoConnection,
        7: asyncssh.SFTPConnectionLost,
    }
    text = reason.decode("utf-8", "replace")
    return known[code](text) if code in known else asyncssh.SFTPError(code, text)
