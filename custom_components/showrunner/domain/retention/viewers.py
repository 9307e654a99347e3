"""Whether those who count have watched something, and whether somebody who asked for it has not."""

from typing import Final

from ..finding import Finding
from ..knowledge import Answer, Known, Unknown, all_of, any_of
from ..plan import Scope
from ..text import Words, say
from .facts import Requester, RetentionViewer
from .ground import Ground
from .pieces import SPECIALS, Piece
from .policy import RetentionPolicy, WhoCounts
from .verdict import RetentionRule as Rule
from .watching import Tally, Watching

_JELLYFIN: Final = "jellyfin"


def watched(piece: Piece, watching: Watching, who: WhoCounts) -> Finding:
    """Tell whether those who count have watched all of it, each of them for themselves."""
    counting = watching.counting
    if who is WhoCounts.PRIMARY:
        counting = watching.primary
    if not counting:
        primary = who is WhoCounts.PRIMARY
        lacks = say("retention_no_primary") if primary else say("retention_nobody")
        return Finding(Rule.WATCHED, Answer.UNKNOWN, None, who.value, _JELLYFIN, lacks)
    tallies = {one: watching.of(one.id, piece) for one in counting}
    complete = [one.complete for one in tallies.values()]
    match who:
        case WhoCounts.PRIMARY:
            answer = all_of(complete)
        case WhoCounts.ANY:
            answer = any_of(complete)
        case _:  # all
            done = (_done(piece, watching, one, tally) for one, tally in tallies.items())
            answer = all_of((any_of(complete), *done))
    if not piece.units:
        answer = Answer.UNKNOWN
    names = ", ".join(one.name for one, tally in tallies.items() if tally.complete is Answer.YES)
    return Finding(Rule.WATCHED, answer, names or None, who.value, _JELLYFIN, _said(answer))


def _said(answer: Answer) -> Words:
    match answer:
        case Answer.YES:
            return ""
        case Answer.NO:
            return say("retention_not_watched")
        case _:
            return say("retention_watched_unknown")


def _done(piece: Piece, watching: Watching, viewer: RetentionViewer, tally: Tally) -> Answer:
    """Tell whether a viewer has watched it, or has not begun what it is of."""
    special = piece.season == SPECIALS
    started = tally.touched if special else watching.started(viewer.id)
    untouched = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(started, Answer.UNKNOWN)
    return any_of((tally.complete, untouched))


def requested(
    piece: Piece, watching: Watching, policy: RetentionPolicy, ground: Ground = Ground.WATCHED
) -> Finding:
    """Tell whether somebody who asked for it still has to watch it.

    Neither a series nor the lower of two copies is removed while a request for it is open,
    whatever the options say: nobody knows which copy was meant.
    """
    also_open = piece.scope is Scope.SERIES or ground is Ground.LOWER
    if not policy.protect_requests and not also_open:
        return Finding(Rule.REQUESTED, Answer.NO)
    answers: list[Answer] = []
    for title in piece.holdings:
        match title.requests:
            case Unknown(reason):
                said = say("retention_requests_unknown", why=reason)
                return Finding(Rule.REQUESTED, Answer.UNKNOWN, detail=said)
            case Known(requests):
                for one in requests:
                    if not piece.is_asked_by(one):
                        continue
                    waits = _waits(one, piece, watching) if policy.protect_requests else Answer.NO
                    answer = any_of((waits, Answer.of(also_open and one.open)))
                    if answer is Answer.YES:
                        said = say("retention_requested", who=one.name)
                        return Finding(Rule.REQUESTED, answer, one.name, detail=said)
                    answers.append(answer)
    answer = any_of(answers)
    why: Words = "" if answer is Answer.NO else say("retention_requester_unknown")
    return Finding(Rule.REQUESTED, answer, detail=why)


def _waits(request: Requester, piece: Piece, watching: Watching) -> Answer:
    """Tell whether a requester has still to watch it; who is gone does not wait."""
    if request.gone_since is not None:
        return Answer.NO
    if request.viewer_id is None or request.viewer_id not in watching.viewers:
        return Answer.UNKNOWN
    complete = watching.of(request.viewer_id, piece).complete
    return {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(complete, Answer.UNKNOWN)
