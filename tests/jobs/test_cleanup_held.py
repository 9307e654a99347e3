"""What is known of one title that was watched: whose copy, and whether it was taken back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.showrunner.domain.deletion.facts import Evidence, Favorites, ProofFacts
from custom_components.showrunner.domain.inventory import ArrFile, ArrTitle, ArrUnit
from custom_components.showrunner.domain.knowledge import Answer, Known, Unknown
from custom_components.showrunner.domain.library import MarkSource, UserRow, WatchedMark
from custom_components.showrunner.domain.media import (
    MOVIE,
    MediaType,
    Place,
    ProviderIds,
    Title,
    TitleKey,
)
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.retention import (
    RetentionFacts,
    RetentionPolicy,
    RetentionRule,
    RetentionVerdict,
    RetentionViewer,
    TitlePart,
    judge,
)
from custom_components.showrunner.jobs.cleanup.held import Held, _marked

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ADDED = NOW - timedelta(days=300)
SEEN = NOW - timedelta(days=20)
IDS = ProviderIds(tmdb=603)
ANN = "ann"
WATCHED = RetentionPolicy()
NEVER = RetentionPolicy(unwatched_months=1)
IDLE = RetentionPolicy(idle_days=10, idle_rating=0)
LISTED = {"4k": UserRow("4k"), "hd": UserRow("hd")}


def _mark(item_id: str) -> Mapping[Place, WatchedMark]:
    return {MOVIE: WatchedMark(("movie:tmdb:603",), item_id, SEEN, MarkSource.JELLYFIN)}


def _item(item_id: str, folder: str, seen_at: datetime | None = None) -> Evidence:
    path = f"/{folder}/X/x.mkv"
    movie = frozenset({MOVIE})
    return Evidence(item_id, IDS, movie, (path,), year=2000, created=ADDED, seen_at=seen_at)


def _held(*items: Evidence) -> Held:
    """Make what is known of a copy in 4K that lies in one file; Jellyfin shows these items."""
    record = ArrTitle(
        service="r4k",
        kind="radarr",
        name="Radarr 4K",
        id=5,
        ids=IDS,
        path="/4k/X",
        tags=frozenset(),
        units=(ArrUnit(5, MOVIE, True, 9),),
        files=(ArrFile(9, "/4k/X/x.mkv", 1, frozenset({MOVIE}), ADDED),),
        path_map=PathMap((PathPair("/4k", "/4k"),)),
        year=2000,
    )
    return Held(
        title=Title(MediaType.MOVIE, IDS, "X", 2000),
        names=TitleKey(MediaType.MOVIE, IDS),
        record=record,
        proofs=ProofFacts(
            record=Known(record),
            evidence=Known(items),
            favorites=Known((Favorites("Ann", frozenset(), viewer_id=ANN),)),
            playing=Known(()),
            rivals=Known(()),
            keeps=Known(()),
        ),
        rows={ANN: Known({})},
        requests=Known(()),
        keeps=Known(()),
        kept_by_override=Answer.NO,
        deletions=Known(()),
    )


def _judged(
    rows: Mapping[str, UserRow],
    marks: Mapping[Place, WatchedMark],
    seen_at: datetime | None = None,
    policy: RetentionPolicy = WATCHED,
    *,
    only_touched: bool = False,
) -> RetentionVerdict:
    """Judge the copy in 4K, of which another arr has one in HD."""
    held = replace(
        _held(_item("4k", "4k", seen_at), _item("hd", "hd")),
        rows={ANN: Known(rows)},
        only_touched=only_touched,
        marks={ANN: marks},
    )
    viewer = RetentionViewer(ANN, "Ann", True, True)
    facts = RetentionFacts(now=NOW, zone=UTC, viewers=(viewer,), titles=(held.facts,))
    (verdict,) = judge(facts, policy)
    return verdict


def _watched(verdict: RetentionVerdict) -> Answer:
    return next(one.answer for one in verdict.findings if one.rule is RetentionRule.WATCHED)


def test_a_copy_that_was_watched_leaves() -> None:
    """Jellyfin says so of its own item."""
    assert _judged({"4k": UserRow("4k", True, False, 1, 0.0, SEEN)}, {}).may_go


def test_a_copy_stays_of_which_another_was_watched() -> None:
    """What is remembered of the item in HD says nothing of the one in 4K."""
    verdict = _judged({"hd": UserRow("hd", True, False, 1, 0.0, SEEN)}, _mark("hd"))
    assert _watched(verdict) is Answer.NO
    assert not verdict.may_go


@pytest.mark.parametrize("rows", [{}, {"4k": UserRow("4k")}])
def test_what_was_taken_back_in_jellyfin_stays(rows: Mapping[str, UserRow]) -> None:
    """It was a mistake, or a server has lost it: nobody knows."""
    verdict = _judged(rows, _mark("4k"))
    assert _watched(verdict) is Answer.UNKNOWN
    assert not verdict.may_go


def test_a_mark_of_what_jellyfin_does_not_show_at_its_file_is_not_sure() -> None:
    """Nobody says what the server keeps of what lies there; of what has no file the mark stands."""
    held = replace(_held(_item("hd", "hd")), marks={ANN: _mark("4k")})
    told = held.facts.watched[ANN]
    assert isinstance(told, Known)
    assert told.value[MOVIE].unsure
    (unit,) = held.record.units
    bare = replace(held.record, units=(replace(unit, file_id=None),), files=())
    left = replace(held, record=bare).facts.watched[ANN]
    assert isinstance(left, Known)
    assert not left.value[MOVIE].unsure


def test_a_mark_stands_where_only_the_flag_was_reset() -> None:
    """A server resets its flag when somebody plays it again, and keeps count and date."""
    assert _judged({"4k": UserRow("4k", False, False, 2, 0.0, SEEN)}, _mark("4k")).may_go


def test_the_grace_begins_when_a_file_was_seen_first() -> None:
    """Whatever dates services write: we have seen it come."""
    rows = {"4k": UserRow("4k", True, False, 1, 0.0, SEEN)}
    came = NOW - timedelta(days=2)
    verdict = _judged(rows, {}, came)
    assert not verdict.may_go
    assert verdict.is_leaving
    assert verdict.leaves_at == came + timedelta(days=5)
    assert _judged(rows, {}, NOW - timedelta(days=6)).may_go


def test_what_nobody_has_ever_touched_leaves_by_choice() -> None:
    """Every item of the title was listed for her, or all that she ever touched is known."""
    assert _judged(LISTED, {}, policy=NEVER).may_go
    assert _judged({}, {}, policy=NEVER, only_touched=True).may_go


@pytest.mark.parametrize("item_id", ["old", "hd", "4k"])
@pytest.mark.parametrize("only_touched", [False, True])
def test_a_mark_under_any_item_says_that_a_title_was_touched(
    item_id: str, only_touched: bool
) -> None:
    """It keeps the item that it was first given: an upgrade or a new scan gives another."""
    rows = {} if only_touched else LISTED
    assert not _judged(rows, _mark(item_id), policy=NEVER, only_touched=only_touched).may_go


@pytest.mark.parametrize("item_id", ["hd", "4k"])
@pytest.mark.parametrize(
    "row",
    [
        UserRow("", played=True),
        UserRow("", play_count=1),
        UserRow("", position=60.0),
        UserRow("", last_played=SEEN),
    ],
)
@pytest.mark.parametrize("only_touched", [False, True])
def test_whatever_is_kept_of_any_item_says_that_a_title_was_touched(
    item_id: str, row: UserRow, only_touched: bool
) -> None:
    """Also of a copy that no arr has, and also where only a date is left of it."""
    rows = {} if only_touched else LISTED
    body = {**rows, item_id: replace(row, item_id=item_id)}
    assert not _judged(body, {}, policy=NEVER, only_touched=only_touched).may_go


@pytest.mark.parametrize("item_id", ["hd", "4k"])
def test_an_item_that_was_not_listed_for_a_viewer_is_not_untouched(item_id: str) -> None:
    """They may not see its library now, and have watched it when they did."""
    rows = {one: row for one, row in LISTED.items() if one != item_id}
    verdict = _judged(rows, {}, policy=NEVER)
    assert not verdict.may_go
    verdict = _judged({**rows, **_played("4k" if item_id == "hd" else "hd")}, {}, policy=IDLE)
    assert not verdict.may_go


def _played(item_id: str, days: float = 20) -> Mapping[str, UserRow]:
    return {item_id: UserRow(item_id, False, False, 1, 60.0, NOW - timedelta(days=days))}


def test_what_nobody_watches_any_more_leaves_by_the_last_date_of_any_copy() -> None:
    """The last play of all counts, and each has to have a date."""
    assert _judged({**LISTED, **_played("4k")}, {}, policy=IDLE).may_go
    assert _judged({**LISTED, **_played("hd")}, {}, policy=IDLE).may_go
    assert _judged(LISTED, _mark("old"), policy=IDLE).may_go
    assert not _judged({**LISTED, **_played("4k"), **_played("hd", 5)}, {}, policy=IDLE).may_go
    undated = {"hd": UserRow("hd", played=True)}
    assert not _judged({**LISTED, **_played("4k"), **undated}, {}, policy=IDLE).may_go
    mark = {MOVIE: replace(_mark("old")[MOVIE], since=None)}
    assert not _judged({**LISTED, **_played("4k")}, mark, policy=IDLE).may_go


@pytest.mark.parametrize(
    ("item_ids", "within", "marked"),
    [
        (frozenset(), False, []),
        (frozenset({"other"}), False, []),
        (frozenset({"e1"}), False, [TitlePart(1, 2), TitlePart(1, 3)]),
        (frozenset({"show"}), False, [TitlePart()]),
        (frozenset({"e1", "show"}), False, [TitlePart(1, 2), TitlePart(1, 3), TitlePart()]),
        (frozenset({"odd"}), False, [TitlePart()]),
        (frozenset(), True, [TitlePart()]),
    ],
)
def test_law_6_a_mark_keeps_what_it_is_on_and_one_on_the_series_all_of_it(
    item_ids: frozenset[str], within: bool, marked: list[TitlePart]
) -> None:
    """An item that says no place may be any of it, and so may one that is no episode."""
    places = frozenset({Place(1, 2), Place(1, 3)})
    episode = Evidence("e1", IDS, places, ("/shows/X/1.mkv",), series_item_id="show")
    odd = Evidence("odd", IDS, frozenset(), ("/shows/X/odd.mkv",))
    favorites = Favorites("Ann", item_ids, within, ANN)
    assert list(_marked(favorites, (episode, odd))) == marked


_AT_4K = _item("4k", "4k")


@pytest.mark.parametrize(
    ("items", "playable"),
    [
        ((_AT_4K,), {MOVIE}),
        ((_AT_4K, _item("hd", "hd")), {MOVIE}),
        ((_item("hd", "hd"),), set()),
        ((), set()),
        ((replace(_AT_4K, ids=ProviderIds()),), set()),
        ((replace(_AT_4K, places=frozenset()),), set()),
        ((replace(_AT_4K, places=frozenset({Place(1, 1)})),), set()),
        ((_AT_4K, replace(_AT_4K, item_id="odd", ids=ProviderIds())), set()),
        ((_AT_4K, replace(_AT_4K, item_id="odd", places=frozenset())), set()),
    ],
)
def test_law_4_a_copy_is_playable_only_where_ids_and_path_say_so(
    items: tuple[Evidence, ...], playable: set[Place]
) -> None:
    """For such a copy another one leaves: what lies at its path must surely be this film."""
    assert _held(*items).facts.playable == Known(frozenset(playable), "jellyfin")


def test_law_1_while_jellyfin_is_silent_nobody_knows_what_is_playable() -> None:
    """That it shows nothing is not known then."""
    held = _held(_AT_4K)
    silent = Unknown("down")
    held = replace(held, proofs=replace(held.proofs, evidence=silent))
    assert held.facts.playable is silent


@pytest.mark.parametrize(("row", "mark"), [(20, 2), (2, 20)])
def test_the_later_of_what_jellyfin_and_we_know_of_a_play_counts(row: int, mark: int) -> None:
    """The grace begins with the last time that somebody watched it."""
    rows = {"4k": UserRow("4k", True, False, 1, 0.0, NOW - timedelta(days=row))}
    since = {MOVIE: replace(_mark("4k")[MOVIE], since=NOW - timedelta(days=mark))}
    verdict = _judged(rows, since)
    assert not verdict.may_go
    assert verdict.is_leaving
    assert _judged(rows, {}).may_go is (row == 20)


@pytest.mark.parametrize("last", ["4k", "odd"])
def test_of_two_items_at_one_file_each_has_to_be_watched(last: str) -> None:
    """Nobody knows which of them is meant: one that somebody has watched says nothing of both."""
    played = {one: UserRow(one, True, False, 1, 0.0, SEEN) for one in ("4k", "odd")}
    both = _held(_AT_4K, replace(_AT_4K, item_id="odd"))

    def state(rows: Mapping[str, UserRow]) -> bool:
        told = replace(both, rows={ANN: Known(rows)}).facts.watched[ANN]
        assert isinstance(told, Known)
        return told.value[MOVIE].played

    assert state(played)
    assert not state({**played, last: UserRow(last, play_count=1)})
