"""A request's deletion as a plan: each law by name, and what no plan may ever do."""

from dataclasses import replace
from datetime import UTC, datetime
import json

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.deletion.draft import Deletion, same_intent
from custom_components.showrunner.domain.deletion.facts import Evidence, Favorites, Rival, SeerrSide
from custom_components.showrunner.domain.deletion.proofs import file_proofs
from custom_components.showrunner.domain.inventory import ArrFile, ArrTitle, ArrUnit
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.knowledge import Absent, Answer, Knowledge, Known, Unknown
from custom_components.showrunner.domain.media import MOVIE, Place, ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.paths import PathMap
from custom_components.showrunner.domain.plan import (
    Action,
    Cost,
    Pool,
    Protection,
    RemoveTorrent,
    Scope,
    Step,
    Undo,
    UnmonitorEpisodes,
)
from custom_components.showrunner.domain.plan.guards import against_carrying_out
from custom_components.showrunner.domain.requests.deletion import plan_deletion
from custom_components.showrunner.domain.requests.holdings import (
    Gathered,
    Queued,
)
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import ALL, TheseSeasons
from custom_components.showrunner.domain.requests.torrents import against_removing
from custom_components.showrunner.domain.text import Text
from custom_components.showrunner.domain.torrents import TorrentState
from tests.domain.plans import step as a_step
from tests.effort import examples
from tests.english import english

from .deleting import (
    COMING,
    EVIDENCE,
    FILE,
    IN_CLIENT,
    MAP,
    MINE,
    RECORD,
    WHOLE,
    ids,
    made,
    reasons,
)
from .replay import files_of, hash_of
from .samples import FILM, HASH, OTHER, SERIES, TORRENT, at, status

SILENT = Unknown("no answer")
# Of what is complete only the request goes, and is not fetched again.
COMPLETE = ["unmonitor", "delete_request"]


def word(request: Request, season: int | None = None, until: datetime | None = None) -> Keep:
    """Have a person keep what was asked for."""
    return Keep(request.title.key, season, until, at(0), "somebody")


# -- a movie ---------------------------------------------------------------------------------------


def test_law_7_the_order_is_unmonitor_file_entry_seerr() -> None:
    """And each waits for the one before."""
    deletion = made(WHOLE)
    assert [(step.id, step.after) for step in deletion.steps] == [
        ("unmonitor", ()),
        ("delete_file", ("unmonitor",)),
        ("delete_movie", ("unmonitor", "delete_file")),
        ("forget_media", ("unmonitor", "delete_file", "delete_movie")),
        ("delete_request", ("unmonitor", "delete_file", "delete_movie", "forget_media")),
    ]
    assert deletion.withheld == ()


def test_law_5_each_step_says_its_scope_bytes_undo_and_proof() -> None:
    """Nothing is assumed, and both names of the file are shown."""
    unmonitor, file, movie, _, request = made(WHOLE).steps
    assert (file.action, file.scope, file.cost) == (Action.DELETE_FILE, Scope.FILE, Cost(1, 8_000))
    assert (file.undo, movie.undo, request.undo) == (Undo.RE_ADD, Undo.RE_ADD, Undo.NONE)
    assert (unmonitor.undo, movie.scope, movie.cost.bytes) == (Undo.RESTORE, Scope.MOVIE, 0)
    said = " ".join(english(said) for one in file.proofs for said in (one.ours, one.theirs))
    assert FILE.path in said
    assert EVIDENCE.paths[0] in said
    assert "tmdb:990001" in said
    for one in made(WHOLE).steps:
        assert Step.from_store(json.loads(json.dumps(one.to_store()))) == one
        assert against_carrying_out(one) is None


def test_law_5_without_files_no_file_and_no_entry_is_touched() -> None:
    """Only Jellyfin's silence is harmless then: nobody asks it."""
    deaf = replace(WHOLE, evidence=SILENT, favorites=SILENT, playing=SILENT, rivals=SILENT)
    assert ids(made(deaf, files=False)) == ["unmonitor", "delete_request"]


def test_files_has_no_default() -> None:
    """A forgotten word must not delete, nor keep."""
    with pytest.raises(TypeError):
        plan_deletion(FILM, status(FILM, ()), WHOLE)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ((), "by its id Jellyfin has nothing; at that path it has nothing"),
        ((replace(EVIDENCE, paths=("/media/other/lantern.mkv",)),), "/media/other/lantern.mkv"),
        ((replace(EVIDENCE, ids=ProviderIds(tmdb=5)),), "at that path it has tmdb:5"),
        ((replace(EVIDENCE, ids=ProviderIds()),), "an item without ids (j1)"),
        ((replace(EVIDENCE, places=frozenset({Place(1, 1)})),), "by its id Jellyfin has nothing"),
        (
            (replace(EVIDENCE, paths=("/data/movies/The Lantern (2011)/lantern.mkv",)),),
            "two proofs",
        ),
        ((EVIDENCE, replace(EVIDENCE, item_id="j2", ids=ProviderIds(tmdb=5))), "tmdb:5"),
    ],
)
def test_law_4_one_proof_or_two_that_disagree_refuse_and_show_both(
    evidence: tuple[Evidence, ...], said: str
) -> None:
    """The file stays, the entry stays, the request stays, monitored; both proofs are named."""
    deletion = made(replace(WHOLE, evidence=Known(evidence)))
    assert ids(deletion) == []
    assert FILE.path in reasons(deletion)
    assert said in reasons(deletion)


