"""The small books: overrides of titles, and values by a key."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select, update

from ..domain.candidate import Override
from ..domain.media import ProviderIds
from .database import Database, dump, load, milliseconds
from .schema import KV, OVERRIDES


class Overrides:
    """What people decided for titles. The last word counts, under any of a title's ids."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def set(self, ids: ProviderIds, policy: Override, by: str) -> None:
        """Decide for a title; `auto` takes the decision back."""

        def write(connection: Connection) -> None:
            connection.execute(delete(OVERRIDES).where(OVERRIDES.c.key.in_(ids.keys)))
            if policy is Override.AUTO:
                return
            at = milliseconds(datetime.now(UTC))
            connection.execute(
                insert(OVERRIDES),
                [{"key": key, "policy": policy.value, "at": at, "by": by} for key in ids.keys],
            )

        await self._database.run(write)
        self._changed("overrides")

    async def get(self, ids: ProviderIds) -> Override:
        """Say what was decided for a title."""
        query = (
            select(OVERRIDES.c.policy)
            .where(OVERRIDES.c.key.in_(ids.keys))
            .order_by(OVERRIDES.c.at.desc())
            .limit(1)
        )
        found = await self._database.run(lambda connection: connection.scalar(query))
        return Override.AUTO if found is None else Override(found)


class KeyValues:
    """Values by a key, such as what was playing when Home Assistant stopped."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    async def get(self, key: str) -> object:
        """Give a value, None when there is none."""
        query = select(KV.c.data).where(KV.c.key == key)

        def look(connection: Connection) -> object:
            row = connection.scalar(query)
            return None if row is None else load(row)

        return await self._database.run(look)

    async def put(self, key: str, value: object) -> None:
        """Keep a JSON-safe value, which nobody may change until then: some are large."""

        def write(connection: Connection) -> None:
            data = dump(value)
            changed = connection.execute(update(KV).where(KV.c.key == key).values(data=data))
            if not changed.rowcount:
                connection.execute(insert(KV).values(key=key, data=data))

        await self._database.run(write)
