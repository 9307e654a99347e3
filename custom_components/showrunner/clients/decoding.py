"""Decoding JSON that anybody may have written: fast, and never for long.

Decoding is one step that no other thread can interrupt, the event loop's included, and what it
costs are the parts, not the bytes: a megabyte of empty lists takes 60 ms, a megabyte of text half
of one. So the parts are counted first, and too many for the size are refused; what services send
has one in twenty bytes or more.

Sessions are read every second, so the fast decoder does it; what that one refuses is left to the
patient one: a byte order mark, NaN, line ends and other control characters inside of texts (the
templates of Jellyfin's Webhook plugin escape nothing), and halves of surrogate pairs, which stay
what they are. Whole numbers of more than 64 bits become floats.
"""

import json
from typing import Final

import orjson

# So many parts are fine in any answer (a few milliseconds), more only in one that is larger.
FEW_PARTS: Final = 30_000
_BYTES_PER_PART: Final = 10


class TooManyParts(ValueError):
    """Nothing that a service writes: it would take long to decode, and nothing could be read."""


def decoded(content: bytes | str, *, most_parts: int = FEW_PARTS) -> object:
    """Decode JSON. Raises ValueError, RecursionError; TooManyParts."""
    if parts(content) > max(most_parts, len(content) // _BYTES_PER_PART):
        raise TooManyParts("too many parts")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(content, strict=False)


def parts(content: bytes | str) -> int:
    """Count what may be parts: also what only looks so inside of a text. Never too few."""
    if isinstance(content, str):
        return content.count(",") + content.count("[") + content.count("{")
    return content.count(b",") + content.count(b"[") + content.count(b"{")


def depth(value: object) -> int:
    """Tell how deep lists and objects lie in each other: 0 for what is neither."""
    deepest, level = 0, [value]
    while inner := [one for one in level if isinstance(one, dict | list)]:
        deepest += 1
        level = [part for one in inner for part in (one.values() if isinstance(one, dict) else one)]
    return deepest
