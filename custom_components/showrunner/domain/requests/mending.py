"""What can be done at once about a request that is stuck; for the rest its repair has words."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from .request import Stuck, StuckReason


class Mending(StrEnum):
    """What a person may have done."""

    RETRY = "retry"  # Seerr hands it on once more
    SEARCH = "search"  # its Radarr or Sonarr searches again for what is missing
    LOOK_AGAIN = "look_again"  # its Radarr or Sonarr looks again at what is downloaded


# What moves by itself or with time only, and what somebody has to see to elsewhere, is not here.
_MENDINGS: Final[Mapping[StuckReason, Mending]] = MappingProxyType(
    {
        StuckReason.REFUSED: Mending.RETRY,
        StuckReason.NOTHING_FOUND: Mending.SEARCH,
        StuckReason.NOT_SEARCHED: Mending.SEARCH,
        StuckReason.DOWNLOAD_FAILED: Mending.SEARCH,
        StuckReason.VANISHED: Mending.SEARCH,
        StuckReason.IMPORT_BLOCKED: Mending.LOOK_AGAIN,
        StuckReason.NOT_IMPORTED: Mending.LOOK_AGAIN,
    }
)


def mending_of(stuck: Stuck | None) -> Mending | None:
    """Say what may be done; None: nothing is held up, or nothing can be done from here."""
    return None if stuck is None else _MENDINGS.get(stuck.reason)
