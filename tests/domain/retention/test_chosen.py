"""What leaves by the rules of choice: what nobody has ever watched, or nobody watches any more."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import MOVIE, Place
from custom_components.showrunner.domain.retention import (
    FileDates,
    Ground,
    Requester,
    RetentionPolicy,
    RetentionRule as Rule,
    RetentionVerdict,
    TitleFacts,
    WatchState,
    judge,
)

from .samples import (
    ANN,
    BEN,
    DAY,
    POLICY,
    ago,
    begun,
    facts,
    movie,
    seen,
    series,
    title,
    verdict,
    watched,
)

NEVER = replace(POLICY, unwatched_months=1)
IDLE = replace(POLICY, idle_days=100, idle_rating=7)
NOBODY = {"ann": Absent(), "ben": Absent()}
OLD = 31 + 7  # a month, and the notice of a week


def aged(of: TitleFacts, days: float) -> TitleFacts:
    """Have all files of a title have come so many days ago."""
    files = tuple(replace(one, added=ago(days)) for one in of.record.files)
    dates = {one.id: FileDates(created=ago(days)) for one in files}
    return replace(of, record=replace(of.record, files=files), files=dates)


def never(days: float = OLD, **more: Any) -> TitleFacts:
    """Make a movie that nobody has ever touched."""
    return aged(movie(**{"watched": NOBODY, **more}), days)


def idle(days: float = 107, **more: Any) -> TitleFacts:
    """Make a movie that only Ben has watched, so many days ago; he is not the primary viewer."""
    body = {"ann": Absent(), "ben": Known({MOVIE: seen(days)})}
    return aged(movie(**{"watched": body, **more}), 400)


def against(of: RetentionVerdict) -> tuple[str, Answer] | None:
    """Say what speaks against a verdict first."""
    return None if of.against is None else (of.against.rule, of.against.answer)


def by(of: TitleFacts, policy: RetentionPolicy, **more: Any) -> RetentionVerdict:
    """Judge a movie."""
    return verdict(of, policy, **more)


def test_without_a_choice_nothing_leaves_that_was_not_watched() -> None:
    for of in (never(4_000), idle(4_000)):
        found = verdict(of)
        assert not found.may_go
        assert found.ground is Ground.WATCHED
        assert found.finding(Rule.OLD) is None
    assert POLICY.chosen == ()


def test_what_nobody_has_ever_watched_leaves_after_months_and_a_notice() -> None:
    found = by(never(), NEVER)
    assert (found.may_go, found.ground) == (True, Ground.UNWATCHED)
    assert found.finding(Rule.WATCHED) is None
    soon = by(never(OLD - 1), NEVER)
    assert not soon.may_go
    assert soon.is_leaving
    assert (soon.ground, soon.leaves_at) == (Ground.UNWATCHED, ago(-1))
    assert not by(never(30), NEVER).is_leaving


def test_the_notice_can_not_be_skipped_and_is_the_grace_where_that_is_longer() -> None:
    assert not by(never(OLD - 1), replace(NEVER, grace_days=0)).may_go
    assert not by(never(OLD), replace(NEVER, grace_days=8)).may_go
    assert by(never(OLD + 1), replace(NEVER, grace_days=8)).may_go
    # Whoever has just chosen it is told a week ahead of all that leaves.
    assert not by(never(4_000), NEVER, counted_since=ago(6)).may_go
    assert by(never(4_000), NEVER, counted_since=ago(7)).may_go


@pytest.mark.parametrize("state", [seen(), begun(), seen(None), WatchState(play_count=1)])
@pytest.mark.parametrize("who", ["ann", "ben"])
def test_whatever_any_viewer_has_touched_is_not_never_watched(state: WatchState, who: str) -> None:
    """Also one who does not count; and in any copy."""
    body = {**NOBODY, who: Known({MOVIE: state})}
    if who == "ben":
        assert not by(never(watched=body), NEVER).may_go
    copy = never(record={"service": "r2", "id": 5}, watched=body)
    [mine, _] = judge(facts(never(), copy), replace(NEVER, protect_requests=False))
    assert not mine.may_go


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"watched": {"ann": Absent()}}, Rule.UNWATCHED),
        ({"watched": {"ann": Absent(), "ben": Unknown("down")}}, Rule.UNWATCHED),
        ({"unseen": frozenset({MOVIE})}, Rule.UNWATCHED),
        ({"requests": Unknown("down")}, Rule.REQUESTED),
        ({"requests": Known((Requester("Ben", "ben"),))}, Rule.REQUESTED),
        ({"deletions": Unknown("down")}, Rule.REGRETTED),
        ({"favorites": {"ann": Absent()}}, Rule.FAVORITE),
        ({"playing": Unknown("down")}, Rule.PLAYING),
        ({"keeps": Unknown("down")}, Rule.KEPT),
        ({"kept_by_override": Answer.YES}, Rule.OVERRIDE),
        ({"record": {"tags": frozenset({"keep"})}}, Rule.KEEP),
    ],
)
def test_what_keeps_anything_keeps_what_was_never_watched(more: dict[str, Any], rule: Rule) -> None:
    for policy in (NEVER, replace(NEVER, idle_days=1, idle_rating=0)):
        found = [one for one in judge(facts(never(**more)), policy) if one.may_go]
        assert not found, rule


def test_without_an_age_or_a_viewer_nothing_leaves_by_choice() -> None:
    undated = never()
    assert not by(replace(undated, files={}), NEVER).may_go
    files = tuple(replace(one, added=None) for one in undated.record.files)
    assert not by(replace(undated, record=replace(undated.record, files=files)), NEVER).may_go
    assert not by(never(), NEVER, viewers=()).may_go
    assert not by(idle(), IDLE, viewers=()).may_go


def test_the_newest_of_all_dates_is_the_age() -> None:
    for name in ("created", "first_seen"):
        of = never(4_000)
        dates = {one: FileDates(**{name: ago(OLD - 1)}) for one in of.files}
        assert not by(replace(of, files=dates), NEVER).may_go


def test_a_season_of_a_series_that_somebody_has_begun_is_not_never_watched() -> None:
    """They want the later ones."""
    untouched = aged(series(facts={"watched": NOBODY}), 4_000)
    policy = replace(NEVER, protect_latest_season=False)
    assert {one.season for one in judge(facts(untouched), policy) if one.may_go} == {1, 2}
    for place in ((1, 1), (2, 1)):
        someone = watched(replace(untouched, watched=NOBODY), {place: begun()}, "ben")
        assert not any(one.may_go for one in judge(facts(someone), policy))


def test_what_nobody_watches_any_more_leaves_unless_it_is_rated_well() -> None:
    found = by(idle(), IDLE)
    assert (found.may_go, found.ground) == (True, Ground.IDLE)
    assert not by(idle(106), IDLE).may_go
    assert by(idle(106), IDLE).is_leaving
    assert not by(idle(99), IDLE).is_leaving
    assert not by(never(4_000), IDLE).may_go
    for rating, may_go in (
        (Known(6.9), True),
        (Known(7.0), False),
        (Absent(), False),
        (Unknown("down"), False),
    ):
        assert by(idle(rating=rating), IDLE).may_go is may_go
        assert by(idle(rating=rating), replace(IDLE, idle_rating=0)).may_go
    copy = idle(record={"service": "r2", "id": 5}, rating=Known(9.0))
    assert not any(one.may_go for one in judge(facts(idle(), copy), IDLE))


def test_a_play_without_a_date_keeps_what_nobody_watches() -> None:
    undated = {"ann": Absent(), "ben": Known({MOVIE: seen(None)})}
    assert not by(idle(watched=undated), IDLE).may_go


@pytest.mark.parametrize("days", [None, -3, 12_000])
def test_a_play_without_a_date_keeps_it_also_of_a_viewer_who_does_not_count(
    days: float | None,
) -> None:
    viewers = (ANN, replace(BEN, counts=False))
    assert by(idle(), IDLE, viewers=viewers).may_go
    undated = {"ann": Absent(), "ben": Known({MOVIE: seen(days)})}
    assert not by(idle(watched=undated), IDLE, viewers=viewers).may_go


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_a_touch_of_any_copy_counts_of_every_viewer(who: str) -> None:
    viewers = (ANN, replace(BEN, counts=False))
    nobody = {"ann": Known(()), "ben": Known(())}
    missing = {one: body for one, body in nobody.items() if one != who}
    for body in ({**nobody, who: Known((ago(300),))}, {**nobody, who: Unknown("down")}, missing):
        assert not by(never(touches=body), NEVER, viewers=viewers).may_go
    for date, may_go in ((ago(107), True), (ago(106), False), (None, False), (ago(-1), False)):
        body = {**nobody, who: Known((ago(300), date))}
        assert by(idle(touches=body), IDLE, viewers=viewers).may_go is may_go
    for body in ({**nobody, who: Unknown("down")}, missing):
        assert not by(idle(touches=body), IDLE, viewers=viewers).may_go


def test_a_touch_of_any_episode_counts_for_all_seasons() -> None:
    policy = replace(NEVER, protect_latest_season=False)
    show = aged(series(facts={"watched": NOBODY}), 4_000)
    touched = replace(show, touches={"ann": Known(()), "ben": Known((ago(3_000),))})
    assert any(one.may_go for one in judge(facts(show), policy))
    assert not any(one.may_go for one in judge(facts(touched), policy))


def test_a_play_of_another_season_keeps_what_nobody_watches() -> None:
    show = aged(series(facts={"watched": NOBODY}), 4_000)
    ben = watched(show, {(1, 1): seen(200)}, "ben")
    policy = replace(IDLE, protect_latest_season=False)
    assert {one.season for one in judge(facts(ben), policy) if one.may_go} == {1, 2}
    later = watched(ben, {(2, 2): seen(50)}, "ben")
    assert not any(one.may_go for one in judge(facts(later), policy))


def test_what_was_watched_goes_by_that_rule_first() -> None:
    """Whichever lets it go; and what waits by several goes by the first that is over."""
    both = replace(POLICY, unwatched_months=1, idle_days=1, idle_rating=0)
    assert by(aged(movie(), 90), both).ground is Ground.WATCHED
    soon = aged(movie(watched={"ann": Known({MOVIE: seen(3)}), "ben": Absent()}), 90)
    found = by(soon, both)
    assert (found.is_leaving, found.ground) == (True, Ground.WATCHED)
    assert found.leaves_at == ago(3) + 5 * DAY


def test_only_numbers_that_make_sense_are_a_choice() -> None:
    for name in ("unwatched_months", "idle_days", "idle_rating"):
        for wrong in (-1, float("nan")):
            with pytest.raises(ValueError, match="unwatched_months"):
                RetentionPolicy(**{name: wrong})


def test_a_bare_series_has_nothing_to_leave_by_choice() -> None:
    bare = title(replace(series().record, files=(), units=()))
    policy = replace(NEVER, idle_days=1, remove_empty_series=True)
    assert not any(one.may_go for one in judge(facts(bare), policy))
    assert Place(1, 1) not in {one.place for one in bare.record.units}
