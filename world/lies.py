"""Lies on demand: how a service answers when it is ill, or when something stands in between.

`Liar.tell(Lie(...))` from a test; `POST /__control/lie` from elsewhere (see control.py).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
import json
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

_PAGE: Final = "<!doctype html><html><body><h1>Sign in</h1><form></form></body></html>"
_HUGE: Final = 40 * 1024 * 1024
_LISTS: Final = ("Items", "records")
_TOTALS: Final = ("TotalRecordCount", "totalRecords")


class LieKind(StrEnum):
    """What is told instead of the truth."""

    TIMEOUT = "timeout"  # no answer for `seconds`
    ERROR = "error"  # `status`, by default 500
    DROP = "drop"  # the connection ends without an answer
    HALF = "half"  # half of the announced bytes, then the connection ends
    HALF_JSON = "half_json"  # a complete answer whose JSON ends in the middle
    HALF_PAGE = "half_page"  # half of the records; the total still counts all
    EMPTY = "empty"  # 200 with an empty list
    NOTHING = "nothing"  # 200 without a body
    SLOW = "slow"  # the true body, dripping over `seconds`
    HTML = "html"  # a proxy's sign-in page with status 200
    WRONG_TOTAL = "wrong_total"  # the records, and a total of ten times as many
    SURPLUS = "surplus"  # the records, and a total of three more (Jellyfin 10.11 was seen to)
    HUGE = "huge"  # a body of 40 MiB
    REFUSED = "refused"  # 401 without a body, as for a revoked key
    FORBIDDEN = "forbidden"  # a proxy's page with 403, whatever the key
    REDIRECT = "redirect"  # 302 to a sign-in page


@dataclass(frozen=True, slots=True)
class Lie:
    """One lie. It is told for requests whose path contains `path`, `times` times (None: always)."""

    kind: LieKind
    path: str = ""
    method: str = ""
    times: int | None = None
    seconds: float = 30.0
    status: int = 500

    def suits(self, request: web.Request) -> bool:
        """Tell whether the request gets this lie."""
        return self.path in request.path and self.method in ("", request.method)


class Liar:
    """Keeps the lies of one service, the newest first."""

    def __init__(self) -> None:
        """Start honest."""
        self._lies: list[tuple[Lie, list[int]]] = []

    def tell(self, lie: Lie) -> None:
        """Tell it from now on."""
        self._lies.insert(0, (lie, [0]))

    def be_honest(self) -> None:
        """Forget all lies."""
        self._lies.clear()

    def take(self, request: web.Request) -> Lie | None:
        """Pick the lie for a request and count it."""
        for lie, so_far in self._lies:
            if lie.suits(request) and (lie.times is None or so_far[0] < lie.times):
                so_far[0] += 1
                return lie
        return None


async def answer(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request with a lie."""
    return await _ANSWERS[lie.kind](lie, request, handler)


async def _timeout(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    await asyncio.sleep(lie.seconds)
    return await handler(request)


async def _error(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    return web.json_response({"message": "database disk image is malformed"}, status=lie.status)


async def _drop(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _true_body(request: web.Request, handler: Handler) -> bytes:
    honest = await handler(request)
    body = honest.body if isinstance(honest, web.Response) else b""
    return body if isinstance(body, bytes) else b""


async def _half(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    body = await _true_body(request, handler)
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _half_json(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    body = await _true_body(request, handler)
    return web.Response(body=body[: len(body) // 2], content_type="application/json")


async def _change(
    request: web.Request, handler: Handler, change: Callable[[object], object]
) -> web.StreamResponse:
    body = await _true_body(request, handler)
    return web.json_response(change(json.loads(body or b"null")))


async def _half_page(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    return await _change(request, handler, lambda body: _cut(body, keep_half=True))


async def _empty(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    def emptied(body: object) -> object:
        cut = _cut(body, keep_half=False)
        if isinstance(cut, dict):
            cut |= {name: 0 for name in _TOTALS if name in cut}
        return cut

    return await _change(request, handler, emptied)


def _cut(body: object, *, keep_half: bool) -> object:
    if isinstance(body, list):
        return body[: len(body) // 2] if keep_half else []
    if isinstance(body, dict):
        return {
            name: _cut(value, keep_half=keep_half) if name in _LISTS else value
            for name, value in body.items()
        }
    return body


async def _wrong_total(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    def inflated(body: object) -> object:
        if not isinstance(body, dict):
            return body
        return body | {name: body[name] * 10 + 1 for name in _TOTALS if name in body}

    return await _change(request, handler, inflated)


async def _surplus(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    def counted(body: object) -> object:
        # Of a question for ids everything is shown; a total that was not asked for is not told.
        asked = request.query.get("enableTotalRecordCount", "true").lower() == "true"
        if not isinstance(body, dict) or not asked or "ids" in request.query:
            return body
        return body | {name: body[name] + 3 for name in _TOTALS if name in body}

    return await _change(request, handler, counted)


async def _nothing(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    return web.Response(status=200)


async def _slow(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    body = await _true_body(request, handler)
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    pieces = 20
    size = max(1, len(body) // pieces)
    for begin in range(0, len(body), size):
        await response.write(body[begin : begin + size])
        await asyncio.sleep(lie.seconds / pieces)
    return response


async def _html(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    return web.Response(text=_PAGE, content_type="text/html")


async def _huge(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b"[")
    for _ in range(_HUGE // 65_536):
        await response.write(b" " * 65_536)
    await response.write(b"]")
    return response


async def _refused(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    return web.Response(status=401)


async def _forbidden(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    text = "<html><body>Forbidden</body></html>"
    return web.Response(status=403, text=text, content_type="text/html")


async def _redirect(lie: Lie, request: web.Request, handler: Handler) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "/login"})


_ANSWERS: Final = {
    LieKind.TIMEOUT: _timeout,
    LieKind.ERROR: _error,
    LieKind.DROP: _drop,
    LieKind.HALF: _half,
    LieKind.HALF_JSON: _half_json,
    LieKind.HALF_PAGE: _half_page,
    LieKind.EMPTY: _empty,
    LieKind.NOTHING: _nothing,
    LieKind.SLOW: _slow,
    LieKind.HTML: _html,
    LieKind.WRONG_TOTAL: _wrong_total,
    LieKind.SURPLUS: _surplus,
    LieKind.HUGE: _huge,
    LieKind.REFUSED: _refused,
    LieKind.FORBIDDEN: _forbidden,
    LieKind.REDIRECT: _redirect,
}
