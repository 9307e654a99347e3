"""The blocks of a file: read in pieces, written where they belong, counted once they are there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from ...domain.transfer.tree import Version
from ..errors import ServiceError
from .parts import Part
from .remote import READ, RemoteReader, together
from .shared import PIECE, Fetching


class CutShort(Exception):
    """A file ended before its end."""


class Blocks(Fetching):
    """How the blocks of a file are fetched."""

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

    async def _block(self, reader: RemoteReader, part: Part, number: int) -> None:
        """Read one block, and write it. One that is cut short stays undone."""
        start, size = part.blocks.span(number)
        for at in range(start, start + size, PIECE):
            await self._piece(reader, part, at, min(PIECE, start + size - at))
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
                raise CutShort
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

    async def _save(self, part: Part) -> None:
        """Keep what is there every so often, and look whether there is room for the rest."""
        while True:
            await asyncio.sleep(self._limits.save_every)
            await self.must_have_room(part.blocks.version.size - part.blocks.done_bytes)
            await self._disk.sync(part.save)
