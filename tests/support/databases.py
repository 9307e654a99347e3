"""Files of tests in memory, and a new database in no time: hundreds of tests make one."""

import atexit
from functools import cache
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from custom_components.showrunner.store import migrations

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
