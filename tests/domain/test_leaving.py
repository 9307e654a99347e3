"""Which steps are made of the parts of a title that leave, and what keeps a part as a whole."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.showrunner.domain.deletion.draft import Deletion
from custom_components.showrunner.domain.deletion.facts import (
    Evidence,
    Favorites,
    ProofFacts,
    Rival,
    SeerrSide,
)
from custom_components.showrunner.domain.deletion.leaving import (
    part_of,
    plan_leaving,
    stands_against,
)
from custom_components.showrunner.domain.deletion.proofs import lies_at, lying
from custom_components.showrunner.domain.deletion.recheck import against_doing
from custom_components.showrunner.domain.finding import Finding
from custom_components.showrunner.domain.inventory import ArrFile, ArrTitle, ArrUnit
from custom_components.showrunner.domain.knowledge import Absent, Answer, Known, Unknown
from custom_components.showrunner.domain.media import MediaType, Place, ProviderIds, Title
from custom_components.showrunner.domain.plan import (
    DeleteEpisodeFiles,
    DeleteMovie,
    DeleteRequest,
    Scope,
    Skip,
    Target,
    UnmonitorEpisodes,
    Wait,
)
from custom_components.showrunner.domain.plan.guards import against_carrying_out
from custom_components.showrunner.domain.retention import RetentionRule, RetentionVerdict
from tests.english import english

from .leaving import FACTS, FILM, IDS, MAP, MAY, RECORD, SEEN, UNIT, WATCHED
from .plans import step as a_step

AT = datetime(2026, 11, 30, tzinfo=UTC)

SHOW_IDS = ProviderIds(tvdb=22)
SHOW = Title(MediaType.SERIES, SHOW_IDS, "Rain", 2015)


def _episode(season: int, number: int, file: int) -> ArrUnit:
    return ArrUnit(100 * season + number, Place(season, number), True, file)


def _file(number: int, *places: Place) -> ArrFile:
    return ArrFile(number, f"/data/shows/Rain/{number}.mkv", 500, frozenset(places))


# The second file holds two episodes; the last is a special.
FILES = (
    _file(1, Place(1, 1)),
    _file(2, Place(1, 2), Place(1, 3)),
    _file(3, Place(2, 1)),
    _file(4, Place(0, 1)),
    _file(5, Place(0, 2)),
)
EPISODES = (
    _episode(1, 1, 1),
    _episode(1, 2, 2),
    _episode(1, 3, 2),
    _episode(2, 1, 3),
    _episode(0, 1, 4),
    _episode(0, 2, 5),
)
SERIES = ArrTitle(
    "s1", "sonarr", "Sonarr", 7, SHOW_IDS, "/data/shows/Rain", frozenset(), EPISODES, FILES, MAP
)
SHOWN = tuple(
    Evidence(f"e{one.id}", SHOW_IDS, one.places, (f"/media/shows/Rain/{one.id}.mkv",), "series")
    for one in FILES
)
OF_SHOW = replace(FACTS, record=Known(SERIES), evidence=Known(SHOWN))


def _season(season: int, *numbers: int, **more: object) -> RetentionVerdict:
    """Give what the rule says of a season, or of specials: these files may go."""
    units = tuple(one for one in EPISODES if one.place.season == season)
    files = tuple(one for one in FILES if one.id in numbers)
    verdict = RetentionVerdict(SERIES, Scope.SEASON, season, units, files, (WATCHED,))
    return replace(verdict, **more)  # type: ignore[arg-type]


def ids(deletion: Deletion) -> list[str]:
    """Name the steps in their order."""
    return [step.id for step in deletion.steps]


def reasons(deletion: Deletion) -> str:
    """Give all reasons of what is left out."""
    return " | ".join(english(one.reason) for one in deletion.withheld)


def test_a_movie_goes_with_its_proofs_and_with_why() -> None:
    """Unmonitored first; what destroys has all that the guards ask for, and what the rule found."""
    made = plan_leaving(FILM, RECORD, FACTS, [MAY])
    assert ids(made) == ["unmonitor", "delete_file", "delete_movie"]
    assert not made.withheld
    assert [against_carrying_out(step) for step in made.steps] == [None] * 3
    assert all(WATCHED in step.findings for step in made.steps)
    # A movie is one item of the budget, with its entry.
    assert [step.cost.items for step in made.steps if step.action.destructive] == [1, 0]


def test_what_nobody_looks_for_is_not_unmonitored() -> None:
    """There is nothing to change."""
    unit = replace(UNIT, monitored=False)
    record = replace(RECORD, units=(unit,))
    made = plan_leaving(FILM, record, FACTS, [replace(MAY, units=(unit,))])
    assert ids(made) == ["delete_file", "delete_movie"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(FACTS, evidence=Known(())), "two proofs"),
        (replace(FACTS, evidence=Unknown("no answer")), "no answer"),
        (replace(FACTS, favorites=Known((Favorites("Sofa", frozenset({"j1"})),))), "favourite"),
        (replace(FACTS, playing=Unknown("no answer")), "no answer"),
        (replace(FACTS, rivals=Unknown("no answer")), "no answer"),
        (replace(FACTS, keeps=Unknown("no answer")), "no answer"),
    ],
)
def test_what_is_not_proven_or_protected_stays_as_a_whole(facts: ProofFacts, said: str) -> None:
    """Not even unmonitored, although the rule lets it go."""
    made = plan_leaving(FILM, RECORD, facts, [MAY])
    assert not made.steps
    assert said in reasons(made)


def test_a_file_that_the_arr_does_not_name_keeps_its_movie() -> None:
    """It has one, and nobody knows which."""
    record = replace(RECORD, files=())
    made = plan_leaving(FILM, record, FACTS, [replace(MAY, files=())])
    assert not made.steps
    assert made.withheld[0].unknown


def test_what_the_rule_keeps_says_why_and_is_skipped_or_waits() -> None:
    """A step that was planned before is not done: it waits while the reason may pass by itself."""
    planned = plan_leaving(FILM, RECORD, FACTS, [MAY])
    for answer, kind in ((Answer.NO, Skip), (Answer.UNKNOWN, Wait)):
        kept = replace(MAY, findings=(Finding(RetentionRule.WATCHED, answer, detail="not seen"),))
        made = plan_leaving(FILM, RECORD, FACTS, [kept])
        assert not made.steps
        assert reasons(made) == "not seen"
        for step in planned.steps:
            against = against_doing(step, made)
            assert isinstance(against, kind), step.id
            assert not (isinstance(against, Skip) and against.needless)


def test_the_entry_follows_a_file_that_has_left_and_only_then() -> None:
    """Unless it is kept by now, has a file again, or nobody has planned that."""
    gone = replace(RECORD, units=(replace(UNIT, file_id=None, monitored=False),), files=())
    assert ids(plan_leaving(FILM, gone, FACTS, [], entry=True)) == ["delete_movie"]
    wanted = replace(gone, units=(replace(UNIT, file_id=None, monitored=True),))
    again = plan_leaving(FILM, wanted, FACTS, [], entry=True)
    assert not again.steps
    assert "monitored" in reasons(again)
    assert not plan_leaving(FILM, gone, FACTS, []).steps
    kept = plan_leaving(FILM, replace(gone, tags=frozenset({"Keep"})), FACTS, [], entry=True)
    assert not kept.steps
    assert "keep" in reasons(kept)
    assert not plan_leaving(FILM, RECORD, FACTS, [], entry=True).steps
    # With its file the entry goes already, once.
    assert ids(plan_leaving(FILM, RECORD, FACTS, [MAY], entry=True)) == [
        "unmonitor",
        "delete_file",
        "delete_movie",
    ]


@pytest.mark.parametrize(("kind", "number", "same"), [("seerr", 4, True), ("seerr", 5, False)])
def test_a_request_that_is_another_in_seerr_now_is_not_deleted(
    kind: str, number: int, same: bool
) -> None:
    """Unless Seerr has forgotten it with its title: then only ours is left to close."""
    planned = a_step(1, payload=DeleteRequest("seerr:x:4"), after=())
    planned = replace(planned, target=Target("x", "seerr", 4, None, FILM.ids))
    found = replace(planned, target=replace(planned.target, kind=kind, remote_id=number))
    assert (against_doing(planned, Deletion((found,), ())) is None) is same
    ours = replace(planned, target=Target("", "showrunner", None, None, FILM.ids))
    assert against_doing(planned, Deletion((ours,), ())) is None
    other = replace(ours, payload=DeleteMovie())
    film = replace(planned, payload=DeleteMovie())
    assert isinstance(against_doing(film, Deletion((other,), ())), Skip)


def test_a_season_goes_in_one_step_and_the_others_stay() -> None:
    """Its two files, of which one has two episodes and counts once."""
    made = plan_leaving(SHOW, SERIES, OF_SHOW, [_season(1, 1, 2)])
    assert ids(made) == ["unmonitor:1", "season:1"]
    step = made.steps[1]
    assert step.scope is Scope.SEASON
    assert (step.cost.items, step.cost.bytes) == (2, 1_000)
    assert against_carrying_out(step) is None


def test_of_a_series_without_season_folders_only_files_go_by_their_numbers() -> None:
    """Other seasons, and what else people keep there, lie in the same folder: none is named."""
    made = plan_leaving(SHOW, SERIES, OF_SHOW, [_season(1, 1, 2)])
    assert {one.path.rpartition("/")[0] for one in SERIES.files} == {SERIES.path}
    first, second = (one.payload for one in made.steps)
    assert isinstance(first, UnmonitorEpisodes)
    assert isinstance(second, DeleteEpisodeFiles)
    paths = {one.id: one.path for one in FILES}
    assert [(one.id, one.path) for one in second.files] == [(1, paths[1]), (2, paths[2])]


def test_a_season_that_breaks_off_stays_and_goes_on_being_fetched() -> None:
    """Nothing of it is unmonitored, however long the break; an earlier one may leave."""
    breaks_off = Finding(RetentionRule.AIRED, Answer.NO, detail="it has not aired yet")
    made = plan_leaving(
        SHOW, SERIES, OF_SHOW, [_season(1, 1, 2), _season(2, 3, findings=(WATCHED, breaks_off))]
    )
    assert ids(made) == ["unmonitor:1", "season:1"]
    touched = {one.id for one in EPISODES if one.place.season == 1}
    (first, _) = made.steps
    assert isinstance(first.payload, UnmonitorEpisodes)
    assert set(first.payload.episodes) == touched
    assert made.why_not("unmonitor:2") is not None


def test_law_6_one_episode_keeps_its_season_and_no_other() -> None:
    """Marked by somebody: season 1 stays whole, season 2 goes."""
    facts = replace(OF_SHOW, favorites=Known((Favorites("Sofa", frozenset({"e2"})),)))
    made = plan_leaving(SHOW, SERIES, facts, [_season(1, 1, 2), _season(2, 3)])
    assert ids(made) == ["unmonitor:2", "season:2"]
    assert "favourite" in reasons(made)
    assert english(made.withheld[0].what) == english(part_of(SHOW, 1))


SEERR = SeerrSide("x", 5, IDS, 77, lone=True)


def test_seerr_forgets_a_title_of_which_nothing_is_left() -> None:
    """Last of all; with a season that stays, in another quality or elsewhere it is still known."""
    made = plan_leaving(FILM, RECORD, FACTS, [MAY], seerr=SEERR)
    assert ids(made)[-1] == "forget_media"
    assert set(made.steps[-1].after) == set(ids(made)[:-1])
    elsewhere = replace(SEEN, item_id="j2", paths=("/media/other/lantern.mkv",))
    rival = Rival("Radarr 4K", "/4k/lantern.mkv", "/media/4k/lantern.mkv")
    for facts, side in (
        (FACTS, replace(SEERR, lone=False)),
        (FACTS, replace(SEERR, media_id=None)),
        (replace(FACTS, rivals=Known((rival,))), SEERR),
    ):
        kept = plan_leaving(FILM, RECORD, facts, [MAY], seerr=side)
        assert ids(kept) == ["unmonitor", "delete_file", "delete_movie"]
    other = replace(elsewhere, ids=ProviderIds(imdb="tt0000042"), places=frozenset())
    shown = plan_leaving(
        FILM, RECORD, replace(FACTS, evidence=Known((SEEN, other))), [MAY], seerr=SEERR
    )
    assert "forget_media" not in ids(shown)
    assert "/media/other" in reasons(shown)
    show = replace(SEERR, ids=SHOW_IDS)
    part = plan_leaving(SHOW, SERIES, OF_SHOW, [_season(1, 1, 2)], seerr=show)
    assert "forget_media" not in ids(part)


def test_specials_go_one_by_one() -> None:
    """One that stays says nothing of the other, and keeps its file."""
    stays = _season(0, 5, units=(EPISODES[5],), findings=(replace(WATCHED, answer=Answer.NO),))
    made = plan_leaving(SHOW, SERIES, OF_SHOW, [_season(0, 4, units=(EPISODES[4],)), stays])
    assert ids(made) == ["unmonitor:0", "season:0"]
    (_, step) = made.steps
    assert step.scope is Scope.EPISODE
    assert step.cost.items == 1
    none = plan_leaving(SHOW, SERIES, OF_SHOW, [stays])
    assert not none.steps
    against = against_doing(step, none)
    assert isinstance(against, Skip)
    assert not against.needless


def test_of_specials_that_stay_it_is_said_unless_others_of_them_go() -> None:
    """That a season goes says nothing of them."""
    stays = _season(0, 5, units=(EPISODES[5],), findings=(replace(WATCHED, answer=Answer.NO),))
    beside = plan_leaving(SHOW, SERIES, OF_SHOW, [_season(1, 1, 2), stays])
    assert ids(beside) == ["unmonitor:1", "season:1"]
    assert len(beside.withheld) == 1
    goes = _season(0, 4, units=(EPISODES[4],))
    both = plan_leaving(SHOW, SERIES, OF_SHOW, [_season(1, 1, 2), goes, stays])
    assert ids(both) == ["unmonitor:0", "season:0", "unmonitor:1", "season:1"]
    assert not both.withheld


def test_which_items_lie_at_files_is_found_for_all_as_for_one() -> None:
    """By the mapped path, whatever its form; what nobody maps, or is no path, lies nowhere."""
    odd = replace(FILES[0], id=9, path="not absolute")
    record = replace(SERIES, files=(*FILES, odd))
    twice = replace(SHOWN[1], item_id="version", paths=("/media/shows/Rain//2.mkv", "/else/1.mkv"))
    nowhere = replace(SHOWN[0], item_id="nowhere", paths=("/else/1.mkv", "/media/../1.mkv"))
    evidence = (*SHOWN, twice, nowhere)
    found = lying(record, evidence)
    for file in record.files:
        there = [one for one in evidence if any(lies_at(record, path, file) for path in one.paths)]
        assert list(found.get(file.id, ())) == there
    assert [one.item_id for one in found[2]] == ["e2", "version"]


# -- a series of which nothing is left -------------------------------------------------------------

LEFT = replace(
    SERIES,
    units=tuple(replace(one, file_id=None, monitored=False) for one in EPISODES),
    files=(),
)
FREE = tuple(
    Finding(str(one), Answer.NO) for one in (RetentionRule.FAVORITE, RetentionRule.PLAYING)
)
EMPTIED = RetentionVerdict(LEFT, Scope.SERIES, None, LEFT.units, (), (WATCHED, *FREE))
OF_LEFT = replace(OF_SHOW, record=Known(LEFT), evidence=Known(()))


def test_the_entry_of_a_series_of_which_nothing_is_left_goes() -> None:
    """As one item, with all that the guards ask for, and what the rule found."""
    made = plan_leaving(SHOW, LEFT, OF_LEFT, [EMPTIED])
    assert ids(made) == ["delete_series"]
    (step,) = made.steps
    assert against_carrying_out(step) is None
    assert WATCHED in step.findings
    assert (step.scope, step.cost.items, step.cost.bytes) == (Scope.SERIES, 1, 0)
    assert step.action.destructive
    assert step.action.takes_title
    assert against_doing(step, made) is None


@pytest.mark.parametrize(
    ("facts", "said", "unknown"),
    [
        (replace(OF_LEFT, evidence=Known(SHOWN[:1])), "Jellyfin still shows", True),
        (replace(OF_LEFT, evidence=Unknown("no answer")), "no answer", True),
        (replace(OF_LEFT, rivals=Known((Rival("Other", "/x.mkv", None),))), "Other", False),
        (replace(OF_LEFT, rivals=Unknown("no answer")), "no answer", True),
        (replace(OF_LEFT, rivals=Absent()), "", True),
        (replace(OF_LEFT, keeps=Unknown("no answer")), "no answer", True),
    ],
)
def test_the_entry_stays_while_anything_may_be_left_anywhere(
    facts: ProofFacts, said: str, unknown: bool
) -> None:
    """In another Sonarr, in Jellyfin, or where nobody tells."""
    planned = plan_leaving(SHOW, LEFT, OF_LEFT, [EMPTIED]).steps[0]
    made = plan_leaving(SHOW, LEFT, facts, [EMPTIED])
    assert not made.steps
    assert said in reasons(made)
    assert isinstance(against_doing(planned, made), Wait if unknown else Skip)


def test_the_entry_stays_with_a_file_a_tag_or_another_id() -> None:
    """Whatever the rule says."""
    for record in (
        replace(LEFT, files=FILES[:1]),
        replace(LEFT, units=EPISODES[:1]),
        replace(LEFT, tags=frozenset({"Keep"})),
        replace(LEFT, ids=ProviderIds(tvdb=23)),
    ):
        assert not plan_leaving(SHOW, record, OF_LEFT, [EMPTIED]).steps


def test_the_entry_that_the_rule_keeps_says_why() -> None:
    """And what was planned of it before is skipped."""
    planned = plan_leaving(SHOW, LEFT, OF_LEFT, [EMPTIED]).steps[0]
    kept = replace(EMPTIED, findings=(Finding(RetentionRule.LEFT, Answer.NO, detail="not ours"),))
    made = plan_leaving(SHOW, LEFT, OF_LEFT, [kept])
    assert not made.steps
    assert reasons(made) == "not ours"
    assert isinstance(against_doing(planned, made), Skip)


def test_what_stands_against_a_part_is_told_whatever_the_rule_says_of_it() -> None:
    """A person's word, for example, where the rule itself has not let it go."""
    stays = replace(MAY, findings=(Finding(RetentionRule.WATCHED, Answer.NO),))
    assert stands_against(FILM, RECORD, FACTS, MAY) == ()
    assert stands_against(FILM, RECORD, FACTS, stays) == ()
    silent = replace(FACTS, keeps=Unknown("no answer"))
    assert [one.unknown for one in stands_against(FILM, RECORD, silent, stays)] == [True]


def test_a_file_of_two_seasons_goes_with_the_first() -> None:
    """The second has no step then, and nothing is deleted twice."""
    shared = _file(9, Place(1, 2), Place(2, 1))
    files = (_file(1, Place(1, 1)), shared)
    units = (_episode(1, 1, 1), _episode(1, 2, 9), _episode(2, 1, 9))
    record = replace(SERIES, units=units, files=files)
    shown = tuple(
        Evidence(f"e{one.id}", SHOW_IDS, one.places, (f"/media/shows/Rain/{one.id}.mkv",), "series")
        for one in files
    )
    verdicts = [
        RetentionVerdict(record, Scope.SEASON, season, of, its, (WATCHED,))
        for season, of, its in ((1, units[:2], files), (2, units[2:], (shared,)))
    ]
    gathered = replace(FACTS, record=Known(record), evidence=Known(shown))
    made = plan_leaving(SHOW, record, gathered, verdicts)
    deletions = [one for one in made.steps if isinstance(one.payload, DeleteEpisodeFiles)]
    [only] = [(one.payload.season, one.scope, one.cost.items) for one in deletions]
    assert only == (1, Scope.SEASON, 2)
    assert not made.withheld
