"""A server that answers with all that it was sent: no secret of it may reach what anybody reads."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from random import Random

from aiohttp import web
from aiohttp.test_utils import TestServer


class Echo:
    """Answers with all that it was sent: as an error, a refusal, a page, a fault."""

    def __init__(self) -> None:
        self.asked = 0
        self._random = Random(7)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        body = (await request.read()).decode(errors="replace")
        # Of a text only the beginning is shown: what is secret comes first.
        plain = ("host", "accept", "user-agent", "content-", "connection")
        headers = {k: v for k, v in request.headers.items() if not k.lower().startswith(plain)}
        parts = [str(headers), body, str(request.rel_url)]
        turn = self._random.randrange(len(parts))
        text = " ".join([*parts[turn:], *parts[:turn]])
        match self._random.randrange(6):
            case 0:
                return web.json_response({"message": text, "error": text}, status=500)
            case 1:
                return web.json_response([{"errorMessage": text}], status=400)
            case 2:
                return web.Response(text=text, status=401)
            case 3:
                return web.Response(text=f"<html>{text}</html>", content_type="text/html")
            case 4:
                return web.json_response({"version": text, "message": text, "appName": text})
        return web.Response(text=text, status=503, reason=text.replace("\n", " ")[:200])


@asynccontextmanager
async def echoing() -> AsyncGenerator[tuple[Echo, str]]:
    """Run it; give it and its address."""
    made, app = Echo(), web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield made, str(server.make_url("/")).rstrip("/")
