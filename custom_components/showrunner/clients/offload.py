"""Reading big answers without holding up the event loop.

A thread alone is not enough: one call into a parser written in C keeps Python's lock until it ends,
and what runs in Python gives the lock away only when it has been waited for. So what is read in a
thread is read in small steps, and takes a breath between them, in which the loop gets its turn.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
import json
import re
import threading
import time
from typing import Final

# Up to this size (bytes) reading takes less than a thread's way there and back.
SMALL: Final = 32 * 1024

# How long a thread reads before it takes a breath, and how long that is (seconds).
_STRETCH: Final = 0.002
_BREATH: Final = 0.0002

_own: Final = threading.local()
# Templates leave line ends and tabs inside of texts as they are.
_DECODER: Final = json.JSONDecoder(strict=False)
_BLANK: Final = re.compile(r"[ \t\r\n]*")


async def offload[T](weight: int, read: Callable[[], T]) -> T:
    """Read in a thread what weighs more than a little (bytes)."""
    if weight <= SMALL:
        return read()

    def run() -> T:
        _own.since = time.perf_counter()
        try:
            return read()
        finally:
            _own.since = None

    return await asyncio.to_thread(run)


async def whole[T](job: asyncio.Future[T]) -> T:
    """Wait for what runs in a thread. Who is cancelled meanwhile waits until it has ended.

    It may use what is closed or used by another next.
    """
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        while not job.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait((job,))
        if not job.cancelled():
            job.exception()
        raise


def cooperative_yield() -> None:
    """Let others have their turn, now and then; nothing where `offload` made no thread."""
    since = getattr(_own, "since", None)
    if since is not None and time.perf_counter() - since > _STRETCH:
        time.sleep(_BREATH)
        _own.since = time.perf_counter()


def members(text: str, at: int = 0, *, within: str | None = None) -> Generator[tuple[str, object]]:
    """Read a JSON object member by member. Raises ValueError.

    The members of the object under the key `within` come one by one too, under their own keys with
    `within` and a blank before; the key itself comes first, with None.
    """
    text_end = len(text)
    end = yield from _members(text, _blank(text, at), within)
    if _blank(text, end) != text_end:
        raise ValueError("something after the end")


def _members(text: str, at: int, within: str | None) -> Generator[tuple[str, object], None, int]:
    if text[at : at + 1] != "{":
        raise ValueError("not an object")
    at = _blank(text, at + 1)
    if text[at : at + 1] == "}":
        return at + 1
    while True:
        key, at = _DECODER.raw_decode(text, at)
        at = _blank(text, at)
        if not isinstance(key, str) or text[at : at + 1] != ":":
            raise ValueError("not a member")
        at = _blank(text, at + 1)
        if key == within and text[at : at + 1] == "{":
            yield key, None
            inner = _members(text, at, None)
            while True:
                try:
                    name, value = next(inner)
                except StopIteration as ended:
                    at = ended.value
                    break
                yield f"{key} {name}", value
        else:
            value, at = _DECODER.raw_decode(text, at)
            yield key, value
        at = _blank(text, at)
        match text[at : at + 1]:
            case ",":
                at = _blank(text, at + 1)
            case "}":
                return at + 1
            case _:
                raise ValueError("neither another member nor the end")


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()
