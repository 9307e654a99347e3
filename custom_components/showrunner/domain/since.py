"""Since when something is so, of many things by their names: one rule for all who remember that.

What is still so keeps its date, what is new begins now, and of what is no longer so nothing is
remembered. A date that is yet to come was noted by a clock that was ahead: it begins now, too.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime


def begun[Name](
    before: Mapping[Name, datetime], so: Iterable[Name], now: datetime
) -> dict[Name, datetime]:
    """Say since when each is so, by what was known before."""
    return {name: min(before.get(name, now), now) for name in so}


def to_store(since: Mapping[str, datetime]) -> dict[str, str]:
    """Give JSON-safe values."""
    return {name: at.isoformat() for name, at in since.items()}


def from_store(kept: object) -> dict[str, datetime]:
    """Read what `to_store` gave; what is no instant as we write it, nobody noted.

    Stricter than for what services tell: it says since when something may be deleted.
    """
    rows = kept.items() if isinstance(kept, Mapping) else ()
    return {str(name): at for name, text in rows if (at := _instant(text)) is not None}


def _instant(kept: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(kept) if isinstance(kept, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
