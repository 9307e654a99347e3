"""A purge is planned: 5,000 and 20,000 torrents, and arrs with 100,000 rows of history in all.

The servers run in a process of their own, over loopback: a qBittorrent, and histories in pages of
rows as a real one writes them. Ours is the job itself, from the first question to the kept plan:
lists, histories, queues, the judging, the order, the steps and the budget. Calls are counted by the
servers. The naive way asks an arr for the history of each torrent; that is measured for a part of
them, and counted up. Stalls are how late a timer of one millisecond comes; beside them is the
longest collection of Python's garbage, which goes through all that is loaded, whoever's turn it is,
and CPU seconds, which others on the machine change less than the seconds of a clock.
"""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
import gc
import json
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path
import tempfile
import time
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
from aiohttp import web

from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.sonarr import SonarrClient
from custom_components.showrunner.domain.media import MediaType
from custom_components.showrunner.domain.plan import Plan, StepState
from custom_components.showrunner.domain.plan.guards import Budget
from custom_components.showrunner.domain.torrent_trust import Vanished
from custom_components.showrunner.domain.torrents import TorrentList
from custom_components.showrunner.jobs.facts.seeding_facts import PurgeFacts
from custom_components.showrunner.jobs.kit.plan_runs import RunParts
from custom_components.showrunner.jobs.kit.runner import Runner
from custom_components.showrunner.jobs.purge.job import PurgeJob
from custom_components.showrunner.options import Options
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Store

type Row = Mapping[str, object]

_SIZES: Final = (5_000, 20_000)
_SMALL: Final = (100, 400)
_ROWS: Final = 100_000
_ASKED: Final = 250
_TICK: Final = 0.001
_GB: Final = 10**9
_EVENT: Final = {
    "sourceTitle": "A.Quiet.Orchard.1971.1080p.BluRay.x264-DEMO",
    "languages": [{"id": 1, "name": "English"}],
    "quality": {
        "quality": {"id": 7, "name": "Bluray-1080p", "source": "bluray", "resolution": 1080},
        "revision": {"version": 1, "real": 0, "isRepack": False},
    },
    "customFormats": [],
    "customFormatScore": 0,
    "qualityCutoffNotMet": False,
    "data": {
        "fileId": "1",
        "droppedPath": "/data/torrents/A.Quiet.Orchard.1971/film.mkv",
        "importedPath": "/data/movies/A Quiet Orchard (1971)/film.mkv",
        "downloadClient": "qBittorrent",
        "downloadClientName": "qBit",
        "releaseGroup": "DEMO",
        "size": "4000000000",
    },
}


