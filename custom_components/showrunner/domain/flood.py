"""Webhook floods: the same body again and again is worked on once, and reported once.

More than 120 a minute are collapsed and reported, never worked on one by one. Of bodies that are
all different more than that are worked on, but not all the time (`Pace`).
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

LIMIT: Final = 120
WINDOW: Final = 60.0
_MAX_BODIES: Final = 500


class Admission(Enum):
    """What to do with one body."""

    ACCEPT = auto()
    COLLAPSE = auto()
    REPORT = auto()  # collapse, and this is the first of its flood: tell somebody


@dataclass(slots=True)
class FloodGate:
    """Counts equal bodies within a minute. Holds at most 500 of them; `now` is in seconds."""

    limit: int = LIMIT
    window: float = WINDOW
    collapsed: int = 0
    _seen: dict[int, tuple[float, int]] = field(default_factory=dict)

    def admit(self, body: int, now: float) -> Admission:
        """Take one body (its hash) at a monotonic time."""
        begun, count = self._seen.get(body, (now, 0))
        if now - begun >= self.window:
            begun, count = now, 0
        count += 1
        self._seen[body] = (begun, count)
        if len(self._seen) > _MAX_BODIES:
            self._prune(now)
        if count <= self.limit:
            return Admission.ACCEPT
        self.collapsed += 1
        return Admission.REPORT if count == self.limit + 1 else Admission.COLLAPSE

    def _prune(self, now: float) -> None:
        """Forget minutes that are over; if that is not enough, the oldest half."""
        alive = {b: v for b, v in self._seen.items() if now - v[0] < self.window}
        if len(alive) > _MAX_BODIES:
            newest = sorted(alive.items(), key=lambda item: item[1][0], reverse=True)
            alive = dict(newest[: _MAX_BODIES // 2])
        self._seen = alive


# How much longer than it works whoever is in a flood rests, and the shortest rest (seconds).
_REST: Final = 3.0
_SHORTEST: Final = 0.02
_LONGEST: Final = 1.0


@dataclass(slots=True)
class Pace:
    """Has others get their turn while many messages wait to be worked on.

    A webhook's body needs no signature, and what it leads to (looking up, folding, writing) costs
    far more than its answer: beyond so many in a minute three quarters of the time are others'.
    """

    limit: int = LIMIT
    window: float = WINDOW
    _begun: float = 0.0
    _count: int = 0
    _owed: float = 0.0

    def rest(self, worked: float, now: float) -> float:
        """Take the time that one message took; give the seconds to rest before the next, or 0.

        `now` is a monotonic time.
        """
        if now - self._begun >= self.window:
            self._begun, self._count, self._owed = now, 0, 0.0
        self._count += 1
        if self._count <= self.limit:
            return 0.0
        self._owed += _REST * worked
        if self._owed < _SHORTEST:
            return 0.0
        # What took long has mostly waited for somebody else: nobody is to wait for that once more.
        owed, self._owed = min(self._owed, _LONGEST), 0.0
        return owed
