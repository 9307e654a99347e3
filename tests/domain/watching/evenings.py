"""Random evenings: what viewers really did, second by second, and what sources told of it.

The truth is simulated without a glance at the fold: positions run with the clock, a viewing is
made of the seconds in which it ran, and the rules of watching are written down here once more. The
observers then see it through a poll, a socket and webhooks that lose, delay and double.
Times are whole seconds since the evening's beginning.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
import random
from zoneinfo import ZoneInfo

from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import (
    PlaybackReport,
    ReportKind,
    ReportSource,
)

COMPLETION, LEAST, OVERLAP = 0.85, 120, 60
_NEVER = 10**9


class Do(StrEnum):
    """What somebody does with a remote control."""

    WATCH = "watch"
    PAUSE = "pause"
    SEEK = "seek"


class End(StrEnum):
    """How a play ends."""

    STOP = "stop"
    ZERO = "zero"  # the client resets its position before it says so
    VANISH = "vanish"  # nobody says so
    OFF = "off"  # the device is switched off, and the server lists it for minutes
    NEXT = "next"  # the device plays the next thing


class Begin(StrEnum):
    """Where a play begins."""

    START = "start"
    RESUME = "resume"
    CHAPTER = "chapter"


@dataclass(frozen=True)
class Play:
    """One play, as it is planned. An act is what is done, and for how long or to which share."""

    viewer: str
    title: int
    after: int
    begin: Begin
    slow: bool
    acts: tuple[tuple[Do, float], ...]
    end: End


@dataclass(frozen=True)
class Forged:
    """What somebody tells of a play that nobody plays: to which share, of a film how much longer.

    `other`: with the ids and the place of this title.
    """

    when: int
    viewer: str
    title: int
    kind: ReportKind
    share: float | None
    longer: float = 1.0
    session: str = ""
    device: str = ""
    other: int = 0


@dataclass(frozen=True)
class Evening:
    """Everything that happens. `devices` are programmes, played at once."""

    zone: str
    begin: datetime
    runtimes: tuple[int, ...]
    episodes: frozenset[int]
    devices: tuple[tuple[Play, ...], ...]
    flaps: tuple[tuple[int, int, int], ...] = ()  # device, when, how long
    server_restarts: tuple[tuple[int, int], ...] = ()  # when, how long
    ha_restarts: tuple[tuple[int, int], ...] = ()
    added_again: tuple[tuple[int, int], ...] = ()  # title, when
    interval: int = 5
    grain: int = 1
    loss: float = 0.0
    socket: bool = True
    poll: bool = True
    webhooks: bool = True
    webhook_sessions: bool = True
    webhook_ids: bool = True
    check_ins: bool = False  # the server tells when clients spoke last
    idle: int = 450  # after so many seconds without a word it gives a client up
    skew: int = 0  # its clock
    forged: tuple[Forged, ...] = ()
    seed: int = 0

    @property
    def snapshots(self) -> bool:
        """Tell whether anybody looks at the sessions."""
        return self.socket or self.poll

    @property
    def outages(self) -> list[tuple[float, float]]:
        """Give the times when nobody could look: from, to."""
        return [
            (float(when), float(when + length))
            for when, length in (*self.server_restarts, *self.ha_restarts)
        ]

    def is_out(self, begin: float, end: float) -> bool:
        """Tell whether nobody could look at some time in between."""
        return any(a < end and b > begin for a, b in self.outages)

    def day(self, second: float) -> date:
        """Give the day of Home Assistant's time zone."""
        return self.at(second).astimezone(ZoneInfo(self.zone)).date()

    def at(self, second: float) -> datetime:
        """Give the instant."""
        return self.begin + timedelta(seconds=second)

    def stamp(self, second: float) -> datetime | None:
        """Give the instant by the server's clock; None when it tells none."""
        return self.at(second + self.skew) if self.check_ins else None


