"""What a week has brought: for a message that sums it up. Pure.

Numbers name no title; what was watched most does, so that each who is told hears only of what they
may see.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from .media import MediaType, Title, Unit

WEEK: Final = timedelta(days=7)
# So many titles are named, and so many are looked at for those that somebody may see.
NAMED: Final = 5
LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Watched:
    """A title, and how often something of it was watched to its end.

    `items`: what of Jellyfin's it was, by which it is seen whether somebody may know of it.
    """

    title: Title
    count: int
    items: frozenset[str] = frozenset()

    @property
    def is_series(self) -> bool:
        """Tell whether its items are episodes, and the series of them."""
        return self.title.media is MediaType.SERIES


@dataclass(frozen=True, slots=True)
class Digest:
    """What there was.

    Films that we fetched; titles of which we deleted something; what that and all else has freed;
    what was asked for; and what was watched, the most watched first.
    """

    fetched: int = 0
    deleted: int = 0
    freed_bytes: int = 0
    requested: int = 0
    watched: tuple[Watched, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to tell."""
        return self == Digest()

    def naming(self, titles: Iterable[Watched]) -> Digest:
        """Give the same, with only so many titles of these."""
        return replace(self, watched=tuple(titles)[:NAMED])


def most_watched(plays: Iterable[tuple[Unit, int]]) -> tuple[Watched, ...]:
    """Put together what is of one title, whatever ids a play knew of it; the most watched first."""
    found: list[Watched] = []
    at: dict[str, int] = {}
    for unit, count in plays:
        title = unit.title
        names = title.key.names or (f"{title.media}:{title.label}",)
        items = frozenset({unit.item_id, unit.series_item_id} - {None, ""})
        same = sorted({at[name] for name in names if name in at})
        if not same:
            same = [len(found)]
            found.append(Watched(title, 0))
        first = found[same[0]]
        others = [found[one] for one in same[1:]]
        found[same[0]] = Watched(
            first.title,
            first.count + count + sum(one.count for one in others),
            first.items.union(items, *(one.items for one in others)),  # type: ignore[arg-type]
        )
        for one in same[1:]:
            found[one] = replace(found[one], count=0)
        if others:
            at = {name: same[0] if number in same else number for name, number in at.items()}
        at |= dict.fromkeys(names, same[0])
    told = [one for one in found if one.count]
    ordered = sorted(told, key=lambda one: (-one.count, one.title.label))
    return tuple(ordered[:LOOKED_AT])
