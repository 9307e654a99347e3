"""Decisions as they were made, with every rule's finding."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from ..domain.decision import Decision
from ..domain.media import TitleKey
from . import titles
from .codec import dump, load, milliseconds
from .database import Database, Write
from .schema import DECISIONS, STREAMED

_SUBJECT = "decision"


class Decisions:
    """The book of decisions."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def add(
        self,
        decision: Decision,
        plan_id: str | None = None,
        item_id: str | None = None,
        size: int | None = None,
    ) -> int:
        """Record a decision; give its number. A viewer who is not tracked is not in it.

        `size`: the bytes of what was streamed, where Jellyfin tells them.
        """
        return await self._database.write(self.to_add(decision, plan_id, item_id, size))

    def to_add(
        self,
        decision: Decision,
        plan_id: str | None = None,
        item_id: str | None = None,
        size: int | None = None,
    ) -> Write[int]:
        """Give what records a decision."""
        saved, names = decision.saved(size), decision.title.key.names
        data = decision.as_dict() | {
            "plan_id": plan_id,
            "item_id": item_id,
            # So that it can be taken out again; guests have no name, and leave no id either.
            "viewer_id": decision.viewer_id if decision.viewer_name else None,
        }

        def write(connection: Connection) -> int:
            result = connection.execute(
                insert(DECISIONS).values(
                    at=milliseconds(decision.decided_at),
                    verdict=decision.verdict.value,
                    tier=decision.tier,
                    pending=decision.pending,
                    considered=decision.considered,
                    data=dump(data),
                )
            )
            number = int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0
            titles.mark(connection, _SUBJECT, number, decision.title.key)
            if saved is not None and names:
                connection.execute(delete(STREAMED).where(STREAMED.c.key.in_(names)))
                if saved:
                    connection.execute(insert(STREAMED).values(key=names[0], size=saved))
            return number

        return Write(write, lambda _: self._changed("decisions"))

    async def recent(self, limit: int = 50) -> tuple[Mapping[str, object], ...]:
        """Give the last decisions, the newest first."""
        query = select(DECISIONS.c.data).order_by(DECISIONS.c.at.desc()).limit(limit)
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(_read(row) for row in rows)

    async def saved(self) -> int:
        """Sum up the bytes that need no disk because their titles are streamed."""
        query = select(func.sum(STREAMED.c.size))
        return await self._database.read(lambda connection: connection.scalar(query)) or 0

    async def counts(self, since: datetime) -> dict[tuple[str, int | None], int]:
        """Count the decisions since then by verdict and tier, without what decided nothing."""
        query = (
            select(DECISIONS.c.verdict, DECISIONS.c.tier, func.count())
            .where(
                DECISIONS.c.at >= milliseconds(since),
                DECISIONS.c.pending.is_(False),
                DECISIONS.c.considered.is_(True),
            )
            .group_by(DECISIONS.c.verdict, DECISIONS.c.tier)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return {(verdict, tier): number for verdict, tier, number in rows}

    async def for_title(
        self, title: TitleKey, limit: int | None = None
    ) -> tuple[Mapping[str, object], ...]:
        """Give the decisions about a title, or its newest ones, the oldest of them first."""

        def read(connection: Connection) -> list[str]:
            numbers = [int(ref) for ref in titles.refs(connection, _SUBJECT, title)]
            query = select(DECISIONS.c.data).where(DECISIONS.c.id.in_(numbers))
            newest = query.order_by(DECISIONS.c.id.desc()).limit(limit)
            return list(connection.execute(newest).scalars())

        return tuple(_read(row) for row in reversed(await self._database.read(read)))


def _read(row: str) -> Mapping[str, object]:
    plain = load(row)
    return plain if isinstance(plain, dict) else {}
