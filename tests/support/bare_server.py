"""A bare server that answers what a test wants, and a session to ask it with."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import aiohttp
from aiohttp import web
import pytest

type Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    """Open a session as Home Assistant gives it."""
    async with aiohttp.ClientSession() as opened:
        yield opened


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
