"""Whether the same is there in a higher quality, so that a lower copy may leave, if that is chosen.

Only copies that an arr holds are compared, by the lines of their quality: the owner deletes (law
7), and a version that no arr tracks neither leaves nor stands for another. The higher copy has to
be the highest that any arr holds, whole, proven twice in Jellyfin, in a folder in which files stay,
and must not be about to leave itself: so the last copy never goes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..finding import Finding
from ..inventory import ArrFile, ArrTitle
from ..knowledge import Answer, Known, Unknown, all_of, any_of
from ..media import Place
from ..text import Words, say
from .facts import TitleFacts
from .grounds import Chosen, came
from .pieces import Piece
from .verdict import RetentionRule as Rule
from .watching import Watching

_JELLYFIN: Final = "jellyfin"
_NEVER: Final = Unknown(say("retention_no_higher"))


@dataclass(frozen=True, slots=True)
class Others:
    """What is asked about another copy: which copies there are beside it, and whether it stays."""

    beside: Callable[[TitleFacts], Iterable[TitleFacts]]
    stays: Callable[[TitleFacts, frozenset[Place]], Answer]


@dataclass(frozen=True, slots=True)
class _Copy:
    """The same in another arr. `higher`: than the piece; `covers`: it may stand for the piece.

    `lines`: the least of what it has of the piece.
    """

    name: str
    lines: int | None
    higher: Answer
    covers: Answer
    why: Words
    came: Known[datetime] | Unknown


def lower(piece: Piece, watching: Watching, others: Others, now: datetime) -> Chosen:
    """Ask whether a piece may leave because a higher copy is there."""
    if not piece.twins:
        return Chosen((_higher(piece, Answer.NO, ()),), _NEVER)
    copies = [_compared(piece, one, others, now) for one in piece.twins]
    higher = any_of(one.higher for one in copies)
    covering = [one for one in copies if one.covers is Answer.YES]
    findings = (
        _higher(piece, higher, copies),
        _covered([one for one in copies if one.higher is not Answer.NO]),
        _begun(piece, watching),
    )
    dates = [one.came for one in covering if isinstance(one.came, Known)]
    first = min((one.value for one in dates), default=None)
    mine = came(piece, now)
    if first is None or isinstance(mine, Unknown):
        unknown = next((one.came for one in covering if isinstance(one.came, Unknown)), _NEVER)
        return Chosen(findings, mine if isinstance(mine, Unknown) else unknown)
    return Chosen(findings, Known(max(first, mine.value)))


def _higher(piece: Piece, answer: Answer, copies: Iterable[_Copy]) -> Finding:
    said: Words = {
        Answer.NO: say("retention_no_higher"),
        Answer.UNKNOWN: say("retention_quality_unknown"),
    }.get(answer, "")
    found = next((one for one in copies if one.higher is Answer.YES), None)
    mine = max((one.resolution or 0 for one in piece.files), default=None) or None
    theirs, arr = (None, piece.record.name) if found is None else (found.lines, found.name)
    return Finding(Rule.LOWER, answer, mine, theirs, arr, said)


def _covered(copies: Iterable[_Copy]) -> Finding:
    told = list(copies)
    answer = any_of(one.covers for one in told)
    found = next((one for one in told if one.covers is answer), None)
    if found is None:
        return Finding(Rule.COVERED, answer, source=_JELLYFIN, detail=say("retention_no_higher"))
    return Finding(Rule.COVERED, answer, found.name, source=_JELLYFIN, detail=found.why)


def _begun(piece: Piece, watching: Watching) -> Finding:
    """Tell whether any tracked viewer is in the middle of this copy: their place would be lost."""
    answers: list[Answer] = []
    for viewer in watching.viewers:
        for unit in piece.units:
            state = watching.state(viewer, unit.place)
            begun = Answer.of(isinstance(state, Known) and state.value.started)
            answers.append(Answer.UNKNOWN if isinstance(state, Unknown) else begun)
    answer = any_of(answers)
    said: Words = {
        Answer.YES: say("retention_begun"),
        Answer.UNKNOWN: say("retention_watched_unknown"),
    }.get(answer, "")
    return Finding(Rule.BEGUN, answer, source=_JELLYFIN, detail=said)


def _compared(piece: Piece, other: TitleFacts, others: Others, now: datetime) -> _Copy:
    """Compare a copy with the piece, unit by unit."""
    places = _places(piece, other.record)
    theirs = _Files(other.record)
    higher = theirs.beat(_Files(piece.record), places, all_of)
    against = [*_against(piece, other, places, others)]
    # Whether it stays is asked last, and only of what may stand for the piece.
    fit = all_of((higher, *(answer for answer, _ in against)))
    if fit is Answer.YES:
        against.append((others.stays(other, places), say("retention_higher_leaves")))
    covers = all_of((higher, *(answer for answer, _ in against)))
    why: Words = next((said for answer, said in against if answer is covers), "")
    named = tuple({one.id: one for one in theirs.of(places)}.values())
    there = Piece(other, (), piece.scope, piece.season, (), named)
    lines = min((one.resolution or 0 for one in named), default=None)
    return _Copy(
        other.record.name,
        lines,
        higher,
        covers,
        "" if covers is Answer.YES else why or say("retention_quality_unknown"),
        came(there, now),
    )


def _against(
    piece: Piece, other: TitleFacts, places: frozenset[Place], others: Others
) -> Iterator[tuple[Answer, Words]]:
    """Give what a copy has to be, with the words for where it is not."""
    record, theirs = other.record, _Files(other.record)
    yield theirs.whole(places), say("retention_higher_not_whole")
    yield Answer.of(record.permanent), say("retention_higher_streamed")
    shown = other.playable
    playable = Answer.of(isinstance(shown, Known) and places <= shown.value)
    silent = isinstance(shown, Unknown)
    yield Answer.UNKNOWN if silent else playable, say("retention_higher_not_shown")
    beside = (one for one in others.beside(other) if one is not piece.title)
    rivals = (_Files(one.record).beat(theirs, places, any_of) for one in beside)
    yield Answer.of(all(one is Answer.NO for one in rivals)), say("retention_not_the_highest")


def _places(piece: Piece, other: ArrTitle) -> frozenset[Place]:
    """Name all that belongs to a piece; of a season also what the other arr alone knows of it."""
    more = (one.place for one in other.units if one.place.season == piece.season)
    return piece.places | frozenset(more if piece.is_season else ())


class _Files:
    """Which file an arr has of each unit; None: of one it has, but does not tell which."""

    def __init__(self, record: ArrTitle) -> None:
        named = {one.id: one for one in record.files}
        self._files: Mapping[Place, ArrFile | None] = {
            one.place: named.get(one.file_id) for one in record.units if one.file_id is not None
        }

    def of(self, places: Iterable[Place]) -> Iterator[ArrFile]:
        """Give those that are told of these."""
        found = (self._files.get(place) for place in sorted(places))
        return (one for one in found if one is not None)

    def whole(self, places: Iterable[Place]) -> Answer:
        """Tell whether there is a file of each of these, and something in it."""
        answers: list[Answer] = []
        for place in places:
            file = self._files.get(place)
            there = Answer.of(file is not None and file.size_bytes > 0)
            hidden = file is None and place in self._files
            answers.append(Answer.UNKNOWN if hidden else there)
        return all_of(answers)

    def beat(
        self, other: _Files, places: Iterable[Place], together: Callable[[list[Answer]], Answer]
    ) -> Answer:
        """Tell whether all, or any, of these is of a higher quality than another arr's.

        What one of them has no file of says nothing.
        """
        answers = [
            _is_more(self._lines(place), other._lines(place))
            for place in places
            if place in self._files and place in other._files
        ]
        return together(answers) if answers else Answer.NO

    def _lines(self, place: Place) -> int | None:
        file = self._files[place]
        return None if file is None else file.resolution


def _is_more(mine: int | None, theirs: int | None) -> Answer:
    return Answer.UNKNOWN if mine is None or theirs is None else Answer.of(mine > theirs)
