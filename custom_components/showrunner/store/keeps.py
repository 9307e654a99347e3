"""What people keep: every word of theirs on a title or season, and when it was over."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import batched

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    String,
    and_,
    cast,
    insert,
    or_,
    select,
    true,
    update,
)

from ..domain.keeps import Keep
from ..domain.media import TitleKey
from . import titles
from .codec import instant, milliseconds
from .database import Database
from .names import CHUNK
from .schema import KEEPS, TITLES

_SUBJECT = "keep"

type Until = Callable[[Sequence[Keep]], datetime | None]


class Keeps:
    """The book. Of each title and season the last word holds; whatever ids it was said of."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def set(self, new: Keep, until: Until | None = None) -> Keep:
        """Keep a title or season from now on; what was said of the very same before is over.

        With `until` its end is what that makes of the words on the same that hold; it is called in
        the store's thread, so that no word comes in between. Gives the word as it holds; that is
        the one before where it says the same.
        """

        def write(connection: Connection) -> Keep:
            before = [
                (number, keep)
                for number, keep in _rows(connection, _is_open(new.at), new.title)
                if keep.season == new.season
            ]
            keeps = [keep for _, keep in before]
            end = new.until if until is None else until(keeps)
            if len(keeps) == 1 and keeps[0].until == end:
                return keeps[0]
            _end(connection, [number for number, _ in before], new.at, None)
            kept = replace(new, until=end)
            titles.mark(connection, _SUBJECT, _add(connection, kept), kept.title)
            return kept

        kept = await self._database.run(write)
        self._changed("keeps")
        return kept

    async def end(self, title: TitleKey, season: int | None, at: datetime, by: str) -> int:
        """Take back what is said of a title, or of that season of it; say how many words that was.

        What is said of other parts of the title holds.
        """

        def write(connection: Connection) -> int:
            rows = _rows(connection, _is_open(at), title)
            mine = [number for number, keep in rows if keep.season == season]
            _end(connection, mine, at, by)
            return len(mine)

        ended = await self._database.run(write)
        if ended:
            self._changed("keeps")
        return ended

    async def standing(self, now: datetime, title: TitleKey | None = None) -> tuple[Keep, ...]:
        """Give the words that hold: on a title, by any id that it ever had, or on everything."""

        def read(connection: Connection) -> tuple[Keep, ...]:
            return tuple(keep for _, keep in _rows(connection, _is_open(now), title))

        return await self._database.read(read)

    async def for_title(self, title: TitleKey, limit: int) -> tuple[Keep, ...]:
        """Give the words on a title, also those that are over, the newest first."""

        def read(connection: Connection) -> tuple[Keep, ...]:
            return tuple(keep for _, keep in _rows(connection, true(), title)[:limit])

        return await self._database.read(read)


def _is_open(now: datetime) -> ColumnElement[bool]:
    """Ask for what holds."""
    until = KEEPS.c.until
    return and_(KEEPS.c.ended_at.is_(None), or_(until.is_(None), until > milliseconds(now)))


def keeps_of(connection: Connection, numbers: Collection[int]) -> dict[int, Keep]:
    """Give words by their numbers, the newest first, also those that are over."""
    found = [
        one
        for some in batched(sorted(numbers), CHUNK, strict=False)
        for one in _read(connection, KEEPS.c.id.in_(some))
    ]
    return dict(sorted(found, key=lambda one: (one[1].at, one[0]), reverse=True))


def _rows(
    connection: Connection, wanted: ColumnElement[bool], title: TitleKey | None
) -> list[tuple[int, Keep]]:
    """Give words with their numbers, the newest first; without a title, of everything."""
    if title is not None:
        numbers = titles.refs(connection, _SUBJECT, titles.together(connection, title))
        wanted = and_(wanted, KEEPS.c.id.in_([int(one) for one in numbers]))
    return _read(connection, wanted)


def _read(connection: Connection, wanted: ColumnElement[bool]) -> list[tuple[int, Keep]]:
    query = (
        select(KEEPS, TITLES.c.key)
        .join(TITLES, and_(TITLES.c.subject == _SUBJECT, TITLES.c.ref == cast(KEEPS.c.id, String)))
        .where(wanted)
        .order_by(KEEPS.c.at.desc(), KEEPS.c.id.desc())
    )
    named: dict[int, tuple[RowMapping, list[str]]] = {}
    for row in connection.execute(query).mappings():
        named.setdefault(row["id"], (row, []))[1].append(row["key"])
    return [(number, _keep(row, names)) for number, (row, names) in named.items()]


def _add(connection: Connection, keep: Keep) -> int:
    result = connection.execute(
        insert(KEEPS).values(
            season=keep.season,
            until=None if keep.until is None else milliseconds(keep.until),
            at=milliseconds(keep.at),
            by=keep.by,
            why=keep.why,
        )
    )
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def _end(connection: Connection, numbers: Collection[int], at: datetime, by: str | None) -> None:
    values = {"ended_at": milliseconds(at), "ended_by": by}
    connection.execute(update(KEEPS).where(KEEPS.c.id.in_(numbers)).values(values))


def _keep(row: RowMapping, names: Sequence[str]) -> Keep:
    return Keep(
        titles.key_of(names),
        row["season"],
        _instant(row["until"]),
        instant(row["at"]),
        row["by"],
        row["why"],
        _instant(row["ended_at"]),
        row["ended_by"],
    )


def _instant(at: int | None) -> datetime | None:
    return None if at is None else instant(at)
