"""Filling a database, and spoiling it."""

from dataclasses import replace
from datetime import timedelta
import os
from pathlib import Path

from custom_components.showrunner.store import Store
from tests.domain.samples import NOW

from .viewings import WHOLE


async def fill(store: Store, count: int) -> None:
    """Write so many viewings."""
    for number in range(count):
        await store.viewings.save(replace(WHOLE, day=NOW.date() + timedelta(days=number)))


def spoil(path: Path) -> None:
    """Let a disk forget some pages in the middle of a closed database."""
    size = path.stat().st_size
    assert size > 100_000
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(16384))
