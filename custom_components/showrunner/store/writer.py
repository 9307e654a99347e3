"""The one thread that writes: what waits at the same moment is on the disk with one sync.

Each writing is done whole or not at all, and fails for itself alone: it has a savepoint within the
transaction that it shares. Nobody is told "done" before that is on the disk. Where the whole
transaction fails, each is done again in one of its own.

Everything here but `put` is called in that thread.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
import sqlite3
import time
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ..domain.text import say
from .errors import StoreError

# For how long others are let in once the first is done (seconds): it waits for the last of them.
_OPEN_FOR: Final = 0.02


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do with the connection, and what came of it."""

    work: Callable[[Connection], Any]
    done: Future[Any] = field(default_factory=Future)

    def __post_init__(self) -> None:
        """Whoever waits may go away; what was asked for is done all the same."""
        self.done.set_running_or_notify_cancel()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a writing gave, or how it failed; it is told once the transaction is on the disk."""

    result: Any = None
    error: BaseException | None = None


class Writer:
    """What is to be written, in its order, and the database that it is written to."""

    def __init__(self) -> None:
        """Begin without a database."""
        self.engine: Engine | None = None
        self._coming: deque[Job] = deque()
        # Whether it rests, whether it did all the time, and what waits for its end.
        self._rests = False
        self._undisturbed = False
        self._waiting: deque[Job] = deque()

    def put(self, job: Job) -> None:
        """Have something written by the next `drain`; may be called from any thread."""
        self._coming.append(job)

    def drain(self) -> None:
        """Write what has come, also what comes meanwhile."""
        self._work_off(self._coming)

    def _work_off(self, jobs: deque[Job]) -> None:
        while jobs:
            if len(jobs) == 1:
                self._alone(jobs.popleft())
            else:
                self._together(jobs)

    def _alone(self, job: Job) -> None:
        """Do one in a transaction of its own."""
        try:
            if self.engine is None:
                raise StoreError(say("store_closed"))
            with self.engine.begin() as connection:
                result = job.work(connection)
        except BaseException as err:  # noqa: BLE001  it is whoever waits for it who handles it
            self._tell(job, _Outcome(error=err))
        else:
            self._tell(job, _Outcome(result))

    def _together(self, jobs: deque[Job]) -> None:
        """Do several in one transaction, each as if it were alone."""
        if self.engine is None:
            self._alone(jobs.popleft())
            return
        taken: list[tuple[Job, _Outcome]] = []
        job, ends = jobs[0], 0.0
        try:
            with self.engine.begin() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("BEGIN")  # else the first savepoint is the whole transaction
                while jobs and (not taken or time.monotonic() < ends):
                    job = jobs.popleft()
                    taken.append((job, _Outcome()))
                    taken[-1] = (job, _apart(connection, driver, job))
                    if len(taken) == 1:
                        ends = time.monotonic() + _OPEN_FOR
        except Exception:  # noqa: BLE001  nothing is on the disk: each hears of its own
            for job, _ in taken:
                self._alone(job)
            return
        for job, outcome in taken:
            self._tell(job, outcome)

    def _tell(self, job: Job, outcome: _Outcome) -> None:
        if outcome.error is None:
            job.done.set_result(outcome.result)
        elif self._rests and _is_write(outcome.error):
            self._waiting.append(job)
        else:
            job.done.set_exception(outcome.error)

    # -- while somebody copies the file ----------------------------------------------------------

    def rest(self) -> None:
        """Bring everything into the one file, and write nothing from now on."""
        if self.engine is None:
            raise StoreError(say("store_closed"))
        with self.engine.connect() as connection:
            try:
                if not self._rests:
                    self._undisturbed = True
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.exec_driver_sql("PRAGMA query_only=ON")
                self._rests = True

    def wake(self) -> bool:
        """Do what waited; tell whether nothing was written since `rest`."""
        if not self._rests or self.engine is None:
            return False
        undisturbed = self._undisturbed
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=OFF")
        self._rests = self._undisturbed = False
        self._work_off(self._waiting)
        return undisturbed

    def close(self) -> None:
        """Do what waited, and close."""
        self.wake()
        if self.engine is not None:
            self.engine.dispose()
            self.engine = None


def _apart(connection: Connection, driver: Any, job: Job) -> _Outcome:
    """Do one of several; when it fails, what it did is taken back and nothing else.

    Raises when that can't be: SQLite itself has given up the transaction.
    """
    driver.execute("SAVEPOINT one")
    try:
        outcome = _Outcome(job.work(connection))
    except BaseException as err:  # noqa: BLE001  it is whoever waits for it who handles it
        driver.execute("ROLLBACK TO one")
        outcome = _Outcome(error=err)
    driver.execute("RELEASE one")
    return outcome


def _is_write(err: BaseException) -> bool:
    """Tell whether it failed because nothing may be written now."""
    code = getattr(getattr(err, "orig", None), "sqlite_errorcode", None)
    if not isinstance(err, DBAPIError) or not isinstance(code, int):
        return False
    return code & 0xFF == sqlite3.SQLITE_READONLY
