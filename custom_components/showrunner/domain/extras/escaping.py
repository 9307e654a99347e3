"""Paths whose letters may be no text: how they are kept, and how they are shown."""

from collections.abc import Iterable
import re
from typing import Final

_ODD: Final = re.compile("[%\udc80-\udcff]")
_ESCAPED: Final = re.compile(r"%(25|[89A-F][0-9A-F])")
_FIRST_ODD_BYTE: Final = 0x80
_ODD_BYTES: Final = 0xDC00


def escaped(parts: Iterable[str]) -> str:
    """Write a path so that it can be kept and sent whole, also letters that are no text."""
    return "/".join(_ODD.sub(_escape, part) for part in parts)


def unescaped(path: str) -> tuple[str, ...]:
    """Read what `escaped` wrote. Raises ValueError for what is no path within a folder."""
    parts = tuple(_ESCAPED.sub(_unescape, part) for part in path.split("/"))
    if any(part in ("", ".", "..") or "/" in part or "\0" in part for part in parts):
        raise ValueError("path")
    return parts


def _escape(found: re.Match[str]) -> str:
    return f"%{ord(found[0]) & 0xFF:02X}"


def _unescape(found: re.Match[str]) -> str:
    value = int(found[1], 16)
    # Bytes that are no text are kept as Python keeps them in names.
    return chr(value) if value < _FIRST_ODD_BYTE else chr(_ODD_BYTES + value)


def shown(name: str) -> str:
    """Write a name for people: letters that it lost, and such as can't be seen, are marked."""
    return "".join(one if one.isprintable() else "\ufffd" for one in name)
