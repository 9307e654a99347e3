"""What is noted of a release in its staging folder: in which versions, as digests or written out.

All of this blocks, and is called in threads.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import batched
import os
from typing import Final

from ...domain.transfer.tree import Version

TREE: Final = b"tree"
READY: Final = b"ready"
CAME: Final = b"came"
SMALL: Final = b"small"
DIGEST: Final = 32
# More small files are not kept in mind.
_MOST_DIGESTS: Final = 200_000


def digest(files: Mapping[bytes, Version]) -> bytes:
    """Give a digest of the names, sizes and times of files. None of these has a null byte."""
    made = sha256()
    for path, version in sorted(files.items()):
        made.update(b"%b\0%d %d\0" % (path, version.size, version.mtime))
    return made.digest()


def listing(files: Mapping[bytes, Version]) -> Iterator[bytes]:
    """Write files with their versions. None of these has a null byte."""
    return (b"%b\0%d\0%d\0" % (path, one.size, one.mtime) for path, one in files.items())


def listed(written: bytes) -> dict[bytes, Version]:
    """Read what `listing` wrote; nothing of what it did not."""
    parts = iter(written.split(b"\0")[:-1])
    try:
        return {
            path: Version(int(size), int(at)) for path, size, at in batched(parts, 3, strict=True)
        }
    except ValueError:
        return {}


def digests(own: int, name: bytes) -> frozenset[bytes]:
    """Read the digests that a file of ours holds; none where there is no such file."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=own)
    except FileNotFoundError:
        return frozenset()
    with os.fdopen(fd, "rb") as file:
        kept = file.read(_MOST_DIGESTS * DIGEST)
    return frozenset(kept[at : at + DIGEST] for at in range(0, len(kept), DIGEST))
