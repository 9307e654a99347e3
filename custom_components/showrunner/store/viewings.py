"""The history, and the questions to it.

Made for five years of a hundred viewers: no question reads more rows than its answer has, times
the few names of a unit. Rows are read and parsed in the store's thread.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Final

from sqlalchemy import Connection, Select, func, select

from ..domain.media import TitleKey, Unit
from ..domain.watching import Viewing
from . import watched_rows
from .database import Database, Write, milliseconds
from .schema import NAMES, VIEWING_NAMES, VIEWINGS, WATCH_TIME
from .viewing_import import import_batch
from .viewing_rows import (
    CHUNK,
    Saved,
    item_name,
    numbers,
    quarter_of,
    read,
    save,
    viewer_name,
)

__all__ = ["Saved", "Viewings"]

# So many viewings of one unit are looked at for the last one, of two weeks a day each.
_LATEST: Final = 15

type Changed = Callable[[str, str | None], None]


class Viewings:
    """The history."""

    def __init__(self, database: Database, changed: Changed) -> None:
        """Take the database, and whom to tell of changes, and of whose."""
        self._database = database
        self._changed = changed

    async def save(self, viewing: Viewing) -> Saved:
        """Store a viewing, or merge it with what is known of it; once it counts, it is watched."""
        saved, _ = await self._database.write(self.to_save(viewing))
        return saved

    def to_save(self, viewing: Viewing) -> Write[tuple[Saved, int]]:
        """Give what stores a viewing; it comes to what became of it, and new marks."""

        def write(connection: Connection) -> tuple[Saved, int]:
            saved = save(connection, viewing)
            mark = watched_rows.mark_of(saved.viewing)
            newly = 0 if mark is None else watched_rows.mark(connection, viewing.viewer_id, (mark,))
            return saved, newly

        def notify(became: tuple[Saved, int]) -> None:
            self._changed("viewings", viewing.viewer_id)
            if became[1]:
                self._changed("watched", viewing.viewer_id)

        return Write(write, notify)

    async def import_many(self, viewings: Sequence[Viewing]) -> tuple[Saved, ...]:
        """Store imported viewings, all or none; what overlaps a known one is that one.

        A few hundred at a time, so that others get their turn with the store.
        """
        saved = await self._database.run(lambda connection: import_batch(connection, viewings))
        for viewer_id in dict.fromkeys(viewing.viewer_id for viewing in viewings):
            self._changed("viewings", viewer_id)
        return saved

    async def completed_count(
        self, viewer_id: str, unit: Unit, since: datetime, min_percent: float
    ) -> int:
        """Count a viewer's completed viewings of a unit that ended since then."""
        rows = select(VIEWING_NAMES.c.viewing_id).where(
            VIEWING_NAMES.c.name.in_(_numbers(unit.keys)),
            VIEWING_NAMES.c.viewer == _number(viewer_name(viewer_id)),
            VIEWING_NAMES.c.ended_at >= milliseconds(since),
        )
        query = (
            select(func.count())
            .select_from(VIEWINGS)
            .where(
                VIEWINGS.c.id.in_(rows),
                VIEWINGS.c.completed.is_(True),
                VIEWINGS.c.percent >= min_percent,
            )
        )
        return await self._database.read(lambda connection: connection.scalar(query) or 0)

    async def history(
        self,
        viewer_id: str | None = None,
        title: TitleKey | None = None,
        item_id: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> tuple[Viewing, ...]:
        """Give viewings, the last first. Of a `title`, or of an `item_id` of Jellyfin's."""
        names = (() if title is None else title.names) + (
            () if item_id is None else (item_name(item_id),)
        )

        def find(connection: Connection) -> tuple[Viewing, ...]:
            if title is None and item_id is None:
                rows = connection.execute(_latest(viewer_id, since, limit)).scalars()
                return tuple(read(data) for data in rows)
            found = _named(connection, names, viewer_id, since, limit)
            return tuple(read(data) for data in _data(connection, found))

        return await self._database.read(find)

    async def last_of(self, viewer_id: str, unit: Unit, since: datetime) -> Viewing | None:
        """Give a viewer's last viewing of a unit that ended since then.

        What a webhook alone told comes after what Jellyfin itself did.
        """

        def find(connection: Connection) -> Viewing | None:
            found = _named(connection, unit.keys, viewer_id, since, _LATEST)
            rows = [read(data) for data in _data(connection, found)]
            return next((row for row in rows if row.is_seen), rows[0] if rows else None)

        return await self._database.read(find)

    async def count(self, since: datetime, viewer_id: str | None = None) -> int:
        """Count the viewings that ended since then."""
        query = select(func.count()).where(VIEWINGS.c.ended_at >= milliseconds(since))
        if viewer_id is not None:
            query = query.where(VIEWINGS.c.viewer_id == viewer_id)
        return await self._database.read(lambda connection: connection.scalar(query) or 0)

    async def last(self, viewer_id: str) -> Viewing | None:
        """Give a viewer's last viewing."""
        found = await self.history(viewer_id=viewer_id, limit=1)
        return found[0] if found else None

    async def watch_time(self, viewer_id: str, since: datetime) -> timedelta:
        """Sum up what a viewer watched since then (to the quarter of an hour)."""
        query = select(func.sum(WATCH_TIME.c.seconds)).where(
            WATCH_TIME.c.viewer_id == viewer_id, WATCH_TIME.c.quarter >= quarter_of(since)
        )
        seconds = await self._database.read(lambda connection: connection.scalar(query))
        return timedelta(seconds=seconds or 0.0)

    async def watch_hours(self, viewer_id: str) -> dict[datetime, timedelta]:
        """Give a viewer's watch time by the hours of UTC, the oldest first."""
        hour = WATCH_TIME.c.quarter // 4
        query = (
            select(hour, func.sum(WATCH_TIME.c.seconds))
            .where(WATCH_TIME.c.viewer_id == viewer_id)
            .group_by(hour)
            .order_by(hour)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return {
            datetime.fromtimestamp(int(number) * 3600, UTC): timedelta(seconds=seconds)
            for number, seconds in rows
        }


def _numbers(names: Sequence[str]) -> Select[tuple[int]]:
    return select(NAMES.c.id).where(NAMES.c.name.in_(names))


def _number(name: str) -> object:
    return select(NAMES.c.id).where(NAMES.c.name == name).scalar_subquery()


def _latest(viewer_id: str | None, since: datetime | None, limit: int) -> Select[tuple[str]]:
    query = select(VIEWINGS.c.data).order_by(VIEWINGS.c.ended_at.desc()).limit(limit)
    if viewer_id is not None:
        query = query.where(VIEWINGS.c.viewer_id == viewer_id)
    if since is not None:
        query = query.where(VIEWINGS.c.ended_at >= milliseconds(since))
    return query


def _named(
    connection: Connection,
    names: Sequence[str],
    viewer_id: str | None,
    since: datetime | None,
    limit: int,
) -> list[int]:
    """Find the last viewings under any of the names: the last of each name, put together."""
    viewer = None if viewer_id is None else viewer_name(viewer_id)
    have = numbers(connection, (*names, viewer) if viewer else names)
    number = have.pop(viewer, None) if viewer else None
    if viewer and number is None:
        return []
    ended: dict[int, int] = {}
    for name in have.values():
        query = (
            select(VIEWING_NAMES.c.viewing_id, VIEWING_NAMES.c.ended_at)
            .where(VIEWING_NAMES.c.name == name)
            .order_by(VIEWING_NAMES.c.ended_at.desc())
            .limit(limit)
        )
        if number is not None:
            query = query.where(VIEWING_NAMES.c.viewer == number)
        if since is not None:
            query = query.where(VIEWING_NAMES.c.ended_at >= milliseconds(since))
        ended |= {row.viewing_id: row.ended_at for row in connection.execute(query)}
    return sorted(ended, key=lambda viewing: (ended[viewing], viewing), reverse=True)[:limit]


def _data(connection: Connection, ids: Sequence[int]) -> list[str]:
    """Read rows in the order of their ids."""
    found: dict[int, str] = {}
    for some in batched(ids, CHUNK, strict=False):
        query = select(VIEWINGS.c.id, VIEWINGS.c.data).where(VIEWINGS.c.id.in_(some))
        found |= {row.id: row.data for row in connection.execute(query)}
    return [found[number] for number in ids]
