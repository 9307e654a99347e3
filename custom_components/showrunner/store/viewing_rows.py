"""How a viewing lies in the tables: one row, its names as numbers, its watch time by the quarter.

Functions on an open transaction; `viewings` and `archive` call them in the store's thread.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ..domain.media import Unit
from ..domain.watching import Viewing, merge
from .database import dump, load, milliseconds
from .schema import NAMES, VIEWING_NAMES, VIEWINGS, WATCH_TIME

# Made once: that takes longer than to ask it.
_NUMBERS: Final = select(NAMES.c.name, NAMES.c.id).where(
    NAMES.c.name.in_(bindparam("names", expanding=True))
)
# How many rows one statement names at most.
CHUNK: Final = 500
_QUARTER: Final = 15 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a viewing: merged with what was known. `newly_completed` once in its life."""

    viewing: Viewing
    created: bool
    newly_completed: bool


def read(data: str) -> Viewing:
    """Read a row's viewing."""
    plain = load(data)
    if not isinstance(plain, dict):
        raise TypeError("viewing")
    return Viewing.from_dict(plain)


def quarter_of(at: datetime) -> int:
    """Number the quarter of an hour."""
    return milliseconds(at) // _QUARTER


def viewer_name(viewer_id: str) -> str:
    """Give the name under which a viewer has a number."""
    return f"viewer:{viewer_id}"


def item_name(item_id: str) -> str:
    """Give the name of one of Jellyfin's items."""
    return f"id:{item_id}"


