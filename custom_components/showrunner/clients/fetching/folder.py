"""The local folder itself: whether it is the one that was linked, and whether it can be used.

A disk or share that is not mounted leaves an empty folder under the same path, on the disk of the
system. So a file of ours in the hidden folder says which folder it is, and where that says nothing,
or something else, nothing is written. It goes with the disk wherever that is mounted, and with a
copy of it. All of this blocks, and is called in threads.
"""

from contextlib import suppress
from dataclasses import dataclass
import errno
import os
import re
import secrets
from typing import Final

from ...domain.transfer.names import STAGING

# Lies in the hidden folder, and holds nothing but this.
_MARK: Final = b"folder"
_IS_MARK: Final = re.compile(rb"[0-9a-f]{32}")
_LENGTH: Final = 16
_OPEN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class OtherFolder(OSError):
    """What lies under the path is not the folder that was linked."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(errno.ENODEV, os.strerror(errno.ENODEV))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the folder. `gone`: it is another one, or none; else what was refused.

    `unconfirmed`: nobody has said yet that it is the right one.
    """

    gone: bool
    why: str = ""
    unconfirmed: bool = False


def open_folder(folder: str, mark: str) -> int:
    """Open the folder. Raises OtherFolder unless it has the mark that it was linked with, OSError.

    Without a mark any is the right one.
    """
    try:
        fd = os.open(folder, _OPEN)
    except FileNotFoundError, NotADirectoryError:
        if not mark:
            raise
        raise OtherFolder from None
    try:
        if mark and _mark_of(fd) != mark:
            raise OtherFolder
    except BaseException:
        os.close(fd)
        raise
    return fd


def marked(folder: str) -> str:
    """Give the mark of a folder; one that has none gets one. Raises OSError."""
    fd = os.open(folder, _OPEN)
    try:
        known = _mark_of(fd)
        return known or _written(fd)
    finally:
        os.close(fd)


def trouble(folder: str, mark: str) -> Trouble | None:
    """Say what is wrong with the folder, without writing anything."""
    if not mark:
        return Trouble(gone=True, unconfirmed=True)
    try:
        fd = open_folder(folder, mark)
    except OtherFolder:
        return Trouble(gone=True)
    except OSError as err:
        return Trouble(gone=False, why=str(err.strerror))
    try:
        if os.access(".", os.W_OK | os.X_OK, dir_fd=fd):
            return None
        closed = os.fstatvfs(fd).f_flag & os.ST_RDONLY
        return Trouble(gone=False, why=os.strerror(errno.EROFS if closed else errno.EACCES))
    except OSError as err:
        return Trouble(gone=False, why=str(err.strerror))
    finally:
        os.close(fd)


def _mark_of(folder: int) -> str:
    """Read the mark; empty where there is none. Raises OSError when that can't be told."""
    try:
        hidden = os.open(STAGING, _OPEN | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        return ""
    try:
        fd = os.open(_MARK, _READ, dir_fd=hidden)
    except FileNotFoundError:
        return ""
    finally:
        os.close(hidden)
    with os.fdopen(fd, "rb") as file:
        found = file.read(2 * _LENGTH + 1)
    return found.decode() if _IS_MARK.fullmatch(found) else ""


def _written(folder: int) -> str:
    """Write a mark, whole or not at all."""
    mark = secrets.token_hex(_LENGTH)
    new = b".%b.%b" % (_MARK, mark.encode())
    with suppress(FileExistsError):
        os.mkdir(STAGING, dir_fd=folder)
    hidden = os.open(STAGING, _OPEN | os.O_NOFOLLOW, dir_fd=folder)
    try:
        fd = os.open(new, _NEW, 0o644, dir_fd=hidden)
        try:
            os.write(fd, mark.encode())
            os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(new, _MARK, src_dir_fd=hidden, dst_dir_fd=hidden)
        os.fsync(hidden)
    finally:
        os.close(hidden)
    return mark
