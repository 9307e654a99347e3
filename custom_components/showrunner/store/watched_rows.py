"""How a mark "watched" lies in the tables: one row a unit, found by any of its names.

Functions on an open transaction; `watched` calls them in the store's thread.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import batched, chain

from sqlalchemy import Connection, delete, func, insert, select, update

from ..domain.library import MarkSource, WatchedMark
from ..domain.media import Unit
from ..domain.watching import Viewing
from .codec import instant, milliseconds
from .names import CHUNK, intern, numbered, viewer_name
from .schema import WATCHED, WATCHED_NAMES


class Marking:
    """Writes a batch of one viewer's marks. What is known of all is read at once."""

    def __init__(
        self, connection: Connection, viewer_id: str, marks: Sequence[WatchedMark]
    ) -> None:
        """Read what is known of the marks' names."""
        self._connection = connection
        self._viewer_id = viewer_id
        own = viewer_name(viewer_id)
        self._names = intern(connection, (own, *(key for mark in marks for key in mark.keys)))
        self._viewer = self._names[own]
        self._known = _known(
            connection, self._viewer, [self._names[key] for mark in marks for key in mark.keys]
        )
        self._next = (connection.scalar(select(func.max(WATCHED.c.id))) or 0) + 1
        self._rows: dict[int, dict[str, object]] = {}
        self._new_names: dict[int, int] = {}
        self._undated = _undated(connection, set(self._known.values()))

    def add(self, mark: WatchedMark) -> bool:
        """Add a mark, or learn from it; tell whether it is new."""
        names = [self._names[key] for key in mark.keys]
        ids = sorted({self._known[name] for name in names if name in self._known})
        if len(ids) > 1:
            self._join(ids)
        new = not ids
        number = self._create(mark) if new else ids[0]
        if not new and mark.since is not None and number in self._undated:
            self._date(number, milliseconds(mark.since))
        for name in names:
            if name not in self._known:
                self._known[name] = self._new_names[name] = number
        return new

    def _create(self, mark: WatchedMark) -> int:
        number, self._next = self._next, self._next + 1
        self._rows[number] = {
            "id": number,
            "viewer_id": self._viewer_id,
            "item_id": mark.item_id,
            "since": None if mark.since is None else milliseconds(mark.since),
            "source": mark.source.value,
        }
        if mark.since is None:
            self._undated.add(number)
        return number

    def _date(self, number: int, since: int) -> None:
        """Nobody had said when; now somebody did."""
        self._undated.discard(number)
        if number in self._rows:
            self._rows[number]["since"] = since
            return
        where = WATCHED.c.id == number
        self._connection.execute(update(WATCHED).where(where).values(since=since))

    def _join(self, ids: Sequence[int]) -> None:
        """Two marks turned out to be of one unit; the first stays."""
        self.flush()
        keep, *others = ids
        self._connection.execute(
            update(WATCHED_NAMES)
            .where(WATCHED_NAMES.c.watched_id.in_(others))
            .values(watched_id=keep)
        )
        self._connection.execute(delete(WATCHED).where(WATCHED.c.id.in_(others)))
        self._known = {n: keep if one in others else one for n, one in self._known.items()}

    def flush(self) -> None:
        """Write what is new."""
        if self._rows:
            self._connection.execute(insert(WATCHED), list(self._rows.values()))
        if self._new_names:
            rows = [
                {"viewer": self._viewer, "name": name, "watched_id": number}
                for name, number in self._new_names.items()
            ]
            self._connection.execute(insert(WATCHED_NAMES), rows)
        self._rows, self._new_names = {}, {}


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


def _known(connection: Connection, viewer: int, names: Iterable[int]) -> dict[int, int]:
    """Give the marks' numbers by the numbers of their names."""
    found: dict[int, int] = {}
    for some in batched(dict.fromkeys(names), CHUNK, strict=False):
        rows = connection.execute(
            select(WATCHED_NAMES.c.name, WATCHED_NAMES.c.watched_id).where(
                WATCHED_NAMES.c.viewer == viewer, WATCHED_NAMES.c.name.in_(some)
            )
        )
        found |= {row.name: row.watched_id for row in rows}
    return found


def _undated(connection: Connection, ids: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for some in batched(ids, CHUNK, strict=False):
        query = select(WATCHED.c.id).where(WATCHED.c.id.in_(some), WATCHED.c.since.is_(None))
        found |= set(connection.execute(query).scalars())
    return found


def marks_of(
    connection: Connection, viewer_ids: Collection[str], units: Sequence[Unit]
) -> dict[str, tuple[WatchedMark | None, ...]]:
    """Give each viewer's marks of units, in their order; None for what is not watched."""
    own = {viewer_name(one): one for one in viewer_ids}
    keys = [unit.keys for unit in units]
    names = numbered(connection, (*own, *chain.from_iterable(keys)))
    viewers = {names[name]: one for name, one in own.items() if name in names}
    known: dict[str, dict[int, int]] = {one: {} for one in viewer_ids}
    numbers = {number for name, number in names.items() if name not in own}
    for some in batched(numbers if viewers else (), CHUNK, strict=False):
        rows = connection.execute(
            select(WATCHED_NAMES).where(
                WATCHED_NAMES.c.viewer.in_([*viewers]), WATCHED_NAMES.c.name.in_(some)
            )
        )
        for row in rows:
            known[viewers[row.viewer]][row.name] = row.watched_id
    found: dict[int, WatchedMark] = {}
    ids = {number for one in known.values() for number in one.values()}
    for some in batched(ids, CHUNK, strict=False):
        for row in connection.execute(select(WATCHED).where(WATCHED.c.id.in_(some))):
            since = None if row.since is None else instant(row.since)
            found[row.id] = WatchedMark((), row.item_id, since, MarkSource(row.source))
    return {
        one: tuple(_of_unit(some, names, mine, found) if mine else None for some in keys)
        for one, mine in known.items()
    }


def _of_unit(
    keys: tuple[str, ...],
    names: dict[str, int],
    known: dict[int, int],
    found: dict[int, WatchedMark],
) -> WatchedMark | None:
    for key in keys:
        number = known.get(names.get(key, 0))
        if number is not None and number in found:
            return replace(found[number], keys=keys)
    return None


def forget(connection: Connection, viewer_id: str) -> None:
    """Erase a viewer's marks."""
    mine = select(WATCHED.c.id).where(WATCHED.c.viewer_id == viewer_id)
    connection.execute(delete(WATCHED_NAMES).where(WATCHED_NAMES.c.watched_id.in_(mine)))
    connection.execute(delete(WATCHED).where(WATCHED.c.viewer_id == viewer_id))
