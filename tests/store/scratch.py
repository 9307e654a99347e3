"""A new database for each example: property tests need hundreds of them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Engine

from custom_components.showrunner.store import Store
from tests.support import databases


@asynccontextmanager
async def scratch() -> AsyncGenerator[Path]:
    """Give the path of a database that is empty, and migrated already."""
    with databases.folder() as folder:
        path = Path(folder) / "showrunner.db"
        databases.create(path)
        yield path


def engines(store: Store) -> tuple[Engine, Engine]:
    """Give what a store writes with, and what it reads with."""
    writes, reads = store._database._writer.engine, store._database._reads
    assert writes is not None
    assert reads is not None
    return writes, reads