async def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure both sizes, the second beside the same histories."""
    sizes, rows = (_SMALL, 2_000) if small else (_SIZES, _ROWS)
    found: list[Row] = []
    for name, size in zip((5_000, 20_000), sizes, strict=True):
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        server = context.Process(target=_serve, args=(size, rows, theirs), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{ours.recv()}"
        try:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
                planned = await _planned(session, url, size)
                found += [{**row, "metric": f"{row['metric']}_{name}"} for row in planned]
                if name == _SIZES[0]:
                    naive = await _naive(session, url, size)
                    said = f"a history for each torrent ({min(_ASKED, size)} asked, counted up)"
                    found.append(
                        {
                            "metric": f"naive_seconds_{name}",
                            "value": round(naive, 2),
                            "unit": "s",
                            "against": said,
                        }
                    )
        finally:
            server.terminate()
            server.join()
    return found


# -- the ways --------------------------------------------------------------------------------------


async def _planned(session: aiohttp.ClientSession, url: str, size: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(Path(folder) / "showrunner.db")
        try:
            return await _measured(_job(session, url, size, store), session, url, size)
        finally:
            await store.close()


def _job(session: aiohttp.ClientSession, url: str, size: int, store: Store) -> PurgeJob:
    arrs: Any = {
        "radarr": SimpleNamespace(
            client=RadarrClient(session, f"{url}/radarr", "key"),
            title="Radarr",
            media=MediaType.MOVIE,
        ),
        "sonarr": SimpleNamespace(
            client=SonarrClient(session, f"{url}/sonarr", "key"),
            title="Sonarr",
            media=MediaType.SERIES,
        ),
    }
    clients: Any = {"client": _Client(QBittorrentClient(session, url))}

    async def not_frozen(plan: Plan) -> None:
        return None

    budget = Budget(max_items=size, max_bytes=size * 100 * _GB, max_share=100)
    runner = Runner(store, {}, budget=lambda: budget, frozen=not_frozen, now=_now)
    parts = RunParts(store, Signals(), runner, options=Options, now=_now)
    return PurgeJob(parts, PurgeFacts(arrs, clients, {}, _now))


async def _measured(
    job: PurgeJob, session: aiohttp.ClientSession, url: str, size: int
) -> list[Row]:
    late: list[float] = []
    with _collecting() as collected:
        ticking = asyncio.create_task(_tick(late))
        begun, cpu = time.perf_counter(), time.process_time()
        plan = await job.purge(None, dry_run=True)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
    planned = [step for step in plan.steps if step.state is StepState.PLANNED]
    assert len(planned) + len(plan.left_out) == size
    assert len(planned) == size // 2, (len(planned), str(plan.left_out[0].reason))
    async with session.get(f"{url}/calls") as answer:
        calls = int(await answer.text())
    return [
        {"metric": "seconds", "value": round(seconds, 2), "unit": "s"},
        {"metric": "cpu_seconds", "value": round(cpu, 2), "unit": "s"},
        {"metric": "calls", "value": calls, "unit": "calls"},
        {"metric": "stall_ms", "value": round(max(late) * 1000, 1), "unit": "ms"},
        {"metric": "collected_ms", "value": round(max(collected) * 1000, 1), "unit": "ms"},
    ]


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _collecting() -> Generator[list[float]]:
    """Note how long each collection of garbage takes, of the time of the thread that does it."""
    took, begun = [0.0], 0.0

    def note(phase: str, _: Mapping[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = time.thread_time()
        else:
            took.append(time.thread_time() - begun)

    gc.callbacks.append(note)
    try:
        yield took
    finally:
        gc.callbacks.remove(note)


async def _naive(session: aiohttp.ClientSession, url: str, size: int) -> float:
    some = min(_ASKED, size)
    begun = time.perf_counter()
    for number in range(some):
        params = {"downloadId": f"{number:040X}", "pageSize": "1000"}
        async with session.get(f"{url}/radarr/api/v3/history", params=params) as answer:
            await answer.json()
    return (time.perf_counter() - begun) * size / some


async def _tick(late: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(_TICK)
        late.append(time.perf_counter() - begun - _TICK)


class _Client:
    """Looks after the client, as its coordinator does."""

    service, title, last_error, doubted = "qBittorrent", "qBittorrent", "", False

    def __init__(self, client: QBittorrentClient) -> None:
        self.client = client
        self.connected = False
        self.data: TorrentList | None = None
        self.vanished = Vanished()

    async def async_refresh(self) -> None:
        """Look."""
        self.data = await self.client.torrents()
        self.connected = True

    def show_purgeable(self, count: int | None) -> None:
        """Note how much may go."""


# -- the servers -----------------------------------------------------------------------------------


def _serve(torrents: int, rows: int, pipe: Connection) -> None:
    asyncio.run(_serving(torrents, rows, pipe))


async def _serving(torrents: int, rows: int, pipe: Connection) -> None:
    calls = 0
    movies = _history(rows // 2, torrents, "movieId")
    episodes = _history(rows // 2, 0, "seriesId")
    by_hash = {
        movies[n][0]: b"[%s,%s]" % (movies[n][1], movies[n + 1][1])
        for n in range(0, len(movies), 2)
    }
    list_ = json.dumps(
        {
            "rid": 1,
            "full_update": True,
            "server_state": {},
            "torrents": {f"{n:040x}": _torrent(n, torrents) for n in range(torrents)},
        }
    ).encode()

    @web.middleware
    async def count(request: web.Request, handler: Any) -> web.StreamResponse:
        nonlocal calls
        calls += request.path != "/calls"
        answer: web.StreamResponse = await handler(request)
        return answer

    def pages(lines: list[tuple[str, bytes]]) -> Any:
        async def page(request: web.Request) -> web.Response:
            if name := request.query.get("downloadId"):
                found = by_hash.get(name, b"[]")
                body = b'{"totalRecords":2,"records":%s}' % found
                return web.Response(body=body, content_type="application/json")
            number, size = int(request.query["page"]), int(request.query["pageSize"])
            some = b",".join(line for _, line in lines[(number - 1) * size : number * size])
            body = b'{"totalRecords":%d,"records":[%s]}' % (len(lines), some)
            return web.Response(body=body, content_type="application/json")

        return page

    async def queue(_: web.Request) -> web.Response:
        return web.json_response({"totalRecords": 0, "records": []})

    async def status(request: web.Request) -> web.Response:
        product = request.path.split("/")[1].title()
        started = "2026-01-01T00:00:00Z"
        return web.json_response({"appName": product, "version": "5", "startTime": started})

    async def maindata(_: web.Request) -> web.Response:
        return web.Response(body=list_, content_type="application/json")

    async def version(_: web.Request) -> web.Response:
        return web.Response(text="v5.1.2")

    async def counted(_: web.Request) -> web.Response:
        return web.Response(text=str(calls))

    app = web.Application(middlewares=[count])
    app.add_routes(
        [
            web.get("/radarr/api/v3/history", pages(movies)),
            web.get("/sonarr/api/v3/history", pages(episodes)),
            web.get("/radarr/api/v3/system/status", status),
            web.get("/sonarr/api/v3/system/status", status),
            web.get("/radarr/api/v3/health", _healthy),
            web.get("/sonarr/api/v3/health", _healthy),
            web.get("/radarr/api/v3/queue", queue),
            web.get("/sonarr/api/v3/queue", queue),
            web.get("/api/v2/sync/maindata", maindata),
            web.get("/api/v2/app/version", version),
            web.get("/calls", counted),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    pipe.send(runner.addresses[0][1])
    await asyncio.Event().wait()


async def _healthy(_: web.Request) -> web.Response:
    return web.json_response([])


def _history(rows: int, torrents: int, key: str) -> list[tuple[str, bytes]]:
    """Write grabs and imports; every second torrent is among them, the others never came."""
    begin, found = datetime(2020, 1, 1, tzinfo=UTC), []
    for number in range(rows):
        download = number // 2
        name = f"{download * 2 if download * 2 < torrents else 2**100 + download:040X}"
        event = "downloadFolderImported" if number % 2 else "grabbed"
        row = _EVENT | {
            "id": number + 1,
            key: download + 1,
            "date": (begin + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventType": event,
            "downloadId": name,
        }
        if key == "seriesId":
            row["episodeId"] = download + 1
        found.append((name, json.dumps(row, separators=(",", ":")).encode()))
    return found


def _torrent(number: int, torrents: int) -> Row:
    return {
        "name": f"Release {number}",
        "state": "stalledUP",
        "size": 4 * _GB,
        "completed": 4 * _GB,
        "uploaded": 8 * _GB,
        "amount_left": 0,
        "progress": 1,
        "ratio": 2.0,
        "eta": 8_640_000,
        "dlspeed": 0,
        "upspeed": 0,
        "category": "radarr",
        "tags": "",
        "save_path": "/data/torrents",
        "content_path": f"/data/torrents/Release {number}",
        "added_on": 1_700_000_000 + number,
        "completion_on": 1_700_000_000 + number,
        "seeding_time": 900_000,
        "tracker": "https://tracker.example/announce",
        "private": False,
        "infohash_v1": f"{number:040x}",
        "infohash_v2": "",
    }
