"""Why else something may leave than that it was watched: by the rules that a person has chosen.

Never watched: nobody has ever touched it, for months. Idle: nobody has for many days, and it is not
rated so well that it stays. Of a series all of it counts: who is on the way through an early season
wants the later ones. And every viewer who is tracked counts, in every copy.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..finding import Finding
from ..knowledge import Answer, Known, Unknown, any_of
from ..text import Words, say
from .dates import latest, usable
from .facts import RetentionFacts, TitleFacts
from .grace import age
from .ground import Ground
from .pieces import Piece
from .policy import RetentionPolicy
from .verdict import RetentionRule as Rule
from .watching import Watching

_NOT_ASKED: Final = Unknown(say("nobody_asked"))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a rule finds. `ripe`: since when it would let it go."""

    findings: tuple[Finding, ...]
    ripe: Known[datetime] | Unknown


@dataclass(frozen=True, slots=True)
class Touched:
    """Whether anybody has touched anything of a title, and when last."""

    answer: Answer
    last: datetime | None
    dated: Answer


def by(
    ground: Ground, piece: Piece, policy: RetentionPolicy, touched: Touched, now: datetime
) -> Chosen:
    """Ask a rule about a piece."""
    since = came(piece, now)
    match ground:
        case Ground.UNWATCHED:
            first, ripe = _unwatched(touched), _after(since, policy.unwatched)
            found = [first]
            days = policy.unwatched.days
        case _:
            first, ripe = _idle(touched), _after(_last(touched, since), policy.idle)
            found = [first, _rated(piece, policy)]
            days = policy.idle.days
    return Chosen((*found, _old(ripe, days, now)), ripe)


def touched_by(holdings: Collection[TitleFacts], facts: RetentionFacts) -> Touched:
    """Ask of all viewers about a title in every arr.

    Whose copy it is says nothing here: whatever they touched of it counts. For a rule by which
    it leaves since nobody has, what is not known of one copy or viewer is not known at all.
    """
    answers: list[Answer] = []
    dated: list[Answer] = []
    last: datetime | None = None
    for title in holdings:
        watching = Watching(title, facts)
        for viewer in facts.viewers:
            tally = watching.tally(viewer.id, title.record.units)
            answers.append(tally.touched)
            dated.append(tally.dated)
            touches = title.touches.get(viewer.id, _NOT_ASKED)
            if isinstance(touches, Unknown):
                answers.append(Answer.UNKNOWN)
                dated.append(Answer.UNKNOWN)
            touched = touches.value if isinstance(touches, Known) else ()
            dates = [usable(one, facts.now) for one in touched]
            answers += [Answer.YES] * len(dates)
            dated += [Answer.UNKNOWN for one in dates if one is None]
            last = latest(last, tally.last, *dates)
    if not answers or any(not title.record.units for title in holdings):
        return Touched(Answer.UNKNOWN, None, Answer.UNKNOWN)
    known = all(one is Answer.YES for one in dated)
    return Touched(any_of(answers), last, Answer.YES if known else Answer.UNKNOWN)


def _unwatched(touched: Touched) -> Finding:
    said: Words = {
        Answer.YES: say("retention_touched"),
        Answer.UNKNOWN: say("retention_watched_unknown"),
    }.get(touched.answer, "")
    answer = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(touched.answer, Answer.UNKNOWN)
    return Finding(Rule.UNWATCHED, answer, source="jellyfin", detail=said)


def _idle(touched: Touched) -> Finding:
    """Tell whether somebody has once touched it; what nobody has is another rule's."""
    answer = Answer.UNKNOWN if touched.dated is not Answer.YES else touched.answer
    said: Words = {
        Answer.NO: say("retention_never_touched"),
        Answer.UNKNOWN: say("retention_watched_unknown"),
    }.get(answer, "")
    value = None if touched.last is None else touched.last.isoformat()
    return Finding(Rule.IDLE, answer, value, source="jellyfin", detail=said)


def _rated(piece: Piece, policy: RetentionPolicy) -> Finding:
    """Tell whether it is rated so well that it stays; one without a rating might be."""
    least = policy.idle_rating
    if not least:
        return Finding(Rule.RATED, Answer.NO, source="jellyfin")
    ratings = [one.rating for one in piece.holdings]
    known = [one.value for one in ratings if isinstance(one, Known)]
    if any(one >= least for one in known):
        said: Words = say("retention_rated", rating=max(known))
        return Finding(Rule.RATED, Answer.YES, max(known), least, "jellyfin", said)
    if len(known) < len(ratings):
        said = say("retention_rating_unknown")
        return Finding(Rule.RATED, Answer.UNKNOWN, None, least, "jellyfin", said)
    return Finding(Rule.RATED, Answer.NO, max(known), least, "jellyfin")


def came(piece: Piece, now: datetime) -> Known[datetime] | Unknown:
    """Say when the newest file of a piece came: by all who tell, and the arr has to."""
    found: list[datetime] = []
    for file in piece.files:
        its_age = age(piece, file, now)
        if usable(file.added, now) is None:
            return Unknown(say("retention_age_unknown", file=file.path))
        if isinstance(its_age, Unknown):
            return its_age
        found.append(its_age)
    return Known(max(found)) if found else Unknown(say("retention_no_date"))


def _last(touched: Touched, came: Known[datetime] | Unknown) -> Known[datetime] | Unknown:
    if not isinstance(came, Known):
        return came
    return Known(max(came.value, touched.last or came.value))


def _after(since: Known[datetime] | Unknown, span: timedelta) -> Known[datetime] | Unknown:
    return Known(since.value + span) if isinstance(since, Known) else since


def _old(ripe: Known[datetime] | Unknown, days: int, now: datetime) -> Finding:
    if not isinstance(ripe, Known):
        return Finding(Rule.OLD, Answer.UNKNOWN, None, days, "showrunner", ripe.reason)
    over = ripe.value <= now
    said: Words = "" if over else say("retention_not_old", at=ripe.value)
    return Finding(Rule.OLD, Answer.of(over), ripe.value.isoformat(), days, "showrunner", said)
