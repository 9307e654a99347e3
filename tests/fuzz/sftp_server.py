"""The other side of an SFTP channel: what a server writes, as bytes, where no network is.

Its good answers are written by asyncssh, so that what reads them is held against somebody else's
reading of the protocol. What is fed stands in the place of one answer, framed and numbered rightly,
or is everything that the server ever writes, a packet for each question, after which it hangs up.
"""

import asyncio
from collections.abc import Callable, Iterator
import struct
from typing import Any, Final, cast

import asyncssh
from asyncssh.packet import Byte, String, UInt32

from custom_components.showrunner.clients import sftp_walk
from custom_components.showrunner.clients.sftp_errors import FAILURES, failure
from custom_components.showrunner.clients.sftp_reading import ReadFile, Reads
from custom_components.showrunner.clients.sftp_session import SftpSession

from .wire import MOST_REQUESTS, Endless

INIT, OPEN, CLOSE, READ, FSTAT, OPENDIR, READDIR = 1, 3, 4, 5, 8, 11, 12
REALPATH, STAT, EXTENDED = 16, 17, 200
# What is fed is all that is ever written.
STREAM: Final = "stream"
_NAMES: Final = {
    "OPEN": OPEN,
    "READ": READ,
    "FSTAT": FSTAT,
    "OPENDIR": OPENDIR,
    "READDIR": READDIR,
    "REALPATH": REALPATH,
    "STAT": STAT,
    "EXTENDED": EXTENDED,
}
# Longer than anything here takes on any machine (seconds): who still waits then waits for ever.
_FOR_EVER: Final = 120.0

VERSION: Final = String(Byte(2) + UInt32(3) + String(b"statvfs@openssh.com") + String(b"2"))
HANDLE: Final = Byte(102) + String(b"\0\0\0\x01")
CONTENT: Final = b"[Unit]\nName=Caf\xe9\n"
DATA: Final = Byte(103) + String(CONTENT)
_FILE: Final = asyncssh.SFTPAttrs(
    *(None, len(CONTENT)), uid=1000, gid=1000, permissions=0o100644, atime=9, mtime=1_795_186_800
)
ATTRS: Final = Byte(105) + _FILE.encode(3)
_MORE: Final = asyncssh.SFTPAttrs(permissions=0o40755, extended=[(b"acl@x", b"none")])
_LISTED: Final = (
    asyncssh.SFTPName(
        b"Caf\xe9", b"-rw-r--r--    2 me       us             18 Nov 20 15:00 Caf\xe9", _FILE
    ),
    asyncssh.SFTPName(b"a", b"", _MORE),
)


def status(code: int, reason: bytes = b"no") -> bytes:
    """Say how a question went."""
    return Byte(101) + UInt32(code) + String(reason) + String(b"en")


def listed(times: int = 1) -> bytes:
    """Name what lies in a folder."""
    entries = b"".join(one.encode(3) for one in _LISTED)
    return Byte(104) + UInt32(len(_LISTED) * times) + entries * times


def packet(number: int, answer: bytes) -> bytes:
    """Frame an answer."""
    return UInt32(len(answer) + 4) + answer[:1] + UInt32(number) + answer[1:]


WHOLE: Final = Byte(104) + UInt32(1) + asyncssh.SFTPName(b"/done", b"/done").encode(3)
ROOM: Final = Byte(201) + asyncssh.SFTPVFSAttrs(
    bsize=4096, frsize=4096, blocks=900, bfree=90, bavail=80
).encode(3)
_END: Final = status(1, b"End of file")
# Everything that is written when a folder is listed, two files are read, and one is opened.
LISTING: Final = VERSION + b"".join(
    packet(number, answer)
    for number, answer in enumerate((HANDLE, listed(), *(_END,) * 4, status(0)), 1)
)
READING: Final = VERSION + b"".join(
    packet(number, answer)
    for number, answer in enumerate((HANDLE, status(2), ATTRS, DATA, ATTRS, status(0)), 1)
)
LOOKING: Final = VERSION + b"".join(
    packet(number, answer) for number, answer in enumerate((ATTRS, WHOLE, ROOM), 1)
)
OPENED: Final = VERSION + b"".join(
    packet(number, answer)
    for number, answer in enumerate((HANDLE, ATTRS, DATA, status(1), status(0)), 1)
)
# What a question of a kind and a number is answered with; None at its end: then it hangs up.
type Asked = Callable[[int, int], tuple[bytes | None, ...]]


def plain(parts: int = 1, content: bytes = listed()) -> Asked:
    """Answer as an honest server does, with a folder in so many parts."""
    left = parts

    known = {OPEN: HANDLE, OPENDIR: HANDLE, READ: DATA, FSTAT: ATTRS, CLOSE: status(0)}
    known |= {STAT: ATTRS, REALPATH: WHOLE, EXTENDED: ROOM}

    def answer(kind: int, number: int) -> tuple[bytes, ...]:
        nonlocal left
        if kind == INIT:
            return (VERSION,)
        if kind == READDIR:
            left -= 1
            return (packet(number, content if left >= 0 else _END),)
        return (packet(number, known[kind]),)

    return answer


def odd(path: str, body: bytes) -> Asked:
    """Answer the first question of a kind with what is fed, or all with what it is cut into."""
    if path == STREAM:
        frames = [*((one,) for one in _frames(body))]
        last: tuple[bytes | None, ...] = (*(frames.pop() if frames else ()), None)
        left = iter(frames)
        return lambda *_: next(left, last)
    honest, wanted = plain(), [_NAMES[path]]

    def answer(kind: int, number: int) -> tuple[bytes | None, ...]:
        if kind not in wanted:
            return honest(kind, number)
        wanted.clear()
        return (packet(number, body),)

    return answer


