"""Plans, as they were shown and as they were carried out."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from ..domain.plan import Plan
from .database import Database, dump, load, milliseconds
from .schema import PLANS


class Plans:
    """The plans by their ids."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def put(self, plan: Plan) -> None:
        """Keep a plan, or how far it was carried out."""
        data = dump(plan.to_store())

        def write(connection: Connection) -> None:
            changed = connection.execute(
                update(PLANS).where(PLANS.c.plan_id == plan.plan_id).values(data=data)
            )
            if not changed.rowcount:
                at = milliseconds(plan.created_at)
                connection.execute(
                    insert(PLANS).values(plan_id=plan.plan_id, job=plan.job, at=at, data=data)
                )

        await self._database.run(write)
        self._changed("plans")

    async def get(self, plan_id: str) -> Plan | None:
        """Find a plan."""
        query = select(PLANS.c.data).where(PLANS.c.plan_id == plan_id)
        row = await self._database.run(lambda connection: connection.scalar(query))
        return None if row is None else _read(row)

    async def since(self, job: str, at: datetime) -> tuple[Plan, ...]:
        """Give the plans of a job that were made since then, the oldest first."""
        query = (
            select(PLANS.c.data)
            .where(PLANS.c.job == job, PLANS.c.at >= milliseconds(at))
            .order_by(PLANS.c.at)
        )
        rows = await self._database.run(lambda c: c.execute(query).scalars().all())
        return tuple(_read(row) for row in rows)

    async def recent(self, limit: int = 20, job: str | None = None) -> tuple[Plan, ...]:
        """Give the last plans, the newest first."""
        query = select(PLANS.c.data).order_by(PLANS.c.at.desc()).limit(limit)
        if job is not None:
            query = query.where(PLANS.c.job == job)
        rows = await self._database.run(lambda c: c.execute(query).scalars().all())
        return tuple(_read(row) for row in rows)


def _read(row: str) -> Plan:
    plain = load(row)
    if not isinstance(plain, dict):
        raise TypeError("plan")
    return Plan.from_store(plain)
