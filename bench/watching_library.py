"""The first sweep of a library and its viewers, and the longest stall of the event loop in it.

Beside it: one request for each item and viewer.
The server is another process. The other way is measured on a sample and counted up, and says so.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
import gc
from pathlib import Path
import sys
import tempfile
import time

import aiohttp

from bench.library_server import guid
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.jellyfin_library import JellyfinLibrary
from custom_components.showrunner.coordinators.library import LibraryReader
from custom_components.showrunner.store import Store

type Row = Mapping[str, object]

_SERVER = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
_TICK = 0.001


@dataclass(slots=True)
class Sweep:
    """What a sweep cost."""

    requests: int
    seconds: float
    stall: float
    sample: float  # seconds for one request of the other way


@asynccontextmanager
async def _server(titles: int, episodes: int) -> AsyncGenerator[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.library_server", str(titles), str(episodes)),
        cwd=Path(__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def longest_stall(work: Awaitable[object]) -> float:
    """Do something beside a clock that ticks every millisecond; give its longest delay."""
    longest, done = 0.0, False

    async def tick() -> None:
        nonlocal longest
        last = time.perf_counter()
        while not done:
            await asyncio.sleep(_TICK)
            now = time.perf_counter()
            longest, last = max(longest, now - last - _TICK), now

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.05)
    try:
        await work
    finally:
        done = True
        await ticking
    return longest


@dataclass(frozen=True, slots=True)
class _Connected:
    """A server that answers."""

    library: JellyfinLibrary
    server_id: str = _SERVER
    connected: bool = True


@dataclass(frozen=True, slots=True)
class _Tracked:
    """Settings under which all these are tracked."""

    users: list[str]

    def tracked_viewers(self) -> list[str]:
        return self.users

    def max_drop(self) -> float:
        return 50.0


async def _sweep(titles: int, episodes: int, viewers: int, sample: int) -> Sweep:
    users = [guid("user", number) for number in range(viewers)]
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(Path(folder) / "showrunner.db")
        async with _server(titles, episodes) as url, aiohttp.ClientSession() as session:
            client = JellyfinClient(session, url, "key", device_id="bench")
            reader = LibraryReader(_Connected(client.library), store, _Tracked(users))
            # A full collection lasts as long as the process is large, and comes when it has grown
            # by a quarter: here that is soon, in a Home Assistant it is not ours to cause.
            gc.collect()
            gc.freeze()
            begun = time.perf_counter()
            stall = await longest_stall(reader.sweep())
            seconds = time.perf_counter() - begun
            requests = await _get(session, f"{url}/__count")
            counts = await store.library.counts()
            if counts.get("movie", 0) != titles or counts.get("episode", 0) != episodes:
                raise RuntimeError(f"not all was read: {counts}")
            each = await _one_by_one(lambda n: _get(session, f"{url}/Items/{n}"), sample)
        await store.close()
    return Sweep(requests, seconds, stall, each)


async def _one_by_one(ask: Callable[[int], Awaitable[object]], sample: int) -> float:
    begun = time.perf_counter()
    for number in range(sample):
        await ask(number)
    return (time.perf_counter() - begun) / sample


async def _get(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(url) as answer:
        count = await answer.json()
        return count if isinstance(count, int) else 0


async def run(small: bool) -> list[Row]:  # noqa: FBT001
    """Measure."""
    episodes, viewers, titles, sample = (200, 2, 2000, 50) if small else (5000, 20, 50_000, 2000)
    idle = await longest_stall(asyncio.sleep(0.2 if small else 5))
    many = await _sweep(0, episodes, viewers, sample)
    large = await _sweep(titles, 0, 1, sample)

    def row(metric: str, value: float, unit: str, against: str = "") -> Row:
        return {"metric": metric, "value": value, "unit": unit, "against": against}

    def other(count: int, each: float) -> str:
        return f"{count * each:.0f} s one by one, counted up from {sample} requests"

    pairs = episodes * viewers
    return [
        row("requests_20x5000", many.requests, "requests", f"{pairs} with one an item and viewer"),
        row("seconds_20x5000", round(many.seconds, 2), "s", other(pairs, many.sample)),
        row("requests_50000", large.requests, "requests", f"{titles} with one an item"),
        row("seconds_50000", round(large.seconds, 2), "s", other(titles, large.sample)),
        row("stall_20x5000_ms", round(many.stall * 1000, 1), "ms"),
        row(
            "stall_ms",
            round(max(many.stall, large.stall) * 1000, 1),
            "ms",
            f"{idle * 1000:.1f} ms with nothing to do",
        ),
    ]