def test_law_4_a_second_version_elsewhere_does_not_hide_the_proof() -> None:
    """The file that is proven goes; the other is of no concern."""
    more = replace(EVIDENCE, paths=(*EVIDENCE.paths, "/media/4k/The Lantern (2011)/lantern.mkv"))
    assert "delete_file" in ids(made(replace(WHOLE, evidence=Known((more,)))))


def test_law_4_another_radarr_with_the_same_file_or_an_unmapped_one_refuses() -> None:
    """Act only where it is sure whose file it is."""
    here = Rival("4K", "/x/lantern.mkv", EVIDENCE.paths[0])
    assert ids(made(replace(WHOLE, rivals=Known((here,))))) == []
    lost = Rival("4K", "/x/lantern.mkv", None)
    assert ids(made(replace(WHOLE, rivals=Known((lost,))))) == []
    apart = Rival("4K", "/x/lantern.mkv", "/media/4k/lantern.mkv")
    assert "delete_file" in ids(made(replace(WHOLE, rivals=Known((apart,)))))


def test_law_6_a_kept_title_and_a_favourite_stay() -> None:
    """Whatever the tag's case, and whoever's favourite."""
    kept = replace(RECORD, tags=frozenset({"Keep"}))
    assert ids(made(replace(WHOLE, record=Known(kept)))) == []
    loved = Known((Favorites("Sofa", frozenset()), Favorites("Kitchen", frozenset({"j1"}))))
    deletion = made(replace(WHOLE, favorites=loved))
    assert ids(deletion) == []
    assert "favourite of Kitchen" in reasons(deletion)


def test_law_6_a_kept_movie_without_a_file_keeps_its_entry() -> None:
    """The tag is on the entry."""
    held = replace(
        RECORD, tags=frozenset({"keep"}), units=(ArrUnit(12, MOVIE, False, None),), files=()
    )
    assert ids(made(replace(WHOLE, record=Known(held)))) == []


@pytest.mark.parametrize("files", [True, False])
def test_law_6_what_a_person_keeps_stays(files: bool) -> None:
    """The file, the entry, and the monitoring that keeps it complete; and it says until when."""
    until = datetime(2027, 1, 2, tzinfo=UTC)
    for world in (WHOLE, replace(WHOLE, evidence=Known(())), COMING):
        deletion = made(replace(world, keeps=Known((word(FILM, until=until),))), files=files)
        touched = {step.action for step in deletion.steps}
        assert touched <= {Action.DELETE_REQUEST, Action.FORGET_MEDIA}
        assert (Action.DELETE_REQUEST in touched) is (not files and world is not COMING)
        assert "a person keeps it until" in reasons(deletion)


def test_law_1_while_nobody_knows_what_people_keep_nothing_goes() -> None:
    """And it may go later."""
    deletion = made(replace(WHOLE, keeps=SILENT))
    assert ids(deletion) == []
    assert "whether a person keeps it is not known" in reasons(deletion)
    assert all(one.unknown for one in deletion.withheld)


def test_each_deletion_says_that_nobody_keeps_it() -> None:
    """The runner asks for it once more: a step that does not say so is not carried out."""
    steps = [step for step in made(WHOLE).steps if step.payload.KEEPS]
    assert [step.id for step in steps] == ["delete_file", "delete_movie"]
    for step in (*steps, *(s for s in made(show(), request=SERIES).steps if s.payload.KEEPS)):
        (finding,) = [one for one in step.findings if one.rule == Protection.KEPT]
        assert finding.answer is Answer.NO
        others = tuple(one for one in step.findings if one is not finding)
        assert against_carrying_out(step) is None
        assert "kept by a person" in english(against_carrying_out(replace(step, findings=others)))


@pytest.mark.parametrize(
    "unit",
    [
        Unit(UnitKind.MOVIE, "x", "s", "j1"),
        Unit(UnitKind.MOVIE, "x", "s", "j9", ids=FILM.ids),
    ],
)
def test_law_3_what_is_playing_stays(unit: Unit) -> None:
    """Under this item, or as another version of the title."""
    deletion = made(replace(WHOLE, playing=Known((unit,))))
    assert (ids(deletion), "playing now" in reasons(deletion)) == ([], True)


def test_another_open_request_keeps_everything() -> None:
    """What somebody else asked for is not taken from them; only a 4K in another Radarr is apart."""
    theirs = replace(FILM, id="seerr:x:9", ref="seerr:x:9")
    assert ids(made(replace(WHOLE, others=(theirs,)))) == []
    assert ids(made(replace(WHOLE, others=(theirs,)), files=False)) == ["delete_request"]
    mine = replace(FILM, arr=("r1", 12))
    other = replace(theirs, is_4k=True, arr=("r2", 3))
    apart = made(replace(WHOLE, others=(other,)), request=mine)
    # Seerr keeps what it knows of the title: the other quality is still there.
    assert ids(apart) == ["unmonitor", "delete_file", "delete_movie", "delete_request"]


def test_another_title_under_the_arrs_number_is_left_alone() -> None:
    """Numbers are given anew; ids are not."""
    other = replace(RECORD, ids=ProviderIds(tmdb=5))
    assert ids(made(replace(WHOLE, record=Known(other)))) == []


def test_a_file_outside_of_the_titles_folder_or_without_a_path_stays() -> None:
    """Whatever the arr says of it."""
    stray = replace(FILE, path="/data/movies/lantern.mkv")
    seen = replace(EVIDENCE, paths=("/media/movies/lantern.mkv",))
    odd = replace(WHOLE, record=Known(replace(RECORD, files=(stray,))), evidence=Known((seen,)))
    assert ids(made(odd)) == []
    nameless = replace(WHOLE, record=Known(replace(RECORD, files=())))
    assert ids(made(nameless)) == []


