"""Who plays: what one look at the sessions tells beside what it says.

Nobody reports that a session is gone, so two good answers in a row must miss it, whoever gave them:
clients drop out for a moment. After the server was ill they drop out for longer, and an answer
without them is not believed at once. Without an answer nobody has stopped.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ..domain.watching import CheckIns, PlaybackReport, ReportKind

# How long clients may take to report again to a server that was down.
SETTLING: Final = timedelta(seconds=20)

type _Place = tuple[str, str, str]


class SessionPresence:
    """The plays of one server, from one look to the next."""

    def __init__(self) -> None:
        """Begin with nobody there."""
        self._playing: dict[_Place, PlaybackReport] = {}
        self._missing: dict[_Place, PlaybackReport] = {}
        self._names: dict[str, str] = {}
        self._settles_at: datetime | None = None
        self._check_ins = CheckIns()

    @property
    def doubtful(self) -> bool:
        """Tell whether somebody is missing who may only have dropped out."""
        return bool(self._missing)

    @property
    def plays(self) -> frozenset[tuple[str, str, str]]:
        """User, session and item of every play that is going on, or may be."""
        known = (*self._playing.values(), *self._missing.values())
        return frozenset((one.user_id, one.session_id, one.unit.item_id) for one in known)

    def is_playing(self, report: PlaybackReport) -> bool:
        """Tell whether a session plays, or may still play, what is reported of its user."""
        about = (report.user_id, report.unit.item_id)
        known = (*self._playing.values(), *self._missing.values())
        return any((one.user_id, one.unit.item_id) == about for one in known)

    def server_was_ill(self, now: datetime) -> None:
        """Believe nobody's absence for a while."""
        self._settles_at = now + SETTLING

    def session_id(self, session_id: str) -> str:
        """Give the id under which a session's play began: a restarted server gives new ones."""
        return self._names.get(session_id, session_id)

    def named(self, report: PlaybackReport) -> PlaybackReport:
        """Give a report the session's id under which its play began."""
        name = self._names.get(report.session_id)
        return report if name is None else replace(report, session_id=name)

    def heard(self, report: PlaybackReport) -> PlaybackReport:
        """Give a report that somebody sent its session's name, and the moment of its client."""
        return self._check_ins.settle(self.named(report))

    def silent(self, sessions: Iterable[str], now: datetime, longest: float) -> frozenset[str]:
        """Name those of the sessions whose clients have not spoken for longer (seconds)."""
        return self._check_ins.silent(frozenset(sessions), now, longest)

    def take(self, reports: Iterable[PlaybackReport], now: datetime) -> tuple[PlaybackReport, ...]:
        """Take in all that plays now; give it with the stops that nobody reported, these first."""
        heard = tuple(reports)
        self._recognize(heard)
        heard = tuple(self.heard(report) for report in heard)
        playing = {_place(report): report for report in heard}
        stopped: tuple[PlaybackReport, ...] = ()
        if self._settles_at is None or now >= self._settles_at:
            self._settles_at = None
            stopped = tuple(
                replace(report, kind=ReportKind.STOPPED, at=now)
                for place, report in self._missing.items()
                if place not in playing
            )
            self._missing = {}
        self._missing = {
            place: report
            for place, report in (self._missing | self._playing).items()
            if place not in playing
        }
        self._playing = playing
        known = {report.session_id for report in (*playing.values(), *self._missing.values())}
        self._names = {new: old for new, old in self._names.items() if old in known}
        return stopped + heard

    def _recognize(self, reports: tuple[PlaybackReport, ...]) -> None:
        """Find plays that go on under another session's id: same viewer, title and device."""
        there = {report.session_id for report in reports}
        before = self._missing | self._playing
        for report in reports:
            if _place(self.named(report)) in before or not (report.device or report.client):
                continue
            for old in before.values():
                if _same_play(old, report) and old.session_id not in there:
                    self._names[report.session_id] = old.session_id


def _place(report: PlaybackReport) -> _Place:
    return (report.user_id, report.session_id or report.device, report.unit.key)


def _same_play(one: PlaybackReport, other: PlaybackReport) -> bool:
    return (one.user_id, one.unit.key, one.device, one.client) == (
        other.user_id,
        other.unit.key,
        other.device,
        other.client,
    )
