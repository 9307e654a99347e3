"""Says how late a timer comes in a process that does nothing else, until its input ends."""

import asyncio
import sys
import time

# How long the timer is (seconds).
TIMER = 0.001


async def late(worst: list[float]) -> None:
    """Watch how late a timer of one millisecond comes in this loop; the worst is noted (ms)."""
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(TIMER)
        worst[0] = max(worst[0], (time.perf_counter() - begun - TIMER) * 1000)


async def _main() -> None:
    worst = [0.0]
    watching = asyncio.create_task(late(worst))
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    watching.cancel()
    sys.stdout.write(f"{worst[0]}\n")


if __name__ == "__main__":
    asyncio.run(_main())
