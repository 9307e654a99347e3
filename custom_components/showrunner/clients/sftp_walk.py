"""What lies below a folder at the other end, level by level, in parts as they come.

Links are named and never followed, and each folder is looked at before it is entered, so that
nothing leads round in a circle or out of the folder. A server whose names are no names is not
believed at all.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import aclosing
import re
from typing import Final

import asyncssh

from ..domain.text import say
from ..domain.transfer.remote import RemoteFile, RemoteKind, Space
from ..domain.values import LARGEST
from .errors import NotThere, Refused, ServiceError, Unreachable, Unreadable
from .sftp_errors import FAILURES, PRODUCT, failure
from .sftp_session import SftpSession

# Folders that are listed at the same time.
_AT_ONCE: Final = 8
# How many files a part names at the most, and how many parts wait to be taken.
_PART: Final = 500
_AHEAD: Final = 4
# How long a server may take for the next names (seconds).
_NEXT: Final = 60.0
_LINKS: Final = re.compile(rb"[-bcdlps][-rwxsStT]{9}[.+@]?\s+([0-9]{1,9})\s")
# The latest year that file systems write, in seconds since 1970.
_LAST_TIME: Final = 2**34
_KINDS: Final[Mapping[int, RemoteKind]] = {
    asyncssh.FILEXFER_TYPE_REGULAR: RemoteKind.FILE,
    asyncssh.FILEXFER_TYPE_DIRECTORY: RemoteKind.FOLDER,
    asyncssh.FILEXFER_TYPE_SYMLINK: RemoteKind.LINK,
}

type Part = tuple[RemoteFile, ...]


def remote_file(path: bytes, attrs: asyncssh.SFTPAttrs) -> RemoteFile:
    """Read what a server says of a file. What is absurd is not told."""
    size, mtime = attrs.size, attrs.mtime
    return RemoteFile(
        path,
        _KINDS.get(attrs.type, RemoteKind.OTHER),
        size if size is not None and size <= LARGEST else None,
        mtime if mtime is not None and mtime <= _LAST_TIME else None,
    )


def links(entry: asyncssh.SFTPName) -> int | None:
    """Read how many names a file has; None where its server does not tell.

    The third version has no field for it, but its line for people has (recorded with OpenSSH 9.2:
    `-rw-r--r--    2 user     group        5 Nov 30 11:40 name`).
    """
    if entry.attrs.nlink is not None:
        return entry.attrs.nlink
    line = entry.longname if isinstance(entry.longname, bytes) else b""
    found = _LINKS.match(line)
    return int(found[1]) if found else None


def space(attrs: asyncssh.SFTPVFSAttrs) -> Space | None:
    """Read what a server says of the room it has; None where that can't be."""
    unit = attrs.frsize or attrs.bsize
    return Space.of(attrs.bavail * unit, attrs.blocks * unit)


def is_name(name: bytes) -> bool:
    """Tell whether a folder can have something of this name."""
    return name not in (b"", b".", b"..") and b"/" not in name and b"\0" not in name


class Walk:
    """One walk below a folder. Belongs to the thread of its client."""

    def __init__(self, root: bytes, depth: int) -> None:
        """Take where to begin, and how many levels of folders are entered."""
        self._root = root
        self._depth = depth
        self._parts: asyncio.Queue[Part] = asyncio.Queue(_AHEAD)
        # What is said at the end: nothing once all has been named.
        self._error: ServiceError | None = Unreachable(PRODUCT, say("error_stopped"))
        self._task: asyncio.Task[None] | None = None
        self._in_order = False

    def begin(self, sftp: SftpSession, *, in_order: bool = False) -> None:
        """Begin to list; a server that answers in order is asked for several parts at once."""
        self._in_order = in_order
        self._task = asyncio.get_running_loop().create_task(self._run(sftp))

    async def next_part(self) -> Part | None:
        """Wait for the next files; None when all have been named. Raises ServiceError."""
        try:
            return await self._parts.get()
        except asyncio.QueueShutDown:
            error = self._error
        if error is not None:
            raise error
        return None

    async def end(self) -> None:
        """List no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self, sftp: SftpSession) -> None:
        try:
            await self._levels(sftp)
            self._error = None
        except* ServiceError as group:
            self._error = _first(group)
        finally:
            self._parts.shutdown()

    async def _levels(self, sftp: SftpSession) -> None:
        level = [self._root]
        for _ in range(self._depth):
            if not level:
                return
            folders, deeper = iter(level), list[bytes]()
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_AT_ONCE, len(level))):
                    group.create_task(self._work(sftp, folders, deeper))
            level = deeper
        if level:
            raise Unreadable(PRODUCT, say("error_folders_too_deep"))

    async def _work(self, sftp: SftpSession, folders: Iterator[bytes], deeper: list[bytes]) -> None:
        for folder in folders:
            try:
                if folder == self._root or await _is_folder(sftp, folder):
                    await self._list(sftp, folder, deeper)
                continue
            except FAILURES as err:
                error = failure(err)
            if folder == self._root or not isinstance(error, Refused):
                raise error
            if not isinstance(error, NotThere):  # gone since its name was read: there is nothing
                await self._parts.put((RemoteFile(folder, RemoteKind.CLOSED, None, None),))

    async def _list(self, sftp: SftpSession, folder: bytes, deeper: list[bytes]) -> None:
        clock = asyncio.get_running_loop().time
        listed = sftp.names(folder, in_order=self._in_order)
        part: list[RemoteFile] = []
        # A file system that was written to a moment before may begin anew in the middle.
        named: set[bytes] = set()
        async with asyncio.timeout(_NEXT) as limit, aclosing(listed) as entries:
            async for some in entries:
                for entry in some:
                    one = await _named(sftp, folder, entry)
                    if one is None or one.path in named:
                        continue
                    named.add(one.path)
                    part.append(one)
                    if one.kind is RemoteKind.FOLDER:
                        deeper.append(one.path)
                    if len(part) >= _PART:
                        # Who takes the parts may take their time.
                        limit.reschedule(None)
                        await self._give(part)
                        limit.reschedule(clock() + _NEXT)
        await self._give(part)

    async def _give(self, part: list[RemoteFile]) -> None:
        if part:
            await self._parts.put(tuple(part))
            part.clear()


async def _named(sftp: SftpSession, folder: bytes, entry: asyncssh.SFTPName) -> RemoteFile | None:
    """Read one entry of a folder; None for what is none, or is gone. Raises ValueError."""
    name = entry.filename
    if name in (b".", b".."):
        return None
    if not isinstance(name, bytes) or not is_name(name):
        raise ValueError("no name")
    path = folder.rstrip(b"/") + b"/" + name
    if entry.attrs.type != asyncssh.FILEXFER_TYPE_UNKNOWN:
        return remote_file(path, entry.attrs)
    # Some servers say nothing more of what they list.
    try:
        return remote_file(path, await sftp.lstat(path))
    except asyncssh.SFTPNoSuchFile:
        return None


async def _is_folder(sftp: SftpSession, path: bytes) -> bool:
    """Tell whether it is a folder itself, and no link to one."""
    async with asyncio.timeout(_NEXT):
        return remote_file(path, await sftp.lstat(path)).kind is RemoteKind.FOLDER


def _first(group: BaseExceptionGroup[ServiceError]) -> ServiceError:
    found = group.exceptions[0]
    return found if isinstance(found, ServiceError) else _first(found)
