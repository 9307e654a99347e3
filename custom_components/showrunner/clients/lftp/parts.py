"""The unfinished files that lftp writes, in the staging folder beside the tree.

Each has a plain name, made from its path and its version, so that what was begun of another version
is never gone on with. How much of it is surely on the disk is noted beside it, and all beyond that
is fetched again. All of this blocks, and is called in threads.
"""

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
import os
import stat
from typing import Final

from ...domain.transfer.sizes import FileClass
from ...domain.transfer.tree import Version
from ..fetching.staging import Staging

_OPEN: Final = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_ENDING: Final = ".lftp"


def name_of(path: bytes, version: Version) -> str:
    """Name an unfinished file."""
    identity = path + b"\0%d\0%d" % (version.size, version.mtime)
    return sha256(identity).hexdigest()[:40] + _ENDING


def prepare(opened: Staging, name: str) -> int:
    """Cut an unfinished file to what is surely on the disk; give how much that is."""
    sure = _noted(opened, name)
    try:
        fd = os.open(name, _OPEN, dir_fd=opened.parts)
    except FileNotFoundError:
        return 0
    except OSError:
        os.unlink(name, dir_fd=opened.parts)
        return 0
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            os.unlink(name, dir_fd=opened.parts)
            return 0
        keep = min(sure, status.st_size)
        os.ftruncate(fd, keep)
        return keep
    finally:
        os.close(fd)


def sizes(opened: Staging, names: Iterable[str]) -> dict[str, int]:
    """Say how large unfinished files are."""
    found: dict[str, int] = {}
    for name in names:
        with suppress(FileNotFoundError):
            found[name] = os.lstat(name, dir_fd=opened.parts).st_size
    return found


def save(opened: Staging, name: str, before: int) -> int:
    """Have what is there on the disk, and note how much that is, if it is more than before.

    Gives how much is noted.
    """
    try:
        fd = os.open(name, _OPEN, dir_fd=opened.parts)
    except FileNotFoundError:
        return 0
    try:
        size = os.fstat(fd).st_size
        if size == before:
            return size
        os.fdatasync(fd)
    finally:
        os.close(fd)
    new = f"{name}.new"
    fd = os.open(new, _NEW, 0o600, dir_fd=opened.parts)
    try:
        os.write(fd, b"%d" % size)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(new, f"{name}.sure", src_dir_fd=opened.parts, dst_dir_fd=opened.parts)
    return size


def finish(opened: Staging, path: bytes, version: Version) -> bool:
    """Take a whole file into the tree; tell whether it was whole. Small ones are synced later."""
    name = name_of(path, version)
    small = FileClass.of(version.size) is FileClass.SMALL
    try:
        fd = os.open(name, _OPEN, dir_fd=opened.parts)
    except FileNotFoundError:
        return False
    try:
        status = os.fstat(fd)
        if (
            not stat.S_ISREG(status.st_mode)
            or status.st_nlink != 1
            or status.st_size != version.size
        ):
            if status.st_size > version.size:
                drop(opened, path, version)  # it is of a later version
            return False
        os.utime(fd, (version.mtime, version.mtime))
        if not small:
            os.fsync(fd)
    finally:
        os.close(fd)
    if small:
        opened.take_small(name.encode(), path, version)
        return True
    opened.take(name.encode(), path)
    with suppress(FileNotFoundError):
        os.unlink(f"{name}.sure", dir_fd=opened.parts)
    return True


def drop(opened: Staging, path: bytes, version: Version) -> None:
    """Remove what was begun of a version that is there no more."""
    name = name_of(path, version)
    for one in (name, f"{name}.sure", f"{name}.new"):
        with suppress(FileNotFoundError):
            os.unlink(one, dir_fd=opened.parts)


def _noted(opened: Staging, name: str) -> int:
    try:
        fd = os.open(f"{name}.sure", _READ, dir_fd=opened.parts)
    except OSError:
        return 0
    with os.fdopen(fd, "rb") as file:
        digits = file.read(20)
    return int(digits) if digits.isdigit() else 0
