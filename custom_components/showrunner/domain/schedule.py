"""When something that is done every so often is due, for those who look only now and then."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

# A timer that is to fire after an interval fires a little earlier or later: Home Assistant cuts
# whole seconds off, and a busy loop adds some. So much of an interval may be missing.
_TOLERANCE: Final = 1 / 20


_WEEK: Final = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a job has its turn again.

    `every`: so long after the last time. `at`: at this local time, on these `weekdays` (0 is
    Monday). With both, whichever comes first; with neither, only when something happens.

    What was missed while nothing ran is made up for at once, and only once. A local time that a
    change of the clocks leaves out is as long after the change as it would have been; one that
    comes twice counts the first time.
    """

    every: timedelta | None = None
    at: time | None = None
    weekdays: frozenset[int] = _WEEK

    def due(self, last: datetime | None, now: datetime, zone: tzinfo) -> bool:
        """Tell whether something that was done `last` has its turn by now."""
        turn = self.turn(last, now, zone)
        return turn is not None and turn <= now

    def turn(self, last: datetime | None, now: datetime, zone: tzinfo) -> datetime | None:
        """Say when it has its turn, in UTC; None: not by the clock.

        What was never done has it now; so has what was done in the future, for somebody has put
        the clock back.
        """
        if self.every is None and (self.at is None or not self.weekdays):
            return None
        if last is None or now < last:
            return now.astimezone(UTC)
        turns = [] if self.every is None else [last.astimezone(UTC) + self.every]
        if self.at is not None and self.weekdays:
            turns.append(self._after(last, self.at, zone))
        return min(turns)

    def _after(self, last: datetime, at: time, zone: tzinfo) -> datetime:
        """Give the first such local time after an instant."""
        day = last.astimezone(zone).date()
        while True:
            turn = datetime.combine(day, at, zone).astimezone(UTC)
            if turn > last and day.weekday() in self.weekdays:
                return turn
            day += timedelta(days=1)


def is_due(last: datetime | None, now: datetime, every: timedelta) -> bool:
    """Tell whether something that was done `last` is due again.

    Whoever looks at the pace of `every` finds it due each time, whatever their timer's jitter. A
    clock that was put back makes it due as well: else nothing would be done until it caught up.
    """
    return last is None or now < last or now - last >= every * (1 - _TOLERANCE)


def share(number: int, looks: int, most: int) -> int:
    """Say how many of so many have their turn in one look, for all to have it in so many looks.

    Never more than `most`: then it takes longer.
    """
    return min(-(-number // looks), most)
