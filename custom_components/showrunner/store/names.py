"""Names, units and players as numbers: each stands once, however many rows are about it.

Functions on an open transaction, called in the store's thread.
"""

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from itertools import batched, count
from typing import Final

from sqlalchemy import (
    Connection,
    ScalarSelect,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from ..domain.media import Unit
from ..domain.watching import Viewing
from .schema import NAMES, PLAYERS, UNIT_NAMES, UNITS, VIEWINGS
from .viewing_columns import unit_of, unit_text

# How many rows one statement names at most.
CHUNK: Final = 500
# Made once: that takes longer than to ask it.
_NUMBERS: Final = select(NAMES.c.name, NAMES.c.id).where(
    NAMES.c.name.in_(bindparam("names", expanding=True))
)
_UNITS: Final = select(UNITS.c.id, UNITS.c.data).where(
    UNITS.c.digest.in_(bindparam("digests", expanding=True))
)
_PLAYER: Final = select(PLAYERS.c.id).where(
    PLAYERS.c.viewer == bindparam("viewer"),
    PLAYERS.c.device == bindparam("device"),
    PLAYERS.c.client == bindparam("client"),
    PLAYERS.c.play_method == bindparam("play_method"),
)


# How the names of viewers and of Jellyfin's items begin; and what comes after all of viewers.
_VIEWER: Final = "viewer:"
_AFTER_VIEWERS: Final = "viewer;"
_ITEM: Final = "id:"
# The id of an item whose name was read.
ITEM_ID: Final = func.substr(NAMES.c.name, len(_ITEM) + 1).label("item_id")


def viewer_name(viewer_id: str) -> str:
    """Give the name under which a viewer has a number."""
    return f"{_VIEWER}{viewer_id}"


def viewer_id_of(name: str) -> str:
    """Give whose name `viewer_name` gave."""
    return name.removeprefix(_VIEWER)


def item_name(item_id: str) -> str:
    """Give the name of one of Jellyfin's items."""
    return f"{_ITEM}{item_id}"


def item_id_of(name: str) -> str:
    """Give whose name `item_name` gave."""
    return name.removeprefix(_ITEM)


def names_of(unit: Unit) -> tuple[str, ...]:
    """Name what the unit is found by: its own keys, its title's, and Jellyfin's bare id."""
    return tuple(dict.fromkeys((*unit.keys, *unit.title.key.names, item_name(unit.item_id))))


def viewers(connection: Connection) -> dict[int, str]:
    """Give the ids of all viewers of whom anything is kept, by their numbers."""
    everybody = NAMES.c.name.between(_VIEWER, _AFTER_VIEWERS)
    rows = connection.execute(select(NAMES.c.id, NAMES.c.name).where(everybody))
    return {number: viewer_id_of(name) for number, name in rows}


def number_of(name: str) -> ScalarSelect[int]:
    """Ask for the number of a name within another question."""
    return select(NAMES.c.id).where(NAMES.c.name == name).scalar_subquery()


def numbers(connection: Connection, names: Collection[str]) -> dict[str, int]:
    """Give the numbers of those names that have one."""
    found = connection.execute(_NUMBERS, {"names": list(names)})
    return {name: number for name, number in found}  # noqa: C416  rows are no pairs to mypy


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


def intern_units(
    connection: Connection, units: Iterable[Unit], have: Mapping[str, int]
) -> dict[Unit, int]:
    """Give units their numbers; a new one is found by all its names, whose numbers `have` has."""
    texts = {unit_text(unit): unit for unit in units}
    wanted = {text: digest_of(text) for text in texts}
    found: dict[Unit, int] = {}
    for some in batched(set(wanted.values()), CHUNK, strict=False):
        for number, data in connection.execute(_UNITS, {"digests": list(some)}):
            if data in texts:
                found[texts[data]] = number
    new = {text: unit for text, unit in texts.items() if unit not in found}
    if not new:
        return found
    first = (connection.scalar(select(func.max(UNITS.c.id))) or 0) + 1
    numbers = dict(zip(new.values(), count(first), strict=False))
    rows = [{"id": numbers[new[one]], "digest": wanted[one], "data": one} for one in new]
    connection.execute(insert(UNITS), rows)
    names = [
        {"name": have[name], "unit": number}
        for unit, number in numbers.items()
        for name in names_of(unit)
    ]
    connection.execute(insert(UNIT_NAMES), names)
    return found | numbers


def units_by_number(connection: Connection, numbers: Iterable[int]) -> dict[int, Unit]:
    """Read units. Raises StoreDamaged."""
    found: dict[int, Unit] = {}
    for some in batched(sorted(numbers), CHUNK, strict=False):
        rows = connection.execute(select(UNITS.c.id, UNITS.c.data).where(UNITS.c.id.in_(some)))
        found |= {number: unit_of(data) for number, data in rows}
    return found


def digest_of(text: str) -> int:
    """Give the number by which a unit is looked for."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def intern_player(connection: Connection, viewing: Viewing, viewer: int) -> int:
    """Give the way in which a viewer plays its number."""
    row = {
        "viewer": viewer,
        "device": viewing.device,
        "client": viewing.client,
        "play_method": viewing.play_method,
    }
    found = connection.scalar(_PLAYER, row)
    if found is not None:
        return int(found)
    result = connection.execute(insert(PLAYERS).values(row))
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def forget_units(connection: Connection, units: Collection[int]) -> None:
    """Remove those of the units that no viewing is of any more."""
    for some in batched(units, CHUNK, strict=False):
        left = delete(UNITS).where(
            UNITS.c.id.in_(some), ~exists().where(VIEWINGS.c.unit == UNITS.c.id)
        )
        gone = connection.execute(left.returning(UNITS.c.id)).scalars().all()
        connection.execute(delete(UNIT_NAMES).where(UNIT_NAMES.c.unit.in_(gone)))
