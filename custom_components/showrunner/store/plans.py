"""Plans, as they were shown and as they were carried out.

A plan's steps are rows: what is carried out writes one of them each time, and not all.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Select, bindparam, delete, exists, func, insert, select, update

from ..domain.plan import Plan, PlansKept, Step, is_over
from ..domain.text import say
from . import old_plans
from .codec import dump, instant, load, milliseconds
from .database import Database, Write, prepared
from .errors import StoreDamaged
from .readable import Readable
from .schema import PLAN_STEPS, PLANS

# As it stands in the row of a step that is being carried out.
_WAITS: Final = '"waits":true'
# So many plans are looked at while others wait for the store: each may have thousands of steps.
_FEW: Final = 20
_CARRIED_OUT: Final = '"dry_run":false'
# The newest of a job's plans that has a step, and was carried out.
_LAST: Final = (
    select(PLANS.c.at, PLAN_STEPS.c.data)
    .join(PLAN_STEPS, PLAN_STEPS.c.plan_id == PLANS.c.plan_id)
    .where(
        PLANS.c.job == bindparam("job"),
        PLAN_STEPS.c.step_id == bindparam("step"),
        func.instr(PLANS.c.data, _CARRIED_OUT) > 0,
    )
    .order_by(PLANS.c.at.desc())
    .limit(1)
)
_PUT_STEP: Final = prepared(
    update(PLAN_STEPS)
    .where(PLAN_STEPS.c.plan_id == bindparam("plan"), PLAN_STEPS.c.step_id == bindparam("step"))
    .values(data=bindparam("kept"))
)


@dataclass(frozen=True, slots=True)
class LastTime:
    """How a step stands in the newest plan that has it, made at `at`; None: it can't be read."""

    step: Step | None
    at: datetime


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
            connection.exec_driver_sql(_PUT_STEP, values)

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

    async def waiting(self, job: str) -> tuple[Plan, ...]:
        """Give the plans of a job of which something waits to go on, the oldest first."""
        waits = exists().where(
            PLAN_STEPS.c.plan_id == PLANS.c.plan_id, func.instr(PLAN_STEPS.c.data, _WAITS) > 0
        )
        query = (
            select(PLANS.c.plan_id, PLANS.c.data)
            .where(PLANS.c.job == job, waits)
            .order_by(PLANS.c.at)
        )
        found = await self._database.read(lambda c: self._readable.all_of(_found(c, query)))
        return tuple(plan for plan in found if plan.waiting)

    async def recent(self, limit: int = 20, job: str | None = None) -> tuple[Plan, ...]:
        """Give the last plans, the newest first."""
        query = select(PLANS.c.plan_id, PLANS.c.data).order_by(PLANS.c.at.desc()).limit(limit)
        if job is not None:
            query = query.where(PLANS.c.job == job)
        return await self._database.read(lambda c: self._readable.all_of(_found(c, query)))

    async def last_times(self, job: str, steps: Collection[str]) -> dict[str, LastTime]:
        """Say how each of some steps stands in the last plan of a job that was carried out.

        However many plans there are since. What was in none is left out.
        """

        def find(connection: Connection) -> dict[str, LastTime]:
            found: dict[str, LastTime] = {}
            for step in steps:
                row = connection.execute(_LAST, {"job": job, "step": step}).first()
                if row is not None:
                    found[step] = LastTime(_readable_step(row.data), instant(row.at))
            return found

        return await self._database.read(find)

    # -- what is over ------------------------------------------------------------------------------

    async def prune(self, kept: PlansKept, now: datetime) -> int:
        """Remove the plans that are over and that nobody needs any more; give their number.

        What they did stays in the ledger. A few at a time: nobody waits for all of it.
        """
        removed = 0
        for job in await self._database.read(lambda c: tuple(old_plans.jobs(c))):
            if job not in kept.always:
                removed += await self._prune(job, kept, now)
        if removed:
            self._changed("plans")
        return removed

    async def _prune(self, job: str, kept: PlansKept, now: datetime) -> int:
        removed, after = 0, old_plans.FIRST
        before = await self._database.read(lambda c: old_plans.before(c, job, kept, now))
        while before is not None:

            def find(
                connection: Connection,
                before: datetime = before,
                after: old_plans.Place = after,
            ) -> tuple[list[old_plans.Place], list[str]]:
                some = old_plans.idle(connection, job, before, after, _FEW)
                return some, self._over(connection, [one for _, one in some], now)

            some, over = await self._database.read(find)
            if not some:
                break
            after = some[-1]
            if over:
                removed += await self._database.run(
                    lambda c, over=over: old_plans.remove(c, over)  # type: ignore[misc]
                )
        return removed

    def _over(self, connection: Connection, ids: Collection[str], now: datetime) -> list[str]:
        """Name those that are over; what can't be read may not be."""
        query = select(PLANS.c.plan_id, PLANS.c.data).where(PLANS.c.plan_id.in_(ids))
        plans = self._readable.all_of(_found(connection, query))
        return [plan.plan_id for plan in plans if is_over(plan, now)]


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


def _readable_step(row: str) -> Step | None:
    try:
        return Step.from_store(_object(row))
    except KeyError, TypeError, ValueError:
        return None


def _object(row: str) -> dict[str, object]:
    plain = load(row)
    if not isinstance(plain, dict):
        raise TypeError("no object")
    return plain
