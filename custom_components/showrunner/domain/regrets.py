"""What we deleted and a person took back: counted once for each part, and left alone for a year.

A deletion is regretted when somebody undoes it, whenever that is, or when within 30 days of it they
ask for the title again, add it again, or have it fetched by other hands than ours. The earliest of
these counts. Whatever the order in which they are told, and however often, comes to the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# What is wanted again later than that is a new wish, and says nothing of the deletion.
WITHIN: Final = timedelta(days=30)
# So long what was regretted is not proposed again.
STAYS_AFTER_REGRET: Final = timedelta(days=365)
# What a person deleted by its name no rule had chosen: to take that back regrets no rule's choice.
BY_NAME: Final = frozenset({"delete_request"})


class Way(StrEnum):
    """How a person took a deletion back."""

    UNDO = "undo"
    REQUEST = "request"  # asked for it, in Seerr or here
    ADDED = "added"  # added it to a Radarr or Sonarr
    FETCHED = "fetched"  # a file of it came, and we had not searched for it


@dataclass(frozen=True, slots=True)
class Deleted:
    """A part of a title that we deleted: a movie, a season, or an entry (`season` None).

    `id` is the first row of the ledger that tells of it; it began at `begun` and ended at `at`.
    `undone_at`: when a person took that back.
    """

    id: int
    begun: datetime
    at: datetime
    season: int | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """That somebody wants a title again: these seasons of it (None: all)."""

    at: datetime
    way: Way
    source: str
    seasons: frozenset[int] | None = None

    def is_for(self, season: int | None) -> bool:
        """Tell whether it is for a part; whoever wants a season wants the entry, too."""
        return self.seasons is None or season is None or season in self.seasons


@dataclass(frozen=True, slots=True)
class Regret:
    """That a deletion, by its row of the ledger, was taken back."""

    deletion: int
    at: datetime
    way: Way
    source: str

    @property
    def until(self) -> datetime:
        """Until when the part is not proposed again."""
        return self.at + STAYS_AFTER_REGRET

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Say which of several counts: the first."""
        return self.at, self.way, self.source

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {
            "ledger_id": self.deletion,
            "way": self.way.value,
            "source": self.source,
            "until": self.until.isoformat(),
        }


def regret_of(deleted: Deleted, wishes: Iterable[Wish]) -> Regret | None:
    """Say who took a deletion back first; None: nobody has."""
    found = [
        Regret(deleted.id, one.at, one.way, one.source)
        for one in wishes
        if one.is_for(deleted.season) and deleted.begun < one.at <= deleted.at + WITHIN
    ]
    if deleted.undone_at is not None:
        found.append(Regret(deleted.id, deleted.undone_at, Way.UNDO, "showrunner"))
    return min(found, key=lambda one: one.order, default=None)


def first_of(one: Regret | None, other: Regret) -> Regret:
    """Give what counts of what was known of a deletion, and what is told now."""
    return other if one is None else min(one, other, key=lambda regret: regret.order)
