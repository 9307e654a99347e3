"""How long the states of all requests take from cold, and one fact takes to its subscriber.

10,000 requests with 200,000 episodes, in a real store on disk. From cold: read, parse and derive.
What stays on the heap is counted as the collector counts it, and how long one of its full rounds
takes over it; CPU seconds are of this process, whatever else the machine does.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
import gc
from pathlib import Path
import random
import resource
import sqlite3
import tempfile
import time

from custom_components.showrunner.coordinators.requests import RequestTracker, RequestView
from custom_components.showrunner.domain.media import MOVIE, MediaType, Place, ProviderIds, Title
from custom_components.showrunner.domain.requests.browsing import Look
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    Facts,
    Inventory,
    JellyfinPresence,
    Transfer,
)
from custom_components.showrunner.domain.requests.report import About, Report
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import TheseSeasons
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import RequestRow, Store

NOW = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
POLICY = StuckPolicy()
_EPISODES = 40
_OPEN_SHARE = 0.3
_FACTS = 200
_FULL = 2


_TICKS = 5


class Heap:
    """What the collector has to look through, and when it did."""

    def __init__(self) -> None:
        """Begin to count from what there is."""
        gc.collect()
        self._objects = len(gc.get_objects())
        self._bytes = _resident()
        self.full = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count the full collections that come by themselves meanwhile."""

        def note(phase: str, info: Mapping[str, int]) -> None:
            self.full += phase == "start" and info["generation"] == _FULL

        gc.callbacks.append(note)
        try:
            yield
        finally:
            gc.callbacks.remove(note)

    def grown(self) -> tuple[int, int, float]:
        """Give how many objects and bytes came, and what a full collection costs (ms)."""
        gc.collect()
        busy = time.process_time()
        gc.collect()
        spent = 1000 * (time.process_time() - busy)
        return len(gc.get_objects()) - self._objects, _resident() - self._bytes, spent


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def hash_of(number: int) -> str:
    """Make an info hash."""
    return f"{number:040X}"


def _unit(place: Place, number: int, stage: int, at: datetime) -> list[Fact]:
    """Make what is known of a unit that has come to a stage from 0 (nothing) to 4 (available)."""
    download = hash_of(number)
    found: list[Fact] = [
        Inventory(place, at, has_file=stage > 2, aired_at=NOW - timedelta(days=400))
    ]
    if stage > 0:
        found.append(Event(EventKind.GRABBED, at, place, download))
        found.append(Event(EventKind.STARTED, at, download=download))
        found.append(Transfer(download, at, progress=40.0 if stage == 1 else 100.0, eta=60.0))
    if stage > 1:
        found.append(Event(EventKind.COMPLETE, at, download=download))
    if stage > 2:
        found.append(Event(EventKind.IMPORTED, at, place, download))
    if stage > 3:
        found.append(JellyfinPresence(place, at, seen=True))
    return found


