"""Which remote names may become local ones. They are anybody's bytes: a torrent's maker chose them.

A path that climbs, is absolute, or has a part that no file system can hold is refused, and so are
two that would be the same file where letters' case or their normal form is not told apart.
"""

from collections.abc import Iterable
from typing import Final
import unicodedata

from ..text import Words, say

# The hidden folder in the local one, where nothing is whole yet.
STAGING: Final = ".showrunner-staging"
_LONGEST_NAME: Final = 255
# What Linux takes is 4096 with the local folder's own path before it.
_LONGEST_PATH: Final = 3000
_DEEPEST: Final = 64


def against_path(path: bytes) -> Words | None:
    """Say why a path below the remote folder can't be one below the local folder; None: it can."""
    if not path or path.startswith(b"/"):
        return say("transfer_path_absolute")
    if b"\0" in path:
        return say("transfer_path_nul")
    parts = path.split(b"/")
    if any(part in (b"", b".", b"..") for part in parts):
        return say("transfer_path_climbs")
    if parts[0].lower() == STAGING.encode():
        return say("transfer_name_reserved", name=STAGING)
    if len(path) > _LONGEST_PATH or len(parts) > _DEEPEST or _longest(parts) > _LONGEST_NAME:
        return say("transfer_name_too_long")
    return None


def _longest(parts: Iterable[bytes]) -> int:
    """Give the length of the longest part; some file systems count it in the composed form."""
    return max(max(len(part), len(_composed(part).encode("utf-8", "replace"))) for part in parts)


def _composed(part: bytes) -> str:
    return unicodedata.normalize("NFC", part.decode("utf-8", "surrogateescape"))


def local_key(path: bytes) -> str:
    """Write a path so that all that may be the same file locally are equal."""
    text = path.decode("utf-8", "surrogateescape")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def colliding(paths: Iterable[bytes]) -> frozenset[bytes]:
    """Name the paths of files of which two would be one file, or one the folder of another."""
    keys: dict[str, list[bytes]] = {}
    for path in paths:
        keys.setdefault(local_key(path), []).append(path)
    twice = {path for same in keys.values() if len(same) > 1 for path in same}
    for key, same in keys.items():
        parts = key.split("/")
        for depth in range(1, len(parts)):
            above = keys.get("/".join(parts[:depth]))
            if above is not None:
                twice.update(above, same)
    return frozenset(twice)
