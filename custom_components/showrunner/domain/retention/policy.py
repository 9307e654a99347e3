"""What the person wants to leave, and when: the options' page `cleanup`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Final

from .ground import Ground

# A file that was imported so long after a unit was last played came in the place of the one that
# was played; later it is a new copy, which nobody has watched: somebody fetched it again.
REPLACED_WITHIN: Final = timedelta(days=30)
# What came back after we had deleted it was missed by somebody: so long it stays.
STAYS_AFTER_RETURN: Final = timedelta(days=365)


KEEP: Final = "keep"


# What leaves by another rule than that it was watched is announced for so long at least.
LEAST_NOTICE: Final = timedelta(days=7)
# Months differ: the longest is meant.
_MONTH: Final = timedelta(days=31)


class WhoCounts(StrEnum):
    """Who must have watched something before it leaves.

    Of those viewers that count for the cleanup: the primary one, any one of them, or all who have
    started the movie or the series (for a special: who have started it).
    """

    PRIMARY = "primary"
    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """When what was watched leaves, and what stays.

    `who` raises ValueError for a word that is none: an unknown mode is never the widest one.
    `excluded`: the libraries and root folders that are left alone, as `library_name` writes them.
    `unwatched_months`, `idle_days`: what nobody has touched for so long leaves, too; 0: never. Of
    the latter stays what is rated `idle_rating` or better; 0: nothing does for its rating.
    `lower_quality`: a copy leaves, too, of which another arr holds a higher one. `season_packing`:
    what is missing of a watched season is searched for.
    """

    who: WhoCounts = WhoCounts.PRIMARY
    grace_days: float = 5
    keep_tag: str = KEEP
    protect_requests: bool = True
    protect_latest_season: bool = True
    keep_last_watched: bool = False
    remove_empty_series: bool = False
    excluded: tuple[str, ...] = ()
    unwatched_months: float = 0
    idle_days: float = 0
    idle_rating: float = 0
    lower_quality: bool = False
    season_packing: bool = False

    def __post_init__(self) -> None:
        """Refuse what can't be meant."""
        WhoCounts(self.who)
        if not self.grace_days >= 0:
            raise ValueError("grace_days")
        if not all(one >= 0 for one in (self.unwatched_months, self.idle_days, self.idle_rating)):
            raise ValueError("unwatched_months, idle_days or idle_rating")

    @property
    def tag(self) -> str:
        """The tag that keeps, as tags are compared; without one it is "keep"."""
        return self.keep_tag.strip().casefold() or KEEP

    @property
    def grace(self) -> timedelta:
        """How long something stays after it was watched."""
        return timedelta(days=self.grace_days)

    @property
    def notice(self) -> timedelta:
        """How long what leaves by a rule of choice is announced: that can't be left out."""
        return max(self.grace, LEAST_NOTICE)

    def notice_of(self, ground: Ground) -> timedelta:
        """How long something is announced that leaves by a rule."""
        return self.grace if ground is Ground.WATCHED else self.notice

    @property
    def unwatched(self) -> timedelta:
        """How long nobody must have watched something that nobody ever has."""
        return self.unwatched_months * _MONTH

    @property
    def idle(self) -> timedelta:
        """How long nobody must have watched something that somebody has."""
        return timedelta(days=self.idle_days)

    @property
    def chosen(self) -> tuple[Ground, ...]:
        """The rules of choice that are on."""
        on = {
            Ground.UNWATCHED: self.unwatched_months > 0,
            Ground.IDLE: self.idle_days > 0,
            Ground.LOWER: self.lower_quality,
        }
        return tuple(one for one, chosen in on.items() if chosen)

    @property
    def keeping(self) -> Mapping[str, object]:
        """Everything by which other things stay or leave, by name: all but grace and searches."""
        return {
            one.name: _plain(getattr(self, one.name))
            for one in fields(self)
            if one.name not in ("grace_days", "season_packing")
        }


def _plain(value: object) -> object:
    """Give the same as JSON has it."""
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, str) else value
