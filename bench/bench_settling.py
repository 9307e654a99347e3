"""How long it takes until 10,000 requests are known, once the library was read.

A real Home Assistant beside simulated services (those of `house`): a Jellyfin that has what was
asked for, 5,000 movies and 200,000 episodes, is read first. Then Radarr, Sonarr and Seerr are
linked, and the clock runs until every request that Jellyfin can fulfil is available. What each
service is asked for meanwhile is counted. `--tenth` is a tenth of it.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
import signal
import tempfile
import time
from typing import Final

from bench.house.database import known
from bench.house.home import PATIENCE, Home, services
from bench.house.house import House, Stand
from bench.house.stages import Look, Watch, say

type Row = Mapping[str, object]

_REQUESTS: Final = 10_000
_SERVICES: Final = ("radarr", "sonarr", "seerr")


async def run(small: bool = False, *, tenth: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure. Who ends it with a signal leaves no Home Assistant behind."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    house = House.asked_for(40 if small else _REQUESTS // 10 if tenth else _REQUESTS)
    with tempfile.TemporaryDirectory(prefix="showrunner-settling-") as folder:
        return [*_rows(house, *await _measure(Path(folder), house))]


async def _measure(folder: Path, house: House) -> tuple[float, float, Look]:
    """Give how long the library took, and the requests (seconds), and what those cost."""
    async with services(house) as url:
        home, looks = Home(folder / "config"), dict[str, Look]()
        try:
            await home.start(PATIENCE)
            begun = time.perf_counter()
            entry_id = await home.link_jellyfin(url, house)
            database = home.config / f"showrunner-{entry_id}.db"
            await _until(lambda: known(database).items >= house.items)
            library = time.perf_counter() - begun
            say(f"the library was read after {library:.0f} s")
            available, begun = len(house.of_stand(Stand.AVAILABLE)), time.perf_counter()
            async with Watch(home, url).look(looks, "settling"):
                for kind in _SERVICES:
                    await home.link_service(entry_id, kind, url)
                await _until(lambda: known(database).available >= available)
            return library, time.perf_counter() - begun, looks["settling"]
        finally:
            await home.stop()


async def _until(true: Callable[[], bool]) -> None:
    """Wait for something that is asked of the database."""
    async with asyncio.timeout(2 * PATIENCE):
        while True:
            if await asyncio.to_thread(true):
                return
            await asyncio.sleep(1)


def _rows(house: House, library: float, seconds: float, look: Look) -> Iterator[Row]:
    def row(metric: str, value: float, unit: str, against: str = "") -> Row:
        return {"metric": metric, "value": round(value, 2), "unit": unit, "against": against}

    size = f"{house.requests} requests, {house.episodes} episodes"
    yield row("library", library, "s", f"{house.items} items")
    yield row("requests", seconds, "s", f"{size}, aim 600")
    yield row("requests_cpu", look.cpu, "s", "of Home Assistant")
    yield row("stall_longest", look.probe["longest"] * 1000, "ms")
    yield row("collections_full", look.probe["collections"][-1], "collections")
    for service, count in sorted(look.traffic["requests"].items()):
        size = f"{look.traffic['bytes'][service] / 1e6:.1f} MB"
        yield row(f"{service}_calls", count, "requests", f"{count / seconds:.1f} a second, {size}")
