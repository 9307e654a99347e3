"""How a viewing lies in the tables: one row, its unit's names as numbers, its time by the quarter.

Functions on an open transaction; `viewings` and `archive` call them in the store's thread.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from ..domain.media import Unit
from ..domain.watching import Viewing, merge
from .codec import milliseconds
from .names import (
    CHUNK,
    forget_units,
    intern,
    intern_player,
    intern_units,
    names_of,
    numbers,
    viewer_name,
)
from .schema import UNIT_NAMES, VIEWING_NAMES, VIEWINGS, WATCH_TIME
from .viewing_columns import READ, values_of, viewing_of

# Made once: that takes longer than to ask it.
_ROWS: Final = READ.where(VIEWINGS.c.id.in_(bindparam("ids", expanding=True)))
_QUARTER: Final = 15 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a viewing: merged with what was known. `newly_completed` once in its life."""

    viewing: Viewing
    created: bool
    newly_completed: bool


def read_rows(connection: Connection, ids: Collection[int]) -> dict[int, Viewing]:
    """Read viewings by their numbers, in their order."""
    found: dict[int, Viewing] = {}
    for some in batched(ids, CHUNK, strict=False):
        rows = connection.execute(_ROWS, {"ids": list(some)}).mappings()
        found |= {row["id"]: viewing_of(row) for row in rows}
    return {number: found[number] for number in ids if number in found}


def by_unit(names: Collection[int], viewer: int | None, *columns: Any) -> Select[Any]:
    """Ask for the viewings of the units that have any of these names; of a viewer, or anybody.

    It reads by the units: SQLite would rather read along all that a viewer ever saw, so viewer and
    unit are asked for as one.
    """
    if viewer is None:
        units = select(UNIT_NAMES.c.unit).where(UNIT_NAMES.c.name.in_(names))
        return select(*columns).where(VIEWINGS.c.unit.in_(units))
    theirs = select(UNIT_NAMES.c.unit, literal(viewer)).where(UNIT_NAMES.c.name.in_(names))
    return select(*columns).where(tuple_(VIEWINGS.c.unit, VIEWINGS.c.viewer).in_(theirs))


def by_own_name(names: Collection[int], viewer: int | None, *columns: Any) -> Select[Any]:
    """Ask for the viewings that have any of these names beside those of their unit."""
    own = select(VIEWING_NAMES.c.viewing_id).where(VIEWING_NAMES.c.name.in_(names))
    query = select(*columns).where(VIEWINGS.c.id.in_(own))
    # Few have names of their own: they are read first, and then looked at.
    return query if viewer is None else query.where(VIEWINGS.c.viewer + 0 == viewer)


def save(connection: Connection, viewing: Viewing) -> Saved:
    """Store a viewing, or merge it with the rows of the same viewer, unit and day."""
    own = viewer_name(viewing.viewer_id)
    have = numbers(connection, (own, *names_of(viewing.unit)))
    known = _known(connection, viewing, have)
    merged, completed = viewing, False
    for old in known.values():
        completed = completed or old.counts
        merged = merge(old, replace(merged, day=old.day))
    wanted = (own, *names_of(merged.unit))
    have |= intern(connection, (name for name in wanted if name not in have))
    viewer = have[own]
    unit = intern_units(connection, [merged.unit], have)[merged.unit]
    row = values_of(merged, viewer, unit, intern_player(connection, merged, viewer))
    gained = merged.watched
    if known:
        keep, *others = known
        gained -= known[keep].watched
        names = {name for some in names_by_row(connection, known).values() for name in some}
        for other in others:
            _take_back(connection, known[other], viewer)
        before = units_of(connection, [keep])
        connection.execute(update(VIEWINGS).where(VIEWINGS.c.id == keep).values(row))
        erase(connection, others)
        name_rows(connection, {keep: names})
        forget_units(connection, before - {unit})
    else:
        connection.execute(insert(VIEWINGS).values(row))
    count(connection, {(viewer, quarter_of(viewing.ended_at)): gained})
    return Saved(merged, not known, merged.counts and not completed)


