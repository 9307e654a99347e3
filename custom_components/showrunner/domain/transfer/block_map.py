"""Which blocks of a big file are on the disk, kept beside the unfinished file.

The map says of which version of the remote file they are, and has a checksum of its own: one that
is cut, damaged, or of another version is none, and the file is begun anew.
"""

from hashlib import sha256
import struct
from typing import Final, Self

from .tree import Version

_MAGIC: Final = b"showrunner blocks 1\n"
_HEAD: Final = struct.Struct(">QqQ")
_SUM: Final = 32


class BlockMap:
    """The finished blocks of one version of one file. All but the last are `block` bytes long."""

    __slots__ = ("_done", "block", "left", "version")

    def __init__(self, version: Version, block: int) -> None:
        """Begin with none. Raises ValueError when blocks have no length."""
        if block <= 0:
            raise ValueError("block")
        self.version = version
        self.block = block
        self._done = bytearray(-(-version.size // block))
        self.left = len(self._done)

    def __len__(self) -> int:
        """Say how many blocks there are."""
        return len(self._done)

    def finish(self, number: int) -> None:
        """Note that a block is on the disk; may be said twice."""
        if not self._done[number]:
            self._done[number] = 1
            self.left -= 1

    @property
    def missing(self) -> tuple[int, ...]:
        """Number the blocks that are not there yet, in their order."""
        return tuple(number for number, done in enumerate(self._done) if not done)

    def span(self, number: int) -> tuple[int, int]:
        """Say where a block begins, and how long it is."""
        start = number * self.block
        return start, min(self.block, self.version.size - start)

    @property
    def done_bytes(self) -> int:
        """Count the bytes that are there."""
        if not self._done:
            return 0
        whole = (len(self._done) - self.left) * self.block
        last = len(self._done) - 1
        return whole - (self.block - self.span(last)[1] if self._done[last] else 0)

    @property
    def reach(self) -> int:
        """Say how long the unfinished file must be, at least, for all of this to be in it."""
        last = self._done.rfind(1)
        return 0 if last < 0 else sum(self.span(last))

    def to_bytes(self) -> bytes:
        """Write it, with its checksum at the end."""
        body = _MAGIC + _HEAD.pack(self.version.size, self.version.mtime, self.block)
        body += _packed(self._done)
        return body + sha256(body).digest()

    @classmethod
    def from_bytes(cls, kept: bytes, version: Version, block: int) -> Self | None:
        """Read what `to_bytes` wrote; None unless it is whole and of just this version."""
        body, checksum = kept[:-_SUM], kept[-_SUM:]
        fresh = cls(version, block)
        head = _MAGIC + _HEAD.pack(version.size, version.mtime, block)
        packed = body[len(head) :]
        if sha256(body).digest() != checksum or not body.startswith(head):
            return None
        if len(packed) != -(-len(fresh) // 8):
            return None
        for number in range(len(fresh)):
            if packed[number >> 3] & (1 << (number & 7)):
                fresh.finish(number)
        return fresh


def _packed(done: bytearray) -> bytes:
    """Write eight blocks to a byte."""
    packed = bytearray(-(-len(done) // 8))
    for number, one in enumerate(done):
        if one:
            packed[number >> 3] |= 1 << (number & 7)
    return bytes(packed)
