"""Whether a report goes on with what is known: with a sitting, or with an earlier viewing.

Sittings seem to be over when clients drop out, and are lost when nobody tells their end. Viewings
go on when somebody takes them up where they were left, also days later.
"""

from datetime import date, datetime
from typing import Final

from .conclusion import FLAP, WatchPolicy, brief
from .progress import OVERLAP, same_play
from .sitting import Past, PlaybackReport, ReportKind, Sitting
from .viewing import Viewing

# How long the end of a sitting that was lost may be told after all (seconds).
_FOUND_AGAIN: Final = 24 * 3600.0


def begins_anew(sitting: Sitting, report: PlaybackReport, policy: WatchPolicy) -> bool:
    """Tell whether a device plays the same once more, and nobody saw the end of the first time.

    Home Assistant was away for long, and sessions keep their ids.
    """
    if (report.at - sitting.at).total_seconds() <= policy.lost_after:
        return False
    return report.kind is not ReportKind.STOPPED and not _goes_on_from(sitting, report)


def _goes_on_from(sitting: Sitting, report: PlaybackReport) -> bool:
    """Tell whether a report may be the next of a sitting, after a long time."""
    if report.kind is not ReportKind.PROGRESS or report.position is None:
        return report.kind is not ReportKind.STARTED
    return report.position >= (sitting.position or 0.0) - brief(OVERLAP, sitting.runtime)


def is_over(past: Past, now: datetime) -> bool:
    """Tell whether nobody needs to know any more how a viewing's last sitting ended."""
    if past.sitting is None:
        return False
    gone = (now - past.sitting.at).total_seconds()
    return gone > (_FOUND_AGAIN if past.lost else FLAP)


def seemingly_over(past: Past, report: PlaybackReport) -> Sitting | None:
    """Find the sitting with which a report goes on: closed a moment ago, or lost."""
    sitting = past.sitting
    if sitting is None:
        return None
    gone = (report.at - past.viewing.ended_at).total_seconds()
    if gone <= brief(FLAP, past.viewing.runtime):
        return sitting
    if not past.lost or gone > _FOUND_AGAIN or not same_play(sitting, report):
        return None
    # Where only starts and stops are told, this is the stop.
    goes_on = report.kind is ReportKind.STOPPED or (
        report.session_id == sitting.session_id != "" and _goes_on_from(sitting, report)
    )
    return sitting if goes_on else None


def taken_up(
    past: Past | None, position: float | None, day: date, *, ended: bool = False
) -> Viewing | None:
    """Find the earlier viewing that goes on: the same day's, or one that was left and is taken up.

    One that is begun at its beginning is another viewing, and so is one that was completed,
    unless it goes on right where it was left (the credits, seen the next morning). `ended`: the
    position is that of an end whose beginning nobody saw.
    """
    if past is None:
        return None
    viewing = past.viewing
    if viewing.day == day:
        return viewing
    if ended and abs((position or 0.0) - past.left_at) <= brief(FLAP, viewing.runtime):
        return viewing  # the same end once more
    overlap = brief(OVERLAP, viewing.runtime)
    if not position or position <= overlap:
        return None
    if not viewing.completed:
        return viewing
    return viewing if not ended and position >= past.left_at - overlap else None
