"""One big file that is open over several connections, of which all must show the same version."""

import asyncio

from ...domain.transfer.tree import Version
from .remote import RemoteFiles, RemoteReader


class Other(Exception):
    """A connection shows another version of the file than the one that is fetched."""


class Segments:
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
        """Open the file over a connection, once. Raises ServiceError, Other."""
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
            raise Other
        return reader

    def close(self) -> None:
        """Close it everywhere."""
        for _, opening in self._readers.values():
            if not opening.done():
                opening.cancel()
            elif not opening.cancelled() and opening.exception() is None:
                opening.result().close()
