"""What must be written when a request's facts grow: events at once, mere readings now and then.

A torrent client is read every ten seconds, and a request's facts are one row. What is lost when
Home Assistant is killed is how far a transfer was, and every source says that again.
"""

from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final

from ..domain.requests.facts import Event, Fact, Facts, Inventory, JellyfinPresence, Transfer
from ..domain.requests.state import RequestStatus

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Urgency(Enum):
    """When grown facts are written: now, with the next round, or with whatever comes next."""

    NOW = auto()
    SOON = auto()
    WHENEVER = auto()


def urgency(old: Facts | None, new: Facts) -> Urgency:
    """Say when facts must be written that have grown. Without the old ones nobody knows: now."""
    if old is None:
        return Urgency.NOW
    found = Urgency.WHENEVER
    for key, fact in new.by_key.items():
        before = old.by_key.get(key)
        if fact is before or fact == before:
            continue
        if before is None or isinstance(fact, Event):
            return Urgency.NOW
        if _plain(fact) != _plain(before):
            found = Urgency.SOON
    return found


def _plain(fact: Fact) -> Fact:
    """Take the times of a reading away: that it was read again is no news."""
    match fact:
        case Transfer():
            return replace(fact, at=_NEVER, since=_NEVER, still=_NEVER)
        case Inventory():
            return replace(fact, at=_NEVER, before=None)
        case JellyfinPresence():
            seen = _NEVER if fact.seen else None
            return replace(fact, at=_NEVER, before=None, first_seen=seen, last_seen=seen)
        case Event():
            return fact


def same_stand(old: RequestStatus, new: RequestStatus) -> bool:
    """Tell whether a request stands as before but for the progress of its transfers."""
    return replace(old, progress=0.0, eta=None) == replace(new, progress=0.0, eta=None)