def test_seerr_forgets_a_title_only_when_nothing_is_left() -> None:
    """Not the other quality, and not what Jellyfin still has although no arr does."""
    half = Known(SeerrSide("x", 1, FILM.ids, 77, lone=False))
    assert "forget_media" not in ids(made(replace(WHOLE, seerr=half)))
    gone = replace(WHOLE, record=Absent("radarr"))
    assert ids(made(gone)) == ["delete_request"]
    assert ids(made(replace(gone, evidence=Known(())))) == ["forget_media", "delete_request"]


@pytest.mark.parametrize(
    "said", [ProviderIds(tmdb=1), ProviderIds(), ProviderIds(imdb="tt0000001")]
)
def test_a_request_of_seerr_that_may_be_another_titles_stays(said: ProviderIds) -> None:
    """Set up anew, it gives its numbers anew; one that it does not tell of is not proven ours."""
    world = replace(WHOLE, seerr=Known(SeerrSide("x", 1, said, 77, lone=True)))
    deletion = made(replace(world, record=Absent("radarr"), evidence=Known(())))
    assert (ids(deletion), "not known to be of this title" in reasons(deletion)) == ([], True)


def test_a_request_that_is_of_no_seerr_is_only_closed() -> None:
    """It was added by hand."""
    deletion = made(replace(WHOLE, seerr=Absent("arr")), files=False)
    assert deletion.steps[-1].target.kind == "showrunner"


# -- downloads -------------------------------------------------------------------------------------


def test_a_download_under_way_goes_after_the_unmonitoring() -> None:
    """With its data at qBittorrent; at rTorrent the data stays, and the step says so."""
    deletion = made(COMING, files=False)
    assert ids(deletion) == ["unmonitor", f"torrent:{HASH}", "delete_request"]
    torrent = deletion.steps[1]
    assert (torrent.after, torrent.cost, torrent.undo) == (
        ("unmonitor",),
        Cost(1, 4_000, Pool.TORRENTS),
        Undo.NONE,
    )
    keeps = replace(IN_CLIENT, kind="rTorrent", removes_data=False)
    step = made(replace(COMING, torrents=Known((keeps,))), files=False).steps[1]
    assert step.cost.bytes == 0
    assert "stays there" in " ".join(english(one) for one in step.reasons)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"other_downloads": frozenset({HASH})}, "another open request"),
        ({"queue": Known(())}, "not in Radarr's queue"),
        ({"queue": Known((replace(MINE, media_id=13),))}, "another title's"),
        ({"queue": Known((MINE, Queued("r2", 12, None, HASH)))}, "another title's"),
        ({"queue": Known((replace(MINE, media_id=None),))}, "another title's"),
        ({"downloads": ((HASH, frozenset({MOVIE, Place(1, 1)})),)}, "more than this request"),
        ({"downloads": ((HASH, frozenset()),)}, "not told yet"),
        ({"downloads": ((HASH, frozenset({MOVIE, None})),)}, "can't be named"),
    ],
)
def test_a_hash_that_is_not_surely_this_requests_stays(
    change: dict[str, object], said: str
) -> None:
    """The facts and the queues must both say so, and nobody else."""
    deletion = made(replace(COMING, **change), files=False)  # type: ignore[arg-type]
    assert f"torrent:{HASH}" not in ids(deletion)
    assert said in reasons(deletion)


@pytest.mark.parametrize(
    ("own", "others", "said"),
    [
        ({"complete": True}, (), "complete"),
        ({"progress": 100.0}, (), "complete"),
        ({"content_path": None}, (), "not known"),
        ({"state": TorrentState.CHECKING}, (), "its client works on its data (checking)"),
        ({"state": TorrentState.MOVING}, (), "its client works on its data (moving)"),
        ({"state": TorrentState.ALLOCATING}, (), "its client works on its data (allocating)"),
        ({"state": TorrentState.UNKNOWN}, (), "its client works on its data (unknown)"),
        ({"state": TorrentState.CHECKING, "complete": True}, (), "its client works on its data"),
        ({"tags": frozenset({"keep"})}, (), "keep"),
        ({"label": "Keep"}, (), "keep"),
        ({"content_path": "/data/movies/The Lantern (2011)/lantern.mkv"}, (), "keeps the title"),
        ({"content_path": "/data/movies"}, (), "keeps the title"),
        ({}, ({"content_path": "/torrents/The.Lantern.2011/sub"},), "same data"),
        ({}, ({"content_path": "/torrents"},), "same data"),
        ({}, ({"content_path": "/elsewhere", "name": "the.lantern.2011"},), "same data"),
        ({}, ({"hash": HASH, "content_path": "/elsewhere", "name": "y"},), "several"),
    ],
)
def test_a_torrent_in_use_stays(
    own: dict[str, object], others: tuple[dict[str, object], ...], said: str
) -> None:
    """It seeds, is kept, or shares its data."""
    mine = replace(IN_CLIENT, torrent=replace(TORRENT, **own))  # type: ignore[arg-type]
    other = replace(TORRENT, hash=OTHER, name="x")
    more = tuple(
        replace(IN_CLIENT, torrent=replace(other, **change))  # type: ignore[arg-type]
        for change in others
    )
    deletion = made(replace(COMING, torrents=Known((mine, *more))), files=False)
    assert f"torrent:{HASH}" not in ids(deletion)
    assert said in reasons(deletion)
    # What is under way keeps its request: closed, nobody would see to its end.
    assert ids(deletion) == ([] if "it is complete" not in reasons(deletion) else COMPLETE)


