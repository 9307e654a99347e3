"""How far a transfer is, as who fetches tells it and who watches sees it."""

from dataclasses import dataclass
from enum import StrEnum


class TransferState(StrEnum):
    """What a transfer does at the moment."""

    IDLE = "idle"
    LISTING = "listing"
    FETCHING = "fetching"
    VERIFYING = "verifying"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How far one file is, in bytes. The name is one to be shown, and no path."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """How far all of it is: bytes, bytes per second, and the seconds that are left.

    `remaining` is None where it can't be told. `files` are those under way.
    """

    state: TransferState = TransferState.IDLE
    done_bytes: int = 0
    total_bytes: int = 0
    rate: int = 0
    remaining: int | None = None
    files: tuple[FileProgress, ...] = ()

    @property
    def percent(self) -> float | None:
        """How much is done; None while there is nothing to do."""
        if self.total_bytes <= 0:
            return None
        return min(100.0, 100 * self.done_bytes / self.total_bytes)


IDLE = TransferProgress()
