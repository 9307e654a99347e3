"""An empty store in a folder of its own."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from custom_components.showrunner.store import Store
from tests.support import databases


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name the database."""
    return tmp_path / "showrunner.db"


@pytest.fixture
async def store(path: Path) -> AsyncGenerator[Store]:
    """Open it."""
    opened = await Store.open(path)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def scans() -> Iterator[list[str]]:
    """Fail where a statement of the store reads a big table whole; gives those that do."""
    databases.SCANS.clear()
    yield databases.SCANS
    assert databases.SCANS == [], "read whole"