def test_law_15_a_download_that_stays_keeps_the_title_whole() -> None:
    """Neither unmonitored nor deleted nor forgotten, and its request is not closed."""
    file = replace(COMING, record=WHOLE.record, evidence=WHOLE.evidence)
    torrent = replace(TORRENT, tags=frozenset({"keep"}))
    for world in (COMING, file):
        kept = replace(IN_CLIENT, torrent=torrent)
        assert ids(made(replace(world, torrents=Known((kept,))))) == []
    assert ids(made(file)) == [
        "unmonitor",
        f"torrent:{HASH}",
        "delete_file",
        "delete_movie",
        "forget_media",
        "delete_request",
    ]


def test_law_15_what_is_complete_and_not_imported_yet_would_come_back() -> None:
    """With files it waits for its import; without it goes on, and so does the request's end."""
    torrent = replace(IN_CLIENT, torrent=replace(TORRENT, complete=True, progress=100.0))
    world = replace(COMING, torrents=Known((torrent,)))
    deletion = made(world)
    assert ids(deletion) == []
    assert "still to be imported" in reasons(deletion)
    assert all(one.unknown for one in deletion.withheld)
    assert ids(made(world, files=False)) == COMPLETE


def test_law_15_a_download_in_no_linked_client_keeps_its_request() -> None:
    """It goes on where nobody here can look, until its queue has it no more."""
    for answer in (Known(()), Absent("torrents")):
        world = replace(COMING, torrents=answer)
        assert ids(made(world)) == ids(made(world, files=False)) == []
        assert all(one.unknown for one in made(world).withheld)
        assert ids(made(replace(world, queue=Known(())), files=False)) == COMPLETE


def test_law_1_a_queue_that_is_not_known_keeps_everything() -> None:
    """Something may be under way of which our facts do not know yet."""
    world = replace(WHOLE, queue=SILENT)
    assert ids(made(world)) == ids(made(world, files=False)) == []


def test_law_15_a_kept_title_keeps_its_monitoring_and_its_download() -> None:
    """Only its request goes, and not even that while something of it is under way."""
    kept = Known(replace(RECORD, tags=frozenset({"keep"})))
    assert ids(made(replace(WHOLE, record=kept), files=False)) == ["delete_request"]
    assert ids(made(replace(COMING, record=kept), files=False)) == []


def test_law_15_a_season_that_stays_is_not_unmonitored() -> None:
    """The other one goes, with its own preparation; what shares a download goes with neither."""
    both = replace(SERIES, seasons=TheseSeasons((1, 2)))
    loved = replace(show(), favorites=Known((Favorites("Sofa", frozenset({"e504"})),)))
    assert ids(made(loved, request=both)) == ["unmonitor:1", "season:1"]
    pack = (HASH, frozenset({Place(1, 1), Place(2, 1)}))
    lines = (Queued("s1", 4, 3, HASH), Queued("s1", 4, 5, HASH))
    shared = {"downloads": (pack,), "torrents": Known((IN_CLIENT,)), "queue": Known(lines)}
    assert ids(made(replace(loved, **shared), request=both)) == []  # type: ignore[arg-type]
    free = made(replace(show(), **shared), request=both)  # type: ignore[arg-type]
    assert [(s.id, s.after) for s in free.steps[:5]] == [
        ("unmonitor:1", ()),
        ("unmonitor:2", ()),
        (f"torrent:{HASH}", ("unmonitor:1", "unmonitor:2")),
        ("season:1", ("unmonitor:1", f"torrent:{HASH}")),
        ("season:2", ("unmonitor:2", f"torrent:{HASH}")),
    ]


def test_a_download_that_another_request_of_the_title_wants_stays() -> None:
    """Also when that one has not heard of it; so does a 4K one whose Radarr is not known."""
    theirs = replace(FILM, id="seerr:x:9", ref="seerr:x:9")
    for other in (theirs, replace(theirs, is_4k=True), replace(theirs, is_4k=True, arr=("r1", 12))):
        mine = replace(FILM, arr=("r1", 12))
        deletion = made(replace(COMING, others=(other,)), files=False, request=mine)
        assert ids(deletion) == ["delete_request"], other
    apart = replace(theirs, is_4k=True, arr=("r2", 3))
    world = replace(COMING, others=(apart,))
    kept = made(world, files=False, request=replace(FILM, arr=("r1", 12)))
    assert f"torrent:{HASH}" in ids(kept)
    # Two standard requests in two Radarrs: whose file that is can't be told apart.
    twin = replace(theirs, arr=("r2", 3))
    both = made(replace(COMING, others=(twin,)), files=False, request=replace(FILM, arr=("r1", 12)))
    assert ids(both) == ["delete_request"]


# -- a series --------------------------------------------------------------------------------------

PLACES = tuple(Place(season, number) for season in (0, 1, 2) for number in (1, 2))
FOLDER = "/data/tv/The Ministry"


def name(place: Place) -> str:
    """Name an episode's file below its folder."""
    return f"S{place.season:02d}E{place.episode:02d}.mkv"


