"""Finds the plans that nobody needs any more, without reading what has to stay."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, String, and_, cast, delete, exists, func, or_, select

from ..domain.plan import PlansKept
from .codec import instant, milliseconds
from .schema import LEDGER, PLAN_STEPS, PLANS, TITLES

_WAITS: Final = '"waits":true'
_BEGUN: Final = "begun"
# A title's story names the plans of what was done to it, and what is begun is read back.
_NEEDED: Final = exists().where(
    LEDGER.c.plan_id == PLANS.c.plan_id,
    or_(
        LEDGER.c.state == _BEGUN,
        exists().where(TITLES.c.subject == "ledger", TITLES.c.ref == cast(LEDGER.c.id, String)),
    ),
)
_MOVES: Final = exists().where(
    PLAN_STEPS.c.plan_id == PLANS.c.plan_id, func.instr(PLAN_STEPS.c.data, _WAITS) > 0
)
# What may go, as far as the database tells.
_IDLE: Final = and_(~_NEEDED, ~_MOVES)

# When a plan was made, and its id.
type Place = tuple[int, str]
FIRST: Final[Place] = (-(2**62), "")


def jobs(connection: Connection) -> Iterator[str]:
    """Name the jobs that have plans, without looking at each plan."""
    last = ""
    while True:
        job = connection.scalar(select(func.min(PLANS.c.job)).where(PLANS.c.job > last))
        if job is None:
            return
        yield job
        last = job


def before(connection: Connection, job: str, kept: PlansKept, now: datetime) -> datetime | None:
    """Say from before when the plans of a job may go."""

    def made(number: int) -> datetime | None:
        query = select(PLANS.c.at).where(PLANS.c.job == job).order_by(PLANS.c.at.desc())
        at = connection.scalar(query.offset(number - 1).limit(1))
        return None if at is None else instant(at)

    return kept.before(now, made(kept.newest), made(kept.most))


def idle(
    connection: Connection, job: str, before: datetime, after: Place, count: int
) -> list[Place]:
    """Give the next plans of a job that may go."""
    at, number = after
    query = (
        select(PLANS.c.at, PLANS.c.plan_id)
        .where(
            PLANS.c.job == job,
            PLANS.c.at < milliseconds(before),
            or_(PLANS.c.at > at, and_(PLANS.c.at == at, PLANS.c.plan_id > number)),
            _IDLE,
        )
        .order_by(PLANS.c.at, PLANS.c.plan_id)
        .limit(count)
    )
    return [(row.at, row.plan_id) for row in connection.execute(query)]


def remove(connection: Connection, ids: Iterable[str]) -> int:
    """Remove these plans with their steps, unless one of them is needed by now."""
    return connection.execute(delete(PLANS).where(PLANS.c.plan_id.in_(ids), _IDLE)).rowcount
