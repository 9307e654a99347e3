"""The time before a viewer's watch time was counted live, as rows of the same statistic.

A statistic's rows carry a running sum. What was watched before its first live hour becomes rows
that count up from nothing, and the live ones are raised by as much, so that the sum goes on without
a jump. Rows of ours are known by having no state, so it can be done again with the same outcome.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """An hour as it stands: the sum at its end, and the sensor's state (None: put in by us)."""

    start: datetime
    sum: float
    state: float | None


@dataclass(frozen=True, slots=True)
class Past:
    """What is to be written: sums at the ends of hours, and by how much to raise what follows."""

    rows: tuple[tuple[datetime, float], ...]
    live_since: datetime
    raised_by: float


def past_hours(
    watched: Mapping[datetime, float],
    known: Sequence[StatisticRow],
    day_of: Callable[[datetime], date],
    today: date,
    kept_since: datetime | None,
) -> Past | None:
    """Say what to write; None while there is no live hour that it could end at.

    `watched` by the hour, in the statistic's unit; `known` are all rows, the oldest first. Of what
    is older than `kept_since` our history may be gone: then the rows that are there count.
    """
    live = [row for row in known if row.state is not None]
    if not live:
        return None
    first = live[0].start
    ours = [row for row in known if row.state is None and row.start < first]
    offset = ours[-1].sum if ours else 0.0
    missed = _missed(watched, live, offset, day_of, today)
    hours = {row.start: 0.0 for row in ours}
    hours |= {
        hour: time
        for hour, time in watched.items()
        if hour < first and day_of(hour) < day_of(first)
    }
    if kept_since is not None:
        hours |= {hour: time for hour, time in _changes(ours) if hour < kept_since}
    same_day = [hour for hour in watched if hour < first and day_of(hour) == day_of(first)]
    hours |= _spread(missed, {hour: watched[hour] for hour in sorted(same_day)})
    rows, total = [], 0.0
    for hour in sorted(hours):
        total += hours[hour]
        rows.append((hour, total))
    return Past(tuple(rows), first, total - offset)


def _missed(
    watched: Mapping[datetime, float],
    live: Sequence[StatisticRow],
    offset: float,
    day_of: Callable[[datetime], date],
    today: date,
) -> float:
    """Give what was watched on the first live day and not counted live."""
    day = day_of(live[0].start)
    last = [row for row in live if day_of(row.start) == day][-1]
    counted = last.sum - offset
    if day == today:
        # The first state was the zero point; what comes to the day from now on is counted live.
        return max(0.0, (last.state or 0.0) - counted)
    whole = sum(time for hour, time in watched.items() if day_of(hour) == day)
    return max(0.0, whole - counted)


def _spread(amount: float, hours: Mapping[datetime, float]) -> dict[datetime, float]:
    """Lay an amount on hours, each as full as it was; the last one takes what is too much."""
    laid: dict[datetime, float] = {}
    for hour, time in hours.items():
        laid[hour] = min(time, amount)
        amount -= laid[hour]
    if laid:
        laid[next(reversed(laid))] += amount
    return laid


def _changes(rows: Iterable[StatisticRow]) -> list[tuple[datetime, float]]:
    found, before = [], 0.0
    for row in rows:
        found.append((row.start, row.sum - before))
        before = row.sum
    return found
