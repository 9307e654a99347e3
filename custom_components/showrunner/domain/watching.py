"""Playback reports of any source, folded into viewings (PRODUCT 2).

The fold is pure: a tracker and a report give a tracker and what changed. Reports may be doubled,
lost, late and out of order. The same viewer, unit and day is one viewing, whoever reported it.

A sitting is what happens between start and stop on one device. Watched time is the lesser of the
time that passed and the way that the position moved, so pauses, seeks and doubled reports add
nothing. A viewing that was not completed goes on when it is taken up again, also on another day.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from .conclusion import (
    KEPT,
    Change,
    ChangeKind,
    Result,
    WatchPolicy,
    close,
    complete,
    last_sitting,
    put,
)
from .media import Unit
from .sitting import Past, PlaybackReport, ReportKind, Sitting, Tracker
from .viewing import ReportSource, Viewing, merge, percent_of, same_unit

__all__ = [
    "Change",
    "ChangeKind",
    "PlaybackReport",
    "ReportKind",
    "ReportSource",
    "Tracker",
    "Viewing",
    "WatchPolicy",
    "expire",
    "fold",
    "merge",
]

_REMEMBERED: Final = timedelta(days=14)
# A position that moves this much more than the time that passed was moved by hand (seconds).
_SEEK: Final = 30.0
# Who takes a film up again sees its last moments once more (seconds).
_OVERLAP: Final = 60.0

type DayOf = Callable[[datetime], date]


def fold(tracker: Tracker, report: PlaybackReport, policy: WatchPolicy, day_of: DayOf) -> Result:
    """Take in one report."""
    if report.is_theme:
        return tracker, ()
    tracker, changes = _close_others(tracker, report, policy)
    sitting = _find(tracker, report)
    if sitting is not None:
        tracker, more = _go_on(tracker, sitting, report, policy)
        return tracker, changes + more
    past = last_sitting(tracker, report.user_id, report.unit)
    if past is not None and report.at <= past.viewing.ended_at:
        tracker, more = _late(tracker, past, report, policy)
    else:
        tracker, more = _open(tracker, past, report, policy, day_of)
    return tracker, changes + more


def expire(tracker: Tracker, now: datetime, policy: WatchPolicy, day_of: DayOf) -> Result:
    """Close what was lost, at its last position, and forget what is long over."""
    changes: tuple[Change, ...] = ()
    for sitting in tracker.open:
        if (now - sitting.at).total_seconds() > policy.lost_after:
            tracker, more = close(tracker, sitting, policy)
            changes += more
    fresh = tuple(p for p in tracker.recent if now - p.viewing.ended_at < _REMEMBERED)[-KEPT:]
    if len(fresh) != len(tracker.recent):
        tracker = replace(tracker, recent=fresh)
    return tracker, changes


# -- finding -------------------------------------------------------------------------------------


def _same_place(sitting: Sitting, report: PlaybackReport) -> bool:
    """Tell whether report and sitting are of one device; sources that name none can't differ."""
    if sitting.session_id and report.session_id:
        return sitting.session_id == report.session_id
    one, other = (sitting.device, sitting.client), (report.device, report.client)
    return one == other or not any(one) or not any(other)


def _find(tracker: Tracker, report: PlaybackReport) -> Sitting | None:
    """Find the open sitting that a report is of."""
    mine = [
        sitting
        for sitting in tracker.open
        if sitting.viewer_id == report.user_id and same_unit(sitting.unit, report.unit)
    ]
    return next((sitting for sitting in mine if _same_place(sitting, report)), None)


# -- what a report does --------------------------------------------------------------------------


def _close_others(tracker: Tracker, report: PlaybackReport, policy: WatchPolicy) -> Result:
    """A device that plays something else has ended what it played (auto-play)."""
    changes: tuple[Change, ...] = ()
    if report.kind is ReportKind.STOPPED or not report.session_id:
        return tracker, changes
    for sitting in tracker.open:
        elsewhere = sitting.session_id != report.session_id or sitting.viewer_id != report.user_id
        if elsewhere or same_unit(sitting.unit, report.unit) or report.at < sitting.at:
            continue
        tracker, more = close(tracker, sitting, policy)
        changes += more
    return tracker, changes


