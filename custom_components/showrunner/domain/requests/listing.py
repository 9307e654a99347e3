"""What a whole list of requests misses, and when that is believed (law 9).

A source that suddenly names less than half of what it had is ill, until two whole reads agree. They
agree when nothing of what the first one missed is there again, and what is missing beyond that is
no fall by itself; only what both have missed is gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

# In percent of what there was.
_FALL: Final = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """The numbers of the last whole list. `missed`: of those before, when that was a fall."""

    named: frozenset[int] = frozenset()
    missed: frozenset[int] = frozenset()

    def read(
        self, named: frozenset[int], held: frozenset[int]
    ) -> tuple[Self, frozenset[int] | None]:
        """Take in another list; give what it makes of this, and which of the held are gone.

        None: the list is not believed.
        """
        before = held | self.named
        lost = before - named
        if not _fell(lost, before):
            return type(self)(named), held - named
        twice = self.missed & before
        if twice and twice <= lost and not _fell(lost - twice, before - twice):
            # What was missed once is still to be missed again.
            return type(self)(named | (lost - twice), lost), held & twice
        return type(self)(self.named, lost), None

    def as_dict(self) -> dict[str, list[int]]:
        """Write it so that it can be kept."""
        return {"named": sorted(self.named), "missed": sorted(self.missed)}

    @classmethod
    def from_dict(cls, kept: object) -> Self:
        """Read what was kept; what is not there says nothing."""
        if not isinstance(kept, Mapping):
            return cls()
        return cls(_numbers(kept.get("named")), _numbers(kept.get("missed")))


def _fell(lost: frozenset[int], had: frozenset[int]) -> bool:
    return len(lost) * 100 > _FALL * len(had)


def _numbers(kept: object) -> frozenset[int]:
    rows = kept if isinstance(kept, list) else []
    return frozenset(number for number in rows if isinstance(number, int))
