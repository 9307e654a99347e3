"""What is written, one after the other."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
import sqlite3

from custom_components.showrunner.store import Store

from .scratch import scratch
from .subjects import Held, Subject, Write


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[Store]:
    """Open a store, and close it again."""
    store = await Store.open(path)
    try:
        yield store
    finally:
        await store.close()


def rows(path: Path) -> dict[str, int]:
    """Count what lies in every table, also what no question would show."""
    with sqlite3.connect(path) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
        assert raw.execute("pragma foreign_key_check").fetchall() == []
        tables = [
            name for (name,) in raw.execute("select name from sqlite_master where type='table'")
        ]
        counts = {
            name: raw.execute(f"select count(*) from {name}").fetchone()[0] for name in tables
        }
    raw.close()
    counts.pop("names")  # a name that nothing has is not found
    return counts


async def one_after_the_other(
    subject: Subject, writes: Sequence[Write], *, each: bool = False
) -> tuple[list[Held], dict[str, int]]:
    """Give what is held and the rows in the end when nobody is in between; `each`: and before."""
    async with scratch() as path:
        async with opened(path) as store:
            held = [await subject.held(store, path.parent)] if each or not writes else []
            for number, write in enumerate(writes, 1):
                await write.do(store, path.parent)
                if each or number == len(writes):
                    held.append(await subject.held(store, path.parent))
        return held, rows(path)
