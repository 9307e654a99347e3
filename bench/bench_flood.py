"""30,000 webhooks a minute at all doors, equal ones and unique ones, while ten streams play.

The sender is a process of its own; the simulated services share the process with Home Assistant, as
the ten streams do, so the same streams without a flood are measured in the same run, and with the
same flood sent to a webhook of Home Assistant that does nothing (bare). A stall is how much later
than asked for the event loop comes round. `held` is a stall as far as this process worked
meanwhile, in whatever thread (only one at a time has the interpreter): what others on the machine
took is no part of it.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
import gc
import json
from pathlib import Path
import resource
import sys
import tempfile
import time
from typing import Any, Final
from unittest.mock import patch

import aiohttp
from aiohttp import web
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.showrunner.domain.watching import WatchPolicy
from custom_components.showrunner.runtime import Runtime
from tests.walk.arrs import HOOKS
from tests.walk.household import WEBHOOK_ID, until
from tests.walk.pipeline import SEERR_HOOK, whole_entry
from world.catalogue import FILMS
from world.run import running
from world.servers import Servers
from world.world import Pace

from .bench_webhook import home, percentile

_TICK: Final = 0.005
_RATE: Final = 500
_STREAMS: Final = 10
_USER: Final = "Sofa"
_BARE: Final = "b" * 32

type Row = Mapping[str, object]


async def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure: idle streams, a webhook that does nothing, then equal bodies, then unique ones."""
    # The films end well after the flood.
    seconds, after = (1.0, 5) if small else (60.0, 15)
    rows: list[Row] = []
    for name in ("quiet", "bare", "equal", "unique"):
        rows += await _round(name, seconds, after)
    return rows


async def _round(name: str, seconds: float, after: int) -> list[Row]:
    pace = Pace(search=3600.0, grab=3600.0)
    async with (
        async_test_home_assistant(load_registries=True) as hass,
        running(pace=pace) as servers,
    ):
        # The services are on this machine: nobody has to be found in the network.
        plain = patch.object(aiohttp_client, "_async_make_resolver", _Resolver)
        with tempfile.TemporaryDirectory() as folder, plain:
            hass.config.config_dir = folder
            try:
                return await _measure(hass, servers, name, seconds, after)
            finally:
                await hass.async_stop(force=True)


class _Resolver(aiohttp.ThreadedResolver):
    """The system's own, closed as Home Assistant closes its."""

    def __init__(self, *_: object) -> None:
        super().__init__()

    async def real_close(self) -> None:
        await self.close()


async def _measure(
    hass: HomeAssistant, servers: Servers, name: str, seconds: float, after: int
) -> list[Row]:
    url, runtime = await home(hass, whole_entry(servers, hooks=True))
    runtime.settings.policy = lambda _: WatchPolicy(min_seconds=1)  # type: ignore[method-assign]
    films = [film for film in FILMS if film.item_id in servers.world.films][:_STREAMS]
    for film in films:
        servers.world.films = {
            key: replace(one, seconds=round(seconds) + after)
            if one.item_id == film.item_id
            else one
            for key, one in servers.world.films.items()
        }
    plays = [
        servers.play(_USER, film.name, 0.0, 1.0, device=f"Screen {number}", client="Web")
        for number, film in enumerate(films)
    ]
    await until(lambda: len(runtime.jellyfin.visible_streams()) >= len(films), 60, "the streams")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sent: dict[str, Any] = {"statuses": {}, "times": [0.0], "seconds": seconds}
    doors = _doors(url, servers)
    if name == "bare":
        webhook.async_register(hass, "webhook", "Nothing", _BARE, _nothing)
        doors = [(f"{url}/api/webhook/{_BARE}", bodies) for _, bodies in doors]
    # What was there before is no news of the flood: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    async with _stalls() as stalls:
        if name == "quiet":
            await asyncio.sleep(seconds)
        else:
            sent = await _send(doors, seconds, unique=name != "equal")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    for play in plays:
        if play.done is not None:
            await play.done
    real = {film.name for film in films}

    async def all_kept() -> bool:
        return len(await _kept(runtime, real)) >= len(films)

    await until(all_kept, 120, "the viewings")
    kept = await _kept(runtime, real)
    others = [
        one for one in await runtime.store.viewings.history(limit=1000) if one.unit.name not in real
    ]
    gc.unfreeze()
    all_sent = sum(sent["statuses"].values())
    beside = "" if name in {"quiet", "bare"} else "a webhook that does nothing (bare)"
    return [
        _row(f"{name}_stall_ms", round(max(stalls.late) * 1000, 1), "ms", beside),
        _row(f"{name}_stall_p99_ms", percentile(stalls.late, 0.99), "ms", beside),
        _row(f"{name}_held_ms", round(max(stalls.held) * 1000, 1), "ms", beside),
        _row(f"{name}_held_p99_ms", percentile(stalls.held, 0.99), "ms", beside),
        _row(f"{name}_cpu_s", round(stalls.cpu, 3), "s", beside),
        _row(f"{name}_answer_p50_ms", percentile(sent["times"], 0.5), "ms"),
        _row(f"{name}_answer_p99_ms", percentile(sent["times"], 0.99), "ms"),
        _row(f"{name}_sent", all_sent, "webhooks"),
        _row(f"{name}_seconds", round(sent["seconds"], 1), "s"),
        _row(f"{name}_refused", all_sent - sent["statuses"].get("200", 0), "webhooks"),
        _row(f"{name}_kept", len(kept), f"of {len(films)} real viewings, each once"),
        _row(f"{name}_invented", sum(one.counts for one in others), "viewings that count"),
        _row(f"{name}_memory_mb", round(grown / 1024, 1), "MB"),
    ]


