"""What a person took back after we had deleted it is not proposed again for a year (law 6)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ..finding import Finding
from ..knowledge import Answer, Known, Unknown
from ..regrets import Way
from ..text import Words, say
from .pieces import Piece
from .verdict import RetentionRule as Rule

_SHOWRUNNER: Final = "showrunner"


def regretted(piece: Piece, now: datetime) -> Finding:
    """Tell whether a deletion of it, of what it lies in, or of something in it was regretted.

    In whatever arr that was: it is the title that somebody wanted again.
    """
    unknown: Words | None = None
    found = []
    for title in piece.holdings:
        match title.deletions:
            case Unknown(reason):
                unknown = say("retention_deletions_unknown", why=reason)
            case Known(deletions):
                found += [
                    one.regret
                    for one in deletions
                    if one.regret is not None
                    and now < one.regret.until
                    and piece.covered_by(one.season)
                ]
    last = max(found, key=lambda one: one.until, default=None)
    if last is not None:
        end = last.until
        said = _said(last.way, end)
        return Finding(Rule.REGRETTED, Answer.YES, end.isoformat(), source=last.source, detail=said)
    if unknown is not None:
        return Finding(Rule.REGRETTED, Answer.UNKNOWN, source=_SHOWRUNNER, detail=unknown)
    return Finding(Rule.REGRETTED, Answer.NO, source=_SHOWRUNNER)


def _said(way: Way, end: datetime) -> Words:
    said: Mapping[Way, Words] = {
        Way.UNDO: say("regretted_undo", at=end),
        Way.REQUEST: say("regretted_request", at=end),
        Way.ADDED: say("regretted_added", at=end),
        Way.FETCHED: say("regretted_fetched", at=end),
    }
    return said[way]
