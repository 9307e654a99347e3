"""One title as everybody tells of it, and what proofs and the rule of retention ask of that.

Asked fresh or read from what is remembered: both are put together here, in the same way.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ...domain.deletion.facts import NOT_ASKED, Evidence, Favorites, ProofFacts, SeerrSide
from ...domain.deletion.proofs import is_of_file, lying
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Absent, Answer, Knowledge, Known, Unknown
from ...domain.library import UserRow, WatchedMark
from ...domain.media import MOVIE, MediaType, Place, Title, TitleKey, Unit
from ...domain.retention import (
    FileDates,
    OurDeletion,
    OurSearch,
    PersonsKeep,
    Requester,
    TitleFacts,
    TitlePart,
    WatchState,
)
from ...domain.text import say

type Rows = Mapping[str, Knowledge[Mapping[str, UserRow]]]
type Marks = Mapping[str, Mapping[Place, WatchedMark]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A title in one arr, with all that is known of it.

    `rows` is what Jellyfin keeps of each viewer, by item; `marks` what is remembered of them.
    `only_touched`: what a viewer has never touched is left out of `rows`. Else an item without a
    row was not listed for them: nobody knows how they stand to it.
    `names`: all that it may go by.
    """

    title: Title
    names: TitleKey
    record: ArrTitle
    proofs: ProofFacts
    rows: Rows
    only_touched: bool = False
    marks: Marks = field(default_factory=dict)
    requests: Knowledge[tuple[Requester, ...]]
    keeps: Knowledge[tuple[PersonsKeep, ...]]
    kept_by_override: Answer
    deletions: Knowledge[tuple[OurDeletion, ...]]
    left_to_person: Answer = Answer.UNKNOWN
    searches: Knowledge[tuple[OurSearch, ...]] = NOT_ASKED
    # The one request of it in the one Seerr that has any; with several nothing is forgotten there.
    seerr: SeerrSide | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Whose it is, and its number there."""
        return self.record.service, self.record.id

    @property
    def facts(self) -> TitleFacts:
        """The same as the rule takes it."""
        answer = self.proofs.evidence
        evidence = answer.value if isinstance(answer, Known) else ()
        mine = [one for one in evidence if one.ids.matches(self.title.ids) is not Answer.NO]
        items = lying(self.record, mine)
        at = self._at(items)
        unseen = frozenset(
            place for file in self.record.files for place in file.places if not at.get(place)
        )
        if not isinstance(answer, Known):
            unseen = frozenset(unit.place for unit in self.record.units)
        return TitleFacts(
            record=self.record,
            watched={one: self._watched(one, rows, at) for one, rows in self.rows.items()},
            touches={one: self._touches(one, rows, mine) for one, rows in self.rows.items()},
            unseen=unseen,
            unplaced=frozenset({None} if any(not one.places for one in mine) else ()),
            files=_dates(self.record, items),
            favorites=self._favorites(mine),
            playing=self._playing(mine),
            requests=self.requests,
            keeps=self.keeps,
            shown=self._shown(mine),
            rating=self._rating(mine),
            kept_by_override=self.kept_by_override,
            deletions=self.deletions,
            playable=self._playable(items),
            left_to_person=self.left_to_person,
            searches=self.searches,
        )

    def _playable(self, items: Mapping[int, tuple[Evidence, ...]]) -> Knowledge[frozenset[Place]]:
        """Say which units Jellyfin shows at their files: by the title's ids and by the paths.

        What lies there besides must not be anything else (law 4).
        """
        told = self.proofs.evidence
        if not isinstance(told, Known):
            return told
        found: set[Place] = set()
        for file in self.record.files:
            there = items.get(file.id, ())
            if there and all(is_of_file(one, file, self.title.ids) for one in there):
                found |= {place for one in there for place in one.places}
        return Known(frozenset(found), "jellyfin")

    def _shown(self, evidence: Iterable[Evidence]) -> Knowledge[tuple[str, ...]]:
        answer = self.proofs.evidence
        if not isinstance(answer, Known):
            return Unknown(say("nothing_said")) if isinstance(answer, Absent) else answer
        return Known(tuple(path for one in evidence for path in one.paths), "jellyfin")

    def _rating(self, evidence: Iterable[Evidence]) -> Knowledge[float]:
        answer = self.proofs.evidence
        if isinstance(answer, Unknown):
            return answer
        # Of several that are taken for it the best counts: so it may stay.
        best = max((one.rating for one in evidence if one.rating is not None), default=None)
        return Absent("jellyfin") if best is None else Known(best, "jellyfin")

    # -- watched -----------------------------------------------------------------------------------

    def _at(self, items: Mapping[int, tuple[Evidence, ...]]) -> Mapping[Place, list[Evidence]]:
        """Give the items at the file of each unit: of two versions each has its own."""
        found: dict[Place, list[Evidence]] = {}
        for file in self.record.files:
            for one in items.get(file.id, ()):
                for place in one.places & file.places:
                    found.setdefault(place, []).append(one)
        return found

    def _watched(
        self,
        viewer: str,
        rows: Knowledge[Mapping[str, UserRow]],
        at: Mapping[Place, list[Evidence]],
    ) -> Knowledge[Mapping[Place, WatchState]]:
        if isinstance(rows, Unknown):
            return rows
        kept = rows.value if isinstance(rows, Known) else {}
        marks = self.marks.get(viewer, {})
        found: dict[Place, WatchState] = {}
        for unit in self.record.units:
            items = [one.item_id for one in at.get(unit.place, ())]
            # Of what somebody never touched no row is kept.
            user_rows = [kept.get(one, UserRow(one)) for one in items]
            mark = marks.get(unit.place)
            if items and mark is not None and mark.item_id not in items:
                # It was given to another version, which has its own file.
                mark = None
            state = _state(user_rows, mark)
            if mark is not None and not items and unit.file_id is not None:
                # Nobody says what the server keeps of what is there.
                state = replace(state, unsure=True)
            if state.touched or state.unsure:
                found[unit.place] = state
        return Known(found) if found else Absent("jellyfin")

    def _touches(
        self, viewer: str, rows: Knowledge[Mapping[str, UserRow]], evidence: Collection[Evidence]
    ) -> Knowledge[tuple[datetime | None, ...]]:
        """Say when a viewer had to do with any item of the title, or with one that it once was."""
        if isinstance(rows, Unknown):
            return rows
        kept = rows.value if isinstance(rows, Known) else {}
        items = [one.item_id for one in evidence]
        if not isinstance(self.proofs.evidence, Known) or not (
            self.only_touched or kept.keys() >= set(items)
        ):
            return Unknown(say("retention_unseen"))
        found: dict[str, list[datetime | None]] = {}
        for row in (kept[one] for one in items if one in kept):
            if row.played or row.was_begun or row.last_played is not None:
                found.setdefault(row.item_id, []).append(row.last_played)
        for mark in self.marks.get(viewer, {}).values():
            # It keeps the item that it was first given, which may long be another's, or gone.
            found.setdefault(mark.item_id, []).append(mark.since)
        return Known(tuple(_last(dates) for dates in found.values()))

    # -- marked, playing ---------------------------------------------------------------------------

    def _favorites(
        self, evidence: Iterable[Evidence]
    ) -> Mapping[str, Knowledge[tuple[TitlePart, ...]]]:
        favorites = self.proofs.favorites
        if not isinstance(favorites, Known):
            return {}
        marked = {one.viewer_id: Known(tuple(_marked(one, evidence))) for one in favorites.value}
        # Whom Jellyfin no longer knows marks nothing.
        return {viewer: marked.get(viewer, Absent("jellyfin")) for viewer in self.rows}

    def _playing(self, evidence: Iterable[Evidence]) -> Knowledge[tuple[TitlePart, ...]]:
        sessions = self.proofs.playing
        if not isinstance(sessions, Known):
            return sessions
        return Known(tuple(part for unit in sessions.value for part in self._plays(unit, evidence)))

    def _plays(self, unit: Unit, evidence: Iterable[Evidence]) -> Iterator[TitlePart]:
        """Say what of this title something that plays is."""
        items = {one.item_id: one for one in evidence}
        series = {one.series_item_id for one in evidence if one.series_item_id is not None}
        ids = self.title.ids
        if (item := items.get(unit.item_id)) is not None:
            yield from _parts(item)
        elif self.title.media is MediaType.MOVIE:
            if unit.ids.matches(ids) is Answer.YES:
                yield TitlePart()
        elif unit.series_item_id in series or unit.series_ids.matches(ids) is Answer.YES:
            yield TitlePart(unit.season, unit.episode)


def _dates(record: ArrTitle, items: Mapping[int, tuple[Evidence, ...]]) -> Mapping[int, FileDates]:
    """Say when Jellyfin first had each file, and when we saw it there."""
    return {
        file.id: FileDates(
            created=_last(one.created for one in items.get(file.id, ())),
            first_seen=_last(one.seen_at for one in items.get(file.id, ())),
        )
        for file in record.files
    }


def _last(dates: Iterable[datetime | None]) -> datetime | None:
    return max((one for one in dates if one is not None), default=None)


def _state(user_rows: Collection[UserRow], mark: WatchedMark | None) -> WatchState:
    """Say how somebody stands to what lies at one file.

    A server that resets its flag keeps count and date. One that says nothing more of what we
    remember as watched may have been told that this was a mistake: nobody knows.
    """
    dates = [one.last_played for one in user_rows if one.last_played is not None]
    if mark is not None and mark.since is not None:
        dates.append(mark.since)
    # Of several items at one file each has to be watched: nobody knows which of them is meant.
    by_rows = bool(user_rows) and all(one.played for one in user_rows)
    by_mark = mark is not None and all(_is_kept(one) for one in user_rows)
    return WatchState(
        played=by_rows or by_mark,
        started=any(one.position > 0 for one in user_rows),
        last_played=max(dates, default=None),
        play_count=max((one.play_count for one in user_rows), default=0),
        unsure=mark is not None and not by_mark,
    )


def _is_kept(row: UserRow) -> bool:
    """Tell whether the server still keeps that something was played."""
    return row.played or row.play_count > 0 or row.last_played is not None


def _marked(favorites: Favorites, evidence: Iterable[Evidence]) -> Iterator[TitlePart]:
    """Say what of a title a viewer has marked."""
    for one in evidence:
        if one.item_id in favorites.item_ids:
            yield from _parts(one)
        if one.series_item_id in favorites.item_ids:
            yield TitlePart()
    if favorites.within:
        # A season, or what is no episode: which one is not told.
        yield TitlePart()


def _parts(item: Evidence) -> Iterator[TitlePart]:
    if MOVIE in item.places or not item.places:
        yield TitlePart()
    else:
        yield from (TitlePart(place.season, place.episode) for place in sorted(item.places))
