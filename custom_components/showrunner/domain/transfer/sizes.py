"""How files are fetched by their sizes, in which order, and the room that they need."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from .remote import Space
from .selection import Fetch
from .tree import Version

_SMALL: Final = 256 * 1024
_BIG: Final = 64 * 1024 * 1024
# What a local disk is never filled below: others live on it, too.
_LEAST_RESERVE: Final = 100_000_000
_MOST_RESERVE: Final = 2_000_000_000
_RESERVE_SHARE: Final = 50


class FileClass(StrEnum):
    """How a file is fetched: many at once, whole, or in segments that may be resumed."""

    SMALL = "small"
    MIDDLE = "middle"
    BIG = "big"

    @classmethod
    def of(cls, size: int) -> FileClass:
        """Say it by the number of bytes."""
        if size < _SMALL:
            return cls.SMALL
        return cls.MIDDLE if size < _BIG else cls.BIG


def by_class(files: Mapping[bytes, Version]) -> dict[FileClass, tuple[bytes, ...]]:
    """Sort the paths of files by how they are fetched, the largest first."""
    ordered = sorted(files, key=lambda path: (-files[path].size, path))
    return {
        kind: tuple(path for path in ordered if FileClass.of(files[path].size) is kind)
        for kind in FileClass
    }


def in_order(fetches: Iterable[Fetch]) -> tuple[Fetch, ...]:
    """Order releases: small ones first, so that nobody waits for a pack to see a film."""
    return tuple(sorted(fetches, key=lambda fetch: (fetch.size, fetch.release.name)))


def reserve(total: int) -> int:
    """Say how much of a file system of so many bytes is left free in any case."""
    return max(_LEAST_RESERVE, min(total // _RESERVE_SHARE, _MOST_RESERVE))


def has_room(need: int, space: Space | None) -> bool:
    """Tell whether so many bytes more fit, as far as anybody knows.

    Some file systems say nothing (0 of 0 bytes), as those of a program may: what does not fit there
    is refused as it is written.
    """
    return space is None or need + reserve(space.total) <= space.free
