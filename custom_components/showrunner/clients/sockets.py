"""WebSockets of services: no redirect is followed, and nothing is packed in them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from .errors import ServiceError
from .http_errors import FAILURES, REDIRECTS, Redirected, failure

# How long a closed socket waits for the other side's goodbye (seconds).
_GOODBYE: Final = 1.0

type Socket = aiohttp.ClientWebSocketResponse


async def _stay(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Refuse a redirect before anybody follows it: aiohttp's WebSockets can't be told not to."""
    response = await handler(request)
    if response.status in REDIRECTS:
        response.close()
        raise Redirected
    return response


@asynccontextmanager
async def open_socket(
    shared: aiohttp.ClientSession,
    url: str,
    headers: Mapping[str, str],
    *,
    service: str,
    timeout: float,
    max_bytes: int,
) -> AsyncGenerator[Socket]:
    """Open a WebSocket, and close it at the end. Raises ServiceError when there is none.

    `shared`: the session over whose connections it goes. We do not offer to pack anything, and a
    frame that is packed ends it.
    """
    failed: ServiceError | None = None
    # Another session over the same connections: only a session can refuse redirects.
    async with aiohttp.ClientSession(
        connector=shared.connector,
        connector_owner=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=shared.headers,
        middlewares=(_stay,),
    ) as session:
        try:
            async with asyncio.timeout(timeout):
                # aiohttp reads http and https as what they are here: ws and wss.
                socket = await session.ws_connect(
                    url,
                    headers=headers,
                    max_msg_size=max_bytes,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_GOODBYE),
                )
        except FAILURES as err:
            failed = failure(service, err)
        if failed is not None:
            raise failed
        try:
            yield socket
        finally:
            await socket.close()
