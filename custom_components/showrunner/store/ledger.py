"""The ledger: what was changed, on what grounds, and how it ended. Rows are never removed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import batched
from typing import Final

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    cast,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    update,
)

from ..domain.media import Title, TitleKey
from ..domain.plan import Action, Step
from ..domain.text import Words, joined, packed, unpacked
from . import titles
from .codec import dump, instant, load, milliseconds
from .database import Database, Write, prepared
from .names import CHUNK
from .schema import LEDGER, TITLES

_SUBJECT = "ledger"


class LedgerState(StrEnum):
    """How a row stands. `begun` that never ended may or may not have happened."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One change (or an outcome, then without a step), and what it was based on."""

    id: int
    job: str
    plan_id: str | None
    step_id: str | None
    action: str
    state: LedgerState
    begun_at: datetime
    ended_at: datetime | None
    title: str
    detail: Words
    before: Mapping[str, object]
    after: Mapping[str, object]
    bytes_freed: int = 0
    service: str | None = None
    subject: str | None = None
    scope: str | None = None
    undo_of: int | None = None
    undone_at: datetime | None = None


class Ledger:
    """The book."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def begin(self, job: str, plan_id: str, step: Step, before: Mapping[str, object]) -> int:
        """Write down that a step is about to be carried out; give the row's number.

        `before` is what its operation keeps of how it was.
        """
        return await self._database.write(self.to_begin(job, plan_id, step, before))

    def to_begin(
        self, job: str, plan_id: str, step: Step, before: Mapping[str, object]
    ) -> Write[int]:
        """Give what writes down that a step is about to be carried out."""
        kept = {"target": step.target.as_dict(), "payload": step.payload.to_store(), **before}
        return self._add(
            {
                "job": job,
                "plan_id": plan_id,
                "step_id": step.id,
                "action": step.action.value,
                "state": LedgerState.BEGUN.value,
                "title": step.label,
                "detail": packed(joined(step.reasons)),
                "before": dump(kept),
                "after": _NOTHING,
                "service": step.target.service,
                "subject": f"{step.subject.kind}:{step.subject.key}",
                "scope": step.scope.value,
                "undo_of": step.undo_of,
            },
            step.title_key,
        )

    async def note(
        self, job: str, plan_id: str | None, title: Title, outcome: str, detail: Words
    ) -> int:
        """Write down an outcome that is no step."""
        return await self._database.write(self.to_note(job, plan_id, title, outcome, detail))

    def to_note(
        self, job: str, plan_id: str | None, title: Title, outcome: str, detail: Words
    ) -> Write[int]:
        """Give what writes down an outcome that is no step."""
        return self._add(
            {
                "job": job,
                "plan_id": plan_id,
                "step_id": None,
                "action": outcome,
                "state": LedgerState.DONE.value,
                "ended_at": _now(),
                "title": title.label,
                "detail": packed(detail),
                "before": _NOTHING,
                "after": _NOTHING,
            },
            title.key,
        )

    def _add(self, values: dict[str, object], title: TitleKey | None) -> Write[int]:
        def write(connection: Connection) -> int:
            row = _NOT_SAID | values | {"begun_at": _now()}
            number = connection.exec_driver_sql(_INSERT, row).lastrowid
            if title is not None:
                titles.mark(connection, _SUBJECT, number, title)
            return number

        return Write(write, lambda _: self._changed("ledger"))

    async def finish(
        self,
        ledger_id: int,
        state: LedgerState,
        detail: Words,
        after: Mapping[str, object],
        freed: int = 0,
    ) -> None:
        """Write down how a step ended, and the bytes that it has freed.

        One that took another back marks that as undone; with the deletion of a movie all that its
        plan did to the same movie.
        """
        await self._database.write(self.to_finish(ledger_id, state, detail, after, freed))

    def to_finish(
        self,
        ledger_id: int,
        state: LedgerState,
        detail: Words,
        after: Mapping[str, object],
        freed: int = 0,
    ) -> Write[None]:
        """Give what writes down how a step ended."""
        at = _now()
        values = {
            "number": ledger_id,
            "state": state.value,
            "detail": packed(detail),
            "after": dump(dict(after)),
            "freed": freed,
            "ended_at": at,
        }

        def write(connection: Connection) -> None:
            undone = connection.exec_driver_sql(_FINISH, values).scalar()
            if undone is not None and state is LedgerState.DONE:
                connection.execute(_UNDONE, {"number": undone, "at": at})

        return Write(write, lambda _: self._changed("ledger"))

    async def get(self, ledger_id: int) -> LedgerRow | None:
        """Find a row by its number."""
        found = await self._rows(_SELECT.where(LEDGER.c.id == ledger_id))
        return found[0] if found else None

    async def for_plan(self, plan_id: str) -> tuple[LedgerRow, ...]:
        """Give a plan's rows, the oldest first."""
        return await self._rows(_SELECT.where(LEDGER.c.plan_id == plan_id))

    async def unfinished(self) -> tuple[LedgerRow, ...]:
        """Give the rows that were begun and never ended."""
        return await self._rows(_SELECT.where(LEDGER.c.state == LedgerState.BEGUN.value))

    async def for_title(self, title: TitleKey, limit: int | None = None) -> tuple[LedgerRow, ...]:
        """Give everything about a title, or the newest of it, the oldest of that first."""

        def read(connection: Connection) -> tuple[LedgerRow, ...]:
            numbers = [int(ref) for ref in titles.refs(connection, _SUBJECT, title)]
            query = select(LEDGER).where(LEDGER.c.id.in_(numbers))
            newest = query.order_by(LEDGER.c.id.desc()).limit(limit)
            return tuple(_row(row) for row in connection.execute(newest).mappings())[::-1]

        return await self._database.read(read)

    async def begun(self, action: Action, since: datetime) -> tuple[datetime, ...]:
        """Say when steps of an action were begun since then (those that failed are not counted)."""
        query = select(LEDGER.c.begun_at).where(
            LEDGER.c.action == action.value,
            LEDGER.c.begun_at >= milliseconds(since),
            LEDGER.c.state != LedgerState.FAILED.value,
        )
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(instant(at) for at in rows)

    async def deleted_at(self, title: TitleKey) -> datetime | None:
        """Say when we deleted a title last, None when never.

        One that failed half way counts: it says what it has done. One that was undone does not.
        """
        state = LEDGER.c.state
        half = and_(state == LedgerState.FAILED.value, LEDGER.c.after != _NOTHING)
        deletions = [action.value for action in Action if action.takes_title]
        query = (
            select(func.max(LEDGER.c.ended_at))
            .select_from(TITLES)
            .join(LEDGER, LEDGER.c.id == cast(TITLES.c.ref, LEDGER.c.id.type))
            .where(TITLES.c.subject == _SUBJECT, TITLES.c.key.in_(title.names))
            .where(LEDGER.c.action.in_(deletions), or_(state == LedgerState.DONE.value, half))
            .where(LEDGER.c.undone_at.is_(None))
        )
        at = await self._database.read(lambda connection: connection.scalar(query))
        return None if at is None else instant(at)

    async def deletions(self, since: datetime) -> tuple[tuple[LedgerRow, frozenset[str]], ...]:
        """Give the deletions of titles begun since then, and by which names each title goes."""
        actions = [action.value for action in Action if action.takes_title]
        query = _SELECT.where(
            LEDGER.c.action.in_(actions), LEDGER.c.begun_at >= milliseconds(since)
        )

        def read(connection: Connection) -> tuple[tuple[LedgerRow, frozenset[str]], ...]:
            rows = [_row(row) for row in connection.execute(query).mappings()]
            names = titles.names_of(connection, _SUBJECT, (row.id for row in rows))
            return tuple((row, names.get(str(row.id), frozenset())) for row in rows)

        return await self._database.read(read)

    async def deleted_of(self, service: str, since: datetime) -> tuple[LedgerRow, ...]:
        """Give what was deleted of a service and not over by then, the oldest first."""
        actions = [action.value for action in Action if action.takes_title]
        going = or_(LEDGER.c.ended_at.is_(None), LEDGER.c.ended_at >= milliseconds(since))
        query = _SELECT.where(LEDGER.c.action.in_(actions), LEDGER.c.service == service, going)
        return await self._rows(query)

    async def undone(self, action: Action) -> frozenset[str]:
        """Name the subjects of an action that a person has taken back."""
        query = (
            select(LEDGER.c.subject)
            .where(LEDGER.c.action == action.value, LEDGER.c.undone_at.is_not(None))
            .distinct()
        )
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return frozenset(one for one in rows if one is not None)

    async def count_of(self, actions: Collection[str], since: datetime) -> int:
        """Count the subjects, or the outcomes of none, of what was begun since then and stands."""
        of = func.coalesce(LEDGER.c.subject, cast(LEDGER.c.id, LEDGER.c.step_id.type))
        query = select(func.count(of.distinct())).where(
            LEDGER.c.action.in_(actions),
            LEDGER.c.begun_at >= milliseconds(since),
            LEDGER.c.state == LedgerState.DONE.value,
            LEDGER.c.undone_at.is_(None),
        )
        return await self._database.read(lambda connection: connection.scalar(query)) or 0

    async def freed(self, since: datetime | None = None) -> int:
        """Sum up the bytes that were freed, without what only a torrent client says.

        Ever, or since then.
        """
        claims = LEDGER.c.action == Action.REMOVE_TORRENT.value
        query = select(func.sum(LEDGER.c.freed)).where(
            LEDGER.c.freed > 0, not_(claims & LEDGER.c.after.like(_UNPROVEN))
        )
        if since is not None:
            query = query.where(LEDGER.c.ended_at >= milliseconds(since))
        return await self._database.read(lambda connection: connection.scalar(query)) or 0

    async def _rows(self, query: Select[tuple[object, ...]]) -> tuple[LedgerRow, ...]:
        rows = await self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(_row(row) for row in rows)


