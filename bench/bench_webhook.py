"""From a webhook's POST to its answer and to the stored decision, beside an empty handler.

Both handlers run in the same Home Assistant and are asked in turns, over the same kept connections.
The services are the demo's, without its pauses: they answer at once.
"""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
import gc
import json
from pathlib import Path
import statistics
import tempfile
import time
from typing import Final
from unittest.mock import AsyncMock, patch

import aiohttp
from aiohttp import web
from homeassistant import loader
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant
from sqlalchemy import event

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators.confirmation import Confirmation
from custom_components.showrunner.runtime import Runtime
from tests.walk.household import WEBHOOK_ID, entry_for
from world.catalogue import FILMS, Film
from world.run import running
from world.servers import Servers
from world.world import Pace

_EMPTY: Final = "e" * 64
# The last of Python's generations: all that lives.
_FULL: Final = 2
_AT_ONCE: Final = Pace(search=0.0, grab=3600.0, download=0.0, seeders=0.0)

type Row = Mapping[str, object]


def body(servers: Servers, film: Film, user: str, number: int) -> bytes:
    """Write the plugin's body of a film's end; each of another item, so that each is decided."""
    return json.dumps(
        {
            "NotificationType": "PlaybackStop",
            "ServerId": servers.world.server_id,
            "ItemType": "Movie",
            "ItemId": f"{number + 1:032x}",
            "Name": film.name,
            "Year": film.year,
            "Provider_tmdb": str(2_000_000 + number),
            "RunTimeTicks": 72_000_000_000,
            "PlaybackPositionTicks": 72_000_000_000,
            "PlayedToCompletion": True,
            "UserId": user,
        }
    ).encode()


def percentile(values: list[float], share: float) -> float:
    """Give a percentile in milliseconds."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000, 2)


async def _post(session: aiohttp.ClientSession, url: str, data: bytes) -> float:
    begun = time.perf_counter()
    async with session.post(url, data=data) as answer:
        await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the webhook answered {answer.status}")
    return time.perf_counter() - begun


class _Decisions:
    """Tells when a decision is stored, and costs nothing meanwhile.

    Asking the database for all of them, again and again, is most of what would be measured.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Listen to the store, which tells what is on the disk."""
        self._stored = asyncio.Semaphore(0)
        self.commits = 0
        runtime.store.add_listener(self._noted)
        engine = runtime.store._database._writer.engine
        event.listen(engine, "commit", self._committed)

    def _committed(self, _: object) -> None:
        self.commits += 1

    def _noted(self, subject: str) -> None:
        if subject == "decisions":
            self._stored.release()

    async def next(self) -> None:
        """Wait until one more is stored."""
        await self._stored.acquire()


@contextmanager
def _collections(pauses: list[float]) -> Generator[None]:
    """Note how long full collections of garbage took (seconds): they stop everything.

    Python looks at all that lives in the process then: Home Assistant and the simulated services.
    """
    begun = 0.0

    def note(phase: str, about: dict[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = time.perf_counter()
        elif about["generation"] == _FULL:
            pauses.append(time.perf_counter() - begun)

    gc.callbacks.append(note)
    try:
        yield
    finally:
        gc.callbacks.remove(note)


async def _empty(hass: HomeAssistant, webhook_id: str, request: web.Request) -> web.Response:
    """Do nothing."""
    return web.Response(body=b"{}", content_type="application/json")


async def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure."""
    answers, decisions, flood = (20, 5, 50) if small else (500, 100, 2000)
    async with (
        async_test_home_assistant(load_registries=True) as hass,
        running(pace=_AT_ONCE) as servers,
        aiohttp.ClientSession() as session,
    ):
        # The plays are invented: the world's Jellyfin knows none of their items to confirm them.
        confirmed = patch.object(
            Confirmation, "_confirmed", AsyncMock(side_effect=lambda viewing: viewing)
        )
        with tempfile.TemporaryDirectory() as folder, confirmed:
            hass.config.config_dir = folder
            try:
                return await _measure(hass, servers, session, answers, decisions, flood)
            finally:
                await hass.async_stop(force=True)


