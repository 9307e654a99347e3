"""How the house's services answer, and how much they have been asked."""

from collections import Counter
from collections.abc import Iterable
from itertools import batched
from typing import Any, Final

from aiohttp import web
import orjson

type Row = dict[str, object]

_TOGETHER: Final = 50


def json_of(body: bytes) -> web.Response:
    """Answer with JSON that is written already."""
    return web.Response(body=body, content_type="application/json")


def reply(value: object, status: int = 200) -> web.Response:
    """Answer with JSON."""
    body = orjson.dumps(value)
    return web.Response(body=body, content_type="application/json", status=status)


async def stream(request: web.Request, rows: Iterable[Row]) -> web.StreamResponse:
    """Answer with a list of any length, some rows at a time."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b"[")
    sent = 2
    for number, some in enumerate(batched(rows, _TOGETHER, strict=False)):
        part = b",".join([orjson.dumps(row) for row in some])
        sent += len(part) + 1
        await response.write((b"," if number else b"") + part)
    await response.write(b"]")
    request["sent"] = sent
    return response


class Traffic:
    """Counts requests and bytes by service, and which addresses they were for."""

    def __init__(self) -> None:
        """Begin with none."""
        self.requests: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.paths: Counter[str] = Counter()

    @property
    def middleware(self) -> Any:
        """Give what counts."""

        @web.middleware
        async def count(request: web.Request, handler: Any) -> web.StreamResponse:
            response: web.StreamResponse = await handler(request)
            service = request.path.split("/", 2)[1]
            if not service.startswith("__"):
                body = response.body if isinstance(response, web.Response) else b""
                size = request.get("sent", len(body) if isinstance(body, bytes) else 0)
                self.requests[service] += 1
                self.bytes[service] += size
                path = "/".join(part for part in request.path.split("/") if not part[:1].isdigit())
                self.paths[path] += 1
            return response

        return count

    def told(self) -> Row:
        """Give the counts so far."""
        return {
            "requests": dict(self.requests),
            "bytes": dict(self.bytes),
            "paths": dict(self.paths),
        }
