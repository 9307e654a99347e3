"""Reading remote files: every call has a time-out, and its failures are our own errors."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Protocol, Self

import asyncssh

from ...domain.text import say
from ...domain.transfer.remote import DEPTH, RemoteKind
from ...domain.transfer.tree import Version, version_of
from ..errors import ServiceError, Unreadable
from ..sftp_connection import Opened
from ..sftp_errors import FAILURES, PRODUCT, failure
from ..sftp_walk import Walk, remote_file

# The longest read that OpenSSH answers whole; four of them fill a block.
READ: Final = 261_120
# How long a connection may be silent while something is asked over it (seconds).
ANSWER: Final = 30.0


class Connections(Protocol):
    """Connections of one's own to a server: what `SftpClient.connections` gives."""

    async def add(self) -> Opened:
        """Open one more. Raises ServiceError."""
        ...

    def drop(self, one: Opened) -> None:
        """Let one go at once."""
        ...


class RemoteFiles:
    """The files of a server, over one connection. Paths are whole, and bytes."""

    def __init__(self, opened: Opened, answer: float = ANSWER) -> None:
        """Take the connection, and how long it may be silent (seconds)."""
        self.opened = opened
        self.sftp = opened.sftp
        self.line = Line(answer)
        self.sftp.heard = self.line.hear

    async def open(self, path: bytes) -> RemoteReader:
        """Open a file to read. Raises ServiceError."""
        return RemoteReader(await asked(self.sftp.open_file(path), self.line), self.line)

    async def read_small(
        self, files: Mapping[bytes, int]
    ) -> AsyncGenerator[dict[bytes, SmallFile]]:
        """Read so many bytes of the beginning of each file, all at once. Raises ServiceError.

        They are given as they come. What is not answered plainly is left out.
        """
        reads = self.sftp.read_files(files)
        try:
            while told := await asked(reads.next(), self.line):
                yield {
                    path: SmallFile(_version(one.before), one.data, _version(one.after))
                    for path, one in told.items()
                }
        finally:
            reads.close()

    async def versions(self, root: bytes, path: bytes) -> dict[bytes, Version]:
        """List the files of a release below a folder, by their paths in it. Raises ServiceError.

        What the server does not tell enough of raises Unreadable.
        """
        whole = root.rstrip(b"/") + b"/" + path
        first = remote_file(whole, await asked(self.sftp.lstat(whole), self.line))
        found = [first]
        if first.kind is RemoteKind.FOLDER:
            walk = Walk(whole, DEPTH)
            walk.begin(self.sftp, in_order=self.opened.answers_in_order)
            try:
                while (part := await walk.next_part()) is not None:
                    found += part
            finally:
                await walk.end()
        versions: dict[bytes, Version] = {}
        for one in found:
            if one.kind not in (RemoteKind.FILE, RemoteKind.CLOSED):
                continue
            version = version_of(one)
            if version is None:
                raise Unreadable(PRODUCT, say("error_folder_not_told_whole"))
            versions[one.path.removeprefix(root.rstrip(b"/") + b"/")] = version
        return versions


@dataclass(frozen=True, slots=True)
class SmallFile:
    """What was read of a small file, and which version was open before and after."""

    before: Version | None
    data: bytes
    after: Version | None


def _version(attrs: asyncssh.SFTPAttrs) -> Version | None:
    return version_of(remote_file(b"", attrs))


class Readable(Protocol):
    """An open file, as `OpenFile` and asyncssh have it. Raises what `failure` knows."""

    async def stat(self) -> asyncssh.SFTPAttrs:
        """Look at it."""
        ...

    async def read(self, size: int, offset: int) -> bytes:
        """Read at the most so many bytes."""
        ...

    async def close(self) -> None:
        """Close it."""
        ...


