"""Fetches one release: into the staging folder, looked at once more, then to its place at once."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from ...domain.text import say
from ...domain.transfer.connections import Connections as Used
from ...domain.transfer.sizes import FileClass
from ...domain.transfer.tree import Version, shown
from . import parts, placed
from .crew import Crew
from .disk import Disk
from .files import MIDDLE_BLOCK, FileFetcher
from .order import FetchOrder, Limits, NameTaken, Progress, RemoteChanged
from .remote import Pool, RemoteFiles
from .staging import Staging

__all__ = ["Engine", "place", "proved"]


class Engine:
    """Fetches releases one after the other, and learns of the line meanwhile."""

    def __init__(self) -> None:
        """Begin with knowing nothing."""
        self._states: dict[FileClass, Used] = {}

    async def look(
        self, pool: Pool, limits: Limits, root: bytes, name: bytes
    ) -> dict[bytes, Version]:
        """List the files of a release. Raises ServiceError."""
        return await _look(pool, limits, root, name)

    async def fetch(
        self, order: FetchOrder, pool: Pool, limits: Limits, progress: Progress
    ) -> dict[bytes, Version]:
        """Fetch a release; give the versions of its files that are home now.

        Raises ServiceError, and then nothing of it lies in the local folder; what is there already
        waits in the staging folder for the next time.
        """
        async with Disk() as disk, proved(order, disk) as opened:
            fetcher = FileFetcher(order, opened, pool, disk, limits, progress, self._states)
            await self._fetch(order, opened, disk, pool, fetcher, limits, progress)
            await place(order, disk, opened, progress, fetcher.versions)
            return fetcher.versions

    async def _fetch(
        self,
        order: FetchOrder,
        opened: Staging,
        disk: Disk,
        pool: Pool,
        fetcher: FileFetcher,
        limits: Limits,
        progress: Progress,
    ) -> None:
        progress.files_total = len(order.files)
        progress.bytes_total = sum(version.size for version in order.files.values())
        there = await disk.run(_there, order, opened)
        progress.files_done = len(there)
        progress.bytes_done = sum(order.files[path].size for path in there)
        begun = await disk.run(_begun, order, opened, there, limits.block)
        await fetcher.must_have_room(progress.bytes_total - progress.bytes_done - begun)
        wanted = order.files.keys() - there
        while wanted:
            await fetcher.fetch(wanted)
            progress.verifying = True
            seen = await _look(pool, limits, order.root, order.name)
            wanted = _changed(order, fetcher, progress, seen)
            progress.verifying = False


@asynccontextmanager
async def proved(order: FetchOrder, disk: Disk) -> AsyncGenerator[Staging]:
    """Open a release's staging folder, from which all of it can be put in its place.

    Raises ServiceError.
    """
    if await disk.run(placed.exists, order.folder, order.name, order.mark):
        raise NameTaken
    begin = partial(Staging.open, order.folder, order.key, order.mark)
    async with disk.opened(begin) as opened:
        await disk.run(opened.prove, order.files)
        yield opened


async def place(
    order: FetchOrder,
    disk: Disk,
    opened: Staging,
    progress: Progress,
    versions: Mapping[bytes, Version],
) -> None:
    """Put a release in its place, unless it is broken off just now. Raises ServiceError."""
    if not progress.may_place():
        raise asyncio.CancelledError  # just as that is on its way here
    await disk.run(opened.place, order.name, versions, order.files)


async def _look(pool: Pool, limits: Limits, root: bytes, name: bytes) -> dict[bytes, Version]:
    """List the files of a release as they are now."""
    found: dict[bytes, Version] = {}

    async def do(_: int, files: RemoteFiles, __: None) -> None:
        found.clear()
        found.update(await files.versions(root, name))

    crew = Crew(pool, Used(1), workers=lambda _: 1, done=lambda: 0, timing=limits.timing)
    await crew.run(deque([None]), do)
    return found


def _changed(
    order: FetchOrder, fetcher: FileFetcher, progress: Progress, seen: dict[bytes, Version]
) -> set[bytes]:
    """Compare what was fetched with what is there now; name what is to be fetched anew."""
    new = sorted(seen.keys() - order.listed.keys())
    if new:
        raise RemoteChanged(say("transfer_release_grows", name=shown(new[0])))
    changed = {path for path, one in fetcher.versions.items() if seen.get(path) != one}
    for path in changed:
        progress.bytes_done -= fetcher.versions[path].size
        fetcher.changed(path, seen.get(path))
    progress.files_done -= len(changed)
    return changed


def _there(order: FetchOrder, opened: Staging) -> set[bytes]:
    """Name the files that were fetched before, and are on the disk."""
    return {path for path, version in order.files.items() if opened.is_there(path, version)}


def _begun(order: FetchOrder, opened: Staging, there: set[bytes], block: int) -> int:
    """Count the bytes of unfinished files that need not be fetched again."""
    blocks = {FileClass.MIDDLE: MIDDLE_BLOCK, FileClass.BIG: block}
    return sum(
        parts.done_bytes(opened, path, version, blocks[kind])
        for path, version in order.files.items()
        if path not in there and (kind := FileClass.of(version.size)) in blocks
    )