def rows_of(connection: Connection, numbers: Collection[int]) -> dict[int, LedgerRow]:
    """Give rows by their numbers."""
    return {
        row["id"]: _row(row)
        for some in batched(sorted(numbers), CHUNK, strict=False)
        for row in connection.execute(_SELECT.where(LEDGER.c.id.in_(some))).mappings()
    }


# A movie is put back to how it was before its plan: its unmonitoring and its file with its entry.
_UNDONE: Final = text(
    """UPDATE ledger SET undone_at = :at
    FROM (SELECT id, plan_id, service, action, json_extract("before", '$.target.id') AS movie
        FROM ledger WHERE id = :number) AS undone
    WHERE ledger.id = undone.id OR (
        undone.action IN ('delete_file', 'delete_movie')
        AND ledger.action IN ('unmonitor_movie', 'delete_file', 'delete_movie')
        AND ledger.plan_id = undone.plan_id AND ledger.service = undone.service
        AND json_extract(ledger."before", '$.target.id') = undone.movie)"""
)
# What a step keeps of bytes that nobody has seen to be free.
_UNPROVEN: Final = '%"freed_proven":%'
# How nothing is written that a step has done.
_NOTHING: Final = dump({})
_SELECT = select(LEDGER).order_by(LEDGER.c.id)
# What a row has that is no step's.
_NOT_SAID: Final = dict.fromkeys(("ended_at", "service", "subject", "scope", "undo_of"))
_INSERT: Final = prepared(
    insert(LEDGER),
    *("job", "plan_id", "step_id", "action", "state", "begun_at", "title", "detail"),
    *("before", "after", *_NOT_SAID),
)
_FINISH: Final = prepared(
    update(LEDGER)
    .where(LEDGER.c.id == bindparam("number"))
    .values({name: bindparam(name) for name in ("state", "detail", "after", "freed", "ended_at")})
    .returning(LEDGER.c.undo_of)
)


def _now() -> int:
    return milliseconds(datetime.now(UTC))


def _row(row: RowMapping) -> LedgerRow:
    before, after = load(row["before"]), load(row["after"])
    return LedgerRow(
        id=row["id"],
        job=row["job"],
        plan_id=row["plan_id"],
        step_id=row["step_id"],
        action=row["action"],
        state=LedgerState(row["state"]),
        begun_at=instant(row["begun_at"]),
        ended_at=None if row["ended_at"] is None else instant(row["ended_at"]),
        title=row["title"],
        detail=unpacked(row["detail"]),
        before=before if isinstance(before, dict) else {},
        after=after if isinstance(after, dict) else {},
        bytes_freed=row["freed"],
        service=row["service"],
        subject=row["subject"],
        scope=row["scope"],
        undo_of=row["undo_of"],
        undone_at=None if row["undone_at"] is None else instant(row["undone_at"]),
    )
