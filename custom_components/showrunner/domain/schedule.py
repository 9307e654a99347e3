"""When something that is done every so often is due, for those who look only now and then."""

from datetime import datetime, timedelta
from typing import Final

# A timer that is to fire after an interval fires a little earlier or later: Home Assistant cuts
# whole seconds off, and a busy loop adds some. So much of an interval may be missing.
_TOLERANCE: Final = 1 / 20


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
