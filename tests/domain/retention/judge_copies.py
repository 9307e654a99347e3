"""Says of a copy whether a higher one is there and stays, slowly, as the judge does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from custom_components.showrunner.domain.inventory import ArrFile, ArrUnit
from custom_components.showrunner.domain.knowledge import Known
from custom_components.showrunner.domain.media import Place
from custom_components.showrunner.domain.retention import WatchState

from .judge_words import MAYBE, NO, is_equal, is_higher, real, the_file, told

if TYPE_CHECKING:
    from .judge import Case


def against_lower(
    case: Case, season: int | None, units: list[ArrUnit], files: list[ArrFile]
) -> Iterator[str]:
    """Look for a copy of all of it that is higher, whole, shown, and stays."""
    if not case.policy.lower_quality:
        yield "the person has not chosen that"
    for viewer in case.known.viewers:
        for unit in units:
            state = case.state(viewer.id, unit.place)
            if not isinstance(state, WatchState) or state.started:
                yield "somebody may be in the middle of it"
    if any(not real(file.added, case.now) for file in files):
        yield "nobody knows when it was imported"
    places = {unit.place for unit in units} | {place for file in files for place in file.places}
    for other in case.everywhere[1:]:
        mine = places | {
            unit.place for unit in other.record.units if season and unit.place.season == season
        }
        if not list(unlike(case.of(other), case, mine)):
            return
    yield "there is no higher copy that surely stays"


def unlike(case: Case, lower: Case, places: set[Place]) -> Iterator[str]:
    """Give every reason for which this copy can't stand for a lower one."""
    if not case.record.permanent:
        yield "it is only streamed"
    if all(the_file(lower.record, place) is None for place in places):
        yield "there is nothing to compare"
    for place in places:
        file = the_file(case.record, place)
        if not isinstance(file, ArrFile) or not file.size_bytes:
            yield "there is surely no whole file of something"
            continue
        if place not in told(case.title.playable):
            yield "Jellyfin does not surely show it"
        yield from just_came(case, file, max(lower.days, 7))
        theirs = the_file(lower.record, place)
        if theirs is not None and not is_higher(file, theirs):
            yield "it is not surely higher"
        for third in case.everywhere[1:]:
            best = the_file(third.record, place)
            if third is lower.title or best is None:
                continue
            if not (is_higher(file, best) or is_equal(file, best)):
                yield "a third copy may be higher still"
    yield from may_leave_too(case, places)


def just_came(case: Case, file: ArrFile, days: float) -> Iterator[str]:
    """Look since when a file is there."""
    dates = case.title.files.get(file.id)
    others = [] if dates is None else [dates.created, dates.first_seen]
    if dates is None or not real(file.added, case.now):
        yield "nobody knows since when it is there"
    for at in [file.added, *others]:
        if at is not None and real(at, case.now) and at + timedelta(days=days) > case.now:
            yield "it has just come"


def may_leave_too(case: Case, places: set[Place]) -> Iterator[str]:
    """Look whether this copy may leave by another rule, now or some day."""
    for units in parts(case, places):
        if not surely_not_watched(case, units):
            yield "it may be watched"
        for why, days in (
            ("never watched", case.policy.unwatched_months),
            ("not for a long time", case.policy.idle_days),
        ):
            if days and not surely_wanted(case, why):
                yield "it may leave because nobody watches it"


def parts(case: Case, places: set[Place]) -> Iterator[list[ArrUnit]]:
    """Give all units of each movie, season or special that has one of these."""
    for season in {place.season for place in places}:
        mine = [unit for unit in case.record.units if unit.place.season == season]
        if season != 0:
            yield mine
            continue
        for file in case.record.files:
            there = [u for u in mine if u.file_id == file.id or u.place in file.places]
            if {unit.place for unit in there} & places:
                yield there


def surely_not_watched(case: Case, units: list[ArrUnit]) -> bool:
    """Tell whether those who count have surely not watched all of these."""
    told_of = {one.id: case.all_watched(one.id, units) for one in case.counting}
    nobody = bool(told_of) and set(told_of.values()) == {NO}
    match case.policy.who.value:
        case "primary":
            marked = any(one.primary for one in case.known.viewers) or case.known.primary_gone
            alone = len(case.counting) == 1 and not marked
            return any(told_of[one.id] == NO for one in case.counting if one.primary or alone)
        case "any":
            return nobody
    special = all(unit.place.season == 0 for unit in units)
    whole = [one for one in case.record.units if one.place.season != 0]
    for one in case.counting:
        states = [case.state(one.id, u.place) for u in (units if special else whole)]
        begun = any(
            isinstance(s, WatchState) and (s.played or s.started or s.play_count) for s in states
        )
        if told_of[one.id] == NO and begun:
            return True
    return nobody


def surely_wanted(case: Case, why: str) -> bool:
    """Tell whether nobody's interest surely never lets this copy go, however much time passes."""
    states = list(case.states_of_everybody())
    plays = [one for one in states if isinstance(one, WatchState)]
    touched = [one for one in plays if one.played or one.started or one.play_count]
    others, silent = case.touches_of_everybody()
    if why == "never watched":
        return bool(touched or others) and units_everywhere(case)
    known = bool(states) and MAYBE not in states and not silent
    if known and not touched and not others and units_everywhere(case):
        return True
    return any(
        isinstance(one.rating, Known) and one.rating.value >= case.policy.idle_rating
        for one in (case.everywhere if case.policy.idle_rating else [])
    )


def units_everywhere(case: Case) -> bool:
    """Tell whether every arr says what there is of it."""
    return all(one.record.units for one in case.everywhere) and bool(case.known.viewers)
