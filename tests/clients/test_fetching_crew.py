"""What a crew does over connections that break: nothing is left undone."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.fetching.crew import Crew, Timing
from custom_components.showrunner.clients.fetching.remote import Pool, RemoteFiles
from custom_components.showrunner.domain.text import say
from custom_components.showrunner.domain.transfer.connections import Connections


class Line:
    """Connections that are opened by their numbers, unless one is shut."""

    def __init__(self) -> None:
        self.shut: set[int] = set()
        self.dropped: list[int] = []

    async def get(self, number: int) -> Any:
        if number in self.shut:
            raise Unreachable("SFTP", say("error_no_connection"))
        return number

    def drop(self, number: int, files: object) -> None:
        self.dropped.append(number)

    def keep(self, count: int) -> None:
        pass

    def is_open(self, number: int) -> bool:
        return number not in self.shut

    def is_opening(self, number: int) -> bool:
        return False

    async def answers(self, number: int) -> bool:
        return number not in self.shut


def crew(
    line: Line, state: Connections, tries: int = 4, kept: Callable[[], int] = lambda: 0
) -> Crew:
    return Crew(
        cast("Pool", line),
        state,
        workers=lambda count: count,
        done=lambda: 0,
        timing=Timing(window=0.02, start=0, pause=0, tries=tries),
        kept=kept,
    )


async def test_the_last_item_is_done_when_the_connection_of_its_worker_can_be_had_no_more() -> None:
    line, done = Line(), list[str]()
    one = crew(line, Connections(2, count=2, settled=True))
    first_ended, last_taken = asyncio.Event(), asyncio.Event()

    async def do(number: int, _: RemoteFiles, item: str) -> None:
        if item == "last" and number == 1:
            last_taken.set()
            await first_ended.wait()
            await asyncio.sleep(0)
            line.shut.add(1)
            one.state = one.state.at_most(1)
            raise Unreachable("SFTP", say("error_no_connection"))
        if item == "first":
            await last_taken.wait()
        done.append(item)
        if item == "first":
            first_ended.set()

    await one.run(deque(["first", "last"]), do)

    assert sorted(done) == ["first", "last"]


async def test_a_cut_of_the_line_says_nothing_of_how_many_a_server_lets_in() -> None:
    line, seen = Line(), list[int]()
    one = crew(line, Connections(4, count=4, settled=True))

    async def do(number: int, _: RemoteFiles, item: int) -> None:
        seen.append(item)

    line.shut = {1, 2, 3}

    async def answers(number: int) -> bool:
        line.shut = set()  # the line is back a moment later
        return False

    line.answers = answers  # type: ignore[method-assign]
    await one.run(deque(range(20)), do)

    assert sorted(seen) == list(range(20))
    assert one.state.limit == 4


async def test_a_server_that_lets_no_more_in_is_asked_for_no_more() -> None:
    line, seen = Line(), list[int]()
    line.shut = {2, 3}
    one = crew(line, Connections(4, count=4, settled=True))

    async def do(number: int, _: RemoteFiles, item: int) -> None:
        seen.append(item)
        await asyncio.sleep(0)  # several are at work

    await one.run(deque(range(20)), do)

    assert sorted(seen) == list(range(20))
    assert one.state.limit == 2


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_line_that_is_cut_again_and_again_is_given_up_when_nothing_stays(
    keeps: bool,
) -> None:
    """As long as some of an item is there for good after each cut, it is gone on with."""
    cuts = 0

    async def do(number: int, _: RemoteFiles, item: str) -> None:
        nonlocal cuts
        cuts += 1
        if cuts < 20:
            raise Unreachable("SFTP", say("error_no_connection"))

    one = crew(Line(), Connections(1), tries=4, kept=lambda: cuts if keeps else 0)
    if keeps:
        await one.run(deque(["a"]), do)
    else:
        with pytest.raises(Unreachable):
            await one.run(deque(["a"]), do)
    assert cuts == (20 if keeps else 5)


class Counted(Line):
    """Connections of which one is being opened, or which end when nobody uses them."""

    def __init__(self) -> None:
        super().__init__()
        self.opening: set[int] = set()
        self.kept: list[int] = []

    def is_open(self, number: int) -> bool:
        return number not in self.opening

    def is_opening(self, number: int) -> bool:
        return number in self.opening

    def keep(self, count: int) -> None:
        self.kept.append(count)


async def test_nobody_waits_for_a_connection_that_another_is_opening() -> None:
    line, seen = Counted(), list[int]()
    line.opening = {1}
    one = crew(line, Connections(2, count=2, settled=True))

    async def do(number: int, _: RemoteFiles, item: int) -> None:
        seen.append(number)
        await asyncio.sleep(0)

    await one.run(deque(range(20)), do)
    assert set(seen) == {0}
    # Where all are, one of them has to be waited for.
    line.opening = {0, 1}
    await one.run(deque(range(2)), do)
    assert len(seen) == 22


async def test_a_connection_that_answers_slowly_is_given_less_to_do() -> None:
    line, seen, over = Counted(), list[int](), asyncio.Event()
    one = crew(line, Connections(2, count=2, settled=True))

    async def do(number: int, _: RemoteFiles, item: int) -> None:
        seen.append(number)
        if number == 1:
            await over.wait()
        await asyncio.sleep(0)
        if item == 19:
            over.set()

    await one.run(deque(range(20)), do)
    assert seen.count(1) == 1


async def test_what_is_under_way_over_a_connection_that_is_needed_no_more_comes_to_its_end() -> (
    None
):
    line, over, left, late = Counted(), asyncio.Event(), deque(range(9)), 4
    one = crew(line, Connections(2, count=2, settled=True))

    async def do(number: int, _: RemoteFiles, item: int) -> None:
        if number == 1:
            one.state = one.state.at_most(1)
            while len(line.kept) < 2 * late:
                await asyncio.sleep(0.001)
            over.set()
        elif not over.is_set():
            left.append(item)  # so that it goes on being measured
            await asyncio.sleep(0.001)

    async with asyncio.timeout(20):
        await one.run(left, do)
    # Four times more is looked whether it has ended; then it is given up.
    assert line.kept[: 2 * late] == [2] * late + [1] * late


@pytest.mark.parametrize("more", [False, True])
async def test_what_is_almost_done_is_gone_on_with_as_it_is(more: bool) -> None:
    """A connection that is opened for the last few items comes too late for them."""
    line, done, left = Counted(), 0, deque(range(4))
    timing = Timing(window=0.02, start=0, pause=0)
    one = Crew(
        cast("Pool", line),
        Connections(2),
        workers=lambda _: 1,
        done=lambda: done,
        timing=timing,
    )

    async def do(number: int, _: RemoteFiles, item: int) -> None:
        nonlocal done
        await asyncio.sleep(0.01)
        done += 1
        if more and not one.state.best:
            left.extend(range(100))

    await one.run(left, do)
    assert (one.state.best > 0) is more
