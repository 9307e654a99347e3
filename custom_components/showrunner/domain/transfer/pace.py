"""How fast, and when: a rate limit, and the hours in which anything is fetched."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta


@dataclass(slots=True)
class TokenBucket:
    """Lets so many bytes a second pass, on the average; at most a second's worth at once.

    With a rate of 0 everything passes. `now` is a monotonic time, in seconds.
    """

    rate: float
    level: float = 0.0
    at: float | None = None

    def take(self, size: int, now: float) -> float:
        """Take what is to be read; give the seconds to wait before it is."""
        if self.rate <= 0:
            return 0.0
        passed = 0.0 if self.at is None else max(now - self.at, 0.0)
        self.at = now
        self.level = min(self.level + passed * self.rate, self.rate) - size
        return max(-self.level / self.rate, 0.0)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of the day in which it may run, local time; over midnight when they end earlier.

    Without both, or with two equal ones: always.
    """

    start: time | None = None
    end: time | None = None

    @property
    def always(self) -> bool:
        """Tell whether there is no limit."""
        return self.start is None or self.end is None or self.start == self.end

    def allow(self, now: datetime) -> bool:
        """Tell whether it may run at a local, aware time. By the clock on the wall."""
        if self.start is None or self.end is None or self.start == self.end:
            return True
        clock = now.replace(tzinfo=None).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def left(self, now: datetime) -> timedelta | None:
        """Say how long it may still run; None: without end. Nothing outside of the hours.

        A day with a change of the clocks is longer or shorter, and so is what is left of it.
        """
        if self.end is None or self.always:
            return None
        if not self.allow(now):
            return timedelta()
        until = datetime.combine(now.date(), self.end, now.tzinfo)
        if until.astimezone(UTC) <= now.astimezone(UTC):
            until = datetime.combine(now.date() + timedelta(days=1), self.end, now.tzinfo)
        return until.astimezone(UTC) - now.astimezone(UTC)
