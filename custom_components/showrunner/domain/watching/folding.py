"""Playback reports of any source, folded into viewings.

The fold is pure: a tracker and a report give a tracker and what changed. Reports may be doubled,
lost, late and out of order. The same viewer, unit and day is one viewing, whoever reported it.

A sitting is what happens between start and stop on one device. Watched time is the lesser of the
time that passed and the way that the position moved (`progress`), so pauses, seeks and
doubled reports add nothing. A viewing that was left goes on when it is taken up, also days later.

It is longer than other modules: one state machine, whose ways in and out are told from each other
only beside each other. What it asks on its way stands in the modules of this package.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
import math
from typing import Final

from ..media import Unit
from .conclusion import (
    KEPT,
    Change,
    ChangeKind,
    Result,
    WatchPolicy,
    bounded,
    brief,
    close,
    complete,
    counted_seconds,
    far_enough,
    last_sitting,
    pasts,
    put,
    remember,
    share,
    siblings,
)
from .progress import (
    OVERLAP,
    advance,
    earlier,
    heard,
    position_of,
    same_play,
    sought_at_beginning,
)
from .resumption import begins_anew, is_over, seemingly_over, taken_up
from .sitting import Past, PlaybackReport, ReportKind, Sitting, Tracker
from .takeover import TakenOver, ended, take_over
from .viewing import Seen, Viewing, same_unit

REMEMBERED: Final = timedelta(days=14)
# So many plays that only a webhook told may be open, of one viewer and in all: bodies have no
# signature, and each report is compared with all that is open.
MOST_FROM_WEBHOOKS: Final = 8
MOST_FROM_WEBHOOKS_IN_ALL: Final = 256

type DayOf = Callable[[datetime], date]


def fold(tracker: Tracker, report: PlaybackReport, policy: WatchPolicy, day_of: DayOf) -> Result:
    """Take in one report."""
    if report.is_theme:
        return tracker, ()
    tracker, changes = _close_others(tracker, report, policy)
    mine = siblings(tracker, report.user_id, report.unit)
    tracker, taken = take_over(tracker, mine, report, policy)
    if not report.from_webhook:
        mine = tuple(one for one in mine if one.is_seen)
    before = mine
    # Of what sessions tell a webhook only says something beside.
    ways = sorted(mine, key=lambda one: one.is_seen)
    sitting = next((sitting for sitting in ways if same_play(sitting, report)), None)
    if sitting is not None and begins_anew(sitting, report, policy):
        if _may_change(sitting, report):
            tracker, more = close(tracker, sitting, policy, lost=True)
            changes += more
        mine = tuple(one for one in mine if one is not sitting)
        sitting = None
    if sitting is not None and not _may_change(sitting, report):
        if report.at < sitting.at:
            return tracker, changes
        sitting = sitting.beside
        tracker = _opened(tracker, sitting)
    if sitting is not None:
        tracker, more = _go_on(tracker, sitting, report, policy)
    else:
        tracker, more = _begin(tracker, mine, taken, report, policy, day_of)
    return tracker, changes + ended(tracker, before, report, taken) + more


def _begin(
    tracker: Tracker,
    mine: tuple[Sitting, ...],
    taken: TakenOver,
    report: PlaybackReport,
    policy: WatchPolicy,
    day_of: DayOf,
) -> Result:
    """Take in a report of what is not open on its device."""
    past = _before(tracker, report)
    if past is not None and report.at <= past.viewing.ended_at:
        return _late(tracker, past, report, policy)
    if past is not None and (before := seemingly_over(past, report)) is not None:
        return _back(tracker, past, before, report, policy)
    tracker, changes = _open(tracker, mine, past, taken, report, policy, day_of)
    if taken.announced:
        changes = tuple(one for one in changes if one.kind is not ChangeKind.STARTED)
    return tracker, changes


def with_known_unit(tracker: Tracker, report: PlaybackReport) -> PlaybackReport:
    """Read a webhook's report: its unit is the one that a session has told of, else a mere hint."""
    if not report.from_webhook:
        return report
    unit = report.unit
    place = (unit.server_id, unit.item_id)
    for one in tracker.open:
        if one.is_seen and (one.unit.server_id, one.unit.item_id) == place:
            return replace(report, unit=one.unit)
    return replace(report, unit=unit.unverified)


def is_new(tracker: Tracker, report: PlaybackReport) -> bool:
    """Tell whether nothing of this viewer and unit is remembered, open or over.

    What only a webhook told is nothing to a session.
    """
    mine = siblings(tracker, report.user_id, report.unit)
    known = any(_concerns(report, one) for one in mine) or _before(tracker, report) is not None
    return not known


