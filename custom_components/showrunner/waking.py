"""Waiting for something to happen, but not for ever."""

import asyncio


async def woken(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for an event, for so long at most (None: without end); tell whether it has come."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
