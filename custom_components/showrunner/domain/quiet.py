"""When a channel keeps quiet: local wall-clock hours, also over midnight."""

from datetime import datetime, time, timedelta


def quiet_until(now: datetime, start: time | None, end: time | None) -> datetime:
    """Say when it may be loud: `now` outside of the quiet hours, else their end.

    `now` is local and aware. Equal times mean no quiet hours.
    """
    if start is None or end is None or start == end:
        return now
    clock = now.time()
    quiet = start <= clock < end if start < end else (clock >= start or clock < end)
    if not quiet:
        return now
    until = datetime.combine(now.date(), end, tzinfo=now.tzinfo)
    return until if until > now else until + timedelta(days=1)
