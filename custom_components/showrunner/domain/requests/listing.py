"""What a whole list of requests misses, and when that is believed (law 9).

A source that has suddenly fallen is ill, until two whole reads agree. They agree when nothing of
what the first one missed is there again, and what is missing beyond that is no fall by itself; only
what both have missed is gone. What a person has confirmed needs no second.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from ..fall import Fall, FallMoved, mark_of, too_much


@dataclass(frozen=True, slots=True)
class Listing:
    """The numbers of the last whole list. `missed`: of those before, when that was a fall.

    `accepted`: of those missed, what a person has confirmed, until a list is believed.
    """

    named: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()
    accepted: frozenset[int] = frozenset()

    def read(
        self, named: frozenset[int], held: frozenset[int], max_drop: float = 50
    ) -> tuple[Self, frozenset[int] | None]:
        """Take in another list; give what it makes of this, and which of the held are gone.

        None: the list is not believed. `max_drop`: what may vanish at once, in percent.
        """
        accepted = self.accepted - named  # what is there again is not gone, whoever said so
        before = (held | self.named) - accepted
        lost = before - named
        if not too_much(len(lost), len(before), max_drop):
            return type(self)(named), held - named
        twice = self.missed & before
        more = len(lost - twice), len(before - twice)
        if twice and twice <= lost and not too_much(*more, max_drop):
            # What was missed once is still to be missed again.
            return type(self)(named | (lost - twice), lost), held & (twice | accepted)
        return type(self)(self.named, lost, accepted), None

    def fall(self, held: frozenset[int], since: datetime) -> Fall:
        """Give the fall of a list that was not believed, read then; `held` as above."""
        had = len((held | self.named) - self.accepted)
        lost = {"requests": len(self.missed)}
        return Fall(mark_of(map(str, self.missed)), since, {"requests": had}, lost)

    def accepting(self, mark: str) -> Self:
        """Let go of what is missed, and of nothing else: a person says so. Raises FallMoved."""
        if not self.missed or mark_of(map(str, self.missed)) != mark:
            raise FallMoved
        return replace(self, missed=frozenset(), accepted=self.accepted | self.missed)

    def as_dict(self) -> dict[str, list[int]]:
        """Write it so that it can be kept."""
        return {
            "named": sorted(self.named),
            "missed": sorted(self.missed),
            "accepted": sorted(self.accepted),
        }

    @classmethod
    def from_dict(cls, kept: object) -> Self:
        """Read what was kept; what is not there says nothing."""
        if not isinstance(kept, Mapping):
            return cls()
        return cls(*(_numbers(kept.get(name)) for name in ("named", "missed", "accepted")))


def _numbers(kept: object) -> frozenset[int]:
    rows = kept if isinstance(kept, list) else []
    return frozenset(number for number in rows if isinstance(number, int))
