"""A session tells of a play that only a webhook has told of until then.

The session's play begins with that: neither its day, nor its beginning, nor the time that counts is
a webhook's to say. Yet it is the same play to whoever looks on: no end is told in its middle, and
the time that only the webhook told goes into the history with it. What a webhook told of a play
that sessions tell of stands until the next report of a session.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from .conclusion import Change, WatchPolicy, close, last_sitting, siblings
from .progress import advance, goes_on_from, same_play
from .resumption import begins_anew
from .sitting import PlaybackReport, Sitting, Tracker


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What ended with that. `seconds`: for how long the play went on before, by its day.

    `announced`: it is known already that somebody plays this.
    """

    ends: tuple[Change, ...] = ()
    seconds: Mapping[date, float] = field(default_factory=dict)
    announced: bool = False


def take_over(
    tracker: Tracker, mine: tuple[Sitting, ...], report: PlaybackReport, policy: WatchPolicy
) -> tuple[Tracker, TakenOver]:
    """End what only a webhook has told of the play that a session tells of now."""
    if report.from_webhook:
        return tracker, TakenOver(announced=bool(mine))
    ends: tuple[Change, ...] = ()
    seconds: dict[date, float] = {}
    alone = not any(one.is_seen for one in mine)
    announced = False
    for sitting in mine:
        same = report.at >= sitting.began and same_play(sitting, report)
        from_webhook = same and not sitting.is_seen
        anew = from_webhook and begins_anew(sitting, report, policy)
        announced = announced or not anew
        if not from_webhook:
            continue
        if not anew and any(one.is_beside(sitting) and report.at >= one.at for one in mine):
            open_ = tuple(one for one in tracker.open if one is not sitting)
            tracker = replace(tracker, open=open_)
            continue
        if alone and not anew:
            known = seconds.get(sitting.day, 0.0)
            until = _seconds_until(tracker, sitting, report, policy)
            seconds[sitting.day] = max(known, until)
        tracker, more = close(tracker, sitting, policy, lost=anew)
        ends += more
    return tracker, TakenOver(ends, seconds, announced)


def ended(
    tracker: Tracker, mine: tuple[Sitting, ...], report: PlaybackReport, taken: TakenOver
) -> tuple[Change, ...]:
    """Give the ends: stored only, as long as the session's play goes on or tells its own end."""
    playing = (*mine, *siblings(tracker, report.user_id, report.unit))
    if not taken.announced or not any(one.is_seen for one in playing):
        return taken.ends
    return tuple(replace(end, correction=True) for end in taken.ends)


def _seconds_until(
    tracker: Tracker, sitting: Sitting, report: PlaybackReport, policy: WatchPolicy
) -> float:
    """Say for how long the play went on before a session told of it; 0 if it is not the same."""
    if not goes_on_from(sitting, report):
        return 0.0
    since = advance(sitting, report, policy)[0].watched - sitting.watched
    known = sitting.viewing(finished=False).watched + since
    past = last_sitting(tracker, report.user_id, report.unit, seen=True)
    if past is not None and past.viewing.day == sitting.day:
        known -= past.viewing.watched  # what it takes up is counted with that already
    return max(0.0, known)
