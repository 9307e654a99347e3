"""Long work on the event loop, in parts: between them others have their turn."""

import asyncio
import time
from typing import Final

# How long the event loop is held in one go (seconds).
_LONGEST: Final = 0.005
# So many things are let go at once.
_PORTION: Final = 50


class CooperativeYield:
    """Gives way to others when the event loop was held for long enough."""

    def __init__(self) -> None:
        """Begin to count."""
        self._begun = time.monotonic()

    async def __call__(self) -> None:
        """Give way, if it is time."""
        if time.monotonic() - self._begun > _LONGEST:
            await asyncio.sleep(0)
            self._begun = time.monotonic()


async def let_go(things: list[object]) -> None:
    """Forget many things in parts: in one go that would hold up the event loop, too.

    Nobody else may hold them.
    """
    turn = CooperativeYield()
    while things:
        del things[-_PORTION:]
        await turn()
