"""The history, and the questions to it.

Made for five years of a hundred viewers: no question reads more rows than its answer has; of a
title the index of its units is looked through for the last of them. Rows are read and parsed in
the store's thread.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import batched
from typing import Final

from sqlalchemy import Connection, Select, func, select

from ..domain.media import TitleKey, Unit
from ..domain.viewing_week import Week, week_of
from ..domain.watching import Viewing
from . import watched_rows
from .codec import instant, milliseconds
from .database import Database, Write
from .names import CHUNK, item_name, number_of, numbers, viewer_id_of, viewer_name
from .schema import NAMES, UNITS, VIEWINGS, WATCH_TIME
from .viewing_columns import COUNTS, reached, unit_of
from .viewing_import import import_batch
from .viewing_rows import Saved, by_own_name, by_unit, quarter_of, read_rows, save

__all__ = ["Saved", "ViewerTotals", "Viewings"]

# So many viewings of one unit are looked at for the last one, of two weeks a day each.
_LATEST: Final = 15


@dataclass(frozen=True, slots=True)
class ViewerTotals:
    """How much a viewer has watched of late, and when for the last time."""

    viewings: int = 0
    time: timedelta = timedelta()
    last: datetime | None = None


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

        def count(connection: Connection) -> int:
            found = _named(connection, unit.keys, viewer_id, since, only=COUNTS)
            rows = read_rows(connection, found).values()
            return sum(1 for row in rows if reached(row) >= min_percent)

        return await self._database.read(count)

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
                found = list(connection.execute(_latest(viewer_id, since, limit)).scalars())
            else:
                found = _named(connection, names, viewer_id, since, limit)
            return tuple(read_rows(connection, found).values())

        return await self._database.read(find)

    async def last_of(self, viewer_id: str, unit: Unit, since: datetime) -> Viewing | None:
        """Give a viewer's last viewing of a unit that ended since then.

        What a webhook alone told comes after what Jellyfin itself did.
        """

        def find(connection: Connection) -> Viewing | None:
            found = _named(connection, unit.keys, viewer_id, since, _LATEST)
            rows = list(read_rows(connection, found).values())
            return next((row for row in rows if row.is_seen), rows[0] if rows else None)

        return await self._database.read(find)

    async def count(self, since: datetime) -> int:
        """Count the viewings that ended since then."""
        query = select(func.count()).where(VIEWINGS.c.ended_at >= milliseconds(since))
        return await self._database.read(lambda connection: connection.scalar(query) or 0)

    async def counting(self, since: datetime) -> tuple[tuple[Unit, int], ...]:
        """Say how often each unit was watched to its end since then, by all viewers together."""
        query = (
            select(UNITS.c.data, func.count())
            .join(VIEWINGS, VIEWINGS.c.unit == UNITS.c.id)
            .where(VIEWINGS.c.ended_at >= milliseconds(since))
            .where(VIEWINGS.c.flags.bitwise_and(COUNTS) != 0)
            .group_by(UNITS.c.id)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple((unit_of(data), count) for data, count in rows)

    async def of_viewers(
        self, viewers: Collection[str], since: datetime, day: datetime
    ) -> dict[str, ViewerTotals]:
        """Say for each of the viewers how many viewings ended since then, and the time of a day.

        For all of them at once: each costs a look into its own part of each index.
        """
        names = [viewer_name(one) for one in dict.fromkeys(viewers)]
        ended = VIEWINGS.c.ended_at
        count = select(func.count()).where(
            VIEWINGS.c.viewer == NAMES.c.id, ended >= milliseconds(since)
        )
        last = select(func.max(ended)).where(VIEWINGS.c.viewer == NAMES.c.id)
        time = select(func.sum(WATCH_TIME.c.seconds)).where(
            WATCH_TIME.c.viewer == NAMES.c.id, WATCH_TIME.c.quarter >= quarter_of(day)
        )
        query = select(
            NAMES.c.name, count.scalar_subquery(), time.scalar_subquery(), last.scalar_subquery()
        )

        def look(connection: Connection) -> dict[str, ViewerTotals]:
            found: dict[str, ViewerTotals] = {}
            for some in batched(names, CHUNK, strict=False):
                for name, number, seconds, at in connection.execute(
                    query.where(NAMES.c.name.in_(some))
                ):
                    spent = timedelta(seconds=seconds or 0.0)
                    end = None if at is None else instant(at)
                    found[viewer_id_of(name)] = ViewerTotals(number, spent, end)
            return found

        return await self._database.read(look)

    async def watch_hours(self, viewer_id: str) -> dict[datetime, timedelta]:
        """Give a viewer's watch time by the hours of UTC, the oldest first."""
        hour = WATCH_TIME.c.quarter // 4
        query = (
            select(hour, func.sum(WATCH_TIME.c.seconds))
            .where(WATCH_TIME.c.viewer == number_of(viewer_name(viewer_id)))
            .group_by(hour)
            .order_by(hour)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return {
            datetime.fromtimestamp(int(number) * 3600, UTC): timedelta(seconds=seconds)
            for number, seconds in rows
        }

    async def week(self, viewer_ids: Sequence[str], since: datetime, zone: tzinfo) -> Week:
        """Sum up what viewers watched since then in each hour of the week, as it is there."""

        def read(connection: Connection) -> Week:
            viewers = numbers(connection, [viewer_name(one) for one in viewer_ids])
            # One after the other: the rows of each stand together, in their order.
            rows = (
                row
                for viewer in viewers.values()
                for row in connection.execute(
                    select(WATCH_TIME.c.quarter, WATCH_TIME.c.seconds).where(
                        WATCH_TIME.c.viewer == viewer, WATCH_TIME.c.quarter >= quarter_of(since)
                    )
                )
            )
            return week_of(
                (
                    (datetime.fromtimestamp(quarter * 900, UTC), seconds)
                    for quarter, seconds in rows
                ),
                zone,
            )

        return await self._database.read(read)


def _latest(viewer_id: str | None, since: datetime | None, limit: int) -> Select[tuple[int]]:
    query = select(VIEWINGS.c.id).order_by(VIEWINGS.c.ended_at.desc()).limit(limit)
    if viewer_id is not None:
        query = query.where(VIEWINGS.c.viewer == number_of(viewer_name(viewer_id)))
    if since is not None:
        query = query.where(VIEWINGS.c.ended_at >= milliseconds(since))
    return query


def _named(
    connection: Connection,
    names: Sequence[str],
    viewer_id: str | None,
    since: datetime | None,
    limit: int | None = None,
    only: int = 0,
) -> list[int]:
    """Find the last viewings under any of the names, the last first; `only` with these flags."""
    own = None if viewer_id is None else viewer_name(viewer_id)
    have = numbers(connection, (*names, own) if own else names)
    viewer = have.pop(own, None) if own else None
    if own and viewer is None:
        return []
    ended: dict[int, int] = {}
    # No index by the time alone: what has the names is read, not all that was seen since.
    at = VIEWINGS.c.ended_at + 0
    for ask in (by_unit, by_own_name):
        query = ask(have.values(), viewer, VIEWINGS.c.id, VIEWINGS.c.ended_at)
        if since is not None:
            query = query.where(at >= milliseconds(since))
        if only:
            query = query.where(VIEWINGS.c.flags.bitwise_and(only) == only)
        if limit is not None:
            query = query.order_by(at.desc()).limit(limit)
        ended |= {row.id: row.ended_at for row in connection.execute(query)}
    return sorted(ended, key=lambda viewing: (ended[viewing], viewing), reverse=True)[:limit]
