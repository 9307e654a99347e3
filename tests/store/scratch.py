"""A new database for each example: property tests need hundreds of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Engine, event

from custom_components.showrunner.store import Store
from tests.support import databases


@asynccontextmanager
async def scratch() -> AsyncGenerator[Path]:
    """Give the path of a database that is empty, and migrated already."""
    with databases.folder() as folder:
        path = Path(folder) / "showrunner.db"
        databases.create(path)
        yield path


def counted(store: Store) -> list[int]:
    """Count the transactions that are written, and synced, from here on."""
    count = [0]

    def one_more(_: object) -> None:
        count[0] += 1

    event.listen(engines(store)[0], "commit", one_more)
    return count


async def taken_up(store: Store) -> None:
    """Wait until the thread that writes has taken up all that has come by now."""
    await asyncio.get_running_loop().run_in_executor(store._database._thread, lambda: None)


def engines(store: Store) -> tuple[Engine, Engine]:
    """Give what a store writes with, and what it reads with."""
    writes, reads = store._database._writer.engine, store._database._reads
    assert writes is not None
    assert reads is not None
    return writes, reads
