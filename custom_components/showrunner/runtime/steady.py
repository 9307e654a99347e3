"""Work that goes on for as long as an entry is loaded, whatever one of its rounds runs into."""

import asyncio
from collections.abc import Awaitable, Callable
import logging
from typing import Final

from ..unexpected import log_unexpected

_LOGGER = logging.getLogger(__name__)

PAUSE: Final = 60.0

type Work = Callable[[], Awaitable[None]]


async def steadily(name: str, work: Work, pause: float = PAUSE) -> None:
    """Do `work`, which has no end; after an error that nobody expected, begin it again.

    What one round could not do must not silence all that come after it until the next restart.
    """
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001  logged whole; only what is expected is handled where it happens
            log_unexpected(
                _LOGGER, "%s met an unexpected error and begins again in %.0f s", name, pause
            )
        else:
            return
        await asyncio.sleep(pause)
