"""When a request's state may next change although nobody says anything new of it.

`state` compares the time with instants of the facts, bare (an episode that airs) or with a waiting
that is no longer normal (`StuckPolicy`). Between two of these moments the state is the same, so it
need not be derived again.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta

from .facts import Event, Fact, Facts, Inventory, Transfer
from .request import Request
from .stuck import StuckPolicy


def changes_at(
    request: Request, facts: Facts, now: datetime, policy: StuckPolicy
) -> datetime | None:
    """Say until when a state that was derived now stands; None: until a new fact comes.

    It may come too early, never too late.
    """
    instants = sorted({request.requested_at, *(at for fact in facts for at in _instants(fact))})
    found = []
    for waiting in {timedelta(), *policy.times}:
        first = bisect_right(instants, now - waiting)
        if first < len(instants):
            found.append(instants[first] + waiting)
    return min(found, default=None)


def _instants(fact: Fact) -> Iterator[datetime]:
    """Give what waiting is counted from: since when it is so, and not when that was read last."""
    match fact:
        case Event():
            yield fact.at
        case Transfer():
            yield fact.unchanged_since
            yield fact.still_since
        case Inventory():
            yield fact.at
            if fact.aired_at is not None:
                yield fact.aired_at
        case _:
            yield from (at for at in (fact.first_seen, fact.last_seen) if at is not None)