def show(**files: tuple[Place, ...]) -> Gathered:
    """Make a series; by default each episode has a file of its own."""
    split = files or {f"f{n}": (place,) for n, place in enumerate(PLACES)}
    held = tuple(
        ArrFile(500 + n, f"{FOLDER}/{name(places[0])}", 100, frozenset(places))
        for n, places in enumerate(split.values())
    )
    of = {place: file.id for file in held for place in file.places}
    units = tuple(ArrUnit(n + 1, place, True, of.get(place)) for n, place in enumerate(PLACES))
    record = ArrTitle(
        "s1", "sonarr", "Sonarr", 4, SERIES.ids, FOLDER, frozenset(), units, held, MAP
    )
    seen = tuple(
        Evidence(
            f"e{file.id}",
            SERIES.ids,
            file.places,
            (file.path.replace("/data", "/media"),),
            "show",
        )
        for file in held
    )
    seerr = Known(SeerrSide("x", 2, SERIES.ids, 78, lone=True))
    return replace(WHOLE, record=Known(record), evidence=Known(seen), seerr=seerr)


def test_of_a_series_the_requested_seasons_go_and_the_series_stays() -> None:
    """Neither specials nor another season; Seerr keeps the title, of which something is left."""
    deletion = made(show(), request=SERIES)
    assert ids(deletion) == ["unmonitor:1", "season:1", "delete_request"]
    unmonitor, season, _ = deletion.steps
    assert unmonitor.payload == UnmonitorEpisodes((3, 4))
    assert (files_of(season), season.scope) == ((502, 503), Scope.SEASON)
    assert season.cost == Cost(2, 200)


def test_law_7_a_season_waits_for_its_unmonitoring() -> None:
    """And needs none where nothing is monitored."""
    assert made(show(), request=SERIES).steps[1].after == ("unmonitor:1",)
    record = show().record
    assert isinstance(record, Known)
    off = tuple(replace(unit, monitored=False) for unit in record.value.units)
    quiet = replace(show(), record=Known(replace(record.value, units=off)))
    deletion = made(quiet, request=SERIES)
    assert (deletion.steps[0].id, deletion.steps[0].after) == ("season:1", ())


def test_a_season_with_a_file_that_is_not_named_stays() -> None:
    """Half a list is none."""
    record = show().record
    assert isinstance(record, Known)
    for files in (record.value.files[:3], record.value.files[3:]):
        half = replace(show(), record=Known(replace(record.value, files=files)))
        deletion = made(half, request=SERIES)
        assert ids(deletion) == []
        assert all(one.unknown for one in deletion.withheld)


def test_specials_only_when_they_were_requested() -> None:
    """A whole series is its seasons from the first on."""
    whole = made(show(), request=replace(SERIES, seasons=ALL))
    assert ids(whole) == [
        "unmonitor:1",
        "season:1",
        "unmonitor:2",
        "season:2",
        "delete_request",
    ]
    special = made(show(), request=replace(SERIES, seasons=TheseSeasons((0,))))
    assert ids(special) == ["unmonitor:0", "season:0", "delete_request"]


def test_a_file_with_two_episodes_goes_only_when_both_were_requested() -> None:
    """S01E02 with S02E01 in one file stays with season 1 alone, and goes with both."""
    shared = show(a=(Place(1, 1),), b=(Place(1, 2), Place(2, 1)), c=(Place(2, 2),))
    one = made(shared, request=SERIES)
    (season,) = [step for step in one.steps if step.id == "season:1"]
    assert (files_of(season), season.scope) == ((500,), Scope.EPISODE)
    assert "not this request's" in reasons(one)
    both = made(shared, request=replace(SERIES, seasons=TheseSeasons((1, 2))))
    files = [files_of(step) for step in both.steps if step.id.startswith("season")]
    assert files == [(500, 501), (502,)]


@pytest.mark.parametrize(
    "marks", [Favorites("Sofa", frozenset({"e503"})), Favorites("Sofa", frozenset({"show"}))]
)
def test_law_6_a_loved_episode_or_series_keeps_the_season(marks: Favorites) -> None:
    """Down from the series, and up from the episode."""
    assert ids(made(replace(show(), favorites=Known((marks,))), request=SERIES)) == []


def test_law_6_a_mark_on_a_season_keeps_them_all_and_one_on_another_episode_none() -> None:
    """Which season it was is not told."""
    within = Favorites("Sofa", frozenset(), within=True)
    assert ids(made(replace(show(), favorites=Known((within,))), request=SERIES)) == []
    other = Favorites("Sofa", frozenset({"e504"}))
    assert "season:1" in ids(made(replace(show(), favorites=Known((other,))), request=SERIES))


def test_law_6_a_kept_series_keeps_its_seasons_and_a_kept_season_no_other() -> None:
    """What belongs together with it stays too; its series never goes as a whole."""
    both = replace(SERIES, seasons=TheseSeasons((1, 2)))

    def left(world: Gathered, season: int | None) -> list[str]:
        keeps = Known((word(SERIES, season),))
        return ids(made(replace(world, keeps=keeps), request=both))

    assert left(show(), None) == []
    assert left(show(), 1) == ["unmonitor:2", "season:2"]
    assert left(show(), 2) == ["unmonitor:1", "season:1"]
    assert "delete_request" in left(show(), 0)
    # One file of two seasons.
    assert left(show(a=(Place(1, 1),), b=(Place(1, 2), Place(2, 1)), c=(Place(2, 2),)), 2) == []
    # A season of which nothing is there yet is not given up either.
    record = show().record
    assert isinstance(record, Known)
    none = tuple(replace(unit, file_id=None) for unit in record.value.units)
    bare = replace(show(), record=Known(replace(record.value, units=none, files=())))
    assert left(bare, 2) == []
    assert ids(made(bare, request=both))[:2] == ["unmonitor:1", "unmonitor:2"]


