"""One database: one thread writes, one after the other, and another reads what is on the disk.

A write that was awaited is on the disk (SQLite: write-ahead log, synchronous FULL). A caller that
is cancelled does not stop what the thread has begun: it is done whole or not at all. A read sees
one moment, and all that was awaited before it; it waits for no write.

While somebody copies the file the database rests: it is whole by itself, reading goes on, and
writes wait, in their order, until it is awake again.
"""

import asyncio
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
import logging
from pathlib import Path
import sqlite3
from typing import Any, Final

from sqlalchemy import ClauseElement, Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from ..domain.text import Words, say
from .compaction import compact
from .errors import StoreDamaged, StoreError
from .files import Check, is_damage, prepare
from .migrations import migrate
from .writer import Job, Writer

_LOGGER = logging.getLogger(__name__)

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA cache_size=-8192",
)
_READS: Final = ("PRAGMA query_only=ON", "PRAGMA busy_timeout=5000", "PRAGMA cache_size=-8192")


_NAMED: Final = SQLiteDialect_pysqlite(paramstyle="named")


def prepared(statement: ClauseElement, *columns: str) -> str:
    """Write a statement as SQLite takes it, for those that are carried out at every step.

    SQLAlchemy takes longer to make it ready, each time anew, than SQLite to carry it out.
    `columns`: those that an insertion gives. It is for `Connection.exec_driver_sql`.
    """
    return str(statement.compile(dialect=_NAMED, column_keys=columns or None))


def _nobody(_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Write[T]:
    """Something to write, and whom to tell what came of it, once that is on the disk."""

    work: Callable[[Connection], T]
    notify: Callable[[T], object] = _nobody


class Database:
    """The threads and their engines; `run`, `together` and `read` are the only ways to them.

    `on_damage` is called in the event loop with what was found, whenever something is.
    """

    def __init__(self, path: Path) -> None:
        """Name the file."""
        self.path = path
        self.on_damage: Callable[[Words], None] | None = None
        self._thread = ThreadPoolExecutor(1, "showrunner-store")
        self._writer = Writer()
        self._reading = ThreadPoolExecutor(1, "showrunner-reads")
        self._reads: Engine | None = None
        self._check: Check | None = None
        self._alarm: asyncio.TimerHandle | None = None

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
        self._writer.engine = engine = _engine(self.path, _PRAGMAS)
        migrate(engine)
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            compact(driver, self.path)
        self._reads = _engine(self.path, _READS)
        # At once: later there may be another file of that name, or none.
        self._reads.connect().close()

    async def run[T](self, work: Callable[[Connection], T]) -> T:
        """Write something whole or not at all, on the disk when this returns. Raises StoreError.

        `work` may be called twice: what it did the first time is taken back. Others that wait to
        write at the same moment may be in the same transaction; they fail or don't by themselves.
        """
        job = Job(work)
        self._writer.put(job)
        with self._failures():
            try:
                self._thread.submit(self._writer.drain)
            except RuntimeError as err:
                raise StoreError(say("store_closed")) from err
            done = asyncio.wrap_future(job.done)
            # Whoever waits may be gone before it has failed: then nobody else looks at that.
            done.add_done_callback(_seen)
            result: T = await asyncio.shield(done)
            return result

    async def together(self, *writes: Write[Any]) -> tuple[Any, ...]:
        """Write several things, in their order, all of them or none; give what each came to.

        Raises StoreError.
        """
        results = await self.run(lambda connection: tuple(one.work(connection) for one in writes))
        for one, result in zip(writes, results, strict=True):
            one.notify(result)
        return results

    async def write[T](self, one: Write[T]) -> T:
        """Write one thing, and tell of it. Raises StoreError."""
        result = await self.run(one.work)
        one.notify(result)
        return result

    async def read[T](self, work: Callable[[Connection], T]) -> T:
        """Ask something of what is on the disk, as it is at one moment. Raises StoreError."""
        with self._failures():
            return await self._submit(lambda: self._look(work), self._reading)

    def _look[T](self, work: Callable[[Connection], T]) -> T:
        if self._reads is None:
            raise StoreError(say("store_closed"))
        with self._reads.connect() as connection:
            # All its questions are answered out of one moment; closing the connection ends that.
            connection.exec_driver_sql("BEGIN")
            return work(connection)

    @contextmanager
    def _failures(self) -> Generator[None]:
        """Raise StoreError for what SQLite says, and tell of damage."""
        try:
            yield
        except SQLAlchemyError as err:
            if is_damage(getattr(err, "orig", None)):
                self._tell_damage(_cause(err))
                raise StoreDamaged(say("store_is_damaged", why=_cause(err))) from None
            raise StoreError(say("store_has_failed", why=_cause(err))) from None
        except StoreDamaged as err:
            self._tell_damage(err.text)
            raise

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
            await self._submit(self._writer.rest)
        except SQLAlchemyError as err:
            raise StoreError(say("store_has_failed", why=_cause(err))) from None

    async def wake(self) -> bool:
        """Go on, and do what waited; tell whether nothing was written since `rest`."""
        self._set_alarm(None)
        return await self._submit(self._writer.wake)

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
        self._thread.submit(self._writer.wake)

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

    # -- the threads -----------------------------------------------------------------------------

    async def _submit[T](
        self, work: Callable[[], T], thread: ThreadPoolExecutor | None = None
    ) -> T:
        """Have something done in a thread: in the one that writes, or another."""
        loop = asyncio.get_running_loop()
        try:
            future = loop.run_in_executor(thread or self._thread, work)
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
            # Whoever closes last brings everything into the one file.
            await self._submit(self._close, self._reading)
            await self._submit(self._writer.close)
        except StoreError:
            return
        # Idle by now: this only waits for the threads' last breath.
        self._reading.shutdown(wait=True)
        self._thread.shutdown(wait=True)

    def _close(self) -> None:
        if self._reads is not None:
            self._reads.dispose()
            self._reads = None


def _engine(path: Path, pragmas: Iterable[str]) -> Engine:
    """Make an engine of one connection, which is opened once."""
    engine = create_engine(f"sqlite:///{path}", poolclass=StaticPool)

    def prepare_connection(connection: sqlite3.Connection, _: object) -> None:
        for pragma in pragmas:
            connection.execute(pragma)

    event.listen(engine, "connect", prepare_connection)
    return engine


def _checked(check: Check) -> str | StoreError | None:
    """Read the whole file. Nothing is raised: whoever asked may be gone, and nobody would hear."""
    try:
        return check.run()
    except (TimeoutError, sqlite3.Error) as err:
        return StoreError(say("store_not_checked", why=str(err)))


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