def numbers(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """Give the numbers of those names that have one."""
    found = connection.execute(_NUMBERS, {"names": list(names)})
    return {name: number for name, number in found}  # noqa: C416  rows are no pairs to mypy


def save(connection: Connection, viewing: Viewing) -> Saved:
    """Store a viewing, or merge it with the rows of the same viewer, unit and day."""
    viewer = viewer_name(viewing.viewer_id)
    have = numbers(connection, (viewer, *names_of(viewing.unit)))
    known = _known(connection, viewing, have)
    merged, completed = viewing, False
    for _, old in known:
        completed = completed or old.counts
        merged = merge(old, replace(merged, day=old.day))
    keep, gained = None, merged.watched
    wanted = (viewer, *names_of(merged.unit))
    have |= intern(connection, (name for name in wanted if name not in have))
    names = {have[name] for name in wanted[1:]}
    if known:
        keep, first = known[0]
        gained -= first.watched
        names |= _join(connection, known[1:])
        connection.execute(update(VIEWINGS).where(VIEWINGS.c.id == keep).values(values_of(merged)))
        if end_of(merged) != end_of(first):
            connection.execute(
                update(VIEWING_NAMES)
                .where(VIEWING_NAMES.c.viewing_id == keep)
                .values(ended_at=end_of(merged))
            )
    else:
        result = connection.execute(insert(VIEWINGS).values(values_of(merged)))
        keep = int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0
    _mark(connection, keep, merged, names, have[viewer])
    count(connection, {(viewing.viewer_id, quarter_of(viewing.ended_at)): gained})
    return Saved(merged, not known, merged.counts and not completed)


def erase(connection: Connection, ids: Sequence[int]) -> None:
    """Remove rows and their names; their watch time stays."""
    for some in batched(ids, CHUNK, strict=False):
        connection.execute(delete(VIEWING_NAMES).where(VIEWING_NAMES.c.viewing_id.in_(some)))
        connection.execute(delete(VIEWINGS).where(VIEWINGS.c.id.in_(some)))


def names_of(unit: Unit) -> tuple[str, ...]:
    """Name what the unit is found by: its own keys, its title's, and Jellyfin's bare id."""
    return tuple(dict.fromkeys((*unit.keys, *unit.title.key.names, item_name(unit.item_id))))


def values_of(viewing: Viewing) -> dict[str, object]:
    """Write a viewing as a row's values."""
    return {
        "viewer_id": viewing.viewer_id,
        "day": viewing.day.isoformat(),
        "started_at": milliseconds(viewing.started_at),
        "ended_at": end_of(viewing),
        "percent": _percent(viewing),
        "completed": viewing.counts,
        "data": dump(viewing.as_dict()),
    }


def end_of(viewing: Viewing) -> int:
    """Say when it ended, for what is asked of a time: a webhook makes nothing count for longer."""
    seen = viewing.proven if viewing.counts else None
    return milliseconds(seen.ended_at if seen else viewing.ended_at)


def _percent(viewing: Viewing) -> float:
    """Say how far a viewing got. Of an unknown runtime: completed, or not far enough to count."""
    reached = viewing.proven_percent if viewing.counts else viewing.percent
    if reached is not None:
        return reached
    return 100.0 if viewing.completed else 0.0


def _known(
    connection: Connection, viewing: Viewing, have: Mapping[str, int]
) -> list[tuple[int, Viewing]]:
    """Find the rows of the same viewer and day under any of the unit's keys, the oldest first."""
    number = have.get(viewer_name(viewing.viewer_id))
    keys = [have[key] for key in viewing.unit.keys if key in have]
    if number is None or not keys:
        return []
    ids = select(VIEWING_NAMES.c.viewing_id).where(
        VIEWING_NAMES.c.name.in_(keys),
        VIEWING_NAMES.c.viewer == number,
        VIEWING_NAMES.c.day == viewing.day.toordinal(),
    )
    rows = connection.execute(
        select(VIEWINGS.c.id, VIEWINGS.c.data).where(VIEWINGS.c.id.in_(ids)).order_by(VIEWINGS.c.id)
    )
    return [(number, read(data)) for number, data in rows]


def _join(connection: Connection, others: Sequence[tuple[int, Viewing]]) -> set[int]:
    """Remove rows that turned out to be another one's viewing; give the names they had."""
    ids = [number for number, _ in others]
    if not ids:
        return set()
    names = select(VIEWING_NAMES.c.name).where(VIEWING_NAMES.c.viewing_id.in_(ids))
    had = set(connection.execute(names).scalars())
    for _, other in others:
        _take_back(connection, other)
    erase(connection, ids)
    return had


def numbered(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Give the numbers of those names that have one, however many they are."""
    found: dict[str, int] = {}
    for some in batched(dict.fromkeys(names), CHUNK, strict=False):
        found |= numbers(connection, some)
    return found


def intern(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Give each name its number, a new one to a new name."""
    wanted = dict.fromkeys(names)
    found = numbered(connection, wanted)
    new = [{"name": name} for name in wanted if name not in found]
    if new:
        connection.execute(upsert(NAMES).on_conflict_do_nothing(), new)
        found |= numbered(connection, (row["name"] for row in new))
    return found


def name_row(
    connection: Connection, viewing_id: int, viewing: Viewing, names: Collection[str]
) -> None:
    """Have a row, if it is still there, be found by more names."""
    if connection.scalar(select(VIEWINGS.c.id).where(VIEWINGS.c.id == viewing_id)) is not None:
        viewer = viewer_name(viewing.viewer_id)
        have = intern(connection, (viewer, *names))
        wanted = {have[name] for name in names}
        _mark(connection, viewing_id, viewing, wanted, have[viewer])


def _mark(
    connection: Connection, viewing_id: int, viewing: Viewing, names: set[int], viewer: int
) -> None:
    """Write down all names; an earlier item id stays one of them."""
    query = select(VIEWING_NAMES.c.name).where(VIEWING_NAMES.c.viewing_id == viewing_id)
    new = names - set(connection.execute(query).scalars())
    if new:
        row = {
            "viewing_id": viewing_id,
            "viewer": viewer,
            "ended_at": end_of(viewing),
            "day": viewing.day.toordinal(),
        }
        connection.execute(insert(VIEWING_NAMES), [row | {"name": name} for name in sorted(new)])


def count(connection: Connection, gained: Mapping[tuple[str, int], float]) -> None:
    """Add to viewers' watch time of quarters of an hour (seconds)."""
    rows = [
        {"viewer_id": viewer_id, "quarter": quarter, "seconds": seconds}
        for (viewer_id, quarter), seconds in gained.items()
        if seconds > 0
    ]
    if not rows:
        return
    added = upsert(WATCH_TIME)
    total = WATCH_TIME.c.seconds + added.excluded.seconds
    connection.execute(added.on_conflict_do_update(set_={"seconds": total}), rows)


def _take_back(connection: Connection, viewing: Viewing) -> None:
    """Take a viewing's time out again, from its end backwards: it may have come in parts."""
    left = viewing.watched
    query = (
        select(WATCH_TIME.c.quarter, WATCH_TIME.c.seconds)
        .where(
            WATCH_TIME.c.viewer_id == viewing.viewer_id,
            WATCH_TIME.c.quarter <= quarter_of(viewing.ended_at),
            WATCH_TIME.c.quarter >= quarter_of(viewing.started_at),
        )
        .order_by(WATCH_TIME.c.quarter.desc())
    )
    for quarter, seconds in connection.execute(query).all():
        taken = min(left, seconds)
        left -= taken
        connection.execute(
            update(WATCH_TIME)
            .where(WATCH_TIME.c.viewer_id == viewing.viewer_id, WATCH_TIME.c.quarter == quarter)
            .values(seconds=seconds - taken)
        )
