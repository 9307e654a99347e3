"""What a step does on a seedbox, exactly: to a torrent and its files, and what it brings home."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, cast
from urllib.parse import quote_from_bytes, unquote_to_bytes

from ..action import Action
from ..proof import ProofKind
from .base import BasePayload, read_list, read_number


@dataclass(frozen=True, slots=True)
class RemoveTorrent(BasePayload):
    """Remove one torrent from its client; `data`: with its data, where the client can do that.

    A plan of an older version does not say: then the data go where they go at once.
    """

    ACTION = Action.REMOVE_TORRENT
    NEEDS = frozenset({ProofKind.HASH})

    hash: str
    size_bytes: int
    data: bool | None = None


@dataclass(frozen=True, slots=True)
class RemovedFile:
    """A file of a torrent. `path`: below the torrent's folder, as text that stands for its bytes.

    That is written as in an address (`%C3`): a name may be any bytes.
    """

    path: str
    size_bytes: int

    @classmethod
    def of(cls, path: bytes, size_bytes: int) -> Self:
        """Make one."""
        return cls(as_text(path), size_bytes)

    @property
    def name(self) -> bytes:
        """The path itself."""
        return unquote_to_bytes(self.path)

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one. Raises KeyError or TypeError."""
        return cls(str(kept["path"]), read_number(kept["size_bytes"]))


@dataclass(frozen=True, slots=True)
class RemoveRemoteFiles(BasePayload):
    """Remove exactly these files over a file transfer, and folders of them that became empty.

    They were a torrent's (`hash`, in the client `client`), all below `folder`: a folder of its own,
    or the one that it shares with others. Nothing outside `inside` is touched, nor that folder
    itself. `left`: how many files more there are, whose names nobody knows exactly. Both folders
    stand for their bytes, as in `RemovedFile`.
    """

    ACTION = Action.REMOVE_REMOTE_FILES
    NEEDS = frozenset({ProofKind.HASH})

    hash: str
    client: str
    inside: str
    folder: str
    own: bool
    files: tuple[RemovedFile, ...]
    left: int = 0

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        files = (cast("Mapping[str, object]", one) for one in read_list(kept["files"]))
        read = tuple(RemovedFile.from_store(one) for one in files)
        return super(RemoveRemoteFiles, cls).from_store({**kept, "files": read})


def as_text(path: bytes) -> str:
    """Write a path as text that stands for its exact bytes."""
    return quote_from_bytes(path, safe="/ !$&'()*+,;=:@[]{}^#-_.~|")


@dataclass(frozen=True, slots=True)
class RemoteFingerprint:
    """A file as the seedbox listed it, with a time in seconds since 1970: another is not fetched.

    `path` is below the remote folder, and written as text that stands for its exact bytes.
    """

    path: str
    size_bytes: int
    mtime: int

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one. Raises KeyError or TypeError."""
        return cls(str(kept["path"]), read_number(kept["size_bytes"]), read_number(kept["mtime"]))


@dataclass(frozen=True, slots=True)
class FetchRelease(BasePayload):
    """Bring a release of the seedbox home: these files, in the folder (or file) of this name."""

    ACTION = Action.FETCH_RELEASE

    name: str
    files: tuple[RemoteFingerprint, ...]

    @classmethod
    def from_store(cls, kept: Mapping[str, object]) -> Self:
        """Read one."""
        files = (cast("Mapping[str, object]", one) for one in read_list(kept["files"]))
        return cls(str(kept["name"]), tuple(map(RemoteFingerprint.from_store, files)))
