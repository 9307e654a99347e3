"""How long the history is kept: months of the calendar, 0 for ever."""

import calendar
from datetime import datetime


def kept_since(now: datetime, months: int) -> datetime | None:
    """Give the instant before which viewings are not kept, None when all are.

    The same day and time so many months ago; of a shorter month its last day.
    """
    if months <= 0:
        return None
    count = now.year * 12 + now.month - 1 - months
    year, month = divmod(count, 12)
    if year < 1:
        return None
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)