def recall(tracker: Tracker, viewing: Viewing) -> Tracker:
    """Remember an earlier viewing again that others had pushed out of memory."""
    known = viewing.without_webhooks
    if known is not viewing:
        tracker = remember(tracker, Past(viewing, None))
    return tracker if known is None else remember(tracker, Past(known, None))


def expire(tracker: Tracker, now: datetime, policy: WatchPolicy, day_of: DayOf) -> Result:
    """Close what was lost, at its last position, and forget what is long over."""
    changes: tuple[Change, ...] = ()
    for sitting in tracker.open:
        if (now - sitting.at).total_seconds() > policy.lost_after:
            tracker, more = close(tracker, sitting, policy, lost=True)
            changes += more
    if any(
        now - past.viewing.ended_at >= REMEMBERED or is_over(past, now) for past in tracker.recent
    ):
        fresh = tuple(
            replace(past, sitting=None) if is_over(past, now) else past
            for past in tracker.recent
            if now - past.viewing.ended_at < REMEMBERED
        )
        tracker = replace(tracker, recent=fresh)
    if len(tracker.recent) > KEPT:
        tracker = replace(tracker, recent=bounded(tracker.recent))
    return tracker, changes


def leave(tracker: Tracker, viewer_id: str, policy: WatchPolicy) -> Result:
    """Close what a viewer plays, as if it were stopped now: nothing of it is noticed any more."""
    changes: tuple[Change, ...] = ()
    for sitting in tracker.open:
        if sitting.viewer_id == viewer_id:
            tracker, more = close(tracker, sitting, policy)
            changes += more
    return tracker, changes


# -- beginnings and ends ---------------------------------------------------------------------------


def _close_others(tracker: Tracker, report: PlaybackReport, policy: WatchPolicy) -> Result:
    """A device that plays something else has ended what it played (auto-play)."""
    changes: tuple[Change, ...] = ()
    if report.kind is ReportKind.STOPPED or not report.session_id:
        return tracker, changes
    for sitting in tracker.open:
        elsewhere = sitting.session_id != report.session_id or sitting.viewer_id != report.user_id
        if elsewhere or same_unit(sitting.unit, report.unit) or report.at < sitting.at:
            continue
        if not _may_change(sitting, report):
            continue
        tracker, more = close(tracker, sitting, policy)
        changes += more
    return tracker, changes


def _before(tracker: Tracker, report: PlaybackReport) -> Past | None:
    """Find the sitting before; for a session one that sessions have told of."""
    seen = not report.from_webhook
    return last_sitting(tracker, report.user_id, report.unit, seen=seen)


def _back(
    tracker: Tracker, past: Past, before: Sitting, report: PlaybackReport, policy: WatchPolicy
) -> Result:
    """Go on with the sitting: nothing of it is counted twice, nor the short absence lost."""
    position = position_of(report, before.position, before.runtime)
    repeated = report.kind is ReportKind.STOPPED and (position or 0.0) <= before.furthest
    if repeated and not (_played(report) and past.viewing.percent is None):
        return tracker, ()  # the same stop once more
    if not _may_change(before, report):
        before = before.beside
    sitting = replace(
        before,
        base=past.viewing,
        day=past.viewing.day,
        counted=before.watched,
        webhook_seconds=0.0,
        session_id=report.session_id or before.session_id,
    )
    tracker = _opened(tracker, sitting)
    return _go_on(tracker, sitting, report, policy)


def _open(
    tracker: Tracker,
    mine: tuple[Sitting, ...],
    past: Past | None,
    taken: TakenOver,
    report: PlaybackReport,
    policy: WatchPolicy,
    day_of: DayOf,
) -> Result:
    """Begin a sitting, as a part of the viewing that it takes up; `mine` goes on elsewhere."""
    if report.kind is ReportKind.STOPPED and not report.from_webhook:
        return tracker, ()  # who looks at sessions misses only whom they saw: it is known already
    day = day_of(report.at)
    runtime = report.runtime or (past.viewing.runtime if past else None)
    position = position_of(report, None, runtime)
    started = report.kind is ReportKind.STARTED
    shown = 0.0
    if mine:
        base, day = mine[0].base, mine[0].day
    else:
        base = taken_up(past, position, day, ended=report.kind is ReportKind.STOPPED)
        day = base.day if base else day
        shown = _shown_before(tracker, report, base, day)
    sitting = Sitting(
        viewer_id=report.user_id,
        unit=_joined_unit(base, report),
        day=day,
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
        paused=report.paused,
        webhook_seconds=max(taken.seconds.get(day, 0.0), shown),
    )
    if report.kind is ReportKind.STOPPED:
        return _lone_stop(tracker, mine, past, sitting, policy, report)
    tracker = _opened(tracker, sitting)
    announced = bool(mine) or (
        past is not None
        and report.at - past.viewing.ended_at < timedelta(seconds=policy.lost_after)
    )
    changes = () if announced else (Change(ChangeKind.STARTED, sitting.viewing(finished=False)),)
    return tracker, changes


