"""An empty store in a folder of its own."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from custom_components.showrunner.store import Store


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
