"""When a file was in the trash for long enough, by clocks that may be wrong.

A machine without a clock of its own starts in 1970, or wherever it stopped, and jumps from there.
What can't be told keeps a file.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

# Before this no file was moved to a trash: a clock that says so is wrong.
_PLAUSIBLE: Final = datetime(2020, 1, 1, tzinfo=UTC)
# A clock that has jumped ahead is set right within that time.
_CONFIRMED_AFTER: Final = timedelta(days=1)


def is_past_due(trashed_at: datetime, placed_at: datetime, now: datetime, days: float) -> bool:
    """Tell whether a file's days in the trash are over.

    Both its manifest and the file system say since when it lies there (`placed_at`); the later one
    counts, and one that lies in the future says that a clock is wrong.
    """
    since = max(trashed_at, placed_at)
    return trashed_at >= _PLAUSIBLE and now - since > timedelta(days=days)


def is_confirmed(due_since: datetime, now: datetime) -> bool:
    """Tell whether it was past due at an earlier look, by a day or more, as well as now."""
    return now - due_since >= _CONFIRMED_AFTER
