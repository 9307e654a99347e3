"""Part (c) of the bench `watching`: what an idle minute costs, and a minute with ten streams.

In CPU time of this process, with its threads, beside a bare loop that only asks for the sessions
with aiohttp and reads the JSON, as often as our polling does. The server is another process. Nobody
sleeps: the minute's polls and pushes follow each other, by a clock that is moved by hand.
Ours is the coordinator with all that follows: who is there, the fold, the store.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
import statistics
import sys
import tempfile
import time
from typing import Any, Final
from unittest.mock import patch

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant

from bench.sessions_server import SERVER
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators.jellyfin import JellyfinCoordinator
from custom_components.showrunner.coordinators.playback import PlaybackTracker
from custom_components.showrunner.domain.watching import WatchPolicy
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Store

type Row = Mapping[str, object]

_STREAMS: Final = 10
_POLLS: Final = {0: 12, _STREAMS: 60}
_PUSHES: Final = 40  # one in 1.5 s, the least that we ask for


class _Settings:
    """Everybody who plays is tracked."""

    guests = False

    def policy(self, user: str) -> WatchPolicy:
        """Give the defaults."""
        return WatchPolicy()

    def tracked(self, user: str) -> bool:
        """Track everybody."""
        return True

    def paused(self, user: str) -> bool:
        """Pause nobody."""
        return False


class _Clock:
    """The time, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 10, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a minute costs, in milliseconds of CPU time."""

    bare: float
    ours: float


@dataclass(slots=True)
class _Server:
    """The other process."""

    url: str
    process: asyncio.subprocess.Process

    def ask(self, kind: str, count: int) -> None:
        """Have it push on its socket."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{kind} {count}\n".encode())


@asynccontextmanager
async def _server(streams: int) -> AsyncGenerator[_Server]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sessions_server", str(streams)),
        cwd=Path(__file__).parent.parent,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield _Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.kill()
        await process.wait()


type _Work = Callable[[], Awaitable[None]]


async def _cpu(bare: _Work, ours: _Work, times: int) -> _Cost:
    """Do both in turns, so that what else the machine does meets both; once before to warm up."""
    found: dict[_Work, list[float]] = {bare: [], ours: []}
    for number in range(times + 1):
        for work, spent in found.items():
            begun = time.process_time()
            await work()
            if number:
                spent.append((time.process_time() - begun) * 1000)
    return _Cost(statistics.median(found[bare]), statistics.median(found[ours]))


class _Ours:
    """The coordinator and what follows it."""

    def __init__(self, coordinator: JellyfinCoordinator, clock: _Clock, server: _Server) -> None:
        self._coordinator = coordinator
        self._clock = clock
        self._server = server
        self._left = 0
        self._done = asyncio.Event()
        coordinator.async_add_listener(self._heard)

    def _heard(self) -> None:
        """Count what the socket told."""
        self._clock.pass_by(1.5)
        self._left -= 1
        if self._left == 0:
            self._done.set()

    async def polls(self, count: int) -> None:
        """Poll a minute long."""
        for _ in range(count):
            await self._coordinator.async_refresh()
            self._clock.pass_by(60 / count)

    async def pushes(self) -> None:
        """Take in a minute's pushes, and the check that belongs to it."""
        self._left = _PUSHES
        self._done.clear()
        self._server.ask("Sessions", _PUSHES)
        async with asyncio.timeout(20):
            await self._done.wait()
        self._left = -1
        await self._coordinator.async_refresh()

    async def silence(self) -> None:
        """Keep the idle socket alive for a minute, and check the server."""
        self._server.ask("ForceKeepAlive", 2)
        await asyncio.sleep(0.05)
        self._clock.pass_by(60)
        await self._coordinator.async_refresh()


async def _measure(hass: HomeAssistant, streams: int, times: int) -> Mapping[str, _Cost]:
    clock, polls = _Clock(), _POLLS[streams]
    async with (
        _server(streams) as server,
        aiohttp.ClientSession() as session,
        _store() as store,
    ):

        async def bare() -> None:
            for _ in range(polls):
                async with session.get(f"{server.url}/Sessions") as answer:
                    await answer.json()

        entry = MockConfigEntry(domain=DOMAIN, title="Bench", unique_id=SERVER)
        entry.add_to_hass(hass)
        signals, settings = Signals(), _Settings()
        client = JellyfinClient(session, server.url, "k" * 32, device_id="bench")
        playback = PlaybackTracker(store, signals, settings)
        coordinator = JellyfinCoordinator(hass, entry, signals, client, playback, settings.tracked)
        with patch.object(dt_util, "utcnow", clock):
            ours = _Ours(coordinator, clock, server)
            found = {"poll": await _cpu(bare, lambda: ours.polls(polls), times)}
            listening = asyncio.ensure_future(coordinator.listen())
            async with asyncio.timeout(20):
                while not coordinator.pushing:
                    server.ask("Sessions", 1)
                    await asyncio.sleep(0.2)
            found["socket"] = await _cpu(bare, ours.pushes if streams else ours.silence, times)
            playing = len(playback._tracker.open)
            if playing != streams:
                raise RuntimeError(f"{playing} of {streams} plays are followed")
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await coordinator.async_shutdown()
        return found


@asynccontextmanager
async def _store() -> AsyncGenerator[Store]:
    with tempfile.TemporaryDirectory(prefix="showrunner-bench-") as folder:
        store = await Store.open(Path(folder) / "store.db")
        try:
            yield store
        finally:
            await store.close()


async def rows(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure both minutes."""
    times = 2 if small else 9
    async with async_test_home_assistant(load_registries=True) as hass:
        try:
            idle = await _measure(hass, 0, times)
            streams = await _measure(hass, _STREAMS, times)
        finally:
            await hass.async_stop(force=True)
    found: list[Row] = []
    for name, minute in (("idle", idle), ("streams", streams)):
        for way, metric in (("socket", name), ("poll", f"{name}_poll")):
            cost = minute[way]
            beside = f"a bare polling loop: {cost.bare:.1f} ms/minute"
            found += [
                _row(f"{metric}_cpu_ratio", cost.ours / cost.bare, "x", beside),
                _row(f"{metric}_cpu_ms", cost.ours, "ms/minute", beside),
            ]
    return found


def _row(metric: str, value: float, unit: str, against: str) -> dict[str, Any]:
    return {"metric": metric, "value": round(value, 3), "unit": unit, "against": against}
