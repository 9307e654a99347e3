"""Whether a release lies in its place, and what the staging folder still says of it and of others.

All of this blocks, and is called in threads.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
import os
import shutil

from ...domain.transfer.names import STAGING
from ...domain.transfer.tree import Version
from .folder import open_folder
from .noted import CAME, READY, TREE, digest, digests, listed
from .opened import FOLDER, Opened, closing, lies_there, unlink


def exists(folder: str, name: bytes, mark: str = "") -> bool:
    """Tell whether something lies under a name in a folder; a broken link is something too.

    Raises OSError when that can't be told.
    """
    fd = open_folder(folder, mark)
    try:
        os.lstat(name, dir_fd=fd)
    except FileNotFoundError:
        return False
    finally:
        os.close(fd)
    return True


def was_placed(
    folder: str, key: str, name: bytes, files: Mapping[bytes, Version], mark: str = ""
) -> bool:
    """Tell whether a release was renamed to its place, as far as its staging folder shows.

    It was ready in just these versions, and is in the staging folder no more. Raises OSError.
    """
    with closing() as opened:
        own = _own_of(opened, folder, key, mark)
        if own is None or digest(files) not in digests(own, READY):
            return False
        return not lies_there(name, opened.add(os.open(TREE, FOLDER, dir_fd=own)))


def came(
    folder: str, key: str, files: Mapping[bytes, Version], mark: str = ""
) -> dict[bytes, Version] | None:
    """Give the versions in which a release was made ready that was asked for in these ones.

    None where that is not known any more. Raises OSError.
    """
    with closing() as opened:
        own = _own_of(opened, folder, key, mark)
        ready = frozenset() if own is None else digests(own, READY)
        if own is None or digest(files) not in ready:
            return None
        try:
            fd = os.open(CAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=own)
        except FileNotFoundError:
            return dict(files)
        with os.fdopen(fd, "rb") as file:
            found = listed(file.read())
        return found if digest(found) in ready else None


def discard(folder: str, key: str, mark: str = "") -> None:
    """Remove what a release has in the staging folder, and that folder when it is empty.

    Links are removed and never followed. Raises OSError.
    """
    try:
        with _opened(folder, mark) as root, suppress(FileNotFoundError):
            # First, should the rest fail: a mark that stays would tell of a later one.
            own = os.open(key, FOLDER, dir_fd=root)
            try:
                unlink(READY, own)
            finally:
                os.close(own)
            shutil.rmtree(key, dir_fd=root)
    except FileNotFoundError:
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # others are in it
            os.rmdir(STAGING, dir_fd=fd)
    finally:
        os.close(fd)


def staged(folder: str, mark: str = "") -> dict[str, float]:
    """Name what lies in the staging folder, and when each was changed last. Raises OSError."""
    try:
        with _opened(folder, mark) as root:
            names = os.listdir(root)  # noqa: PTH208  by its number, for it is open
            return {name: os.lstat(name, dir_fd=root).st_mtime for name in names}
    except FileNotFoundError:
        return {}


def _own_of(opened: Opened, folder: str, key: str, mark: str) -> int | None:
    """Open a release's own folder; None where there is none. Raises OSError."""
    try:
        above = opened.add(open_folder(folder, mark))
        for one in (STAGING, key):
            above = opened.add(os.open(one, FOLDER, dir_fd=above))
    except FileNotFoundError:
        return None
    return above


@contextmanager
def _opened(folder: str, mark: str) -> Iterator[int]:
    """Open the staging folder of a local folder. Raises FileNotFoundError, OSError."""
    target = open_folder(folder, mark)
    try:
        root = os.open(STAGING, FOLDER, dir_fd=target)
    finally:
        os.close(target)
    try:
        yield root
    finally:
        os.close(root)
