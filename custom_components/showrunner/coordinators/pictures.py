"""Posters and backdrops of titles: Jellyfin's, fetched once and kept on the disk for a while.

The key stays here, and a card gets its pictures from Home Assistant, wherever it is looked at from.
What is kept has a limit: what was asked for longest ago goes first. It can be had again at any
time, so an error of the disk is none of anybody else's.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
import hashlib
import logging
import os
from pathlib import Path
import shutil
import tempfile
from typing import Final

from ..clients.errors import ServiceError
from ..clients.jellyfin_pictures import JellyfinPictures, PictureKind, media_type
from ..domain.library import ItemKind, LibraryItem
from ..store import Store

__all__ = ["PictureKind", "Pictures", "media_type"]

_LOGGER = logging.getLogger(__name__)

# How many bytes of pictures are kept, and how many stay when some have to go.
_MOST: Final = 150_000_000
_LEFT: Final = 120_000_000
# How long a picture is shown without asking for another, and an absent one not asked for again.
_FRESH: Final = timedelta(days=14)
_ABSENT: Final = timedelta(hours=1)
_MOST_ABSENT: Final = 5000
# How many are fetched at once: a page full of posters is not to hold up what else is asked.
_AT_ONCE: Final = 4


class Pictures:
    """The pictures of one server's titles."""

    def __init__(
        self,
        client: JellyfinPictures,
        store: Store,
        server_id: str,
        folder: Path,
        now: Callable[[], datetime],
    ) -> None:
        """Take whom to ask, where the library is, and where pictures are kept."""
        self._client = client
        self._store = store
        self._server_id = server_id
        self._folder = folder
        self._now = now
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._absent: OrderedDict[str, datetime] = OrderedDict()
        self._under_way: dict[str, asyncio.Future[bytes | None]] = {}
        self._kept: int | None = None

    async def of_title(self, names: Iterable[str], kind: PictureKind) -> bytes | None:
        """Give the picture of the title under any of these names; None: there is none.

        Raises ServiceError, StoreError.
        """
        found = await self._store.library.by_keys(names)
        wanted = (ItemKind.MOVIE, ItemKind.SERIES)
        items = [one for one in found if one.kind in wanted and one.server_id == self._server_id]
        for item in items:
            if (content := await self._picture(item.item_id, kind)) is not None:
                return content
        return None

    async def of_item(self, item_id: str, kind: PictureKind) -> bytes | None:
        """Give an item's picture, an episode's series' one; also of an item that is just new.

        Raises ServiceError, StoreError.
        """
        item = await self._store.library.find(item_id, self._server_id)
        return await self._picture(_shown(item) if item else item_id, kind)

    @staticmethod
    async def forget(folder: Path) -> None:
        """Remove all that is kept in a folder."""
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _picture(self, item_id: str, kind: PictureKind) -> bytes | None:
        name = hashlib.sha256(f"{item_id} {kind}".encode()).hexdigest()
        if (running := self._under_way.get(name)) is not None:
            return await asyncio.shield(running)
        if (since := self._absent.get(name)) is not None and self._now() - since < _ABSENT:
            return None
        work = asyncio.ensure_future(self._kept_or_fetched(name, item_id, kind))
        self._under_way[name] = work
        work.add_done_callback(lambda _: self._under_way.pop(name, None))
        # Whoever asked may be gone, while others wait for the same.
        return await asyncio.shield(work)

    async def _kept_or_fetched(self, name: str, item_id: str, kind: PictureKind) -> bytes | None:
        path = self._folder / name[:2] / name
        kept, age = await asyncio.to_thread(_read, path, self._now().timestamp())
        if kept is not None and age < _FRESH.total_seconds():
            return kept
        try:
            async with self._room:
                found = await self._client.get(item_id, kind)
        except ServiceError:
            if kept is not None:
                return kept  # an old one says more than none
            raise
        if found is None:
            self._note_absent(name)
            return None
        await asyncio.to_thread(self._keep, path, found)
        return found

    def _note_absent(self, name: str) -> None:
        self._absent[name] = self._now()
        self._absent.move_to_end(name)
        while len(self._absent) > _MOST_ABSENT:
            self._absent.popitem(last=False)

    def _keep(self, path: Path, content: bytes) -> None:
        """Write a picture, whole or not at all, and make room for it. Blocks."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(content)
            Path(file.name).replace(path)
            if self._kept is None:
                self._kept = sum(size for _, size, _ in _files(self._folder))
            else:
                self._kept += len(content)
            if self._kept > _MOST:
                self._kept = _make_room(self._folder)
        except OSError as err:
            _LOGGER.debug("A picture could not be kept: %s", err)


def _shown(item: LibraryItem) -> str:
    """Say whose picture stands for an item."""
    return item.series_item_id or item.item_id if item.kind is ItemKind.EPISODE else item.item_id


def _read(path: Path, now: float) -> tuple[bytes | None, float]:
    """Read what is kept, and how old it is (seconds). Blocks."""
    try:
        written = path.stat().st_mtime
        content = path.read_bytes()
        # What was asked for longest ago makes room; how old it is, is another matter.
        os.utime(path, (now, written))
    except OSError:
        return None, 0.0
    return (content, now - written) if media_type(content) else (None, 0.0)


def _files(folder: Path) -> list[tuple[float, int, Path]]:
    """List what is kept: when it was last asked for, its size, its path."""
    found = []
    for path in folder.glob("*/*"):
        try:
            known = path.stat()
        except OSError:
            continue
        found.append((known.st_atime, known.st_size, path))
    return found


def _make_room(folder: Path) -> int:
    """Remove what was asked for longest ago; give the bytes that are left."""
    files = sorted(_files(folder))
    left = sum(size for _, size, _ in files)
    for _, size, path in files:
        if left <= _LEFT:
            break
        path.unlink(missing_ok=True)
        left -= size
    return left
