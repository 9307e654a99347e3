"""How many bytes are asked for and not yet written at any moment: what it costs of memory."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class InFlight:
    """So many bytes at the most, for those who ask first. Belongs to one event loop."""

    def __init__(self, most: int) -> None:
        """Begin with none."""
        self._most = most
        self._left = most
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def take(self, size: int) -> AsyncGenerator[None]:
        """Wait until so many bytes more are allowed; what is larger than all goes alone."""
        size = min(size, self._most)
        await self._acquire(size)
        try:
            yield
        finally:
            self._give_back(size)

    async def _acquire(self, size: int) -> None:
        if not self._waiting and self._left >= size:
            self._left -= size
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            # It may have been given in the same moment.
            self._give_back(0 if turn.cancelled() else size)
            raise

    def _give_back(self, size: int) -> None:
        self._left += size
        while self._waiting:
            need, turn = self._waiting[0]
            if not turn.cancelled():
                if need > self._left:
                    return
                self._left -= need
                turn.set_result(None)
            self._waiting.popleft()