def rows(count: int) -> list[RequestRow]:
    """Make requests: half of them movies, half series of 40 episodes, a third still under way."""
    dice = random.Random(5)
    made = []
    for number in range(count):
        movie = number % 2 == 0
        at = NOW - timedelta(minutes=dice.randint(1, 500_000))
        media = MediaType.MOVIE if movie else MediaType.SERIES
        ids = ProviderIds(tmdb=number + 1) if movie else ProviderIds(tvdb=number + 1)
        ref = f"seerr:bench:{number}"
        seasons = None if movie else TheseSeasons((1, 2))
        request = Request(ref, ref, Title(media, ids, f"Title {number}", 2020), at, seasons)
        facts: list[Fact] = [Event(EventKind.APPROVED, at)]
        under_way = dice.random() < _OPEN_SHARE
        places = [MOVIE] if movie else [Place(1 + n // 20, n % 20 + 1) for n in range(_EPISODES)]
        for index, place in enumerate(places):
            stage = dice.randint(0, 4) if under_way else 4
            facts += _unit(place, number * 100 + index // 10, stage, at)
        known = Facts().with_(facts)
        made.append(RequestRow(request, known, state_of(request, known, NOW, policy=POLICY)))
    return made


async def _ticked(tracker: RequestTracker, clock: list[datetime], heap: Heap) -> list[float]:
    """Give the CPU milliseconds of some looks at what the time has changed."""
    found = []
    for _ in range(_TICKS):
        clock[0] += timedelta(seconds=30)
        busy = time.process_time()
        with heap.watched():
            await tracker.tick()
        found.append(1000 * (time.process_time() - busy))
    return found


async def _paged(tracker: RequestTracker) -> tuple[float, float]:
    """Give the CPU milliseconds of the first page of all, and of one after a change."""
    end = tracker.pages.look(lambda: None)
    busy = time.process_time()
    await tracker.pages.page(Look(search="title"))
    first = time.process_time() - busy
    tracker.pages.forget(())
    busy = time.process_time()
    await tracker.pages.page(Look(search="title"))
    again = time.process_time() - busy
    end()
    return 1000 * first, 1000 * again


async def _measure(folder: Path, count: int) -> list[Mapping[str, object]]:  # noqa: PLR0915 - in order
    store = await Store.open(folder / "bench.db")
    made = rows(count)
    for start in range(0, count, 200):
        await store.requests.put(made[start : start + 200])
    units = sum(1 if row.request.is_movie else _EPISODES for row in made)
    under_way = [row.request for row in made if row.status and not row.status.settled]
    begun = time.perf_counter()
    for row in made:
        state_of(row.request, row.facts, NOW, policy=POLICY)
    alone = time.perf_counter() - begun
    del made
    bare_begun = time.perf_counter()
    with sqlite3.connect(folder / "bench.db") as plain:
        plain.execute("select id, state, data from requests").fetchall()
    bare = time.perf_counter() - bare_begun

    clock = [NOW]
    tracker = RequestTracker(store, Signals(), matcher=lambda: False, now=lambda: clock[0])
    stall, stop = 0.0, asyncio.Event()
    heap = Heap()

    async def tick() -> None:
        nonlocal stall
        while not stop.is_set():
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            stall = max(stall, time.perf_counter() - before - 0.001)

    ticker = asyncio.create_task(tick())
    begun, busy = time.perf_counter(), time.process_time()
    with heap.watched():
        await tracker.load()
    derived, spent = time.perf_counter() - begun, time.process_time() - busy
    stop.set()
    await ticker
    held, grown, collection = heap.grown()
    ticked = await _ticked(tracker, clock, heap)
    first_page, next_page = await _paged(tracker)

    heard: list[float] = []

    def hear(_: RequestView) -> None:
        heard.append(time.perf_counter())

    tracker.add_listener(hear)
    waits: list[float] = []
    dice = random.Random(6)
    for number in range(min(_FACTS, len(under_way))):
        request = dice.choice(under_way)
        place = MOVIE if request.is_movie else Place(1, 1 + number % 20)
        fact = Event(EventKind.GRABBED, NOW, place, hash_of(10**9 + number))
        about = About(request.title.media, request.ids)
        heard.clear()
        begun = time.perf_counter()
        await tracker.ingest([Report(about, (fact,))])
        if heard:
            waits.append(1000 * (heard[0] - begun))
    await store.close()
    waits.sort()
    unit = "ms"
    return [
        {
            "metric": "derive_seconds",
            "value": round(derived, 3),
            "unit": f"s ({units:,} units)",
            "against": f"reading the rows alone: {bare:.2f} s",
        },
        {
            "metric": "derive_all_seconds",
            "value": round(alone, 3),
            "unit": f"s ({units:,} units)",
            "against": "all from their facts in memory, settled ones too",
        },
        {"metric": "derive_stall_ms", "value": round(1000 * stall, 1), "unit": unit, "against": ""},
        {"metric": "derive_cpu_seconds", "value": round(spent, 2), "unit": "s", "against": ""},
        {"metric": "held_objects", "value": held, "unit": "collected", "against": ""},
        {"metric": "held_mb", "value": round(grown / 1e6, 1), "unit": "MB", "against": ""},
        {
            "metric": "collection_cpu_ms",
            "value": round(collection, 1),
            "unit": unit,
            "against": "a full one, over all that the process holds",
        },
        {
            "metric": "full_collections",
            "value": heap.full,
            "unit": "times",
            "against": f"by reading them and by {_TICKS} looks at the clock",
        },
        {
            "metric": "tick_cpu_ms",
            "value": round(sorted(ticked)[_TICKS // 2], 1),
            "unit": unit,
            "against": "each half a minute",
        },
        {
            "metric": "first_page_cpu_ms",
            "value": round(first_page, 1),
            "unit": unit,
            "against": "in parts, giving way; then kept while somebody looks",
        },
        {
            "metric": "next_page_cpu_ms",
            "value": round(next_page, 1),
            "unit": unit,
            "against": "at a change, twice a second at most",
        },
        {
            "metric": "fact_to_subscriber_p50_ms",
            "value": round(waits[len(waits) // 2], 2),
            "unit": unit,
            "against": "the fact is on the disk by then",
        },
        {
            "metric": "fact_to_subscriber_p99_ms",
            "value": round(waits[int(len(waits) * 0.99)], 2),
            "unit": unit,
            "against": "the fact is on the disk by then",
        },
    ]


async def run(small: bool = False) -> list[Mapping[str, object]]:  # noqa: FBT001, FBT002
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        return await _measure(Path(folder), 200 if small else 10_000)
