"""Since when something could leave: the latest of all that begins its grace.

What begins it: a play by anybody who counts, a new file, a new season, somebody who is on the way
from an earlier season, the end of a person's postponement, and a change of who counts; of an empty
series also what last left it. Where one of these may be and nobody knows when, there is no date.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from ..inventory import ArrFile, ArrTitle
from ..knowledge import Answer, Known, Unknown
from ..plan import Scope
from ..text import say
from .dates import usable
from .facts import RetentionFacts, RetentionViewer
from .pieces import SPECIALS, Piece
from .series import premiere
from .watching import Watching

type _Dates = Iterator[datetime | Unknown | None]


def begun(piece: Piece, watching: Watching, facts: RetentionFacts) -> Known[datetime] | Unknown:
    """Say when the grace of a piece began."""
    found: list[datetime] = []
    for one in _dates(piece, watching, facts):
        if isinstance(one, Unknown):
            return one
        if one is not None:
            found.append(one)
    return Known(max(found), "showrunner") if found else Unknown(say("retention_no_date"))


def _dates(piece: Piece, watching: Watching, facts: RetentionFacts) -> _Dates:
    for viewer in watching.counting:
        yield from _plays(piece, watching, viewer)
    for file in piece.files:
        yield age(piece, file, facts.now)
    if piece.is_season and piece.season is not None:
        yield from _arrivals(piece.season, piece.record, facts.now)
    if piece.scope is Scope.SERIES and isinstance(piece.title.deletions, Known):
        for one in piece.title.deletions.value:
            yield usable(one.until or one.at, facts.now)
    yield from _words(piece, facts.now)
    yield usable(facts.counted_since, facts.now)


def _plays(piece: Piece, watching: Watching, viewer: RetentionViewer) -> _Dates:
    """Give when a viewer last played it, or what comes before it, if they have still to see it."""
    if watching.is_stranger(viewer.id):
        return
    unknown = Unknown(say("retention_undated", viewer=viewer.name))
    tally = watching.of(viewer.id, piece)
    yield tally.last if tally.dated is Answer.YES else unknown
    if not piece.is_season or piece.season is None or tally.complete is Answer.YES:
        return
    earlier = {one.place.season for one in piece.record.units}
    for season in sorted(one for one in earlier if SPECIALS < one < piece.season):
        last, known = watching.played_on(viewer.id, season)
        yield last if known else unknown


def age(piece: Piece, file: ArrFile, now: datetime) -> datetime | Unknown:
    """Give since when a file is there: the latest of its import, its creation, our first sight."""
    dates = piece.title.files.get(file.id)
    unknown = Unknown(say("retention_age_unknown", file=file.path))
    if dates is None:
        return unknown
    dated = (usable(one, now) for one in (file.added, dates.created, dates.first_seen))
    found = [one for one in dated if one is not None]
    return max(found) if found else unknown


def _arrivals(season: int, record: ArrTitle, now: datetime) -> Iterable[datetime | Unknown | None]:
    """Give when later seasons came: their first files, and the premiere of the one that follows."""
    named = {one.id for one in record.files} | {None}
    if any(one.file_id not in named for one in record.units if one.place.season > season):
        return (Unknown(say("retention_file_unnamed")),)
    first: dict[int, datetime] = {}
    for file in record.files:
        for later in {place.season for place in file.places if place.season > season}:
            added = usable(file.added, now)
            if added is None:
                return (Unknown(say("retention_age_unknown", file=file.path)),)
            first[later] = min(added, first.get(later, added))
    began, known = premiere(season, record, now)
    return (*first.values(), began if known else Unknown(say("retention_premiere_unknown")))


def _words(piece: Piece, now: datetime) -> _Dates:
    """Give until when people keep it, and since when those who asked for it are gone."""
    for title in piece.holdings:
        match title.keeps:
            case Unknown(reason):
                yield Unknown(say("retention_keeps_unknown", why=reason))
            case Known(keeps):
                for keep in keeps:
                    end = keep.ended_at or keep.until
                    if piece.covered_by(keep.season) and end is not None:
                        yield end if end.tzinfo else Unknown(say("retention_no_date"))
        requests = title.requests.value if isinstance(title.requests, Known) else ()
        yield from (usable(one.gone_since, now) for one in requests if piece.is_asked_by(one))
