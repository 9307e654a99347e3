"""What leaves and what stays, by example: each has happened to somebody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from custom_components.showrunner.domain.inventory import ArrFile, ArrUnit, SeriesStatus
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import MOVIE, Place, ProviderIds
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.plan import Scope
from custom_components.showrunner.domain.plan.proof import Protection
from custom_components.showrunner.domain.regrets import Regret, Way
from custom_components.showrunner.domain.retention import (
    FileDates,
    OurDeletion,
    Requester,
    RetentionPolicy,
    RetentionRule as Rule,
    RetentionVerdict,
    RetentionViewer,
    TitleFacts,
    TitlePart,
    WatchState,
    WhoCounts,
    judge,
    library_name,
)
from tests.english import english

from .samples import (
    ANN,
    BEN,
    DAY,
    NOW,
    POLICY,
    ZONE,
    Keep,
    ago,
    begun,
    facts,
    going,
    movie,
    movie_record,
    seen,
    series,
    series_record,
    title,
    verdict,
    verdicts,
    watched,
)

ANY = RetentionPolicy(who=WhoCounts.ANY)
ALL = RetentionPolicy(who=WhoCounts.ALL)
S1E1, S1E2 = Place(1, 1), Place(1, 2)


def stays(of: RetentionVerdict, rule: Rule, answer: Answer) -> bool:
    """Tell whether a verdict is against leaving, and for this reason alone."""
    against = of.against
    return (
        not of.may_go
        and against is not None
        and (against.rule, against.answer) == (rule, answer)
        and bool(against.detail)
    )


# -- what leaves ----------------------------------------------------------------------------------


def test_a_movie_leaves_five_days_after_it_was_watched() -> None:
    at = NOW - 5 * DAY
    of = movie(watched={"ann": Known({MOVIE: seen(5)}), "ben": Absent()})
    found = verdict(of)
    assert (found.answer, found.leaves_at, found.scope) == (Answer.YES, at + 5 * DAY, Scope.MOVIE)
    assert (found.size_bytes, [one.id for one in found.units]) == (4_000, [1])
    just = movie(watched={"ann": Known({MOVIE: seen(4.999)}), "ben": Absent()})
    assert stays(verdict(just), Rule.GRACE, Answer.NO)
    assert verdict(just).is_leaving


def test_the_day_is_a_day_of_home_assistants_zone() -> None:
    late = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
    of = movie(watched={"ann": Known({MOVIE: replace(seen(), last_played=late)}), "ben": Absent()})
    found = verdict(of)
    assert (found.leaves_at, found.leaves_on) == (late + 5 * DAY, date(2026, 12, 4))
    assert ZONE.key == "Europe/Berlin"


def test_all_that_a_verdict_says_is_a_finding_of_the_one_shape() -> None:
    found = verdict(movie())
    assert [one.rule for one in found.findings] == [
        *("sources", "identified", "keep", "excluded", "override", "regretted", "returned"),
        "kept",
        *("favorite", "playing", "files", "watched", "requested", "grace"),
    ]
    grace = found.finding(Rule.GRACE)
    assert grace is not None
    assert (grace.value, grace.threshold, grace.source) == (ago(20).isoformat(), 5, "showrunner")
    assert found.finding(Rule.LATEST) is None
    assert {Protection.KEEP, Protection.FAVORITE, Protection.PLAYING} <= {
        one.rule for one in found.findings
    }


def test_a_season_leaves_as_a_whole_each_file_counted_once() -> None:
    found = verdicts(facts(series()))
    assert {season: one.answer for season, one in found.items()} == {1: Answer.YES, 2: Answer.YES}
    assert found[1].scope is Scope.SEASON
    assert [one.place for one in found[1].units] == [S1E1, S1E2]
    assert found[1].size_bytes == 200


def test_an_unknown_mode_is_an_error_and_never_the_widest() -> None:
    with pytest.raises(ValueError, match="everybody"):
        RetentionPolicy(who="everybody")  # type: ignore[arg-type]
    for days in (-1, float("nan")):
        with pytest.raises(ValueError, match="grace_days"):
            RetentionPolicy(grace_days=days)


# -- the three disasters --------------------------------------------------------------------------


def test_maintainerr_a_retry_does_not_delete_the_whole_show() -> None:
    """The season was gone already; asked again, the rest of the show was taken."""
    show = series({1: [1], 2: [1], 3: [1]}, missing=[(1, 1)])
    show = watched(show, {(2, 1): None, (3, 1): begun()})
    policy = replace(POLICY, remove_empty_series=True)
    for _ in range(2):
        assert not going(facts(show), policy)
        assert {one.season: one.scope for one in judge(facts(show), policy)} == {
            2: Scope.SEASON,
            3: Scope.SEASON,
        }


def test_janitorr_a_sonarr_that_does_not_answer_loses_nothing() -> None:
    """What is judged is named by its own arr, and only while all of its kind answer."""
    both = facts(series(), movie())
    assert {service for service, _, _ in going(both)} == {"s1", "r1"}
    assert {service for service, _, _ in going(replace(both, silent=frozenset({"sonarr"})))} == {
        "r1"
    }
    assert not going(replace(both, titles=()))


def test_a_favourite_series_of_175_episodes_stays_all_of_it() -> None:
    show = series({season: range(1, 26) for season in range(1, 8)})
    assert len(going(facts(show))) == 175
    loved = replace(show, favorites={"ann": Absent(), "ben": Known((TitlePart(),))})
    found = verdicts(facts(loved))
    assert len(found) == 7
    assert all(stays(one, Rule.FAVORITE, Answer.YES) for one in found.values())
    silent = replace(show, favorites={"ann": Absent(), "ben": Unknown("down")})
    assert not going(facts(silent))


# -- seasons and series ---------------------------------------------------------------------------


@pytest.mark.parametrize("where", [None, 1])
def test_a_season_number_that_is_missing_keeps_and_is_unknown(where: int | None) -> None:
    found = verdicts(facts(series(facts={"unplaced": frozenset({where})})))
    assert stays(found[1], Rule.NUMBERED, Answer.UNKNOWN)
    assert found[2].may_go == (where == 1)


def test_an_episode_of_the_arr_without_a_number_keeps_the_series() -> None:
    record = series_record()
    nameless = replace(record, units=(*record.units, ArrUnit(99, Place(-1, 3), True, None, ago(9))))
    assert not going(facts(title(nameless)))


def test_two_episodes_that_have_not_aired_keep_the_season() -> None:
    show = series({1: range(1, 13)}, aired={(1, 11): ago(-7), (1, 12): ago(-14)})
    assert stays(verdict(show, season=1), Rule.AIRED, Answer.NO)


def test_an_episode_without_an_air_date_keeps_the_season() -> None:
    show = series(aired={(1, 2): None})
    assert stays(verdict(show, season=1), Rule.AIRED, Answer.UNKNOWN)


def test_what_was_never_downloaded_has_to_be_watched_too() -> None:
    show = series({1: [1, 2, 3], 2: [1]}, missing=[(1, 3)])
    assert verdict(show, season=1).may_go  # somebody has seen it, once
    never = watched(show, {(1, 3): None})
    assert stays(verdict(never, season=1), Rule.WATCHED, Answer.NO)


def test_a_break_in_mid_season_longer_than_the_grace_keeps_it() -> None:
    """All that there is so far is watched, and no later episode is announced."""
    show = series({1: [1], 2: [1, 2]}, status=SeriesStatus.CONTINUING)
    found = verdicts(facts(show))
    assert stays(found[2], Rule.LATEST, Answer.YES)
    assert found[1].may_go


def test_the_latest_season_of_a_series_that_goes_on_stays_the_earlier_goes() -> None:
    show = series(status=SeriesStatus.CONTINUING)
    assert {season for season, one in verdicts(facts(show)).items() if one.may_go} == {1}
    free = replace(POLICY, protect_latest_season=False)
    assert {s for s, one in verdicts(facts(show), free).items() if one.may_go} == {1, 2}


def test_the_latest_aired_season_stays_when_an_empty_one_is_announced() -> None:
    seasons = frozenset({1, 2, 3})
    for status in (SeriesStatus.CONTINUING, SeriesStatus.ENDED):
        show = series(status=status, seasons=seasons)
        assert stays(verdict(show, season=2), Rule.LATEST, Answer.YES)
        assert verdict(show, season=1).may_go


def test_a_status_that_nobody_tells_keeps_the_latest_season() -> None:
    found = verdicts(facts(series(status=SeriesStatus.UNKNOWN)))
    assert stays(found[2], Rule.LATEST, Answer.UNKNOWN)
    assert found[1].may_go
    assert SeriesStatus.of(" Ended ") is SeriesStatus.ENDED
    assert SeriesStatus.of("upcoming") is SeriesStatus.CONTINUING
    assert SeriesStatus.of("deleted") is SeriesStatus.of("") is SeriesStatus.UNKNOWN


@pytest.mark.parametrize("other", [SeriesStatus.CONTINUING, SeriesStatus.UNKNOWN])
def test_two_sonarrs_of_which_one_says_something_else_keep_all_of_it(other: SeriesStatus) -> None:
    show = series()
    twin = series(service="s2", id=8, ids=ProviderIds(tvdb=70), status=other)
    found = judge(facts(show, twin), POLICY)
    assert len(found) == 4
    assert all(stays(one, Rule.STATUS, Answer.UNKNOWN) for one in found)
    stranger = replace(twin, record=replace(twin.record, ids=ProviderIds(tvdb=71)))
    assert len(going(facts(show, stranger))) == 6


def test_specials_are_judged_one_by_one_and_block_nothing() -> None:
    """Season 0 is a season like any other, and not a missing one."""
    show = series({0: [1, 2, 0], 1: [1]})
    show = watched(show, {(0, 1): None})
    found = verdicts(facts(show))
    assert {key: one.may_go for key, one in found.items()} == {
        1: True,
        (0, 1001): False,
        (0, 1002): True,
        (0, 1000): True,
    }
    assert found[0, 1002].scope is Scope.EPISODE
    assert [one.place for one in found[0, 1002].units] == [Place(0, 2)]


def test_a_special_does_not_make_a_season_the_latest() -> None:
    show = series({0: [1], 1: [1]}, aired={(0, 1): ago(8)}, status=SeriesStatus.CONTINUING)
    found = verdicts(facts(show))
    assert not found[1].may_go
    assert found[0, 1001].may_go


@pytest.mark.parametrize(
    ("mark", "kept"),
    [
        (TitlePart(), {1, 2}),
        (TitlePart(1), {1}),
        (TitlePart(1, 2), {1}),
        (TitlePart(2, 1), {2}),
        (TitlePart(0), set()),
        (TitlePart(None, 1), {1, 2}),
    ],
)
@pytest.mark.parametrize("what", ["favorites", "playing"])
def test_a_mark_keeps_what_is_below_it_and_what_is_above(
    mark: TitlePart, kept: set[int], what: str
) -> None:
    answer: Any = Known((mark,))
    value = {"ann": answer, "ben": Absent()} if what == "favorites" else answer
    found = verdicts(facts(replace(series(), **{what: value})))
    assert {season for season, one in found.items() if not one.may_go} == kept
    rule = Rule.FAVORITE if what == "favorites" else Rule.PLAYING
    assert all(stays(found[season], rule, Answer.YES) for season in kept)


def test_a_favourite_of_somebody_who_does_not_count_keeps_nothing() -> None:
    guest = replace(BEN, counts=False)
    loved = movie(favorites={"ann": Absent(), "ben": Known((TitlePart(),))})
    assert going(facts(loved, viewers=(ANN, guest)))
    assert not going(facts(loved))


@pytest.mark.parametrize("tag", ["keep", " KEEP "])
def test_the_tag_keeps_all_of_it_in_every_arr(tag: str) -> None:
    show = series(tags=frozenset({"hd", tag}))
    twin = series(service="s2", id=8)
    found = judge(facts(show, twin), POLICY)
    assert len(found) == 4
    assert all(stays(one, Rule.KEEP, Answer.YES) for one in found)
    assert len(going(facts(show), replace(POLICY, keep_tag="never"))) == 4
    assert not going(facts(show), replace(POLICY, keep_tag=" "))


def test_a_new_season_begins_the_grace_of_what_waits_anew() -> None:
    waiting = series({1: [1], 2: [1], 3: [1]})
    assert verdict(waiting, season=1).may_go
    record = waiting.record
    files = tuple(
        replace(one, added=ago(2)) if Place(3, 1) in one.places else one for one in record.files
    )
    arrived = replace(waiting, record=replace(record, files=files))
    found = verdict(arrived, season=1)
    assert stays(found, Rule.GRACE, Answer.NO)
    assert found.leaves_at == ago(2) + 5 * DAY


def test_a_premiere_begins_the_grace_of_the_season_before_anew() -> None:
    """Until then that was the latest, and stayed; it does not go the moment it is not."""
    show = series(
        {1: [1], 2: [1]}, aired={(2, 1): ago(1)}, missing=[(2, 1)], status=SeriesStatus.CONTINUING
    )
    found = verdict(watched(show, {(2, 1): None}), season=1)
    assert stays(found, Rule.GRACE, Answer.NO)
    assert found.leaves_at == ago(1) + 5 * DAY


def test_a_next_season_of_which_nobody_knows_when_it_began_makes_the_grace_unknown() -> None:
    """Where it does not keep the season before as the latest: the option is off."""
    free = replace(POLICY, protect_latest_season=False)
    show = series({1: [1], 2: [1]}, aired={(2, 1): None}, missing=[(2, 1)])
    assert stays(verdict(show, free, season=1), Rule.GRACE, Answer.UNKNOWN)
    later = series({1: [1], 2: [1]}, aired={(2, 1): ago(-9)}, missing=[(2, 1)])
    assert verdict(later, free, season=1).may_go


def test_a_later_season_whose_file_is_not_named_makes_the_grace_unknown() -> None:
    show = series({1: [1], 2: [1]})
    less = replace(show, record=replace(show.record, files=show.record.files[:1]))
    assert stays(verdict(less, season=1), Rule.GRACE, Answer.UNKNOWN)


def test_a_later_season_whose_file_has_no_date_makes_the_grace_unknown() -> None:
    show = series({1: [1], 2: [1]})
    files = tuple(
        replace(one, added=None) if Place(2, 1) in one.places else one for one in show.record.files
    )
    less = replace(show, record=replace(show.record, files=files))
    assert stays(verdict(less, season=1), Rule.GRACE, Answer.UNKNOWN)


def test_somebody_who_starts_the_show_during_the_grace_keeps_it() -> None:
    show = watched(series(), {(1, 1): begun(0.5)}, who="ben")
    found = verdicts(facts(show))
    assert stays(found[1], Rule.GRACE, Answer.NO)
    # They are on their way to the second season, too.
    assert stays(found[2], Rule.GRACE, Answer.NO)
    assert found[2].leaves_at == ago(0.5) + 5 * DAY
    gone_by = watched(series(), {(1, 1): begun(30)}, who="ben")
    assert {season for season, one in verdicts(facts(gone_by)).items() if one.may_go} == {1, 2}


def test_a_play_of_an_earlier_season_of_which_nobody_knows_when_keeps_the_later() -> None:
    show = watched(series(), {(1, 1): begun(None)}, who="ben")
    assert stays(verdict(show, season=2), Rule.GRACE, Answer.UNKNOWN)
    silent = replace(show, unseen=frozenset({S1E2}))
    assert stays(verdict(silent, season=2), Rule.GRACE, Answer.UNKNOWN)


def test_who_has_watched_the_second_season_may_see_the_first_again() -> None:
    show = watched(series(), {(1, 1): seen(0.5)})
    found = verdicts(facts(show))
    assert not found[1].may_go
    assert found[2].may_go


def test_a_mark_by_hand_in_an_earlier_season_is_no_play() -> None:
    show = watched(series(), {(1, 1): WatchState(played=True)}, who="ben")
    assert verdict(show, season=2).may_go
    assert stays(verdict(show, season=1), Rule.GRACE, Answer.UNKNOWN)


def test_a_started_season_stays() -> None:
    show = watched(series(), {(1, 2): begun(30)})
    assert stays(verdict(show, season=1), Rule.WATCHED, Answer.NO)


def test_who_is_in_the_middle_of_it_again_has_not_watched_it() -> None:
    """Also in a copy that was fetched again: that they saw another one to its end says nothing."""
    again = movie(watched={"ann": Known({MOVIE: seen(20, started=True)}), "ben": Absent()})
    assert stays(verdict(again), Rule.WATCHED, Answer.NO)
    fetched = replace(again, record=dated(ago(30), 20).record)
    assert stays(verdict(fetched), Rule.WATCHED, Answer.NO)
    other = movie(watched={"ann": Known({MOVIE: seen()}), "ben": Known({MOVIE: begun()})})
    assert verdict(other).may_go


def test_two_who_watched_half_each_have_not_watched_all() -> None:
    show = watched(series(), {(1, 2): None})
    show = watched(show, {(1, 2): seen()}, who="ben")
    for policy in (POLICY, ANY, ALL):
        assert stays(verdict(show, policy, season=1), Rule.WATCHED, Answer.NO)


def test_who_counts() -> None:
    """The primary viewer, any, or all who started it."""
    ben = {"ann": Absent(), "ben": Known({MOVIE: seen()})}
    half = {"ann": Known({MOVIE: begun()}), "ben": Known({MOVIE: seen()})}
    both = {"ann": Known({MOVIE: seen()}), "ben": Known({MOVIE: seen()})}
    nobody = {"ann": Absent(), "ben": Absent()}
    found = {
        (policy.who.value, name): bool(going(facts(movie(watched=one)), policy))
        for policy in (POLICY, ANY, ALL)
        for name, one in {"ben": ben, "half": half, "both": both, "nobody": nobody}.items()
    }
    assert {key for key, goes in found.items() if goes} == {
        ("primary", "both"),
        *(("any", "ben"), ("any", "half"), ("any", "both")),
        *(("all", "ben"), ("all", "both")),
    }


def test_who_started_the_series_is_waited_for_in_each_of_its_seasons() -> None:
    show = watched(series(), {(1, 1): seen(300), (1, 2): seen(300)}, who="ben")
    assert stays(verdict(show, ALL, season=2), Rule.WATCHED, Answer.NO)
    assert verdict(show, ANY, season=2).may_go


def test_without_a_primary_viewer_or_anybody_who_counts_nothing_leaves() -> None:
    of = movie()
    nobody = facts(of, viewers=(replace(ANN, primary=False), BEN))
    assert stays(judge(nobody, POLICY)[0], Rule.WATCHED, Answer.UNKNOWN)
    not_counted = facts(of, viewers=(replace(ANN, counts=False), replace(BEN, counts=False)))
    assert stays(judge(not_counted, POLICY)[0], Rule.WATCHED, Answer.UNKNOWN)
    for policy in (ANY, ALL):
        assert not going(facts(of, viewers=()), policy)


def test_who_alone_counts_is_the_primary_viewer() -> None:
    of = movie(watched={"ann": Known({MOVIE: seen()}), "ben": Absent()})
    ann = replace(ANN, primary=False)
    assert going(facts(of, viewers=(ann,)))
    assert going(facts(of, viewers=(ann, replace(BEN, counts=False))))
    gone = facts(of, viewers=(ann,), primary_gone=True)
    assert stays(judge(gone, POLICY)[0], Rule.WATCHED, Answer.UNKNOWN)
    marked = facts(of, viewers=(ann, replace(BEN, counts=False, primary=True)))
    assert stays(judge(marked, POLICY)[0], Rule.WATCHED, Answer.UNKNOWN)
    assert stays(judge(facts(of, viewers=(BEN,)), POLICY)[0], Rule.WATCHED, Answer.NO)


def test_a_viewer_who_is_new_or_gone_begins_the_grace_anew() -> None:
    found = judge(facts(movie(), counted_since=ago(1)), POLICY)[0]
    assert stays(found, Rule.GRACE, Answer.NO)
    assert going(facts(movie(), counted_since=ago(6)))


# -- what is empty --------------------------------------------------------------------------------

EMPTY = replace(POLICY, remove_empty_series=True)
LEFT = Known((OurDeletion(ago(10), 1, "s1"), OurDeletion(ago(10), 2, "s1")))


def empty(facts: dict[str, Any] | None = None, **more: Any) -> TitleFacts:
    """Make a series that has ended, and left but for its entry."""
    record = series_record(missing=[(s, e) for s in (1, 2) for e in (1, 2)], **more)
    left = tuple(replace(one, monitored=False) for one in record.units)
    return title(replace(record, units=left), **({"deletions": LEFT} | (facts or {})))


def test_an_ended_series_without_files_is_removed_only_where_that_is_chosen() -> None:
    assert judge(facts(empty()), POLICY) == ()
    [found] = judge(facts(empty()), EMPTY)
    assert (found.scope, found.season, found.may_go, found.files) == (
        Scope.SERIES,
        None,
        True,
        (),
    )
    assert len(found.units) == 4


@pytest.mark.parametrize(
    ("more", "rule", "answer"),
    [
        ({"facts": {"requests": Unknown("down")}}, Rule.REQUESTED, Answer.UNKNOWN),
        (
            {"facts": {"requests": Known((Requester("Ann", "ann", open=True),))}},
            Rule.REQUESTED,
            Answer.YES,
        ),
        ({"status": SeriesStatus.CONTINUING}, Rule.STATUS, Answer.NO),
        ({"status": SeriesStatus.UNKNOWN}, Rule.STATUS, Answer.UNKNOWN),
        ({"seasons": frozenset({3})}, Rule.LATEST, Answer.YES),
        ({"aired": {(2, 2): ago(-8)}}, Rule.AIRED, Answer.NO),
        ({"facts": {"keeps": Known((Keep(season=1),))}}, Rule.KEPT, Answer.YES),
        ({"facts": {"playing": Known((TitlePart(2, 1),))}}, Rule.PLAYING, Answer.YES),
        ({"facts": {"playing": Known((TitlePart(0, 1),))}}, Rule.PLAYING, Answer.YES),
        (
            {"facts": {"requests": Known((Requester("Ben", "ben", frozenset({9})),))}},
            Rule.REQUESTED,
            Answer.YES,
        ),
        ({"facts": {"watched": {"ann": Absent(), "ben": Absent()}}}, Rule.WATCHED, Answer.NO),
        # A disk that is not there empties a series, too; so does a person, in another Sonarr.
        ({"facts": {"deletions": Absent()}}, Rule.LEFT, Answer.NO),
        ({"facts": {"deletions": Unknown("down")}}, Rule.REGRETTED, Answer.UNKNOWN),
        ({"facts": {"deletions": Known((OurDeletion(ago(9), 2, "s2"),))}}, Rule.LEFT, Answer.NO),
        (
            {"facts": {"deletions": Known((OurDeletion(ago(9), 2, "s1", ago(8)),))}},
            Rule.LEFT,
            Answer.NO,
        ),
        (
            {"facts": {"deletions": Known((*LEFT.value, OurDeletion(ago(4), 2, "s1")))}},
            Rule.GRACE,
            Answer.NO,
        ),
    ],
)
def test_the_entry_of_a_series_stays(more: dict[str, Any], rule: Rule, answer: Answer) -> None:
    """As when the last season was deleted and the request system does not answer."""
    [found] = judge(facts(empty(**more)), EMPTY)
    assert stays(found, rule, answer)


def test_an_open_request_keeps_the_entry_also_where_requests_protect_nothing() -> None:
    policy = replace(EMPTY, protect_requests=False)
    asked = empty({"requests": Known((Requester("Ann", "ann", open=True),))})
    assert not judge(facts(asked), policy)[0].may_go
    assert judge(facts(empty()), policy)[0].may_go


def test_an_entry_that_came_back_stays_for_a_year() -> None:
    """Undone or added by somebody: who had it there again wants it."""
    for until, rule in ((ago(9), Rule.RETURNED), (ago(366), None), (None, Rule.RETURNED)):
        entry = OurDeletion(ago(370 if until else 9), None, "s1", until)
        back = empty({"deletions": Known((*LEFT.value, entry))})
        [found] = judge(facts(back), EMPTY)
        assert found.may_go if rule is None else stays(found, rule, Answer.YES)
    elsewhere = OurDeletion(ago(9), None, "s2")
    assert judge(facts(empty({"deletions": Known((*LEFT.value, elsewhere))})), EMPTY)[0].may_go


@pytest.mark.parametrize(
    ("first", "answer"),
    [
        (None, Answer.UNKNOWN),
        (OurDeletion(ago(9), 1, "s2"), Answer.UNKNOWN),
        (OurDeletion(ago(9), 1), Answer.UNKNOWN),
        (OurDeletion(ago(9), 1, "s1", ago(8)), Answer.UNKNOWN),
        (OurDeletion(ago(9), 0, "s1"), Answer.UNKNOWN),
        (OurDeletion(ago(9), 1, "s1"), Answer.YES),
        (OurDeletion(ago(400), None, "s1"), Answer.YES),
    ],
)
def test_every_season_that_aired_has_to_have_left_by_us(
    first: OurDeletion | None, answer: Answer
) -> None:
    """One season may have left by us, and the rest by a disk that is not there."""
    ours = (OurDeletion(ago(10), 2, "s1"), *(() if first is None else (first,)))
    [found] = judge(facts(empty({"deletions": Known(ours)})), EMPTY)
    finding = found.finding(Rule.LEFT)
    assert finding is not None
    assert finding.answer is answer
    assert found.may_go is (answer is Answer.YES)


def test_a_series_that_waits_for_its_files_is_not_empty() -> None:
    missing = [(s, e) for s in (1, 2) for e in (1, 2)]
    waits = title(series_record(missing=missing), deletions=LEFT)
    assert stays(judge(facts(waits), EMPTY)[0], Rule.UNWANTED, Answer.NO)


# -- files and versions ---------------------------------------------------------------------------


def test_a_file_of_two_episodes_of_which_one_is_watched_stays() -> None:
    show = watched(series(shared=[[(1, 1), (1, 2)]]), {(1, 2): None})
    assert stays(verdict(show, season=1), Rule.WATCHED, Answer.NO)


def test_a_file_of_two_episodes_that_are_watched_goes_once_and_counts_once() -> None:
    found = verdict(series(shared=[[(1, 1), (1, 2)]]), season=1)
    assert found.may_go
    assert (len(found.files), len(found.units), found.size_bytes) == (1, 2, 100)


def test_a_special_in_a_file_of_two_needs_both() -> None:
    show = series({0: [1, 2]}, shared=[[(0, 1), (0, 2)]])
    assert verdicts(facts(show))[0, 900].may_go
    assert not verdicts(facts(watched(show, {(0, 2): None})))[0, 900].may_go


@pytest.mark.parametrize("other", [(2, 1), (0, 1)])
def test_a_file_that_holds_something_of_another_season_keeps_both(other: tuple[int, int]) -> None:
    show = series({other[0]: [1], 1: [1, 2]}, shared=[[(1, 2), other]])
    found = judge(facts(show), POLICY)
    assert len(found) == 2
    assert all(stays(one, Rule.FILES, Answer.NO) for one in found)


def test_a_file_that_an_episode_of_another_season_claims_keeps_both() -> None:
    """The arr says of the episode what it does not say of the file."""
    show = series()
    units = tuple(
        replace(one, file_id=1101) if one.place == Place(2, 1) else one for one in show.record.units
    )
    claimed = replace(show, record=replace(show.record, units=units))
    found = verdicts(facts(claimed))
    assert stays(found[1], Rule.FILES, Answer.NO)
    assert stays(found[2], Rule.FILES, Answer.NO)


def test_a_file_that_is_not_named_keeps_its_season() -> None:
    show = series()
    less = replace(show, record=replace(show.record, files=show.record.files[1:]))
    assert stays(verdict(less, season=1), Rule.FILES, Answer.UNKNOWN)


def test_of_two_copies_that_are_two_items_the_watched_one_goes() -> None:
    watched_copy = movie()
    other = movie(record={"service": "r2", "id": 5}, watched={"ann": Absent(), "ben": Absent()})
    assert going(facts(watched_copy, other)) == {("r1", 1, 501)}


def test_what_is_said_of_one_copy_keeps_the_other() -> None:
    loved: dict[str, Any] = {"ann": Known((TitlePart(),)), "ben": Absent()}
    for more in (
        {"keeps": Known((Keep(),))},
        {"favorites": loved},
        {"playing": Known((TitlePart(),))},
        {"requests": Known((Requester("Ben", "ben"),))},
        {"kept_by_override": Answer.YES},
    ):
        other = movie(record={"service": "r2", "id": 5}, **more)
        assert not going(facts(movie(), other)), more
        assert going(facts(movie(), replace(other, record=movie_record(2, service="r2"))))


def test_only_what_is_asked_for_is_judged_and_its_twin_is_heard() -> None:
    kept = movie(record={"service": "r2", "id": 5, "tags": frozenset({"keep"})})
    [found] = judge(facts(movie(), kept, movie(3)), POLICY, {("r1", 1)})
    assert stays(found, Rule.KEEP, Answer.YES)


def dated(added: datetime | None, played: float | None, **more: Any) -> TitleFacts:
    """Make a movie by its import and by when it was watched."""
    file = ArrFile(501, "/movies/1/film.mkv", 4_000, frozenset({MOVIE}), added)
    return movie(
        record={"files": (file,)},
        watched={"ann": Known({MOVIE: seen(played)}), "ben": Absent()},
        files={501: FileDates(**more)},
    )


def test_what_was_downloaded_again_months_later_is_a_copy_that_nobody_has_watched() -> None:
    assert stays(verdict(dated(ago(10), 200)), Rule.WATCHED, Answer.NO)
    assert not verdict(dated(ago(10), 200)).is_leaving


def test_a_file_that_was_replaced_counts_as_watched_with_a_new_grace() -> None:
    replaced = verdict(dated(ago(2), 20))
    assert stays(replaced, Rule.GRACE, Answer.NO)
    assert (replaced.is_leaving, replaced.leaves_at) == (True, ago(2) + 5 * DAY)
    assert verdict(dated(ago(6), 20)).may_go
    # Whether a later one came in its place or was fetched again nobody looks up: it stays.
    assert stays(verdict(dated(ago(6), 200)), Rule.WATCHED, Answer.NO)


@pytest.mark.parametrize(("days", "goes"), [(40, True), (40.001, False)])
def test_the_gap_after_which_a_file_is_another_copy_is_30_days(days: float, goes: bool) -> None:
    assert verdict(dated(ago(10), days)).may_go is goes


def deleted(of: TitleFacts, *deletions: OurDeletion) -> RetentionVerdict:
    """Judge what we have deleted before."""
    return verdict(replace(of, deletions=Known(deletions)))


def test_what_came_back_after_we_deleted_it_stays_for_a_year_unwatched() -> None:
    back = dated(ago(10), 20)
    assert verdict(back).may_go
    here = OurDeletion(ago(11), service="r1")
    found = deleted(back, here)
    assert found.against is not None
    assert found.against.rule == Rule.RETURNED
    assert found.finding(Rule.WATCHED).answer is Answer.NO  # type: ignore[union-attr]
    assert not found.is_leaving
    # Watched again: nothing but the year keeps it, by whatever arr it came back.
    for one in (here, replace(here, service="r2"), replace(here, service=None)):
        assert stays(deleted(dated(ago(10), 8), one), Rule.RETURNED, Answer.YES)
    # What was undone counts from then.
    undone = replace(here, at=ago(500), until=ago(100))
    assert stays(deleted(dated(ago(100), 90), undone), Rule.RETURNED, Answer.YES)
    assert deleted(dated(ago(400), 300), replace(here, at=ago(401))).may_go
    assert stays(deleted(dated(ago(400), 410), replace(here, at=ago(401))), Rule.WATCHED, Answer.NO)


@pytest.mark.parametrize("way", list(Way))
def test_what_a_person_took_back_is_not_proposed_for_a_year(way: Way) -> None:
    """Counted from when they took it back, wherever and however that was; then it may leave."""

    def of(days: float, **more: Any) -> TitleFacts:
        gone = OurDeletion(ago(900), regret=Regret(1, ago(days), way, "seerr"), **more)
        return replace(movie(), deletions=Known((gone,)))

    for service in ("r1", "r2", None):
        found = verdict(of(364, service=service)).finding(Rule.REGRETTED)
        assert found is not None
        assert (found.answer, found.source) == (Answer.YES, "seerr")
        assert found.value == ago(-1).isoformat()
        assert "stays until" in english(found.detail)
    assert stays(verdict(of(364)), Rule.REGRETTED, Answer.YES)
    assert verdict(of(365)).may_go
    # In another Radarr, too, whatever that one tells of deletions.
    twin = replace(of(3), record=movie_record(1, service="r2", id=40))
    for silent in (Absent(), Known(())):
        both = facts(replace(movie(), deletions=silent), twin)
        assert not any(one.may_go for one in judge(both, POLICY))
    unsure = facts(movie(), replace(twin, deletions=Unknown("down")))
    mine = judge(unsure, POLICY, {("r1", 1)})
    assert [one.finding(Rule.REGRETTED).answer for one in mine] == [Answer.UNKNOWN]  # type: ignore[union-attr]


def test_a_regret_is_of_its_season_and_of_the_entry() -> None:
    """Law 6: what lies in it, and what it lies in, stays with it; another season may leave."""
    gone = OurDeletion(ago(95), 1, "s1", regret=Regret(1, ago(70), Way.FETCHED, "sonarr"))
    of = replace(series(), deletions=Known((gone,)))
    for season, answer in ((1, Answer.YES), (2, Answer.NO)):
        found = verdict(of, season=season).finding(Rule.REGRETTED)
        assert found is not None
        assert found.answer is answer
    whole = replace(of, deletions=Known((replace(gone, season=None),)))
    for season in (1, 2):
        assert stays(verdict(whole, season=season), Rule.REGRETTED, Answer.YES)


def test_what_we_deleted_elsewhere_or_of_another_season_keeps_nothing() -> None:
    elsewhere = OurDeletion(ago(11), service="r2")
    assert deleted(dated(ago(90), 80), elsewhere).may_go
    # Without a date it may have come after that.
    assert stays(deleted(dated(None, 80), elsewhere), Rule.RETURNED, Answer.YES)
    of = replace(series(), deletions=Known((OurDeletion(ago(95), 1, "s1"),)))
    for season, answer in ((1, Answer.YES), (2, Answer.NO)):
        found = verdict(of, season=season).finding(Rule.RETURNED)
        assert found is not None
        assert found.answer is answer


def test_played_without_a_date_invents_none() -> None:
    found = verdict(dated(ago(90), None))
    assert stays(found, Rule.WATCHED, Answer.UNKNOWN)
    assert (found.leaves_at, found.leaves_on, found.is_leaving) == (None, None, False)
    of_ben = movie(watched={"ann": Known({MOVIE: seen()}), "ben": Known({MOVIE: seen(None)})})
    assert stays(verdict(of_ben), Rule.GRACE, Answer.UNKNOWN)


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1999, 12, 31, tzinfo=UTC),
        NOW + timedelta(seconds=1),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(2026, 11, 1),  # noqa: DTZ001  no zone: it may be another instant
        None,
    ],
)
def test_dates_before_2000_in_the_future_or_without_a_zone_are_none(at: datetime | None) -> None:
    played = movie(
        watched={"ann": Known({MOVIE: replace(seen(), last_played=at)}), "ben": Absent()}
    )
    assert not going(facts(played))
    assert stays(verdict(dated(at, 20, created=ago(90))), Rule.WATCHED, Answer.UNKNOWN)
    # Of the others the rest counts.
    assert verdict(dated(ago(90), 20, created=at, first_seen=at)).may_go


@pytest.mark.parametrize("name", ["created", "first_seen"])
def test_the_age_is_the_latest_of_import_creation_and_first_sight(name: str) -> None:
    found = verdict(dated(ago(90), 20, **{name: ago(3)}))
    assert stays(found, Rule.GRACE, Answer.NO)
    assert found.leaves_at == ago(3) + 5 * DAY


def test_a_file_of_which_nobody_tells_the_age_stays() -> None:
    assert stays(verdict(movie(files={})), Rule.GRACE, Answer.UNKNOWN)


def test_what_jellyfin_does_not_have_is_unknown_whatever_was_watched() -> None:
    assert stays(verdict(movie(unseen=frozenset({MOVIE}))), Rule.WATCHED, Answer.UNKNOWN)
    nobody = {"ann": Absent(), "ben": Absent()}
    never = movie(watched=nobody, unseen=frozenset({MOVIE}))
    assert stays(verdict(never), Rule.WATCHED, Answer.UNKNOWN)
    assert stays(verdict(movie(watched=nobody)), Rule.WATCHED, Answer.NO)
    show = series(facts={"unseen": frozenset({S1E2})})
    assert stays(verdict(show, season=1), Rule.WATCHED, Answer.UNKNOWN)


def test_what_has_no_file_is_not_judged() -> None:
    bare = replace(movie_record(), files=(), units=(ArrUnit(1, MOVIE, True, None),))
    assert judge(facts(title(bare)), POLICY) == ()
    unnamed = replace(movie_record(), files=())
    assert judge(facts(title(unnamed)), POLICY) == ()


def test_a_title_without_ids_stays() -> None:
    assert stays(verdict(movie(record={"ids": ProviderIds()})), Rule.IDENTIFIED, Answer.NO)


def test_a_daily_show_leaves_by_its_seasons_as_any_other() -> None:
    """Its seasons are years."""
    episodes = range(1, 100)
    aired = {
        (year, number): datetime(year, 1, 1, 23, tzinfo=UTC) + number * DAY
        for year in (2024, 2025)
        for number in episodes
    }
    show = series({2024: episodes, 2025: episodes}, aired=aired, status=SeriesStatus.CONTINUING)
    found = verdicts(facts(show))
    assert (found[2024].may_go, len(found[2024].files)) == (True, 99)
    assert stays(found[2025], Rule.LATEST, Answer.YES)


def test_the_last_episode_that_was_watched_stays_for_next_up() -> None:
    """Of the series, for each viewer: not of each season."""
    policy = replace(POLICY, keep_last_watched=True)
    found = verdicts(facts(series()), policy)
    assert [one.id for one in found[1].files] == [1101, 1102]
    assert [one.id for one in found[2].files] == [1201]
    assert [one.place for one in found[2].units] == [Place(2, 1)]
    ben = watched(series(), {(1, 1): seen()}, who="ben")
    assert [one.id for one in verdicts(facts(ben), policy)[1].files] == [1102]
    by_key = {
        one.season: Rule.LAST_WATCHED in {f.rule for f in one.findings} for one in found.values()
    }
    assert by_key == {1: True, 2: True}
    # Where nobody wants that, and of a movie, nothing is said of it.
    others = [*verdicts(facts(series())).values(), verdict(movie(), policy)]
    assert not [one for each in others for one in each.findings if one.rule is Rule.LAST_WATCHED]
    left = series({1: [1], 2: [1]})
    assert stays(verdict(left, policy, season=2), Rule.LAST_WATCHED, Answer.YES)
    assert verdict(left, policy, season=2).files == ()


# -- people's words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keep", "kept"), [(Keep(), {1, 2}), (Keep(1), {1}), (Keep(0), set()), (Keep(3), set())]
)
def test_what_a_person_keeps_for_good_stays(keep: Keep, kept: set[int]) -> None:
    found = verdicts(facts(series(facts={"keeps": Known((keep,))})))
    assert {season for season, one in found.items() if stays(one, Rule.KEPT, Answer.YES)} == kept
    assert {season for season, one in found.items() if one.may_go} == {1, 2} - kept


def test_a_postponement_begins_the_grace_anew_when_it_ends() -> None:
    later = movie(keeps=Known((Keep(until=ago(-30)),)))
    found = verdict(later)
    assert stays(found, Rule.KEPT, Answer.YES)
    assert (found.is_leaving, found.leaves_at) == (True, ago(-30) + 5 * DAY)
    for other in (Keep(), Keep(until=datetime(2026, 12, 1))):  # noqa: DTZ001
        assert not verdict(movie(keeps=Known((other, Keep(until=ago(-30)))))).is_leaving
    silent = movie(record={"service": "r2", "id": 5}, keeps=Unknown("down"))
    [answer, _] = judge(facts(later, silent), POLICY)
    assert stays(answer, Rule.KEPT, Answer.UNKNOWN)
    assert not answer.is_leaving
    assert not verdict(movie(keeps=Known((Keep(until=ago(4)),)))).may_go
    assert verdict(movie(keeps=Known((Keep(until=ago(5)),)))).may_go
    other = series(facts={"keeps": Known((Keep(2, until=ago(1)),))})
    assert {season for season, one in verdicts(facts(other)).items() if one.may_go} == {1}


def test_what_is_let_go_again_has_a_new_grace_and_no_sudden_end() -> None:
    for until in (None, ago(-30)):
        assert not verdict(movie(keeps=Known((Keep(until=until, ended_at=ago(1)),)))).may_go
        assert verdict(movie(keeps=Known((Keep(until=until, ended_at=ago(6)),)))).may_go


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"kept_by_override": Answer.YES}, Rule.OVERRIDE),
        ({"kept_by_override": Answer.UNKNOWN}, Rule.OVERRIDE),
        ({"keeps": Unknown("down")}, Rule.KEPT),
        ({"playing": Unknown("down")}, Rule.PLAYING),
        ({"deletions": Unknown("down")}, Rule.REGRETTED),
        ({"requests": Unknown("down")}, Rule.REQUESTED),
        ({"favorites": {"ann": Absent()}}, Rule.FAVORITE),
        ({"watched": {"ben": Absent()}}, Rule.WATCHED),
        ({"watched": {"ann": Known({MOVIE: seen()}), "ben": Unknown("down")}}, Rule.GRACE),
    ],
)
def test_what_is_excluded_wanted_or_not_told_stays(more: dict[str, Any], rule: Rule) -> None:
    answer = more.get(rule.value, more.get("kept_by_override"))
    wanted = answer if isinstance(answer, Answer) else Answer.UNKNOWN
    assert stays(verdict(movie(**more)), rule, wanted)


def test_nothing_that_was_not_asked_for_is_taken_for_no() -> None:
    assert not going(facts(TitleFacts(record=movie_record())))


# -- requests -------------------------------------------------------------------------------------


def test_a_requester_who_has_not_watched_it_keeps_it() -> None:
    of = movie(requests=Known((Requester("Ben", "ben"),)))
    assert stays(verdict(of), Rule.REQUESTED, Answer.YES)
    assert going(facts(of), replace(POLICY, protect_requests=False))
    both = replace(of, watched={who: Known({MOVIE: seen()}) for who in ("ann", "ben")})
    assert verdict(both).may_go


def test_a_request_for_one_season_keeps_no_other() -> None:
    asked = Known((Requester("Ben", "ben", frozenset({2})),))
    found = verdicts(facts(series(facts={"requests": asked})))
    assert {season for season, one in found.items() if one.may_go} == {1}


def test_a_requester_who_is_not_tracked_keeps_it_and_is_unknown() -> None:
    for who in (None, "stranger"):
        of = movie(requests=Known((Requester("Carl", who),)))
        assert stays(verdict(of), Rule.REQUESTED, Answer.UNKNOWN)


def test_a_requester_who_is_gone_blocks_neither_for_ever_nor_ends_it_suddenly() -> None:
    gone = movie(requests=Known((Requester("Carl", None, gone_since=ago(1)),)))
    assert stays(verdict(gone), Rule.GRACE, Answer.NO)
    assert verdict(movie(requests=Known((Requester("Carl", None, gone_since=ago(6)),)))).may_go


def test_a_requester_who_does_not_count_is_asked_all_the_same() -> None:
    carl = RetentionViewer("carl", "Carl", counts=False)
    of = movie(requests=Known((Requester("Carl", "carl"),)))
    seen_by = {**of.watched, "carl": Known({MOVIE: seen()})}
    known = facts(replace(of, watched={**of.watched, "carl": Absent()}), viewers=(ANN, BEN, carl))
    assert not going(known)
    assert going(replace(known, titles=(replace(of, watched=seen_by),)))


# -- what is left alone ---------------------------------------------------------------------------

NOWHERE = Known[tuple[str, ...]](())
LIBRARIES = Known({"films": ("/movies",), "kids": ("/movies/1",), "/tv": ("/tv",)})


def alone(
    *names: str, libraries: Any = LIBRARIES, shown: Any = NOWHERE, **record: Any
) -> RetentionVerdict:
    """Judge a movie while these are left alone."""
    policy = replace(POLICY, excluded=names)
    return verdict(movie(record=record, shown=shown), policy, libraries=libraries)


def test_a_title_in_a_library_that_is_left_alone_stays() -> None:
    """By Jellyfin's name of the library, or the arr's of its root folder, in anybody's names."""
    assert stays(alone("kids"), Rule.EXCLUDED, Answer.YES)
    assert alone("/tv").may_go
    elsewhere = Known(("/movies/9/film.mkv", "/tv/film.mkv"))
    assert stays(alone("/tv", shown=elsewhere), Rule.EXCLUDED, Answer.YES)
    mapped = PathMap((PathPair("/tv", "/movies"),))
    assert stays(alone("/tv", path_map=mapped), Rule.EXCLUDED, Answer.YES)
    found = alone("kids").finding(Rule.EXCLUDED)
    assert found is not None
    assert (found.value, found.threshold) == ("kids", "kids")