def _open(
    tracker: Tracker,
    past: Past | None,
    report: PlaybackReport,
    policy: WatchPolicy,
    day_of: DayOf,
) -> Result:
    """Begin a sitting, as a part of the viewing that it takes up."""
    day = day_of(report.at)
    runtime = report.runtime or (past.viewing.runtime if past else None)
    position = _position(report, None, runtime)
    base = _taken_up(past, position, day)
    started = report.kind is ReportKind.STARTED
    sitting = Sitting(
        viewer_id=report.user_id,
        unit=_joined_unit(base, report),
        day=base.day if base else day,
        began=report.at,
        at=report.at,
        # At its start a client often says 0 and moves to where it resumes only then.
        start=None if started and not position else position,
        position=position if position is not None else (0.0 if started else None),
        furthest=position or 0.0,
        runtime=runtime,
        watched=0.0,
        session_id=report.session_id,
        device=report.device,
        client=report.client,
        play_method=report.play_method,
        sources=frozenset({report.source}),
        base=base,
    )
    if report.kind is ReportKind.STOPPED:
        return _lone_stop(tracker, sitting, policy)
    tracker = replace(tracker, open=(*tracker.open, sitting))
    told = past is not None and (
        report.at - past.viewing.ended_at < timedelta(seconds=policy.lost_after)
    )
    changes = () if told else (Change(ChangeKind.STARTED, sitting.viewing(finished=False)),)
    return tracker, changes


def _taken_up(past: Past | None, position: float | None, day: date) -> Viewing | None:
    """Find the earlier viewing that goes on: the same day's, or one taken up where it was left."""
    if past is None:
        return None
    viewing = past.viewing
    left = not viewing.completed and viewing.position > 0
    if viewing.day == day or (left and position and position >= viewing.position - _OVERLAP):
        return viewing
    return None


def _joined_unit(base: Viewing | None, report: PlaybackReport) -> Unit:
    """Keep the names that earlier reports knew."""
    if base is None:
        return report.unit
    ids = report.unit.ids.merged(base.unit.ids)
    series = report.unit.series_ids.merged(base.unit.series_ids)
    return replace(report.unit, ids=ids, series_ids=series)


def _lone_stop(tracker: Tracker, sitting: Sitting, policy: WatchPolicy) -> Result:
    """Take in a stop whose start nobody saw: what it moved beyond what is known was watched."""
    known = sitting.base.position if sitting.base else 0.0
    if sitting.base is not None and sitting.furthest <= known:
        return tracker, ()  # the same stop once more
    start = min(known, sitting.furthest)
    sitting = replace(sitting, start=start, watched=sitting.furthest - start)
    tracker = replace(tracker, open=(*tracker.open, sitting))
    tracker, completed = complete(tracker, sitting, sitting.position, policy)
    tracker, closed = close(tracker, sitting, policy)
    return tracker, completed + closed


def _go_on(
    tracker: Tracker, sitting: Sitting, report: PlaybackReport, policy: WatchPolicy
) -> Result:
    if report.at < sitting.at:
        grown = _backwards(sitting, report)
        position = None
    else:
        grown, position = _forwards(sitting, report, policy)
        if sitting.start is None and sitting.base is None:
            grown = _adopted(tracker, grown)
    tracker = put(tracker, sitting, grown)
    judged = grown.position if position is None else position
    tracker, changes = complete(tracker, grown, judged, policy)
    if report.kind is ReportKind.STOPPED and report.at >= sitting.at:
        tracker, closed = close(tracker, grown, policy)
        changes += closed
    return tracker, changes


def _forwards(
    sitting: Sitting, report: PlaybackReport, policy: WatchPolicy
) -> tuple[Sitting, float | None]:
    """Add what passed since the last report; give also the position that it ended at."""
    runtime = report.runtime or sitting.runtime
    position = _position(report, sitting.position, runtime)
    grown = replace(
        sitting,
        unit=replace(
            sitting.unit,
            ids=sitting.unit.ids.merged(report.unit.ids),
            series_ids=sitting.unit.series_ids.merged(report.unit.series_ids),
        ),
        at=report.at,
        runtime=runtime,
        session_id=sitting.session_id or report.session_id,
        device=report.device or sitting.device,
        client=report.client or sitting.client,
        play_method=report.play_method or sitting.play_method,
        sources=sitting.sources | {report.source},
    )
    if position is None:
        return grown, None
    passed = (report.at - sitting.at).total_seconds()
    before = position if sitting.position is None else sitting.position
    moved = max(0.0, position - before)
    watched = sitting.watched + min(passed, moved)
    start = _start(sitting, position, passed, moved, runtime, policy)
    return (
        replace(
            grown,
            position=position,
            furthest=max(sitting.furthest, position),
            start=start,
            watched=min(watched, runtime) if runtime else watched,
        ),
        position,
    )


