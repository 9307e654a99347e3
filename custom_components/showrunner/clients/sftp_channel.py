"""One channel for SFTP, for very many questions and very many bytes.

asyncssh makes a task, a future and a packet of each question, and copies what is answered several
times; with thousands of small files, or a fast line, that is most of the work there is. Here
questions are written together, and answered by what is called. Belongs to the thread of its
connection, as everything about it does.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, Self, override

import asyncssh

from . import sftp_packets as packets
from .sftp_errors import FAILURES, failure

# So much may be on its way over one channel: enough for 200 MB/s from 40 ms away.
_WINDOW: Final = 8 * 1024 * 1024

type Answer = Callable[[int, bytes], None]
type Lost = Callable[[Exception], None]


class SftpChannel(asyncssh.SSHClientSession[bytes]):
    """One channel. `heard` is called whenever something is answered."""

    def __init__(self, heard: Callable[[], None] = lambda: None) -> None:
        """Take whom to tell; it is not open yet."""
        self.heard = heard
        # What the server can do beyond its version.
        self.extensions: frozenset[bytes] = frozenset()
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
        """Wait until the version is agreed on. Raises what `failure` knows."""
        await self._started

    def _greet(self) -> None:
        """Say which version is spoken."""
        hello = bytes((packets.INIT,)) + packets.UINT.pack(packets.OURS)
        self._write(packets.string(hello))

    @property
    def is_lost(self) -> bool:
        """Tell whether nothing is answered any more."""
        return self._error is not None

    def close(self) -> None:
        """Let it go at once."""
        self._fail(EOFError())
        if self._channel is not None:
            self._channel.abort()

    async def answer(self, kind: int, body: bytes) -> tuple[int, bytes]:
        """Ask one thing, and wait for the answer. Raises ServiceError when the connection is lost.

        The bytes that were read of a file are given without the number before them.
        """
        return await until(self.future(kind, body))

    def future(self, kind: int, body: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Ask one thing; who waits for the answer does so with `until`."""
        made: asyncio.Future[tuple[int, bytes]] = self._loop.create_future()

        def answer(told: int, rest: bytes) -> None:
            if not made.done():
                made.set_result((told, rest))
            elif told == packets.HANDLE:  # who asked has gone meanwhile
                self.forget(packets.string(packets.handle(rest)))

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
        self._questions.append(packets.HEAD.pack(len(body) + 5, kind, self._number) + body)

    def forget(self, handle: bytes) -> None:
        """Have a file or folder closed that is open. Nobody waits for the answer."""
        self.ask(packets.CLOSE, handle, _nothing, _nothing_more)

    def _flush(self) -> None:
        questions, self._questions = self._questions, []
        self._write(b"".join(questions))

    def _write(self, data: bytes) -> None:
        if self._error is not None or self._channel is None:
            return
        try:
            self._channel.write(data)
        except OSError as err:
            self._fail(err)

    # -- what is answered ------------------------------------------------------------------------

    @override
    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan
        # Right behind the question for SFTP: as OpenSSH's own client does, nobody waits for the
        # answer to that first.
        self._loop.call_soon(self._greet)

    @override
    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if datatype is not None or self._error is not None:
            return  # what the server says to people, or after what was no SFTP
        self.heard()
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
        self._take(packets.DATA, self._of, b"".join(pieces))
        return rest

    def _read_all(self) -> None:
        """Read what has come whole. Raises ValueError, KeyError."""
        came = self._came
        at, size = 0, len(came)
        while size - at >= packets.LENGTH:
            (length,) = packets.UINT.unpack_from(came, at)
            if not packets.LEAST <= length <= packets.LONGEST:
                raise ValueError("length")
            end = at + packets.LENGTH + length
            if size < end:
                if size - at >= packets.DATA_HEAD and came[at + packets.LENGTH] == packets.DATA:
                    self._begin_data(at, length)
                    return
                break
            _, kind, number = packets.HEAD.unpack_from(came, at)
            if kind == packets.DATA:
                start = at + packets.data_head(came, at, length)
                self._take(kind, number, bytes(memoryview(came)[start:end]))
            else:
                self._take(kind, number, bytes(came[at + 9 : end]))
            at = end
        del came[:at]

    def _begin_data(self, at: int, length: int) -> None:
        """Begin with the bytes of a file of which more is to come: they are not copied around."""
        came = self._came
        _, _, self._of = packets.HEAD.unpack_from(came, at)
        start = at + packets.data_head(came, at, length)
        self._pieces = [came[start:]]
        self._to_come = at + packets.LENGTH + length - len(came)
        self._came = bytearray()

    def _take(self, kind: int, number: int, body: bytes) -> None:
        if kind == packets.VERSION and not self._started.done():
            if number != packets.OURS:  # where others have the number of their question
                raise ValueError("version")
            self.extensions = packets.extensions(body)
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


def _nothing(_: int, __: bytes) -> None:
    """Take it that a file is closed."""


def _nothing_more(_: Exception) -> None:
    """Take it that the connection is lost, and with it what was open."""


def _fail[T](who: asyncio.Future[T], err: Exception) -> None:
    if not who.done():
        who.set_exception(err)
        who.exception()  # also where nobody waits


async def until[T](ended: asyncio.Future[T]) -> T:
    """Wait for an answer. Raises ServiceError when the connection is lost before."""
    try:
        return await ended
    except FAILURES as err:
        error = failure(err)
    raise error
