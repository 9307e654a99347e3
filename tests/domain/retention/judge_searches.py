"""Says what is to be searched for, so that a season can leave, slowly, as the judge does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from custom_components.showrunner.domain.inventory import ArrFile, ArrUnit
from custom_components.showrunner.domain.knowledge import Answer, Unknown
from custom_components.showrunner.domain.retention import WatchState

from .judge_copies import surely_not_watched, surely_wanted, units_everywhere
from .judge_words import MAYBE, NO, YES, real, the_file, told

if TYPE_CHECKING:
    from .judge import Case


def against_searching(case: Case, unit: ArrUnit, days: float) -> Iterator[str]:
    """Give every reason for which an episode is not searched for, so that its season leaves."""
    season = unit.place.season
    units = [one for one in case.record.units if one.place.season == season]
    there = [one for one in units if one.file_id is not None]
    numbers = {one.file_id for one in there}
    files = [one for one in case.record.files if one.id in numbers]
    if not case.policy.season_packing:
        yield "the person has not chosen that"
    if case.record.kind != "sonarr" or season == 0 or not files:
        yield "it is not of a season of which there is something"
    if unit.file_id is not None:
        yield "it is there"
    for file in files:
        if {place.season for place in file.places} != {season}:
            yield "a file of the season has something of another one"
    yield from case.against(season, there, files)
    if case.policy.keep_last_watched and files:
        last = [case.last_episode(viewer) for viewer in case.counting]
        if all(any(place in file.places for place in last) for file in files):
            yield "nothing is left but the last that somebody watched"
    for one in units:
        yield from against_season(case, one)
    if count_as_watched(case, unit) == YES:
        yield "it keeps nothing"
    if may_leave_as_it_is(case, files):
        yield "it may leave without what it lacks"
    yield from just_searched(case, unit, days)
    yield from not_wanted(case, season, days)


def against_season(case: Case, unit: ArrUnit) -> Iterator[str]:
    """Give what of one episode keeps all that its season lacks from being searched for."""
    if unit.aired is None or unit.aired > case.now:
        yield "an episode has not surely aired"
    if unit.file_id is not None or count_as_watched(case, unit) == YES:
        return
    if count_as_watched(case, unit) == MAYBE:
        yield "nobody knows whether it was watched"
    if not unit.monitored or not case.record.monitored:
        yield "somebody does not want it"
    for other in case.everywhere[1:]:
        if the_file(other.record, unit.place) is not None:
            yield "another arr has it"
    if isinstance(case.title.searches, Unknown) and not by_arr(case, unit):
        yield "nobody knows whether it was searched for"


def may_leave_as_it_is(case: Case, files: list[ArrFile]) -> bool:
    """Tell whether nobody's interest may let it go by now; what then keeps it for a week may not.

    A higher copy does not: it is whole, and what another arr has is not searched for.
    """
    return any(
        days and not surely_wanted(case, why) and not surely_young(case, why, days, files)
        for why, days in (
            ("never watched", case.policy.unwatched_months * 31),
            ("not for a long time", case.policy.idle_days),
        )
    )


def surely_young(case: Case, why: str, days: float, files: list[ArrFile]) -> bool:
    """Tell whether it surely came, or was of interest, not long enough ago."""
    since: list[datetime | None] = []
    if why != "never watched" and units_everywhere(case):
        plays = [one for one in case.states_of_everybody() if isinstance(one, WatchState)]
        since = [*(one.last_played for one in plays), *case.touches_of_everybody()[0]]
    for file in files:
        found = case.title.files.get(file.id)
        if found is None or not real(file.added, case.now):
            return False
        since += [file.added, found.created, found.first_seen]
    return any(
        at is not None and real(at, case.now) and at + timedelta(days=days) > case.now
        for at in since
    )


def just_searched(case: Case, unit: ArrUnit, days: float) -> Iterator[str]:
    """Look who has searched for it."""
    if by_arr(case, unit):
        yield "its arr has just searched for it"
    for search in told(case.title.searches):
        recent = search.at + timedelta(days=days) > case.now
        if recent and search.service == case.record.service and unit.id in search.episodes:
            yield "we have just searched for it"


def not_wanted(case: Case, season: int, days: float) -> Iterator[str]:
    """Look whether somebody, or we, had it go."""
    if any(one.left_to_person is not Answer.NO for one in case.everywhere):
        yield "somebody may not want it"
    if isinstance(case.title.deletions, Unknown):
        yield "nobody knows what was deleted"
    for gone in told(case.title.deletions):
        recent = gone.at + timedelta(days=days) > case.now
        if recent and gone.until is None and gone.season in (None, season):
            yield "we have just deleted something of it"


def by_arr(case: Case, unit: ArrUnit) -> bool:
    """Tell whether the arr itself has searched within a day."""
    at = unit.searched
    return real(at, case.now) and at is not None and case.now - at < timedelta(days=1)


def count_as_watched(case: Case, unit: ArrUnit) -> str:
    """Tell whether those who count have watched one episode."""
    if not list(case.not_watched(unit.place.season, [unit])):
        return YES
    return NO if surely_not_watched(case, [unit]) else MAYBE
