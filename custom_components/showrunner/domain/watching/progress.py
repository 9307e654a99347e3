"""How far a sitting got: time that passed against the way that the position moved.

Neither alone is trusted. A pause lets time pass, a seek moves the position; only what both agree
on was watched. Clients tell their position late and in leaps, and sources disagree by seconds.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from ..media import Unit
from .conclusion import FLAP, WatchPolicy, brief
from .sitting import PlaybackReport, ReportKind, Sitting
from .viewing import percent_of

# A position that moves this much more than the time that passed was moved by hand (seconds).
_SEEK: Final = 30.0
# Who takes a film up again sees its last moments once more (seconds).
OVERLAP: Final = 60.0
# How long a position may stand still before it leaps ahead, and by how much sources disagree.
_LEAP: Final = 30.0
_JITTER: Final = 10.0


def same_play(sitting: Sitting, report: PlaybackReport) -> bool:
    """Tell whether report and sitting are of one device; sources that name none can't differ.

    A restarted server gives the device another session; two of one name are heard of in turn.
    """
    one, other = (sitting.device, sitting.client), (report.device, report.client)
    if sitting.session_id and report.session_id and sitting.session_id != report.session_id:
        silent = (report.at - sitting.at).total_seconds() > FLAP
        return silent and one == other and any(one)
    return sitting.session_id == report.session_id or one == other or not any(one) or not any(other)


def goes_on_from(sitting: Sitting, report: PlaybackReport) -> bool:
    """Tell whether a report is where the sitting must be now, if nobody has moved it."""
    if report.position is None or sitting.position is None:
        return False
    moved = report.position - sitting.position
    allowed = max(0.0, (report.at - sitting.at).total_seconds()) + sitting.spare
    return -brief(OVERLAP, sitting.runtime) <= moved <= allowed + brief(_SEEK, sitting.runtime)


def heard(said: Unit, known: Unit) -> Unit:
    """Add the ids that are known to a unit as it was reported now; the same unit if none is new."""
    ids, series = said.ids.merged(known.ids), said.series_ids.merged(known.series_ids)
    if ids == said.ids and series == said.series_ids:
        return said
    return replace(said, ids=ids, series_ids=series)


def position_of(report: PlaybackReport, last: float | None, runtime: float | None) -> float | None:
    """Read the position; a stop without one ends at the last, else as the server says."""
    said = report.position
    if said is not None and (said > 0 or not report.completed):
        if last and report.kind is not ReportKind.PROGRESS and _behind(report, said, last):
            return last
        return min(said, runtime) if runtime else said
    if last:
        return last
    return runtime if report.completed else said


def _behind(report: PlaybackReport, said: float, last: float) -> bool:
    """Tell whether a start or stop knows less than we do: one late, the other reset to 0."""
    return said < last if report.kind is ReportKind.STARTED else said == 0


def sought_at_beginning(sitting: Sitting, report: PlaybackReport) -> bool:
    """Tell whether a client that begins at 0 may just move to where it resumes."""
    before = sitting.position or 0.0
    return (
        sitting.watched <= _SEEK
        and report.position is not None
        and report.position - before > brief(_SEEK, sitting.runtime)
    )


def advance(
    sitting: Sitting,
    report: PlaybackReport,
    policy: WatchPolicy,
    *,
    elsewhere: tuple[tuple[datetime, float], ...] = (),
    left: float | None = None,
) -> tuple[Sitting, float | None]:
    """Add what passed since the last report; give also the position that it ended at.

    `elsewhere`: what was counted last on the viewer's other devices, until when and how long.
    `left`: the viewer left the unit there the last time.
    """
    if report.paused and sitting.paused and report.position == sitting.position:
        return replace(sitting, at=report.at, spare=0.0), sitting.position
    # Which title it is, and how long, a webhook does not tell where somebody else does.
    known = not sitting.is_seen and sitting.base is not None and sitting.base.is_seen
    unit = sitting.unit if known else heard(sitting.unit, report.unit)
    runtime = sitting.runtime if known else None
    runtime = runtime or report.runtime or sitting.runtime
    position = position_of(report, sitting.position, runtime)
    passed = (report.at - sitting.at).total_seconds()
    before = position if sitting.position is None else sitting.position
    moved = 0.0 if position is None or before is None else max(0.0, position - before)
    allowed = passed + sitting.spare
    # Who moves on during a pause did not watch for as long as nobody looked.
    sought = sitting.paused and moved > allowed + _JITTER
    played = 0.0 if sought else min(allowed, moved)
    twice = _twice(report.at, played, elsewhere)
    start = sitting.start
    if position is not None:
        start = _start(
            sitting,
            position,
            allowed,
            moved,
            runtime,
            completion=policy.completion,
            left=left,
        )
    paused = report.paused or (sitting.paused and moved == 0)
    spare = 0.0 if paused else min(allowed - played, _JITTER if moved else _LEAP)
    watched = sitting.watched + played
    return (
        replace(
            sitting,
            unit=unit,
            at=report.at,
            runtime=runtime,
            session_id=report.session_id or sitting.session_id,
            device=report.device or sitting.device,
            client=report.client or sitting.client,
            play_method=report.play_method or sitting.play_method,
            sources=sitting.sources | {report.source},
            position=sitting.position if position is None else position,
            furthest=sitting.furthest if position is None else max(sitting.furthest, position),
            start=start,
            watched=watched,
            counted=sitting.counted + twice,
            spare=spare,
            paused=report.paused,
            lit=report.at if played > twice else sitting.lit,
            lit_for=played - twice if played > twice else sitting.lit_for,
        ),
        position,
    )


def _twice(at: datetime, played: float, elsewhere: tuple[tuple[datetime, float], ...]) -> float:
    """Say how many of the seconds that were played until now other devices have counted."""
    twice = 0.0
    for until, counted in elsewhere:
        ago = (at - until).total_seconds()
        twice += max(0.0, min(played, ago + counted) - max(0.0, ago))
    return min(played, twice)


def _start(
    sitting: Sitting,
    position: float,
    passed: float,
    moved: float,
    runtime: float | None,
    *,
    completion: float,
    left: float | None,
) -> float:
    """Say from where the way counts: a seek right at the beginning is a resumption.

    Unless it leads past the completion, and not to where the unit was left: that is a jump to the
    credits.
    """
    begun = sitting.start if sitting.start is not None else (sitting.position or 0.0)
    slack = brief(_SEEK, runtime)
    if moved <= passed + slack or sitting.watched > slack:
        return begun
    resumed = position - passed
    near = left is not None and abs(resumed - left) <= brief(OVERLAP, runtime)
    reached = percent_of(resumed, runtime)
    return resumed if near or reached is None or reached < completion else begun


def earlier(sitting: Sitting, report: PlaybackReport) -> Sitting:
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
