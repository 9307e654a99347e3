"""Fetches files into the staging folder: many small ones at once, others whole or in segments.

Of each file the version is looked at before and after: one that is not as it was listed, or is
longer or shorter than its server says, is fetched once more as it is now, and then given up.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import aclosing, suppress
from functools import partial
from itertools import batched
from typing import Final

from ...domain.transfer.sizes import FileClass, by_class
from ...domain.transfer.tree import Version
from ..errors import NotThere, Refused, ServiceError
from . import parts
from .blocks import Blocks, CutShort
from .parts import Part
from .remote import READ, RemoteFiles, RemoteReader, SmallFile, together
from .segments import Other, Segments
from .shared import BATCHES, PIECE, guarded

# Reads of one whole file that are under way at once.
_AHEAD: Final = 8
# What is noted at once of a file that is fetched whole.
MIDDLE_BLOCK: Final = READ


class FileFetcher(Blocks):
    """Fetches the files of one release."""

    async def fetch(self, wanted: Collection[bytes]) -> None:
        """Fetch files; where that is interrupted, what is there stays. Raises ServiceError."""
        try:
            await guarded(self._fetch(wanted), self._note_small())
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

        await guarded(crew.run(items, do), self._watch_room(lambda: tuple(items)))
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

        await guarded(crew.run(items, do), self._watch_room(left))
        self._states[FileClass.SMALL] = crew.state

    def _batches(self, paths: Collection[bytes]) -> deque[tuple[bytes, ...]]:
        """Share small files out: so many, and so many bytes, are asked for with each question."""
        found: deque[tuple[bytes, ...]] = deque()
        batch: list[bytes] = []
        size = 0
        for path in paths:
            one = self.versions[path].size
            if batch and (len(batch) >= 2 * self._limits.small_at_once or size + one > PIECE):
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

        for some in batched(odd, max(1, self._limits.small_at_once // BATCHES), strict=False):
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
                whole, after = await guarded(self._read_whole(reader, part), self._save(part))
            if whole:
                await self._disk.sync(part.finish)
                return True
            self._progress.bytes_done -= part.blocks.done_bytes
            if after in (None, version):
                await self._disk.sync(part.save)
        if after not in (None, version):
            await self._disk.run(parts.drop, self._staging, path)
        return self.changed(path, after)

    async def _read_whole(self, reader: RemoteReader, part: Part) -> tuple[bool, Version | None]:
        """Read what is missing of a file; tell whether it is whole, and its version now."""
        try:
            async with self._reading:
                await self._read_all(reader, part)
            return await self._is_whole(reader, part)
        except CutShort:
            return False, await reader.version()

    async def _read_all(self, reader: RemoteReader, part: Part) -> None:
        """Read all blocks of a file, some of them at once."""
        left = deque(part.blocks.missing)

        async def read() -> None:
            while left:
                await self._block(reader, part, left.popleft())

        await together(read() for _ in range(min(_AHEAD, len(left))))

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
        segments = Segments(self._order.remote(path), version)
        begin = partial(Part.open, self._staging, path, version, limits.block)
        async with self._disk.opened(begin) as part:
            try:
                async with self._under_way(path, part):
                    whole = await guarded(self._segments(part, segments), self._save(part))
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

    async def _segments(self, part: Part, segments: Segments) -> bool:
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
            with suppress(CutShort):
                await crew.run(items, do)
            self._states[FileClass.BIG] = crew.state
            crew = self._crew(FileClass.BIG)
            await crew.run(deque([None]), look)
        except Other, NotThere:
            return False
        finally:
            self._states[FileClass.BIG] = crew.state
        return ended[-1:] == [True]

    async def _note_small(self) -> None:
        """Note every so often which small files are there, for the case of a crash."""
        while True:
            await asyncio.sleep(self._limits.note_every)
            await self._disk.sync(self._staging.note)


async def _asked_at_once(
    reader: RemoteReader, size: int
) -> tuple[Version | None, bytes, Version | None]:
    """Ask for the version, the first bytes, and the version again, without waiting in between."""
    before = asyncio.ensure_future(reader.version())
    data = asyncio.ensure_future(reader.read(0, size))
    after = asyncio.ensure_future(reader.version())
    await asyncio.gather(before, data, after)
    return before.result(), data.result(), after.result()