def _adopted(tracker: Tracker, sitting: Sitting) -> Sitting:
    """Take up an earlier viewing as soon as the first real position tells that it does."""
    past = last_sitting(tracker, sitting.viewer_id, sitting.unit)
    base = _taken_up(past, sitting.start, sitting.day)
    return sitting if base is None else replace(sitting, base=base, day=base.day)


def _start(
    sitting: Sitting,
    position: float,
    passed: float,
    moved: float,
    runtime: float | None,
    policy: WatchPolicy,
) -> float:
    """Say from where the way counts: a seek right at the beginning is a resumption.

    Unless it leads past the completion: that is a jump to the credits.
    """
    begun = sitting.start if sitting.start is not None else (sitting.position or 0.0)
    slack = min(_SEEK, 0.05 * runtime) if runtime else _SEEK
    if moved <= passed + slack or sitting.watched > slack:
        return begun
    resumed = position - passed
    return resumed if percent_of(resumed, runtime) < policy.completion else begun


def _backwards(sitting: Sitting, report: PlaybackReport) -> Sitting:
    """Learn from a report that is older than what is known: an earlier beginning, if it is one."""
    if report.at >= sitting.began or report.position is None:
        return sitting
    start = sitting.furthest if sitting.start is None else sitting.start
    if report.position > start:
        return sitting
    passed = (sitting.began - report.at).total_seconds()
    return replace(
        sitting,
        began=report.at,
        start=report.position,
        watched=sitting.watched + min(passed, start - report.position),
        sources=sitting.sources | {report.source},
    )


def _late(tracker: Tracker, past: Past, report: PlaybackReport, policy: WatchPolicy) -> Result:
    """Learn from a report of a sitting that is over: it may have begun earlier, or gone further."""
    viewing, start = past.viewing, past.start
    at = report.position
    if at is not None and start is not None and report.at < viewing.started_at and at < start:
        passed = (viewing.started_at - report.at).total_seconds()
        watched = viewing.watched + min(passed, start - at)
        viewing, start = replace(viewing, started_at=report.at, watched=watched), at
    elif report.kind is ReportKind.STOPPED and at is not None and at > viewing.position:
        watched = viewing.watched + at - viewing.position
        viewing = replace(viewing, position=at, watched=watched)
    else:
        return tracker, ()
    way = viewing.position - (start if start is not None else viewing.position)
    viewing = replace(
        viewing,
        credits_jump=viewing.watched < way / 2,
        runtime=viewing.runtime or report.runtime,
        sources=viewing.sources | {report.source},
    )
    done = not viewing.completed and not viewing.credits_jump and _far_enough(viewing, policy)
    viewing = replace(viewing, completed=viewing.completed or done)
    tracker = replace(
        tracker, recent=tuple(Past(viewing, start) if p is past else p for p in tracker.recent)
    )
    if done:
        return tracker, (Change(ChangeKind.COMPLETED, viewing),)
    if viewing.watched >= policy.min_seconds:
        return tracker, (Change(ChangeKind.STOPPED, viewing),)
    return tracker, ()


def _far_enough(viewing: Viewing, policy: WatchPolicy) -> bool:
    return viewing.percent >= policy.completion and viewing.watched >= policy.min_seconds


def _position(report: PlaybackReport, last: float | None, runtime: float | None) -> float | None:
    """Read the position; a stop without one ends at the last, else as the server says."""
    if report.position is not None and (report.position > 0 or not report.completed):
        if report.kind is ReportKind.STOPPED and report.position == 0 and last:
            return last
        return min(report.position, runtime) if runtime else report.position
    if last:
        return last
    return runtime if report.completed else report.position
