"""What all ways to fetch files share: what is fetched in which version, the room, and the rate."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any, Final

from ...domain.text import say
from ...domain.transfer.connections import Connections
from ...domain.transfer.sizes import FileClass, has_room
from ...domain.transfer.tree import Version, shown
from ..errors import NotThere, Refused
from .crew import Crew
from .disk import Disk
from .in_flight import InFlight
from .order import (
    DiskFull,
    FetchOrder,
    Limits,
    LocalUnfit,
    NameTaken,
    Progress,
    RemoteChanged,
)
from .remote import READ, Pool
from .staging import Staging

# How often a file is fetched that changes meanwhile, or that is refused.
_TRIES: Final = 3
# Bytes of a block that are read at once and then written, and of all that is read at once.
PIECE: Final = 4 * READ
_MOST_PIECES: Final = 16
_MOST_IN_FLIGHT: Final = _MOST_PIECES * PIECE
# Batches of small files that are under way at once over each connection: with them 512 files, each
# of which takes two ways there and back. A server may have as many open as a program usually may.
BATCHES: Final = 8
# So many whole files are at hand for each that is read: some are opened, and others looked at once
# more and had on the disk, while the line is busy.
_AT_HAND: Final = 2
# With how many connections is begun: where each is slowed down for itself, it is seen sooner that
# more are faster.
_BEGIN_WITH: Final = {FileClass.SMALL: 1, FileClass.MIDDLE: 4, FileClass.BIG: 2}
# More connections than this help nobody with small files.
_MOST_FOR_SMALL: Final = 4


class Fetching:
    """One release that is fetched. `versions` is what was fetched in the end."""

    def __init__(
        self,
        order: FetchOrder,
        staging: Staging,
        pool: Pool,
        disk: Disk,
        limits: Limits,
        progress: Progress,
        states: dict[FileClass, Connections],
    ) -> None:
        """Take everything by hand. `states`: what was learnt of the line, and is learnt now."""
        self._order = order
        self._staging = staging
        self._pool = pool
        self._disk = disk
        self._limits = limits
        self._progress = progress
        self._states = states
        self._in_flight = InFlight(_MOST_IN_FLIGHT)
        self._reading = asyncio.Semaphore(limits.parallel_files)
        self.versions = dict(order.files)
        self._tries: dict[bytes, int] = {}
        # Blocks that are there for good, of all files.
        self._blocks = 0

    def _crew(self, kind: FileClass) -> Crew:
        limits, progress = self._limits, self._progress
        many: dict[FileClass, Callable[[int], int]] = {
            FileClass.SMALL: lambda count: BATCHES * count,
            FileClass.MIDDLE: lambda _: _AT_HAND * limits.parallel_files,
            # As many as there is room for, and at least one over each.
            FileClass.BIG: lambda count: max(min(limits.lanes * count, _MOST_PIECES), count),
        }
        small = kind is FileClass.SMALL
        most = min(limits.segments, _MOST_FOR_SMALL) if small else limits.segments
        state = self._states.get(kind)
        if state is None or state.limit != most:
            state = Connections(most, count=min(_BEGIN_WITH[kind], most))
        return Crew(
            self._pool,
            state,
            workers=many[kind],
            done=lambda: progress.files_done if small else progress.received,
            timing=limits.timing,
            kept=lambda: progress.files_done + self._blocks,
        )

    async def _watch_room(self, left: Callable[[], Collection[bytes]]) -> None:
        """Look every so often whether there is room for the files that are left."""
        while True:
            await asyncio.sleep(self._limits.save_every)
            await self.must_have_room(sum(self.versions[path].size for path in left()))

    async def must_have_room(self, need: int) -> None:
        """Raise DiskFull unless so many bytes more fit."""
        if not has_room(need, await self._disk.run(self._staging.space)):
            raise DiskFull

    async def _wait_for_turn(self, size: int) -> None:
        pause = self._progress.pace.take(size, asyncio.get_running_loop().time())
        if pause:
            await asyncio.sleep(pause)

    def changed(self, path: bytes, version: Version | None) -> bool:
        """Take the version that it has now, to fetch it once more. Raises RemoteChanged."""
        tries = self._tries[path] = self._tries.get(path, 0) + 1
        if version is None or tries >= _TRIES:
            raise RemoteChanged(say("transfer_goes_on_changing", name=shown(path)))
        self._progress.bytes_total += version.size - self.versions[path].size
        self.versions[path] = version
        return False

    def _refused(self, path: bytes, err: Refused) -> bool:
        """Try again what a server refused; it may have too many files open. Raises Refused."""
        tries = self._tries[path] = self._tries.get(path, 0) + 1
        if isinstance(err, RemoteChanged | NotThere | LocalUnfit | NameTaken) or tries >= _TRIES:
            raise err
        return False


async def guarded[T](work: Coroutine[Any, Any, T], guard: Coroutine[Any, Any, None]) -> T:
    """Do something as long as its guard has nothing against it. Both have ended afterwards."""
    loop = asyncio.get_running_loop()
    working, guarding = loop.create_task(work), loop.create_task(guard)
    try:
        await asyncio.wait((working, guarding), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await guarding
        return await working
    finally:
        working.cancel()
        guarding.cancel()
        await asyncio.gather(working, guarding, return_exceptions=True)
