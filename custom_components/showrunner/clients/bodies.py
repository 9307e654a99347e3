"""The bodies of HTTP answers: read up to a limit and unpacked, in pieces, and written."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
import json
from typing import Final

import aiohttp

from .inflate import NotPacked, TooLarge, inflated
from .offload import offload

# An error's text is short; what is longer is a page, and only its status counts.
_ERROR_BYTES: Final = 64 * 1024
CHUNK: Final = 256 * 1024


async def read_body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read a body and unpack it. Raises TooLarge, NotPacked.

    Of an error only the status counts where its text can't be had.
    """
    encoding = ",".join(response.headers.getall("Content-Encoding", []))
    if response.status < HTTPStatus.BAD_REQUEST:
        content = await _read(response, limit)
        return await offload(len(content), lambda: inflated(content, encoding, limit))
    try:
        return inflated(await _read(response, _ERROR_BYTES), encoding, _ERROR_BYTES)
    except TooLarge, NotPacked:
        return b""


async def cut(content: bytes) -> AsyncGenerator[bytes]:
    """Cut what has come whole."""
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(CHUNK):
        size += len(chunk)
        if size > limit:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def written(body: object) -> bytes:
    """Write one as JSON."""
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair, as some server wrote it: only as an escape it can be written back.
        return json.dumps(body).encode()
