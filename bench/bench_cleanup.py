"""A cleanup is planned: 50,000 movies, 500,000 episodes, 20 viewers; and a tenth of that.

The servers are another process, over loopback; what there is and who has watched what is written in
`cleanup_house`. Ours is everything from the first question to the finished plan, as a dry run: what
is remembered is read, the arrs are asked, all is judged, and what goes is asked about afresh.
Each size is planned in a process of its own, which finds its database filled. Memory is how much
its peak grew beyond what it had with the database open; stalls are how late a timer of one
millisecond comes; the part of them that is the collector's is how long it took at the most, for it
stops everything. Seconds of the processor are those of our process: on a busy machine only they can
be compared, and growth is told by them. Requests are counted by the servers. Beside it: one request
for each title that somebody has watched and each viewer, measured for some of them, and counted up.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
import gc
import multiprocessing
from multiprocessing.connection import Connection
import os
from pathlib import Path
import sys
import tempfile
import time
from typing import Any, Final, override

import aiohttp

from bench.cleanup_house import NOW, SERVER, VIEWERS, House, guid, viewer_id
from bench.watching_library import longest_stall
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.seerr import SeerrClient
from custom_components.showrunner.clients.sonarr import SonarrClient
from custom_components.showrunner.coordinators.arr_counts import ArrCounts
from custom_components.showrunner.coordinators.arrs import Arrs
from custom_components.showrunner.coordinators.radarr import RadarrCoordinator
from custom_components.showrunner.coordinators.seerr import SeerrCoordinator
from custom_components.showrunner.coordinators.sonarr import SonarrCoordinator
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.plan import Plan
from custom_components.showrunner.domain.plan.guards import Budget
from custom_components.showrunner.domain.retention import (
    RetentionPolicy,
    RetentionViewer,
    WhoCounts,
)
from custom_components.showrunner.domain.text import Words
from custom_components.showrunner.jobs.cleanup.gather import CleanupFacts
from custom_components.showrunner.jobs.cleanup.job import CleanupJob
from custom_components.showrunner.jobs.cleanup.options import CleanupOptions
from custom_components.showrunner.jobs.cleanup.packing import Packing
from custom_components.showrunner.jobs.cleanup.regrets import Regrets
from custom_components.showrunner.jobs.cleanup.room import RoomAsker
from custom_components.showrunner.jobs.facts.evidence import JellyfinEvidence
from custom_components.showrunner.jobs.facts.histories import Histories
from custom_components.showrunner.jobs.facts.pools import library_size
from custom_components.showrunner.jobs.facts.title_asker import TitleAsker
from custom_components.showrunner.jobs.kit.plan_runs import RunParts
from custom_components.showrunner.jobs.kit.runner import Runner
from custom_components.showrunner.options import Options
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Store

type Row = Mapping[str, object]

_FULL: Final = House(50_000, 20_000)
_TENTH: Final = House(5_000, 2_000)
_SMALL: Final = House(1_000, 200), House(500, 100)
_SAMPLE: Final = 400
# So long (seconds) the loop may stall.
_AIM: Final = 0.02
_MAP: Final = PathMap((PathPair("/media", "/data"),))


@dataclass(frozen=True, slots=True)
class Collected:
    """What the garbage collector did: of each generation how often, and how long in all.

    `longest`: the longest collection; `late`: how many took longer than a stall may (seconds of
    the processor).
    """

    counts: tuple[int, ...]
    spent: tuple[float, ...]
    longest: float
    late: int

    @property
    def told(self) -> str:
        """Say it in a line."""
        each = zip(self.counts, self.spent, strict=True)
        said = (f"{n} of generation {g} in {s:.2f} s" for g, (n, s) in enumerate(each))
        return f"the longest; {self.late} over {_AIM * 1000:.0f} ms; {', '.join(said)}"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan has cost."""

    seconds: float
    cpu: float
    load: float
    collected: Collected
    asked: Mapping[str, int]
    memory: int
    stall: float
    idle: float
    each: float
    steps: int

    @property
    def requests(self) -> int:
        """Count what was asked of all services."""
        return sum(self.asked.values())


