"""Viewings: the same viewer, unit and day is one row, under whatever name the unit was reported."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, update

from ..domain.media import ProviderIds, Unit
from ..domain.viewing import Viewing, merge
from .database import Database, dump, load, milliseconds
from .schema import VIEWING_KEYS as KEYS, VIEWINGS


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a viewing: merged with what was known. `newly_completed` once in its life."""

    viewing: Viewing
    created: bool
    newly_completed: bool


class Viewings:
    """The history."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def save(self, viewing: Viewing) -> Saved:
        """Store a viewing, or merge it with what is known of it."""
        saved = await self._database.run(lambda connection: _save(connection, viewing))
        self._changed("viewings")
        return saved

    async def completed_count(
        self, viewer_id: str, unit: Unit, since: datetime, min_percent: float
    ) -> int:
        """Count a viewer's completed viewings of a unit that ended since then."""
        rows = _of_keys(unit.keys, viewer_id)
        query = (
            select(func.count())
            .select_from(VIEWINGS)
            .where(
                VIEWINGS.c.id.in_(rows),
                VIEWINGS.c.completed.is_(True),
                VIEWINGS.c.percent >= min_percent,
                VIEWINGS.c.ended_at >= milliseconds(since),
            )
        )
        return await self._database.run(lambda connection: connection.scalar(query) or 0)

    async def history(
        self,
        viewer_id: str | None = None,
        ids: ProviderIds | None = None,
        item_id: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> tuple[Viewing, ...]:
        """Give viewings, the last first. `ids` of a movie or a series, `item_id` of Jellyfin."""
        query = select(VIEWINGS.c.data).order_by(VIEWINGS.c.ended_at.desc()).limit(limit)
        if viewer_id is not None:
            query = query.where(VIEWINGS.c.viewer_id == viewer_id)
        if since is not None:
            query = query.where(VIEWINGS.c.ended_at >= milliseconds(since))
        if ids is not None:
            names = [f"title:{key}" for key in ids.keys]
            query = query.where(VIEWINGS.c.id.in_(_of_keys(names, viewer_id)))
        if item_id is not None:
            query = query.where(VIEWINGS.c.id.in_(_of_keys([f"id:{item_id}"], viewer_id)))
        rows = await self._database.run(lambda c: c.execute(query).scalars().all())
        return tuple(_viewing(data) for data in rows)

    async def count(self, since: datetime, viewer_id: str | None = None) -> int:
        """Count the viewings that ended since then."""
        query = select(func.count()).where(VIEWINGS.c.ended_at >= milliseconds(since))
        if viewer_id is not None:
            query = query.where(VIEWINGS.c.viewer_id == viewer_id)
        return await self._database.run(lambda connection: connection.scalar(query) or 0)

    async def last(self, viewer_id: str) -> Viewing | None:
        """Give a viewer's last viewing."""
        found = await self.history(viewer_id=viewer_id, limit=1)
        return found[0] if found else None


def _viewing(data: str) -> Viewing:
    plain = load(data)
    if not isinstance(plain, dict):
        raise TypeError("viewing")
    return Viewing.from_dict(plain)


def _of_keys(keys: Sequence[str], viewer_id: str | None) -> Select[tuple[int]]:
    query = select(KEYS.c.viewing_id).where(KEYS.c.key.in_(keys))
    return query if viewer_id is None else query.where(KEYS.c.viewer_id == viewer_id)


def _names(unit: Unit) -> Iterable[str]:
    """Name what the unit is found by: its own keys, its title's, and Jellyfin's bare id."""
    return (
        *unit.keys,
        *(f"title:{key}" for key in unit.title.ids.keys),
        f"id:{unit.item_id}",
    )


def _save(connection: Connection, viewing: Viewing) -> Saved:
    known = _known(connection, viewing)
    merged, completed = viewing, False
    for row in known:
        old = _viewing(row["data"])
        completed = completed or old.completed
        merged = merge(old, replace(merged, day=old.day))
    keep = known[0]["id"] if known else None
    for row in known[1:]:
        # Two rows turned out to be one viewing: a report named both of their units.
        connection.execute(delete(KEYS).where(KEYS.c.viewing_id == row["id"]))
        connection.execute(delete(VIEWINGS).where(VIEWINGS.c.id == row["id"]))
    values = {
        "viewer_id": merged.viewer_id,
        "day": merged.day.isoformat(),
        "started_at": milliseconds(merged.started_at),
        "ended_at": milliseconds(merged.ended_at),
        "percent": merged.percent,
        "completed": merged.completed,
        "data": dump(merged.as_dict()),
    }
    if keep is None:
        result = connection.execute(insert(VIEWINGS).values(values))
        keep = result.inserted_primary_key[0] if result.inserted_primary_key else 0
    else:
        connection.execute(update(VIEWINGS).where(VIEWINGS.c.id == keep).values(values))
    _mark(connection, keep, merged, (name for row in known for name in _names_of(row)))
    return Saved(merged, not known, merged.completed and not completed)


def _names_of(row: RowMapping) -> Iterable[str]:
    return _names(_viewing(row["data"]).unit)


def _known(connection: Connection, viewing: Viewing) -> Sequence[RowMapping]:
    """Find the rows of the same viewer and day under any of the unit's names, the oldest first."""
    query = (
        select(VIEWINGS.c.id, VIEWINGS.c.data)
        .where(
            VIEWINGS.c.id.in_(
                select(KEYS.c.viewing_id).where(
                    KEYS.c.key.in_(viewing.unit.keys),
                    KEYS.c.viewer_id == viewing.viewer_id,
                    KEYS.c.day == viewing.day.isoformat(),
                )
            )
        )
        .order_by(VIEWINGS.c.id)
    )
    return connection.execute(query).mappings().all()


def _mark(
    connection: Connection, viewing_id: int, viewing: Viewing, earlier: Iterable[str]
) -> None:
    """Write down all names; an earlier item id stays one of them."""
    have = set(
        connection.execute(select(KEYS.c.key).where(KEYS.c.viewing_id == viewing_id)).scalars()
    )
    day = viewing.day.isoformat()
    new = [
        {"viewing_id": viewing_id, "key": key, "viewer_id": viewing.viewer_id, "day": day}
        for key in dict.fromkeys((*_names(viewing.unit), *earlier))
        if key not in have
    ]
    if new:
        connection.execute(insert(KEYS), new)
