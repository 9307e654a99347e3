"""What lies at the other end of a transfer. Names are bytes, as its file system has them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from ..values import LARGEST

# No release lies deeper: beyond it something goes round in a circle.
DEPTH: Final = 40


class RemoteKind(StrEnum):
    """What something at the other end is; a link is a link, whatever it leads to."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    # A device, a socket, or what its server does not name.
    OTHER = "other"
    # A folder once more, after itself: it may not be read, so what is in it is not known.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file or folder. `size` (bytes) and `mtime` (seconds since 1970): None where not told."""

    path: bytes
    kind: RemoteKind
    size: int | None
    mtime: int | None


@dataclass(frozen=True, slots=True)
class Space:
    """The room of a file system, in bytes: what is free to us, and all of it."""

    free: int
    total: int

    @classmethod
    def of(cls, free: int, total: int) -> Self | None:
        """Take what a file system says; one that knows nothing of it says 0, or more than all."""
        return cls(free, total) if 0 < total <= LARGEST and 0 <= free <= total else None
