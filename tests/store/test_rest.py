"""While somebody copies the file, it is whole by itself; nothing that comes meanwhile is lost."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
import gc
from pathlib import Path
import shutil
import sqlite3
import threading
from unittest.mock import patch

import pytest

from custom_components.showrunner.store import Store, StoreError
from custom_components.showrunner.store.files import Check
from tests.domain.samples import NOW

from .scratch import taken_up
from .viewings import VIEWING, WHOLE

LONG = 600.0


def copied(path: Path) -> list[str]:
    """Copy the file alone, and read it."""
    copy = path.with_name("copy.db")
    copy.unlink(missing_ok=True)
    shutil.copy(path, copy)
    with sqlite3.connect(copy) as raw:
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
        days = [day for (day,) in raw.execute("select day from viewings order by day")]
    raw.close()
    return days


async def written(store: Store, number: int) -> None:
    """Write one viewing."""
    await store.viewings.save(replace(WHOLE, day=NOW.date() + timedelta(days=number)))


async def test_at_rest_the_file_alone_is_whole(store: Store, path: Path) -> None:
    """Reading goes on; what is written waits, in its order, and is done afterwards."""
    for number in range(5):
        await written(store, number)
    await store.rest(LONG)
    assert Path(f"{path}-wal").stat().st_size == 0
    waiting = [asyncio.create_task(written(store, number)) for number in range(5, 9)]
    waiting.append(asyncio.create_task(store.kv.put("k", "first")))
    waiting.append(asyncio.create_task(store.kv.put("k", "last")))
    await asyncio.sleep(0)
    await taken_up(store)
    # Behind all of them, and answered: they are not in its way.
    for _ in range(3):
        assert len(await store.viewings.history()) == 5
    assert not any(task.done() for task in waiting)
    assert len(copied(path)) == 5
    assert await store.wake()
    await asyncio.gather(*waiting)
    assert len(await store.viewings.history()) == 9
    assert await store.kv.get("k") == "last"


async def test_what_fails_after_waiting_fails(store: Store) -> None:
    """Whoever waited hears of it, and those behind are done all the same."""
    await store.rest(LONG)
    bad = asyncio.create_task(store.kv.put("k", {1}.__iter__))
    good = asyncio.create_task(store.kv.put("k", 1))
    await asyncio.sleep(0)  # they are on their way
    await taken_up(store)
    await store.wake()
    with pytest.raises(TypeError):
        await bad
    await good
    assert await store.kv.get("k") == 1


async def test_whoever_is_cancelled_while_waiting_loses_nothing(store: Store) -> None:
    """As always: what was begun is done."""
    await store.rest(LONG)
    task = asyncio.create_task(written(store, 1))
    await asyncio.sleep(0)  # it is on its way
    await taken_up(store)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await store.wake()
    assert len(await store.viewings.history()) == 1


async def test_a_rest_that_nobody_ends_ends_by_itself(store: Store) -> None:
    """And is said to have been disturbed."""
    await store.rest(0.01)
    await written(store, 1)
    assert not await store.wake()
    await written(store, 2)


async def test_resting_twice_is_as_once(store: Store, path: Path) -> None:
    """The later one's end is everybody's."""
    await store.rest(0.05)
    await store.rest(LONG)
    task = asyncio.create_task(written(store, 1))
    await asyncio.sleep(0.1)
    assert not task.done()
    assert copied(path) == []
    assert await store.wake()
    assert not await store.wake()
    await task


async def test_closing_does_what_waits(store: Store, path: Path) -> None:
    """Home Assistant stops in the middle of a backup."""
    await store.rest(LONG)
    task = asyncio.create_task(written(store, 1))
    await asyncio.sleep(0)  # it is on its way
    await taken_up(store)
    await store.close()
    await task
    assert len(copied(path)) == 1
    with pytest.raises(StoreError, match="closed"):
        await store.rest(LONG)
    with pytest.raises(StoreError, match="closed"):
        await store.wake()


async def test_a_check_makes_way(store: Store) -> None:
    """A rest does not wait until the whole file is read."""
    for number in range(3):
        await store.viewings.save(replace(VIEWING, day=NOW.date() + timedelta(days=number)))
    check = asyncio.create_task(store.check(60))
    await store.rest(LONG)
    with suppress(StoreError):  # it may have been quicker
        assert await check is None
    assert await store.wake()


async def test_whoever_is_cancelled_in_a_check_leaves_no_error_behind(store: Store) -> None:
    """A reload comes in its middle: the reading is stopped, and nobody is told of that."""
    for number in range(3):
        await store.viewings.save(replace(VIEWING, day=NOW.date() + timedelta(days=number)))
    values: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: values.append(context))
    begun, go_on = threading.Event(), threading.Event()

    def slowly(check: Check) -> None:
        begun.set()
        go_on.wait(60)
        raise TimeoutError("interrupted")

    with patch.object(Check, "run", slowly):
        task = asyncio.create_task(store.check(60))
        await asyncio.to_thread(begun.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await asyncio.get_running_loop().shutdown_default_executor()
    gc.collect()
    await asyncio.sleep(0)
    assert values == []
