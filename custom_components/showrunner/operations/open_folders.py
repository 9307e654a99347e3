"""Folders that are opened so that no link is followed, and what lies in them. All of it blocks."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
import errno
import os
from pathlib import Path
import stat
from typing import Final

from ..domain.extras import Fingerprint, Parts
from ..domain.text import say
from .base import NotPossible

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Of what no second try makes anything else.
_FOR_GOOD: Final = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.EXDEV, errno.ELOOP, errno.ENOTDIR),
        *(errno.ENOENT, errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTEMPTY, errno.EISDIR),
        *(errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK),
    }
)


@contextmanager
def opened(folder: str, parts: Parts = (), *, make: bool = False) -> Generator[int]:
    """Open a chosen folder, or one within it, and follow no link below it.

    `make`: what is missing below it is made. Raises OSError.
    """
    found = os.open(folder, _FOLDER)
    try:
        device = os.fstat(found).st_dev
        for part in parts:
            inner = _inner(found, part, make=make)
            os.close(found)
            found = inner
        if os.fstat(found).st_dev != device:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        yield found
    finally:
        os.close(found)


def _inner(folder: int, name: str, *, make: bool) -> int:
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, 0o775, dir_fd=folder)
    return os.open(name, _FOLDER, dir_fd=folder)


@contextmanager
def plainly() -> Generator[None]:
    """Say what the file system refuses without the names that it knows, which may be no text.

    Raises NotPossible for what stays so, and OSError for what may pass.
    """
    try:
        yield
    except OSError as err:
        why = os.strerror(err.errno) if err.errno else type(err).__name__
        if err.errno in _FOR_GOOD:
            raise NotPossible(say("file_refused", why=why)) from None
        raise OSError(err.errno, why) from None


def print_of(folder: int, name: str) -> Fingerprint | None:
    """Give the fingerprint of a regular file; None: there is none of this name."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Fingerprint(found.st_ino, found.st_size, found.st_mtime_ns)


def is_there(folder: int, name: str) -> bool:
    """Tell whether anything has this name. Raises OSError."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def names_in(folder: int) -> set[str]:
    """Name all that lies in a folder. Raises OSError."""
    with os.scandir(folder) as entries:
        return {one.name for one in entries}


def find(folder: str, parts: Parts) -> Fingerprint | None:
    """Look for a file; None: it is not there, nor is its folder. Raises OSError."""
    try:
        with opened(folder, parts[:-1]) as inner:
            return print_of(inner, parts[-1])
    except FileNotFoundError:
        Path(folder).stat()  # that the chosen folder itself is missing says nothing of the file
        return None