class RemoteReader:
    """A remote file that is open for reading. Closes without waiting."""

    def __init__(self, file: Readable, line: Line) -> None:
        """Take the open file, and the line that it is read over."""
        self._file = file
        self._line = line

    async def __aenter__(self) -> Self:
        """Read."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    async def version(self) -> Version | None:
        """Say which version is open; None when the server does not tell. Raises ServiceError."""
        return _version(await asked(self._file.stat(), self._line))

    async def read(self, offset: int, size: int) -> bytes:
        """Read so many bytes from an offset on; fewer only at the file's end."""
        data = await self._read(offset, size)
        while 0 < len(data) < size:
            more = await self._read(offset + len(data), size - len(data))
            if not more:
                break
            data += more
        return data

    async def _read(self, offset: int, size: int) -> bytes:
        data = await asked(self._file.read(size, offset), self._line)
        if len(data) > size:
            raise Unreadable(PRODUCT, say("error_answer_not_sftp"))
        return data

    def close(self) -> None:
        """Let the server know that no more is read; nobody waits for its answer."""
        task = asyncio.get_running_loop().create_task(_closed(self._file, self._line))
        _CLOSING.add(task)
        task.add_done_callback(_CLOSING.discard)


_CLOSING: Final[set[asyncio.Task[None]]] = set()


async def _closed(file: Readable, line: Line) -> None:
    try:
        await asked(file.close(), line)
    except ServiceError:
        return  # the connection is gone, and the open file with it


class Line:
    """One connection: how long it may be silent (seconds), and when it answered last."""

    def __init__(self, answer: float) -> None:
        """Take how long. Nothing was heard yet."""
        self.answer = answer
        self.heard = float("-inf")

    def hear(self) -> None:
        """Take it that something was answered."""
        self.heard = asyncio.get_running_loop().time()


async def asked[T](question: Awaitable[T], line: Line) -> T:
    """Ask a server. Raises ServiceError.

    A connection answers one question after the other, so a question may wait for long behind our
    own others: it is given up when nothing at all is answered over its connection for too long.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    timer = asyncio.timeout(None)
    watch: asyncio.TimerHandle

    def look() -> None:
        nonlocal watch
        due = max(begun, line.heard) + line.answer
        if loop.time() < due:
            watch = loop.call_at(due, look)
        else:
            timer.reschedule(loop.time())

    watch = loop.call_at(begun + line.answer, look)
    try:
        async with timer:
            answer = await question
    except FAILURES as err:
        error = failure(err)
    else:
        line.hear()
        return answer
    finally:
        watch.cancel()
    raise error


async def together[T](works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do several things at once; when one fails, the others are ended before it is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Pool:
    """Connections by their numbers: opened when they are needed, and anew where one was lost."""

    def __init__(self, connections: Connections, answer: float = ANSWER) -> None:
        """Take who opens them, and how long each may be silent (seconds)."""
        self._connections = connections
        self._answer = answer
        self._files: dict[int, RemoteFiles] = {}
        self._opening: dict[int, asyncio.Lock] = {}

    async def get(self, number: int) -> RemoteFiles:
        """Give a connection. Raises ServiceError where it can't be opened."""
        lock = self._opening.setdefault(number, asyncio.Lock())
        async with lock:
            known = self._files.get(number)
            if known is None:
                known = self._files[number] = RemoteFiles(
                    await self._connections.add(), self._answer
                )
            return known

    def is_open(self, number: int) -> bool:
        """Tell whether there is such a connection."""
        return number in self._files

    def is_opening(self, number: int) -> bool:
        """Tell whether somebody opens it at this moment."""
        lock = self._opening.get(number)
        return not self.is_open(number) and lock is not None and lock.locked()

    async def answers(self, number: int) -> bool:
        """Tell whether a connection answers at this moment, or can be opened."""
        try:
            files = await self.get(number)
        except ServiceError:
            return False
        try:
            await asked(files.sftp.realpath(b"."), files.line)
        except ServiceError:
            self.drop(number, files)
            return False
        return True

    def drop(self, number: int, files: RemoteFiles) -> None:
        """Let one go that was lost, or does not answer."""
        if self._files.get(number) is files:
            del self._files[number]
            self._connections.drop(files.opened)

    def keep(self, count: int) -> None:
        """Let go of all but so many."""
        for number in [number for number in self._files if number >= count]:
            self._connections.drop(self._files.pop(number).opened)
