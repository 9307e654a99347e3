"""Where webhooks' bodies wait: who comes first, who makes room, and who has a turn meanwhile."""

import asyncio
from datetime import datetime
from itertools import pairwise
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.coordinators import inbox as inboxes
from custom_components.showrunner.coordinators.inbox import Backlog, Inbox
from custom_components.showrunner.domain.flood import LIMIT


def an_inbox(worked: list[Any]) -> Inbox[Any]:
    """Make one whose work waits for nothing; what is a text is known to be about something."""

    async def work(message: object) -> None:
        worked.append(message)

    def read(body: object, _: datetime) -> object:
        return body

    return Inbox("Teapot", read, work, lambda message: isinstance(message, str))


async def test_others_have_their_turn_between_two_messages() -> None:
    """Nothing of what is done for a message waits for anything: still the loop is not held."""
    worked: list[Any] = []
    inbox, seen = an_inbox(worked), list[int]()
    for number in range(LIMIT):
        inbox.accept(number)

    async def look() -> None:
        while len(worked) < LIMIT:
            seen.append(len(worked))
            await asyncio.sleep(0)

    working = asyncio.create_task(inbox.work_off())
    await look()
    working.cancel()
    assert max(after - before for before, after in pairwise(seen)) <= 1


async def test_a_flood_leaves_most_of_the_time_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the loop's own clock: beyond so many a minute it rests three times as long as it works."""
    loop, clock, rests = asyncio.get_running_loop(), [0.0], list[float]()
    worked: list[Any] = []
    inbox, real = an_inbox(worked), asyncio.sleep

    async def work(message: object) -> None:
        worked.append(message)
        clock[0] += 0.01

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        clock[0] += seconds
        await real(0)

    inbox._work = work
    for number in range(LIMIT + 101):
        inbox.accept(number)
    working = asyncio.create_task(inbox.work_off())
    with monkeypatch.context() as patched:
        patched.setattr(loop, "time", lambda: clock[0])
        patched.setattr(inboxes.asyncio, "sleep", rest)
        while len(rests) < LIMIT + 101:
            await real(0)
        # Whoever comes alone after that waits for nothing.
        inbox.accept("alone")
        while worked[-1] != "alone":
            await real(0)
    working.cancel()
    assert sum(rests[:LIMIT]) == 0
    assert sum(rests[LIMIT:]) == pytest.approx(3.0)
    assert rests[-1] == 0


async def test_what_is_known_waits_for_no_flood_and_loses_nothing_to_it() -> None:
    """Three times as much as is held of what nobody knows; what is known comes before it."""
    worked: list[Any] = []
    inbox = an_inbox(worked)
    inbox.accept("first")
    for number in range(3000):
        inbox.accept(number)
    inbox.accept("second")
    await inbox.drain()
    assert worked == ["first", "second", *range(2000, 3000)]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60), st.integers(1, 5))
def test_each_kind_keeps_its_order_and_its_newest(
    steps: list[tuple[bool, bool]], most: int
) -> None:
    """Whatever is put and taken in between; beside a list that is cut."""
    backlog: Backlog[int] = Backlog(most)
    held: dict[bool, list[int]] = {True: [], False: []}
    for number, (puts, known) in enumerate(steps):
        if puts:
            backlog.put(number, known=known)
            held[known] = [*held[known], number][-most:]
        elif not backlog.empty():
            assert backlog.get_nowait() == (held[True] or held[False]).pop(0)
        assert backlog.empty() is not any(held.values())


async def test_whoever_waits_is_woken_by_the_next() -> None:
    """Also when it was taken by another meanwhile."""
    backlog: Backlog[int] = Backlog()
    waiting = asyncio.create_task(backlog.get())
    await asyncio.sleep(0)
    backlog.put(1, known=False)
    assert backlog.get_nowait() == 1
    await asyncio.sleep(0)
    assert not waiting.done()
    backlog.put(2, known=True)
    assert await waiting == 2