def test_an_episode_that_plays_keeps_its_season() -> None:
    """Also when the session does not tell which episode it is."""

    def playing(season: int | None, number: int | None) -> list[str]:
        unit = Unit(
            UnitKind.EPISODE, "x", "s", "z", series_item_id="show", season=season, episode=number
        )
        return ids(made(replace(show(), playing=Known((unit,))), request=SERIES))

    assert playing(1, 2) == []
    assert playing(None, None) == []
    assert playing(None, 14) == []
    assert "season:1" in playing(2, 1)


def test_what_plays_of_another_series_keeps_nothing() -> None:
    """Whatever number its episode has; the same one under another item of the series does."""

    def playing(series_ids: ProviderIds) -> list[str]:
        unit = Unit(
            UnitKind.EPISODE,
            "x",
            "s",
            "z",
            series_item_id="elsewhere",
            series_ids=series_ids,
            season=1,
            episode=2,
        )
        return ids(made(replace(show(), playing=Known((unit,))), request=SERIES))

    assert "season:1" in playing(ProviderIds(tvdb=4711))
    assert playing(SERIES.ids) == []


def test_a_season_that_another_request_wants_stays() -> None:
    """Season by season."""
    theirs = replace(SERIES, id="seerr:x:8", ref="seerr:x:8", seasons=TheseSeasons((2,)))
    both = replace(SERIES, seasons=TheseSeasons((1, 2)))
    deletion = made(replace(show(), others=(theirs,)), request=both)
    assert ids(deletion) == ["unmonitor:1", "season:1"]
    assert deletion.steps[0].payload == UnmonitorEpisodes((3, 4))


def test_a_pack_that_brings_an_unrequested_episode_stays() -> None:
    """By Sonarr's queue, whatever the facts say."""
    pack = replace(
        show(),
        downloads=((HASH, frozenset({Place(1, 1)})),),
        torrents=Known((IN_CLIENT,)),
        queue=Known((Queued("s1", 4, 3, HASH), Queued("s1", 4, 5, HASH))),
    )
    assert f"torrent:{HASH}" not in ids(made(pack, request=SERIES, files=False))
    alone = replace(pack, queue=Known((Queued("s1", 4, 3, HASH), Queued("s1", 4, 4, HASH))))
    assert f"torrent:{HASH}" in ids(made(alone, request=SERIES, files=False))


# -- always ----------------------------------------------------------------------------------------

_ASKED = (
    *("record", "rivals", "evidence", "favorites", "playing", "keeps"),
    *("queue", "torrents", "seerr"),
)


def silent(gathered: Gathered, names: set[str]) -> Gathered:
    """Let some sources not answer."""
    return replace(gathered, **dict.fromkeys(names, SILENT))  # type: ignore[arg-type]


def essence(deletion: Deletion) -> set[tuple[object, ...]]:
    """Say what would be changed."""
    return {(step.id, step.payload, step.target) for step in deletion.steps}


def knowledge[T](values: st.SearchStrategy[T]) -> st.SearchStrategy[Knowledge[T]]:
    """Known, absent or unknown."""
    return st.one_of(values.map(Known), st.just(Absent()), st.just(SILENT))


IDS = st.sampled_from([FILM.ids, ProviderIds(tmdb=5), ProviderIds(), ProviderIds(imdb="tt0000001")])
PATHS = st.sampled_from(
    [EVIDENCE.paths[0], FILE.path, "/media/movies/other.mkv", "/media/movies/The Lantern (2011)"]
)
ALL_EVIDENCE = st.lists(
    st.builds(
        Evidence,
        st.sampled_from(["j1", "j2"]),
        IDS,
        st.sampled_from([frozenset({MOVIE}), frozenset(), frozenset({Place(1, 1)})]),
        st.lists(PATHS, min_size=1, max_size=2).map(tuple),
    ),
    max_size=3,
).map(tuple)
RECORDS = st.builds(
    replace,
    st.just(RECORD),
    ids=IDS,
    tags=st.sampled_from([frozenset(), frozenset({"keep"}), frozenset({"x", "KEEP"})]),
    files=st.sampled_from([(FILE,), (), (replace(FILE, path="/data/movies/other.mkv"),)]),
    units=st.sampled_from(
        [(ArrUnit(12, MOVIE, on, file),) for on in (True, False) for file in (901, None, -1)]
    ),
    path_map=st.sampled_from([MAP, PathMap()]),
)
TORRENTS = st.lists(
    st.builds(
        lambda h, path, name, complete: replace(
            IN_CLIENT,
            torrent=replace(TORRENT, hash=h, content_path=path, name=name, complete=complete),
        ),
        st.sampled_from([HASH, OTHER]),
        st.sampled_from(["/torrents/a", "/torrents/a/b", "/torrents/c", None]),
        st.sampled_from(["a", "b"]),
        st.booleans(),
    ),
    max_size=3,
).map(tuple)
WORLDS = st.builds(
    Gathered,
    record=knowledge(RECORDS),
    rivals=knowledge(st.sampled_from([(), (Rival("4K", "/x", EVIDENCE.paths[0]),)])),
    evidence=knowledge(ALL_EVIDENCE),
    favorites=knowledge(
        st.sampled_from(
            [(), (Favorites("Sofa", frozenset({"j1"})),), (Favorites("Sofa", frozenset({"z"})),)]
        )
    ),
    playing=knowledge(st.sampled_from([(), (Unit(UnitKind.MOVIE, "x", "s", "j1"),)])),
    keeps=knowledge(st.sampled_from([(), (word(FILM),)])),
    downloads=st.sampled_from(
        [(), ((HASH, frozenset({MOVIE})),), ((HASH, frozenset({MOVIE})), (OTHER, frozenset()))]
    ),
    queue=knowledge(
        st.lists(
            st.sampled_from([MINE, replace(MINE, media_id=13), replace(MINE, download=OTHER)]),
            max_size=3,
        ).map(tuple)
    ),
    torrents=knowledge(TORRENTS),
    others=st.sampled_from([(), (replace(FILM, id="o", ref="o"),)]),
    other_downloads=st.sampled_from([frozenset(), frozenset({HASH})]),
    seerr=knowledge(
        st.builds(
            SeerrSide, st.just("x"), st.just(1), IDS, st.sampled_from([77, None]), st.booleans()
        )
    ),
)


