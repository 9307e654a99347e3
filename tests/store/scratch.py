"""A new database in no time: property tests need hundreds of them."""

import atexit
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory

from custom_components.showrunner.store import Store

# In memory where there is such a place: syncing a disk is what takes long, and not what is tested.
_MEMORY = Path("/dev/shm")
_PLACE = _MEMORY if _MEMORY.is_dir() else None


@cache
def _pattern() -> Path:
    folder = TemporaryDirectory(dir=_PLACE, prefix="showrunner-tests-")
    atexit.register(folder.cleanup)
    return Path(folder.name) / "pattern.db"


@asynccontextmanager
async def scratch() -> AsyncGenerator[Path]:
    """Give the path of a database that is empty, and migrated already."""
    pattern = _pattern()
    if not pattern.exists():
        await (await Store.open(pattern)).close()
    with TemporaryDirectory(dir=_PLACE, prefix="showrunner-tests-") as folder:
        path = Path(folder) / "showrunner.db"
        shutil.copy(pattern, path)
        yield path
