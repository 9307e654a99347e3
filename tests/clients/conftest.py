"""The demo's services under real clients, and a bare server that answers what a test wants."""

from collections.abc import AsyncGenerator, Awaitable, Callable
import json
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from world.run import running
from world.servers import Servers
from world.world import Pace

FIXTURES = Path(__file__).parents[1] / "fixtures"
FAST = Pace(search=0.05, grab=0.02, download=0.2, seeders=0.01)

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def read(name: str) -> Any:
    """Read a recorded or constructed answer."""
    return json.loads((FIXTURES / name).read_text())


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    """Open a session as Home Assistant gives it."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def servers(socket_enabled: None) -> AsyncGenerator[Servers]:
    """Run the demo's world."""
    async with running(pace=FAST) as made:
        yield made


@pytest.fixture
async def serve(socket_enabled: None) -> AsyncGenerator[Callable[[Answer], Awaitable[str]]]:
    """Give a function that starts a server with one answer for everything; it returns the URL."""
    runners: list[web.AppRunner] = []

    async def start(answer: Answer) -> str:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


def recorded(names: list[str]) -> tuple[Answer, list[tuple[str, str, Any]]]:
    """Answer with recordings, by method and path; give also the list of what was asked."""
    answers = {}
    for name in names:
        recording = read(f"radarr/{name}.json")
        request = recording["request"]
        answers[request["method"], request["path"].split("?")[0]] = recording["response"]
    asked: list[tuple[str, str, Any]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        text = await request.text()
        asked.append((request.method, request.path_qs, json.loads(text) if text else None))
        result = answers.get((request.method, request.path))
        if result is None:
            return web.Response(status=404)
        body = result["body"]
        data = body if isinstance(body, str) else json.dumps(body)
        headers = {k: v for k, v in result["headers"].items() if k in ("Content-Type", "Location")}
        return web.Response(status=result["status"], text=data, headers=headers)

    return answer, asked
