"""The stages of a day in the house, each with what it cost."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
import sys
import time
from typing import Any, Final

from bench.house import asking
from bench.house.database import Known, known, put_viewings
from bench.house.home import PATIENCE, Home, Took, ask, services
from bench.house.house import House, Stand

SERVICES: Final = ("radarr", "sonarr", "qbittorrent", "seerr")
_LOOK: Final = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is looked (seconds), how often something is repeated, and what is enough."""

    idle: float
    minute: float
    patience: float
    restarts: int
    reloads: int
    rounds: int

    @classmethod
    def of(cls, share: int) -> Pace:
        """Take long for a house of some size, and seconds for a small one."""
        if share > 10:
            return cls(idle=3, minute=3, patience=600, restarts=1, reloads=2, rounds=3)
        if share > 1:
            return cls(idle=180, minute=60, patience=900, restarts=3, reloads=5, rounds=20)
        return cls(idle=300, minute=60, patience=1200, restarts=3, reloads=5, rounds=20)


@dataclass(frozen=True, slots=True)
class Look:
    """What a while cost."""

    seconds: float
    cpu: float
    memory: float
    probe: Mapping[str, Any]
    traffic: Mapping[str, Any]

    @property
    def cpu_a_minute(self) -> float:
        """CPU seconds a minute."""
        return self.cpu * 60 / self.seconds


@dataclass(slots=True)
class Found:
    """All that was measured."""

    house: House
    empty: dict[str, Look] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    empty_starts: list[Took] = field(default_factory=list)
    empty_stops: list[Took] = field(default_factory=list)
    starts: list[Took] = field(default_factory=list)
    stops: list[Took] = field(default_factory=list)
    linked: dict[str, Took] = field(default_factory=dict)
    reloads: list[Took] = field(default_factory=list)
    reload_memory: list[float] = field(default_factory=list)
    library_seconds: float | None = None
    requests_seconds: float | None = None
    memory_trend: list[tuple[float, float]] = field(default_factory=list)
    known: Known | None = None
    webhooks: list[float] = field(default_factory=list)
    asked: Mapping[str, list[float]] = field(default_factory=dict)
    database: Path | None = None


_begun = time.monotonic()


def say(what: str) -> None:
    """Say how far it is, beside the results."""
    print(f"{time.monotonic() - _begun:7.1f} s  {what}", file=sys.stderr, flush=True)


class Watch:
    """Looks at a Home Assistant for whiles."""

    def __init__(self, home: Home, url: str | None = None) -> None:
        self._home = home
        self._url = url

    @asynccontextmanager
    async def look(self, into: dict[str, Look], name: str) -> AsyncGenerator[None]:
        """Note what the while inside cost."""
        await self._home.probe()
        before, asked = self._home.cpu, await self._traffic()
        begun = time.perf_counter()
        yield
        seconds = time.perf_counter() - begun
        cpu, after = self._home.cpu - before, await self._traffic()
        probe, memory = await self._home.probe(), self._home.memory
        traffic = {
            what: {
                key: count - asked.get(what, {}).get(key, 0)
                for key, count in after.get(what, {}).items()
            }
            for what in after
        }
        into[name] = Look(seconds, cpu, memory, probe, traffic)
        say(
            f"{name}: {seconds:.0f} s, {cpu:.2f} s CPU, {memory:.0f} MB,"
            f" longest stall {probe['longest'] * 1000:.0f} ms,"
            f" collections {probe['collections']}"
        )
        for kind in ("collected_by", "during"):
            for place, count in list(probe[kind].items())[:8]:
                say(f"    {kind} {count} {place}")

    async def _traffic(self) -> dict[str, Any]:
        return {} if self._url is None else await ask(f"{self._url}/__traffic")


async def measure(folder: Path, share: int) -> Found:
    """Go through all stages."""
    found, pace = Found(House.of(share)), Pace.of(share)
    async with services(found.house) as url:
        home = Home(folder / "config")
        try:
            await home.start(PATIENCE)
            await _empty(home, pace, found)
            entry_id = await _history(home, url, found)
            await _settle(home, url, entry_id, pace, found)
            await _days(home, url, pace, found)
            await _reload(home, entry_id, pace, found)
            await _restart(home, url, pace, found)
        finally:
            await home.stop()
    return found


