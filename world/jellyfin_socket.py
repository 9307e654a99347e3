"""Jellyfin's `/socket`: keep-alives, and the sessions pushed to whoever asked for them.

As the real one does: 403 without a token; ForceKeepAlive first, and who is silent for so long is
dropped; the sessions at once, when something starts, stops, pauses or goes on, and at intervals
while somebody plays. While nobody does, nothing is pushed.
"""

import asyncio
from collections.abc import Callable
import contextlib
import json
from typing import Final

from aiohttp import WSMsgType, web

from .catalogue import guid
from .world import World

_LOOK: Final = 0.02

type Sessions = Callable[[], list[dict[str, object]]]


class Sockets:
    """The open sockets. Tests cut them, refuse them and make them mute."""

    def __init__(self, world: World, sessions: Sessions) -> None:
        """Take the world, and what `/Sessions` would answer now."""
        self._world = world
        self._sessions = sessions
        self._open: set[web.WebSocketResponse] = set()
        self._cut = asyncio.Event()
        self._count = 0
        self.keep_alive = 60.0
        self.refused: int = 0  # a status: no socket is opened any more
        self.mute = False  # open, but nothing is said
        self.opened = 0
        self.heard: list[dict[str, object]] = []

    @property
    def open(self) -> int:
        """Count the open sockets."""
        return len(self._open)

    def cut(self) -> int:
        """Break every connection off, without a goodbye; give how many there were."""
        cut, self._cut = self._cut, asyncio.Event()
        cut.set()
        return len(self._open)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket until it ends."""
        if self.refused:
            return web.Response(status=self.refused)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self._open.add(socket)
        self.opened += 1
        visit = _Visit(self, socket)
        tasks = [
            asyncio.ensure_future(work())
            for work in (visit.listen, visit.watch, visit.push, self._cut.wait)
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[-1].done() and request.transport is not None:
                request.transport.abort()
        finally:
            self._open.discard(socket)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    def message(self, kind: str, data: object = None) -> str:
        """Write a message of the server's."""
        self._count += 1
        envelope = {"MessageType": kind, "MessageId": guid("message", self._count)}
        return json.dumps(envelope if data is None else envelope | {"Data": data})

    def state(self) -> tuple[object, ...]:
        """Give what is pushed at once when it changes: who plays what, and who pauses."""
        plays = self._world.plays.values()
        return tuple((p.session_id, p.entry.item_id, p.paused_at is not None) for p in plays)

    def sessions(self) -> str:
        """Write the sessions as they are now."""
        return self.message("Sessions", self._sessions())


class _Visit:
    """One client."""

    def __init__(self, sockets: Sockets, socket: web.WebSocketResponse) -> None:
        self._sockets = sockets
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._interval: float | None = None

    async def _say(self, text: str) -> None:
        if not self._sockets.mute:
            with contextlib.suppress(ConnectionError):
                await self._socket.send_str(text)

    async def listen(self) -> None:
        """Answer what the client says, until it says no more."""
        keep_alive = int(self._sockets.keep_alive) or self._sockets.keep_alive
        await self._say(self._sockets.message("ForceKeepAlive", keep_alive))
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            received = json.loads(message.data)
            self._heard = self._loop.time()
            self._sockets.heard.append(received)
            match received.get("MessageType"):
                case "KeepAlive":
                    await self._say(self._sockets.message("KeepAlive"))
                case "SessionsStart":
                    self._interval = int(str(received["Data"]).split(",")[1]) / 1000
                case "SessionsStop":
                    self._interval = None

    async def watch(self) -> None:
        """Drop a client that has been silent for too long."""
        while True:
            left = self._heard + self._sockets.keep_alive - self._loop.time()
            if left <= 0:
                return
            await asyncio.sleep(left)

    async def push(self) -> None:
        """Push the sessions: at once, at a change, and at intervals while somebody plays."""
        before: object = None
        pushed = 0.0
        while True:
            if self._interval is not None:
                state = self._sockets.state()
                due = bool(state) and self._loop.time() - pushed >= self._interval
                if due or state != before:
                    before, pushed = state, self._loop.time()
                    await self._say(self._sockets.sessions())
            await asyncio.sleep(_LOOK)
