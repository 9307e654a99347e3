"""What a viewer has watched (once and for ever), and what the server keeps of them.

`Watched` only grows: a server that resets its flag takes nothing away. `UserDatas` is the server's
own view from the last reads: favourites, positions, counts of starts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import batched
from typing import Final

from sqlalchemy import Connection, RowMapping, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ..domain.library import UserRow, WatchedMark
from ..domain.media import Unit
from ..domain.sweep import ReadState
from . import watched_rows
from .database import Database, instant, milliseconds
from .library import BATCH, keep_state_of, state_of
from .schema import KV, USERDATA, WATCHED
from .viewing_rows import CHUNK

_MARKS: Final = 100


class Watched:
    """The sticky marks, by viewer and any name of a unit."""

    def __init__(self, database: Database, changed: Callable[[str, str], None]) -> None:
        """Take the database, and whom to tell of changes and of whose they are."""
        self._database = database
        self._changed = changed

    async def mark(self, viewer_id: str, marks: Sequence[WatchedMark]) -> int:
        """Remember what a viewer has watched; give how many units are new."""
        newly = 0
        for some in batched(marks, _MARKS, strict=False):

            def write(connection: Connection, some: Sequence[WatchedMark] = some) -> int:
                return watched_rows.mark(connection, viewer_id, some)

            newly += await self._database.run(write)
        if newly:
            self._changed("watched", viewer_id)
        return newly

    async def is_watched(self, viewer_id: str, unit: Unit) -> WatchedMark | None:
        """Give the mark of a unit under any of its names; None when there is none."""
        return (await self.marks(viewer_id, (unit,)))[0]

    async def marks(self, viewer_id: str, units: Sequence[Unit]) -> tuple[WatchedMark | None, ...]:
        """Give the marks of units, in their order; None for what is not watched."""
        return await self._database.run(lambda c: watched_rows.marks_of(c, viewer_id, units))

    async def count(self, viewer_id: str) -> int:
        """Count the units that a viewer has watched."""
        query = select(func.count()).where(WATCHED.c.viewer_id == viewer_id)
        return await self._database.run(lambda connection: connection.scalar(query) or 0)


class UserDatas:
    """What the server keeps of viewers and items; without a row nobody touched it."""

    def __init__(self, database: Database, changed: Callable[[str, str], None]) -> None:
        """Take the database, and whom to tell of changes and of whose they are."""
        self._database = database
        self._changed = changed

    async def get(self, viewer_id: str, ids: Collection[str]) -> Mapping[str, UserRow]:
        """Give what is kept of a viewer and some items."""

        def search(connection: Connection) -> dict[str, UserRow]:
            found: dict[str, UserRow] = {}
            for some in batched(dict.fromkeys(ids), CHUNK, strict=False):
                query = select(USERDATA).where(
                    USERDATA.c.viewer_id == viewer_id, USERDATA.c.item_id.in_(some)
                )
                rows = connection.execute(query).mappings()
                found |= {row["item_id"]: _row(row) for row in rows}
            return found

        return await self._database.run(search)

    async def favorites(self, viewer_id: str) -> frozenset[str]:
        """Give the ids of a viewer's favourites."""
        query = select(USERDATA.c.item_id).where(
            USERDATA.c.viewer_id == viewer_id, USERDATA.c.favorite.is_(True)
        )
        return frozenset(await self._database.run(lambda c: c.execute(query).scalars().all()))

    async def state(self, viewer_id: str) -> ReadState:
        """Say how well a viewer's data is known."""
        return await self._database.run(lambda c: state_of(c, _state_key(viewer_id)))

    async def keep_state(self, viewer_id: str, state: ReadState) -> None:
        """Keep how well a viewer's data is known."""
        await self._database.run(lambda c: keep_state_of(c, _state_key(viewer_id), state))
        self._changed("userdata", viewer_id)

    async def take(self, viewer_id: str, rows: Sequence[UserRow], sweep: int) -> None:
        """Take in what the server keeps of a viewer."""
        for some in batched(rows, 2 * BATCH, strict=False):

            def write(connection: Connection, some: Sequence[UserRow] = some) -> None:
                _write(connection, viewer_id, some, sweep)

            await self._database.run(write)

    async def finish(self, viewer_id: str, sweep: int) -> None:
        """After a whole sweep: what it did not name is neither played, nor favourite, nor begun."""
        while await self._database.run(lambda c: _settle(c, viewer_id, sweep)):
            pass


def _state_key(viewer_id: str) -> str:
    return f"read:viewer:{viewer_id}"


def _row(row: RowMapping) -> UserRow:
    return UserRow(
        item_id=row["item_id"],
        played=row["played"],
        favorite=row["favorite"],
        play_count=row["play_count"],
        position=row["position"],
        last_played=None if row["last_played"] is None else instant(row["last_played"]),
    )


def _write(connection: Connection, viewer_id: str, rows: Sequence[UserRow], sweep: int) -> None:
    silent = [row.item_id for row in rows if row.says_nothing]
    if silent:
        connection.execute(
            delete(USERDATA).where(
                USERDATA.c.viewer_id == viewer_id, USERDATA.c.item_id.in_(silent)
            )
        )
    told = {row.item_id: row for row in rows if not row.says_nothing}
    if not told:
        return
    put = upsert(USERDATA)
    columns = ("played", "favorite", "play_count", "position", "last_played", "sweep")
    connection.execute(
        put.on_conflict_do_update(
            index_elements=["viewer_id", "item_id"],
            set_={name: put.excluded[name] for name in columns},
        ),
        [
            {
                "viewer_id": viewer_id,
                "item_id": row.item_id,
                "played": row.played,
                "favorite": row.favorite,
                "play_count": row.play_count,
                "position": row.position,
                "last_played": None if row.last_played is None else milliseconds(row.last_played),
                "sweep": sweep,
            }
            for row in told.values()
        ],
    )


def _settle(connection: Connection, viewer_id: str, sweep: int) -> int:
    """Settle some rows that a sweep did not name; give how many. How often it was begun stays."""
    old = (
        select(USERDATA.c.item_id)
        .where(USERDATA.c.viewer_id == viewer_id, USERDATA.c.sweep < sweep)
        .limit(BATCH)
    )
    ids = connection.execute(old).scalars().all()
    mine = (USERDATA.c.viewer_id == viewer_id) & USERDATA.c.item_id.in_(ids)
    connection.execute(delete(USERDATA).where(mine, USERDATA.c.play_count == 0))
    connection.execute(
        update(USERDATA).where(mine).values(played=False, favorite=False, position=0.0, sweep=sweep)
    )
    return len(ids)


def forget(connection: Connection, viewer_id: str) -> None:
    """Erase all that is kept of a viewer here."""
    watched_rows.forget(connection, viewer_id)
    connection.execute(delete(USERDATA).where(USERDATA.c.viewer_id == viewer_id))
    connection.execute(delete(KV).where(KV.c.key == _state_key(viewer_id)))
