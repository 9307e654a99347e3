"""How many connections a transfer uses: one, and more only while each more makes it faster."""

from dataclasses import dataclass, replace
from typing import Final

# So much faster it has to be with twice as many, for them to stay.
_GAIN: Final = 1.15
# Slower than so much of what it was, so often in a row, and it is tried anew, but not for ever.
_FALL: Final = 0.5
_PATIENCE: Final = 5
_TRIES: Final = 3
# After so many measurements more are tried once again, for one alone may mislead; after a probe in
# vain twice as many go by until the next, and so often at the most.
_CALM: Final = 20
_PROBES: Final = 6
# How much a new measurement changes what is known of the rate.
_NEW: Final = 0.25


@dataclass(frozen=True, slots=True)
class Connections:
    """How many are used now (`count`), and what was measured. Begins with one.

    `best` is the rate that `best_count` had; `settled`: no more are tried for a while, of which
    `calm` measurements are over; `tries` and `probes` are left.
    """

    limit: int
    count: int = 1
    best_count: int = 1
    best: float = 0.0
    settled: bool = False
    slow: int = 0
    tries: int = _TRIES
    calm: int = 0
    probes: int = _PROBES

    def __post_init__(self) -> None:
        """Raise ValueError for a limit that allows none."""
        if self.limit < 1:
            raise ValueError("limit")

    def observe(self, rate: float) -> Connections:
        """Take what was measured with `count` (bytes a second); say how it goes on."""
        if self.settled:
            return self._watch(rate)
        if rate >= self.best * _GAIN or self.count == self.best_count:
            grown = replace(self, best=rate, best_count=self.count)
            if self.count >= self.limit or rate <= 0:
                return replace(grown, settled=rate > 0)
            return replace(grown, count=min(self.count * 2, self.limit))
        return replace(self, count=self.best_count, settled=True, slow=0, calm=0)

    def at_most(self, limit: int) -> Connections:
        """Take it that the server allows no more than so many."""
        limit = max(1, min(limit, self.limit))
        count = min(self.count, limit)
        best_count = min(self.best_count, limit)
        return replace(self, limit=limit, count=count, best_count=best_count, settled=True)

    def _watch(self, rate: float) -> Connections:
        """Look whether the line has changed so much that another number may do better."""
        if rate >= self.best * _FALL:
            return self._probe(rate)
        if self.slow + 1 < _PATIENCE or not self.tries:
            return replace(self, slow=min(self.slow + 1, _PATIENCE))
        return Connections(self.limit, tries=self.tries - 1, probes=self.probes)

    def _probe(self, rate: float) -> Connections:
        """Know the rate better; try more once again when there was time enough in between."""
        best = self.best + (rate - self.best) * _NEW
        calm = replace(self, best=best, slow=0, calm=self.calm + 1)
        pause = _CALM * 2 ** (_PROBES - self.probes)
        if calm.calm < pause or not self.probes or self.count >= self.limit:
            return calm
        more = min(self.count * 2, self.limit)
        return replace(calm, count=more, settled=False, calm=0, probes=self.probes - 1)
