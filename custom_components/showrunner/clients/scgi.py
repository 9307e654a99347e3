"""SCGI, as rTorrent listens to it itself: one connection for each request, no login.

Whoever reaches that port may do anything with the machine, so it belongs on loopback or in a
socket file; we ask for lists, and remove a torrent that a person's plan names.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
import re
from typing import Final
from urllib.parse import urlsplit

from ..domain.text import say
from .errors import Unreachable, Unreadable

_MAX_BYTES: Final = 64 * 1024 * 1024
_CHUNK: Final = 256 * 1024
# No head is longer (bytes).
_HEAD: Final = 16 * 1024
_STATUS: Final = re.compile(rb"^Status:[ \t]*([0-9]{3})", re.IGNORECASE | re.MULTILINE)
_LENGTH: Final = re.compile(rb"^Content-Length:[ \t]*([0-9]+)", re.IGNORECASE | re.MULTILINE)


def normalize_scgi(text: str) -> str:
    """Write `scgi://host:port` or `scgi:///path` in one way. Raises ValueError."""
    parts = urlsplit(text.strip())
    if parts.scheme.lower() != "scgi" or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("not an SCGI address")
    if parts.netloc:
        if not parts.hostname or not parts.port or parts.path not in ("", "/"):
            raise ValueError("a host and a port")
        return f"scgi://{parts.netloc.lower()}"
    if len(parts.path) < len("/x") or not parts.path.isprintable():
        raise ValueError("a socket's path")
    return f"scgi://{parts.path}"


@dataclass(frozen=True, slots=True)
class Scgi:
    """One SCGI server."""

    url: str
    service: str

    async def ask(
        self, content: bytes, content_type: str, timeout: float, max_bytes: int = _MAX_BYTES
    ) -> bytes:
        """Ask once; give the body. Raises Unreachable, Unreadable."""
        failure = say("error_no_answer_time")
        try:
            async with asyncio.timeout(timeout):
                return await self._ask(content, content_type, max_bytes)
        except TimeoutError:
            pass
        except OSError:
            failure = say("error_no_connection")
        raise Unreachable(self.service, failure)

    async def _ask(self, content: bytes, content_type: str, max_bytes: int) -> bytes:
        parts = urlsplit(self.url)
        if parts.netloc:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=_CHUNK)
        else:
            reader, writer = await asyncio.open_unix_connection(parts.path, limit=_CHUNK)
        try:
            writer.write(_framed(content, {"CONTENT_TYPE": content_type}))
            await writer.drain()
            answer = bytearray()
            while chunk := await reader.read(_CHUNK):
                answer += chunk
                if len(answer) > max_bytes:
                    raise Unreadable(self.service, say("error_answer_too_large"))
        finally:
            writer.close()
        return self._body(bytes(answer))

    def _body(self, answer: bytes) -> bytes:
        head, blank, body = answer.partition(b"\r\n\r\n")
        if not answer:
            # What rTorrent does with a request that it can't read or has no time for.
            raise Unreachable(self.service, say("error_hung_up_without_answer"))
        status = _STATUS.search(head[:_HEAD])
        if not blank or status is None:
            raise Unreadable(self.service, say("error_no_scgi_answers_here"))
        if int(status[1]) >= HTTPStatus.BAD_REQUEST:
            raise Unreachable(self.service, say("error_server_failed", status=status[1].decode()))
        length = _LENGTH.search(head[:_HEAD])
        # As texts: Python reads no number of thousands of digits.
        if length is not None and (length[1].lstrip(b"0") or b"0") != b"%d" % len(body):
            raise Unreachable(self.service, say("error_answer_broke_off"))
        return body


def _framed(content: bytes, headers: Mapping[str, str]) -> bytes:
    """Write a request. CONTENT_LENGTH comes first: rTorrent takes no other order."""
    named = {"CONTENT_LENGTH": str(len(content)), "SCGI": "1", "REQUEST_METHOD": "POST"}
    named |= {"REQUEST_URI": "/RPC2", **headers}
    head = "".join(f"{key}\0{value}\0" for key, value in named.items()).encode()
    return b"%d:%s,%s" % (len(head), head, content)