def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure the tenth, then the whole, each in a process of its own."""
    full, tenth = _SMALL if small else (_FULL, _TENTH)
    with tempfile.TemporaryDirectory() as folder:
        part, whole = (_alone(one, Path(folder) / f"{one.movies}.db") for one in (tenth, full))
    size, pairs = full.movies + full.episodes, _pairs(full)
    naive = f"{pairs * whole.each:.0f} s with one for each title and viewer, counted up"
    growth = whole.cpu / part.cpu / (size / (tenth.movies + tenth.episodes))
    asked = ", ".join(f"{count} {kind}" for kind, count in sorted(whole.asked.items()))
    return [
        _row("seconds", round(whole.seconds, 2), "s", f"{naive}; load {whole.load:.0f}"),
        _row("cpu_seconds", round(whole.cpu, 2), "s"),
        _row("requests", whole.requests, "requests", f"{pairs} with one a title and viewer"),
        _row("peak_mb", round(whole.memory / 1e6, 1), "MB more"),
        _row("stall_ms", round(whole.stall * 1000, 1), "ms", f"idle {whole.idle * 1000:.1f} ms"),
        _row("collector_ms", round(whole.collected.longest * 1000, 1), "ms", whole.collected.told),
        _row("collections", sum(whole.collected.counts), "times"),
        _row("seconds_tenth", round(part.seconds, 2), "s", f"load {part.load:.0f}"),
        _row("cpu_seconds_tenth", round(part.cpu, 2), "s"),
        _row("requests_tenth", part.requests, "requests"),
        _row("peak_mb_tenth", round(part.memory / 1e6, 1), "MB more"),
        _row("growth", round(growth, 2), "times", "1 would be: ten times as long for ten times"),
        _row("steps", whole.steps, "steps", asked),
    ]


def _row(metric: str, value: float, unit: str, against: str = "") -> Row:
    return {"metric": metric, "value": value, "unit": unit, "against": against}


def _pairs(house: House) -> int:
    """Count the titles that somebody has watched, for each viewer."""
    movies = {one for viewer in range(VIEWERS) for one in house.watched_movies(viewer)}
    return (len(movies) + len(house.began)) * VIEWERS


# -- a process of its own --------------------------------------------------------------------------


def _alone(house: House, path: Path) -> Planned:
    context = multiprocessing.get_context("spawn")
    filling = context.Process(target=_fill, args=(house, path))
    filling.start()
    filling.join()
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(house, path, theirs))
    process.start()
    theirs.close()
    try:
        planned: Planned = ours.recv()
    finally:
        process.join()
    return planned


def _fill(house: House, path: Path) -> None:
    asyncio.run(house.fill(path))


def _measure(house: House, path: Path, pipe: Connection) -> None:
    pipe.send(asyncio.run(_planned(house, path)))


@asynccontextmanager
async def _serving(house: House) -> AsyncGenerator[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.cleanup_services", str(house.movies), str(house.series)),
        cwd=Path(__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.kill()
        await process.wait()


async def _planned(house: House, path: Path) -> Planned:
    store = await Store.open(path)
    async with _serving(house) as url, aiohttp.ClientSession() as session:
        job = _job(store, session, url)
        gc.collect()
        gc.freeze()
        idle = await longest_stall(asyncio.sleep(1))
        plans: list[Plan] = []

        async def plan() -> None:
            plans.append(await job.clean_up(None, dry_run=True))

        collections = _Collections()
        before, begun, worked = _peak(), time.perf_counter(), time.process_time()
        stall = await longest_stall(plan())
        seconds, memory = time.perf_counter() - begun, _peak() - before
        cpu, collected = time.process_time() - worked, collections.result()
        asked = await _json(session, f"{url}/__asked")
        each = await _one_by_one(house, session, url)
    await store.close()
    [made] = plans
    if not made.steps or any(one.unknown for one in made.left_out):
        raise RuntimeError(f"it is no plan: {[str(one.reason) for one in made.left_out][:3]}")
    load = os.getloadavg()[0]
    return Planned(seconds, cpu, load, collected, asked, memory, stall, idle, each, len(made.steps))


class _Collections:
    """Hears of each collection (seconds of the processor)."""

    def __init__(self) -> None:
        generations = len(gc.get_count())
        self._begun = 0.0
        self._counts, self._spent = [0] * generations, [0.0] * generations
        self._longest, self._late = 0.0, 0
        gc.callbacks.append(self._hear)

    def _hear(self, phase: str, info: Mapping[str, int]) -> None:
        now = time.thread_time()
        if phase == "start":
            self._begun = now
            return
        took, generation = now - self._begun, info["generation"]
        self._counts[generation] += 1
        self._spent[generation] += took
        self._longest = max(self._longest, took)
        self._late += took > _AIM

    def result(self) -> Collected:
        """Give it, and listen no more."""
        gc.callbacks.remove(self._hear)
        return Collected(tuple(self._counts), tuple(self._spent), self._longest, self._late)


async def _one_by_one(house: House, session: aiohttp.ClientSession, url: str) -> float:
    """Ask for a title of a viewer, again and again; give the seconds for one."""
    movies = [*house.watched_movies(0)][:_SAMPLE]
    begun = time.perf_counter()
    for movie in movies:
        item = guid("Movie", movie)
        await _json(session, f"{url}/jellyfin/Items?userId={viewer_id(0)}&ids={item}")
    return (time.perf_counter() - begun) / len(movies)


async def _json(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as answer:
        return await answer.json()


def _peak() -> int:
    """Give the most memory that this process has had (bytes)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


