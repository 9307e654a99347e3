"""The small books: overrides of titles, and values by a key."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
import re
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from ..domain.candidate import Override
from ..domain.media import TitleKey
from .codec import dump, load, milliseconds
from .database import Database, Write
from .names import CHUNK
from .schema import KV, OVERRIDES

# What is kept of one link, whoever keeps it, has its id (a ULID) after the first colon.
_OF_A_LINK: Final = re.compile(r"[a-z_]+:([0-9A-Z]{26})(?::|\Z)")


@dataclass(frozen=True, slots=True)
class Word:
    """What a person decided for a title.

    `kind_told` False: it was said of a number, before a movie's and a series' were told apart, and
    holds for both until it is said again.
    """

    policy: Override = Override.AUTO
    kind_told: bool = True


class Overrides:
    """What people decided for titles. The last word counts, under any of a title's ids."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def set(self, title: TitleKey, policy: Override, by: str) -> None:
        """Decide for a title; `auto` takes the decision back."""

        def write(connection: Connection) -> None:
            connection.execute(delete(OVERRIDES).where(OVERRIDES.c.key.in_(title.names)))
            if policy is Override.AUTO:
                return
            at = milliseconds(datetime.now(UTC))
            connection.execute(
                insert(OVERRIDES),
                [
                    {"key": name, "policy": policy.value, "at": at, "by": by, "kind_told": True}
                    for name in title.names
                ],
            )

        await self._database.run(write)
        self._changed("overrides")

    async def get(self, title: TitleKey) -> Word:
        """Say what was decided for a title."""
        query = (
            select(OVERRIDES.c.policy, OVERRIDES.c.kind_told)
            .where(OVERRIDES.c.key.in_(title.names))
            # Of two within a millisecond it is always the same one.
            .order_by(OVERRIDES.c.at.desc(), OVERRIDES.c.key)
            .limit(1)
        )
        found = await self._database.read(lambda connection: connection.execute(query).first())
        return Word() if found is None else Word(Override(found.policy), bool(found.kind_told))


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

        return await self._database.read(look)

    async def get_many(self, keys: Collection[str]) -> dict[str, object]:
        """Give the values that there are, by their keys."""
        wanted = tuple(keys)

        def look(connection: Connection) -> dict[str, object]:
            found: dict[str, object] = {}
            for some in batched(wanted, CHUNK, strict=False):
                query = select(KV.c.key, KV.c.data).where(KV.c.key.in_(some))
                found |= {row.key: load(row.data) for row in connection.execute(query)}
            return found

        return await self._database.read(look)

    async def put(self, key: str, value: object) -> None:
        """Keep a JSON-safe value, which nobody may change until then: some are large."""
        await self._database.write(self.to_put(key, value))

    def to_put(self, key: str, value: object) -> Write[None]:
        """Give what keeps a JSON-safe value."""

        def write(connection: Connection) -> None:
            data = dump(value)
            changed = connection.execute(update(KV).where(KV.c.key == key).values(data=data))
            if not changed.rowcount:
                connection.execute(insert(KV).values(key=key, data=data))

        return Write(write)

    async def forget_unlinked(self, linked: Collection[str]) -> None:
        """Let go of what was kept of services and channels; `linked` are the subentries' ids."""

        def write(connection: Connection) -> None:
            keys = connection.execute(select(KV.c.key)).scalars().all()
            gone = [
                key
                for key in keys
                if (found := _OF_A_LINK.match(key)) is not None and found[1] not in linked
            ]
            connection.execute(delete(KV).where(KV.c.key.in_(gone)))

        await self._database.run(write)
