"""One database, one thread: everything that touches it runs there, one after the other.

A write that was awaited is on the disk (SQLite: write-ahead log, synchronous FULL). A caller that
is cancelled does not stop what the thread has begun: it is done whole or not at all.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
import logging
from pathlib import Path
from typing import Final

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from .errors import StoreError
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
    """Read an instant."""
    return datetime.fromtimestamp(stored / 1000, UTC)


def dump(value: object) -> str:
    """Write JSON."""
    return orjson.dumps(value, default=_plain).decode()


def load(stored: str) -> object:
    """Read JSON."""
    return orjson.loads(stored)


def _plain(value: object) -> object:
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(type(value).__name__)


class Database:
    """The thread and the engine; `run` is the only way to them."""

    def __init__(self, path: Path) -> None:
        """Name the file."""
        self.path = path
        self._thread = ThreadPoolExecutor(1, "showrunner-store")
        self._engine: Engine | None = None

    async def open(self) -> None:
        """Connect and migrate. Raises StoreError."""
        try:
            await self._submit(self._open)
        except StoreError:
            await self.close()
            raise
        except (SQLAlchemyError, OSError) as err:
            await self.close()
            raise StoreError(f"the database can't be opened: {_cause(err)}") from None

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # One thread, one connection: the file is opened once.
        self._engine = create_engine(f"sqlite:///{self.path}", poolclass=StaticPool)
        event.listen(self._engine, "connect", _prepare)
        migrate(self._engine)

    async def run[T](self, work: Callable[[Connection], T]) -> T:
        """Do something in one transaction, committed when this returns. Raises StoreError."""
        try:
            return await self._submit(lambda: self._transact(work))
        except SQLAlchemyError as err:
            raise StoreError(f"the database failed: {_cause(err)}") from None

    def _transact[T](self, work: Callable[[Connection], T]) -> T:
        if self._engine is None:
            raise StoreError("the store is closed")
        with self._engine.begin() as connection:
            return work(connection)

    async def _submit[T](self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.shield(loop.run_in_executor(self._thread, work))
        except RuntimeError as err:
            raise StoreError("the store is closed") from err

    async def close(self) -> None:
        """Finish what was begun and close. May be called twice."""
        try:
            await self._submit(self._close)
        except StoreError:
            return
        # Idle by now: this only waits for the thread's last breath.
        self._thread.shutdown(wait=True)

    def _close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _prepare(connection: object, _: object) -> None:
    """Set up a connection of SQLite."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _cause(err: Exception) -> str:
    return str(getattr(err, "orig", None) or type(err).__name__)
