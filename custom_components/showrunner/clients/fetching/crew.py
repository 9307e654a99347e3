"""Workers over several connections: more of both only while it makes the whole faster.

What fails because a connection was lost is done again over another one, as long as there is
progress in between.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ...domain.transfer.connections import Connections
from ..errors import ServiceError, Unreachable
from .remote import Pool, RemoteFiles

# How long it is measured before another number is tried (seconds), and what is left out of that
# while a new connection comes up to speed.
_WINDOW: Final = 0.5
_START: Final = 0.4
# What is left must take so many times as long as was measured, for another number to be tried; and
# so long may what is under way take over a connection that is needed no more.
_LAST: Final = 4
# So many times in a row nothing may come, with a growing pause between (seconds).
_TRIES: Final = 4
_PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long is measured, and how long is waited for a server that is away (seconds)."""

    window: float = _WINDOW
    start: float = _START
    pause: float = _PAUSE
    tries: int = _TRIES


class Crew:
    """Does many things of one kind, as many at once as `workers` says for so many connections.

    `done` counts what was done, in any unit, and `kept` what of it need not be done again when a
    connection is lost; `state` is how many connections are used.
    """

    def __init__(
        self,
        pool: Pool,
        state: Connections,
        *,
        workers: Callable[[int], int],
        done: Callable[[], float],
        timing: Timing,
        kept: Callable[[], int] = lambda: 0,
    ) -> None:
        """Take everything by hand; nothing runs yet."""
        self._pool = pool
        self.state = state
        self._limit = state.limit
        self._workers = workers
        self._done = done
        self._timing = timing
        self._kept = kept
        self._kept_before = kept()
        # Since when is measured (or will be), and what was done and left then.
        self._since, self._before, self._left = 0.0, 0.0, 0
        self._measuring = False
        # How often something was under way over one that is needed no more.
        self._late = 0
        # How many work over each connection.
        self._busy = Counter[int]()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._generation = 0
        self._resume_at = 0.0

    async def run[ItemT](
        self, items: deque[ItemT], do: Callable[[int, RemoteFiles, ItemT], Awaitable[None]]
    ) -> None:
        """Do them all; `do` may put items back. Raises what `do` raises beyond a lost connection.

        Unreachable: the server is away for too long.
        """
        loop = asyncio.get_running_loop()

        def start() -> None:
            alive = {task.get_name() for task in self._tasks}
            for index in range(self._workers(self.state.count)):
                if str(index) not in alive:
                    work = self._work(index, items, do)
                    self._tasks.add(loop.create_task(work, name=str(index)))

        self._since, self._measuring = loop.time() + self._timing.start, False
        try:
            while self._tasks or items:
                if items:  # also what was put back when the others had ended already
                    start()
                await self._some_end(self._timing.window / 4)
                self._measure(loop.time(), len(items))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks.clear()

    def _measure(self, now: float, left: int) -> None:
        """Look how fast it is, once all connections are open, and how many to go on with."""
        passed = now - self._since
        if not all(map(self._pool.is_open, range(self.state.count))):
            self._since, self._measuring = now + self._timing.start, False
        elif not self._measuring and passed >= 0:
            self._begin(now, left)
        elif self._measuring and passed >= self._timing.window:
            used = self.state.count
            # The last ones alone say nothing of the line, and a new connection comes too late.
            if left and left >= _LAST * (self._left - left):
                self.state = self.state.observe((self._done() - self._before) / passed)
            self._begin(now, left)
            if self.state.count != used:
                self._since, self._measuring = now + self._timing.start, False
            self._let_go()

    def _let_go(self) -> None:
        """Keep no more connections than are needed; what is under way may come to its end."""
        count = self.state.count
        busy = max((number + 1 for number, many in self._busy.items() if many), default=0)
        self._late = self._late + 1 if busy > count else 0
        # Where that takes too long it is done anew over another one.
        self._pool.keep(count if self._late > _LAST else max(count, busy))

    def _begin(self, now: float, left: int) -> None:
        """Measure from now on."""
        self._since, self._before, self._left, self._measuring = now, self._done(), left, True

    async def _some_end(self, longest: float) -> None:
        """Wait until all have ended, or one has failed, or for so long. Raises its failure."""
        ended, _ = await asyncio.wait(
            self._tasks, timeout=longest, return_when=asyncio.FIRST_EXCEPTION
        )
        self._tasks -= ended
        failures = [err for task in ended if (err := task.exception()) is not None]
        if failures:
            raise failures[0]

    async def _work[ItemT](
        self,
        index: int,
        items: deque[ItemT],
        do: Callable[[int, RemoteFiles, ItemT], Awaitable[None]],
    ) -> None:
        while items and index < self._workers(self.state.count):
            await self._wait()
            if not items:
                return
            item, number = items.popleft(), self._next()
            generation, files = self._generation, None
            self._busy[number] += 1
            try:
                files = await self._pool.get(number)
                await do(number, files, item)
            except Unreachable as err:
                items.appendleft(item)
                await self._lost(number, files, generation, err)
            except ServiceError:
                if files is not None or number == 0:
                    raise
                # The server lets no more in.
                items.appendleft(item)
                self.state = self.state.at_most(number)
            else:
                self._failures = 0
            finally:
                self._busy[number] -= 1

    def _next(self) -> int:
        """Choose the connection over which the fewest work, but none that another is opening."""
        numbers = range(self.state.count)
        free = [number for number in numbers if not self._pool.is_opening(number)]
        return min(free or numbers, key=lambda number: self._busy[number])

    async def _wait(self) -> None:
        left = self._resume_at - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)

    async def _lost(
        self, number: int, files: RemoteFiles | None, generation: int, err: Unreachable
    ) -> None:
        """Take in that a connection was lost. Raises Unreachable after too many in a row."""
        if files is not None:
            self._pool.drop(number, files)
        elif number > 0 and await self._pool.answers(0):
            # The server lets no more in; where the first does not answer, the line is cut.
            self.state = self.state.at_most(number)
            return
        if files is None or number == 0:
            # What was learnt of the line may not hold for the one that comes back.
            self.state = Connections(self._limit)
        if generation != self._generation:
            return  # several have lost the same
        self._generation += 1
        kept = self._kept()
        self._failures = 1 if kept > self._kept_before else self._failures + 1
        self._kept_before = kept
        if self._failures > self._timing.tries:
            raise err
        pause = self._timing.pause * 2 ** (self._failures - 1)
        self._resume_at = asyncio.get_running_loop().time() + pause
