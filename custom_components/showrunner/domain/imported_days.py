"""What one viewer played of one thing in a day, from the rows of a foreign history."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from .media import Unit

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
# Nobody starts one title more often in a day, without a word about the position.
_MOST_PLAYS: Final = 100


@dataclass(frozen=True, slots=True)
class Play:
    """One sitting: `watched` seconds of the time from `began` to `ended`, the rest was a pause."""

    row_id: str
    began: datetime
    ended: datetime
    watched: float
    position: float | None
    device: str
    client: str
    play_method: str


@dataclass(slots=True)
class PlayedDay:
    """The plays of one viewer, unit and day, in the order in which they came."""

    viewer_id: str
    unit: Unit
    runtime: float | None
    day: date
    plays: list[Play] = field(default_factory=list)
    _known: set[object] = field(default_factory=set)

    def add(self, play: Play, runtime: float | None) -> bool:
        """Add a play; false when it is there already, by its number or by its times."""
        names = {play.row_id, (play.began, play.ended)}
        if not self._known.isdisjoint(names):
            return False
        self._known |= names
        self.plays.append(play)
        self.runtime = max(self.runtime or 0.0, runtime or 0.0) or None
        return True

    def without_flood(self) -> int:
        """Drop plays that tell no position when there are absurdly many; give how many."""
        placed = [play for play in self.plays if play.position is not None]
        dropped = len(self.plays) - len(placed)
        if dropped <= _MOST_PLAYS:
            return 0
        self.plays = placed
        return dropped

    @property
    def watched(self) -> float:
        """Seconds that any of the plays covers, never more than their positions explain."""
        return min(_joined(self._stretches()), self.reached)

    @property
    def reached(self) -> float:
        """The furthest position; only where none is told, what was watched."""
        placed = [play for play in self._stretches() if play.position is not None]
        furthest = max((play.position or 0.0 for play in placed), default=0.0)
        silent = [play for play in self.plays if play.position is None]
        if silent:
            # They may go on from where the others ended, but no further than those explain.
            furthest = max(furthest, min(furthest, _joined(placed)) + _joined(silent))
        return min(furthest, self.runtime) if self.runtime else furthest

    def _stretches(self) -> list[Play]:
        """Give the plays without what stood still: of those that end at one position the longest.

        A source that writes a row at every look tells of one play again and again.
        """
        longest: dict[object, Play] = {}
        for play in self.plays:
            key = play.row_id if play.position is None else round(play.position)
            if key not in longest or longest[key].watched < play.watched:
                longest[key] = play
        return list(longest.values())


def _joined(plays: Iterable[Play]) -> float:
    """Add up what was watched; what several tell of the same time counts once."""
    total, until = 0.0, EPOCH
    for play in sorted(plays, key=lambda play: play.began):
        if play.ended > until:
            passed = (play.ended - max(play.began, until)).total_seconds()
            total += min(passed, play.watched)
            until = play.ended
    return total
