"""What a viewer has watched (once and for ever), and what the server keeps of them.

`Watched` only grows: a server that resets its flag takes nothing away. `UserDatas` is the server's
own view from the last reads: favourites, positions, counts of starts. What protects goes only with
whole sweeps (`user_losses`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import batched
from typing import Final

from sqlalchemy import Connection, case, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert as upsert

from ..domain.library import UserRow, WatchedMark
from ..domain.media import Unit
from ..domain.sweep import ReadState
from . import watched_rows
from .database import Database
from .library import keep_state_of, state_of
from .library_losses import BATCH
from .names import CHUNK, ITEM_ID, intern, item_name, number_of, numbered, viewer_name
from .schema import KV, NAMES, USERDATA, WATCHED
from .user_losses import READ, UserLosses, mine, read, values_of

_MARKS: Final = 100

_PUT: Final = upsert(USERDATA)
_ADD: Final = _PUT.on_conflict_do_update(
    index_elements=["viewer", "item"],
    set_={
        "played": or_(USERDATA.c.played, _PUT.excluded.played),
        "favorite": or_(USERDATA.c.favorite, _PUT.excluded.favorite),
        **{name: _PUT.excluded[name] for name in ("play_count", "position", "last_played")},
        # Whatever a sweep missed before: now it is said.
        "played_missed": case((_PUT.excluded.played, 0), else_=USERDATA.c.played_missed),
        "favorite_missed": case((_PUT.excluded.favorite, 0), else_=USERDATA.c.favorite_missed),
    },
)


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
        return (await self.marks_of((viewer_id,), (unit,)))[viewer_id][0]

    async def marks_of(
        self, viewers: Collection[str], units: Sequence[Unit]
    ) -> Mapping[str, tuple[WatchedMark | None, ...]]:
        """Give each viewer's marks of units, in their order; None for what is not watched.

        In one question: there may be many of both.
        """
        return await self._database.read(lambda c: watched_rows.marks_of(c, viewers, units))

    async def count(self, viewer_id: str) -> int:
        """Count the units that a viewer has watched."""
        query = select(func.count()).where(WATCHED.c.viewer == number_of(viewer_name(viewer_id)))
        return await self._database.read(lambda connection: connection.scalar(query) or 0)


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
            items = numbered(connection, map(item_name, ids)).values()
            for some in batched(items, CHUNK, strict=False):
                query = READ.where(mine(viewer_id), USERDATA.c.item.in_(some))
                rows = connection.execute(query).mappings()
                found |= {row["item_id"]: read(row) for row in rows}
            return found

        return await self._database.read(search)

    async def touched(self, viewer_id: str) -> Mapping[str, UserRow]:
        """Give all that is kept of a viewer, by item."""
        query = READ.where(mine(viewer_id))

        def look(connection: Connection) -> dict[str, UserRow]:
            return {row["item_id"]: read(row) for row in connection.execute(query).mappings()}

        return await self._database.read(look)

    async def favorites(self, viewer_id: str) -> frozenset[str]:
        """Give the ids of a viewer's favourites."""
        query = (
            select(ITEM_ID)
            .join_from(USERDATA, NAMES, NAMES.c.id == USERDATA.c.item)
            .where(mine(viewer_id), USERDATA.c.favorite.is_(True))
        )
        return frozenset(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def state(self, viewer_id: str) -> ReadState:
        """Say how well a viewer's data is known."""
        return await self._database.read(lambda c: state_of(c, _state_key(viewer_id)))

    async def keep_state(self, viewer_id: str, state: ReadState) -> None:
        """Keep how well a viewer's data is known."""
        await self._database.run(lambda c: keep_state_of(c, _state_key(viewer_id), state))
        self._changed("userdata", viewer_id)

    async def take(self, viewer_id: str, rows: Sequence[UserRow]) -> None:
        """Take in what the server keeps of a viewer. It adds: what is lost, whole sweeps say."""
        for some in batched((r for r in rows if not r.says_nothing), 2 * BATCH, strict=False):
            last = {row.item_id: row for row in some}
            await self._database.run(lambda c, last=last: _add(c, viewer_id, last))  # type: ignore[misc]

    def losses(self, viewer_id: str, listed: Mapping[str, UserRow], read: ReadState) -> UserLosses:
        """Give what a whole sweep no longer says, beside how well it was known before."""
        return UserLosses(self._database, viewer_id, listed, read)


def _add(connection: Connection, viewer_id: str, rows: Mapping[str, UserRow]) -> None:
    own = viewer_name(viewer_id)
    numbers = intern(connection, (own, *map(item_name, rows)))
    values = [
        values_of(numbers[own], numbers[item_name(item_id)], row) for item_id, row in rows.items()
    ]
    connection.execute(_ADD, values)


def _state_key(viewer_id: str) -> str:
    return f"read:viewer:{viewer_id}"


def forget(connection: Connection, viewer_id: str) -> None:
    """Erase all that is kept of a viewer here."""
    watched_rows.forget(connection, viewer_id)
    connection.execute(delete(USERDATA).where(mine(viewer_id)))
    connection.execute(delete(KV).where(KV.c.key == _state_key(viewer_id)))
