"""What becomes of a sitting: told once when it completes a viewing, kept when it is over."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ..media import Unit
from .sitting import Past, Sitting, Tracker
from .viewing import Viewing, merge, percent_of, same_unit

KEPT: Final = 500
# Who is back within this time had never left: clients drop out, and answers come late (seconds).
FLAP: Final = 15.0
# So far from its start a play still begins at the beginning (seconds).
_BEGINNING: Final = 60.0


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
    """Something that happened. What is shorter than the policy's minimum changes nothing.

    `correction`: it was told a moment ago, and is known better now.
    """

    kind: ChangeKind
    viewing: Viewing
    correction: bool = False


type Result = tuple[Tracker, tuple[Change, ...]]


def brief(longest: float, runtime: float | None) -> float:
    """Give a moment of a film, shorter in one of a few minutes."""
    return min(longest, 0.05 * runtime) if runtime else longest


def last_sitting(
    tracker: Tracker, viewer_id: str, unit: Unit, *, seen: bool = False
) -> Past | None:
    """Find the viewer's last sitting with a unit. `seen`: of those that sessions have told of."""
    mine = (past for past in pasts(tracker, viewer_id, unit) if past.is_seen or not seen)
    return max(mine, key=lambda past: past.viewing.ended_at, default=None)


def pasts(tracker: Tracker, viewer_id: str, unit: Unit) -> Iterator[Past]:
    """Find what is over of a viewer and a unit."""
    return (
        past
        for past in tracker.recent
        if past.viewing.viewer_id == viewer_id and same_unit(past.viewing.unit, unit)
    )


def siblings(tracker: Tracker, viewer_id: str, unit: Unit) -> tuple[Sitting, ...]:
    """Find what the viewer has open of a unit: parts of one viewing, on several devices."""
    return tuple(
        sitting
        for sitting in tracker.open
        if sitting.viewer_id == viewer_id and same_unit(sitting.unit, unit)
    )


def complete(
    tracker: Tracker,
    sitting: Sitting,
    position: float | None,
    policy: WatchPolicy,
    *,
    played: bool = False,
) -> Result:
    """Tell that a viewing is completed, once.

    `played`: the server says that it was played to its end, which counts where nobody knows the
    runtime. If only a webhook says that it got so far, it is told as a correction when sessions do.
    """
    base, from_webhook = sitting.base, not sitting.is_seen
    if (
        position is None
        or not far_enough(percent_of(position, sitting.runtime), policy, played=played)
        or (base is not None and _is_reported(base, from_webhook=from_webhook))
        or sitting.jumped
        or _still_at_credits(sitting, policy)
    ):
        return tracker, ()
    viewing = sitting.viewing(finished=False)
    of_day = [
        past
        for past in pasts(tracker, sitting.viewer_id, sitting.unit)
        if past.viewing.day == viewing.day
    ]
    reported = any(
        _is_reported(past.viewing, from_webhook=from_webhook)
        for past in of_day
        if from_webhook or past.is_seen
    )
    if reported or counted_seconds(viewing, from_webhook=from_webhook) < policy.min_seconds:
        return tracker, ()
    known = viewing.completed or any(past.viewing.completed for past in of_day)
    done = replace(viewing, completed=True, credits_jump=False, doubted=from_webhook)
    tracker = put(tracker, sitting, _counted(sitting, done))
    tracker = remember(tracker, Past(done, sitting.start, sitting.position))
    tracker = share(tracker, done, sitting)
    return tracker, (Change(ChangeKind.COMPLETED, done, correction=known),)


def counted_seconds(viewing: Viewing, *, from_webhook: bool) -> float:
    """Say for how long it was watched. What a webhook says completes only what is in doubt."""
    seen = viewing.proven
    return viewing.watched if from_webhook else seen.watched if seen else 0.0


def _counted(sitting: Sitting, known: Viewing) -> Sitting:
    """Give a sitting of which all that was watched is known with the viewing."""
    return replace(sitting, base=known, counted=sitting.watched, webhook_seconds=0.0)


def _is_reported(viewing: Viewing, *, from_webhook: bool) -> bool:
    """Tell whether nothing is new of a viewing's completion."""
    return viewing.completed and (from_webhook or not viewing.doubted)


