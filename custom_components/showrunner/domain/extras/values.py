"""What is seen in a folder, as far as extras are concerned. Names as the file system has them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from .markers import Markers

type Parts = tuple[str, ...]


class Library(StrEnum):
    """Of what kind the library is that a folder belongs to."""

    MOVIES = "movies"
    SERIES = "series"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells a file from another one under its name: inode, bytes, nanoseconds of its mtime."""

    inode: int
    size_bytes: int
    modified_ns: int

    def same_content(self, other: Self) -> bool:
        """Compare what lasts: some file systems number their files anew when they are mounted."""
        return (self.size_bytes, self.modified_ns) == (other.size_bytes, other.modified_ns)


@dataclass(frozen=True, slots=True)
class Video:
    """A file named as a video. `changed_at`: when its content, its name or its owner last changed.

    `links`: how many names it has on its file system. `is_link`: it is a symbolic link.
    """

    name: str
    fingerprint: Fingerprint
    changed_at: datetime
    links: int = 1
    is_link: bool = False

    @property
    def size_bytes(self) -> int:
        """Its size."""
        return self.fingerprint.size_bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with its videos. `parts` is its path within the chosen folder, () that itself.

    `unfinished` names the files in it that another program is still writing.
    """

    parts: Parts
    videos: tuple[Video, ...] = ()
    subfolders: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its own name; "" of the chosen folder."""
        return self.parts[-1] if self.parts else ""


@dataclass(frozen=True, slots=True)
class Home:
    """A folder of videos with the folders of extras in it.

    `marked`: those, and what lies in them, with the markers that name them from the outside in.
    `below_bytes`: the size of the largest video in its other folders, seasons for example.
    """

    folder: Folder
    library: Library = Library.UNKNOWN
    marked: tuple[tuple[tuple[str, ...], Folder], ...] = ()
    below_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ExtrasPolicy:
    """Which markers count, and below which size a video beside a large one is none of its own."""

    markers: Markers
    min_video_bytes: int
