"""The files of a database: for their owner's eyes, no links to elsewhere, and whole.

Every function blocks.
"""

from contextlib import closing, suppress
from datetime import UTC, datetime
import os
from pathlib import Path
import sqlite3
import stat
import time
from typing import Final

from ..domain.text import say
from .errors import StoreDamaged, StoreError

# What SQLite keeps beside a database.
_BESIDE: Final = ("-wal", "-shm", "-journal")
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIVATE: Final = 0o600


def all_of(path: Path) -> tuple[Path, ...]:
    """Name the database and what SQLite keeps beside it."""
    return (path, *(path.with_name(path.name + suffix) for suffix in _BESIDE))


def prepare(path: Path) -> None:
    """Make a new database, or see to it that the old one may be opened. Raises StoreError, OSError.

    Links that lead here are fine, folders among them; the database itself is none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for one in all_of(path):
        if one.is_symlink():
            raise StoreError(say("store_symbolic_link", file=one.name))
    if not path.exists():
        if any(one.exists() for one in all_of(path)):
            # A log without its database would be taken for the new one's.
            keep_damaged(path, datetime.now(UTC))
        _create(path)
    for one in all_of(path):
        _make_private(one)
    if not path.stat().st_size:
        # One that we make has a beginning before it has its name.
        raise StoreDamaged(say("store_empty"))


def _create(path: Path) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE))
    with closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA user_version=1")
    new.rename(path)


def _make_private(path: Path) -> None:
    """Take from others what only the owner may do. SQLite gives new files the database's mode."""
    try:
        # Not blocking: what stands there may be anything.
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        raise StoreDamaged(say("store_is_folder", file=path.name)) from None
    try:
        mode = os.fstat(file).st_mode
        if not stat.S_ISREG(mode):
            raise StoreDamaged(say("store_is_no_file", file=path.name))
        if stat.S_IMODE(mode) != _PRIVATE:
            os.fchmod(file, _PRIVATE)
    finally:
        os.close(file)


def is_damage(err: object) -> bool:
    """Tell whether an error of SQLite's says that the file is not whole."""
    code = getattr(err, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _DAMAGE


def keep_damaged(path: Path, at: datetime) -> Path:
    """Rename a closed database and what belongs to it; give its new name. Nothing is deleted."""
    stamp = f"{at:%Y-%m-%d-%H%M%S}"
    kept, number = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}"), 1
    while any(os.path.lexists(one) for one in all_of(kept)):
        number += 1
        kept = path.with_name(f"{path.stem}.damaged-{stamp}-{number}{path.suffix}")
    # The database first: a log alone is nothing, without its log it is one of some time ago.
    for one, new in zip(all_of(path), all_of(kept), strict=True):
        with suppress(FileNotFoundError):
            one.rename(new)
    return kept


class Check:
    """Reads a whole open database on a connection of its own, beside those who use it."""

    def __init__(self, path: Path, seconds: float) -> None:
        """Take the file, and how long it may take at most."""
        self._path = path
        self._seconds = seconds
        self._connection: sqlite3.Connection | None = None
        self._stopped = False

    def stop(self) -> None:
        """End it at once; may be called from any thread."""
        self._stopped = True
        if (connection := self._connection) is not None:
            with suppress(sqlite3.ProgrammingError):
                connection.interrupt()

    def run(self) -> str | None:
        """Read it all; say what is damaged, None when nothing is. Raises TimeoutError."""
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            self._connection = connection
            ends = time.monotonic() + self._seconds
            connection.set_progress_handler(lambda: self._stopped or time.monotonic() > ends, 1000)
            try:
                (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            except sqlite3.DatabaseError as err:
                if is_damage(err):
                    return str(err)
                raise TimeoutError(str(err)) from None
            finally:
                self._connection = None
        return None if found == "ok" else " ".join(str(found).split())
