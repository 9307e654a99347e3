"""What whole sweeps no longer say of a viewer: it goes when the second one says the same (law 9).

A favourite protects its title, so one read alone does not take it away: neither that of a server
that has lost what it kept of its users, nor that of the one film just played.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    bindparam,
    delete,
    select,
    update,
)

from ..domain.library import UserRow
from ..domain.sweep import ReadState, Tally
from .codec import instant, milliseconds
from .database import Database
from .library_losses import BATCH
from .names import ITEM_ID, number_of, viewer_name
from .schema import NAMES, USERDATA

# What is counted, the column that says it, and the one that says which sweep missed it first.
_KINDS: Final = (
    ("played", "played", "played_missed"),
    ("favorites", "favorite", "favorite_missed"),
)
# A row, with whose item it is.
READ: Final[Select[Any]] = select(USERDATA, ITEM_ID).join_from(
    USERDATA, NAMES, NAMES.c.id == USERDATA.c.item
)


def read(row: RowMapping) -> UserRow:
    """Read a row."""
    return UserRow(
        item_id=row["item_id"],
        played=row["played"],
        favorite=row["favorite"],
        play_count=row["play_count"],
        position=row["position"],
        last_played=None if row["last_played"] is None else instant(row["last_played"]),
    )


def mine(viewer_id: str) -> ColumnElement[bool]:
    """Say which rows are a viewer's."""
    return USERDATA.c.viewer == number_of(viewer_name(viewer_id))


def values_of(viewer: int, item: int, row: UserRow) -> dict[str, object]:
    """Write a row's values, of the numbers of its viewer and item."""
    return {
        "viewer": viewer,
        "item": item,
        "played": row.played,
        "favorite": row.favorite,
        "play_count": row.play_count,
        "position": row.position,
        "last_played": None if row.last_played is None else milliseconds(row.last_played),
    }


class UserLosses:
    """What a sweep of a viewer that was read to its end no longer says."""

    def __init__(
        self, database: Database, viewer_id: str, listed: Mapping[str, UserRow], read: ReadState
    ) -> None:
        """Take what was told, by item. `read`: how well it was known, with this sweep's number."""
        self._database = database
        self._viewer_id = viewer_id
        self._listed = listed
        self._read = read

    async def tally(self) -> Tally:
        """Count what was played and what is a favourite, and what is no longer said to be."""
        had, lost, again = Counter[str](), Counter[str](), Counter[str]()
        async for rows in self._known():
            for row in rows:
                for kind, name, missed in _KINDS:
                    had[kind] += row[name]
                    if self._is_lost(row, name):
                        lost[kind] += 1
                        again[kind] += self._read.counts_for(row[missed])
        return Tally(dict(had), dict(lost), dict(again))

    async def settle(self, since: int) -> None:
        """Take back what was not said before either, from the sweep `since` on; note the rest."""
        async for rows in self._known():
            changed = [(row, now) for row in rows if (now := self._after(row, since)) != dict(row)]
            if changed:
                await self._database.run(lambda c, changed=changed: self._write(c, changed))  # type: ignore[misc]

    async def accept(self) -> None:
        """Take back what the last whole sweep has noted as not said, and nothing else.

        A person has confirmed that. What was said since then is not missed any more.
        """
        async for rows in self._known():
            changed = [(row, now) for row in rows if (now := self._accepted(row)) != dict(row)]
            if changed:
                await self._database.run(lambda c, changed=changed: self._write(c, changed))  # type: ignore[misc]

    async def _known(self) -> AsyncGenerator[Sequence[RowMapping]]:
        last = 0
        while rows := await self._database.read(
            lambda c, last=last: _rows_after(c, self._viewer_id, last)  # type: ignore[misc]
        ):
            last = rows[-1]["item"]
            yield rows

    def _is_lost(self, row: RowMapping, name: str) -> bool:
        listed = self._listed.get(row["item_id"])
        return bool(row[name]) and not (listed is not None and getattr(listed, name))

    def _after(self, row: RowMapping, since: int) -> dict[str, Any]:
        """Give a row as it is after this sweep, but for what it adds."""
        now = dict(row)
        for _, name, missed in _KINDS:
            if not self._is_lost(row, name):
                now[missed] = 0
            elif row[missed] >= since and self._read.counts_for(row[missed]):
                now[name], now[missed] = False, 0
            else:
                now[missed] = self._read.sweep
        if row["item_id"] not in self._listed and since < self._read.sweep:
            now["position"] = 0.0  # not begun any more; how often it was begun stays
        return now

    def _accepted(self, row: RowMapping) -> dict[str, Any]:
        """Give a row as it is once what is missing in it was confirmed."""
        now = dict(row)
        for _, name, missed in _KINDS:
            if row[missed] == self._read.whole:
                now[name], now[missed] = False, 0
        return now

    def _write(
        self, connection: Connection, changed: Sequence[tuple[RowMapping, Mapping[str, Any]]]
    ) -> None:
        # Nothing is kept of what says nothing any more.
        empty = [row["item"] for row, now in changed if not any(now[name] for name in _SAYS)]
        if empty:
            theirs = mine(self._viewer_id)
            connection.execute(delete(USERDATA).where(theirs, USERDATA.c.item.in_(empty)))
        rows = [
            {f"new_{name}": value for name, value in now.items()}
            for row, now in changed
            if row["item"] not in empty
        ]
        if rows:
            connection.execute(_WRITE, rows)


_SAYS: Final = ("played", "favorite", "play_count", "position")
_CHANGES: Final = ("played", "favorite", "position", "played_missed", "favorite_missed")
_WRITE: Final = (
    update(USERDATA)
    .where(USERDATA.c.viewer == bindparam("new_viewer"), USERDATA.c.item == bindparam("new_item"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGES})
)


def _rows_after(connection: Connection, viewer_id: str, after: int) -> Sequence[RowMapping]:
    query = (
        READ.where(mine(viewer_id), USERDATA.c.item > after)
        .order_by(USERDATA.c.item)
        .limit(4 * BATCH)
    )
    return connection.execute(query).mappings().all()
