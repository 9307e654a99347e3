"""Which files of a seedbox have other names elsewhere: to remove one name frees no room.

A hard link is an equal name of the same file, as cross-seeding makes them.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
import time
from typing import Final

from ..clients.errors import ServiceError
from ..clients.sftp import SftpClient

# So long it is believed that a file had one name only (seconds): a folder may hold thousands.
_HOLDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Links:
    """What surely has other names elsewhere, and of what that could not be told."""

    linked: frozenset[bytes]
    unknown: frozenset[bytes]


class LinkCounts:
    """Asks a file transfer how many names files have, and each folder not too often."""

    def __init__(self) -> None:
        """Begin with nothing."""
        # None: the folder could not be listed.
        self._known: dict[tuple[int, bytes], tuple[float, Mapping[bytes, int] | None]] = {}
        self._asking = asyncio.Lock()

    async def of(self, client: SftpClient, paths: Iterable[bytes]) -> Links:
        """Look which of these files have other names. A mere figure: nothing fails for it."""
        by_folder: dict[bytes, set[bytes]] = {}
        for path in paths:
            folder, _, name = path.rpartition(b"/")
            by_folder.setdefault(folder, set()).add(name)
        linked, unknown = set[bytes](), set[bytes]()
        async with self._asking:
            for folder, names in by_folder.items():
                counts = await self._in(client, folder, names)
                found = unknown if counts is None else linked
                found |= {
                    folder + b"/" + name
                    for name in names
                    if counts is None or counts.get(name, 1) > 1
                }
        return Links(frozenset(linked), frozenset(unknown))

    async def _in(
        self, client: SftpClient, folder: bytes, names: Collection[bytes]
    ) -> Mapping[bytes, int] | None:
        now, key = time.monotonic(), (id(client), folder)
        at, counts = self._known.get(key, (now - _HOLDS, None))
        # What had several names may have had another of them removed a moment ago.
        again = counts is not None and any(counts.get(name) != 1 for name in names)
        if now - at < _HOLDS and not again:
            return counts
        try:
            counts = await client.link_counts(folder)
        except ServiceError:  # it may not be listed, or takes too long: that is not asked each time
            counts = None
        now = time.monotonic()
        self._known = {one: seen for one, seen in self._known.items() if now - seen[0] < _HOLDS}
        self._known[key] = now, counts
        return counts
