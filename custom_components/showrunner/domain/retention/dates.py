"""Which dates can be counted with: none before 2000, none in the future, none without a zone.

Services write the year 0 or 1970 where they know nothing, and clocks go wrong.
"""

from datetime import UTC, datetime
from typing import Final

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def usable(at: datetime | None, now: datetime) -> datetime | None:
    """Give an instant at which something may have happened; None: it says nothing."""
    if at is None or at.tzinfo is None:
        return None
    return at if _EARLIEST <= at <= now else None


def latest(*instants: datetime | None) -> datetime | None:
    """Give the latest of those that are told."""
    return max((at for at in instants if at is not None), default=None)
