"""What whole sweeps of the library did not meet: it goes when the second one says the same (law 9).

Half a million items are gone through in parts; each keeps the number of the sweep that missed it
first, so nothing has to be remembered over a restart. Whoever is met in between is not missing.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from itertools import batched
from typing import Final

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ..domain.library import ItemKey, LibraryItem, successor
from ..domain.sweep import ReadState, Tally
from ..domain.sweep_pages import Seen
from .database import Database
from .library_names import named
from .library_reading import READ, read
from .library_texts import forget_unused, text_number
from .schema import LIBRARY_ALIASES as ALIASES, LIBRARY_ITEMS as ITEMS

# Rows a transaction writes at most; half as long as the store's thread may be held.
BATCH: Final = 250
_SCAN: Final = 5000
# Each of these is looked for under all its names.
_AT_ONCE: Final = 25

# A row's number, its kind, the sweep in which it came, and the one that missed it first.
type _Known = Row[tuple[int, str, int, int]]


class Losses:
    """What a sweep that was read to its end did not meet."""

    def __init__(self, database: Database, seen: Seen, server_id: str, read: ReadState) -> None:
        """Take what was met. `read`: how well the library was known, with this sweep's number."""
        self._database = database
        self._seen = seen
        self._server_id = server_id
        self._read = read

    async def tally(self) -> Tally:
        """Count what is missing. What came back under another id is found under that from now."""
        had, lost, again = Counter[str](), Counter[str](), Counter[str]()
        newest: dict[str, int] = {}
        async for rows in self._known():
            for row in rows:
                had[row.kind] += self._was_there(row)
                if self._is_missing(row):
                    lost[row.kind] += 1
                    again[row.kind] += self._read.counts_for(row.missed)
                elif row.id in self._seen:
                    newest[row.kind] = max(newest.get(row.kind, 0), row.came)
        if lost.total():
            async for row in self._moving(newest):
                had[row.kind] -= 1
                lost[row.kind] -= 1
                again[row.kind] -= self._read.counts_for(row.missed)
        return Tally(dict(had), dict(lost), dict(again))

    async def _moving(self, newest: Mapping[str, int]) -> AsyncGenerator[_Known]:
        """Give what is missing and was met under a new id, which it is found under from now.

        `newest`: when the last of what was met came, by kind; without newcomers nothing is asked.
        """
        async for rows in self._known():
            may = (r for r in rows if self._is_missing(r) and self._met(r) < newest.get(r.kind, 0))
            for some in batched(may, _AT_ONCE, strict=False):
                moved = await self._database.run(lambda c, some=some: self._move(c, some))  # type: ignore[misc]
                for row in some:
                    if row.id in moved:
                        yield row

    async def settle(self, since: int) -> int:
        """Let go of what was missed before, from the sweep `since` on; note the rest as missed.

        Gives how many went.
        """
        count = 0
        async for rows in self._known():
            for some in batched((r for r in rows if self._is_missing(r)), BATCH, strict=False):
                gone = [r.id for r in some if r.missed >= since and self._read.counts_for(r.missed)]
                first = [r.id for r in some if r.id not in gone]
                await self._database.run(lambda c, g=gone, f=first: self._write(c, g, f, since))  # type: ignore[misc]
                count += len(gone)
        return count

    async def accept(self) -> None:
        """Let go of what the last whole sweep has noted as missed, and of nothing else.

        A person has confirmed that. What was seen since then is not missed any more.
        """
        whole = self._read.whole
        async for rows in self._known():
            gone = [row.id for row in rows if row.missed == whole]
            for some in batched(gone, BATCH, strict=False):
                await self._database.run(lambda c, some=some: self._write(c, some, (), whole))  # type: ignore[misc]

    async def _known(self) -> AsyncGenerator[Sequence[_Known]]:
        last = 0
        while rows := await self._database.read(
            lambda c, last=last: _rows_after(c, self._server_id, last)  # type: ignore[misc]
        ):
            last = rows[-1].id
            yield rows

    def _was_there(self, row: _Known) -> bool:
        """Tell whether the sweep could have met it: what came meanwhile may be behind its back."""
        return bool(row.came < self._read.sweep)

    def _is_missing(self, row: _Known) -> bool:
        return row.id not in self._seen and self._was_there(row)

    def _write(
        self, connection: Connection, gone: Sequence[int], first: Sequence[int], since: int
    ) -> None:
        if gone:
            # Unless it was seen this very moment.
            still = ITEMS.c.id.in_(gone) & (ITEMS.c.missed >= max(since, 1))
            here = ALIASES.c.server_id == self._server_id
            for item_id in connection.execute(select(ITEMS.c.item_id).where(still)).scalars().all():
                connection.execute(delete(ALIASES).where(here, ALIASES.c.item_id == item_id))
            _delete(connection, still)
        if first:
            where = ITEMS.c.id.in_(first)
            connection.execute(update(ITEMS).where(where).values(missed=self._read.sweep))

    def _met(self, row: _Known) -> int:
        """Number the last whole sweep that met it. What came after that may be the same title."""
        return row.missed - 1 if row.missed else self._read.whole

    def _move(self, connection: Connection, some: Sequence[_Known]) -> set[int]:
        """Find which titles came back under a new id: the old one becomes its alias."""
        since = {row.id: self._met(row) for row in some}
        rows = connection.execute(READ.where(ITEMS.c.id.in_(since))).mappings().all()
        moved: set[int] = set()
        for row, item in zip(rows, read(connection, rows), strict=True):
            # What was there beside it is another version of it.
            new = successor(item, self._arrivals(connection, item, since[row["id"]]))
            if new is not None:
                _alias(connection, item, new)
                moved.add(row["id"])
        _delete(connection, ITEMS.c.id.in_(moved))
        return moved

    def _arrivals(self, connection: Connection, gone: LibraryItem, since: int) -> list[LibraryItem]:
        keys = [key for name in gone.keys if (key := ItemKey.parse(name)) and key.kind is not None]
        found = named(connection, keys).values()
        rows = {row["id"]: row for some in found for row in some}
        return read(
            connection,
            [row for row in rows.values() if row["came"] > since and row["id"] in self._seen],
        )


def _rows_after(connection: Connection, server_id: str, after: int) -> Sequence[_Known]:
    query = (
        select(ITEMS.c.id, ITEMS.c.kind, ITEMS.c.came, ITEMS.c.missed)
        .where(ITEMS.c.id > after, ITEMS.c.server == text_number(server_id))
        .order_by(ITEMS.c.id)
        .limit(_SCAN)
    )
    return connection.execute(query).all()


def _delete(connection: Connection, which: ColumnElement[bool]) -> None:
    """Remove items, and the folders and series of which they were the last."""
    gone = connection.execute(delete(ITEMS).where(which).returning(ITEMS.c.folder, ITEMS.c.series))
    rows = gone.all()
    forget_unused(connection, [row.folder for row in rows], [row.series for row in rows])


def _alias(connection: Connection, gone: LibraryItem, new: LibraryItem) -> None:
    """Have an item, and whatever was found under its id, found under a new one."""
    here = ALIASES.c.server_id == gone.server_id
    connection.execute(
        update(ALIASES).where(here, ALIASES.c.item_id == gone.item_id).values(item_id=new.item_id)
    )
    values = {"server_id": gone.server_id, "old_id": gone.item_id, "item_id": new.item_id}
    row = upsert(ALIASES).values(values)
    connection.execute(row.on_conflict_do_update(set_={"item_id": new.item_id}))
