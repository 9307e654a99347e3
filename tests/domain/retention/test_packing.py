"""What is searched for, if that is chosen, so that a watched season can leave as a whole."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from custom_components.showrunner.domain.inventory import SeriesStatus
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import Place
from custom_components.showrunner.domain.retention import (
    OurDeletion,
    OurSearch,
    PackingRule as Rule,
    Requester,
    RetentionPolicy,
    SeasonPacking,
    TitleFacts,
    WhoCounts,
    judge,
    packings,
)

from .samples import POLICY, ago, facts, movie, seen, series, watched

PACKING = replace(POLICY, season_packing=True)
COOLDOWN = timedelta(days=90)
GAP = (1, 2)


def gap(
    missing: Iterable[tuple[int, int]] = (GAP,), facts: dict[str, Any] | None = None, **more: Any
) -> TitleFacts:
    """Make a series whose first season lacks an episode that nobody has watched."""
    body = {"left_to_person": Answer.NO, "searches": Absent(), **(facts or {})}
    of = series({1: [1, 2, 3], 2: [1]}, missing=missing, facts=body, **{"monitored": True, **more})
    return watched(of, dict.fromkeys(missing))


def unit(of: TitleFacts, place: tuple[int, int] = GAP, **more: Any) -> TitleFacts:
    """Change an episode."""
    units = tuple(
        replace(one, **more) if one.place == Place(*place) else one for one in of.record.units
    )
    return replace(of, record=replace(of.record, units=units))


def found(
    *titles: TitleFacts, policy: RetentionPolicy = PACKING, **more: Any
) -> list[SeasonPacking]:
    """Say what is found of each season that lacks something."""
    return [*packings(facts(*titles, **more), policy, COOLDOWN)]


def searched(*titles: TitleFacts, **more: Any) -> set[tuple[int, int]]:
    """Name the episodes that are searched for."""
    return {
        (unit.place.season, unit.place.episode)
        for one in found(*titles, **more)
        if one.answer is Answer.YES
        for unit in one.search
    }


def stays(of: TitleFacts, rule: Rule, answer: Answer, *others: TitleFacts, **more: Any) -> None:
    """Expect that nothing is searched for, and which rule says so."""
    [one] = found(of, *others, **more)
    assert one.answer is not Answer.YES
    assert (rule, answer) in {(finding.rule, finding.answer) for finding in one.findings}
    assert one.why_not
    assert not (one.is_ready and rule in (Rule.LACKING, Rule.READY))


def test_what_a_watched_season_lacks_is_searched_for_and_only_by_choice() -> None:
    assert searched(gap()) == {GAP}
    assert searched(gap(), policy=POLICY) == set()
    # It would stay for ever.
    assert {one.season for one in judge(facts(gap()), PACKING) if one.may_go} == {2}
    [one] = found(gap())
    assert (one.record.service, one.season) == ("s1", 1)
    assert one.is_ready
    assert one.why_not == ""


def test_a_season_that_leaves_as_it_is_lacks_nothing() -> None:
    """By Jellyfin's played state also of what is not there any more."""
    whole = watched(gap(), {GAP: seen()})
    assert {one.season for one in judge(facts(whole), PACKING) if one.may_go} == {1, 2}
    stays(whole, Rule.LACKING, Answer.NO)
    # Of two that are missing only the one that nobody has watched is fetched.
    two = watched(gap([(1, 2), (1, 3)]), {(1, 2): seen(), (1, 3): None})
    assert searched(two) == {(1, 3)}


def test_what_came_is_judged_like_all_else() -> None:
    """It blocks until it was watched; then the season leaves as a whole."""
    here = watched(series({1: [1, 2, 3], 2: [1]}, monitored=True), {GAP: None})
    assert found(here) == []
    assert not any(one.may_go for one in judge(facts(here), PACKING) if one.season == 1)
    seen_now = watched(here, {GAP: seen()})
    assert {one.season for one in judge(facts(seen_now), PACKING) if one.may_go} == {1, 2}


def test_neither_movies_nor_specials_nor_what_has_no_files_is_packed() -> None:
    assert found(movie()) == []
    specials = series({0: [1, 2], 1: [1]}, missing=[(0, 2)], monitored=True)
    assert found(specials) == []
    assert found(gap([(1, 1), (1, 2), (1, 3)])) == []