@settings(max_examples=examples(600))
@given(WORLDS, st.booleans())
def test_no_plan_touches_what_it_must_not(world: Gathered, files: bool) -> None:
    """A file without both proofs, a kept, loved or playing title, or another's hash; ever."""
    deletion = made(world, files=files)
    for step in deletion.steps:
        if step.action in (Action.DELETE_FILE, Action.DELETE_MOVIE):
            assert files
            assert isinstance(world.record, Known)
            record = world.record.value
            assert record.ids == FILM.ids
            assert "keep" not in {tag.lower() for tag in record.tags}
            assert world.keeps == Known(())
            assert not world.others
        if step.action is Action.DELETE_FILE:
            assert isinstance(world.evidence, Known)
            at_path = [
                one
                for one in world.evidence.value
                if any(record.path_map.to_there(p) == record.files[0].path for p in one.paths)
            ]
            assert at_path
            assert all(one.ids == FILM.ids and one.places == {MOVIE} for one in at_path)
            assert isinstance(world.favorites, Known)
            assert not any("j1" in one.item_ids for one in world.favorites.value) or not any(
                one.item_id == "j1" for one in at_path
            )
            assert isinstance(world.playing, Known)
            assert not world.playing.value or not any(one.item_id == "j1" for one in at_path)
            assert world.rivals == Known(())
        if step.action is Action.REMOVE_TORRENT:
            named = hash_of(step)
            assert isinstance(world.queue, Known)
            assert isinstance(world.torrents, Known)
            assert named not in world.other_downloads
            assert all(q.media_id == 12 for q in world.queue.value if q.download == named)
            assert [t.torrent.hash for t in world.torrents.value].count(named) == 1
            assert not next(
                t.torrent.complete for t in world.torrents.value if t.torrent.hash == named
            )
            assert not world.others
    if any(one.blocks for one in deletion.withheld):
        assert "delete_request" not in ids(deletion)


@settings(max_examples=examples(400))
@given(WORLDS, st.booleans(), st.sets(st.sampled_from(_ASKED)))
def test_law_1_unknown_only_ever_takes_steps_away(
    world: Gathered,
    files: bool,
    names: set[str],
) -> None:
    """Whichever sources fall silent, nothing is planned that was not planned before."""
    assert essence(made(silent(world, names), files=files)) <= essence(made(world, files=files))


@given(st.sets(st.sampled_from(_ASKED)), st.booleans())
def test_law_1_of_a_series_too(names: set[str], files: bool) -> None:
    """Likewise."""
    whole, part = (
        made(world, files=files, request=SERIES) for world in (show(), silent(show(), names))
    )
    assert essence(part) <= essence(whole)


def test_law_1_a_gathering_that_asked_nobody_plans_nothing() -> None:
    """What was forgotten to ask is unknown."""
    assert made(Gathered()).steps == ()
    assert made(Gathered(), files=False).steps == ()


def test_law_3_another_file_size_or_name_is_another_intent() -> None:
    """What was approved is exactly this."""
    (before,) = [step for step in made(WHOLE).steps if step.id == "delete_file"]
    for change in ({"size_bytes": 8_001}, {"id": 902}):
        file = replace(FILE, **change)  # type: ignore[arg-type]
        units = (ArrUnit(12, MOVIE, True, file.id),)
        world = replace(WHOLE, record=Known(replace(RECORD, files=(file,), units=units)))
        (after,) = [step for step in made(world).steps if step.id == "delete_file"]
        assert not same_intent(before, after)
    (same,) = [step for step in made(WHOLE).steps if step.id == "delete_file"]
    assert same_intent(before, same)


def test_law_8_the_budget_counts_files_torrents_and_entries() -> None:
    """And law 10 only what takes the title."""
    assert {action for action in Action if action.destructive} == {
        Action.DELETE_MOVIE,
        Action.DELETE_SERIES,
        Action.DELETE_FILE,
        Action.DELETE_EPISODE_FILES,
        Action.REMOVE_TORRENT,
        Action.REMOVE_REMOTE_FILES,
        Action.TRASH_FILE,
    }
    assert not Action.TRASH_FILE.takes_title
    assert not Action.REMOVE_TORRENT.takes_title
    assert Action.DELETE_FILE.takes_title


# -- what is left out, and what is said of it ------------------------------------------------------


def test_a_request_that_stays_is_said_once_where_nothing_else_was_to_be_done() -> None:
    """Nothing of the title would have been touched: there is nothing more to say of it."""
    idle = replace(RECORD, units=(ArrUnit(12, MOVIE, False, 901),))
    deletion = made(replace(WHOLE, record=Known(idle), seerr=SILENT), files=False)
    assert deletion.steps == ()
    assert [one.step_id for one in deletion.withheld] == ["delete_request"]


