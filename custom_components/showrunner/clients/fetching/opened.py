"""Files and folders by the open folder that they lie in, and their names: no link is followed.

All of this blocks, and is called in threads.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
import os
from typing import Final

FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def folder_at(above: int, name: bytes) -> int:
    """Open a folder in an open one, and make it where it is missing; a link is none."""
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=above)
    return os.open(name, FOLDER, dir_fd=above)


def write_all(fd: int, chunks: Collection[bytes], offset: int) -> None:
    """Write chunks one after the other from an offset on. Raises OSError."""
    size = sum(map(len, chunks))
    written = os.pwritev(fd, list(chunks), offset)
    if written == size:
        return
    rest = b"".join(chunks)
    while written < size:
        written += os.pwrite(fd, rest[written:], offset + written)


def lies_there(name: bytes, folder: int) -> bool:
    """Tell whether something lies in a folder; a broken link is something too."""
    try:
        os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


def unlink(name: bytes, folder: int) -> None:
    """Remove a file, if it is there."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


class Opened:
    """Closes what was opened, unless all went well."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._fds: list[int] = []

    def add(self, fd: int) -> int:
        """Take one more."""
        self._fds.append(fd)
        return fd

    def keep(self) -> None:
        """Take it that all went well."""
        self._fds.clear()

    def close(self) -> None:
        """Close all of it."""
        while self._fds:
            os.close(self._fds.pop())


@contextmanager
def closing() -> Iterator[Opened]:
    """Close what was opened at the end, unless it is kept."""
    opened = Opened()
    try:
        yield opened
    finally:
        opened.close()
