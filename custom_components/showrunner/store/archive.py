"""Old viewings leave the database, once a file outside of it has been proven to hold them.

The file is JSON Lines in gzip: written beside its name, synced, renamed, and read back line by line
before the first row is removed. Whatever fails on the way removes nothing. The work is done in
batches: nobody waits longer for the store than one of them takes.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from glob import escape as glob_escape
import gzip
from itertools import batched
import os
from pathlib import Path
from typing import Final
import zlib

from sqlalchemy import Connection, delete, select, tuple_

from ..domain.library import WatchedMark
from ..domain.text import say
from ..domain.watching import Viewing
from . import watched_rows
from .codec import dump, milliseconds
from .database import Database
from .errors import StoreError
from .names import numbered, viewer_name
from .schema import VIEWINGS, WATCH_TIME
from .viewing_rows import erase, quarter_of, read_rows

# So many rows are read (and removed) while others wait.
_BATCH: Final = 500
# And so many are in one file at most: their checksums are kept until it is proven.
_MOST: Final = 50_000

type Changed = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Archived:
    """What was archived: how many viewings, in which file, and how many of them were removed.

    Fewer are removed than archived when some were changed meanwhile; they wait for the next time.
    `more`: there is enough left for another file.
    """

    viewings: int
    removed: int
    path: Path | None
    more: bool = False


class Archive:
    """The way out of the store."""

    def __init__(self, database: Database, changed: Changed) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed
        # Two at once would take each other's half file for a leftover.
        self._one_at_a_time = asyncio.Lock()

    async def move(self, before: datetime, path: Path) -> Archived:
        """Archive and remove the viewings that ended before an instant. Raises StoreError.

        `path` gets a number when there is such a file already.
        """
        async with self._one_at_a_time:
            return await self._move(before, path)

    async def _move(self, before: datetime, path: Path) -> Archived:
        limit = milliseconds(before)
        first = await self._database.read(lambda connection: _read(connection, limit, (0, 0), 1))
        if not first.rows:
            return Archived(0, 0, None)
        try:
            path = await asyncio.to_thread(_prepare, path)
            sums, viewers = await self._write(path, limit)
            await asyncio.to_thread(_verify, path, sums)
        except (OSError, EOFError, zlib.error) as err:
            raise StoreError(say("store_archive_failed", why=_cause(err))) from err
        removed = await self._remove(sums)
        more = len(sums) >= _MOST
        if not more:
            await self._forget_time(viewers, before)
        self._changed("viewings")
        return Archived(len(sums), removed, path, more)

    async def _write(self, path: Path, limit: int) -> tuple[dict[int, int], set[str]]:
        """Write the file; give the checksums of its rows in their order, and whose they are."""
        sums: dict[int, int] = {}
        viewers: set[str] = set()
        unfinished = path.with_name(f".{path.name}.part")
        opened = await asyncio.to_thread(_File, unfinished)
        try:
            after = (0, 0)
            while len(sums) < _MOST:
                part = await self._database.read(
                    lambda connection, after=after: _read(connection, limit, after, _BATCH)  # type: ignore[misc]
                )
                if not part.rows:
                    break
                lines = [_line(row) for row in part.rows.values()]
                await asyncio.to_thread(opened.write, b"".join(line + b"\n" for line in lines))
                sums |= {one: zlib.crc32(line) for one, line in zip(part.rows, lines, strict=True)}
                viewers |= {row.viewer_id for row in part.rows.values()}
                after = part.after
            await asyncio.to_thread(opened.finish, path)
        except BaseException:
            # Also when we are stopped in the middle: half a file is no archive.
            await asyncio.to_thread(opened.drop)
            raise
        return sums, viewers

    async def _remove(self, sums: dict[int, int]) -> int:
        """Remove the rows that are as they were archived; give their number."""
        removed = 0
        for ids in batched(sums, _BATCH, strict=False):

            def remove(connection: Connection, ids: tuple[int, ...] = ids) -> int:
                same = {
                    number: row
                    for number, row in read_rows(connection, ids).items()
                    if zlib.crc32(_line(row)) == sums[number]
                }
                _mark_watched(connection, same.values())
                erase(connection, list(same))
                return len(same)

            removed += await self._database.run(remove)
        return removed

    async def _forget_time(self, viewers: set[str], before: datetime) -> None:
        """Forget also when in those times somebody watched; the statistics have it by the hour."""
        for name in sorted(map(viewer_name, viewers)):

            def forget(connection: Connection, name: str = name) -> None:
                for viewer in numbered(connection, (name,)).values():
                    connection.execute(
                        delete(WATCH_TIME).where(
                            WATCH_TIME.c.viewer == viewer,
                            WATCH_TIME.c.quarter < quarter_of(before),
                        )
                    )

            await self._database.run(forget)


def _line(viewing: Viewing) -> bytes:
    return dump(viewing.as_dict()).encode()


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows to archive, the oldest first, and behind which end and number the next ones are."""

    rows: Mapping[int, Viewing]
    after: tuple[int, int]


