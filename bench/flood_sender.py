"""Sends webhooks from a process of its own, at a steady rate: `python -m bench.flood_sender`.

Reads one JSON object from standard input: `doors` (address and bodies of each), `rate` (requests a
second), `seconds`, `unique`; writes one with the counts and times (seconds) of the answers.
"""

import asyncio
from collections import Counter
from itertools import cycle
import json
import sys
import time
from typing import Any, Final

import aiohttp

_AT_ONCE: Final = 64


async def send(given: dict[str, Any]) -> dict[str, Any]:
    """Send them."""
    total = int(given["rate"] * given["seconds"])
    doors = cycle([(url, body) for url, bodies in given["doors"] for body in bodies])
    statuses: Counter[int] = Counter()
    times: list[float] = []
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(session: aiohttp.ClientSession, url: str, body: str) -> None:
        begun = time.perf_counter()
        async with session.post(url, data=body.encode()) as answer:
            await answer.read()
            statuses[answer.status] += 1
        times.append(time.perf_counter() - begun)
        slots.release()

    begun = time.perf_counter()
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
        for number in range(total):
            url, body = next(doors)
            body = body.replace("@@", f"{number if given['unique'] else 0:08d}")
            wait = begun + number / given["rate"] - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            await slots.acquire()
            group.create_task(one(session, url, body))
    took = time.perf_counter() - begun
    return {"statuses": dict(statuses), "times": times, "seconds": took}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(send(json.load(sys.stdin)))))