@pytest.mark.parametrize(
    "more",
    [
        {"libraries": Unknown("down")},
        {"libraries": Absent()},
        {"libraries": Known({"films": ("/movies",)})},
        {"shown": Unknown("down")},
        {"shown": Known(("/lost/film.mkv",))},
        {"path": "/lost/1", "files": movie_record().files},
    ],
    ids=["silent", "nothing", "no such library", "not shown", "lost", "in no root folder"],
)
def test_what_lies_nobody_knows_where_stays_while_anything_is_left_alone(
    more: dict[str, Any],
) -> None:
    found = alone("/tv", **more)
    assert stays(found, Rule.EXCLUDED, Answer.UNKNOWN)
    assert alone(**more).finding(Rule.EXCLUDED).answer is Answer.NO  # type: ignore[union-attr]


def test_the_names_of_libraries_and_folders_are_compared_as_people_mean_them() -> None:
    assert library_name(" Kids' Films ") == library_name("kids' films")
    assert library_name("/data//movies/") == "/data/movies"
    assert library_name("/data/Movies") != library_name("/data/movies")


def test_of_what_has_no_unit_nobody_knows_that_it_is_watched() -> None:
    """All of nothing would be watched by everybody."""
    of = movie(record={"units": ()})
    found = verdict(of, ANY).finding(Rule.WATCHED)
    assert found is not None
    assert found.answer is Answer.UNKNOWN