@pytest.mark.parametrize("evidence", [SILENT, Absent("jellyfin")])
def test_seerr_keeps_a_title_while_nobody_says_whether_jellyfin_shows_it(
    evidence: Knowledge[tuple[Evidence, ...]],
) -> None:
    """Its arr has it no more, and Seerr's next scan would find it again in Jellyfin."""
    deletion = made(replace(WHOLE, record=Absent("arr"), evidence=evidence))
    assert ids(deletion) == ["delete_request"]
    [kept] = deletion.withheld
    assert (kept.step_id, kept.unknown, kept.blocks) == ("forget_media", True, False)
    assert "whether Jellyfin still shows it is not known" in english(kept.reason)


def test_of_many_reasons_three_are_said_and_the_rest_is_counted() -> None:
    """All of them are among the findings."""
    protected = replace(
        WHOLE,
        record=Known(replace(RECORD, tags=frozenset({"keep"}))),
        rivals=SILENT,
        evidence=SILENT,
        favorites=SILENT,
        playing=SILENT,
    )
    deletion = made(protected)
    assert "delete_movie" not in ids(deletion)
    whole = next(one for one in deletion.withheld if one.step_id == "delete_file")
    assert len(whole.findings) > 3
    assert english(whole.reason).endswith(f"(and {len(whole.findings) - 3} more)")
    three = made(replace(protected, rivals=Known(()), evidence=WHOLE.evidence))
    assert "more)" not in reasons(three)


def test_an_arr_that_tells_nothing_of_a_movie_is_asked_again() -> None:
    """It has the title, and says neither that it has a file nor that it has none."""
    deletion = made(replace(WHOLE, record=Known(replace(RECORD, units=(), files=()))))
    assert deletion.steps == ()
    [movie] = [one for one in deletion.withheld if one.step_id == "delete_movie"]
    assert (movie.unknown, movie.blocks) == (True, True)
    assert english(movie.reason) == "Radarr tells nothing of it"


def test_a_download_stays_that_brings_an_episode_whose_file_stays() -> None:
    """The file holds an episode of a season that nobody asked to delete, too."""
    asked, beside = Place(1, 1), Place(2, 1)
    series = replace(
        RECORD,
        kind="sonarr",
        name="Sonarr",
        ids=SERIES.ids,
        units=(ArrUnit(101, asked, True, 901), ArrUnit(201, beside, True, 901)),
        files=(replace(FILE, places=frozenset({asked, beside})),),
    )
    coming = replace(
        COMING,
        record=Known(series),
        downloads=((HASH, frozenset({asked})),),
        queue=Known((replace(MINE, unit_id=101),)),
        seerr=Known(SeerrSide("x", 1, SERIES.ids, 77, lone=True)),
    )
    deletion = made(coming, request=SERIES)
    assert deletion.steps == ()
    [torrent] = [one for one in deletion.withheld if one.step_id == f"torrent:{HASH}"]
    assert english(torrent.reason) == "it is also for an episode whose file stays"
    assert torrent.blocks


def test_what_jellyfin_does_not_tell_proves_nothing_and_disproves_nothing() -> None:
    """Unknown is never no."""
    silent = file_proofs(RECORD, FILE, replace(WHOLE, evidence=SILENT), FILM.ids)
    assert [one.answer for one in silent] == [Answer.UNKNOWN, Answer.UNKNOWN]
    empty = file_proofs(RECORD, FILE, replace(WHOLE, evidence=Known(())), FILM.ids)
    assert [one.answer for one in empty] == [Answer.NO, Answer.NO]


def test_a_download_stays_while_nobody_knows_whose_title_it_is() -> None:
    """Whatever the queue says: another arr may wait for it."""
    unheld = replace(COMING, record=SILENT)
    against = against_removing(FILM, unheld, HASH, frozenset({MOVIE}), files=True)
    assert against is not None
    assert (against.unknown, against.harmless) == (True, False)


@pytest.mark.parametrize(("one", "other"), [(None, True), (False, None), (None, None)])
def test_what_an_older_version_did_not_say_of_a_torrents_data_is_no_difference(
    one: bool | None, other: bool | None
) -> None:
    """The data goes where it went then; another torrent is another one all the same."""
    mine = a_step(1, payload=RemoveTorrent("A" * 40, 5, data=one))
    theirs = replace(mine, payload=RemoveTorrent("A" * 40, 5, data=other))
    assert same_intent(mine, theirs)
    assert not same_intent(mine, replace(theirs, payload=RemoveTorrent("B" * 40, 5, data=other)))
    said = replace(mine, payload=RemoveTorrent("A" * 40, 5, data=True))
    assert not same_intent(said, replace(mine, payload=RemoveTorrent("A" * 40, 5, data=False)))


def test_who_had_asked_is_named_where_that_is_known() -> None:
    """Each step says for whom it goes."""
    for who, key in (("", "deletion_reason"), ("Ann", "deletion_reason_of")):
        steps = made(WHOLE, request=replace(FILM, requested_by=who)).steps
        said = {step.reasons[0] for step in steps}
        assert [one.key for one in said if isinstance(one, Text)] == [key]
        assert all(who in english(one) for one in said)


def test_what_is_left_out_is_kept_with_all_that_was_found() -> None:
    """And whether it is to be asked again."""
    deletion = made(replace(WHOLE, record=SILENT))
    [withheld] = [one for one in deletion.withheld if one.unknown][:1]
    kept = withheld.left_out
    assert (kept.title, kept.reason) == (withheld.what, withheld.reason)
    assert (kept.unknown, kept.findings) == (True, withheld.findings)