def _still_at_credits(sitting: Sitting, policy: WatchPolicy) -> bool:
    """Tell whether a sitting only goes on where the one before it jumped to."""
    base = sitting.base
    if base is None or not base.credits_jump or base.completed:
        return False
    start = sitting.furthest if sitting.start is None else sitting.start
    reached = percent_of(start, sitting.runtime)
    # Of an unknown runtime nobody knows where the credits are: only the beginning is none of them.
    return start > _BEGINNING if reached is None else reached >= policy.completion


def far_enough(reached: float | None, policy: WatchPolicy, *, played: bool) -> bool:
    """Tell whether a percent is far enough to count; None: the runtime is not known."""
    return played if reached is None else reached >= policy.completion


def close(tracker: Tracker, sitting: Sitting, policy: WatchPolicy, *, lost: bool = False) -> Result:
    """End a sitting at its last position; what goes on elsewhere goes on from what is known now."""
    current = next((s for s in tracker.open if s.place == sitting.place), sitting)
    viewing = current.viewing(finished=True)
    open_ = tuple(s for s in tracker.open if s is not current)
    known = _goes_on(current, siblings(tracker, viewing.viewer_id, viewing.unit), lost=lost)
    known = known or _reported_just_now(tracker, current)
    past = Past(viewing, current.start, current.position, current, lost)
    tracker = remember(replace(tracker, open=open_), past)
    viewing = tracker.recent[-1].viewing
    tracker = share(tracker, viewing, current)
    if viewing.watched < policy.min_seconds and not viewing.completed:
        return tracker, ()  # zapping
    return tracker, (Change(ChangeKind.STOPPED, viewing, correction=known),)


def _goes_on(sitting: Sitting, playing: Iterable[Sitting], *, lost: bool) -> bool:
    """Tell whether the end of a sitting ends nothing, because others tell that it goes on.

    A webhook may tell that a play is over before sessions do. Of a play that only it knows, whose
    beginning was not told beside a session's, the end is not told either: it may have called the
    same device by another name.
    """
    for one in playing:
        if one.is_beside(sitting):
            if lost:
                return True
        elif one.is_seen and not sitting.is_seen:
            return True
    return False


def _reported_just_now(tracker: Tracker, sitting: Sitting) -> bool:
    """Tell whether the end of this sitting was told a moment ago."""
    ends = [
        past.viewing.ended_at
        for past in tracker.recent
        if past.sitting is not None and past.sitting.is_same_play(sitting)
    ]
    base = sitting.base
    if base is not None and base.finished:
        ends.append(base.ended_at)
    soon = brief(FLAP, sitting.runtime)
    return any((sitting.at - end).total_seconds() <= soon for end in ends)


def share(tracker: Tracker, viewing: Viewing, sitting: Sitting) -> Tracker:
    """Let the viewer's other devices add to what is known of a sitting's viewing now.

    What a webhook told is nothing that a session's play adds to.
    """
    others = tuple(
        one
        for one in siblings(tracker, viewing.viewer_id, viewing.unit)
        if sitting.is_seen or not one.is_seen
    )
    if not others:
        return tracker
    return replace(
        tracker,
        open=tuple(
            replace(s, base=viewing, day=viewing.day) if s in others else s for s in tracker.open
        ),
    )


def put(tracker: Tracker, old: Sitting, new: Sitting) -> Tracker:
    """Put a changed sitting in its place."""
    place = old.place
    return replace(tracker, open=tuple(new if s.place == place else s for s in tracker.open))


def remember(tracker: Tracker, new: Past) -> Tracker:
    """Keep what is over (or completed), one for each viewing; what only a webhook told, apart."""
    kept: list[Past] = []
    for past in tracker.recent:
        known, viewing = past.viewing, new.viewing
        if (
            known.viewer_id == viewing.viewer_id
            and known.day == viewing.day
            and past.is_seen is new.is_seen
            and same_unit(known.unit, viewing.unit)
        ):
            starts = [at for at in (new.start, past.start) if at is not None]
            new = replace(new, viewing=merge(known, viewing), start=min(starts, default=None))
        else:
            kept.append(past)
    return replace(tracker, recent=(*bounded(kept), new))


def bounded(recent: Sequence[Past]) -> tuple[Past, ...]:
    """Forget the oldest of too many; nothing that sessions told for what a webhook tells."""
    surplus = len(recent) - KEPT
    if surplus <= 0:
        return tuple(recent)
    hints = [past for past in recent if not past.is_seen][:surplus]
    gone = {id(past) for past in hints}
    return tuple(past for past in recent if id(past) not in gone)[-KEPT:]