async def _empty(home: Home, pace: Pace, found: Found) -> None:
    """Measure a Home Assistant without the integration."""
    watch = Watch(home)
    for _ in range(pace.restarts):
        found.empty_stops.append(await home.end())
        found.empty_starts.append(await home.begin())
        async with watch.look(found.empty, "first minute, empty"):
            await asyncio.sleep(pace.minute if not found.empty else 1)
    async with watch.look(found.empty, "idle, empty"):
        await asyncio.sleep(pace.minute)


async def _history(home: Home, url: str, found: Found) -> str:
    """Link Jellyfin, and have five years pass."""
    begun, worked = time.perf_counter(), home.cpu
    entry_id = await home.link_jellyfin(url, found.house)
    found.linked["jellyfin"] = Took(time.perf_counter() - begun, home.cpu - worked)
    await home.end()
    found.database = home.config / f"showrunner-{entry_id}.db"
    say("writing the viewings of five years")
    await asyncio.to_thread(put_viewings, found.database, found.house)
    await home.begin()
    return entry_id


async def _settle(home: Home, url: str, entry_id: str, pace: Pace, found: Found) -> None:
    """Link the others, and wait until everything is known; webhooks come meanwhile."""
    watch = Watch(home, url)
    async with watch.look(found.looks, "linking"):
        for kind in SERVICES:
            found.linked[kind] = await home.link_service(entry_id, kind, url)
            say(f"linked {kind}: {found.linked[kind].seconds:.1f} s")
    sending = asyncio.create_task(asking.webhooks(home, found.webhooks))
    try:
        async with watch.look(found.looks, "settling"):
            await _all_known(home, pace, found)
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


async def _all_known(home: Home, pace: Pace, found: Found) -> None:
    if found.database is None:
        raise RuntimeError("there is no database")
    house, begun = found.house, time.perf_counter()
    played = sum(
        len([*house.played_movies(viewer)]) + len([*house.played_episodes(viewer)])
        for viewer in range(house.viewers)
    )
    available = len(house.of_stand(Stand.AVAILABLE))
    last = None
    while (passed := time.perf_counter() - begun) < pace.patience:
        now = await asyncio.to_thread(known, found.database)
        if now != last:
            say(f"{now}, {home.memory:.0f} MB, {home.cpu:.1f} s CPU")
        found.known = last = now
        if found.library_seconds is None and now.items >= house.items and now.userdata >= played:
            found.library_seconds = passed
        if found.requests_seconds is None and now.available >= available:
            found.requests_seconds = passed
        if found.library_seconds is not None and found.requests_seconds is not None:
            return
        await asyncio.sleep(_LOOK if house.items > 10_000 else 1.0)
    say("not everything became known in time")


async def _days(home: Home, url: str, pace: Pace, found: Found) -> None:
    """Measure the house at rest, with streams, and asked."""
    watch = Watch(home, url)
    parts = max(int(pace.idle // 30), 2)
    async with watch.look(found.looks, "idle"):
        begun = time.perf_counter()
        for part in range(parts + 1):
            found.memory_trend.append((time.perf_counter() - begun, home.memory))
            if part < parts:
                await asyncio.sleep(pace.idle / parts)
    await ask(f"{url}/__streams/20", "POST")
    async with watch.look(found.looks, "20 streams"):
        await asyncio.sleep(pace.minute)
    await ask(f"{url}/__streams/0", "POST")
    async with watch.look(found.looks, "asked"):
        found.asked = await asking.times(home, found.house, pace.rounds)


async def _reload(home: Home, entry_id: str, pace: Pace, found: Found) -> None:
    watch = Watch(home)
    for number in range(pace.reloads):
        async with watch.look(found.looks, f"reload {number + 1}"):
            found.reloads.append(await home.reload(entry_id))
        found.reload_memory.append(home.memory)


async def _restart(home: Home, url: str, pace: Pace, found: Found) -> None:
    watch = Watch(home, url)
    for number in range(pace.restarts):
        found.stops.append(await home.end())
        found.starts.append(await home.begin())
        say(f"stopped {found.stops[-1]}, started {found.starts[-1]}")
        if number == 0:
            async with watch.look(found.looks, "first minute"):
                await asyncio.sleep(pace.minute)
    found.stops.append(await home.end())