def _shown_before(
    tracker: Tracker, report: PlaybackReport, base: Viewing | None, day: date
) -> float:
    """Say how much longer than sessions know a webhook's play was that a session takes up."""
    position = report.position
    if report.from_webhook or position is None:
        return 0.0
    reported = [
        past.viewing.watched
        for past in pasts(tracker, report.user_id, report.unit)
        if past.viewing.day == day
        and not past.is_seen
        and abs(past.left_at - position) <= brief(OVERLAP, past.viewing.runtime)
    ]
    return max(0.0, max(reported, default=0.0) - (base.watched if base else 0.0))


def _opened(tracker: Tracker, sitting: Sitting) -> Tracker:
    """Add what plays now; of what only webhooks told the oldest make room, and nothing else."""
    open_ = (*tracker.open, sitting)
    if not sitting.is_seen:
        hints = [one for one in open_ if not one.is_seen]
        mine = [one for one in hints if one.viewer_id == sitting.viewer_id]
        for some, most in ((mine, MOST_FROM_WEBHOOKS), (hints, MOST_FROM_WEBHOOKS_IN_ALL)):
            if len(some) > most:
                oldest = min(some, key=lambda one: one.at)
                open_ = tuple(one for one in open_ if one is not oldest)
                break
    return replace(tracker, open=open_)


def _joined_unit(base: Viewing | None, report: PlaybackReport) -> Unit:
    """Keep the names that earlier reports knew."""
    return report.unit if base is None else heard(report.unit, base.unit)


def _lone_stop(
    tracker: Tracker,
    mine: tuple[Sitting, ...],
    past: Past | None,
    sitting: Sitting,
    policy: WatchPolicy,
    report: PlaybackReport,
) -> Result:
    """Take in a stop whose start nobody saw: what it moved beyond what is known was watched.

    As far as there was time for it since something was known.
    """
    known, since = 0.0, None
    if mine:
        known = max(one.position or 0.0 for one in mine)
        since = max(one.at for one in mine)
    elif past is not None and sitting.base is not None:
        known, since = past.left_at, past.viewing.ended_at
    if sitting.furthest <= known:
        return tracker, ()  # the same stop once more
    watched = sitting.furthest - known
    if since is not None:
        watched = min(watched, (sitting.at - since).total_seconds())
    sitting = replace(sitting, start=known, watched=watched)
    tracker = replace(tracker, open=(*tracker.open, sitting))
    played = _played(report)
    tracker, completed = complete(tracker, sitting, sitting.position, policy, played=played)
    tracker, closed = close(tracker, sitting, policy, lost=report.lost)
    return tracker, completed + closed


# -- what goes on ----------------------------------------------------------------------------------


def _go_on(
    tracker: Tracker, sitting: Sitting, report: PlaybackReport, policy: WatchPolicy
) -> Result:
    if report.lost:
        report = _given_up(sitting, report)
    if report.at < sitting.at:
        grown = earlier(sitting, report)
        position = None
    else:
        left = None
        if sought_at_beginning(sitting, report):
            past = _before(tracker, report)
            left = past.left_at if past else None
        elsewhere = _counted_elsewhere(tracker, sitting, report)
        grown, position = advance(sitting, report, policy, elsewhere=elsewhere, left=left)
        if grown.base is None and (grown.start != sitting.start or grown.unit is not sitting.unit):
            tracker, grown = _adopted(tracker, grown, report)
    tracker = put(tracker, sitting, grown)
    judged = grown.position if position is None else position
    tracker, changes = complete(tracker, grown, judged, policy, played=_played(report))
    if report.kind is ReportKind.STOPPED and report.at >= sitting.at:
        tracker, closed = close(tracker, grown, policy, lost=report.lost)
        changes += closed
    return tracker, changes


