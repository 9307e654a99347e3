"""How much a Radarr or Sonarr had, and whether what it lists now may be believed (law 9). Pure.

Counted are its titles, its files, and the titles with each tag that keeps. One that has lost too
much of any of these is not believed before another read, an hour or more later, says no less, or a
person confirms it. That there is nothing left at all only a person makes believed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from .fall import Counts, Fall, FallMoved, mark_of, too_much

# Two reads that are to agree lie so far apart.
APART: Final = timedelta(hours=1)
TITLES: Final = "titles"
FILES: Final = "files"
KEPT: Final = "kept"
_TAG: Final = "tag:"


def tally(
    titles: Iterable[tuple[Iterable[int], int]], labels: Mapping[int, str], tags: Iterable[str]
) -> Counts:
    """Count titles, given by the numbers of their tags and how many files they have."""
    listed = [(frozenset(numbers), files) for numbers, files in titles]
    found = {TITLES: len(listed), FILES: sum(files for _, files in listed)}
    for tag in tags:
        mine = {key for key, label in labels.items() if label.strip().casefold() == tag}
        found[_TAG + tag] = sum(1 for numbers, _ in listed if not numbers.isdisjoint(mine))
    return found


@dataclass(frozen=True, slots=True)
class Counted:
    """What it had when it was believed last, and what of that it said `since`, in doubt.

    `had` None: it was counted, and nobody knows any more what was found.
    """

    had: Counts | None
    low: Counts | None = None
    since: datetime | None = None

    def read(self, counts: Counts, now: datetime, max_drop: float) -> Counted:
        """Take in what it lists now."""
        if self.had is not None and not _fell(self.had, counts, max_drop):
            return Counted(counts)
        if self.low is None or self.since is None or _fell(self.low, counts, max_drop):
            return Counted(self.had, counts, now)
        if not counts[TITLES] or now - self.since < APART:
            return self
        return Counted(counts)

    def without(self, took: Counts) -> Counted:
        """Take in that we ourselves have taken something from it."""
        if self.had is None:
            return self
        had = {one: max(count - took.get(one, 0), 0) for one, count in self.had.items()}
        return Counted(had, self.low, self.since)

    @property
    def believed(self) -> bool:
        """Tell whether what it listed last may be believed."""
        return self.low is None

    @property
    def fall(self) -> Fall | None:
        """What it has suddenly lost, as long as that is in doubt."""
        if self.low is None or self.since is None:
            return None
        had, left = _shown(self.low if self.had is None else self.had), _shown(self.low)
        lost = {one: max(count - left.get(one, 0), 0) for one, count in had.items()}
        counts = (f"{one} {count} {left.get(one, 0)}" for one, count in had.items())
        return Fall(mark_of(counts), self.since, had, lost)

    def accepted(self, mark: str) -> Counted:
        """Believe the fall of this mark, and nothing beyond it. Raises FallMoved."""
        if self.low is None or self.fall is None or self.fall.mark != mark:
            raise FallMoved
        return Counted(self.low)

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "had": None if self.had is None else dict(self.had),
            "low": None if self.low is None else dict(self.low),
            "since": None if self.since is None else self.since.isoformat(),
        }

    @classmethod
    def from_dict(cls, stored: object) -> Self | None:
        """Read what `as_dict` gave; None: it was never counted. What can't be read is in doubt."""
        if stored is None:
            return None
        plain = stored if isinstance(stored, Mapping) else {}
        return cls(_counts(plain.get("had")), _counts(plain.get("low")), _at(plain.get("since")))


def _fell(had: Counts, now: Counts, max_drop: float) -> bool:
    """Tell whether too much is gone of anything that is counted both times."""
    if had.get(TITLES) and not now[TITLES]:
        return True
    return any(
        too_much(had[one] - count, had[one], max_drop) for one, count in now.items() if had.get(one)
    )


def _shown(counts: Counts) -> dict[str, int]:
    """Put the tags together: nobody has to know which."""
    kept = sum(count for one, count in counts.items() if one.startswith(_TAG))
    return {TITLES: counts.get(TITLES, 0), FILES: counts.get(FILES, 0), KEPT: kept}


def _counts(stored: object) -> Counts | None:
    if not isinstance(stored, Mapping) or not all(isinstance(one, int) for one in stored.values()):
        return None
    return {str(name): count for name, count in stored.items()}


def _at(stored: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(stored))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
