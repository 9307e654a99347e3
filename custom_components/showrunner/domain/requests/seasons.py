"""Which seasons of a series somebody means: all of them, or these (law 5).

Nobody means all of them by naming none: where a source names no season, there is no answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class AllSeasons:
    """Every season that is one. Specials (season 0) are meant only where they are named."""

    def __contains__(self, season: int) -> bool:
        """Tell whether a season is meant."""
        return season > 0

    @property
    def text(self) -> str:
        """Write it for people."""
        return "all"


@dataclass(frozen=True, slots=True)
class TheseSeasons:
    """These seasons, of which there is at least one."""

    numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        """Keep them in order, each once. Raises ValueError for none."""
        if not self.numbers:
            raise ValueError("no season is named")
        object.__setattr__(self, "numbers", tuple(sorted(set(self.numbers))))

    def __contains__(self, season: int) -> bool:
        """Tell whether a season is meant."""
        return season in self.numbers

    @property
    def text(self) -> str:
        """Write them for people."""
        return ", ".join(str(number) for number in self.numbers)


type Seasons = AllSeasons | TheseSeasons

ALL: Final = AllSeasons()


def named(numbers: Iterable[int]) -> TheseSeasons | None:
    """Read the numbers that a source names; None when it names none."""
    found = tuple(numbers)
    return TheseSeasons(found) if found else None