@pytest.mark.parametrize(
    ("at", "answer"), [(ago(-3), Answer.NO), (None, Answer.UNKNOWN), (ago(1), Answer.YES)]
)
def test_what_has_not_surely_aired_is_not_searched_for(at: datetime | None, answer: Answer) -> None:
    of = unit(gap(), aired=at)
    assert (searched(of) == {GAP}) is (answer is Answer.YES)
    if answer is not Answer.YES:
        stays(of, Rule.AIRED, answer)


def test_what_somebody_has_unmonitored_stays_away_and_the_season_is_left_alone() -> None:
    """It would never be whole."""
    stays(unit(gap(), monitored=False), Rule.MONITORED, Answer.NO)
    stays(gap(monitored=False), Rule.MONITORED, Answer.NO)
    two = gap([(1, 2), (1, 3)])
    assert searched(two) == {(1, 2), (1, 3)}
    assert searched(unit(two, monitored=False)) == set()
    # What was watched and is gone need not be wanted any more.
    gone = watched(unit(two, monitored=False), {GAP: seen()})
    assert searched(gone) == {(1, 3)}


@pytest.mark.parametrize(
    "more",
    [
        {"facts": {"favorites": {"ann": Absent()}}},
        {"facts": {"kept_by_override": Answer.YES}},
        {"facts": {"requests": Known((Requester("Ben", "ben"),))}},
        {"facts": {"playing": Unknown("down")}},
        {"tags": frozenset({"keep"})},
    ],
)
def test_a_season_that_stays_anyway_is_not_packed(more: dict[str, Any]) -> None:
    assert searched(gap(**more)) == set()
    [one] = found(gap(**more))
    ready = next(each for each in one.findings if each.rule == Rule.READY)
    assert ready.answer is not Answer.YES
    assert ready.detail


def test_a_season_in_its_grace_or_the_latest_is_not_packed() -> None:
    stays(watched(gap(), {(1, 1): seen(4)}), Rule.READY, Answer.NO)
    latest = series(
        {1: [1, 2]},
        missing=[GAP],
        monitored=True,
        status=SeriesStatus.CONTINUING,
        facts={"left_to_person": Answer.NO, "searches": Absent()},
    )
    stays(watched(latest, {GAP: None}), Rule.READY, Answer.NO)
    stays(gap(), Rule.READY, Answer.UNKNOWN, silent=frozenset({"sonarr"}))
    stays(watched(gap(), {(1, 1): None}), Rule.READY, Answer.NO)


@pytest.mark.parametrize(("days", "leaves"), [(19, True), (24, True), (400, False)])
def test_a_season_that_leaves_as_it_is_by_another_rule_is_not_packed(
    days: int, leaves: bool
) -> None:
    """Neither what is let go nor what is announced as leaving: what came would be for nobody."""
    of = watched(gap(), {(1, 1): seen(30), (1, 3): seen(30), (2, 1): seen(30)})
    policy = replace(PACKING, idle_days=days, idle_rating=0)
    of = replace(of, rating=Known(5.0))
    assert searched(of) == {GAP}
    assert searched(of, policy=policy) == (set() if leaves else {GAP})
    going = [one for one in judge(facts(of), policy) if one.season == 1]
    assert any(one.may_go or one.is_leaving for one in going) is leaves
    rated = replace(policy, idle_rating=4)
    assert searched(of, policy=rated) == {GAP}
    if leaves:
        stays(of, Rule.LEAVES, Answer.YES, policy=policy)
        silent = replace(of, rating=Absent())
        stays(silent, Rule.LEAVES, Answer.UNKNOWN, policy=rated)


def test_while_nobody_knows_whether_it_was_watched_nothing_is_searched_for() -> None:
    stays(gap(facts={"unseen": frozenset({Place(*GAP)})}), Rule.LACKING, Answer.UNKNOWN)
    everybody = replace(PACKING, who=WhoCounts.ALL)
    silent = gap(facts={})
    silent = replace(silent, watched={**silent.watched, "ben": Unknown("down")})
    assert searched(silent, policy=everybody) == set()


