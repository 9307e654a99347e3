"""What the demo's servers share: a port on 127.0.0.1, a call log, and lies before the truth."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
import json
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from .clock import utcnow
from .lies import Liar, Lie, answer

_MAX_BODY: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One request that a server got."""

    at: datetime
    method: str
    path: str  # with the query
    status: int


@dataclass(slots=True)
class Server:
    """One service on its own port. `url` is known once it runs."""

    name: str
    app: web.Application
    liar: Liar = field(default_factory=Liar)
    calls: list[Call] = field(default_factory=list)
    url: str = ""
    port: int = 0
    _runner: web.AppRunner | None = None
    _answering: set[asyncio.Task[object]] = field(default_factory=set)

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (0: any free port) and return the URL."""
        self.app.middlewares.insert(0, self._watched())
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await self._listen(port)
        return self.url

    async def _listen(self, port: int) -> None:
        if self._runner is None:
            raise RuntimeError(f"{self.name} was not started")
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        self.url = f"http://127.0.0.1:{self.port}"

    async def go_down(self) -> None:
        """Refuse connections, as a service that is being restarted; `come_back` ends it."""
        if self._runner is not None:
            for site in list(self._runner.sites):
                await site.stop()
            # Clients keep connections open; without this they would go on being served.
            if self._runner.server is not None:
                await self._runner.server.shutdown(0.1)

    async def come_back(self) -> None:
        """Listen again on the same port; nothing when it does."""
        if not self.listens:
            await self._listen(self.port)

    @property
    def listens(self) -> bool:
        """Tell whether it takes connections."""
        return self._runner is not None and bool(self._runner.sites)

    async def done(self) -> None:
        """Wait until all is answered, also to those who have hung up meanwhile."""
        while self._answering:
            await asyncio.wait(self._answering)

    async def stop(self) -> None:
        """Close the port and every connection, and leave no answer behind."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        # The runner forgets whoever hung up; what is still answering them ends with the server.
        for task in (left := list(self._answering)):
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def called(self, method: str, path: str) -> list[Call]:
        """List the calls with that method whose path begins so."""
        return [call for call in self.calls if call.method == method and call.path.startswith(path)]

    def _watched(self) -> Middleware:
        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            lie = None if request.path.startswith("/__control") else self.liar.take(request)
            status = 0
            task = None if "Upgrade" in request.headers else asyncio.current_task()
            if task is not None and task not in self._answering:
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
            try:
                response = await self._answer(lie, request, handler)
                status = response.status
            except web.HTTPException as err:
                status = err.status
                raise
            finally:
                self.calls.append(Call(utcnow(), request.method, request.path_qs, status))
            return response

        return watch

    @staticmethod
    async def _answer(
        lie: Lie | None, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        return await (handler(request) if lie is None else answer(lie, request, handler))


def application() -> web.Application:
    """Make an application that takes bodies of up to 4 MiB."""
    return web.Application(client_max_size=_MAX_BODY)


def reply(value: object, status: int = 200) -> web.Response:
    """Answer with JSON."""
    return web.json_response(value, status=status)


async def body_of(request: web.Request) -> dict[str, object]:
    """Read a JSON object. Raises HTTPBadRequest for anything else."""
    try:
        value = json.loads(await request.read())
    except ValueError as err:
        raise web.HTTPBadRequest(text="invalid JSON") from err
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text="not an object")
    return value


def number(request: web.Request, name: str, default: int) -> int:
    """Read a query parameter. Raises HTTPBadRequest when it is not a number."""
    try:
        return int(request.query.get(name, default))
    except ValueError as err:
        raise web.HTTPBadRequest(text=f"{name} is not a number") from err


def page_of(request: web.Request, rows: list[dict[str, object]], key: str) -> dict[str, object]:
    """Answer with a page, as Radarr and Sonarr do. `rows` are given from the last to the first."""
    order = "descending"
    if request.query.get("sortDirection", "").lower() == "ascending":
        order, rows = "ascending", rows[::-1]
    page, size = number(request, "page", 1), number(request, "pageSize", 10)
    begin = (page - 1) * size
    return {
        "page": page,
        "pageSize": size,
        "sortKey": key,
        "sortDirection": order,
        "totalRecords": len(rows),
        "records": rows[begin : begin + size],
    }


def yes(request: web.Request, name: str, *, default: bool = False) -> bool:
    """Read a boolean query parameter."""
    return request.query.get(name, str(default)).lower() == "true"
