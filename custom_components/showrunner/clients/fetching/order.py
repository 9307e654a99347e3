"""What is to be fetched, how, and how far it is: what the engine is told, and what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

from ...domain.text import Words, say
from ...domain.transfer.block_map import BlockMap
from ...domain.transfer.pace import TokenBucket
from ...domain.transfer.tree import Version
from ..errors import Refused, ServiceError
from ..sftp_errors import PRODUCT
from .crew import Timing
from .remote import ANSWER, READ

# The smallest piece that is fetched for itself, and noted in the map.
_BLOCK: Final = 4 * READ
_MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """One release to fetch.

    `root` is the remote folder, `folder` the local one, `key` the name in its staging folder.
    `files` are fetched; `listed` is all that was listed of the release. Paths begin with `name`.
    """

    root: bytes
    folder: str
    key: str
    name: bytes
    files: Mapping[bytes, Version]
    listed: Mapping[bytes, Version]
    # The mark of the local folder; empty: any folder is the right one.
    mark: str = ""

    def remote(self, path: bytes) -> bytes:
        """Give the whole remote path of a file."""
        return self.root.rstrip(b"/") + b"/" + path

    def on(self, listed: Mapping[bytes, Version]) -> FetchOrder:
        """Give the order by what is listed now, if that is still what is wanted.

        Raises RemoteChanged.
        """
        if any(listed.get(path) != version for path, version in self.files.items()):
            raise RemoteChanged(say("transfer_changed_since"))
        return replace(self, listed=listed)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done at once. `segments` are connections, `chunk_mb` a block of a big file."""

    parallel_files: int = 6
    segments: int = 8
    chunk_mb: float = 1
    small_at_once: int = 32
    lanes: int = 4
    answer: float = ANSWER
    save_every: float = 2.0
    # Small files are synced with all that the disk has to write, so less often.
    note_every: float = 10.0
    timing: Timing = field(default_factory=Timing)

    @property
    def block(self) -> int:
        """Say how many bytes a block has: whole reads."""
        return max(round(self.chunk_mb * _MB / _BLOCK), 1) * _BLOCK


@dataclass(slots=True)
class Progress:
    """How far it is. Written in the engine's thread, read in any."""

    bytes_total: int = 0
    bytes_done: int = 0
    files_total: int = 0
    files_done: int = 0
    # All that came over the line, also what had to be fetched twice.
    received: int = 0
    connections: int = 0
    # The larger files that are under way, and what is compared at the end.
    under_way: dict[bytes, BlockMap] = field(default_factory=dict)
    verifying: bool = False
    pace: TokenBucket = field(default_factory=lambda: TokenBucket(0))
    _turn: Lock = field(default_factory=Lock, init=False, repr=False)
    _placing: bool = field(default=False, init=False)
    _broken_off: bool = field(default=False, init=False)

    def may_place(self) -> bool:
        """Tell whether it may be put in its place; it is not broken off from then on."""
        with self._turn:
            self._placing = not self._broken_off
            return self._placing

    def break_off(self) -> bool:
        """Tell whether it may be broken off; it is not put in its place from then on."""
        with self._turn:
            self._broken_off = not self._placing
            return self._broken_off


class RemoteChanged(Refused):
    """The remote went on changing while it was read."""

    def __init__(self, what: Words) -> None:
        """Say of what."""
        super().__init__(PRODUCT, 0, what)


class NameTaken(Refused):
    """Something lies under the release's name in the local folder already."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(PRODUCT, 0, say("transfer_name_taken"))


class DiskFull(ServiceError):
    """There is not room enough here. There may be later."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(PRODUCT, say("transfer_disk_full"))


class LocalFailed(ServiceError):
    """The local disk refused to do something."""

    def __init__(self, why: str) -> None:
        """Take what it said."""
        super().__init__(PRODUCT, say("transfer_disk_failed", why=why))


class LocalUnfit(Refused):
    """The local file system can't hold this, now or later: a name, or so large a file."""

    def __init__(self, why: str) -> None:
        """Take what it said."""
        super().__init__(PRODUCT, 0, say("transfer_disk_unfit", why=why))


class FolderGone(ServiceError):
    """The local folder is not the one that was linked. It may come back."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(PRODUCT, say("transfer_folder_gone"))


class FolderUnconfirmed(ServiceError):
    """The local folder was linked before folders had marks: it may be any. A person has to say."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(PRODUCT, say("transfer_folder_unconfirmed"))


class InUse(ServiceError):
    """Somebody else fetches the same release at this moment."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(PRODUCT, say("transfer_in_use"))