async def _measure(
    hass: HomeAssistant,
    servers: Servers,
    session: aiohttp.ClientSession,
    answers: int,
    decisions: int,
    flood: int,
) -> list[Row]:
    paced = {"downloads": {"searches_per_hour": 60}, "safety": {"dry_run": True}}
    url, runtime = await home(hass, entry_for(servers, paced))
    user = servers.world.user("Sofa").id
    films = [replace(film, seconds=7200) for film in FILMS]
    ours, empty = f"{url}/api/webhook/{WEBHOOK_ID}", f"{url}/api/webhook/{_EMPTY}"
    bodies = [body(servers, films[n % len(films)], user, n) for n in range(decisions)]
    times: dict[str, list[float]] = {
        "ours": [],
        "empty": [],
        "decided": [],
        "undisturbed": [],
    }
    for _ in range(20):
        await _post(session, empty, bodies[0])
    # Playback of somebody who is not tracked, in turns with the empty handler: what the door costs.
    other = servers.world.user("Attic").id
    playing = [
        body(servers, films[n % len(films)], other, n).replace(b"Stop", b"Progress")
        for n in range(answers)
    ]
    for data in playing:
        times["empty"].append(await _post(session, empty, data))
        times["ours"].append(await _post(session, ours, data))
    stored = _Decisions(runtime)
    pauses: list[float] = []
    for number in range(decisions):
        before = len(pauses)
        with _collections(pauses):
            begun = time.perf_counter()
            await _post(session, ours, bodies[number])
            await stored.next()
            passed = time.perf_counter() - begun
        times["decided"].append(passed)
        times["undisturbed"].append(passed - sum(pauses[before:]))
    synced = stored.commits / decisions
    begun = time.perf_counter()
    for number in range(flood):
        await _post(session, ours, playing[number % answers])
    rate = flood / (time.perf_counter() - begun)
    return [*_rows(times, rate, pauses), _row("synced_writes", round(synced, 1), "a decision")]


def _rows(times: Mapping[str, list[float]], rate: float, pauses: list[float]) -> list[Row]:
    ours, empty = statistics.median(times["ours"]), statistics.median(times["empty"])
    beside = "an empty webhook handler, in turns"
    return [
        _row("empty_p50_ms", percentile(times["empty"], 0.5)),
        _row("empty_p99_ms", percentile(times["empty"], 0.99)),
        _row("answer_p50_ms", percentile(times["ours"], 0.5), against=beside),
        _row("answer_p99_ms", percentile(times["ours"], 0.99), against=beside),
        _row("answer_ratio", round(ours / empty, 2), "times", beside),
        _row("decided_p50_ms", percentile(times["decided"], 0.5)),
        _row(
            "decided_p99_ms",
            percentile(times["decided"], 0.99),
            against=f"{len(pauses)} full collections, {max(pauses, default=0) * 1000:.0f} ms",
        ),
        _row("undisturbed_p99_ms", percentile(times["undisturbed"], 0.99), against="without them"),
        _row("per_second", round(rate), "requests/s"),
    ]


def _row(metric: str, value: float, unit: str = "ms", against: str = "") -> Row:
    return {"metric": metric, "value": value, "unit": unit, "against": against}


async def home(hass: HomeAssistant, entry: MockConfigEntry) -> tuple[str, Runtime]:
    """Set up the entry and an empty webhook beside it; give the address and the runtime."""
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
    # What registers addresses of its own does so before the web server starts.
    components = Path(hass.config.config_dir) / "custom_components"
    components.mkdir(exist_ok=True)
    for component in ("webhook", "websocket_api", "calendar", DOMAIN):
        await async_setup_component(hass, component, {})
    webhook.async_register(hass, "bench", "empty", _EMPTY, _empty, local_only=True)
    runner = web.AppRunner(hass.http.app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    hass.config.internal_url = url
    entry.add_to_hass(hass)
    entries: ConfigEntries = hass.config_entries
    if not await entries.async_setup(entry.entry_id):
        raise RuntimeError(f"set-up failed: {entry.reason}")
    return url, entry.runtime_data
