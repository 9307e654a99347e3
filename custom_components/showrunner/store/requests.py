"""Requests with their facts: one row each, written whole, because its facts are read together."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import batched
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)

from ..domain.media import TitleKey
from ..domain.requests.facts import Facts
from ..domain.requests.record import (
    dump_facts,
    dump_request,
    dump_status,
    load_facts,
    load_request,
    load_status,
)
from ..domain.requests.request import Closing, Request
from ..domain.requests.state import RequestStatus
from ..domain.text import say
from . import titles
from .codec import dump, load, milliseconds
from .database import Database
from .errors import StoreDamaged
from .schema import REQUESTS, TITLES

_SUBJECT = "request"
_AT_ONCE = 200
_NEXT_REF = (
    select(REQUESTS.c.ref)
    .where(REQUESTS.c.ref > bindparam("after"))
    .order_by(REQUESTS.c.ref)
    .limit(1)
)
_FEW = 50
# What is read of a request beside its facts, and what stands in columns of its own.
_HEAD: Final = tuple(REQUESTS.c[name] for name in ("id", "ref", "requested_at", "data", "settled"))
_TOLD: Final = ("id", "ref", "requested_at")


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as it is kept, with how it stands by these facts.

    `status` None: it is to be derived. From `unclosed` a settled one comes without its facts.
    """

    request: Request
    facts: Facts
    status: RequestStatus | None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Some of the requests, and where the next ones begin."""

    rows: list[RequestRow]
    last: int


class Requests:
    """The book of requests."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def put(self, rows: Sequence[RequestRow]) -> None:
        """Keep requests as they stand, all of them or none."""
        if not rows:
            return

        def write(connection: Connection) -> None:
            for row in rows:
                _write(connection, row)

        await self._database.run(write)
        self._changed("requests")

    async def get(self, request_id: str) -> RequestRow | None:
        """Find a request, closed ones too."""
        query = select(REQUESTS).where(REQUESTS.c.id == request_id)
        rows = await self._database.read(partial(_rows, query=query))
        return rows[0] if rows else None

    async def unclosed(self) -> tuple[RequestRow, ...]:
        """Give all that are not over; those that are settled without their facts.

        In slices, which keep the database free for others.
        """
        found: list[RequestRow] = []
        page = await self.unclosed_after(0)
        while page.rows:
            found += page.rows
            page = await self.unclosed_after(page.last)
        return tuple(found)

    async def unclosed_after(self, last: int) -> RequestPage:
        """Give some of those that are not over, after the last of other ones; none: the end.

        So that not all of their facts are in memory at one time.
        """
        none = literal([], REQUESTS.c.facts.type)
        facts = case((REQUESTS.c.settled.is_(None), REQUESTS.c.facts), else_=none)
        return await self._page(last, _AT_ONCE, facts.label("facts"))

    async def whole_after(self, last: int) -> RequestPage:
        """Give some of those that are not over, after the last of other ones, with all their facts.

        Few, for there are hundreds of facts of each; none: the end.
        """
        return await self._page(last, _FEW, REQUESTS.c.facts)

    async def _page(self, last: int, limit: int, facts: ColumnElement[Any]) -> RequestPage:
        # In the order in which they came: whoever reads on after the last of some misses none.
        number = literal_column("requests.rowid", Integer)
        query = (
            select(number.label("number"), *_HEAD, facts)
            .where(REQUESTS.c.closed.is_(None), number > last)
            .order_by(number)
            .limit(limit)
        )

        def read(connection: Connection) -> RequestPage:
            rows = connection.execute(query).all()
            end = rows[-1].number if rows else last
            return RequestPage([_read(row, row.facts) for row in rows], end)

        return await self._database.read(read)

    async def closed(self, limit: int) -> tuple[RequestRow, ...]:
        """Give those that are over, the last first."""
        query = (
            select(REQUESTS)
            .where(REQUESTS.c.closed.is_not(None))
            .order_by(REQUESTS.c.requested_at.desc())
            .limit(limit)
        )
        return tuple(await self._database.read(partial(_rows, query=query)))

    async def count(self, since: datetime) -> int:
        """Count what was asked for since then, also what is over by now."""
        query = select(func.count()).where(REQUESTS.c.requested_at >= milliseconds(since))
        return await self._database.read(lambda connection: connection.scalar(query)) or 0

    async def closings(self, refs: Iterable[str]) -> dict[str, Closing | None]:
        """Tell which of the sources' own names are known, and why those are over that are."""
        wanted = list(refs)

        def read(connection: Connection) -> dict[str, Closing | None]:
            found: dict[str, Closing | None] = {}
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                query = select(REQUESTS.c.ref, REQUESTS.c.closed).where(REQUESTS.c.ref.in_(some))
                for ref, closed in connection.execute(query):
                    found[ref] = None if closed is None else Closing(closed)
            return found

        return await self._database.read(read) if wanted else {}

    async def for_title(self, title: TitleKey) -> tuple[RequestRow, ...]:
        """Give a title's requests, the oldest first."""

        def read(connection: Connection) -> tuple[RequestRow, ...]:
            keys = titles.refs(connection, _SUBJECT, title)
            query = select(REQUESTS).where(REQUESTS.c.id.in_(keys))
            return tuple(_rows(connection, query.order_by(REQUESTS.c.requested_at)))

        return await self._database.read(read)

    async def ended(self, names: Collection[str]) -> tuple[tuple[str, RequestRow], ...]:
        """Give the requests of many titles that are over, each by every name that it goes by.

        Without their facts.
        """

        def read(connection: Connection) -> tuple[tuple[str, RequestRow], ...]:
            found: list[tuple[str, RequestRow]] = []
            for some in batched(names, _AT_ONCE, strict=False):
                query = (
                    select(TITLES.c.key, *_HEAD)
                    .join(REQUESTS, REQUESTS.c.id == TITLES.c.ref)
                    .where(
                        TITLES.c.subject == _SUBJECT,
                        TITLES.c.key.in_(some),
                        REQUESTS.c.closed.is_not(None),
                    )
                )
                found += ((row.key, _read(row, [])) for row in connection.execute(query))
            return tuple(found)

        return await self._database.read(read) if names else ()

    async def of_names(self, names: Collection[str]) -> tuple[tuple[str, Request], ...]:
        """Give the requests of many titles, each by every of these names that it goes by."""

        def read(connection: Connection) -> tuple[tuple[str, Request], ...]:
            found: list[tuple[str, Request]] = []
            for some in batched(names, _AT_ONCE, strict=False):
                query = (
                    select(TITLES.c.key, *_HEAD)
                    .join(REQUESTS, REQUESTS.c.id == TITLES.c.ref)
                    .where(TITLES.c.subject == _SUBJECT, TITLES.c.key.in_(some))
                )
                found += ((row.key, _read(row, []).request) for row in connection.execute(query))
            return tuple(found)

        return await self._database.read(read)

    async def sources(self) -> frozenset[str]:
        """Give whose requests are kept: the sources' own names without their numbers."""

        def read(connection: Connection) -> frozenset[str]:
            found: set[str] = set()
            after = ""
            # From the first of each source to the first of the next; no service has a colon in it.
            while (ref := connection.scalar(_NEXT_REF, {"after": after})) is not None:
                source = ref.rpartition(":")[0]
                found.add(source)
                after = max(ref, _behind(source))
            return frozenset(found)

        return await self._database.read(read)

    async def of_source(self, source: str) -> tuple[str, ...]:
        """Give the ids of a source's requests, closed ones too."""
        query = select(REQUESTS.c.id).where(
            REQUESTS.c.ref > f"{source}:", REQUESTS.c.ref < _behind(source)
        )

        def read(connection: Connection) -> tuple[str, ...]:
            return tuple(connection.execute(query).scalars())

        return await self._database.read(read)

    async def forget(self, request_ids: Iterable[str]) -> None:
        """Remove requests of a source that was unlinked."""
        gone = list(request_ids)

        def write(connection: Connection) -> None:
            for request_id in gone:
                titles.unmark(connection, _SUBJECT, request_id)
                connection.execute(delete(REQUESTS).where(REQUESTS.c.id == request_id))

        await self._database.run(write)
        self._changed("requests")


