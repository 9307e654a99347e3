"""How often one person may ask for what costs a service something."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

LIMIT: Final = 10
WINDOW: Final = 60.0


@dataclass(slots=True)
class RateLimit:
    """Admits so many calls of one caller within any window of seconds.

    A refused call does not count, so that waiting always helps. Callers whose calls are all past
    are forgotten: as many are held as really asked within the window.
    """

    limit: int = LIMIT
    window: float = WINDOW
    _calls: dict[str, deque[float]] = field(default_factory=dict)

    def admit(self, caller: str, now: float) -> float:
        """Return 0 and count the call, or the seconds to wait. `now` is a monotonic time."""
        self._forget(now)
        calls = self._calls.get(caller)
        if calls is None:
            calls = self._calls[caller] = deque()
        if len(calls) >= self.limit:
            return calls[0] + self.window - now
        calls.append(now)
        return 0.0

    def _forget(self, now: float) -> None:
        for caller, calls in tuple(self._calls.items()):
            while calls and calls[0] + self.window <= now:
                calls.popleft()
            if not calls:
                del self._calls[caller]
