"""What runs in a thread of its own: answers, errors, cancelling, ends and hangs."""

import asyncio
from collections.abc import AsyncGenerator
import threading
import time
from typing import Any

import pytest

from custom_components.showrunner.clients import loop_thread
from custom_components.showrunner.clients.loop_thread import Ended, LoopThread


@pytest.fixture
async def other() -> AsyncGenerator[LoopThread]:
    """Give a thread, which has ended at the end."""
    made = LoopThread("under test")
    yield made
    await made.stop()
    assert "under test" not in {one.name for one in threading.enumerate()}


async def test_results_and_errors_come_back_from_another_thread(other: LoopThread) -> None:
    """Whatever they are."""

    async def where() -> int:
        return threading.get_ident()

    async def fails() -> None:
        raise LookupError("nothing")

    assert await other.run(where()) != threading.get_ident()
    assert await other.run(where()) == await other.run(where())
    with pytest.raises(LookupError, match="nothing"):
        await other.run(fails())


async def test_who_is_cancelled_cancels_there_and_waits_for_the_end(other: LoopThread) -> None:
    """Nothing of it goes on afterwards."""
    begun, ended = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    task = asyncio.create_task(other.run(work()))
    while not begun.is_set():
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_what_is_under_way_when_it_stops_is_told_so(other: LoopThread) -> None:
    """And nothing begins any more."""

    async def forever() -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(other.run(forever()))
    await asyncio.sleep(0)
    await other.stop()
    with pytest.raises(Ended):
        await task
    with pytest.raises(Ended):
        await other.run(forever())


async def test_a_thread_that_dies_is_told_and_begins_anew(other: LoopThread) -> None:
    """Who waited is not left waiting."""

    async def forever() -> None:
        await asyncio.Event().wait()

    async def kill() -> None:
        asyncio.get_running_loop().stop()
        await asyncio.Event().wait()

    async def three() -> int:
        return 3

    waiting = asyncio.create_task(other.run(forever()))
    await asyncio.sleep(0)  # it is under way
    with pytest.raises(Ended):
        await other.run(kill())
    with pytest.raises(Ended):
        await waiting
    while True:
        try:
            assert await other.run(three()) == 3
        except Ended:
            await asyncio.sleep(0.001)  # its last steps
        else:
            break


async def test_a_thread_that_has_ended_by_itself_is_not_said_to_hang(
    other: LoopThread, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while it takes its last steps."""
    last, go_on = threading.Event(), threading.Event()

    async def kill() -> None:
        asyncio.get_running_loop().stop()
        await asyncio.Event().wait()

    def live(*args: Any) -> None:
        real(*args)
        last.set()
        go_on.wait()

    real = loop_thread._live
    monkeypatch.setattr(loop_thread, "_live", live)
    with pytest.raises(Ended):
        await other.run(kill())
    await asyncio.to_thread(last.wait)
    releasing = threading.Timer(0.05, go_on.set)
    releasing.start()
    await other.stop()
    releasing.join()
    assert "hangs" not in caplog.text


async def test_a_thread_that_hangs_keeps_nobody(
    other: LoopThread, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither who asked nor who stops: the event loop goes on all the while."""
    monkeypatch.setattr(loop_thread, "_PATIENCE", 0.05)
    hangs, go_on = threading.Event(), threading.Event()

    async def hang() -> None:
        hangs.set()
        go_on.wait()

    slowest, before = 0.0, time.monotonic()

    async def beat() -> None:
        nonlocal slowest, before
        while True:
            await asyncio.sleep(0)
            now = time.monotonic()
            slowest, before = max(slowest, now - before), now

    beating = asyncio.create_task(beat())
    task = asyncio.create_task(other.run(hang()))
    while not hangs.is_set():
        await asyncio.sleep(0.001)
    [thread] = [one for one in threading.enumerate() if one.name == "under test"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await other.stop()
    beating.cancel()
    assert "hangs" in caplog.text
    assert thread.daemon
    assert thread.is_alive()
    assert slowest < 5
    go_on.set()
    await asyncio.to_thread(thread.join)
