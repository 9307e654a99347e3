"""How the steps of a run have ended, on the way to the disk.

Each goes there with the beginning of the next step, in one transaction and with one sync; or soon
by itself, when the next takes its time. What is killed before that is begun in the ledger, and is
read back.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from ...domain.plan import Step
from ...store import Store, StoreError, Write

# So long an ending waits for the beginning of the next step (seconds).
_SOON: Final = 0.02


class Endings:
    """What a run has to write still. `tell` hears of each step, once that is on the disk."""

    def __init__(self, store: Store, tell: Callable[[Step], None]) -> None:
        """Begin with nothing."""
        self._store = store
        self._tell = tell
        self._steps: list[Step] = []
        self._writes: list[Write[Any]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def add(self, step: Step, writes: Sequence[Write[Any]]) -> None:
        """Take how a step has ended."""
        self._steps.append(step)
        self._writes += writes
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SOON, self._alone)

    async def written_with(self, begin: Write[int]) -> int:
        """Write all of it and the beginning of a step; give what that came to. Raises StoreError.

        All or nothing: no step begins while it is not known how the one before has ended.
        """
        await self._by_itself()
        steps, writes = self._taken()
        try:
            *_, number = await self._store.together(*writes, begin)
        except StoreError:
            self._steps, self._writes = steps, writes  # they may go there without it
            raise
        for step in steps:
            self._tell(step)
        return int(number)

    async def written(self) -> None:
        """Write all of it now. Raises StoreError."""
        await self._by_itself()
        await self._write()

    def _alone(self) -> None:
        self._timer = None
        self._writing = asyncio.create_task(self._after(self._writing))

    async def _after(self, earlier: asyncio.Task[None] | None) -> None:
        """Write once what is being written is on the disk: who waits for this waits for both."""
        if earlier is not None:
            await earlier
        await self._write()

    async def _by_itself(self) -> None:
        """Wait for what is being written by itself; what is not yet goes with what comes now."""
        self._no_timer()
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    async def _write(self) -> None:
        steps, writes = self._taken()
        if writes:
            await self._store.together(*writes)
        for step in steps:
            self._tell(step)

    def _no_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _taken(self) -> tuple[list[Step], list[Write[Any]]]:
        self._no_timer()
        taken = self._steps, self._writes
        self._steps, self._writes = [], []
        return taken
