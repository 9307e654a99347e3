"""Files of tests in memory, and a new database in no time: hundreds of tests make one."""

import atexit
from collections.abc import Iterable
from functools import cache
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import NullPool
from sqlalchemy.util import LRUCache

from custom_components.showrunner.store import database, migrations

from . import query_plans

_MEMORY: Final = Path("/dev/shm")
_ENOUGH: Final = 2 * 1024**3
# In memory where there is room: syncing a disk is what takes long, and not what is tested.
_PLACE: Final = _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH else None


def folder() -> TemporaryDirectory[str]:
    """Make a folder that goes away with its last use."""
    return TemporaryDirectory(dir=_PLACE, prefix="showrunner-tests-")


@cache
def pattern() -> Path:
    """Make a database that is empty, and migrated step by step as each new one is."""
    kept = folder()
    atexit.register(kept.cleanup)
    path = Path(kept.name) / "pattern.db"
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    migrations.migrate(engine)
    engine.dispose()
    return path


def create(path: Path) -> None:
    """Make a new database as `store.files` does, but migrated already."""
    new = path.with_name(f".{path.name}.new")
    shutil.copyfile(pattern(), new)
    new.chmod(0o600)
    new.rename(path)


class _Dialect(SQLiteDialect_pysqlite):
    """SQLite's, the same for all engines: what one has made of a statement serves the others."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        """Tell whether it writes statements in the same way."""
        return isinstance(other, _Dialect)

    def __hash__(self) -> int:
        """Be one key with all the others."""
        return hash(_Dialect)


# What read a big table whole, in the test that runs.
SCANS: Final[list[str]] = []
_STATEMENTS: Final[Any] = LRUCache(2000)
_engine: Final = database._engine


def engine(path: Path, pragmas: Iterable[str]) -> Engine:
    """Make an engine as `store.database` does; statements are written once for all tests."""
    made = _engine(path, pragmas)
    assert type(made.dialect) is SQLiteDialect_pysqlite
    made.dialect.__class__ = _Dialect
    made._compiled_cache = _STATEMENTS
    query_plans.watch(made, SCANS)
    return made
