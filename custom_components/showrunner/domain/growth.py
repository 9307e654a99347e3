"""How fast a client's data grow, as far as it was seen, and when its room is full at that rate."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

# How much of the past counts, how close together it is noted, and how much has to be seen first.
WINDOW: Final = timedelta(days=1)
STEP: Final = timedelta(minutes=10)
LEAST: Final = timedelta(hours=1)
# What is farther away than that nobody needs to know.
_FARTHEST: Final = 3650.0
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Growth:
    """What a client held at some instants, the oldest first."""

    seen: tuple[tuple[datetime, int], ...] = ()

    def noted(self, at: datetime, used: int) -> Growth:
        """Note what it holds now; where the clock was put back, all before says nothing."""
        if self.seen:
            passed = at - self.seen[-1][0]
            if passed < timedelta(0):
                return Growth(((at, used),))
            if passed < STEP:
                return self
        kept = ((when, held) for when, held in self.seen if at - when <= WINDOW)
        return Growth((*kept, (at, used)))

    @property
    def rate(self) -> float | None:
        """Say how many bytes come in a day; None while too little was seen.

        What was deleted meanwhile takes nothing away: it is asked how much comes.
        """
        span = self.seen[-1][0] - self.seen[0][0] if self.seen else timedelta(0)
        return sum(self._came()) / (span / _DAY) if span >= LEAST else None

    def _came(self) -> Iterator[int]:
        return (max(later - earlier, 0) for (_, earlier), (_, later) in pairwise(self.seen))

    def full_at(self, used: int, total: int | None, now: datetime) -> datetime | None:
        """Say when the room is full if that goes on and nothing goes; None: nobody can say."""
        if total is None or not self.rate:
            return None
        days = max(total - used, 0) / self.rate
        return now + timedelta(days=days) if days <= _FARTHEST else None
