"""What the cards cost a browser: their size, their first draw, their frames, and their memory.

In a real Chromium, in a page of its own with a server that tells more than any real one: 10,000
requests; ten streams and fifty transfers that move each second for a minute; and the events of an
hour as fast as they are taken. Frames are given beside those of the same page while nothing moves.
"""

import asyncio
from collections.abc import Mapping
import gzip
import json
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory

from aiohttp import web

_BUNDLE = Path("custom_components/showrunner/frontend/showrunner.js")
_PAGE = Path(__file__).parent / "frontend_page.js"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_LONGEST = 600.0
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--no-first-run", "--enable-precise-memory-info", "--js-flags=--expose-gc"),
    *("--window-size=1280,900", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"),
)
# The size that the cards may not pass, and what they are to keep to beside it.
_AIMS = {"bundle_gzip_kb": "60", "first_draw_ms": "100", "longest_frame_ms": "50"}
_UNITS = {"kb": "kB", "ms": "ms", "mb": "MB", "frames": "frames"}


async def run(small: bool) -> list[Mapping[str, object]]:  # noqa: FBT001 - as all are called
    """Measure."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        raise RuntimeError("no Chromium on this machine")
    told: asyncio.Future[dict[str, float]] = asyncio.get_running_loop().create_future()
    runner = web.AppRunner(_served(told), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/{'?small' if small else ''}"
    with TemporaryDirectory() as profile:
        process = await asyncio.create_subprocess_exec(
            *(program, *_FLAGS, f"--user-data-dir={profile}", address),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            found = await asyncio.wait_for(told, _LONGEST)
        finally:
            process.terminate()
            await process.wait()
            await runner.cleanup()
    if "error" in found:
        raise RuntimeError(str(found["error"]))
    size = await asyncio.to_thread(_size)
    return [_row(name, value) for name, value in {"bundle_gzip_kb": size, **found}.items()]


def _served(told: asyncio.Future[dict[str, float]]) -> web.Application:
    page = '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>'

    async def index(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    async def script(request: web.Request) -> web.FileResponse:
        file = _BUNDLE if request.path == "/showrunner.js" else _PAGE
        return web.FileResponse(file, headers={"Content-Type": "text/javascript"})

    async def result(request: web.Request) -> web.Response:
        if not told.done():
            told.set_result(json.loads(await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_get("/", index)
    app.router.add_get("/page.js", script)
    app.router.add_get("/showrunner.js", script)
    app.router.add_post("/result", result)
    return app


def _row(name: str, value: float) -> Mapping[str, object]:
    aim = _AIMS.get(name)
    return {
        "metric": name,
        "value": round(value, 1),
        "unit": _UNITS[name.rsplit("_", 1)[-1]],
        "against": f"at most {aim}" if aim else None,
    }


def _size() -> float:
    return len(gzip.compress(_BUNDLE.read_bytes(), 9)) / 1000
