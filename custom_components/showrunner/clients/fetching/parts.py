"""One unfinished file beside the tree, and the map of what of it is on the disk.

All of this blocks, and is called in threads.
"""

from collections.abc import Collection
from contextlib import suppress
from hashlib import sha256
import os
import stat
from typing import Final, Self

from ...domain.transfer.block_map import BlockMap
from ...domain.transfer.tree import Version
from .opened import write_all
from .staging import Staging

_OPEN: Final = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
_NEW: Final = _OPEN | os.O_CREAT | os.O_EXCL


class Part:
    """An unfinished file of one version. `close` it."""

    def __init__(self, staging: Staging, path: bytes, fd: int, blocks: BlockMap) -> None:
        """Take the open file, and what of it is there."""
        self._staging = staging
        self._path = path
        self._fd = fd
        self.blocks = blocks

    @classmethod
    def open(cls, staging: Staging, path: bytes, version: Version, block: int) -> Self:
        """Go on with a file where its map allows it, else begin anew. Raises OSError."""
        part, _ = _names(path)
        with suppress(OSError):
            fd = os.open(part, _OPEN, dir_fd=staging.parts)
            try:
                blocks = _resumable(staging, path, fd, BlockMap(version, block))
            except BaseException:
                os.close(fd)
                raise
            if blocks is not None:
                return cls(staging, path, fd, blocks)
            os.close(fd)
        drop(staging, path)
        fd = os.open(part, _NEW, 0o666, dir_fd=staging.parts)
        return cls(staging, path, fd, BlockMap(version, block))

    def write(self, chunks: Collection[bytes], offset: int) -> None:
        """Write what was read from an offset on. Raises OSError."""
        write_all(self._fd, chunks, offset)

    def save(self) -> None:
        """Have what was written on the disk, and then the map of it. Raises OSError."""
        kept = self.blocks.to_bytes()
        os.fdatasync(self._fd)
        _, name = _names(self._path)
        new = name + b".new"
        with suppress(FileNotFoundError):
            os.unlink(new, dir_fd=self._staging.parts)
        fd = os.open(new, _NEW, 0o666, dir_fd=self._staging.parts)
        try:
            write_all(fd, (kept,), 0)
            os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(new, name, src_dir_fd=self._staging.parts, dst_dir_fd=self._staging.parts)

    def finish(self) -> None:
        """Have a whole file on the disk with the remote one's time, and in the tree."""
        version = self.blocks.version
        os.ftruncate(self._fd, version.size)
        os.utime(self._fd, (version.mtime, version.mtime))
        os.fsync(self._fd)
        part, name = _names(self._path)
        self._staging.take(part, self._path)
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._staging.parts)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def drop(staging: Staging, path: bytes) -> None:
    """Remove an unfinished file and its map: it is of another version. Raises OSError."""
    for name in _names(path):
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=staging.parts)


def done_bytes(staging: Staging, path: bytes, version: Version, block: int) -> int:
    """Say how much of an unfinished file is there already."""
    part, _ = _names(path)
    try:
        fd = os.open(part, _OPEN, dir_fd=staging.parts)
    except OSError:
        return 0
    try:
        blocks = _resumable(staging, path, fd, BlockMap(version, block))
    finally:
        os.close(fd)
    return 0 if blocks is None else blocks.done_bytes


def _names(path: bytes) -> tuple[bytes, bytes]:
    """Name an unfinished file and its map: any path has a plain name here."""
    name = sha256(path).hexdigest()[:40].encode()
    return name + b".part", name + b".map"


def _resumable(staging: Staging, path: bytes, fd: int, fresh: BlockMap) -> BlockMap | None:
    """Read the map of an open unfinished file; None where it can't be gone on with."""
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        return None
    _, name = _names(path)
    try:
        map_fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=staging.parts)
    except OSError:
        return None
    with os.fdopen(map_fd, "rb") as file:
        kept = file.read(len(fresh.to_bytes()) + 1)
    blocks = BlockMap.from_bytes(kept, fresh.version, fresh.block)
    return blocks if blocks is not None and blocks.reach <= status.st_size else None
