"""Jellyfin's WebSocket: all sessions, pushed when something starts, stops, pauses or moves.

The server drops who is silent for as long as its ForceKeepAlive says, and answers every KeepAlive:
so a server that says nothing for that long is gone, whatever the connection pretends. The key is
in the header, never in the address. Nothing runs beside `receive`, so nothing is left over.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
import json
from typing import Final

import aiohttp

from ..domain.text import say
from ..domain.watching import ReportSource
from .errors import ServiceError, Unreachable, Unreadable
from .jellyfin_sessions import SessionsSnapshot, snapshot
from .parse import Json, decoded, number, rows, table, text

SOCKET_PATH: Final = "/socket"
LARGEST: Final = 8 * 1024 * 1024
_PRODUCT: Final = "Jellyfin"
# At once, and then not more often than every 1.5 s (milliseconds).
_PACE: Final = "0,1500"
_PATIENCE: Final = 60.0
_PATIENCE_RANGE: Final = (1.0, 600.0)
_SEND_WITHIN: Final = 15.0
_LONG: Final = 128 * 1024


class SessionsSocket:
    """One open WebSocket that was asked for the sessions."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        server_id: str,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the open socket, and who is at its other end."""
        self._socket = socket
        self._server_id = server_id
        self._clock = clock
        self._time = asyncio.get_running_loop().time
        self._patience = _PATIENCE
        self._heard = self._time()
        self._speak_at = self._heard + self._patience / 2

    async def subscribe(self) -> None:
        """Ask for the sessions. Raises Unreachable."""
        await self._say({"MessageType": "SessionsStart", "Data": _PACE})

    async def receive(self) -> SessionsSnapshot:
        """Wait for the next list of all sessions. Raises Unreachable, Unreadable."""
        while True:
            message = table(await self._message())
            match text(message.get("MessageType")):
                case "ForceKeepAlive":
                    await self._keep_alive(number(message.get("Data")))
                case "Sessions":
                    return self._snapshot(message)

    def _snapshot(self, message: Json) -> SessionsSnapshot:
        sessions = message.get("Data")
        if not isinstance(sessions, list):
            # Something else must not look like an empty list, in which nobody plays.
            raise Unreadable(_PRODUCT, say("error_sessions_not_list"))
        return snapshot(rows(sessions), self._server_id, self._clock(), ReportSource.WEBSOCKET)

    async def _keep_alive(self, patience: float | None) -> None:
        """Answer at once, so that the server knows that we understood, and at half of it again."""
        if patience is not None and patience > 0:
            self._patience = min(max(patience, _PATIENCE_RANGE[0]), _PATIENCE_RANGE[1])
        await self._speak()

    async def _speak(self) -> None:
        self._speak_at = self._time() + self._patience / 2
        await self._say({"MessageType": "KeepAlive"})

    async def _say(self, message: Json) -> None:
        failed = False
        try:
            async with asyncio.timeout(_SEND_WITHIN):
                await self._socket.send_str(json.dumps(message))
        except aiohttp.ClientError, OSError:
            failed = True
        if failed:
            raise Unreachable(_PRODUCT, say("error_websocket_broke_off"))

    async def _message(self) -> object:
        """Wait for the next message, and decode it."""
        frame = await self._frame()
        match frame.type:
            case aiohttp.WSMsgType.TEXT | aiohttp.WSMsgType.BINARY:
                return await _decoded(frame.data)
            case aiohttp.WSMsgType.ERROR:
                raise _broken(frame.data)
        raise Unreachable(_PRODUCT, say("error_server_closed_websocket"))

    async def _frame(self) -> aiohttp.WSMessage:
        """Wait for the next frame, and speak in time meanwhile."""
        while True:
            if self._time() >= self._speak_at:
                await self._speak()
            until = min(self._speak_at, self._heard + self._patience)
            try:
                frame = await self._socket.receive(timeout=max(until - self._time(), 0.001))
            except TimeoutError:
                # Not judged before: what has arrived while we were busy counts as heard.
                if self._time() - self._heard >= self._patience:
                    break
            else:
                self._heard = self._time()
                return frame
        raise Unreachable(_PRODUCT, say("error_websocket_gone_silent"))


async def _decoded(data: str | bytes) -> object:
    """Decode JSON, a long text off the event loop. Raises Unreadable."""
    try:
        return await asyncio.to_thread(decoded, data) if len(data) > _LONG else decoded(data)
    except ValueError, RecursionError:
        pass
    raise Unreadable(_PRODUCT, say("error_message_not_json_only_part"))


def _broken(err: object) -> ServiceError:
    if isinstance(err, aiohttp.WebSocketError) and err.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
        return Unreadable(_PRODUCT, say("error_message_too_large"))
    return Unreachable(_PRODUCT, say("error_websocket_broke_off"))
