"""What becomes of a sitting: told once when it completes a viewing, kept when it is over."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from .media import Unit
from .sitting import Past, Sitting, Tracker
from .viewing import Viewing, merge, percent_of, same_unit

KEPT: Final = 500


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """When a play counts: percent, and seconds."""

    completion: float = 85
    min_seconds: float = 120
    lost_after: float = 300


class ChangeKind(StrEnum):
    """What became of a viewing. `stopped` is also said of one that was completed before."""

    STARTED = "started"
    COMPLETED = "completed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened. What is shorter than the policy's minimum changes nothing."""

    kind: ChangeKind
    viewing: Viewing


type Result = tuple[Tracker, tuple[Change, ...]]


def last_sitting(tracker: Tracker, viewer_id: str, unit: Unit) -> Past | None:
    """Find the viewer's last sitting with a unit."""
    mine = [
        past
        for past in tracker.recent
        if past.viewing.viewer_id == viewer_id and same_unit(past.viewing.unit, unit)
    ]
    return max(mine, key=lambda past: past.viewing.ended_at, default=None)


def complete(
    tracker: Tracker, sitting: Sitting, position: float | None, policy: WatchPolicy
) -> Result:
    """Tell that a viewing is completed, once."""
    viewing = sitting.viewing(finished=False)
    past = last_sitting(tracker, sitting.viewer_id, sitting.unit)
    told = past is not None and past.viewing.day == viewing.day and past.viewing.completed
    if (
        told
        or viewing.completed
        or position is None
        or percent_of(position, sitting.runtime) < policy.completion
        or viewing.watched < policy.min_seconds
        or sitting.jumped
        or _still_at_credits(sitting, policy)
    ):
        return tracker, ()
    done = replace(viewing, completed=True, credits_jump=False)
    tracker = put(tracker, sitting, replace(sitting, base=done, watched=0.0, start=None))
    return remember(tracker, done, sitting.start), (Change(ChangeKind.COMPLETED, done),)


def _still_at_credits(sitting: Sitting, policy: WatchPolicy) -> bool:
    """Tell whether a sitting only goes on where the one before it jumped to."""
    base = sitting.base
    if base is None or not base.credits_jump or base.completed:
        return False
    start = sitting.furthest if sitting.start is None else sitting.start
    return percent_of(start, sitting.runtime) >= policy.completion


def close(tracker: Tracker, sitting: Sitting, policy: WatchPolicy) -> Result:
    """End a sitting at its last position."""
    current = next((s for s in tracker.open if s.place == sitting.place), sitting)
    viewing = current.viewing(finished=True)
    tracker = replace(tracker, open=tuple(s for s in tracker.open if s is not current))
    tracker = remember(tracker, viewing, current.start)
    if viewing.watched < policy.min_seconds and not viewing.completed:
        return tracker, ()  # zapping
    past = last_sitting(tracker, viewing.viewer_id, viewing.unit)
    return tracker, (Change(ChangeKind.STOPPED, past.viewing if past else viewing),)


def put(tracker: Tracker, old: Sitting, new: Sitting) -> Tracker:
    """Put a changed sitting in its place."""
    return replace(tracker, open=tuple(new if s is old else s for s in tracker.open))


def remember(tracker: Tracker, viewing: Viewing, start: float | None) -> Tracker:
    """Keep what is over (or completed), one for each viewing."""
    kept: list[Past] = []
    for past in tracker.recent:
        known = past.viewing
        if (
            known.viewer_id == viewing.viewer_id
            and known.day == viewing.day
            and same_unit(known.unit, viewing.unit)
        ):
            viewing = merge(known, viewing)
            starts = [at for at in (start, past.start) if at is not None]
            start = min(starts, default=None)
        else:
            kept.append(past)
    return replace(tracker, recent=(*kept[-KEPT:], Past(viewing, start)))
