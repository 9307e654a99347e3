"""How a mark "watched" lies in the tables: one small row a viewer and unit, found by any name.

A unit's names stand once for all who have watched it. That is an exact set: a viewer's unit has the
names that were learnt of it, and no others. Functions on an open transaction; `watched` calls them
in the store's thread.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched, chain
import struct
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from ..domain.library import MarkSource, WatchedMark
from ..domain.media import Unit
from ..domain.text import say
from ..domain.watching import Viewing
from .codec import instant, milliseconds
from .errors import StoreDamaged
from .names import CHUNK, intern, item_id_of, item_name, numbered, numbers, viewer_name, viewers
from .schema import NAMES, WATCHED, WATCHED_NAMES, WATCHED_UNITS

# As they are written. Released, so these numbers stay.
SOURCES: Final = {MarkSource.JELLYFIN: 0, MarkSource.VIEWING: 1, MarkSource.IMPORT: 2}
_SOURCES: Final = {number: source for source, number in SOURCES.items()}


@dataclass(slots=True, eq=False)
class _Mark:
    """A viewer's mark while a batch is written. `unit`: what it is written under by now."""

    item: int
    names: set[int]
    since: int | None
    source: int
    unit: int | None = None
    is_changed: bool = False

    @property
    def is_of(self) -> tuple[int, bytes]:
        """What makes its unit this one."""
        return self.item, written(self.names)


class Marking:
    """Writes a batch of one viewer's marks. What is known of all is read at once."""

    def __init__(
        self, connection: Connection, viewer_id: str, marks: Sequence[WatchedMark]
    ) -> None:
        """Read what is known of the marks' names."""
        self._connection = connection
        own = viewer_name(viewer_id)
        items = (item_name(mark.item_id) for mark in marks)
        keys = (key for mark in marks for key in mark.keys)
        self._numbers = intern(connection, (own, *items, *keys))
        self._viewer = self._numbers[own]
        asked = {self._numbers[key] for mark in marks for key in mark.keys}
        units = units_named(connection, asked)
        self._units = {(item, names): number for number, (item, names) in units.items()}
        self._marks = _marks(connection, self._viewer, units)
        self._of = {name: mark for mark in self._marks for name in mark.names}
        # Marks of before that are not what they were, or are one by now.
        self._old: set[int] = set()

    def add(self, mark: WatchedMark) -> bool:
        """Add a mark, or learn from it; tell whether it is new."""
        names = {self._numbers[key] for key in mark.keys}
        found = {self._of[name] for name in names if name in self._of}
        since = None if mark.since is None else milliseconds(mark.since)
        if not found:
            item = self._numbers[item_name(mark.item_id)]
            self._marks.append(_Mark(item, set(), since, SOURCES[mark.source], is_changed=True))
            self._learn(self._marks[-1], names)
            return True
        keep, *others = sorted(found, key=self._marks.index)
        if others:
            self._join(keep, others)
        if keep.since is None and since is not None:
            keep.since, keep.is_changed = since, True
        self._learn(keep, names)
        return False

    def _learn(self, mark: _Mark, names: Collection[int]) -> None:
        mark.is_changed |= not mark.names.issuperset(names)
        mark.names.update(names)
        self._of |= dict.fromkeys(names, mark)

    def _join(self, keep: _Mark, others: Sequence[_Mark]) -> None:
        """Two marks turned out to be of one unit. The first stays, under the names of all.

        Of several days it has the last: what was watched later stays longer.
        """
        for one in others:
            self._marks.remove(one)
            if one.unit is not None:
                self._old.add(one.unit)
            self._learn(keep, one.names)
        days = [one.since for one in (keep, *others) if one.since is not None]
        keep.since = max(days, default=None)

    def flush(self) -> None:
        """Write what is new or has changed."""
        changed = [mark for mark in self._marks if mark.is_changed]
        if not changed:
            return
        self._old |= {mark.unit for mark in changed if mark.unit is not None}
        for some in batched(self._old, CHUNK, strict=False):
            mine = WATCHED.c.viewer == self._viewer
            self._connection.execute(delete(WATCHED).where(mine, WATCHED.c.unit.in_(some)))
        self._write_units(dict.fromkeys(mark.is_of for mark in changed))
        rows = [
            {
                "viewer": self._viewer,
                "unit": self._units[mark.is_of],
                "since": mark.since,
                "source": mark.source,
            }
            for mark in changed
        ]
        self._connection.execute(insert(WATCHED), rows)
        forget_units(self._connection, self._old)

    def _write_units(self, wanted: Iterable[tuple[int, bytes]]) -> None:
        new = [one for one in wanted if one not in self._units]
        if not new:
            return
        first = (self._connection.scalar(select(func.max(WATCHED_UNITS.c.id))) or 0) + 1
        self._units |= {one: number for number, one in enumerate(new, first)}
        units = [
            {"id": self._units[item, names], "item": item, "names": names} for item, names in new
        ]
        self._connection.execute(insert(WATCHED_UNITS), units)
        found_by = [
            {"name": name, "unit": self._units[one]} for one in new for name in read(one[1])
        ]
        if found_by:
            self._connection.execute(insert(WATCHED_NAMES), found_by)


def written(names: Collection[int]) -> bytes:
    """Write a set of names: the same set is the same bytes."""
    return struct.pack(f">{len(names)}I", *sorted(names))


def read(names: bytes) -> tuple[int, ...]:
    """Read what `written` gave."""
    return struct.unpack(f">{len(names) // 4}I", names)