def _frames(body: bytes) -> Iterator[bytes]:
    """Cut where packets say that they end; what says no such thing is written at once."""
    at = 0
    while at < len(body):
        end = len(body)
        if end - at >= 4:
            end = min(end, at + 4 + struct.unpack_from(">I", body, at)[0])
        yield body[at:end]
        at = end


class FakeChannel:
    """Takes what is asked and answers it, in pieces that are no packets."""

    def __init__(self, session: SftpSession, answer: Asked, piece: int = 4096) -> None:
        """Take who asks, and what is answered, in pieces of so many bytes."""
        self._session, self._answer, self._piece = session, answer, piece
        self._came = b""
        self._asked = 0
        self.error: Exception | None = None
        session.connection_made(cast("asyncssh.SSHClientChannel[bytes]", self))

    def write(self, data: bytes) -> None:
        """Take questions; they are answered in a moment."""
        asyncio.get_running_loop().call_soon(self._take, data)

    def abort(self) -> None:
        """Let it go."""

    def _take(self, data: bytes) -> None:
        self._came += data
        at = 0
        try:
            while len(self._came) - at >= 9:
                length, kind, number = struct.unpack_from(">IBI", self._came, at)
                at += 4 + length
                self._asked += 1
                if self._asked > MOST_REQUESTS:
                    raise Endless
                for one in self._answer(kind, number):
                    self._tell(one)
        except Exception as err:  # noqa: BLE001 - who drives it lets it out
            self.error = err
            self._session.connection_lost(None)
        self._came = self._came[at:]

    def _tell(self, content: bytes | None) -> None:
        if content is None:
            self._session.eof_received()
            return
        ends = [3, *range(3 + self._piece, len(content), self._piece), len(content)]
        begin = 0
        for end in ends:
            self._session.data_received(content[begin:end], None)
            begin = end


async def start(answer: Asked) -> None:
    """Open a channel. Raises ServiceError."""
    await _driven(answer, _opened)


async def names(answer: Asked, piece: int = 4096) -> list[Any]:
    """List a folder, and read what is listed as its client does. Raises ServiceError."""

    async def work(channel: SftpSession) -> list[Any]:
        await _opened(channel)
        found = [one async for some in channel.names(b"/done", in_order=True) for one in some]
        return [
            (sftp_walk.remote_file(_bytes(one.filename), one.attrs), sftp_walk.links(one))
            for one in found
        ]

    values: list[Any] = await _driven(answer, work, piece)
    return values


async def reads(answer: Asked, count: int = 2) -> dict[bytes, Any]:
    """Read some small files until there are no more to come. Raises ServiceError."""

    async def work(channel: SftpSession) -> dict[bytes, Any]:
        await _opened(channel)
        wanted = Reads(channel, {b"/done/%d" % number: 64 for number in range(count)})
        found: dict[bytes, ReadFile] = {}
        while values := await wanted.next():
            assert not found.keys() & values.keys()
            found |= values
        assert all(len(one.data) <= 64 for one in found.values()), "more than was asked for"
        return {
            path: (_seen(one.before), one.data, _seen(one.after)) for path, one in found.items()
        }

    values: dict[bytes, Any] = await _driven(answer, work)
    return values


async def looks(answer: Asked) -> tuple[Any, bytes, Any]:
    """Look at a file, write a path whole, and ask for the room. Raises ServiceError."""

    async def work(channel: SftpSession) -> tuple[Any, bytes, Any]:
        await _opened(channel)
        seen, whole = _seen(await channel.stat(b"/done/a")), await channel.realpath(b".")
        return seen, whole, sftp_walk.space(await channel.statvfs(b"/done"))

    values: tuple[Any, bytes, Any] = await _driven(answer, work)
    return values


async def opened(answer: Asked) -> tuple[Any, list[bytes]]:
    """Open a file, look at it, and read two pieces of it at once. Raises ServiceError."""

    async def work(channel: SftpSession) -> tuple[Any, list[bytes]]:
        await _opened(channel)
        file = await channel.open_file(b"/done/a")
        seen = _seen(await file.stat())
        pieces = await asyncio.gather(file.read(64, 0), file.read(64, 64), return_exceptions=True)
        await file.close()
        for one in pieces:
            if isinstance(one, BaseException):
                raise one
        assert all(len(one) <= 64 for one in pieces), "more than was asked for"
        return seen, list(pieces)

    answered: tuple[Any, list[bytes]] = await _driven(answer, work)
    return answered


async def _opened(channel: SftpSession) -> None:
    await channel.start()


def _seen(attrs: asyncssh.SFTPAttrs) -> Any:
    return sftp_walk.remote_file(b"a", attrs)


def _bytes(name: bytes | str) -> bytes:
    assert isinstance(name, bytes)
    return name


async def _driven(answer: Asked, work: Callable[[SftpSession], Any], piece: int = 4096) -> Any:
    channel = SftpSession(lambda: None)
    server = FakeChannel(channel, answer, piece)
    try:
        async with asyncio.timeout(_FOR_EVER) as limit:
            try:
                return await work(channel)
            except FAILURES as err:  # as everybody does who asks
                if isinstance(err, AssertionError):
                    raise
                error = failure(err)
            finally:
                if server.error is not None:
                    raise server.error
    finally:
        assert not limit.expired(), "it waits for ever"
        channel.close()
    raise error
