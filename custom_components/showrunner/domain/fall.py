"""A sudden fall: a source that lost most of what it had, and what a person may confirm (law 9).

Nobody has to wait for a second read who knows why so much is gone. What is confirmed is what was
shown, under its mark; a fall that has another mark by then is not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from .knowledge import Knowledge, Known

type Counts = Mapping[str, int]


class FallMoved(Exception):
    """What was to be confirmed is not what the source says now."""


class FallBusy(Exception):
    """The source is being read at this moment; that will say more than the fall does."""


@dataclass(frozen=True, slots=True)
class Fall:
    """What a source had and what of that it no longer tells, by kind, read so first at `since`."""

    mark: str
    since: datetime
    had: Counts
    lost: Counts

    def left(self, kind: str) -> int:
        """Count what is left of a kind."""
        return self.had.get(kind, 0) - self.lost.get(kind, 0)

    @property
    def percent(self) -> int:
        """Say how much of the kind that lost most is gone."""
        return max(
            (100 * self.lost.get(one, 0) // had for one, had in self.had.items() if had), default=0
        )


def mark_of(names: Iterable[str]) -> str:
    """Give the mark of what is missing: the same for the same, and for nothing else."""
    return blake2b("\n".join(sorted(names)).encode(), digest_size=16).hexdigest()


def sudden_fall(before: int | None, now: Knowledge[int], max_drop_percent: float = 50) -> bool:
    """Tell whether a source lost so much that every plan on it must freeze.

    A source that does not answer, or says that it has nothing, has fallen.
    """
    if not isinstance(now, Known):
        return True
    return too_much((before or 0) - now.value, before or 0, max_drop_percent)


def too_much(lost: int, had: int, max_drop_percent: float) -> bool:
    """Tell whether so many of so many are more than may vanish at once: all of them always are.

    Every source is judged by this, whatever is counted of it.
    """
    return lost > 0 and (lost >= had or lost * 100 > max_drop_percent * had)
