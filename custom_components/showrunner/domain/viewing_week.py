"""When in a week people watch: each hour of each day, as the clock on their wall shows it."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final

DAYS: Final = 7
HOURS: Final = 24

# Seconds watched, by the day (Monday first) and the hour.
type Week = tuple[tuple[float, ...], ...]


def week_of(watched: Iterable[tuple[datetime, float]], zone: tzinfo) -> Week:
    """Put what was watched from each instant on (seconds) where it belongs in the week."""
    week = [[0.0] * HOURS for _ in range(DAYS)]
    for at, seconds in watched:
        there = at.astimezone(zone)
        week[there.weekday()][there.hour] += seconds
    return tuple(tuple(day) for day in week)
