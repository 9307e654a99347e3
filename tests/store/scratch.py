"""A new database for each example: property tests need hundreds of them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support import databases


@asynccontextmanager
async def scratch() -> AsyncGenerator[Path]:
    """Give the path of a database that is empty, and migrated already."""
    with databases.folder() as folder:
        path = Path(folder) / "showrunner.db"
        databases.create(path)
        yield path
