"""A Radarr of 50,000 films, about 220 MB, over loopback: as we read it, beside the naive way.

The server runs in a process of its own and writes rows of the size and shape that a real one has
(60 facts of the file, 20 other titles, an overview). Ours is `RadarrClient.movies` picking what an
index needs, and the same kept as whole movies; the naive way is aiohttp's `json()` with the default
decoder. Seconds are from asking to the finished list. Memory is how much the process' peak grew,
measured in a process of its own for each way. Stalls are how late a timer of one millisecond comes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
import json
import multiprocessing
from multiprocessing.connection import Connection
import os
from pathlib import Path
import time
from typing import Final

import aiohttp
from aiohttp import web

from custom_components.showrunner.clients.radarr import RadarrClient

type Row = Mapping[str, object]
type Way = Callable[[aiohttp.ClientSession, str], Awaitable[object]]

_FILMS: Final = 50_000
_SMALL: Final = 2_000
_ROW: Final = {
    "title": "A Quiet Orchard",
    "year": 1971,
    "path": "/data/movies/A Quiet Orchard (1971)",
    "rootFolderPath": "/data/movies",
    "monitored": True,
    "hasFile": True,
    "movieFile": {
        "path": "/data/movies/A Quiet Orchard (1971)/film.mkv",
        "mediaInfo": {f"k{n}": "value" for n in range(60)},
    },
    "overview": "x" * 1950,
    "alternateTitles": [{"title": f"Other {n}", "sourceType": "tmdb", "id": n} for n in range(20)],
    "keywords": ["word"] * 20,
}


def run(small: bool = False) -> list[Row]:  # noqa: FBT001, FBT002
    """Measure each way in a process of its own."""
    films = _SMALL if small else _FILMS
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(films, theirs), daemon=True)
    server.start()
    port, size = ours.recv()
    try:
        found: list[Row] = [{"metric": "list_mb", "value": round(size / 1e6, 1), "unit": "MB"}]
        for name in _WAYS:
            here, there = context.Pipe()
            process = context.Process(target=_measure, args=(name, port, films, there))
            process.start()
            measured = here.recv()
            process.join()
            of = "" if name == "whole" else f"{name}_"
            found += [{"metric": f"{of}{what}", **value} for what, value in measured.items()]
        return found
    finally:
        server.terminate()
        server.join()


# -- the server -----------------------------------------------------------------------------------


def _serve(films: int, pipe: Connection) -> None:
    asyncio.run(_serving(films, pipe))


async def _serving(films: int, pipe: Connection) -> None:
    rows = [
        json.dumps(_ROW | {"id": n, "tmdbId": 1_000_000 + n, "imdbId": f"tt{n:07d}"}).encode()
        for n in range(1, films + 1)
    ]
    size = sum(map(len, rows)) + len(rows) + 1

    async def answer(_: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = size
        await response.prepare(_)
        for begin in range(0, films, 50):
            part = b",".join(rows[begin : begin + 50])
            await response.write((b"," if begin else b"[") + part)
        await response.write(b"]")
        return response

    app = web.Application()
    app.router.add_get("/api/v3/movie", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    pipe.send((runner.addresses[0][1], size))
    await asyncio.Event().wait()


# -- the ways --------------------------------------------------------------------------------------


async def _naive(session: aiohttp.ClientSession, url: str) -> object:
    async with session.get(f"{url}/api/v3/movie") as response:
        return [row["id"] for row in await response.json()]


async def _index(session: aiohttp.ClientSession, url: str) -> object:
    client = RadarrClient(session, url, "key")
    return await client.movies(lambda movie: (movie.title.ids.imdb, movie.id))


async def _whole(session: aiohttp.ClientSession, url: str) -> object:
    return await RadarrClient(session, url, "key").movies()


_WAYS: Final[Mapping[str, Way]] = {"naive": _naive, "index": _index, "whole": _whole}


def _measure(name: str, port: int, films: int, pipe: Connection) -> None:
    pipe.send(asyncio.run(_measured(_WAYS[name], f"http://127.0.0.1:{port}", films)))


async def _measured(way: Way, url: str, films: int) -> dict[str, Row]:
    worst = 0.0

    async def watch() -> None:
        nonlocal worst
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            worst = max(worst, (time.perf_counter() - begun - 0.001) * 1000)

    before = _peak()
    async with aiohttp.ClientSession() as session:
        watching = asyncio.create_task(watch())
        await asyncio.sleep(2 if films == _FILMS else 0.2)
        # What the machine itself makes of the same timer while this loop has nothing to do.
        idle = worst
        worst, begun = 0.0, time.perf_counter()
        found = await way(session, url)
        passed = time.perf_counter() - begun
        await asyncio.sleep(0.003)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    if not isinstance(found, list | tuple) or len(found) != films:
        raise RuntimeError(f"{films} films were written")
    return {
        "seconds": {"value": round(passed, 2), "unit": "s"},
        "peak_mb": {"value": round((_peak() - before) / 1e6, 1), "unit": "MB more"},
        "stall_ms": {"value": round(worst, 1), "unit": "ms", "against": f"idle {idle:.1f} ms"},
    }


def _peak() -> int:
    """Give the most memory that this process has had (bytes)."""
    status = Path(f"/proc/{os.getpid()}/status").read_text(encoding="ascii")
    line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
