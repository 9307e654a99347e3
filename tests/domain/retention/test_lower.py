"""What leaves by choice because it is there in a higher quality; and never the last copy."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import MOVIE, Place, ProviderIds
from custom_components.showrunner.domain.retention import (
    FileDates,
    Ground,
    Requester,
    RetentionFacts,
    RetentionPolicy,
    RetentionRule as Rule,
    RetentionVerdict,
    TitleFacts,
    WhoCounts,
    judge,
)
from custom_components.showrunner.domain.retention.judging import TitleJudge, Twins
from custom_components.showrunner.domain.retention.pieces import pieces

from .samples import POLICY, ago, begun, facts, movie, movie_record, seen, series, title, watched

LOWER = replace(POLICY, lower_quality=True)
NOBODY = {"ann": Absent(), "ben": Absent()}
EPISODES = frozenset({Place(1, 1), Place(1, 2), Place(2, 1), Place(2, 2)})


def copy(of: TitleFacts, service: str, lines: int | None, **more: Any) -> TitleFacts:
    """Make a copy of a title in an arr, in a quality; Jellyfin shows all of it."""
    files = tuple(replace(one, resolution=lines) for one in of.record.files)
    record = replace(of.record, service=service, name=service, files=files, permanent=True)
    places = frozenset(one.place for one in record.units if one.file_id is not None)
    return replace(of, record=record, **{"playable": Known(places), **more})


def films(*lines: int | None, **more: Any) -> list[TitleFacts]:
    """Make copies of a movie that nobody has watched, of which each is in another Radarr."""
    of = movie(watched=NOBODY)
    return [copy(of, f"r{number}", one, **more) for number, one in enumerate(lines, 1)]


def shows(*lines: int | None) -> list[TitleFacts]:
    """Make copies of a series that nobody has watched."""
    of = series(facts={"watched": NOBODY})
    return [copy(of, f"s{number}", one) for number, one in enumerate(lines, 1)]


def leaving(
    *titles: TitleFacts, policy: RetentionPolicy = LOWER, **more: Any
) -> dict[tuple[str, int | None], RetentionVerdict]:
    """Judge; give what leaves, by its arr and season."""
    found = judge(facts(*titles, **more), policy)
    return {(one.record.service, one.season): one for one in found if one.may_go}


def stays(
    *titles: TitleFacts, rule: Rule = Rule.COVERED, answer: Answer = Answer.NO, **more: Any
) -> None:
    """Expect that nothing leaves, and which rule says so of the first copy."""
    assert not leaving(*titles, **more)
    policy = more.pop("policy", LOWER)
    assert (rule, answer) in found(facts(*titles, **more), policy)


def found(known: RetentionFacts, policy: RetentionPolicy) -> set[tuple[Rule, Answer]]:
    """Say what the rule of a higher copy finds of the first title."""
    twins = Twins(known.titles)
    first = known.titles[0]
    [piece, *_] = pieces(first, twins.of(first))
    verdict = TitleJudge(known, policy, first, twins).verdict(piece, Ground.LOWER)
    return {(Rule(one.rule), one.answer) for one in verdict.findings}


def test_the_lower_copy_leaves_and_only_where_that_is_chosen() -> None:
    hd, uhd = films(1080, 2160)
    assert not leaving(hd, uhd, policy=POLICY)
    [(key, verdict)] = leaving(hd, uhd).items()
    assert key == ("r1", None)
    assert verdict.ground is Ground.LOWER
    lower = verdict.finding(Rule.LOWER)
    assert lower is not None
    assert (lower.value, lower.threshold, lower.source) == (1080, 2160, "r2")
    covered = verdict.finding(Rule.COVERED)
    assert covered is not None
    assert covered.value == "r2"


def test_the_last_copy_never_leaves() -> None:
    [alone] = films(720)
    stays(alone, rule=Rule.LOWER)
    # Equal ones are not lower, whatever their source is.
    stays(*films(1080, 1080), rule=Rule.LOWER)
    hd, uhd = films(1080, 2160)
    for gone in (
        replace(uhd, record=replace(uhd.record, files=(), units=())),
        replace(uhd, record=replace(uhd.record, ids=ProviderIds(tmdb=9))),
    ):
        assert not leaving(hd, gone)


def test_of_three_copies_the_highest_stays() -> None:
    assert {key for key, _ in leaving(*films(720, 1080, 2160))} == {"r1", "r2"}
    sd, hd, uhd = films(720, 1080, 2160)
    # While nobody knows whether the highest is whole, the others stay.
    hidden = replace(uhd, playable=Unknown("down"))
    assert not leaving(sd, hd, hidden)
    assert {key for key, _ in leaving(*films(720, 2160, 2160))} == {"r1"}
    stays(sd, hd, copy(hd, "r3", None), rule=Rule.COVERED)


@pytest.mark.parametrize(
    ("lines", "rule", "answer"),
    [
        ((None, 2160), Rule.LOWER, Answer.UNKNOWN),
        ((1080, None), Rule.LOWER, Answer.UNKNOWN),
        ((2160, 1080), Rule.LOWER, Answer.NO),
    ],
)
def test_an_unknown_quality_stays(
    lines: tuple[int | None, ...], rule: Rule, answer: Answer
) -> None:
    first, second = films(*lines)
    assert ("r1", None) not in leaving(first, second)
    assert (rule, answer) in found(facts(first, second), LOWER)


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({"playable": Known(frozenset())}, Answer.NO),
        ({"playable": Absent()}, Answer.NO),
        ({"playable": Unknown("down")}, Answer.UNKNOWN),
        ({"record": {"permanent": False}}, Answer.NO),
        ({"record": {"files": ()}}, Answer.UNKNOWN),
        ({"file": {"size_bytes": 0}}, Answer.NO),
        # Who counts has watched it, or may have: it may leave itself.
        ({"watched": {**NOBODY, "ann": Known({MOVIE: seen()})}}, Answer.NO),
        ({"watched": {**NOBODY, "ann": Unknown("down")}}, Answer.UNKNOWN),
    ],
)
def test_a_higher_copy_that_is_not_whole_shown_and_lasting_does_not_count(
    more: Mapping[str, Any], answer: Answer
) -> None:
    hd, uhd = films(1080, 2160)
    values = dict(more)
    files = tuple(replace(one, **values.pop("file", {})) for one in uhd.record.files)
    record = replace(uhd.record, **{"files": files, **values.pop("record", {})})
    other = replace(uhd, record=record, **values)
    if other.record.files and "watched" in more and answer is Answer.NO:
        assert ("r1", None) not in leaving(hd, other)
        assert (Rule.COVERED, answer) in found(facts(hd, other), LOWER)
        return
    rule = Rule.COVERED if other.record.files else Rule.LOWER
    stays(hd, other, rule=rule, answer=answer)


def test_a_radarr_that_does_not_answer_keeps_the_lower_copy() -> None:
    assert not leaving(*films(1080, 2160), silent=frozenset({"radarr"}))


@pytest.mark.parametrize("days", [6.9, 7, None])
def test_both_have_to_be_there_for_a_while(days: float | None) -> None:
    hd, uhd = films(1080, 2160)

    def came(of: TitleFacts, at: datetime | None) -> TitleFacts:
        files = tuple(replace(one, added=at) for one in of.record.files)
        dates = {one.id: FileDates(created=at) for one in files}
        return replace(of, record=replace(of.record, files=files), files=dates)

    at = None if days is None else ago(days)
    goes = days == 7
    assert bool(leaving(hd, came(uhd, at))) is goes
    assert bool(leaving(came(hd, at), uhd)) is goes
    # Of two that may stand for it one is enough.
    assert leaving(hd, came(uhd, at), films(1080, 2160, 2160)[2])


def aged(of: TitleFacts, days: float) -> TitleFacts:
    """Give a copy whose files came so many days ago."""
    files = tuple(replace(one, added=ago(days)) for one in of.record.files)
    dates = {one.id: FileDates(created=ago(days)) for one in files}
    return replace(of, record=replace(of.record, files=files), files=dates)


@pytest.mark.parametrize("months", [2, 12, 120])
def test_what_leaves_some_day_for_want_of_interest_does_not_stand_for_another(
    months: int,
) -> None:
    hd, uhd = films(1080, 2160)
    hd, uhd = aged(hd, 30), aged(uhd, 371)
    assert ("r1", None) in leaving(hd, uhd)
    # Else the lower one left today, and the higher as soon as it is old enough: both were gone.
    policy = replace(LOWER, unwatched_months=months)
    assert ("r1", None) not in leaving(hd, uhd, policy=policy)
    assert (Rule.COVERED, Answer.NO) in found(facts(hd, uhd), policy)
    # What somebody has once begun never leaves as unwatched.
    touched = {"watched": {**NOBODY, "ben": Known({MOVIE: begun(3)})}}
    assert ("r1", None) in leaving(hd, replace(uhd, **touched), policy=policy)


@pytest.mark.parametrize(
    ("rating", "answer"), [(Known(8.0), None), (Known(6.0), Answer.NO), (Absent(), Answer.UNKNOWN)]
)
def test_what_was_watched_a_short_time_ago_leaves_some_day_unless_it_is_rated_well(
    rating: Known[float] | Absent, answer: Answer | None
) -> None:
    hd, uhd = (replace(one, rating=rating) for one in films(1080, 2160))
    # Nobody has ever watched it: that rule is of what somebody has.
    policy = replace(LOWER, idle_days=1000, idle_rating=7)
    assert ("r1", None) in leaving(hd, uhd, policy=policy)
    touched = replace(uhd, watched={**NOBODY, "ben": Known({MOVIE: begun(3)})})
    assert bool(leaving(hd, touched, policy=policy)) is (answer is None)
    if answer is not None:
        assert (Rule.COVERED, answer) in found(facts(hd, touched), policy)


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_what_somebody_is_in_the_middle_of_stays(who: str) -> None:
    hd, uhd = films(1080, 2160)
    halfway = replace(hd, watched={**NOBODY, who: Known({MOVIE: begun(30)})})
    stays(halfway, uhd, rule=Rule.BEGUN, answer=Answer.YES)
    unknown = replace(hd, watched={**NOBODY, who: Unknown("down")})
    stays(unknown, uhd, rule=Rule.BEGUN, answer=Answer.UNKNOWN)
    assert leaving(replace(hd, watched={**NOBODY, "ben": Known({MOVIE: seen(30)})}), uhd)


@pytest.mark.parametrize("protect", [True, False])
def test_an_open_request_keeps_every_copy(protect: bool) -> None:
    """Nobody knows which copy was meant; a fulfilled one keeps what its requester has to watch."""
    policy = replace(LOWER, protect_requests=protect)
    hd, uhd = films(1080, 2160)
    asked = replace(hd, requests=Known((Requester("Ann", "ann", open=True),)))
    stays(asked, uhd, rule=Rule.REQUESTED, answer=Answer.YES, policy=policy)
    stays(
        replace(hd, requests=Unknown("down")),
        uhd,
        rule=Rule.REQUESTED,
        answer=Answer.UNKNOWN,
        policy=policy,
    )
    done = replace(hd, requests=Known((Requester("Ann", "ann"),)))
    assert bool(leaving(done, uhd, policy=policy)) is not protect


@pytest.mark.parametrize(
    "more",
    [
        {"favorites": {"ann": Absent()}},
        {"kept_by_override": Answer.YES},
        {"playing": Unknown("down")},
        {"keeps": Unknown("down")},
        {"deletions": Unknown("down")},
    ],
)
def test_what_keeps_anything_keeps_the_lower_copy(more: Mapping[str, Any]) -> None:
    hd, uhd = films(1080, 2160)
    assert not leaving(replace(hd, **more), uhd)
    tagged = replace(uhd, record=replace(uhd.record, tags=frozenset({"keep"})))
    assert not leaving(hd, tagged)


def test_a_season_leaves_only_where_every_episode_is_there_in_the_higher_one() -> None:
    hd, uhd = shows(1080, 2160)
    assert set(leaving(hd, uhd)) == {("s1", 1), ("s1", 2)}
    lacking = tuple(
        replace(one, file_id=None) if one.place == Place(1, 2) else one for one in uhd.record.units
    )
    files = tuple(one for one in uhd.record.files if Place(1, 2) not in one.places)
    half = replace(uhd, record=replace(uhd.record, units=lacking, files=files))
    assert set(leaving(hd, half)) == {("s1", 2)}
    # What the higher one alone knows of and lacks is missing, too.
    fewer = tuple(one for one in hd.record.units if one.place != Place(1, 2))
    left = tuple(one for one in hd.record.files if Place(1, 2) not in one.places)
    assert set(leaving(replace(hd, record=replace(hd.record, units=fewer, files=left)), half)) == {
        ("s1", 2)
    }
    mixed = tuple(
        replace(one, resolution=1080) if Place(1, 1) in one.places else one
        for one in uhd.record.files
    )
    some = replace(uhd, record=replace(uhd.record, files=mixed))
    assert set(leaving(hd, some)) == {("s1", 2)}


def test_the_higher_season_that_was_watched_does_not_stand_for_the_lower() -> None:
    hd, uhd = shows(1080, 2160)
    half = watched(uhd, {(1, 1): seen()})
    assert set(leaving(hd, half)) == {("s1", 1), ("s1", 2)}
    both = watched(half, {(1, 2): seen()})
    # It leaves as watched, and the lower one is all that is left.
    assert set(leaving(hd, both)) == {("s2", 1), ("s1", 2)}
    anybody = replace(LOWER, who=WhoCounts.ANY)
    assert set(leaving(hd, both, policy=anybody)) == {("s2", 1), ("s1", 2)}


def test_specials_are_compared_one_by_one() -> None:
    of = series({0: [1, 2], 1: [1]}, facts={"watched": NOBODY})
    hd, uhd = copy(of, "s1", 1080), copy(of, "s2", 2160)
    shown = Known(frozenset({Place(0, 1), Place(1, 1)}))
    going = [
        one
        for one in judge(facts(hd, replace(uhd, playable=shown)), LOWER)
        if one.may_go and one.season == 0
    ]
    assert [[unit.place for unit in one.units] for one in going] == [[Place(0, 1)]]


def test_a_title_without_viewers_or_files_is_not_lower() -> None:
    assert not leaving(*films(1080, 2160), viewers=())
    bare = title(movie_record(units=(), files=()))
    assert not leaving(bare, *films(2160))
