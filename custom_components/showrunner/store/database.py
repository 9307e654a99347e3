"""One database, one thread: everything that touches it runs there, one after the other.

A write that was awaited is on the disk (SQLite: write-ahead log, synchronous FULL). A caller that
is cancelled does not stop what the thread has begun: it is done whole or not at all.

While somebody copies the file the database rests: it is whole by itself, reading goes on, and
writes wait, in their order, until it is awake again.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
from pathlib import Path
import sqlite3
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from ..domain.text import Text, Words, say
from .errors import StoreDamaged, StoreError
from .files import Check, is_damage, prepare
from .migrations import migrate

_LOGGER = logging.getLogger(__name__)

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-8192",
)


def milliseconds(at: datetime) -> int:
    """Write an instant."""
    return round(at.timestamp() * 1000)


def instant(stored: int) -> datetime:
    """Read an instant. Raises StoreDamaged: we wrote one."""
    try:
        return datetime.fromtimestamp(stored / 1000, UTC)
    except (ValueError, OverflowError) as err:
        raise StoreDamaged(say("store_row_unreadable", why=str(err))) from None


def dump(value: object) -> str:
    """Write JSON."""
    # A text is a dataclass: kept as it says itself, not by its fields.
    option = orjson.OPT_PASSTHROUGH_DATACLASS
    return orjson.dumps(value, default=_plain, option=option).decode()


def load(stored: str) -> object:
    """Read JSON. Raises StoreDamaged: we wrote it whole."""
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError as err:
        raise StoreDamaged(say("store_row_unreadable", why=str(err))) from None


def _plain(value: object) -> object:
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    if isinstance(value, Text):
        return value.as_dict()
    raise TypeError(type(value).__name__)


@dataclass(frozen=True, slots=True)
class _Waits[T]:
    """A write came while the database rests. `done` tells when it was done, and what came of it."""

    done: Future[T]


class Database:
    """The thread and the engine; `run` is the only way to them.

    `on_damage` is called in the event loop with what was found, whenever something is.
    """

    def __init__(self, path: Path) -> None:
        """Name the file."""
        self.path = path
        self.on_damage: Callable[[Words], None] | None = None
        self._thread = ThreadPoolExecutor(1, "showrunner-store")
        self._engine: Engine | None = None
        self._check: Check | None = None
        self._alarm: asyncio.TimerHandle | None = None
        # Of the thread: whether it rests, whether it did all the time, and what waits for its end.
        self._rests = False
        self._undisturbed = False
        self._waiting: deque[tuple[Callable[[Connection], Any], Future[Any]]] = deque()

    async def open(self) -> None:
        """Connect and migrate. Raises StoreError."""
        try:
            await self._submit(self._open)
        except StoreError:
            await self.close()
            raise
        except (SQLAlchemyError, OSError, sqlite3.Error) as err:
            await self.close()
            kind = StoreDamaged if is_damage(getattr(err, "orig", err)) else StoreError
            raise kind(say("store_not_opened", why=_cause(err))) from None

    def _open(self) -> None:
        prepare(self.path)
        # One thread, one connection: the file is opened once.
        self._engine = create_engine(f"sqlite:///{self.path}", poolclass=StaticPool)
        event.listen(self._engine, "connect", _prepare)
        migrate(self._engine)

    async def run[T](self, work: Callable[[Connection], T]) -> T:
        """Do something in one transaction, committed when this returns. Raises StoreError.

        `work` may be called twice: what it did the first time is taken back.
        """
        try:
            result = await self._submit(lambda: self._transact(work))
            if isinstance(result, _Waits):
                return await asyncio.shield(asyncio.wrap_future(result.done))
        except SQLAlchemyError as err:
            if is_damage(getattr(err, "orig", None)):
                self._tell_damage(_cause(err))
                raise StoreDamaged(say("store_is_damaged", why=_cause(err))) from None
            raise StoreError(say("store_has_failed", why=_cause(err))) from None
        except StoreDamaged as err:
            self._tell_damage(err.text)
            raise
        return result

    def _transact[T](self, work: Callable[[Connection], T]) -> T | _Waits[T]:
        if self._engine is None:
            raise StoreError(say("store_closed"))
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except DBAPIError as err:
            if not (self._rests and _is_write(err)):
                raise
        done: Future[T] = Future()
        self._waiting.append((work, done))
        return _Waits(done)

    def _tell_damage(self, what: Words) -> None:
        if self.on_damage is not None:
            self.on_damage(what)

    # -- while somebody copies the file ----------------------------------------------------------

    async def rest(self, limit: float) -> None:
        """Bring everything into the one file, and write nothing until `wake`, or for `limit` s.

        Raises StoreError; it rests all the same, and file and log are whole together.
        """
        if self._check is not None:
            self._check.stop()
        self._set_alarm(limit)
        try:
            await self._submit(self._rest)
        except SQLAlchemyError as err:
            raise StoreError(say("store_has_failed", why=_cause(err))) from None

    async def wake(self) -> bool:
        """Go on, and do what waited; tell whether nothing was written since `rest`."""
        self._set_alarm(None)
        return await self._submit(self._wake)

    def _set_alarm(self, limit: float | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None
        if limit is not None:
            self._alarm = asyncio.get_running_loop().call_later(limit, self._overslept)

    def _overslept(self) -> None:
        """Go on although nobody said so: who has not come back by now never may."""
        self._alarm = None
        _LOGGER.warning("The database rested for long enough, and is written again")
        self._thread.submit(self._wake)

    def _rest(self) -> None:
        if self._engine is None:
            raise StoreError(say("store_closed"))
        with self._engine.connect() as connection:
            try:
                if not self._rests:
                    self._undisturbed = True
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.exec_driver_sql("PRAGMA query_only=ON")
                self._rests = True

    def _wake(self) -> bool:
        if not self._rests or self._engine is None:
            return False
        undisturbed = self._undisturbed
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=OFF")
        self._rests = self._undisturbed = False
        while self._waiting:
            work, done = self._waiting.popleft()
            try:
                done.set_result(self._transact(work))
            except Exception as err:  # noqa: BLE001  it is whoever waits for it who handles it
                done.set_exception(err)
        return undisturbed

    # -- whether it is whole ---------------------------------------------------------------------

    async def check(self, limit: float) -> str | None:
        """Read the whole file, beside what goes on; say what is damaged, None when nothing is.

        Raises StoreError when it can't be said: it was stopped, or took longer than `limit` s.
        """
        self._check = check = Check(self.path, limit)
        try:
            found = await asyncio.shield(
                asyncio.get_running_loop().run_in_executor(None, _checked, check)
            )
        finally:
            check.stop()
            self._check = None
        if isinstance(found, StoreError):
            raise found
        if found is not None:
            self._tell_damage(found)
        return found

    # -- the thread ------------------------------------------------------------------------------

    async def _submit[T](self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            future = loop.run_in_executor(self._thread, work)
            # Whoever waits may be gone before it has failed: then nobody else looks at that.
            future.add_done_callback(_seen)
            return await asyncio.shield(future)
        except RuntimeError as err:
            raise StoreError(say("store_closed")) from err

    async def close(self) -> None:
        """Finish what was begun and close. May be called twice."""
        self._set_alarm(None)
        if self._check is not None:
            self._check.stop()
        try:
            await self._submit(self._close)
        except StoreError:
            return
        # Idle by now: this only waits for the thread's last breath.
        self._thread.shutdown(wait=True)

    def _close(self) -> None:
        self._wake()
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _prepare(connection: object, _: object) -> None:
    """Set up a connection of SQLite."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _checked(check: Check) -> str | StoreError | None:
    """Read the whole file. Nothing is raised: whoever asked may be gone, and nobody would hear."""
    try:
        return check.run()
    except (TimeoutError, sqlite3.Error) as err:
        return StoreError(say("store_not_checked", why=str(err)))


def _is_write(err: DBAPIError) -> bool:
    """Tell whether it failed because nothing may be written now."""
    code = getattr(err.orig, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF == sqlite3.SQLITE_READONLY


def _cause(err: Exception) -> str:
    """Say why, without the statement and its values."""
    if isinstance(err, OSError):
        return err.strerror or type(err).__name__
    if isinstance(err, sqlite3.Error):
        return str(err)
    return str(getattr(err, "orig", None) or type(err).__name__)


def _seen(future: asyncio.Future[Any]) -> None:
    """Take note of a failure, so that it is not reported as one that nobody handled."""
    if not future.cancelled():
        future.exception()
