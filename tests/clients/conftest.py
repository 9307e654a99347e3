"""The demo's services under real clients, and a bare server that answers what a test wants."""

from collections.abc import AsyncGenerator
import json
from pathlib import Path
from typing import Any

from aiohttp import web
import pytest

from tests.support.bare_server import Answer, serve, session
from world.run import running
from world.servers import Servers
from world.world import Pace

__all__ = ["serve", "session"]

FIXTURES = Path(__file__).parents[1] / "fixtures"
FAST = Pace(search=0.05, grab=0.02, download=0.2, seeders=0.01)


def read(name: str) -> Any:
    """Read a recorded or constructed answer."""
    return json.loads((FIXTURES / name).read_text())


@pytest.fixture
async def servers(socket_enabled: None) -> AsyncGenerator[Servers]:
    """Run the demo's world."""
    async with running(pace=FAST) as made:
        yield made


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
