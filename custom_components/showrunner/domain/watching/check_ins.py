"""When clients spoke last: a server that hears nothing moves a position on by itself.

Jellyfin adds a second to the position every second for as long as it lists a session, and looks
only every five minutes who has been silent for more than five. It then ends the play where it has
moved it to. Only its `LastPlaybackCheckIn` tells when the client itself spoke. So what is reported
holds for that moment, at the position of that moment, however often it is listed afterwards.

Moments are compared by the server's own clock alone, which may be anywhere.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from .sitting import PlaybackReport, ReportKind

# The server's idle check ends a play after so many seconds without a word; a little room for late
# timers. Who stops after a longer silence does so in person: nothing else is left that could.
IDLE_FROM: Final = 300.0
IDLE_UNTIL: Final = 660.0
# What arrives late tells of an earlier word; a clock that was put back tells of a new one.
_LATE: Final = 60.0
_KEPT: Final = 500

type _Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Word:
    """What a client said last: `stamp` by the server's clock, `at` by ours."""

    stamp: datetime
    at: datetime
    position: float | None
    paused: bool


class CheckIns:
    """The last words of all clients of one server."""

    def __init__(self) -> None:
        """Begin with nobody heard."""
        self._words: dict[_Place, _Word] = {}

    def settle(self, report: PlaybackReport) -> PlaybackReport:
        """Give a report the moment and the position at which its client spoke.

        Without a check-in nobody knows better than the report. What is paused stands still, and
        lives for as long as it is listed.
        """
        if report.kind is ReportKind.STOPPED:
            return self._stopped(report)
        if report.checked_in is None or report.kind is ReportKind.STARTED:
            return report
        place = _place(report)
        word = self._words.pop(place, None)
        if word is None or _is_news(word.stamp, report.checked_in):
            word = _word(report, report.checked_in)
        self._words[place] = word
        while len(self._words) > _KEPT:
            del self._words[next(iter(self._words))]
        if word.paused:
            return report
        return replace(report, at=word.at, position=word.position)

    def silent(self, sessions: Collection[str], now: datetime, longest: float) -> frozenset[str]:
        """Name those of the sessions whose clients have not spoken for longer (seconds)."""
        return frozenset(
            place[1]
            for place, word in self._words.items()
            if place[1] in sessions
            and not word.paused
            and (now - word.at).total_seconds() > longest
        )

    def _stopped(self, report: PlaybackReport) -> PlaybackReport:
        """Tell a stop by the server's idle check from one by the client."""
        word, passed = self._words.get(_place(report)), report.silent
        if word is not None and report.checked_in is None:
            passed = (report.at - word.at).total_seconds()
        if not IDLE_FROM < passed <= IDLE_UNTIL:
            return report
        position = report.position
        if position is not None:
            known = word.position if word is not None and word.position is not None else 0.0
            position = min(position, max(known, position - passed))
        at = report.at - timedelta(seconds=passed)
        return replace(report, at=at, position=position, completed=None, silent=passed, lost=True)


def _place(report: PlaybackReport) -> _Place:
    return (report.user_id, report.session_id or report.device, report.unit.item_id)


def _is_news(known: datetime, stamp: datetime) -> bool:
    ago = (known - stamp).total_seconds()
    return not 0 <= ago <= _LATE


def _word(report: PlaybackReport, stamp: datetime) -> _Word:
    """Take a word that is heard of now, and was spoken some seconds ago."""
    position = report.position
    if position is not None and not report.paused:
        position = max(0.0, position - report.silent)
    at = report.at - timedelta(seconds=report.silent)
    return _Word(stamp, at, position, report.paused)
