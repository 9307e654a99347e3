"""Of what people are told before it leaves: each part of a title once for its day of leaving.

Pure. A part is known by its ids and its season, its day by when its grace is over: a deletion that
is put off to another run for its size is the same one, a new grace or a postponement is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, Self

from .quiet import quiet_until
from .text import Words

# Whoever has set no quiet hours is not woken by what can wait until the morning.
_NIGHT: Final = (time(22), time(9))
# So long after its grace was over what left and came back is told of as if it were new.
_REMEMBERED: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Coming:
    """A part of a title that leaves, with all ids of the title and what people call it.

    `at`: when its grace is over; `leaves_at`: when it goes; `leaves_on`: on which local day.
    `items`: those of Jellyfin's by which it is seen whether somebody may know of it.
    """

    names: tuple[str, ...]
    season: int | None
    at: datetime
    leaves_at: datetime
    leaves_on: date
    label: Words
    size_bytes: int
    items: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Notice:
    """What was told of: a part of a title, and when its grace was to be over."""

    names: tuple[str, ...]
    season: int | None
    at: datetime

    def is_of(self, one: Coming) -> bool:
        """Tell whether it was this part that was told of, with the same end of its grace."""
        same = self.season == one.season and self.at == one.at
        return same and not set(self.names).isdisjoint(one.names)

    def as_dict(self) -> dict[str, object]:
        """Give JSON-safe values."""
        return {"names": list(self.names), "season": self.season, "at": self.at.isoformat()}

    @classmethod
    def from_dict(cls, kept: Mapping[str, object]) -> Self:
        """Read what `as_dict` gave. Raises KeyError, ValueError."""
        names, season = kept["names"], kept["season"]
        at = datetime.fromisoformat(str(kept["at"]))
        if not isinstance(names, list) or not isinstance(season, int | None) or at.tzinfo is None:
            raise ValueError("told")
        return cls(tuple(str(name) for name in names), season, at)


def unannounced(
    coming: Iterable[Coming], earlier: Iterable[Notice], until: datetime
) -> list[Coming]:
    """Choose what leaves by an instant and was not told of yet, the first first."""
    before = list(earlier)
    near = [
        one
        for one in coming
        if one.leaves_at <= until and not any(said.is_of(one) for said in before)
    ]
    return sorted(near, key=lambda one: (one.leaves_at, one.at))


def merged(new: Iterable[Coming]) -> list[Coming]:
    """Make one of what is the same to people: two copies of a film, the specials of a series.

    It leaves when the first of it does, and frees what all of it takes.
    """
    found: list[Coming] = []
    for one in new:
        same = [other for other in found if _is_same(one, other)]
        found = [other for other in found if other not in same]
        found.append(_joined([*same, one]))
    return sorted(found, key=lambda one: (one.leaves_at, one.at))


def _is_same(one: Coming, other: Coming) -> bool:
    return one.season == other.season and not set(one.names).isdisjoint(other.names)


def _joined(parts: Sequence[Coming]) -> Coming:
    first = min(parts, key=lambda one: (one.leaves_at, one.at))
    names = tuple(dict.fromkeys((*first.names, *(name for one in parts for name in one.names))))
    return replace(first, names=names, size_bytes=sum(one.size_bytes for one in parts))


def remembered(
    earlier: Iterable[Notice], coming: Sequence[Coming], new: Iterable[Coming], now: datetime
) -> list[Notice]:
    """Add what is told of now, and let go of what is long over and no longer comes."""
    kept = [
        said
        for said in earlier
        if now - said.at < _REMEMBERED or any(said.is_of(one) for one in coming)
    ]
    return [*kept, *(Notice(one.names, one.season, one.at) for one in new)]


def silent_hours(start: time | None, end: time | None) -> tuple[time, time]:
    """Say between which local times nothing is told: a person's quiet hours, else the night."""
    return _NIGHT if start is None or end is None else (start, end)


def next_day(local: datetime, hours: tuple[time, time]) -> datetime:
    """Say from when on it may be told again, after what was told today."""
    midnight = datetime.combine(local.date() + timedelta(days=1), time(0), tzinfo=local.tzinfo)
    return quiet_until(midnight, *hours)
