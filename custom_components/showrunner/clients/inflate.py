"""Unpacking answers that come packed although we ask for plain ones: never more than a limit.

We ask for `identity`; some proxies pack everything all the same. Sixty kilobytes can hold two
gigabytes, so what comes out is counted while it is unpacked, and the rest is left packed.
"""

from typing import Final
import zlib

from .offload import cooperative_yield

_PIECE: Final = 64 * 1024
_STEP: Final = 256 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS
_DEFLATE: Final = 8
_NAMES: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
# Servers write one member; many tiny ones would cost time and hold nothing.
_MOST_MEMBERS: Final = 16


class TooLarge(Exception):
    """There is more in it than the limit."""


class NotPacked(Exception):
    """It is packed in a way that we did not ask for and don't know, or is broken."""


def inflated(content: bytes, encoding: str, limit: int) -> bytes:
    """Unpack a body as its Content-Encoding says. Raises TooLarge, NotPacked."""
    names = [name for part in encoding.split(",") if (name := part.strip().lower())]
    for name in reversed(names):
        if name == "identity" or not content:
            continue
        window = _NAMES.get(name)
        if window is None or len(names) > 1:
            raise NotPacked
        if name == "deflate" and content[0] & 0xF != _DEFLATE:
            window = _RAW  # without the head that the standard asks for, as some servers write it
        content = _inflated(content, window, limit)
    return content


def _inflated(content: bytes, window: int, limit: int) -> bytes:
    found = bytearray()
    at = 0
    for _ in range(_MOST_MEMBERS):
        unpacker = zlib.decompressobj(window)
        while not unpacker.eof:
            if at >= len(content):
                raise NotPacked  # it ends in the middle
            piece = content[at : at + _PIECE]
            at += len(piece)
            _unpack(unpacker, piece, found, limit)
        at -= len(unpacker.unused_data)
        if at >= len(content) or window != _GZIP:
            return bytes(found)
    raise NotPacked


def _unpack(unpacker: zlib._Decompress, piece: bytes, found: bytearray, limit: int) -> None:
    """Unpack one piece of what is packed, a step at a time."""
    while not unpacker.eof:
        try:
            part = unpacker.decompress(piece, _STEP)
        except zlib.error:
            raise NotPacked from None
        found += part
        if len(found) > limit:
            raise TooLarge
        piece = unpacker.unconsumed_tail
        if not piece and len(part) < _STEP:
            return
        cooperative_yield()
