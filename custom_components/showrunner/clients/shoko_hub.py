"""Shoko's hub: SignalR's JSON protocol over a WebSocket.

Each message ends with a record separator, and one frame may hold several. Both sides say that they
are there; a server that says nothing for long is gone, whatever the connection pretends. Nothing
runs beside `receive`, so nothing is left over.
"""

import asyncio
from collections import deque
from typing import Final

import aiohttp

from ..domain.text import say
from .errors import ServiceError, Unreachable, Unreadable
from .parse import Json, decoded, integer, table, text
from .shoko_models import HubEvent, hub_event

LARGEST: Final = 1024 * 1024
_PRODUCT: Final = "Shoko"
_END: Final = "\x1e"
_HELLO: Final = '{"protocol":"json","version":1}' + _END
_HERE: Final = '{"type":6}' + _END
# SignalR's own: a ping every 15 seconds, and after 30 of silence the other side is given up.
_SPEAK_EVERY: Final = 15.0
_PATIENCE: Final = 60.0
_SEND_WITHIN: Final = 15.0


class ShokoHub:
    """One open hub."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take the open socket."""
        self._socket = socket
        self._time = asyncio.get_running_loop().time
        self._waiting: deque[Json] = deque()
        self._heard = self._time()
        self._speak_at = self._heard + _SPEAK_EVERY

    async def handshake(self) -> None:
        """Agree on the protocol. Raises Unreachable, Unreadable."""
        await self._say(_HELLO)
        answer = await self._next()
        if answer.get("error"):
            raise Unreadable(_PRODUCT, say("error_hub_does_not_speak_json"))
        if answer:
            self._waiting.appendleft(answer)

    async def receive(self) -> HubEvent:
        """Wait for the next event. Raises Unreachable, Unreadable."""
        while True:
            message = await self._next()
            match integer(message.get("type")):
                case 1 if (target := text(message.get("target"))) is not None:
                    return hub_event(target, message.get("arguments"))
                case 7:
                    raise Unreachable(_PRODUCT, say("error_closed_hub"))

    async def _next(self) -> Json:
        while not self._waiting:
            frame = await self._frame()
            if frame.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                raise _ended(frame)
            self._waiting.extend(_records(frame.data))
        return self._waiting.popleft()

    async def _frame(self) -> aiohttp.WSMessage:
        """Wait for the next frame, and speak in time meanwhile."""
        while True:
            if self._time() >= self._speak_at:
                self._speak_at = self._time() + _SPEAK_EVERY
                await self._say(_HERE)
            until = min(self._speak_at, self._heard + _PATIENCE)
            try:
                frame = await self._socket.receive(timeout=max(until - self._time(), 0.001))
            except TimeoutError:
                # Not judged before: what has arrived while we were busy counts as heard.
                if self._time() - self._heard >= _PATIENCE:
                    break
            else:
                self._heard = self._time()
                return frame
        raise Unreachable(_PRODUCT, say("error_hub_gone_silent"))

    async def _say(self, said: str) -> None:
        failed = False
        try:
            async with asyncio.timeout(_SEND_WITHIN):
                await self._socket.send_str(said)
        except aiohttp.ClientError, OSError:
            failed = True
        if failed:
            raise Unreachable(_PRODUCT, say("error_hub_broke_off"))


def _records(data: str | bytes) -> list[Json]:
    """Take a frame apart. Raises Unreadable for what is no whole message."""
    try:
        said = data if isinstance(data, str) else data.decode()
        *whole, rest = said.split(_END)
        if not rest:
            return [table(decoded(one)) for one in whole]
    except ValueError, RecursionError:
        pass
    raise Unreadable(_PRODUCT, say("error_hub_sends_something_else_than_messages"))


def _ended(frame: aiohttp.WSMessage) -> ServiceError:
    err = frame.data
    if isinstance(err, aiohttp.WebSocketError) and err.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
        return Unreadable(_PRODUCT, say("error_message_hub_too_large"))
    return Unreachable(_PRODUCT, say("error_closed_hub"))
