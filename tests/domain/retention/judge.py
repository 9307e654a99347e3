"""Says what may leave, slowly and so that anybody can see that it is right.

It is asked of one file, and writes down every reason for which that file must stay. It shares
nothing with the rule but the values.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.showrunner.domain.inventory import (
    ArrFile,
    ArrTitle,
    ArrUnit,
    SeriesStatus,
)
from custom_components.showrunner.domain.knowledge import Answer, Known, Unknown
from custom_components.showrunner.domain.media import Place
from custom_components.showrunner.domain.retention import (
    OurDeletion,
    RetentionFacts,
    RetentionPolicy,
    RetentionViewer,
    TitleFacts,
    TitlePart,
    WatchState,
)

from .judge_copies import against_lower
from .judge_searches import against_searching
from .judge_words import MAYBE, NO, YES, real, told

WHY = ("watched", "never watched", "not for a long time", "a higher copy is there")


def allowed(known: RetentionFacts, policy: RetentionPolicy) -> set[tuple[str, int, int]]:
    """Name every file that may leave."""
    return {
        (title.record.service, title.record.id, file.id)
        for title in known.titles
        for file in title.record.files
        if not all(list(Case(known, policy, title, why).against_file(file)) for why in WHY)
    }


def allowed_entries(known: RetentionFacts, policy: RetentionPolicy) -> set[tuple[str, int]]:
    """Name every series that may be removed as a whole."""
    return {
        (title.record.service, title.record.id)
        for title in known.titles
        if not list(Case(known, policy, title).against_entry())
    }


def to_search(
    known: RetentionFacts, policy: RetentionPolicy, days: float
) -> set[tuple[str, int, int]]:
    """Name every episode, by its number, that is to be searched for."""
    return {
        (title.record.service, title.record.id, unit.id)
        for title in known.titles
        for unit in title.record.units
        if not list(against_searching(Case(known, policy, title), unit, days))
    }


def is_on(part: TitlePart, place: Place) -> bool:
    """Tell whether a mark is on a unit, on its season or on its title."""
    if part.season is None or place.season == -1:
        return True
    return part.season == place.season and part.episode in (None, place.episode)


class Case:
    """One title, against which all reasons are looked for."""

    def __init__(
        self,
        known: RetentionFacts,
        policy: RetentionPolicy,
        title: TitleFacts,
        why: str = "watched",
    ) -> None:
        self.known, self.policy, self.title, self.why = known, policy, title, why
        self.days = policy.grace_days
        if why != "watched":
            self.days = max(self.days, 7)
        self.record: ArrTitle = title.record
        self.now = known.now
        self.counting = [viewer for viewer in known.viewers if viewer.counts]
        self.everywhere = [title]
        for other in known.titles:
            if (
                other is not title
                and other.record.kind == title.record.kind
                and set(other.record.ids.keys) & set(title.record.ids.keys)
            ):
                self.everywhere.append(other)

    def of(self, title: TitleFacts) -> Case:
        """Give the same of another title."""
        return Case(self.known, self.policy, title)

    # -- which episodes belong together ------------------------------------------------------------

    def against_file(self, file: ArrFile) -> Iterator[str]:
        """Give every reason for which a file stays."""
        units = [one for one in self.record.units if one.file_id == file.id]
        if self.record.kind == "radarr":
            yield from self.against(None, list(self.record.units), [file])
            return
        seasons = {one.place.season for one in units} | {place.season for place in file.places}
        if len(seasons) != 1:
            yield "it is in several seasons, or in none"
            return
        [season] = seasons
        if season == 0:
            yield from self.against(0, units, [file])
            return
        units = [one for one in self.record.units if one.place.season == season]
        numbers = {one.file_id for one in units}
        files = [one for one in self.record.files if one.id in numbers]
        for one in files:
            if {place.season for place in one.places} != {season}:
                yield "a file of the season has something of another one"
        yield from self.against(season, units, files)
        if self.policy.keep_last_watched:
            for viewer in self.counting:
                last = self.last_episode(viewer)
                if last in file.places:
                    yield "it is the last episode that somebody watched"

    def against_entry(self) -> Iterator[str]:
        """Give every reason for which the entry of a series stays."""
        if self.record.kind != "sonarr":
            yield "it is no series"
            return
        if not self.policy.remove_empty_series:
            yield "the person doesn't want it"
        if self.record.files or any(one.file_id is not None for one in self.record.units):
            yield "it has files"
        if not any(
            one.service == self.record.service and one.until is None
            for one in told(self.title.deletions)
        ):
            yield "we have not surely let anything of it go"
        for unit in self.record.units:
            by_us = any(
                one.service == self.record.service
                and one.until is None
                and one.season in (None, unit.place.season)
                for one in told(self.title.deletions)
            )
            if unit.place.season != 0 and unit.aired and unit.aired <= self.now and not by_us:
                yield "a season of it has not surely left by us"
        for one in told(self.title.deletions):
            back = one.at if one.until is None else one.until
            ours = one.service is None or one.service == self.record.service
            if one.season is None and ours and self.now - back < timedelta(days=365):
                yield "the entry itself came back within a year"
        if any(one.monitored for one in self.record.units):
            yield "something of it is wanted"
        if any(one.record.status is not SeriesStatus.ENDED for one in self.everywhere):
            yield "it has not surely ended"
        yield from self.somebody_has_to_do_with_it()
        regular = [one for one in self.record.units if one.place.season != 0]
        aired = {one.place.season for one in regular if one.aired and one.aired <= self.now}
        later = {one.place.season for one in self.record.units}
        later |= self.record.seasons
        if aired and max(later) > max(aired):
            yield "a later season is announced"
        yield from self.against(None, regular, [], whole=True)

    def somebody_has_to_do_with_it(self) -> Iterator[str]:
        """Look for anything that anybody does or says anywhere in a series."""
        for one in self.everywhere:
            for request in one.requests.value if isinstance(one.requests, Known) else ():
                if request.open:
                    yield "a request is open"
            if isinstance(one.requests, Unknown):
                yield "nobody knows whether a request is open"
            if any(keep.until is None and keep.ended_at is None for keep in told(one.keeps)):
                yield "something of it is kept"
            if any(told(one.playing)):
                yield "something of it is playing"
            if one.unplaced:
                yield "nobody knows what something of it is"
            for viewer in self.counting:
                if any(told(one.favorites.get(viewer.id, Unknown()))):
                    yield "something of it is a favourite"

    # -- everything that speaks against something --------------------------------------------------

    def against(
        self, season: int | None, units: list[ArrUnit], files: list[ArrFile], whole: bool = False
    ) -> Iterator[str]:
        """Give every reason for which these units stay."""
        yield from self.somebody_keeps(season, units)
        yield from self.somebody_took_it_back(season)
        yield from self.came_back(files)
        for unit in units:
            if unit.file_id is not None and unit.file_id not in [one.id for one in files]:
                yield "a file is not told"
        if self.record.kind == "sonarr":
            yield from self.series_keeps(season, units, whole)
        if self.why == "watched":
            yield from self.not_watched(season, units)
        elif self.why == "a higher copy is there":
            yield from against_lower(self, season, units, files)
        else:
            yield from self.wanted(files)
        yield from self.asked_for(season, units)
        yield from self.young(season, units, files, whole)

    def somebody_keeps(self, season: int | None, units: list[ArrUnit]) -> Iterator[str]:
        """Look for tags, marks, words, plays, and for who didn't say."""
        if self.record.kind in self.known.silent:
            yield "an arr is silent"
        if not self.record.ids.keys:
            yield "it has no id"
        if self.policy.excluded:
            yield from self.left_alone()
        for one in self.everywhere:
            if self.policy.keep_tag in {tag.lower() for tag in one.record.tags}:
                yield "it has the tag"
            if one.kept_by_override is not Answer.NO:
                yield "it may always be wanted"
            if isinstance(one.keeps, Unknown):
                yield "nobody knows who keeps it"
            for keep in told(one.keeps):
                here = None in (keep.season, season) or keep.season == season
                if here and keep.until is None and keep.ended_at is None:
                    yield "somebody keeps it"
            if isinstance(one.playing, Unknown):
                yield "nobody knows what plays"
            if any(is_on(part, unit.place) for part in told(one.playing) for unit in units):
                yield "it is playing"
        yield from self.somebody_likes(units)

    def left_alone(self) -> Iterator[str]:
        """Look whether it lies in a library that nothing leaves."""
        libraries = self.known.libraries
        if not isinstance(libraries, Known):
            yield "nobody knows where the libraries lie"
            return
        for name in self.policy.excluded:
            if name not in libraries.value:
                yield "a library that is to be left alone is none"
        for one in self.everywhere:
            where = [one.record.path, one.record.path_map.to_here(one.record.path)]
            for path in [*(file.path for file in one.record.files), *told(one.shown)]:
                where += [path, one.record.path_map.to_here(path)]
            for name in self.policy.excluded:
                for folder in libraries.value.get(name, ()):
                    if any(f"{path}/".startswith(f"{folder}/") for path in where if path):
                        yield "it lies in a library that is left alone"
            if isinstance(one.shown, Unknown):
                yield "nobody knows where it lies"
            for paths in [where[:2], *([path] for path in told(one.shown))]:
                if not any(
                    f"{path}/".startswith(f"{folder}/")
                    for path in paths
                    if path
                    for folders in libraries.value.values()
                    for folder in folders
                ):
                    yield "nobody knows in which library it lies"

    def deleted_before(self, file: ArrFile) -> Iterator[OurDeletion]:
        """Name the deletions of ours after which a file may have come."""
        for one in told(self.title.deletions):
            if one.season is not None and one.season not in {place.season for place in file.places}:
                continue
            here = one.season is None and one.service == self.record.service
            if here or file.added is None or one.at - file.added <= timedelta(days=1):
                yield one

    def somebody_took_it_back(self, season: int | None) -> Iterator[str]:
        """Look for a deletion of ours that a person regretted, of it or of what it lies in."""
        for title in self.everywhere:
            if isinstance(title.deletions, Unknown):
                yield "nobody knows what was deleted"
            for one in told(title.deletions):
                here = one.season is None or season is None or one.season == season
                at = None if one.regret is None else one.regret.at
                if here and at is not None and self.now - at < timedelta(days=365):
                    yield "somebody regretted that it was deleted"

    def came_back(self, files: list[ArrFile]) -> Iterator[str]:
        """Look for what was undone, or fetched again."""
        if isinstance(self.title.deletions, Unknown):
            yield "nobody knows what was deleted"
        for file in files:
            for one in self.deleted_before(file):
                if self.now - max(one.at, one.until or one.at) < timedelta(days=365):
                    yield "it came back within a year"

    def somebody_likes(self, units: list[ArrUnit]) -> Iterator[str]:
        """Look for favourites."""
        for one in self.everywhere:
            for viewer in self.counting:
                marks = one.favorites.get(viewer.id, Unknown())
                if isinstance(marks, Unknown):
                    yield "nobody knows whose favourite it is"
                if any(is_on(part, unit.place) for part in told(marks) for unit in units):
                    yield "it is a favourite"

    def series_keeps(self, season: int | None, units: list[ArrUnit], whole: bool) -> Iterator[str]:
        """Look at how the series and the season stand."""
        for one in self.everywhere:
            if None in one.unplaced or season in one.unplaced:
                yield "nobody knows which episode something is"
        statuses = {one.record.status for one in self.everywhere}
        if len(self.everywhere) > 1 and statuses not in (
            {SeriesStatus.ENDED},
            {SeriesStatus.CONTINUING},
        ):
            yield "two Sonarrs contradict each other, or may"
        for unit in units:
            if unit.aired is None or unit.aired > self.now:
                yield "an episode has not surely aired"
        if whole or season == 0 or not self.policy.protect_latest_season:
            return
        for unit in self.record.units:
            if unit.place.season > (season or 0) and unit.aired and unit.aired <= self.now:
                return  # a later season has begun
        announced = [one.place.season for one in self.record.units]
        announced += list(self.record.seasons)
        if self.record.status is not SeriesStatus.ENDED or max(announced) > (season or 0):
            yield "it is the latest season, and more may come"

    # -- who has watched it ------------------------------------------------------------------------

    def state(self, viewer_id: str, place: Place) -> WatchState | str:
        """Say how a viewer stands to a unit."""
        states = self.title.watched.get(viewer_id, Unknown())
        if isinstance(states, Unknown) or place in self.title.unseen:
            return MAYBE
        return states.value.get(place, WatchState()) if isinstance(states, Known) else WatchState()

    def has_watched(self, viewer_id: str, unit: ArrUnit) -> str:
        """Tell whether a viewer has watched the copy that is there."""
        state = self.state(viewer_id, unit.place)
        if not isinstance(state, WatchState):
            return MAYBE
        if not state.played or state.started:
            return NO
        if unit.file_id is None:
            return YES
        files = [one for one in self.record.files if one.id == unit.file_id]
        if not files or not real(files[0].added, self.now) or not real(state.last_played, self.now):
            return MAYBE
        added, played = files[0].added, state.last_played
        assert added is not None
        assert played is not None
        if isinstance(self.title.deletions, Unknown):
            return MAYBE
        if any(one.at >= played for one in self.deleted_before(files[0])):
            return NO
        return YES if added <= played + timedelta(days=30) else NO

    def all_watched(self, viewer_id: str, units: list[ArrUnit]) -> str:
        """Tell whether a viewer has watched all of these."""
        answers = [self.has_watched(viewer_id, unit) for unit in units]
        if NO in answers:
            return NO
        return MAYBE if MAYBE in answers else YES

    def may_have_begun(self, viewer: RetentionViewer, units: list[ArrUnit]) -> bool:
        """Tell whether a viewer has begun any of these, or nobody knows."""
        for unit in units:
            state = self.state(viewer.id, unit.place)
            if not isinstance(state, WatchState):
                return True
            if state.played or state.started or state.play_count:
                return True
        return False

    def not_watched(self, season: int | None, units: list[ArrUnit]) -> Iterator[str]:
        """Ask those who count."""
        if not units:
            yield "there is nothing to watch"
        done = {one.id for one in self.counting if self.all_watched(one.id, units) == YES}
        match self.policy.who.value:
            case "primary":
                marked = any(one.primary for one in self.known.viewers) or self.known.primary_gone
                alone = len(self.counting) == 1 and not marked
                primary = [one for one in self.counting if one.primary or alone]
                if not primary:
                    yield "nobody is the primary viewer"
                for one in primary:
                    if one.id not in done:
                        yield "the primary viewer has not watched it"
            case "any":
                if not done:
                    yield "nobody has watched it"
            case "all":
                if not done:
                    yield "nobody has watched it"
                whole = [one for one in self.record.units if one.place.season != 0]
                for one in self.counting:
                    if one.id not in done and self.may_have_begun(
                        one, units if season == 0 else whole
                    ):
                        yield "somebody has begun it"

    def asked_for(self, season: int | None, units: list[ArrUnit]) -> Iterator[str]:
        """Ask those who wanted it."""
        if self.why == "a higher copy is there":
            for one in self.everywhere:
                if isinstance(one.requests, Unknown):
                    yield "nobody knows which copy somebody has asked for"
                for request in told(one.requests):
                    here = None in (request.seasons, season) or season in request.seasons
                    if here and request.open:
                        yield "a request is open, and may be for this copy"
        if not self.policy.protect_requests:
            return
        for one in self.everywhere:
            if isinstance(one.requests, Unknown):
                yield "nobody knows who asked for it"
            for request in told(one.requests):
                here = None in (request.seasons, season) or season in request.seasons
                if not here or request.gone_since is not None:
                    continue
                if request.viewer_id not in [viewer.id for viewer in self.known.viewers]:
                    yield "whoever asked for it is not tracked"
                elif self.all_watched(request.viewer_id, units) != YES:
                    yield "whoever asked for it has not watched it"

    def last_episode(self, viewer: RetentionViewer) -> Place | None:
        """Name the last episode, by its number, that a viewer has watched."""
        found = None
        for unit in sorted(self.record.units, key=lambda one: one.place):
            state = self.state(viewer.id, unit.place)
            if unit.place.season != 0 and isinstance(state, WatchState) and state.played:
                found = unit.place
        return found

    def wanted(self, files: list[ArrFile]) -> Iterator[str]:
        """Look whether anybody has anything to do with a title, and since when nobody has."""
        never = self.why == "never watched"
        days = self.policy.unwatched_months * 31 if never else self.policy.idle_days
        if not days:
            yield "the person has not chosen that"
        states = list(self.states_of_everybody())
        if not states or MAYBE in states:
            yield "nobody knows whether somebody has played it"
        plays = [one for one in states if isinstance(one, WatchState)]
        touched = [one for one in plays if one.played or one.started or one.play_count]
        others, silent = self.touches_of_everybody()
        if silent:
            yield "nobody knows whether somebody has played another copy"
        since = [*(one.last_played for one in plays), *others]
        if never:
            since = []
            if touched or others:
                yield "somebody has played it"
        else:
            if not touched and not others:
                yield "nobody has ever played it"
            if not all(real(at, self.now) for at in [*(p.last_played for p in touched), *others]):
                yield "nobody knows when it was played"
            yield from self.liked_by_critics()
        for file in files:
            dates = self.title.files.get(file.id)
            seen = [] if dates is None else [dates.created, dates.first_seen]
            if not real(file.added, self.now):
                yield "nobody knows when it was imported"
            since += [file.added, *seen]
        for at in since:
            if at and real(at, self.now) and at + timedelta(days=days + self.days) > self.now:
                yield "that is not long enough ago"

    def states_of_everybody(self) -> Iterator[WatchState | str]:
        """Say how everybody stands to everything of a title, in every arr."""
        for one in self.everywhere:
            other = Case(self.known, self.policy, one)
            if not one.record.units:
                yield MAYBE
            for viewer in self.known.viewers:
                for unit in one.record.units:
                    yield other.state(viewer.id, unit.place)

    def touches_of_everybody(self) -> tuple[list[datetime | None], bool]:
        """Say when anybody had to do with any copy, and whether somebody is silent."""
        answers = [
            one.touches.get(viewer.id, Unknown())
            for one in self.everywhere
            for viewer in self.known.viewers
        ]
        silent = any(isinstance(one, Unknown) for one in answers)
        return [at for one in answers for at in told(one)], silent

    def liked_by_critics(self) -> Iterator[str]:
        """Look how it is rated."""
        for one in self.everywhere if self.policy.idle_rating else []:
            if not isinstance(one.rating, Known):
                yield "its rating is not known"
            elif one.rating.value >= self.policy.idle_rating:
                yield "it is rated well"

    # -- what happened too short a time ago --------------------------------------------------------

    def young(
        self, season: int | None, units: list[ArrUnit], files: list[ArrFile], whole: bool
    ) -> Iterator[str]:
        """Look at everything that happened: nothing may be younger than the grace."""
        for what, at in self.happened(season, units, files, whole):
            if at is None:
                yield f"nobody knows when: {what}"
            elif at + timedelta(days=self.days) > self.now:
                yield f"too short a time ago: {what}"

    def happened(
        self, season: int | None, units: list[ArrUnit], files: list[ArrFile], whole: bool
    ) -> Iterator[tuple[str, datetime | None]]:
        """Give everything that begins the grace anew; None: nobody knows when it was."""
        for viewer in self.counting:
            for unit in units:
                yield from self.played(viewer, unit, marks=True)
            if season and not whole and self.all_watched(viewer.id, units) != YES:
                for unit in self.record.units:
                    if 0 < unit.place.season < season and unit.file_id is not None:
                        yield from self.played(viewer, unit, marks=False)
        for file in files:
            dates = self.title.files.get(file.id)
            others = (None, None) if dates is None else (dates.created, dates.first_seen)
            known = [at for at in (file.added, *others) if real(at, self.now)]
            if dates is None or not known:
                yield "the file came", None
            for at in known:
                yield "the file came", at
        if season and not whole:
            yield from self.later_seasons(season)
        for one in told(self.title.deletions) if whole else ():
            at = one.at if one.until is None else one.until
            if real(at, self.now):
                yield "something of it was deleted, or that was undone", at
        yield from self.said(season)

    def said(self, season: int | None) -> Iterator[tuple[str, datetime | None]]:
        """Give what people said or did that begins it anew."""
        for one in self.everywhere:
            for keep in told(one.keeps):
                if None in (keep.season, season) or keep.season == season:
                    end = keep.until if keep.ended_at is None else keep.ended_at
                    if end is not None:
                        yield "it was put off", end
            for request in told(one.requests):
                here = None in (request.seasons, season) or season in request.seasons
                if here and real(request.gone_since, self.now):
                    yield "whoever asked for it left", request.gone_since
        if real(self.known.counted_since, self.now):
            yield "others count now", self.known.counted_since

    def played(
        self, viewer: RetentionViewer, unit: ArrUnit, marks: bool
    ) -> Iterator[tuple[str, datetime | None]]:
        """Say when a viewer had to do with a unit; `marks`: also by a mark alone."""
        state = self.state(viewer.id, unit.place)
        if not isinstance(state, WatchState):
            yield "somebody may play it", None
        elif state.started or state.play_count or (marks and state.played):
            yield "it was played", state.last_played if real(state.last_played, self.now) else None
        elif marks and real(state.last_played, self.now):
            yield "it was played", state.last_played

    def later_seasons(self, season: int) -> Iterator[tuple[str, datetime | None]]:
        """Say when each later season came, and when the one that follows began to air."""
        later = [one for one in self.record.units if one.place.season > season]
        for number in {one.place.season for one in later}:
            files = [
                file
                for file in self.record.files
                if any(place.season == number for place in file.places)
            ]
            if any(not real(file.added, self.now) for file in files):
                yield "a later season came", None
            elif files:
                yield "a later season came", min(file.added for file in files if file.added)
        for unit in later:
            if unit.file_id is not None and unit.file_id not in [f.id for f in self.record.files]:
                yield "a later season came", None
        if not later:
            return
        following = min(one.place.season for one in later)
        dates = [one.aired for one in later if one.place.season == following]
        begun = [at for at in dates if at is not None and at <= self.now]
        if begun:
            yield "the next season began", min(begun)
        elif None in dates:
            yield "the next season began", None
