"""What we deleted, part by part, and what we did ourselves to have a part of it come.

The ledger has kept which episodes lay in the files that went, and which were searched for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ...domain.plan import Action
from ...domain.regrets import BY_NAME, WITHIN, Deleted
from ...operations.base import numbers
from ...store import LedgerRow, LedgerState
from .words import is_deletion, season_of

# A season and a number in it.
type Spot = tuple[int, int]

# What we did ourselves to have a title again.
_OURS: Final = frozenset(
    {
        Action.ADD_MOVIE,
        Action.UPDATE_MOVIE,
        Action.SEARCH_MOVIE,
        Action.RESTORE_MOVIE,
        Action.RESTORE_SERIES,
        Action.MONITOR_EPISODES,
        Action.SEARCH_EPISODES,
    }
)
# What these bring may come after a deletion that they were sent before.
_SEARCHES: Final = frozenset({Action.ADD_MOVIE, Action.SEARCH_MOVIE, Action.SEARCH_EPISODES})
_OF_EPISODES: Final = frozenset({Action.MONITOR_EPISODES, Action.SEARCH_EPISODES})
_SPOT: Final = len(("id", "season", "number"))
_PAIR: Final = len(("episode", "file"))


@dataclass(frozen=True, slots=True)
class Lost:
    """A part that we deleted, the names of its title, and whose it was.

    `spots`: which episodes went; none: nobody knows. `numbered`: what the episodes of its series
    were called there by their numbers.
    """

    deleted: Deleted
    names: frozenset[str]
    service: str | None
    spots: frozenset[Spot] = frozenset()
    numbered: Mapping[int, Spot] = field(default_factory=dict, hash=False)

    def is_ours(self, row: LedgerRow) -> bool:
        """Tell whether a change had this part come, or may have; what failed did not.

        What was searched for before it went may come after that.
        """
        if row.action not in _OURS or row.state is LedgerState.FAILED or not self._is_of(row):
            return False
        begun = self.deleted.begun
        late = row.action in _SEARCHES and row.begun_at >= begun - WITHIN
        return late or row.begun_at >= begun

    def _is_of(self, row: LedgerRow) -> bool:
        """Tell whether a change is of this part: of a season by one episode, as packs come whole.

        Specials have nothing to do with each other. Of which episodes nobody knows, they may be.
        """
        season = self.deleted.season
        if season is None or row.action not in _OF_EPISODES:
            return True
        asked = self._asked(row)
        if asked is None:
            return True
        if season == 0 and self.spots:
            return bool(asked & self.spots)
        return any(spot[0] == season for spot in asked)

    def _asked(self, row: LedgerRow) -> frozenset[Spot] | None:
        """Say which episodes a change was of; None: nobody knows."""
        payload = row.before.get("payload")
        told = payload if isinstance(payload, Mapping) else {}
        places = told.get("places")
        pairs = [numbers(one) for one in (places if isinstance(places, list) else [])]
        if pairs:
            return frozenset((one[0], one[1]) for one in pairs if len(one) == _PAIR)
        episodes = numbers(told.get("episodes"))
        known = [self.numbered[one] for one in episodes if one in self.numbered]
        same = row.service == self.service and episodes and len(known) == len(episodes)
        return frozenset(known) if same else None


def lost_in(rows: Iterable[tuple[LedgerRow, frozenset[str]]]) -> Iterator[Lost]:
    """Put together what tells of one part: a movie's file and entry, and what was tried twice."""
    parts: dict[tuple[object, ...], list[tuple[LedgerRow, frozenset[str]]]] = {}
    for row, names in rows:
        if is_deletion(row) and row.job not in BY_NAME:
            target = row.before.get("target")
            number = target.get("id") if isinstance(target, Mapping) else None
            of = row.title if number is None else number
            key = row.plan_id, row.service, of, season_of(row)
            parts.setdefault(key, []).append((row, names))
    for some in parts.values():
        first = min((row for row, _ in some), key=lambda row: row.id)
        ends = [row.ended_at for row, _ in some if row.ended_at is not None]
        undone = [row.undone_at for row, _ in some if row.undone_at is not None]
        deleted = Deleted(
            first.id, min(ends), max(ends), season_of(first), min(undone, default=None)
        )
        gone = [_gone(row) for row, _ in some]
        yield Lost(
            deleted,
            frozenset(n for _, names in some for n in names),
            first.service,
            # What one of them does not tell is not known of any.
            frozenset(spot for spots in gone for spot in spots) if all(gone) else frozenset(),
            {number: spot for row, _ in some for number, spot in _numbered(row).items()},
        )


def _numbered(row: LedgerRow) -> dict[int, Spot]:
    kept = row.before.get("places")
    told = [numbers(one) for one in (kept if isinstance(kept, list) else [])]
    return {one[0]: (one[1], one[2]) for one in told if len(one) == _SPOT}


def _gone(row: LedgerRow) -> frozenset[Spot]:
    """Say which episodes lay in the files that went; none: that is not known of all."""
    numbered, files = _numbered(row), frozenset(numbers(row.after.get("file_ids")))
    kept = row.before.get("in_files")
    pairs = [numbers(one) for one in (kept if isinstance(kept, list) else [])]
    lost = [one[0] for one in pairs if len(one) == _PAIR and one[1] in files]
    known = frozenset(numbered[one] for one in lost if one in numbered)
    return known if len(known) == len(lost) else frozenset()
