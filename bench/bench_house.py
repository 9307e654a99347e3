"""The whole integration in a real Home Assistant, beside services as large as is promised.

100 viewers over 5 years (900,000 viewings), 50,000 titles with 500,000 episodes, 20,000 torrents,
10,000 requests for 200,000 episodes; `--tenth` is a tenth of all of it, `--small` a hundredth.
The services are simulated in a process of their own, Home Assistant is a third one. An empty Home
Assistant is measured first, in the same run. Memory is PSS. A stall is how much later than asked
for the event loop comes round, as far as Home Assistant itself worked meanwhile.
"""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
import signal
import statistics
import tempfile

from bench.house.database import weigh
from bench.house.home import Took
from bench.house.stages import Found, Look, measure

type Row = Mapping[str, object]


async def run(small: bool = False, *, tenth: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure. Who ends it with a signal leaves no Home Assistant behind."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory(prefix="showrunner-house-") as folder:
        found = await measure(Path(folder), 100 if small else 10 if tenth else 1)
        return [*_rows(found)]


def _row(metric: str, value: float, unit: str, against: str = "") -> Row:
    return {"metric": metric, "value": round(value, 2), "unit": unit, "against": against}


def _rows(found: Found) -> Iterator[Row]:
    yield from _known(found)
    yield from _memory(found)
    for name, look in found.looks.items():
        if not name.startswith("reload"):
            beside = found.empty["first minute, empty" if name == "first minute" else "idle, empty"]
            yield from _while(name.replace(" ", "_"), look, beside)
    yield from _traffic(found.looks["idle"])
    yield from _ends(found)
    yield from _waits(found)
    yield from _database(found)


def _known(found: Found) -> Iterator[Row]:
    for kind, took in found.linked.items():
        yield _row(f"linked_{kind}", took.seconds, "s", f"{took.cpu:.2f} s CPU")
    house = found.house
    never = -1.0
    library = never if found.library_seconds is None else found.library_seconds
    yield _row("library_known", library, "s", f"{house.items} items, {house.viewers} viewers")
    requests = never if found.requests_seconds is None else found.requests_seconds
    yield _row("requests_known", requests, "s", f"{house.requests} requests, aim 600 (-1: never)")


def _memory(found: Found) -> Iterator[Row]:
    empty = found.empty["idle, empty"].memory
    yield _row("memory_empty", empty, "MB")
    for name in ("linking", "settling", "idle", "20 streams", "asked"):
        more = found.looks[name].memory - empty
        yield _row(f"memory_{name.replace(' ', '_')}", more, "MB more", "aim 100")
    (began, first), (ended, last) = found.memory_trend[0], found.memory_trend[-1]
    trend = (last - first) * 3600 / (ended - began)
    yield _row("memory_trend", trend, "MB/hour", f"over {ended - began:.0f} s")
    grown = found.reload_memory[-1] - found.reload_memory[0]
    yield _row("memory_of_reloads", grown, "MB", f"{len(found.reload_memory) - 1} reloads more")


def _while(name: str, look: Look, empty: Look) -> Iterator[Row]:
    def beside(value: float) -> str:
        return f"empty: {value:.2f}"

    probe, bare = look.probe, empty.probe
    for what in ("p50", "p999", "longest"):
        value, against = probe[what] * 1000, beside(bare[what] * 1000)
        yield _row(f"{name}_stall_{what}", value, "ms", against)
    yield _row(f"{name}_stalls_over_20", probe["over"], "stalls", beside(bare["over"]))
    for generation, count in enumerate(probe["collections"]):
        took = probe["collecting"][generation] * 1000
        against = f"{took:.0f} ms, empty: {bare['collections'][generation]}"
        yield _row(f"{name}_collections_{generation}", count, "collections", against)
    cpu = look.cpu_a_minute
    yield _row(f"{name}_cpu", cpu, "s/minute", beside(empty.cpu_a_minute))


def _traffic(idle: Look) -> Iterator[Row]:
    for service, count in sorted(idle.traffic.get("requests", {}).items()):
        size = idle.traffic["bytes"][service] * 3600 / idle.seconds / 1e6
        hourly = count * 3600 / idle.seconds
        yield _row(f"{service}_requests", hourly, "requests/hour", f"{size:.2f} MB/hour")


def _ends(found: Found) -> Iterator[Row]:
    for name, some, empty, aim in (
        ("restart", found.starts, found.empty_starts, "aim 1 s more"),
        ("stop", found.stops, found.empty_stops, "aim 1 s more"),
    ):
        took, bare = _middle(some), _middle(empty)
        yield _row(name, took.seconds, "s", f"empty: {bare.seconds:.2f}, {aim}")
        yield _row(f"{name}_cpu", took.cpu, "s CPU", f"empty: {bare.cpu:.2f}")
    reload = _middle(found.reloads)
    yield _row("reload", reload.seconds, "s", "aim 1")
    yield _row("reload_cpu", reload.cpu, "s CPU")
    longest = max(
        look.probe["longest"] for name, look in found.looks.items() if name.startswith("reload")
    )
    yield _row("reload_stall_longest", longest * 1000, "ms")
    full = sum(
        look.probe["collections"][-1]
        for name, look in found.looks.items()
        if name.startswith("reload")
    )
    yield _row("reload_collections_full", full, "collections", f"{len(found.reloads)} reloads")


def _middle(took: list[Took]) -> Took:
    return Took(
        statistics.median(one.seconds for one in took), statistics.median(one.cpu for one in took)
    )


def _waits(found: Found) -> Iterator[Row]:
    asked = {"webhook": found.webhooks, **found.asked}
    for name, waits in asked.items():
        if waits:
            longest = f"longest {max(waits) * 1000:.1f} ms of {len(waits)}"
            yield _row(f"{name}_p50", statistics.median(waits) * 1000, "ms", longest)


def _database(found: Found) -> Iterator[Row]:
    if found.database is None:
        return
    size = sum(path.stat().st_size for path in found.database.parent.glob("showrunner-*.db*"))
    yield _row("database", size / 1e6, "MB", "aim 400 at full size")
    tables = weigh(found.database)
    for name, weight in sorted(tables.items(), key=lambda one: -one[1].bytes):
        if weight.rows >= 100 and weight.bytes > 10**5:
            against = f"{weight.rows} rows, {weight.bytes / 1e6:.1f} MB"
            yield _row(f"bytes_{name}", weight.each, "bytes/row", against)