def _behind(source: str) -> str:
    """Give what comes after all of a source's names: they go on with a colon and a number."""
    return f"{source};"


def _data(request: Request) -> dict[str, object]:
    """Give what is kept of a request beside its columns."""
    plain = dump_request(request)
    return {name: value for name, value in plain.items() if name not in _TOLD}


def _write(connection: Connection, row: RequestRow) -> None:
    request, status = row.request, row.status
    if status is None:
        raise TypeError("a request is kept with how it stands")
    values = {
        "ref": request.ref,
        "state": status.state.value,
        "closed": status.closed.value if status.closed else None,
        "requested_at": milliseconds(request.requested_at),
        "data": dump(_data(request)),
        "facts": dump_facts(row.facts),
        "settled": dump(dump_status(status)) if status.settled else None,
    }
    changed = connection.execute(update(REQUESTS).where(REQUESTS.c.id == request.id).values(values))
    if not changed.rowcount:
        connection.execute(insert(REQUESTS).values(id=request.id, **values))
    titles.mark(connection, _SUBJECT, request.id, request.title.key)


def _rows(connection: Connection, query: Select[Any]) -> list[RequestRow]:
    return [_read(row, row.facts) for row in connection.execute(query)]


def _read(row: Row[Any], facts: object) -> RequestRow:
    plain = load(row.data)
    status = None if row.settled is None else load(row.settled)
    if not isinstance(plain, dict) or not isinstance(facts, list):
        raise StoreDamaged(say("store_row_no_request"))
    told = {name: getattr(row, name) for name in _TOLD}
    try:
        known = load_status(status) if isinstance(status, dict) else None
        return RequestRow(load_request(told | plain), load_facts(facts), known)
    except (ValueError, TypeError, KeyError, IndexError) as err:
        raise StoreDamaged(say("store_row_unreadable", why=type(err).__name__)) from err
