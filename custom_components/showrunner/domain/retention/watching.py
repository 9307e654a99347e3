"""How the viewers stand to the units of one title: what they have watched to its end, and when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..inventory import ArrUnit
from ..knowledge import Absent, Answer, Knowledge, Known, Unknown, all_of, any_of
from ..media import Place
from ..text import say
from .dates import latest, usable
from .facts import RetentionFacts, RetentionViewer, TitleFacts, WatchState, primary_of
from .pieces import Piece
from .policy import REPLACED_WITHIN
from .series import regular

_NOBODY: Final = Unknown(say("nobody_asked"))
_UNSEEN: Final = Unknown(say("retention_unseen"))
_UNSURE: Final = Unknown(say("retention_unsure"))
_UNTOUCHED: Final = Absent()


@dataclass(frozen=True, slots=True)
class Tally:
    """How one viewer stands to some units together.

    `complete`: all of them are watched, in the copy that is there. `touched`: any is, or was begun.
    `last`: the latest date of any; `dated`: whether everything that was touched has one.
    """

    complete: Answer
    touched: Answer
    last: datetime | None
    dated: Answer


_NOTHING: Final = Tally(Answer.NO, Answer.NO, None, Answer.YES)


class Watching:
    """What is known of all viewers and one title."""

    def __init__(self, title: TitleFacts, facts: RetentionFacts) -> None:
        """Take the title, and what is known of everything."""
        self._title = title
        self._now = facts.now
        self._files = {one.id: one for one in title.record.files}
        self._tallies: dict[tuple[object, ...], Tally] = {}
        self._started: dict[str, Answer] = {}
        self._played: dict[tuple[str, int], tuple[datetime | None, bool]] = {}
        self.viewers: Mapping[str, RetentionViewer] = {one.id: one for one in facts.viewers}
        self.counting = tuple(one for one in facts.viewers if one.counts)
        # Nobody takes the place of who is gone, only because they are alone now.
        self.primary = tuple(
            one for one in primary_of(facts.viewers) if one.primary or not facts.primary_gone
        )
        # Most viewers have never touched most titles: of these nothing has to be looked for.
        self._strangers = frozenset() if title.unseen else frozenset(_strangers(title.watched))

    def is_stranger(self, viewer_id: str) -> bool:
        """Tell whether a viewer has surely never touched anything of the title."""
        return viewer_id in self._strangers

    def state(self, viewer_id: str, place: Place) -> Knowledge[WatchState]:
        """Say how a viewer stands to a unit; absent: they have not touched it."""
        match self._title.watched.get(viewer_id, _NOBODY):
            case Unknown() as unknown:
                return unknown
            case _ if place in self._title.unseen:
                return _UNSEEN
            case Known(states) if place in states:
                state = states[place]
                return _UNSURE if state.unsure else Known(state)
            case _:
                return _UNTOUCHED

    def of(self, viewer_id: str, piece: Piece) -> Tally:
        """Say how a viewer stands to a piece of the title."""
        if piece.units and self.is_stranger(viewer_id):
            return _NOTHING
        key = (viewer_id, piece.key)
        if key not in self._tallies:
            self._tallies[key] = self.tally(viewer_id, piece.units)
        return self._tallies[key]

    def tally(self, viewer_id: str, units: Iterable[ArrUnit]) -> Tally:
        """Say how a viewer stands to units together."""
        complete, touched, dated = [], [], []
        last: datetime | None = None
        for unit in units:
            state = self.state(viewer_id, unit.place)
            complete.append(self.watched(state, unit))
            if not isinstance(state, Known):
                unknown = isinstance(state, Unknown)
                touched.append(Answer.UNKNOWN if unknown else Answer.NO)
                dated.append(Answer.UNKNOWN if unknown else Answer.YES)
                continue
            at = usable(state.value.last_played, self._now)
            last = latest(last, at)
            touched.append(Answer.of(state.value.touched))
            known = at is not None or not state.value.touched
            dated.append(Answer.YES if known else Answer.UNKNOWN)
        return Tally(all_of(complete), any_of(touched), last, all_of(dated))

    def watched(self, state: Knowledge[WatchState], unit: ArrUnit) -> Answer:
        """Tell whether somebody has watched a unit in the copy that is there.

        A file that was imported after they last played it is another copy: one that came within 30
        days took the place of theirs, and counts as watched; of a later one nobody has watched
        anything, for it may have been fetched again; so it is with what came after we had deleted
        what they watched. Without a date of either nobody knows. Who is in the middle of it, again,
        has not watched it to its end.
        """
        if not isinstance(state, Known):
            return Answer.UNKNOWN if isinstance(state, Unknown) else Answer.NO
        played = state.value.played and not state.value.started
        if not played or unit.file_id is None:
            return Answer.of(played)
        file = self._files.get(unit.file_id)
        added = None if file is None else usable(file.added, self._now)
        last = usable(state.value.last_played, self._now)
        if added is None or last is None:
            return Answer.UNKNOWN
        if isinstance(self._title.deletions, Unknown):
            return Answer.UNKNOWN
        if file is not None and any(one.at >= last for one in self._title.before(file)):
            return Answer.NO
        return Answer.of(added - last <= REPLACED_WITHIN)

    def started(self, viewer_id: str) -> Answer:
        """Tell whether a viewer has begun the movie, or any episode that is no special."""
        if self.is_stranger(viewer_id):
            return Answer.NO
        if viewer_id not in self._started:
            units = regular(self._title.record)
            self._started[viewer_id] = self.tally(viewer_id, units).touched
        return self._started[viewer_id]

    def played_on(self, viewer_id: str, season: int) -> tuple[datetime | None, bool]:
        """Say when a viewer last played what is there of a season, and whether that is known.

        What was only marked by hand was not played.
        """
        key = (viewer_id, season)
        if key not in self._played:
            self._played[key] = self._play_of(viewer_id, season)
        return self._played[key]

    def _play_of(self, viewer_id: str, season: int) -> tuple[datetime | None, bool]:
        last: datetime | None = None
        known = True
        for unit in self._title.record.units:
            if unit.place.season != season or unit.file_id is None:
                continue
            state = self.state(viewer_id, unit.place)
            if isinstance(state, Unknown):
                known = False
            elif isinstance(state, Known) and state.value.was_played:
                at = usable(state.value.last_played, self._now)
                known = known and at is not None
                last = latest(last, at)
        return last, known

    def highest(self, viewer_id: str) -> Place | None:
        """Name the last episode, by its number, that a viewer has surely watched."""
        return max(
            (
                one.place
                for one in regular(self._title.record)
                if isinstance(state := self.state(viewer_id, one.place), Known)
                and state.value.played
            ),
            default=None,
        )


def _strangers(watched: Mapping[str, Knowledge[Mapping[Place, WatchState]]]) -> Iterator[str]:
    for viewer_id, answer in watched.items():
        if isinstance(answer, Absent) or (isinstance(answer, Known) and not answer.value):
            yield viewer_id
