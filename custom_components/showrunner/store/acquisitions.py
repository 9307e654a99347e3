"""What is being pursued, and what became of it."""

from collections.abc import Callable

from sqlalchemy import Connection, Select, insert, select, update

from ..domain.acquisition import Acquisition, AcquisitionState
from ..domain.media import TitleKey
from ..domain.text import say
from . import titles
from .codec import dump, load, milliseconds
from .database import Database, Write
from .errors import StoreDamaged
from .readable import Readable
from .schema import ACQUISITIONS

_SUBJECT = "acquisition"
_SELECT = select(ACQUISITIONS.c.id, ACQUISITIONS.c.data)
_OPEN = [state.value for state in AcquisitionState if state.open]


class Acquisitions:
    """The acquisitions by their ids."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed
        self._readable = Readable("an acquisition", _read, lambda row: row[0])

    async def put(self, acquisition: Acquisition) -> None:
        """Keep an acquisition as it stands."""
        await self._database.write(self.to_put(acquisition))

    def to_put(self, acquisition: Acquisition) -> Write[None]:
        """Give what keeps an acquisition as it stands."""
        values = {"state": acquisition.state.value, "data": dump(acquisition.as_dict())}

        def write(connection: Connection) -> None:
            table, key = ACQUISITIONS, acquisition.id
            changed = connection.execute(update(table).where(table.c.id == key).values(values))
            if not changed.rowcount:
                at = milliseconds(acquisition.created_at)
                connection.execute(insert(table).values(id=key, created_at=at, **values))
            titles.mark(connection, _SUBJECT, key, acquisition.title.key)

        return Write(write, lambda _: self._changed("acquisitions"))

    async def take_in(self, acquisition: Acquisition, same: Callable[[Acquisition], bool]) -> bool:
        """Keep a new one, unless it is known, or another one of its title is the `same`.

        Tells whether it was kept. Raises StoreDamaged when an earlier one can't be read: then
        nobody knows what was done for the title. `same` is called in the store's thread.
        """
        put = self.to_put(acquisition)

        def write(connection: Connection) -> bool | StoreDamaged:
            keys = titles.refs(connection, _SUBJECT, acquisition.title.key)
            query = _SELECT.where(ACQUISITIONS.c.id.in_({acquisition.id, *keys}))
            try:
                earlier = list(map(_read, _found(connection, query)))
                if any(one.id == acquisition.id or same(one) for one in earlier):
                    return False
            except StoreDamaged as err:
                return err
            put.work(connection)
            return True

        taken = await self._database.run(write)
        if isinstance(taken, StoreDamaged):
            raise taken
        if taken:
            put.notify(None)
        return taken

    async def get(self, acquisition_id: str) -> Acquisition | None:
        """Find an acquisition. Raises StoreDamaged when it can't be read."""
        query = select(ACQUISITIONS.c.data).where(ACQUISITIONS.c.id == acquisition_id)
        row = await self._database.read(lambda connection: connection.scalar(query))
        return None if row is None else _read((acquisition_id, row))

    async def open(self) -> tuple[Acquisition, ...]:
        """Give those of which something is still to be done, the oldest first.

        One that can't be read is left out: nobody can go on with it, and the others go on.
        """
        query = _SELECT.where(ACQUISITIONS.c.state.in_(_OPEN)).order_by(ACQUISITIONS.c.created_at)
        return await self._database.read(lambda c: self._readable.all_of(_found(c, query)))

    async def for_title(self, title: TitleKey) -> tuple[Acquisition, ...]:
        """Give a title's acquisitions, the oldest first.

        Raises StoreDamaged when one can't be read: then nobody knows what was done for the title.
        """

        def read(connection: Connection) -> list[_Row]:
            keys = titles.refs(connection, _SUBJECT, title)
            query = _SELECT.where(ACQUISITIONS.c.id.in_(keys))
            return _found(connection, query.order_by(ACQUISITIONS.c.created_at))

        return tuple(map(_read, await self._database.read(read)))


type _Row = tuple[str, str]


def _found(connection: Connection, query: Select[tuple[str, str]]) -> list[_Row]:
    return [(row.id, row.data) for row in connection.execute(query)]


def _read(row: _Row) -> Acquisition:
    """Read an acquisition. Raises StoreDamaged: we wrote it."""
    key, data = row
    try:
        plain = load(data)
        if not isinstance(plain, dict):
            raise TypeError("no object")
        return Acquisition.from_dict(plain)
    except (KeyError, TypeError, ValueError) as err:
        why = say("store_acquisition_unreadable", acquisition=key, why=type(err).__name__)
        raise StoreDamaged(why) from None