def test_while_of_one_of_several_nobody_knows_none_is_searched_for() -> None:
    """The season might have to lack that one for ever: what came would keep it, for nobody."""
    two = [(1, 2), (1, 3)]
    unseen = frozenset({Place(1, 3)})
    assert searched(gap(two)) == set(two)
    stays(gap(two, facts={"unseen": unseen}), Rule.LACKING, Answer.UNKNOWN)
    # Nor does the one of which it is known count as all that is lacking.
    known = watched(gap(two, facts={"unseen": unseen}), {(1, 2): seen()})
    stays(known, Rule.LACKING, Answer.UNKNOWN)
    unsure = watched(gap(two), {(1, 3): seen(unsure=True)})
    stays(unsure, Rule.LACKING, Answer.UNKNOWN)


@pytest.mark.parametrize("answer", [Answer.YES, Answer.UNKNOWN])
def test_what_is_a_persons_to_fetch_is_not_searched_for(answer: Answer) -> None:
    stays(gap(facts={"left_to_person": answer}), Rule.LEFT_TO_PERSON, answer)


@pytest.mark.parametrize(
    ("deletion", "goes"),
    [
        (OurDeletion(ago(89), 1, "s1"), False),
        (OurDeletion(ago(89), None, "s1"), False),
        (OurDeletion(ago(89), 1, "s9"), False),
        (OurDeletion(ago(-1), 1, "s9"), False),
        (OurDeletion(ago(90), 1, "s1"), True),
        (OurDeletion(ago(89), 2, "s1"), True),
        (OurDeletion(ago(89), 1, "s1", until=ago(80)), True),
    ],
)
def test_law_10_what_we_deleted_is_not_fetched_again_within_the_cool_down(
    deletion: OurDeletion, goes: bool
) -> None:
    """Files that came before it are still there: nothing of it came back."""
    of = gap(facts={"deletions": Known((deletion,))})
    old = tuple(replace(one, added=ago(200)) for one in of.record.files)
    of = replace(of, record=replace(of.record, files=old))
    of = watched(of, {(1, 1): seen(100), (1, 3): seen(100)})
    ruled = {
        finding.rule: finding.answer
        for one in found(of)
        for finding in one.findings
        if finding.rule in (Rule.DELETED, Rule.READY)
    }
    assert ruled[Rule.DELETED] is Answer.of(not goes)
    unknown = replace(of, deletions=Unknown("down"))
    stays(unknown, Rule.DELETED, Answer.UNKNOWN)
    # Within how many days is said with it.
    said = [one for each in (of, unknown) for one in found(each)[0].findings]
    assert {one.threshold for one in said if one.rule == Rule.DELETED} == {90}


def test_what_another_sonarr_has_is_not_searched_for() -> None:
    whole = series({1: [1, 2, 3], 2: [1]}, service="s2", id=8, name="4K")
    [one, *_] = found(gap(), whole)
    assert (Rule.ELSEWHERE, Answer.YES) in {(f.rule, f.answer) for f in one.findings}
    assert searched(gap(), whole) == set()
    assert searched(gap(), gap(service="s2", id=8)) == {GAP}


@pytest.mark.parametrize(
    ("at", "goes"), [(ago(0.99), False), (ago(1), True), (None, True), (ago(-1), True)]
)
def test_what_sonarr_has_just_searched_for_is_not_searched_for_again(
    at: datetime | None, goes: bool
) -> None:
    of = unit(gap(), searched=at)
    assert (searched(of) == {GAP}) is goes
    if not goes:
        stays(of, Rule.SEARCHED, Answer.YES)


def test_what_we_have_searched_for_is_not_searched_for_again_within_the_cool_down() -> None:
    def after(days: float, service: str = "s1", episode: int = 2) -> set[tuple[int, int]]:
        search = OurSearch(ago(days), service, frozenset({episode}))
        return searched(gap([(1, 2), (1, 3)], facts={"searches": Known((search,))}))

    assert after(89) == {(1, 3)}
    assert after(90) == {(1, 2), (1, 3)}
    assert after(1, service="s2") == {(1, 2), (1, 3)}
    assert after(1, episode=9) == {(1, 2), (1, 3)}
    stays(gap(facts={"searches": Unknown("down")}), Rule.SEARCHED, Answer.UNKNOWN)


def test_only_what_is_asked_for_is_looked_at() -> None:
    known = facts(gap(), gap(service="s2", id=8))
    some = packings(known, PACKING, COOLDOWN, {("s2", 8)})
    assert {one.record.service for one in some} == {"s2"}
