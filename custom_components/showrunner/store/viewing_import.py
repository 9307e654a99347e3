"""Imported viewings meet those that we saw ourselves, a few hundred at a time.

The import only knows on which day a row began. Of a film of two evenings, or one that was paused
over midnight, we have one viewing, and its second row must not become another: what overlaps a
known viewing in time is that viewing.

What is known of a batch is read at once and what it changes is written at once: asked row by row,
the store's thread would be held for seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import batched
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ..domain.watching import Viewing, merge
from .codec import milliseconds
from .names import (
    CHUNK,
    forget_units,
    intern,
    intern_player,
    intern_units,
    names_of,
    numbered,
    viewer_name as own_name,
)
from .schema import VIEWING_NAMES, VIEWINGS
from .viewing_columns import values_of
from .viewing_rows import (
    Saved,
    by_own_name,
    by_unit,
    count,
    names_by_row,
    quarter_of,
    read_rows,
    save,
    units_of,
)

# What a batch may meet: rows of its own days, and what overlaps them, with a day's room for zones.
_AROUND: Final = timedelta(days=2)


def import_batch(connection: Connection, viewings: Sequence[Viewing]) -> tuple[Saved, ...]:
    """Store viewings, or merge them with what is known."""
    importing = _Importing(connection, viewings)
    saved = tuple(importing.add(one) for one in viewings)
    importing.flush()
    return saved


class _Importing:
    """One batch. Rows are told apart by their numbers, names by theirs."""

    def __init__(self, connection: Connection, viewings: Sequence[Viewing]) -> None:
        """Read what is known of the batch's viewers and units."""
        self._connection = connection
        self._rows: dict[int, Viewing] = {}
        self._named: dict[int, set[int]] = {}
        self._found: dict[tuple[int, int], set[int]] = {}
        self._numbers = intern(
            connection,
            [name for one in viewings for name in (own_name(one.viewer_id), *names_of(one.unit))],
        )
        wanted: dict[int, list[Viewing]] = {}
        for one in viewings:
            wanted.setdefault(self._viewer(one), []).append(one)
        self._load(number for some in wanted.values() for number in self._ids(some))
        self._next = (connection.scalar(select(func.max(VIEWINGS.c.id))) or 0) + 1
        self._new: set[int] = set()
        self._changed: set[int] = set()
        self._gained: dict[tuple[int, int], float] = {}

    def add(self, viewing: Viewing) -> Saved:
        """Take in a viewing."""
        viewing = self._laid_on_known(viewing)
        known = [one for one in self._candidates(viewing) if self._rows[one].day == viewing.day]
        if len(known) > 1:
            return self._joined(viewing, known)
        if known:
            number, old = known[0], self._rows[known[0]]
            merged = merge(old, viewing)
            if merged != old and number not in self._new:
                self._changed.add(number)
        else:
            number, old, merged = self._next, None, viewing
            self._next += 1
            self._new.add(number)
        self._rows[number] = merged
        self._name(number, merged)
        gained = merged.watched - (old.watched if old else 0.0)
        place = (self._viewer(viewing), quarter_of(viewing.ended_at))
        self._gained[place] = self._gained.get(place, 0.0) + gained
        done = merged.counts and not (old is not None and old.counts)
        return Saved(merged, old is None, done)

    def flush(self) -> None:
        """Write what is new and what has changed."""
        connection = self._connection
        written = sorted(self._new | self._changed)
        values = self._values(written)
        if self._new:
            new = [{"id": one} | values[one] for one in sorted(self._new)]
            connection.execute(insert(VIEWINGS), new)
        if self._changed:
            before = units_of(connection, self._changed)
            where = update(VIEWINGS).where(VIEWINGS.c.id == bindparam("number"))
            changed = [{"number": one} | values[one] for one in sorted(self._changed)]
            connection.execute(where, changed)
            forget_units(connection, before)
        own = [
            {"viewing_id": number, "name": name}
            for number in written
            for name in sorted(self._named[number] - self._unit_names(number))
        ]
        if own:
            connection.execute(upsert(VIEWING_NAMES).on_conflict_do_nothing(), own)
        count(connection, self._gained)
        self._new, self._changed, self._gained = set(), set(), {}

    def _values(self, written: Sequence[int]) -> dict[int, dict[str, object]]:
        """Give rows their values: of all their units at once, and of each player once."""
        rows = {number: self._rows[number] for number in written}
        units = intern_units(self._connection, {row.unit for row in rows.values()}, self._numbers)
        players: dict[tuple[str, ...], int] = {}
        values: dict[int, dict[str, object]] = {}
        for number, row in rows.items():
            viewer = self._viewer(row)
            player = (row.viewer_id, row.device, row.client, row.play_method)
            if player not in players:
                players[player] = intern_player(self._connection, row, viewer)
            values[number] = values_of(row, viewer, units[row.unit], players[player])
        return values

    def _unit_names(self, number: int) -> set[int]:
        return {self._numbers[name] for name in names_of(self._rows[number].unit)}

    # -- what is known ---------------------------------------------------------------------------

    def _viewer(self, viewing: Viewing) -> int:
        return self._numbers[own_name(viewing.viewer_id)]

    def _keys(self, viewing: Viewing) -> set[int]:
        return {self._numbers[key] for key in viewing.unit.keys}

    def _ids(self, mine: Sequence[Viewing]) -> set[int]:
        """Find the rows that one viewer's viewings may meet: not all that was ever known of a unit.

        Else a title that is watched every day would be read whole for every few of its rows.
        """
        since = milliseconds(min(one.started_at for one in mine) - _AROUND)
        until = max(one.ended_at for one in mine) + _AROUND
        keys = {key for one in mine for key in self._keys(one)}
        found: set[int] = set()
        for some in batched(sorted(keys), CHUNK, strict=False):
            for ask in (by_unit, by_own_name):
                query = ask(some, self._viewer(mine[0]), VIEWINGS.c.id).where(
                    VIEWINGS.c.ended_at + 0 >= since,
                    VIEWINGS.c.day <= until.toordinal(),
                )
                found.update(self._connection.execute(query).scalars())
        return found

    def _load(self, ids: Iterable[int]) -> None:
        """Read rows, and under which names they are found."""
        for some in batched(sorted(set(ids)), CHUNK, strict=False):
            found = read_rows(self._connection, some)
            self._rows |= found
            said = {name for one in found.values() for name in names_of(one.unit)}
            said |= {own_name(one.viewer_id) for one in found.values()}
            self._numbers |= numbered(self._connection, said - self._numbers.keys())
            for number, names in names_by_row(self._connection, some).items():
                self._named.setdefault(number, set()).update(names)
                viewer = self._viewer(self._rows[number])
                for name in names:
                    self._found.setdefault((viewer, name), set()).add(number)

    def _candidates(self, viewing: Viewing) -> list[int]:
        """Give the viewer's rows under any of the unit's keys, the oldest first."""
        viewer = self._viewer(viewing)
        found = (self._found.get((viewer, key), ()) for key in self._keys(viewing))
        return sorted({number for numbers in found for number in numbers})

    def _laid_on_known(self, viewing: Viewing) -> Viewing:
        """Give the viewing the day of the known one of its viewer and unit that it overlaps."""
        over = [
            row
            for row in (self._rows[number] for number in self._candidates(viewing))
            if row.ended_at >= viewing.started_at and row.started_at <= viewing.ended_at
        ]
        first = min(over, key=lambda row: row.started_at, default=None)
        return viewing if first is None else replace(viewing, day=first.day)

    # -- what changes ----------------------------------------------------------------------------

    def _name(self, number: int, viewing: Viewing) -> None:
        """Have a row found by its names; an earlier item id stays one of them."""
        said = names_of(viewing.unit)
        if new := [name for name in said if name not in self._numbers]:
            # What the one said and what the other said make a name that neither had.
            self._numbers |= intern(self._connection, new)
        names = {self._numbers[name] for name in said}
        viewer, had = self._viewer(viewing), self._named.setdefault(number, set())
        for name in names - had:
            self._found.setdefault((viewer, name), set()).add(number)
        had |= names

    def _joined(self, viewing: Viewing, known: Sequence[int]) -> Saved:
        """Rows turned out to be one viewing, which is seldom: written by itself, and read again."""
        self.flush()
        saved = save(self._connection, viewing)
        for number in known:
            del self._rows[number]
            for numbers in self._found.values():
                numbers.discard(number)
            self._named.pop(number, None)
        self._load(self._ids((viewing,)))
        return saved
