"""Fetches files into the staging folder: many small ones at once, others whole or in segments.

Of each file the version is looked at before and after: one that is not as it was listed, or is
longer or shorter than its server says, is fetched once more as it is now, and then given up.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from itertools import batched
from typing import Any, Final

from ...domain.text import say
from ...domain.transfer.connections import Connections
from ...domain.transfer.sizes import FileClass, by_class, has_room
from ...domain.transfer.tree import Version, shown
from ..errors import NotThere, Refused, ServiceError
from . import parts
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
from .parts import Part
from .remote import READ, Pool, RemoteFiles, RemoteReader, SmallFile, together
from .staging import Staging

# How often a file is fetched that changes meanwhile, or that is refused.
_TRIES: Final = 3
# Reads of one whole file that are under way at once.
_AHEAD: Final = 8
# What is noted at once of a file that is fetched whole.
MIDDLE_BLOCK: Final = READ
# Bytes of a block that are read at once and then written, and of all that is read at once.
_PIECE: Final = 4 * READ
_MOST_PIECES: Final = 16
_MOST_IN_FLIGHT: Final = _MOST_PIECES * _PIECE
# Batches of small files that are under way at once over each connection: with them 512 files, each
# of which takes two ways there and back. A server may have as many open as a program usually may.
_BATCHES: Final = 8
# So many whole files are at hand for each that is read: some are opened, and others looked at once
# more and had on the disk, while the line is busy.
_AT_HAND: Final = 2
# With how many connections is begun: where each is slowed down for itself, it is seen sooner that
# more are faster.
_BEGIN_WITH: Final = {FileClass.SMALL: 1, FileClass.MIDDLE: 4, FileClass.BIG: 2}
# More connections than this help nobody with small files.
_MOST_FOR_SMALL: Final = 4


class FileFetcher:
    """Fetches the files of one release. `versions` is what was fetched in the end."""

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

    async def fetch(self, wanted: Collection[bytes]) -> None:
        """Fetch files; where that is interrupted, what is there stays. Raises ServiceError."""
        try:
            await _guarded(self._fetch(wanted), self._note_small())
        except BaseException:
            with suppress(ServiceError):
                await self._disk.sync(self._staging.note)
            raise

    async def _fetch(self, wanted: Collection[bytes]) -> None:
        kinds = by_class({path: self.versions[path] for path in wanted})
        await self._all_small(kinds[FileClass.SMALL])
        await self._all(FileClass.MIDDLE, kinds[FileClass.MIDDLE])
        for path in kinds[FileClass.BIG]:
            await self._big(path)

    def _crew(self, kind: FileClass) -> Crew:
        limits, progress = self._limits, self._progress
        many: dict[FileClass, Callable[[int], int]] = {
            FileClass.SMALL: lambda count: _BATCHES * count,
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

    async def _all(self, kind: FileClass, paths: Collection[bytes]) -> None:
        """Fetch many files, each at once."""
        if not paths:
            return
        crew, items = self._crew(kind), deque(paths)

        async def do(number: int, files: RemoteFiles, path: bytes) -> None:
            self._progress.connections = crew.state.count
            if await self._one(files, path):
                self._progress.files_done += 1
            else:
                items.append(path)

        await _guarded(crew.run(items, do), self._watch_room(lambda: tuple(items)))
        self._states[kind] = crew.state

    async def _all_small(self, paths: Collection[bytes]) -> None:
        """Fetch many small files, many of them with each question."""
        if not paths:
            return
        crew, items = self._crew(FileClass.SMALL), self._batches(paths)
        done: set[bytes] = set()

        async def do(number: int, files: RemoteFiles, batch: tuple[bytes, ...]) -> None:
            self._progress.connections = crew.state.count
            # What was put back when a connection was lost may be there in part.
            for odd in await self._batch(files, [one for one in batch if one not in done], done):
                items.append((odd,))

        def left() -> list[bytes]:
            return [path for batch in tuple(items) for path in batch]

        await _guarded(crew.run(items, do), self._watch_room(left))
        self._states[FileClass.SMALL] = crew.state

    def _batches(self, paths: Collection[bytes]) -> deque[tuple[bytes, ...]]:
        """Share small files out: so many, and so many bytes, are asked for with each question."""
        found: deque[tuple[bytes, ...]] = deque()
        batch: list[bytes] = []
        size = 0
        for path in paths:
            one = self.versions[path].size
            if batch and (len(batch) >= 2 * self._limits.small_at_once or size + one > _PIECE):
                found.append(tuple(batch))
                batch, size = [], 0
            batch.append(path)
            size += one
        found.append(tuple(batch))
        return found

    async def _batch(
        self, files: RemoteFiles, paths: Collection[bytes], done: set[bytes]
    ) -> list[bytes]:
        """Fetch some small files at once; name those that are to be fetched once more."""
        local = {self._order.remote(path): path for path in paths}
        # One byte more than there should be of each: it must not come.
        wanted = {
            remote: size + 1
            for remote, path in local.items()
            if FileClass.of(size := self.versions[path].size) is FileClass.SMALL
        }
        in_all = sum(wanted.values())
        await self._wait_for_turn(in_all)
        async with self._in_flight.take(in_all), aclosing(files.read_small(wanted)) as parts:
            async for told in parts:
                await self._take_small(told, local, done)
        # What is odd is looked at by itself: it has changed, or is refused.
        odd = [path for path in paths if path not in done]
        left: list[bytes] = []

        async def alone(path: bytes) -> None:
            if await self._one(files, path):
                done.add(path)
                self._progress.files_done += 1
            else:
                left.append(path)

        for some in batched(odd, max(1, self._limits.small_at_once // _BATCHES), strict=False):
            await together(alone(path) for path in some)
        return left

    async def _take_small(
        self, told: Mapping[bytes, SmallFile], local: Mapping[bytes, bytes], done: set[bytes]
    ) -> None:
        """Write what has come whole, in just its version."""
        self._progress.received += sum(len(one.data) for one in told.values())
        whole = [
            (path, one.data, version.mtime)
            for remote, one in told.items()
            for path in [local[remote]]
            if one.before == one.after == (version := self.versions[path])
            if len(one.data) == version.size
        ]
        await self._disk.run(self._staging.write_several, whole)
        done.update(path for path, _, _ in whole)
        self._progress.files_done += len(whole)
        self._progress.bytes_done += sum(len(data) for _, data, _ in whole)

    async def _one(self, files: RemoteFiles, path: bytes) -> bool:
        """Fetch a file, small or not by what it is now; tell whether it is whole."""
        small = FileClass.of(self.versions[path].size) is FileClass.SMALL
        try:
            async with await files.open(self._order.remote(path)) as reader:
                return await (self._small if small else self._middle)(reader, path)
        except Refused as err:
            return self._refused(path, err)

    async def _small(self, reader: RemoteReader, path: bytes) -> bool:
        """Fetch a small file: all questions are asked at once, and answered in their order."""
        version = self.versions[path]
        await self._wait_for_turn(version.size)
        # One byte more than there should be: it must not come.
        async with self._in_flight.take(version.size + 1):
            before, data, after = await _asked_at_once(reader, version.size + 1)
            self._progress.received += len(data)
            if not before == after == version or len(data) != version.size:
                return self.changed(path, after)
            await self._disk.run(self._staging.write, path, data, version.mtime)
        self._progress.bytes_done += version.size
        return True

    async def _middle(self, reader: RemoteReader, path: bytes) -> bool:
        """Fetch a whole file, over one connection; what of it is there stays."""
        version = self.versions[path]
        if (now := await reader.version()) != version:
            return self.changed(path, now)
        begin = partial(Part.open, self._staging, path, version, MIDDLE_BLOCK)
        async with self._disk.opened(begin) as part:
            async with self._under_way(path, part):
                whole, after = await _guarded(self._read_whole(reader, part), self._save(part))
            if whole:
                await self._disk.sync(part.finish)
                return True
            self._progress.bytes_done -= part.blocks.done_bytes
            if after in (None, version):
                await self._disk.sync(part.save)
        if after not in (None, version):
            await self._disk.run(parts.drop, self._staging, path)
        return self.changed(path, after)

    @asynccontextmanager
    async def _under_way(self, path: bytes, part: Part) -> AsyncGenerator[None]:
        """Show how far a file is; where that is interrupted, what is there is kept for later."""
        self._progress.bytes_done += part.blocks.done_bytes
        self._progress.under_way[path] = part.blocks
        try:
            yield
        except BaseException:
            # Counted anew by who goes on with it.
            self._progress.bytes_done -= part.blocks.done_bytes
            with suppress(ServiceError):
                await self._disk.sync(part.save)
            raise
        finally:
            del self._progress.under_way[path]

    async def _read_whole(self, reader: RemoteReader, part: Part) -> tuple[bool, Version | None]:
        """Read what is missing of a file; tell whether it is whole, and its version now."""
        try:
            async with self._reading:
                await self._read_all(reader, part)
            return await self._is_whole(reader, part)
        except _CutShort:
            return False, await reader.version()

    async def _read_all(self, reader: RemoteReader, part: Part) -> None:
        """Read all blocks of a file, some of them at once."""
        left = deque(part.blocks.missing)

        async def read() -> None:
            while left:
                await self._block(reader, part, left.popleft())

        await together(read() for _ in range(min(_AHEAD, len(left))))

    async def _block(self, reader: RemoteReader, part: Part, number: int) -> None:
        """Read one block, and write it. One that is cut short stays undone."""
        start, size = part.blocks.span(number)
        for at in range(start, start + size, _PIECE):
            await self._piece(reader, part, at, min(_PIECE, start + size - at))
        part.blocks.finish(number)
        self._blocks += 1
        self._progress.bytes_done += size

    async def _piece(self, reader: RemoteReader, part: Part, start: int, size: int) -> None:
        """Read what is held in the memory at once, and write it."""
        await self._wait_for_turn(size)
        spans = [(start + at, min(READ, size - at)) for at in range(0, size, READ)]
        async with self._in_flight.take(size):
            chunks = await together(self._read(reader, at, length) for at, length in spans)
            if [len(chunk) for chunk in chunks] != [length for _, length in spans]:
                raise _CutShort
            await self._disk.run(part.write, chunks, start)

    async def _read(self, reader: RemoteReader, at: int, length: int) -> bytes:
        chunk = await reader.read(at, length)
        self._progress.received += len(chunk)
        return chunk

    async def _is_whole(self, reader: RemoteReader, part: Part) -> tuple[bool, Version | None]:
        """Tell whether a file that was read is what it was, and ends where it should.

        Its version as it is now is given, too.
        """
        version = part.blocks.version
        beyond, after = await asyncio.gather(reader.read(version.size, 1), reader.version())
        return not part.blocks.left and not beyond and after == version, after

    # -- big files -------------------------------------------------------------------------------

    async def _big(self, path: bytes) -> None:
        """Fetch a big file in segments, over several connections; what is there stays."""
        while not await self._big_once(path):
            pass
        self._progress.files_done += 1

    async def _big_once(self, path: bytes) -> bool:
        version, limits = self.versions[path], self._limits
        if FileClass.of(version.size) is not FileClass.BIG:
            kind = FileClass.of(version.size)
            await (
                self._all_small((path,)) if kind is FileClass.SMALL else self._all(kind, (path,))
            )
            self._progress.files_done -= 1
            return True
        segments = _Segments(self._order.remote(path), version)
        begin = partial(Part.open, self._staging, path, version, limits.block)
        async with self._disk.opened(begin) as part:
            try:
                async with self._under_way(path, part):
                    whole = await _guarded(self._segments(part, segments), self._save(part))
            finally:
                segments.close()
            if whole:
                await self._disk.sync(part.finish)
                return True
            self._progress.bytes_done -= part.blocks.done_bytes
            if not segments.changed:
                await self._disk.sync(part.save)
        if segments.changed:
            await self._disk.run(parts.drop, self._staging, path)
        return self.changed(path, segments.seen)

    async def _segments(self, part: Part, segments: _Segments) -> bool:
        """Fetch the blocks that are missing; tell whether the file is whole, and as it was."""
        crew, items = self._crew(FileClass.BIG), deque(part.blocks.missing)

        async def do(number: int, files: RemoteFiles, block: int) -> None:
            self._progress.connections = crew.state.count
            await self._block(await segments.reader(number, files), part, block)

        ended: list[bool] = []

        async def look(number: int, files: RemoteFiles, _: None) -> None:
            reader = await segments.reader(number, files)
            whole, after = await self._is_whole(reader, part)
            segments.saw(after)
            ended.append(whole)

        try:
            with suppress(_CutShort):
                await crew.run(items, do)
            self._states[FileClass.BIG] = crew.state
            crew = self._crew(FileClass.BIG)
            await crew.run(deque([None]), look)
        except _Other, NotThere:
            return False
        finally:
            self._states[FileClass.BIG] = crew.state
        return ended[-1:] == [True]

    async def _save(self, part: Part) -> None:
        """Keep what is there every so often, and look whether there is room for the rest."""
        while True:
            await asyncio.sleep(self._limits.save_every)
            await self.must_have_room(part.blocks.version.size - part.blocks.done_bytes)
            await self._disk.sync(part.save)

    async def _note_small(self) -> None:
        """Note every so often which small files are there, for the case of a crash."""
        while True:
            await asyncio.sleep(self._limits.note_every)
            await self._disk.sync(self._staging.note)

    async def _watch_room(self, left: Callable[[], Collection[bytes]]) -> None:
        """Look every so often whether there is room for the files that are left."""
        while True:
            await asyncio.sleep(self._limits.save_every)
            await self.must_have_room(sum(self.versions[path].size for path in left()))

    # -- what all share --------------------------------------------------------------------------

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


async def _guarded[T](work: Coroutine[Any, Any, T], guard: Coroutine[Any, Any, None]) -> T:
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


async def _asked_at_once(
    reader: RemoteReader, size: int
) -> tuple[Version | None, bytes, Version | None]:
    """Ask for the version, the first bytes, and the version again, without waiting in between."""
    before = asyncio.ensure_future(reader.version())
    data = asyncio.ensure_future(reader.read(0, size))
    after = asyncio.ensure_future(reader.version())
    await asyncio.gather(before, data, after)
    return before.result(), data.result(), after.result()


class _CutShort(Exception):
    """A file ended before its end."""


class _Other(Exception):
    """A connection shows another version of the file than the one that is fetched."""


class _Segments:
    """The same file, open over several connections. All must show the same version."""

    def __init__(self, path: bytes, version: Version) -> None:
        self._path = path
        self._version = version
        self._readers: dict[int, tuple[RemoteFiles, asyncio.Future[RemoteReader]]] = {}
        # What was seen last, and whether it ever was another one: not known is not changed.
        self.seen: Version | None = version
        self.changed = False

    def saw(self, version: Version | None) -> None:
        """Take in which version is there now."""
        self.seen = version
        self.changed = self.changed or version not in (None, self._version)

    async def reader(self, number: int, files: RemoteFiles) -> RemoteReader:
        """Open the file over a connection, once. Raises ServiceError, _Other."""
        known = self._readers.get(number)
        if known is None or known[0] is not files:
            opening = asyncio.get_running_loop().create_task(self._open(files))
            known = self._readers[number] = (files, opening)
        return await asyncio.shield(known[1])

    async def _open(self, files: RemoteFiles) -> RemoteReader:
        reader = await files.open(self._path)
        self.saw(await reader.version())
        if self.seen != self._version:
            reader.close()
            raise _Other
        return reader

    def close(self) -> None:
        """Close it everywhere."""
        for _, opening in self._readers.values():
            if not opening.done():
                opening.cancel()
            elif not opening.cancelled() and opening.exception() is None:
                opening.result().close()
