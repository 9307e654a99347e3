"""The memory of since when something is so: over restarts, and written for what changed alone."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.jobs.cleanup.since import SinceWhen
from custom_components.showrunner.store import Store

from .test_announced import START, UTC

DAY = timedelta(days=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """Open an empty store."""
    opened = await Store.open(tmp_path / "since.db")
    yield opened
    await opened.close()


def on(store: Store, day: datetime, name: str = "so") -> SinceWhen:
    """Make it anew, as after a restart on a day."""
    return SinceWhen(name, store, lambda: day, lambda: UTC)


async def test_what_is_still_so_keeps_its_date_and_what_is_anew_begins_now(store: Store) -> None:
    """What is not named any more is forgotten, and begins anew when it is."""
    later = START + DAY
    assert await on(store, START).keep({"a", "b", "c"}) == dict.fromkeys("abc", START)
    assert await on(store, later).keep({"a", "b", "d"}, {"b"}) == {
        "a": START,
        "b": later,
        "d": later,
    }
    await on(store, later).begin({"a", "e"})
    assert await on(store, later).all() == dict.fromkeys("abde", later)
    assert await on(store, later, "other").all() == {}


async def test_nothing_is_written_where_nothing_has_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each night most is as it was."""
    await on(store, START).keep({"a"})
    monkeypatch.setattr(store.kv, "put", None)
    await on(store, START + DAY).keep({"a"})
    await on(store, START + DAY).begin(())
    assert await on(store, START + DAY).all() == {"a": START}
