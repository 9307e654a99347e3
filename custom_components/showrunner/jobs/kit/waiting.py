"""When a job comes back to plans that could not be carried out whole (law 15).

After a growing pause, sooner when somebody says that something has changed, and until the plan
expires. What waits is in the store: a restart forgets nothing but how long the pause was.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ...waking import woken

# A Jellyfin that watches its folders misses a file after a minute; one that scans, after hours.
PAUSES: Final = tuple(timedelta(seconds=some) for some in (15, 30, 60, 120, 300, 600))
# Changes come in swarms: so long after a try the next one waits in any case.
LEAST: Final = timedelta(seconds=5)


@dataclass(slots=True)
class _Waiting:
    """How often a plan was tried since it waits, and when it was last."""

    tries: int
    tried_at: datetime


class WaitingPlans:
    """Says whose turn it is."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Begin with none."""
        self._now = now
        self._plans: dict[str, _Waiting] = {}
        self._wake = asyncio.Event()
        self._hinted = False

    def __contains__(self, plan_id: str) -> bool:
        """Tell whether a plan waits."""
        return plan_id in self._plans

    @property
    def ids(self) -> tuple[str, ...]:
        """Name the plans that wait."""
        return tuple(self._plans)

    def hint(self) -> None:
        """Take it that something has changed that a plan may wait for."""
        if self._plans:
            self._hinted = True
            self._wake.set()

    def take_up(self, plan_id: str) -> None:
        """Take up a plan that waited when Home Assistant stopped: its turn is now."""
        self._plans.setdefault(plan_id, _Waiting(0, self._now() - PAUSES[-1]))
        self._wake.set()

    def tried(self, plan_id: str) -> None:
        """Note that a plan was tried, and still waits."""
        known = self._plans.get(plan_id)
        self._plans[plan_id] = _Waiting(known.tries + 1 if known else 0, self._now())
        self._wake.set()

    def forget(self, plan_id: str) -> None:
        """Note that nothing of a plan waits any more."""
        self._plans.pop(plan_id, None)

    def due(self) -> tuple[str, ...]:
        """Name the plans whose turn it is."""
        now, hinted, self._hinted = self._now(), self._hinted, False
        ready = tuple(one for one, at in self._plans.items() if now >= self._at(at, hinted=hinted))
        # Who was tried a moment ago comes again soon, and not only after its pause.
        self._hinted = hinted and len(ready) < len(self._plans)
        return ready

    async def turn(self, longest: timedelta | None = None) -> None:
        """Wait until it is somebody's turn, or something has changed; not longer than `longest`."""
        self._wake.clear()
        now = self._now()
        times = [self._at(one, hinted=self._hinted) - now for one in self._plans.values()]
        left = min([*times, longest] if longest is not None else times, default=None)
        await woken(self._wake, None if left is None else max(left.total_seconds(), 0))

    @staticmethod
    def _at(waiting: _Waiting, *, hinted: bool) -> datetime:
        pause = PAUSES[min(waiting.tries, len(PAUSES) - 1)]
        return waiting.tried_at + (min(pause, LEAST) if hinted else pause)
