"""A server's files over SFTP, asked from Home Assistant's event loop, answered in another thread.

Questions share one connection, which is opened when it is needed and opened anew where it was lost.
Who reads files takes connections of its own (`connections`), inside the thread (`run`). Paths are
bytes, as the server's file system has them. What is removed is looked at first: a file that is one,
or an empty folder, never a link, and never by anything but a whole path.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncssh

from ..domain.text import say
from ..domain.transfer.remote import DEPTH, RemoteFile, RemoteKind, Space
from .errors import NotThere, Refused, ServiceError, TimedOut, Unreachable
from .loop_thread import Ended, LoopThread
from .redaction import conceal
from .sftp_connection import HostKey, Opened, SftpLogin, opened
from .sftp_errors import FAILURES, PRODUCT, failure
from .sftp_session import SftpSession
from .sftp_walk import Part, Walk, is_name, links, remote_file, space

# How long one question may take, a new connection included (seconds). Beyond it the thread itself
# does not answer, and is not waited for.
_ANSWER: Final = 30.0
_IN_ALL: Final = 150.0
# What a server names in every folder.
_DOTS: Final = (b".", b"..")

type Question[T] = Callable[[SftpSession], Awaitable[T]]


class SftpClient:
    """One server, one user."""

    removes = True

    def __init__(
        self,
        host: str,
        port: int,
        username: str,
        *,
        password: str = "",
        private_key: str = "",
        host_key: str = "",
    ) -> None:
        """Take where and how to sign in; nothing is connected yet.

        `host_key` is the confirmed one; without it the server is asked for its own, and nothing
        else. With a private key the password is its passphrase.
        """
        conceal(password)
        self.login = SftpLogin(host, port, username, password, private_key, host_key)
        # What the server told of itself last.
        self.version = ""
        self._thread = LoopThread("showrunner-sftp")
        self._shared = _Shared(self.login)

    async def close(self) -> None:
        """Let go of everything; nothing can be asked any more. May be called twice."""
        with suppress(ServiceError, TimeoutError):
            async with asyncio.timeout(_ANSWER / 10):
                await self.run(self._shared.close())
        await self._thread.stop()

    async def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the thread. Who is cancelled here cancels it there.

        Raises ServiceError for what went wrong with the server, and what else it raises itself.
        """
        try:
            return await self._thread.run(work)
        except Ended:
            error: ServiceError = Unreachable(PRODUCT, say("error_stopped"))
        except (asyncssh.Error, ConnectionError) as err:
            error = failure(err)
        raise error

    # -- asking ----------------------------------------------------------------------------------

    async def connect(self) -> HostKey:
        """Sign in, if that is not done yet; give the host key. Raises HostKeyUnknown too."""
        found = await self._within(self.run(self._shared.get()))
        self.version = found.version
        return found.host_key

    async def stat(self, path: bytes) -> RemoteFile:
        """Look at a file, or at what a link leads to. Raises NotThere too."""
        return remote_file(path, await self._ask(lambda sftp: sftp.stat(path)))

    async def lstat(self, path: bytes) -> RemoteFile:
        """Look at a file, or at a link itself. Raises NotThere too."""
        return remote_file(path, await self._ask(lambda sftp: sftp.lstat(path)))

    async def realpath(self, path: bytes) -> bytes:
        """Write a path whole, as the server does: from its root, through all links."""
        return await self._ask(lambda sftp: sftp.realpath(path))

    async def link_counts(self, folder: bytes) -> Mapping[bytes, int]:
        """Tell of a folder's files how many names each has, where the server tells."""

        async def ask(sftp: SftpSession) -> Mapping[bytes, int]:
            found: dict[bytes, int] = {}
            for entry in await sftp.readdir(folder):
                if isinstance(entry.filename, bytes) and (count := links(entry)) is not None:
                    found[entry.filename] = count
            return found

        return await self._ask(ask)

    async def is_empty(self, folder: bytes) -> bool:
        """Tell whether nothing lies in a folder. Raises NotThere too."""

        async def ask(sftp: SftpSession) -> bool:
            return all(entry.filename in _DOTS for entry in await sftp.readdir(folder))

        return await self._ask(ask)

    async def statvfs(self, path: bytes) -> Space | None:
        """Ask for the room of a folder's file system; None where its server does not tell."""

        async def ask(sftp: SftpSession) -> Space | None:
            try:
                return space(await sftp.statvfs(path))
            except asyncssh.SFTPOpUnsupported:
                return None

        return await self._ask(ask)

    async def walk(self, root: bytes, depth: int = DEPTH) -> AsyncGenerator[Part]:
        """Name everything below a folder, level by level, in parts as they come.

        Raises ServiceError where it can't all be named: only what may not be read is named as such.
        Who stops before the end closes the generator (`contextlib.aclosing`).
        """
        if (await self.stat(root)).kind is not RemoteKind.FOLDER:
            raise NotThere(PRODUCT, 0, say("error_no_folder"))
        walk = Walk(root, depth)
        try:
            await self.run(self._begin(walk))
            while (part := await self.run(walk.next_part())) is not None:
                yield part
        except Unreachable:
            with suppress(ServiceError):
                await self.run(self._shared.close())
            raise
        finally:
            with suppress(ServiceError):  # the thread has ended, and the walk with it
                await self.run(self._end(walk))

    async def _begin(self, walk: Walk) -> None:
        self._shared.walks.add(walk)
        one = await self._shared.get()
        walk.begin(one.sftp, in_order=one.answers_in_order)

    async def _end(self, walk: Walk) -> None:
        await walk.end()
        self._shared.walks.discard(walk)

    # -- changing --------------------------------------------------------------------------------

    async def remove_file(self, path: bytes) -> None:
        """Remove one regular file. Raises Refused for anything else, NotThere where it is gone."""

        async def remove(sftp: SftpSession) -> None:
            await _must_be(RemoteKind.FILE, sftp, path)
            await sftp.remove(path)

        await self._change(remove, path)

    async def remove_empty_folder(self, path: bytes) -> None:
        """Remove one folder, and only an empty one. Raises as `remove_file` does."""

        async def remove(sftp: SftpSession) -> None:
            await _must_be(RemoteKind.FOLDER, sftp, path)
            await sftp.rmdir(path)

        await self._change(remove, path)

    async def rename(self, path: bytes, new: bytes) -> None:
        """Give a file another path, where nothing is yet. Raises as `remove_file` does."""

        async def rename(sftp: SftpSession) -> None:
            await sftp.lstat(path)
            try:
                await sftp.lstat(new)
            except asyncssh.SFTPNoSuchFile:
                await sftp.rename(path, new)
            else:
                raise Refused(PRODUCT, 0, say("error_something_there_already"))

        await self._change(rename, path, new)

    # -- for who reads files, inside the thread ----------------------------------------------------

    @asynccontextmanager
    async def connections(self, count: int) -> AsyncGenerator[SftpPool]:
        """Open connections of one's own, inside the thread; they end with the context."""
        pool = SftpPool(self.login, self._shared.take)
        try:
            for _ in range(count):
                await pool.add()
            yield pool
        finally:
            pool.drop_all()

    # -- how -------------------------------------------------------------------------------------

    async def _ask[T](self, question: Question[T]) -> T:
        """Ask in the thread; once more where a connection from before was lost meanwhile."""
        return await self._within(self.run(self._shared.ask(question, again=True)))

    async def _change(self, change: Question[None], *paths: bytes) -> None:
        if not all(is_whole(path) for path in paths):
            raise Refused(PRODUCT, 0, say("error_no_whole_path"))
        await self._within(self.run(self._shared.ask(change, again=False)))

    async def _within[T](self, answer: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(_IN_ALL):
                return await answer
        except TimeoutError:
            error = TimedOut(PRODUCT, say("error_no_answer_time"))
        raise error


class SftpPool:
    """Connections that read files. Belongs to the thread of its client."""

    def __init__(self, login: SftpLogin, spare: Callable[[], Opened | None]) -> None:
        """Begin with none. `spare` gives one that is open and that nobody needs."""
        self._login = login
        self._spare = spare
        self._opened: list[Opened] = []

    @property
    def opened(self) -> tuple[Opened, ...]:
        """The connections that are there, the oldest first."""
        self._opened = [one for one in self._opened if not one.is_lost]
        return tuple(self._opened)

    async def add(self) -> Opened:
        """Open one more. Raises ServiceError."""
        one = self._spare() or await opened(self._login)
        self._opened.append(one)
        return one

    def drop(self, one: Opened) -> None:
        """Let one go at once."""
        one.drop()
        self._opened = [other for other in self._opened if other is not one]

    def drop_all(self) -> None:
        """Let all go at once."""
        for one in self._opened:
            one.drop()
        self._opened = []


class _Shared:
    """The connection for questions. Belongs to the thread, but for its making."""

    def __init__(self, login: SftpLogin) -> None:
        self._login = login
        self._opened: Opened | None = None
        self._opening = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        # What is under way over it.
        self._questions = 0
        self.walks: set[Walk] = set()

    async def get(self) -> Opened:
        """Give the connection, a new one where there is none. Raises ServiceError."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # another thread than before, if there was one
            self._loop, self._opened, self._opening = loop, None, asyncio.Lock()
        async with self._opening:
            if self._opened is not None and self._opened.is_lost:
                self._opened.drop()
                self._opened = None
            if self._opened is None:
                self._opened = await opened(self._login)
            return self._opened

    def take(self) -> Opened | None:
        """Give the connection away, unless it is in use: who asks next opens another one.

        To open one takes many ways there and back, and who fetches has just asked over this one.
        """
        one = self._opened
        busy = self._questions or self.walks or self._opening.locked()
        if one is None or one.is_lost or busy or asyncio.get_running_loop() is not self._loop:
            return None
        self._opened = None
        return one

    async def close(self) -> None:
        """Let the connection go."""
        if self._opened is not None:
            self._opened.drop()
            self._opened = None

    async def ask[T](self, question: Question[T], *, again: bool) -> T:
        """Ask. Raises ServiceError."""
        known = self._opened
        one = await self.get()
        self._questions += 1
        try:
            async with asyncio.timeout(_ANSWER):
                return await question(one.sftp)
        except ServiceError as err:
            error = err
        except FAILURES as err:
            error = failure(err)
        finally:
            self._questions -= 1
        if isinstance(error, Unreachable):
            one.drop()
            if again and one is known and not isinstance(error, TimedOut):
                return await self.ask(question, again=False)
        raise error


async def _must_be(kind: RemoteKind, sftp: SftpSession, path: bytes) -> None:
    if remote_file(path, await sftp.lstat(path)).kind is not kind:
        raise Refused(PRODUCT, 0, say("error_something_else_there"))


def is_whole(path: bytes) -> bool:
    """Tell whether a path says by itself what it means: from the root, with no way back in it."""
    first, *names = path.split(b"/")
    return not first and bool(names) and all(is_name(name) for name in names)
