"""Plans, as they were shown and as they were carried out.

A plan's steps are rows: what is carried out writes one of them each time, and not all.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from ..domain.plan import Plan, Step
from ..domain.text import say
from .database import Database, Write, dump, load, milliseconds
from .errors import StoreDamaged
from .readable import Readable
from .schema import PLAN_STEPS, PLANS

# Made once: that takes longer than to carry it out.
_PUT_STEP: Final = (
    update(PLAN_STEPS)
    .where(PLAN_STEPS.c.plan_id == bindparam("plan"), PLAN_STEPS.c.step_id == bindparam("step"))
    .values(data=bindparam("kept"))
)


class Plans:
    """The plans by their ids."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed
        self._readable = Readable("a plan", _read, lambda row: row[0])

    async def put(self, plan: Plan) -> None:
        """Keep a plan whole, or how far it was carried out."""
        await self._database.write(self.to_put(plan))

    def to_put(self, plan: Plan) -> Write[None]:
        """Give what keeps a plan whole."""

        def write(connection: Connection) -> None:
            # In the store's thread: there may be many steps.
            data, rows = dump(plan.to_store()), _rows(plan)
            changed = connection.execute(
                update(PLANS).where(PLANS.c.plan_id == plan.plan_id).values(data=data)
            )
            if not changed.rowcount:
                at = milliseconds(plan.created_at)
                connection.execute(
                    insert(PLANS).values(plan_id=plan.plan_id, job=plan.job, at=at, data=data)
                )
            connection.execute(delete(PLAN_STEPS).where(PLAN_STEPS.c.plan_id == plan.plan_id))
            if rows:
                connection.execute(insert(PLAN_STEPS), rows)

        return Write(write, lambda _: self._changed("plans"))

    async def put_step(self, plan_id: str, step: Step) -> None:
        """Keep how one step of a kept plan stands."""
        await self._database.write(self.to_put_step(plan_id, step))

    def to_put_step(self, plan_id: str, step: Step) -> Write[None]:
        """Give what keeps how one step of a kept plan stands."""
        values = {"plan": plan_id, "step": step.id, "kept": dump(step.to_store())}

        def write(connection: Connection) -> None:
            connection.execute(_PUT_STEP, values)

        return Write(write, lambda _: self._changed("plans"))

    async def get(self, plan_id: str) -> Plan | None:
        """Find a plan. Raises StoreDamaged when it can't be read."""
        query = select(PLANS.c.plan_id, PLANS.c.data).where(PLANS.c.plan_id == plan_id)

        def find(connection: Connection) -> Plan | StoreDamaged | None:
            found = _found(connection, query)
            return self._readable.one(found[0]) if found else None

        plan = await self._database.read(find)
        if isinstance(plan, StoreDamaged):
            raise plan
        return plan

    async def since(self, job: str, at: datetime) -> tuple[Plan, ...]:
        """Give the plans of a job that were made since then, the oldest first."""
        query = (
            select(PLANS.c.plan_id, PLANS.c.data)
            .where(PLANS.c.job == job, PLANS.c.at >= milliseconds(at))
            .order_by(PLANS.c.at)
        )
        return await self._database.read(lambda c: self._readable.all_of(_found(c, query)))

    async def recent(self, limit: int = 20, job: str | None = None) -> tuple[Plan, ...]:
        """Give the last plans, the newest first."""
        query = select(PLANS.c.plan_id, PLANS.c.data).order_by(PLANS.c.at.desc()).limit(limit)
        if job is not None:
            query = query.where(PLANS.c.job == job)
        return await self._database.read(lambda c: self._readable.all_of(_found(c, query)))


type _Row = tuple[str, str, Sequence[str]]


def _found(connection: Connection, query: Select[tuple[str, str]]) -> list[_Row]:
    """Give the ids and the rows of plans, each with the rows of its steps in their order."""
    found: list[_Row] = []
    for plan_id, data in connection.execute(query).all():
        steps = (
            select(PLAN_STEPS.c.data)
            .where(PLAN_STEPS.c.plan_id == plan_id)
            .order_by(PLAN_STEPS.c.position)
        )
        found.append((plan_id, data, connection.execute(steps).scalars().all()))
    return found


def _rows(plan: Plan) -> list[dict[str, object]]:
    return [
        {
            "plan_id": plan.plan_id,
            "step_id": step.id,
            "position": position,
            "data": dump(step.to_store()),
        }
        for position, step in enumerate(plan.steps)
    ]


def _read(row: _Row) -> Plan:
    """Read a plan. Raises StoreDamaged: we wrote it."""
    plan_id, data, steps = row
    try:
        return Plan.from_store(_object(data), [Step.from_store(_object(step)) for step in steps])
    except (KeyError, TypeError, ValueError) as err:
        why = say("store_plan_unreadable", plan=plan_id, why=type(err).__name__)
        raise StoreDamaged(why) from None


def _object(row: str) -> dict[str, object]:
    plain = load(row)
    if not isinstance(plain, dict):
        raise TypeError("no object")
    return plain