def retell(connection: Connection, ids: Sequence[int], unit: Unit) -> set[int]:
    """Have rows be of a unit, of which more is known than of theirs.

    Give those that are one with others by now, which `save` joins: they stay as they are.
    """
    wanted = names_of(unit)
    have = intern(connection, wanted)
    keys = [have[key] for key in unit.keys]
    days: dict[tuple[int, int], set[int]] = {}
    for ask in (by_unit, by_own_name):
        asked = ask(keys, None, VIEWINGS.c.id, VIEWINGS.c.viewer, VIEWINGS.c.day)
        for number, viewer, day in connection.execute(asked):
            days.setdefault((viewer, day), set()).add(number)
    alone = {number for one in days.values() if len(one) == 1 for number in one}
    moved = [number for number in ids if number in alone]
    told = intern_units(connection, [unit], have)[unit] if moved else 0
    for some in batched(moved, CHUNK, strict=False):
        before, names = units_of(connection, some), names_by_row(connection, some)
        connection.execute(update(VIEWINGS).where(VIEWINGS.c.id.in_(some)).values(unit=told))
        name_rows(connection, names)
        forget_units(connection, before - {told})
    return set(ids) - alone


def erase(connection: Connection, ids: Sequence[int]) -> None:
    """Remove rows and their names; their watch time stays."""
    for some in batched(ids, CHUNK, strict=False):
        units = units_of(connection, some)
        connection.execute(delete(VIEWING_NAMES).where(VIEWING_NAMES.c.viewing_id.in_(some)))
        connection.execute(delete(VIEWINGS).where(VIEWINGS.c.id.in_(some)))
        forget_units(connection, units)


def name_rows(connection: Connection, named: Mapping[int, Collection[int]]) -> None:
    """Have rows be found by names, as far as they are there, and not found by them already.

    An earlier item id stays one of the names.
    """
    for some in batched(named, CHUNK, strict=False):
        have = names_by_row(connection, some)
        rows = [
            {"name": name, "viewing_id": one}
            for one in some
            if one in have
            for name in sorted(set(named[one]) - have[one])
        ]
        if rows:
            connection.execute(insert(VIEWING_NAMES), rows)


def _known(connection: Connection, viewing: Viewing, have: Mapping[str, int]) -> dict[int, Viewing]:
    """Find the rows of the same viewer and day under any of the unit's keys, the oldest first."""
    viewer = have.get(viewer_name(viewing.viewer_id))
    keys = [have[key] for key in viewing.unit.keys if key in have]
    if viewer is None or not keys:
        return {}
    ids: set[int] = set()
    for ask in (by_unit, by_own_name):
        asked = ask(keys, viewer, VIEWINGS.c.id)
        that_day = asked.where(VIEWINGS.c.day == viewing.day.toordinal())
        ids |= set(connection.execute(that_day).scalars())
    return read_rows(connection, sorted(ids))


def units_of(connection: Connection, ids: Collection[int]) -> set[int]:
    """Give the numbers of the units that rows are of."""
    query = select(VIEWINGS.c.unit).where(VIEWINGS.c.id.in_(ids))
    return set(connection.execute(query).scalars())


def names_by_row(connection: Connection, ids: Collection[int]) -> dict[int, set[int]]:
    """Give all names by which rows are found: their units' and their own."""
    units = (
        select(VIEWINGS.c.id, UNIT_NAMES.c.name)
        .join(UNIT_NAMES, UNIT_NAMES.c.unit == VIEWINGS.c.unit)
        .where(VIEWINGS.c.id.in_(ids))
    )
    own = select(VIEWING_NAMES.c.viewing_id, VIEWING_NAMES.c.name).where(
        VIEWING_NAMES.c.viewing_id.in_(ids)
    )
    found: dict[int, set[int]] = {}
    for asked in (units, own):
        for number, name in connection.execute(asked):
            found.setdefault(number, set()).add(name)
    return found


# -- watch time --------------------------------------------------------------------------------


def quarter_of(at: datetime) -> int:
    """Number the quarter of an hour."""
    return milliseconds(at) // _QUARTER


def count(connection: Connection, gained: Mapping[tuple[int, int], float]) -> None:
    """Add to viewers' watch time of quarters of an hour (seconds)."""
    rows = [
        {"viewer": viewer, "quarter": quarter, "seconds": seconds}
        for (viewer, quarter), seconds in gained.items()
        if seconds > 0
    ]
    if not rows:
        return
    added = upsert(WATCH_TIME)
    total = WATCH_TIME.c.seconds + added.excluded.seconds
    connection.execute(added.on_conflict_do_update(set_={"seconds": total}), rows)


def _take_back(connection: Connection, viewing: Viewing, viewer: int) -> None:
    """Take a viewing's time out again, from its end backwards: it may have come in parts."""
    left = viewing.watched
    query = (
        select(WATCH_TIME.c.quarter, WATCH_TIME.c.seconds)
        .where(
            WATCH_TIME.c.viewer == viewer,
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
            .where(WATCH_TIME.c.viewer == viewer, WATCH_TIME.c.quarter == quarter)
            .values(seconds=seconds - taken)
        )