def mark(connection: Connection, viewer_id: str, marks: Sequence[WatchedMark]) -> int:
    """Write a batch of marks; give how many units are new."""
    marking = Marking(connection, viewer_id, marks)
    newly = sum(marking.add(one) for one in marks)
    marking.flush()
    return newly


def mark_of(viewing: Viewing) -> WatchedMark | None:
    """Give the mark that a viewing makes: once it counts, its unit is watched."""
    if not viewing.counts:
        return None
    unit = viewing.unit
    return WatchedMark(unit.keys, unit.item_id, viewing.ended_at, MarkSource.VIEWING)


def units_named(connection: Connection, names: Collection[int]) -> dict[int, tuple[int, bytes]]:
    """Give the units that have any of these names, by their numbers: item and names."""
    found: dict[int, tuple[int, bytes]] = {}
    for some in batched(names, CHUNK, strict=False):
        mine = select(WATCHED_NAMES.c.unit).where(WATCHED_NAMES.c.name.in_(some))
        query = select(WATCHED_UNITS).where(WATCHED_UNITS.c.id.in_(mine))
        found |= {row.id: (row.item, row.names) for row in connection.execute(query)}
    return found


def _marks(
    connection: Connection, viewer: int, units: Mapping[int, tuple[int, bytes]]
) -> list[_Mark]:
    found: list[_Mark] = []
    for some in batched(sorted(units), CHUNK, strict=False):
        query = select(WATCHED).where(WATCHED.c.viewer == viewer, WATCHED.c.unit.in_(some))
        for row in connection.execute(query.order_by(WATCHED.c.unit)):
            item, names = units[row.unit]
            found.append(_Mark(item, set(read(names)), row.since, row.source, row.unit))
    return found


def marked_by(
    connection: Connection, units: Collection[int], viewers: Collection[int]
) -> dict[int, list[int]]:
    """Give who has watched units, of these viewers, each with their units."""
    found: dict[int, list[int]] = {}
    for some in batched(units if viewers else (), CHUNK, strict=False):
        query = select(WATCHED.c.viewer, WATCHED.c.unit).where(
            WATCHED.c.viewer.in_(viewers), WATCHED.c.unit.in_(some)
        )
        for viewer, unit in connection.execute(query):
            found.setdefault(viewer, []).append(unit)
    return found


def forget_units(connection: Connection, units: Collection[int]) -> None:
    """Remove those of the units that nobody has watched any more."""
    everybody = viewers(connection) if units else {}
    for some in batched(units, CHUNK, strict=False):
        used = set(chain.from_iterable(marked_by(connection, some, everybody).values()))
        gone = [one for one in some if one not in used]
        rows = connection.execute(select(WATCHED_UNITS.c.names).where(WATCHED_UNITS.c.id.in_(gone)))
        names = {name for row in rows for name in read(row.names)}
        for part in batched(names, CHUNK, strict=False):
            theirs = WATCHED_NAMES.c.name.in_(part), WATCHED_NAMES.c.unit.in_(gone)
            connection.execute(delete(WATCHED_NAMES).where(*theirs))
        connection.execute(delete(WATCHED_UNITS).where(WATCHED_UNITS.c.id.in_(gone)))


def marks_of(
    connection: Connection, viewer_ids: Collection[str], units: Sequence[Unit]
) -> dict[str, tuple[WatchedMark | None, ...]]:
    """Give each viewer's marks of units, in their order; None for what is not watched."""
    own = {viewer_name(one): one for one in viewer_ids}
    keys = [unit.keys for unit in units]
    have = numbered(connection, (*own, *chain.from_iterable(keys)))
    asking = {have[name]: one for name, one in own.items() if name in have}
    found: dict[str, dict[int, WatchedMark]] = {one: {} for one in viewer_ids}
    if asking:
        named = units_named(connection, {have[key] for key in set(chain(*keys)) if key in have})
        ids = _item_ids(connection, {item for item, _ in named.values()})
        for some in batched(named, CHUNK, strict=False):
            query = select(WATCHED).where(WATCHED.c.viewer.in_([*asking]), WATCHED.c.unit.in_(some))
            for row in connection.execute(query):
                item, names = named[row.unit]
                mark = _read(ids[item], row.since, row.source)
                found[asking[row.viewer]] |= dict.fromkeys(read(names), mark)
    return {
        one: tuple(_of_unit(some, have, mine) if mine else None for some in keys)
        for one, mine in found.items()
    }


def _of_unit(
    keys: tuple[str, ...], have: Mapping[str, int], mine: Mapping[int, WatchedMark]
) -> WatchedMark | None:
    for key in keys:
        mark = mine.get(have.get(key, 0))
        if mark is not None:
            return WatchedMark(keys, mark.item_id, mark.since, mark.source)
    return None


def _read(item_id: str, since: int | None, source: int) -> WatchedMark:
    if source not in _SOURCES:
        raise StoreDamaged(say("store_row_unreadable", why=f"source {source}"))
    return WatchedMark((), item_id, None if since is None else instant(since), _SOURCES[source])


def _item_ids(connection: Connection, items: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in batched(items, CHUNK, strict=False):
        rows = connection.execute(select(NAMES.c.id, NAMES.c.name).where(NAMES.c.id.in_(some)))
        found |= {row.id: item_id_of(row.name) for row in rows}
    return found


def forget(connection: Connection, viewer_id: str) -> None:
    """Erase a viewer's marks, and what nobody else has watched."""
    known = viewer_name(viewer_id)
    viewer = numbers(connection, (known,)).get(known)
    if viewer is not None:
        gone = delete(WATCHED).where(WATCHED.c.viewer == viewer).returning(WATCHED.c.unit)
        forget_units(connection, connection.execute(gone).scalars().all())