def _read(connection: Connection, limit: int, after: tuple[int, int], count: int) -> _Part:
    query = (
        select(VIEWINGS.c.ended_at, VIEWINGS.c.id)
        .where(
            VIEWINGS.c.ended_at < limit,
            tuple_(VIEWINGS.c.ended_at, VIEWINGS.c.id) > after,
        )
        .order_by(VIEWINGS.c.ended_at, VIEWINGS.c.id)
        .limit(count)
    )
    found = [(end, number) for end, number in connection.execute(query)]
    rows = read_rows(connection, [number for _, number in found])
    return _Part(rows, max(found, default=after))


def _mark_watched(connection: Connection, rows: Iterable[Viewing]) -> None:
    """Once watched, always watched, also when the viewing that shows it goes."""
    marks: dict[str, list[WatchedMark]] = {}
    for viewing in rows:
        if (mark := watched_rows.mark_of(viewing)) is not None:
            marks.setdefault(viewing.viewer_id, []).append(mark)
    for viewer_id, some in marks.items():
        watched_rows.mark(connection, viewer_id, some)


class _File:
    """A file in the making. Every method blocks."""

    def __init__(self, part: Path) -> None:
        """Create it, readable for its owner only."""
        self._part = part
        self._raw = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw)

    def write(self, lines: bytes) -> None:
        """Append."""
        self._packed.write(lines)

    def finish(self, path: Path) -> None:
        """Bring it to the disk, under its name."""
        self._packed.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()
        self._part.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def drop(self) -> None:
        """Give it up."""
        with suppress(OSError):
            # What gzip still holds back may not fit on the disk either.
            self._raw.close()
        self._part.unlink(missing_ok=True)


def _prepare(path: Path) -> Path:
    """Make the folder, clear what an earlier run left unfinished, and find a free name.

    Earlier archives that others may read are closed to them.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    entry = path.name.split("-", 1)[0]
    for left in path.parent.glob(f".{glob_escape(entry)}-*.part"):
        left.unlink(missing_ok=True)
    for old in path.parent.glob(f"{glob_escape(entry)}-*.jsonl.gz"):
        if not old.is_symlink():
            old.chmod(0o600)
    free, number = path, 1
    while os.path.lexists(free):
        number += 1
        free = path.with_name(path.name.replace(".", f"-{number}.", 1))
    return free


def _verify(path: Path, sums: dict[int, int]) -> None:
    """Read the file again: every row must be there, as it is in the database.

    Raises OSError, StoreError.
    """
    with (
        os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file,
        gzip.GzipFile(fileobj=file) as lines,
    ):
        found = [zlib.crc32(line.rstrip(b"\n")) for line in lines]
    if found != list(sums.values()):
        raise StoreError(say("store_archive_unreadable", found=len(found), all=len(sums)))


def _cause(err: Exception) -> str:
    return str(getattr(err, "strerror", None) or err)