# -- the job, without a Home Assistant -------------------------------------------------------------


class _Radarr(RadarrCoordinator):
    @override
    def __init__(self, client: RadarrClient) -> None:
        self.client, self.title, self.subentry_id = client, "Radarr", "radarr"
        self.path_map, self.permanent_folders = _MAP, ("/data/movies",)


class _Sonarr(SonarrCoordinator):
    @override
    def __init__(self, client: SonarrClient) -> None:
        self.client, self.title, self.subentry_id = client, "Sonarr", "sonarr"
        self.path_map, self.permanent_folders = _MAP, ("/data/shows",)


class _Seerr(SeerrCoordinator):
    @override
    def __init__(self, client: SeerrClient) -> None:
        self.client, self.title, self.subentry_id = client, "Seerr", "seerr"

    @property
    @override
    def connected(self) -> bool:
        """It answers."""
        return True


def _job(store: Store, session: aiohttp.ClientSession, url: str) -> CleanupJob:
    names = {viewer_id(one): f"Viewer {one}" for one in range(VIEWERS)}
    viewers = tuple(RetentionViewer(one, name) for one, name in names.items())
    jellyfin = JellyfinClient(session, f"{url}/jellyfin", "key", device_id="bench")
    evidence = JellyfinEvidence(jellyfin, store, SERVER, lambda: names)
    titles = TitleAsker(
        {"radarr": _Radarr(RadarrClient(session, f"{url}/radarr", "key"))},
        {"sonarr": _Sonarr(SonarrClient(session, f"{url}/sonarr", "key"))},
        {"seerr": _Seerr(SeerrClient(session, f"{url}/seerr", "key"))},
        evidence,
        store,
        _now,
    )
    policy = RetentionPolicy(who=WhoCounts.ANY)
    regrets, arrs = Regrets(store, _now), Arrs({}, {})
    facts = CleanupFacts(
        titles,
        evidence,
        store,
        SERVER,
        lambda: viewers,
        policy=lambda: policy,
        counts=ArrCounts(store, Signals(), now=_now, max_drop=lambda: 50.0),
        keep_tags=lambda: frozenset({"keep"}),
        now=_now,
        zone=lambda: NOW.tzinfo,  # type: ignore[arg-type, return-value]
        met=regrets,
    )
    endless = Budget(10**9, 10**18, 100.0)
    runner = Runner(store, {}, budget=lambda: endless, frozen=_nothing_fell, now=_now)
    options = Options()
    parts = RunParts(store, Signals(), runner, lambda: options, _now)
    return CleanupJob(
        parts,
        facts,
        regrets=regrets,
        room=RoomAsker(arrs, {}, {}, Histories(arrs, _now)),
        page=lambda: CleanupOptions(policy, enabled=True),
        library_size=lambda: library_size(store),
        packing=Packing(store, titles.sonarrs, lambda: options, _now),
    )


def _now() -> Any:
    return NOW


async def _nothing_fell(plan: Plan) -> Words | None:
    return None
