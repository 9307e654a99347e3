"""What is being pursued, and what became of it."""

from collections.abc import Callable

from sqlalchemy import Connection, insert, select, update

from ..domain.acquisition import Acquisition, AcquisitionState
from ..domain.media import TitleKey
from . import titles
from .database import Database, dump, load, milliseconds
from .schema import ACQUISITIONS

_SUBJECT = "acquisition"
_OPEN = [state.value for state in AcquisitionState if state.open]


class Acquisitions:
    """The acquisitions by their ids."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def put(self, acquisition: Acquisition) -> None:
        """Keep an acquisition as it stands."""
        values = {"state": acquisition.state.value, "data": dump(acquisition.as_dict())}

        def write(connection: Connection) -> None:
            table, key = ACQUISITIONS, acquisition.id
            changed = connection.execute(update(table).where(table.c.id == key).values(values))
            if not changed.rowcount:
                at = milliseconds(acquisition.created_at)
                connection.execute(insert(table).values(id=key, created_at=at, **values))
            titles.mark(connection, _SUBJECT, key, acquisition.title.key)

        await self._database.run(write)
        self._changed("acquisitions")

    async def get(self, acquisition_id: str) -> Acquisition | None:
        """Find an acquisition."""
        query = select(ACQUISITIONS.c.data).where(ACQUISITIONS.c.id == acquisition_id)
        row = await self._database.run(lambda connection: connection.scalar(query))
        return None if row is None else _read(row)

    async def open(self) -> tuple[Acquisition, ...]:
        """Give those of which something is still to be done, the oldest first."""
        query = (
            select(ACQUISITIONS.c.data)
            .where(ACQUISITIONS.c.state.in_(_OPEN))
            .order_by(ACQUISITIONS.c.created_at)
        )
        rows = await self._database.run(lambda c: c.execute(query).scalars().all())
        return tuple(_read(row) for row in rows)

    async def for_title(self, title: TitleKey) -> tuple[Acquisition, ...]:
        """Give a title's acquisitions, the oldest first."""

        def read(connection: Connection) -> list[str]:
            keys = titles.refs(connection, _SUBJECT, title)
            query = select(ACQUISITIONS.c.data).where(ACQUISITIONS.c.id.in_(keys))
            return list(connection.execute(query.order_by(ACQUISITIONS.c.created_at)).scalars())

        return tuple(_read(row) for row in await self._database.run(read))


def _read(row: str) -> Acquisition:
    plain = load(row)
    if not isinstance(plain, dict):
        raise TypeError("acquisition")
    return Acquisition.from_dict(plain)
