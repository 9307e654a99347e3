"""Filling a database, and spoiling it."""

from dataclasses import replace
from datetime import timedelta
import os
from pathlib import Path
import sqlite3

from custom_components.showrunner.store import Store
from tests.domain.samples import NOW

from .viewings import WHOLE


async def fill(store: Store, count: int) -> None:
    """Write so many viewings."""
    for number in range(count):
        await store.viewings.save(replace(WHOLE, day=NOW.date() + timedelta(days=number)))


def spoil(path: Path) -> None:
    """Let a disk forget some pages of the viewings in the middle of a closed database."""
    raw = sqlite3.connect(path)
    found = raw.execute(
        "select pageno from dbstat where name = 'viewings' and pagetype = 'leaf' order by pageno"
    )
    pages = [page for (page,) in found]
    (size,) = raw.execute("pragma page_size").fetchone()
    raw.close()
    assert len(pages) > 4
    with path.open("r+b") as file:
        for page in pages[1:-1]:
            file.seek((page - 1) * size)
            file.write(os.urandom(size))
