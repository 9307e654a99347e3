"""What keeps a piece of a title whoever has watched it: marks, people's words, sources (law 6).

What is said of the title in one arr holds for it in every other.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ..finding import Finding
from ..knowledge import Answer, Known, Unknown, any_of
from ..plan import Scope
from ..text import Words, say
from .dates import latest
from .facts import NOT_ASKED, PersonsKeep, RetentionFacts, TitleFacts
from .pieces import Piece, is_numbered
from .policy import STAYS_AFTER_RETURN, RetentionPolicy
from .verdict import RetentionRule as Rule

_SHOWRUNNER: Final = "showrunner"
_JELLYFIN: Final = "jellyfin"


def sources(piece: Piece, facts: RetentionFacts) -> Finding:
    """Tell whether every arr that may hold the title has answered."""
    if piece.record.kind not in facts.silent:
        return Finding(Rule.SOURCES, Answer.YES)
    return Finding(Rule.SOURCES, Answer.UNKNOWN, detail=say("retention_silent"))


def identified(piece: Piece) -> Finding:
    """Tell whether the title has an id: by its name alone nothing leaves."""
    known = bool(piece.record.ids)
    said: Words = "" if known else say("retention_no_ids")
    return Finding(Rule.IDENTIFIED, Answer.of(known), source=piece.record.name, detail=said)


def keep_tag(piece: Piece, policy: RetentionPolicy) -> Finding:
    """Tell whether the title has the tag that keeps it, in any arr."""
    wanted = policy.tag
    for title in piece.holdings:
        if wanted in {tag.strip().casefold() for tag in title.record.tags}:
            arr = title.record.name
            said = say("has_keep_tag", tag=wanted, arr=arr)
            return Finding(Rule.KEEP, Answer.YES, wanted, source=arr, detail=said)
    return Finding(Rule.KEEP, Answer.NO, None, wanted, piece.record.name)


def override(piece: Piece) -> Finding:
    """Tell whether a person has said that the title is always to be there."""
    answer = any_of(one.kept_by_override for one in piece.holdings)
    said: Words = "" if answer is Answer.NO else say("retention_override")
    return Finding(Rule.OVERRIDE, answer, source=_SHOWRUNNER, detail=said)


def returned(piece: Piece, now: datetime) -> Finding:
    """Tell whether it came back after we had deleted it: somebody wants it, for a year at least."""
    deletions = piece.title.deletions
    if isinstance(deletions, Unknown):
        said: Words = say("retention_deletions_unknown", why=deletions.reason)
        return Finding(Rule.RETURNED, Answer.UNKNOWN, source=_SHOWRUNNER, detail=said)
    before = [one for file in piece.files for one in piece.title.before(file)]
    if piece.scope is Scope.SERIES and isinstance(deletions, Known):
        # An entry that is here came back if it ever left, undone or added by somebody.
        mine = (piece.record.service, None)
        before += [one for one in deletions.value if one.season is None and one.service in mine]
    last = latest(*(one.until or one.at for one in before))
    if last is None or now >= last + STAYS_AFTER_RETURN:
        return Finding(Rule.RETURNED, Answer.NO, source=_SHOWRUNNER)
    end = last + STAYS_AFTER_RETURN
    said = say("retention_returned", at=end)
    return Finding(Rule.RETURNED, Answer.YES, end.isoformat(), source=_SHOWRUNNER, detail=said)


def kept(piece: Piece, now: datetime) -> Finding:
    """Tell whether a person keeps it: for good, or until an instant, the value of the finding."""
    unknown: Words | None = None
    ends: list[datetime | None] = []
    for title in piece.holdings:
        match title.keeps:
            case Unknown(reason):
                unknown = say("retention_keeps_unknown", why=reason)
            case Known(keeps):
                ends += [_end(one) for one in keeps if _holds(one, piece, now)]
    if None in ends:
        return Finding(Rule.KEPT, Answer.YES, source=_SHOWRUNNER, detail=say("retention_kept"))
    if unknown is not None:
        return Finding(Rule.KEPT, Answer.UNKNOWN, source=_SHOWRUNNER, detail=unknown)
    if (end := latest(*ends)) is not None:
        said = say("retention_kept_until", at=end)
        return Finding(Rule.KEPT, Answer.YES, end.isoformat(), source=_SHOWRUNNER, detail=said)
    return Finding(Rule.KEPT, Answer.NO, source=_SHOWRUNNER)


def _holds(keep: PersonsKeep, piece: Piece, now: datetime) -> bool:
    end = _end(keep)
    holds = keep.ended_at is None and (end is None or now < end)
    return holds and piece.covered_by(keep.season)


def _end(keep: PersonsKeep) -> datetime | None:
    """Say until when it is kept; without a zone nobody can tell when that is."""
    return None if keep.until is None or keep.until.tzinfo is None else keep.until


def favorite(piece: Piece, facts: RetentionFacts) -> Finding:
    """Tell whether somebody who counts has marked it, something in it, or what it lies in."""
    answers: list[tuple[Answer, Words]] = []
    for viewer in facts.viewers:
        for title in piece.holdings if viewer.counts else ():
            match title.favorites.get(viewer.id, NOT_ASKED):
                case Known(parts) if any(piece.touches(one) for one in parts):
                    answers.append((Answer.YES, say("favorite_of", viewer=viewer.name)))
                case Unknown(reason):
                    answers.append((Answer.UNKNOWN, say("jellyfin_not_favorites", why=reason)))
    return _worst(Rule.FAVORITE, answers, _JELLYFIN)


def playing(piece: Piece) -> Finding:
    """Tell whether something of it is playing, in whatever copy."""
    answers: list[tuple[Answer, Words]] = []
    for title in piece.holdings:
        match title.playing:
            case Known(parts) if any(piece.touches(one) for one in parts):
                answers.append((Answer.YES, say("playing_now")))
            case Unknown(reason):
                answers.append((Answer.UNKNOWN, say("jellyfin_not_playing", why=reason)))
    return _worst(Rule.PLAYING, answers, _JELLYFIN)


def numbered(piece: Piece, seasons: frozenset[int | None]) -> Finding:
    """Tell whether it is known which season and episode everything is: see `unnumbered`."""
    hidden = None in seasons or (bool(seasons) and piece.season is None)
    answer = Answer.UNKNOWN if hidden or piece.season in seasons else Answer.YES
    said: Words = "" if answer is Answer.YES else say("retention_not_numbered")
    return Finding(Rule.NUMBERED, answer, source=_JELLYFIN, detail=said)


def unnumbered(titles: Iterable[TitleFacts]) -> frozenset[int | None]:
    """Name the seasons of which an episode is not known by its number; None: not the season."""
    found: set[int | None] = set()
    for title in titles:
        found |= title.unplaced
        inside = (place for file in title.record.files for place in file.places)
        for place in (*(one.place for one in title.record.units), *inside):
            if not is_numbered(place):
                found.add(place.season if place.season >= 0 else None)
    return frozenset(found)


def _worst(rule: Rule, answers: Iterable[tuple[Answer, Words]], source: str) -> Finding:
    """Give the first yes, else the first unknown, else no."""
    all_answers = list(answers)
    for wanted in (Answer.YES, Answer.UNKNOWN):
        for answer, said in all_answers:
            if answer is wanted:
                return Finding(rule, answer, source=source, detail=said)
    return Finding(rule, Answer.NO, source=source)
