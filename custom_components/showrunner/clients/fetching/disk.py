"""Work on the local disk, in threads of its own, and what its errors mean."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
import errno
import os
from typing import Final, Protocol, Self

from ..errors import ServiceError
from ..offload import whole
from . import staging
from .folder import OtherFolder
from .order import DiskFull, FolderGone, InUse, LocalFailed, LocalUnfit, NameTaken

_THREADS: Final = 4
# Beside them: who waits until the disk has what was written keeps nobody from writing.
_SYNCING: Final = 4
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
# What another file system might hold, and this one never will.
_UNFIT: Final = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EFBIG)


class Closes(Protocol):
    """Something that is open."""

    def close(self) -> None:
        """Close it."""
        ...


class Disk:
    """Threads that touch the disk. What was begun there is waited for, whatever happens."""

    def __init__(self) -> None:
        """Begin with none."""
        self._threads = ThreadPoolExecutor(_THREADS, "showrunner-disk")
        self._syncing = ThreadPoolExecutor(_SYNCING, "showrunner-sync")

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End. Nothing is under way any more."""
        self._threads.shutdown()
        self._syncing.shutdown()

    async def run[*Ts, T](self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """Do something in a thread. Raises ServiceError for what the disk refuses.

        Who is cancelled meanwhile waits until it has ended: it may use what is closed next.
        """
        return await self._run(self._threads, work, *args)

    async def sync[*Ts, T](self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """Do what waits until something is on the disk for certain. Raises as `run` does."""
        return await self._run(self._syncing, work, *args)

    async def _run[*Ts, T](
        self, threads: ThreadPoolExecutor, work: Callable[[*Ts], T], *args: *Ts
    ) -> T:
        job = asyncio.get_running_loop().run_in_executor(threads, work, *args)
        try:
            return await whole(job)
        except OSError as err:
            error = meaning(err)
        raise error

    @asynccontextmanager
    async def opened[T: Closes](self, work: Callable[[], T]) -> AsyncGenerator[T]:
        """Open something in a thread, and close it at the end, whatever happens meanwhile."""
        found: list[T] = []
        try:
            await self.run(lambda: found.append(work()))
            yield found[0]
        finally:
            for one in found:
                await self.run(one.close)


def meaning(err: OSError) -> ServiceError:
    """Say what an error of the local disk means."""
    match err:
        case staging.InUse():
            return InUse()
        case OtherFolder():
            return FolderGone()
        case FileExistsError():
            return NameTaken()
        case _ if err.errno in _FULL:
            return DiskFull()
        case _ if err.errno in _UNFIT:
            return LocalUnfit(os.strerror(err.errno))
    return LocalFailed(os.strerror(err.errno) if err.errno else type(err).__name__)