async def _nothing(_: HomeAssistant, __: str, request: web.Request) -> None:
    await request.read()


def _row(metric: str, value: float, unit: str = "", against: str = "") -> Row:
    return {"metric": metric, "value": value, "unit": unit, "against": against}


async def _kept(runtime: Runtime, names: set[str]) -> list[str]:
    """Name the real films whose viewing is over and counts. Raises when one is there twice."""
    found = [
        one.unit.name
        for one in await runtime.store.viewings.history(limit=1000)
        if one.unit.name in names and one.finished and one.counts
    ]
    if len(found) != len(set(found)):
        raise RuntimeError(f"a viewing was kept twice: {sorted(found)}")
    return found


@dataclass(slots=True)
class _Stalls:
    """By how much the loop came late, and as far as this process worked meanwhile (seconds).

    `cpu`: what the process used in all.
    """

    late: list[float] = field(default_factory=list)
    held: list[float] = field(default_factory=list)
    cpu: float = 0.0


@asynccontextmanager
async def _stalls() -> AsyncGenerator[_Stalls]:
    """Collect them."""
    found = _Stalls()

    async def tick() -> None:
        while True:
            asked = time.perf_counter() + _TICK
            worked = time.process_time()
            await asyncio.sleep(asked - time.perf_counter())
            late = max(0.0, time.perf_counter() - asked)
            found.late.append(late)
            found.held.append(min(late, time.process_time() - worked))

    begun = time.process_time()
    task = asyncio.create_task(tick())
    try:
        yield found
    finally:
        task.cancel()
        found.cpu = time.process_time() - begun


async def _send(doors: list[tuple[str, list[str]]], seconds: float, *, unique: bool) -> Any:
    sender = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.flood_sender"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    given = {"doors": doors, "rate": _RATE, "seconds": seconds, "unique": unique}
    output, _ = await sender.communicate(json.dumps(given).encode())
    return json.loads(output)


def _doors(url: str, servers: Servers) -> list[tuple[str, list[str]]]:
    """Give the doors and what is sent to them; `@@` becomes a number where all are unique."""
    user = servers.world.user(_USER).id
    film = {"ItemType": "Movie", "Name": "Nobody's film @@", "Provider_tmdb": "9@@"}
    play = {
        "ServerId": servers.world.server_id,
        "ItemId": "f" * 24 + "@@",
        "UserId": user,
        "RunTimeTicks": 72_000_000_000,
        "PlaybackPositionTicks": 72_000_000_000,
        "PlayedToCompletion": True,
    }
    jellyfin = [
        json.dumps({"NotificationType": kind, **film, **play})
        for kind in ("PlaybackStart", "PlaybackProgress", "PlaybackStop")
    ]
    movie = {"id": 1, "title": "Nobody's film", "year": 2001, "tmdbId": 9}
    radarr = json.dumps(
        {"eventType": "Grab", "movie": movie, "downloadId": "F" * 32 + "@@", "release": {}}
    )
    seerr = json.dumps(
        {
            "notification_type": "MEDIA_PENDING",
            "subject": "Nobody's film (2001)",
            "media": {"media_type": "movie", "tmdbId": "9@@", "status": "PENDING"},
            "request": {"request_id": "9@@", "requestedBy_username": "nobody"},
        }
    )
    return [
        (f"{url}/api/webhook/{WEBHOOK_ID}", jellyfin),
        (f"{url}/api/webhook/{HOOKS['radarr']}", [radarr]),
        (f"{url}/api/webhook/{SEERR_HOOK}", [seerr]),
    ]