def _given_up(sitting: Sitting, report: PlaybackReport) -> PlaybackReport:
    """Read a stop by the server's idle check: where it was known to be, if it was not moved on.

    It may have been listed as paused until now.
    """
    position, known = report.position, sitting.position
    if position is not None and known is not None:
        position = max(position, min(known, position + report.silent))
    return replace(report, at=max(report.at, sitting.at), position=position)


def _counted_elsewhere(
    tracker: Tracker, sitting: Sitting, report: PlaybackReport
) -> tuple[tuple[datetime, float], ...]:
    """Say what was counted last on the viewer's other devices that play the same unit."""
    if len(tracker.open) == 1:
        return ()
    return tuple(
        (other.lit, other.lit_for)
        for other in siblings(tracker, sitting.viewer_id, sitting.unit)
        if other is not sitting and other.lit is not None and _concerns(report, other)
    )


def _concerns(report: PlaybackReport, other: Sitting) -> bool:
    """Tell whether another sitting says anything about what is reported."""
    return other.is_seen or report.from_webhook


def _may_change(sitting: Sitting, report: PlaybackReport) -> bool:
    """Tell whether a report changes a sitting: a webhook none that sessions tell of."""
    return not sitting.is_seen or not report.from_webhook


def _adopted(tracker: Tracker, sitting: Sitting, report: PlaybackReport) -> tuple[Tracker, Sitting]:
    """Take up an earlier viewing as soon as position or ids tell that this goes on with it.

    What other devices began meanwhile is of the same viewing; what they began before is not.
    """
    others = siblings(tracker, sitting.viewer_id, sitting.unit)
    if any(other.began < sitting.began and _concerns(report, other) for other in others):
        return tracker, sitting
    past = _before(tracker, report)
    base = taken_up(past, sitting.start, sitting.day)
    if base is None:
        return tracker, sitting
    return share(tracker, base, sitting), replace(sitting, base=base, day=base.day)


def _late(tracker: Tracker, past: Past, report: PlaybackReport, policy: WatchPolicy) -> Result:
    """Learn from a report of a sitting that is over: it may have begun earlier, or gone further."""
    viewing, start = past.viewing, past.start
    at, gained = report.position, 0.0
    if at is not None and start is not None and report.at < viewing.started_at and at < start:
        passed = (viewing.started_at - report.at).total_seconds()
        gained = min(passed, start - at)
        viewing, start = replace(viewing, started_at=report.at), at
    elif report.kind is ReportKind.STOPPED and at is not None and at > viewing.position:
        viewing = replace(viewing, position=at)  # the time until then is counted already
    elif not (_played(report) and viewing.percent is None and not viewing.completed):
        return tracker, ()
    viewing = _longer(viewing, gained, past.viewing.proven, report)
    way = viewing.position - (start if start is not None else viewing.position)
    from_webhook = report.from_webhook
    watched = counted_seconds(viewing, from_webhook=from_webhook)
    viewing = replace(viewing, credits_jump=watched < way / 2)
    done = (
        not viewing.completed
        and not viewing.credits_jump
        and watched >= policy.min_seconds
        and far_enough(viewing.percent, policy, played=_played(report))
    )
    if done:
        viewing = replace(viewing, completed=True, doubted=from_webhook)
    learned = replace(past, viewing=viewing, start=start)
    if from_webhook and past.is_seen:
        tracker = remember(tracker, learned)
    else:
        recent = tuple(learned if p is past else p for p in tracker.recent)
        tracker = replace(tracker, recent=recent)
    if done:
        return tracker, (Change(ChangeKind.COMPLETED, viewing),)
    if viewing.watched >= policy.min_seconds:
        return tracker, (Change(ChangeKind.STOPPED, viewing, correction=True),)
    return tracker, ()


def _longer(viewing: Viewing, gained: float, seen: Seen | None, report: PlaybackReport) -> Viewing:
    """Add what a late report tells; `seen` is what Jellyfin itself has told before."""
    runtime = viewing.runtime or report.runtime
    most = runtime or math.inf
    if not report.from_webhook and seen is not None:
        position = max(seen.position, report.position or 0.0)
        seen = Seen(min(seen.watched + gained, most), position, seen.ended_at)
    return replace(
        viewing,
        watched=min(viewing.watched + gained, most),
        runtime=runtime,
        sources=viewing.sources | {report.source},
        seen=seen,
    )


def _played(report: PlaybackReport) -> bool:
    """Tell whether the server says at the end of a play that it was played to the end."""
    return report.kind is ReportKind.STOPPED and report.completed is True