@dataclass
class Seat:
    """One play, as it went. Stretches: from, to, position at the beginning, running."""

    play: Play
    device: int
    t0: int
    start: int
    stretches: list[tuple[int, int, float, bool]] = field(default_factory=list)
    sought: bool = False
    pauses: int = 0

    @property
    def t1(self) -> int:
        """When it ended."""
        return self.stretches[-1][1]

    def position(self, t: float, grain: int = 1) -> tuple[float, bool]:
        """Say where it is, as a client tells that does so every `grain` seconds; and if paused."""
        for begin, end, position, running in self.stretches:
            if t < end or end == self.t1:
                if not running:
                    return position, True
                passed = min(max(t, begin), end) - begin
                return position + passed // grain * grain, False
        raise AssertionError(t)

    def spoke(self, t: float, grain: int = 1) -> float:
        """Say when the client spoke last: every `grain` seconds, and when something happens."""
        for begin, end, _, running in self.stretches:
            if t < end or end == self.t1:
                passed = min(max(t, begin), end) - begin
                return begin + (passed // grain * grain if running else 0)
        raise AssertionError(t)

    def given_up(self, idle: int) -> list[tuple[float, float]]:
        """Say when the server has given the client up, although nobody has stopped: from, to."""
        pauses = [(b + idle, e) for b, e, _, running in self.stretches if not running]
        return [(float(b), float(e)) for b, e in pauses if b < e]

    @property
    def left(self) -> float:
        """Where it ended."""
        begin, end, position, running = self.stretches[-1]
        return position + (end - begin if running else 0)


def seats(evening: Evening) -> list[Seat]:
    """Let the evening happen."""
    happened: list[Seat] = []
    turns = [(plays[0].after, device, 0) for device, plays in enumerate(evening.devices) if plays]
    while turns:
        turns.sort()
        t0, device, number = turns.pop(0)
        play = evening.devices[device][number]
        seat = _sit(evening, play, device, t0, happened)
        happened.append(seat)
        if number + 1 < len(evening.devices[device]):
            following = evening.devices[device][number + 1]
            gap = 0 if _goes_over(play, following) else following.after
            turns.append((seat.t1 + gap, device, number + 1))
    return happened


def _goes_over(play: Play, following: Play) -> bool:
    same = (play.title, play.viewer) == (following.title, following.viewer)
    return play.end is End.NEXT and play.viewer == following.viewer and not same


def _sit(evening: Evening, play: Play, device: int, t0: int, before: list[Seat]) -> Seat:
    runtime = evening.runtimes[play.title]
    start = 0
    mine = [s for s in before if (s.play.viewer, s.play.title) == (play.viewer, play.title)]
    if play.begin is Begin.RESUME and mine:
        last = max(mine, key=lambda seat: min(t0, seat.t1))  # who told the server last
        start = int(last.position(min(t0, last.t1))[0])
        if start >= 0.97 * runtime:
            start = 0
    elif play.begin is Begin.CHAPTER:
        start = runtime * 3 // 10
    seat = Seat(play, device, t0, start)
    now, position, ran = t0, float(start), 0
    if play.slow and start:
        seat.stretches.append((now, now + 2, 0.0, True))
        now += 2
    for do, amount in play.acts:
        if do is Do.SEEK:
            if ran < 90:
                continue
            position = float(int(amount * runtime))
            seat.sought = True
        elif do is Do.PAUSE:
            seat.stretches.append((now, now + int(amount), position, False))
            seat.pauses += 1
            now += int(amount)
        else:
            length = int(min(amount, runtime - position))
            if length > 0:
                seat.stretches.append((now, now + length, position, True))
                now, position, ran = now + length, position + length, ran + length
    if not seat.stretches:
        seat.stretches.append((now, now + 1, position, True))
    return seat


# -- the truth -------------------------------------------------------------------------------------


@dataclass
class Truth:
    """A viewing as it was. `maybe`: it would be completed if thresholds lay a little lower."""

    viewer: str
    title: int
    day: date
    seconds: set[int] = field(default_factory=set)
    completed: bool = False
    maybe: bool = False
    left: float = 0.0
    jumped: bool = False
    events: int = 0
    lost: float = 0.0
    doubtful: bool = False
    unsure: bool = False


@dataclass
class _Running:
    seat: Seat
    viewing: Truth
    watched: int = 0
    furthest: float = 0.0


def truths(evening: Evening, happened: list[Seat], slack: float) -> list[Truth]:
    """Work out the viewings, with doubts where the truth is within `slack` seconds of a limit."""
    found: list[Truth] = []
    pairs = {(seat.play.viewer, seat.play.title) for seat in happened}
    for viewer, title in sorted(pairs):
        mine = [s for s in happened if (s.play.viewer, s.play.title) == (viewer, title)]
        found += _viewings_of(evening, mine, slack)
    return found


def _viewings_of(evening: Evening, mine: list[Seat], slack: float) -> list[Truth]:
    viewings: list[Truth] = []
    running: list[_Running] = []
    clock = sorted(
        (second, number, position, ran)
        for number, seat in enumerate(mine)
        for second, position, ran in _seconds(seat)
    )
    doubtful = False
    for second, number, position, ran in [*clock, (_NEVER, 0, 0.0, False)]:
        while len(running) < len(mine) and mine[len(running)].t0 <= second:
            seat = mine[len(running)]
            doubtful = doubtful or _unclear(evening, seat, running, slack)
            running.append(_Running(seat, _viewing_of(evening, seat, running, viewings)))
        if second != _NEVER:
            _tick(evening, running[number], running, (second, position, ran), slack)
    for one, other in pairwise(mine):
        near = other.t0 - one.t1 < 60
        if near and (one.sought or other.sought):
            for run in running:
                run.viewing.unsure = True
    for run in running:
        run.viewing.events += 2 + 2 * run.seat.pauses + 3 * run.seat.sought
        _unseen(evening, run, slack)
    for viewing in viewings:
        viewing.doubtful = doubtful
    return viewings


def _unseen(evening: Evening, run: _Running, slack: float) -> None:
    """Doubt what happened while nobody could look, and what a new session makes of a seek."""
    seat, viewing = run.seat, run.viewing
    if seat.t1 - seat.t0 <= slack:
        viewing.lost += seat.left  # at most a stop was told, of which any beginning is believed
        viewing.unsure = True
    if seat.sought and any(s[1] - s[0] <= slack for s in seat.stretches):
        viewing.unsure = True  # where it went, nobody may have seen
    for begin, end in evening.outages:
        if any(begin - slack <= s[0] <= end + slack for s in seat.stretches[1:]) or (
            begin - slack <= seat.t1 <= end + slack
        ):
            viewing.unsure = True
            viewing.lost += end - begin
    for when, _ in evening.server_restarts:
        if seat.sought and seat.t0 <= when <= seat.t1:
            viewing.unsure = True
    if evening.check_ins and seat.given_up(evening.idle):
        # What goes on then is another sitting: of what was sought nobody knows, and for where it
        # goes on from the same holds as for any other.
        viewing.events += 4
        viewing.unsure = viewing.unsure or seat.sought


def _seconds(seat: Seat) -> Iterator[tuple[int, float, bool]]:
    """Give each second in which it ran, and the position at its end; and each pause, as one."""
    for begin, end, position, playing in seat.stretches:
        if playing:
            yield from ((t, position + t + 1 - begin, True) for t in range(begin, end))
        else:
            yield begin, position, False


def _viewing_of(
    evening: Evening, seat: Seat, running: list[_Running], viewings: list[Truth]
) -> Truth:
    """Say which viewing a play belongs to."""
    day = evening.day(seat.t0)
    before = [run for run in running if run.seat.t0 <= seat.t0]
    if before:
        last = max(before, key=lambda run: run.seat.t1)
        known = last.viewing
        runtime = evening.runtimes[seat.play.title]
        overlap = min(OVERLAP, 0.05 * runtime)
        goes_on = seat.start > overlap and (
            not known.completed or seat.start >= last.seat.left - overlap
        )
        if last.seat.t1 >= seat.t0 or known.day == day or goes_on:
            return known
    made = Truth(seat.play.viewer, seat.play.title, day)
    viewings.append(made)
    return made


def _unclear(evening: Evening, seat: Seat, running: list[_Running], slack: float) -> bool:
    """Tell whether it lies too near to a limit which viewing a play belongs to."""
    if evening.day(seat.t0 - slack) != evening.day(seat.t0 + slack):
        return True
    runtime = evening.runtimes[seat.play.title]
    overlap = min(OVERLAP, 0.05 * runtime)
    if overlap - slack < seat.start <= overlap:
        return True
    if evening.is_out(seat.t0 - slack, seat.t0 + slack):
        return True
    split = evening.check_ins and seat.given_up(evening.idle)
    if split and evening.day(seat.t0) != evening.day(seat.t1):
        return True
    for run in running:
        if run.viewing.completed != run.viewing.maybe or run.viewing.unsure:
            return True
        if abs(run.seat.t0 - seat.t0) <= slack + 5:
            return True  # nobody can tell which came first
        if run.seat.t1 - run.seat.t0 <= slack:
            return True  # nobody may have seen it at all
        if run.viewing.completed and abs(seat.start - (run.seat.left - overlap)) <= slack:
            return True
    return False


def _tick(
    evening: Evening,
    run: _Running,
    running: list[_Running],
    moment: tuple[int, float, bool],
    slack: float,
) -> None:
    """Let one second pass, or a pause begin."""
    seat, viewing = run.seat, run.viewing
    second, position, ran = moment
    if ran:
        viewing.seconds.add(second)
        run.watched += 1
    run.furthest = max(run.furthest, position)
    runtime = evening.runtimes[seat.play.title]
    watched = min(len(viewing.seconds), runtime)
    if viewing.completed or position < COMPLETION * runtime - slack:
        return
    way = max(0.0, run.furthest - seat.start)
    others = [
        one
        for one in running
        if one is not run and one.viewing is viewing and one.seat.t1 <= seat.t0
    ]
    only_credits = seat.start >= COMPLETION * runtime - slack and any(
        one.watched < max(0.0, one.furthest - one.seat.start) / 2 + slack for one in others
    )
    for margin, name in ((slack, "completed"), (-slack, "maybe")):
        enough = (
            position >= min(COMPLETION * runtime + margin, runtime - slack)
            and watched >= LEAST + margin
            and run.watched >= way / 2 + min(margin, way / 4)
        )
        if enough and not (only_credits and margin > 0):
            setattr(viewing, name, True)


# -- the observers ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrival:
    """What arrives at a second: reports of one source; `whole`: a complete list of sessions."""

    arrives: float
    sampled: float
    stamp: float
    reports: tuple[PlaybackReport, ...]
    whole: bool


def unit_of(evening: Evening, title: int, second: float, *, ids: bool = True) -> Unit:
    """Name a title as the server does at that second."""
    again = sum(1 for number, when in evening.added_again if number == title and when <= second)
    item = f"{title:02d}{again:02d}".ljust(32, "e")
    if title in evening.episodes:
        own = ProviderIds(tvdb=5000 + title) if ids else ProviderIds()
        return Unit(
            UnitKind.EPISODE,
            f"Episode {title}",
            "s" * 32,
            item,
            ids=own,
            series_item_id="5" * 32,
            series_name="The Ministry",
            season=1,
            episode=title + 1,
        )
    own = ProviderIds(tmdb=7000 + title) if ids else ProviderIds()
    return Unit(UnitKind.MOVIE, f"Film {title}", "s" * 32, item, ids=own, year=2011)


def observed(evening: Evening, happened: list[Seat]) -> tuple[list[Arrival], float]:
    """Give everything that arrives, in order, and the longest time that nobody looked."""
    dice = random.Random(evening.seed)
    arrivals: list[Arrival] = []
    if evening.snapshots:
        arrivals += _snapshots(evening, happened, dice)
    samples = sorted(one.sampled for one in arrivals)
    gap = _longest_gap(evening, happened, samples) if arrivals else 0.0
    if evening.webhooks:
        arrivals += _webhooks(evening, happened, dice)
    arrivals += [_lie(evening, one) for one in evening.forged]
    for one in list(arrivals):
        if dice.random() < 0.1:
            later = one.arrives + dice.uniform(0.1, 3)
            arrivals.append(_stamped(evening, one, later))
    return sorted(arrivals, key=lambda one: one.arrives), gap


def _lie(evening: Evening, one: Forged) -> Arrival:
    """Tell of a play that nobody plays."""
    unit = unit_of(evening, one.title, one.when)
    other = unit_of(evening, one.other, one.when)
    runtime = evening.runtimes[one.title] * one.longer
    report = PlaybackReport(
        source=ReportSource.WEBHOOK,
        kind=one.kind,
        at=evening.at(one.when),
        user_id=one.viewer,
        user_name="x",
        unit=replace(other, item_id=unit.item_id, name=unit.name),
        position=None if one.share is None else one.share * runtime,
        runtime=runtime,
        session_id=one.session,
        device=one.device,
        client="x",
        completed=one.kind is ReportKind.STOPPED,
    )
    return Arrival(float(one.when), float(one.when), float(one.when), (report,), whole=False)


def _stamped(evening: Evening, one: Arrival, arrives: float) -> Arrival:
    """Deliver once more; a poll is stamped when it is asked, all else when it arrives."""
    return Arrival(
        arrives,
        one.sampled,
        one.stamp,
        tuple(
            report
            if report.source is ReportSource.POLL
            else replace(report, at=evening.at(arrives))
            for report in one.reports
        ),
        whole=False,
    )


def _longest_gap(evening: Evening, happened: list[Seat], samples: list[float]) -> float:
    """Give the longest time of playing between two looks."""
    stretches = sorted({(s[0], s[1]) for seat in happened for s in seat.stretches if s[3]})
    longest = 0.0
    looks = sorted([*samples, *(t for outage in evening.outages for t in outage)])
    for begin, end in stretches:
        inside = [t for t in looks if begin <= t <= end]
        for a, b in pairwise([float(begin), *inside, float(end)]):
            if not evening.is_out(a, b):
                longest = max(longest, b - a)
    return longest


def _grid(evening: Evening, happened: list[Seat]) -> list[float]:
    """Say when somebody looks: often while something runs, seldom else."""
    times: set[float] = set()
    for seat in happened:
        for begin, end, _, playing in seat.stretches:
            step = (
                evening.interval if playing else max(evening.interval, min(240, (end - begin) // 8))
            )
            times |= {float(t) for t in range(begin - begin % step, end + 1, step)}
            times |= {float(begin + i * evening.interval) for i in range(4)}
        times |= {float(seat.t1 + i * evening.interval) for i in range(1, 5)}
        until = int(_listed_until(evening, seat, happened))
        times |= {float(t) for t in range(seat.t1, until + 3 * evening.interval, evening.interval)}
    return sorted(times)


def _snapshots(evening: Evening, happened: list[Seat], dice: random.Random) -> list[Arrival]:
    arrivals: list[Arrival] = []
    sources = [
        source
        for source, there in (
            (ReportSource.WEBSOCKET, evening.socket),
            (ReportSource.POLL, evening.poll),
        )
        if there
    ]
    lost = 0
    for time in _grid(evening, happened):
        if any(when <= time <= when + length for when, length in evening.server_restarts):
            continue
        source = dice.choice(sources)
        for each in sources if dice.random() < 0.3 else [source]:
            sampled = time + dice.uniform(0, 0.9)
            if lost < 1 and dice.random() < evening.loss:
                lost += 1
                continue
            lost = 0
            arrives = sampled + dice.uniform(0, 0.9)
            stamp = sampled if each is ReportSource.POLL else arrives
            reports = tuple(
                report
                for seat in happened
                if _is_listed(evening, seat, happened, sampled)
                for report in (_seen(evening, seat, each, sampled, stamp),)
                if not _flaps(evening, seat, sampled)
            )
            arrivals.append(Arrival(arrives, sampled, stamp, reports, whole=True))
    return arrivals


def _is_listed(evening: Evening, seat: Seat, happened: list[Seat], second: float) -> bool:
    """Tell whether the server lists a session: also of who has gone silent, but not for ever."""
    if evening.check_ins and any(b <= second < e for b, e in seat.given_up(evening.idle)):
        return False
    return seat.t0 <= second < _listed_until(evening, seat, happened)


def _listed_until(evening: Evening, seat: Seat, happened: list[Seat]) -> float:
    if seat.play.end is not End.OFF or not evening.check_ins:
        return seat.t1
    until = seat.spoke(seat.t1, evening.grain) + evening.idle
    for other in happened:
        same = (other.device, other.play.viewer) == (seat.device, seat.play.viewer)
        if same and other.t0 >= seat.t1:
            until = min(until, other.t0)  # it plays something else in the same session
    for when, _ in evening.server_restarts:
        if when >= seat.t1:
            until = min(until, when)
    return max(seat.t1, until)


def _flaps(evening: Evening, seat: Seat, second: float) -> bool:
    return any(
        device == seat.device and when <= second <= when + length
        for device, when, length in evening.flaps
    )


def session_of(evening: Evening, seat: Seat, second: float) -> str:
    """Give the session's id: another after the server's restart."""
    restarts = sum(1 for when, _ in evening.server_restarts if when <= second)
    return f"session-{seat.device}-{seat.play.viewer}-{restarts}"


def _seen(
    evening: Evening, seat: Seat, source: ReportSource, sampled: float, stamp: float
) -> PlaybackReport:
    position, paused = seat.position(sampled, evening.grain)
    spoke = seat.spoke(sampled, evening.grain)
    moved = 0
    if evening.check_ins and not paused:
        # A second for every second, but not up to the end.
        end = int(evening.runtimes[seat.play.title] - position) - 1
        moved = max(0, min(int(sampled - spoke), end))
    return PlaybackReport(
        source=source,
        kind=ReportKind.PROGRESS,
        at=evening.at(stamp),
        user_id=seat.play.viewer,
        user_name="x",
        unit=unit_of(evening, seat.play.title, seat.t0),
        position=position + moved,
        runtime=float(evening.runtimes[seat.play.title]),
        paused=paused,
        session_id=session_of(evening, seat, sampled),
        device=f"device {seat.device}",
        client="x",
        checked_in=evening.stamp(spoke),
        silent=float(moved),
    )


def _webhooks(evening: Evening, happened: list[Seat], dice: random.Random) -> list[Arrival]:
    arrivals: list[Arrival] = []
    goes_over = set()
    for device in range(len(evening.devices)):
        mine = [seat for seat in happened if seat.device == device]
        goes_over |= {id(one) for one, other in pairwise(mine) if _goes_over(one.play, other.play)}
    for seat in happened:
        at_start = 0.0 if seat.play.slow else float(seat.start)
        moments = [(ReportKind.STARTED, float(seat.t0), at_start)]
        moments += _gives_up(evening, seat, happened)
        if seat.play.end in (End.STOP, End.ZERO) or (
            seat.play.end is End.NEXT and id(seat) not in goes_over
        ):
            left = 0.0 if seat.play.end is End.ZERO and evening.snapshots else seat.left
            moments.append((ReportKind.STOPPED, float(seat.t1), left))
        for kind, when, position in moments:
            if evening.snapshots and dice.random() < evening.loss:
                continue
            arrives = when + dice.uniform(0, 2.5 if evening.snapshots else 0.9)
            report = PlaybackReport(
                source=ReportSource.WEBHOOK,
                kind=kind,
                at=evening.at(arrives),
                user_id=seat.play.viewer,
                user_name="x",
                unit=unit_of(evening, seat.play.title, seat.t0, ids=evening.webhook_ids),
                position=position,
                runtime=float(evening.runtimes[seat.play.title]),
                session_id=session_of(evening, seat, when) if evening.webhook_sessions else "",
                device=f"device {seat.device}",
                client="x",
                completed=None
                if kind is ReportKind.STARTED
                else position >= 0.9 * evening.runtimes[seat.play.title],
                checked_in=evening.stamp(seat.spoke(when, evening.grain)),
                silent=when - seat.spoke(when, evening.grain) if evening.check_ins else 0.0,
            )
            arrivals.append(Arrival(arrives, when, arrives, (report,), whole=False))
    return arrivals


def _gives_up(
    evening: Evening, seat: Seat, happened: list[Seat]
) -> list[tuple[ReportKind, float, float]]:
    """Say which stops the server tells of that nobody made, and where it had got to by itself."""
    if not evening.check_ins:
        return []
    found = [
        (ReportKind.STOPPED, begin, seat.position(begin)[0])
        for begin, _ in seat.given_up(evening.idle)
    ]
    spoke = seat.spoke(seat.t1, evening.grain)
    if seat.play.end is End.OFF and _listed_until(evening, seat, happened) == spoke + evening.idle:
        runtime = evening.runtimes[seat.play.title]
        at = seat.position(spoke, evening.grain)[0]
        paused = not seat.stretches[-1][3]
        moved = 0.0 if paused else min(float(evening.idle), max(0.0, runtime - at - 1))
        found.append((ReportKind.STOPPED, spoke + evening.idle, at + moved))
    return found
