"""Which of our deletions people took back: each once, by its row of the ledger."""

from collections.abc import Callable, Collection, Iterable
from itertools import batched
from typing import Final

from sqlalchemy import Connection, func, select

from ..domain.regrets import Regret, Way, first_of
from .codec import instant, milliseconds
from .database import Database
from .names import CHUNK
from .schema import REGRETS

_PUT: Final = (
    "INSERT OR REPLACE INTO regrets (deletion, at, way, source)"
    " VALUES (:deletion, :at, :way, :source)"
)


class Regrets:
    """The book. Of what is told of one deletion the first counts, in whatever order it is told."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def put(self, regrets: Iterable[Regret]) -> tuple[Regret, ...]:
        """Keep what is new, or came first; give that."""
        told = list(regrets)

        def write(connection: Connection) -> tuple[Regret, ...]:
            known = regrets_of(connection, {one.deletion for one in told})
            before = dict(known)
            for one in told:
                known[one.deletion] = first_of(known.get(one.deletion), one)
            new = tuple(one for one in known.values() if one != before.get(one.deletion))
            if new:
                connection.exec_driver_sql(_PUT, [_row(one) for one in new])
            return new

        new = await self._database.run(write) if told else ()
        if new:
            self._changed("regrets")
        return new

    async def of(self, deletions: Collection[int]) -> dict[int, Regret]:
        """Give what was regretted of these deletions, by their rows of the ledger."""
        return await self._database.read(lambda c: regrets_of(c, deletions)) if deletions else {}

    async def count(self) -> int:
        """Count all that was ever regretted."""
        query = select(func.count()).select_from(REGRETS)
        return await self._database.read(lambda connection: connection.scalar(query)) or 0


def regrets_of(connection: Connection, deletions: Collection[int]) -> dict[int, Regret]:
    """Give what was regretted of these deletions."""
    found: dict[int, Regret] = {}
    for some in batched(deletions, CHUNK, strict=False):
        query = select(REGRETS).where(REGRETS.c.deletion.in_(some))
        for row in connection.execute(query):
            # Kept to the millisecond, as everything.
            found[row.deletion] = Regret(row.deletion, instant(row.at), Way(row.way), row.source)
    return found


def _row(one: Regret) -> dict[str, object]:
    return {
        "deletion": one.deletion,
        "at": milliseconds(one.at),
        "way": one.way.value,
        "source": one.source,
    }
