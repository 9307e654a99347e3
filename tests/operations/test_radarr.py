"""What is done to a movie in Radarr: asked for once, read back, and kept for the way back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.showrunner.clients.errors import Unreachable
from custom_components.showrunner.clients.radarr_models import ArrCommand
from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.plan import (
    AddMovie,
    DeleteMovie,
    DeleteMovieFile,
    FileFingerprint,
    Payload,
    RestoreMovie,
    SearchMovie,
    Target,
    UnmonitorMovie,
    UpdateMovie,
)
from custom_components.showrunner.operations import NotPossible, Operation, all_operations
from custom_components.showrunner.operations.radarr import file_mark

from .linked import FILM, IDS, NOW, RECORD, Book, Linked, Radarr, movie, step

FILE = FileFingerprint(70, "/data/movies/The Matrix (1999)/matrix.mkv", 700)
AS_IT_WAS = RestoreMovie(
    True, True, 6, "/data/movies", "/data/movies/The Matrix (1999)", "inCinemas", (3,)
)
CHANGED_BACK = RestoreMovie(False, False, 1, "/data/stream")
ALL: list[Payload] = [
    AddMovie(6, "/data/movies"),
    UpdateMovie(),
    SearchMovie(),
    UnmonitorMovie(),
    DeleteMovieFile((FILE,)),
    DeleteMovie(),
    AS_IT_WAS,
]
OTHER = replace(FILM, ids=ProviderIds(tmdb=5), name="Another")


def operation(radarr: Radarr, payload: Payload) -> Operation:
    """Give the operation of a payload's action."""
    return all_operations(Linked(radarr=radarr), Book(), lambda: NOW)[payload.ACTION]


async def told(radarr: Radarr, payload: Payload, **more: Any) -> Any:
    """Read back."""
    return await operation(radarr, payload).read_back(step(payload, **more), NOW)


@pytest.mark.parametrize("payload", ALL, ids=lambda one: one.ACTION.value)
async def test_nothing_is_done_at_a_radarr_that_is_not_linked(payload: Payload) -> None:
    """Neither by mistake at another one."""
    radarr = Radarr()
    elsewhere = step(payload, target=Target("there", "radarr", 7, None, IDS))
    one = operation(radarr, payload)
    with pytest.raises(NotPossible):
        await one.apply(elsewhere)
    with pytest.raises(NotPossible):
        await one.read_back(elsewhere, NOW)
    assert radarr.writes == []


@pytest.mark.parametrize("payload", [UnmonitorMovie(), DeleteMovieFile((FILE,)), DeleteMovie()])
async def test_what_is_taken_is_kept_whole_before(payload: Payload) -> None:
    """Radarr's record, or nothing is taken."""
    one = operation(Radarr(), payload)
    assert await one.snapshot(step(payload)) == {"record": RECORD}
    gone = operation(Radarr(held=None), payload)
    with pytest.raises(NotPossible):
        await gone.snapshot(step(payload))
    nameless = step(payload, target=Target("here", "radarr", None, None, IDS))
    with pytest.raises(NotPossible):
        await one.snapshot(nameless)


@pytest.mark.parametrize("payload", ALL, ids=lambda one: one.ACTION.value)
async def test_reading_back_writes_nothing(payload: Payload) -> None:
    """However often it is asked."""
    radarr = Radarr(held=None)
    for held in (movie(), movie(has_file=False, file_id=None), None):
        radarr.held = held
        await told(radarr, payload)
    assert radarr.writes == []


# -- fetching --------------------------------------------------------------------------------------


async def test_a_movie_is_added_with_what_was_wished() -> None:
    """By its TMDb id, and only as the one that is meant."""
    radarr, wish = Radarr(held=None), AddMovie(6, "/data/movies", "showrunner")
    without = step(wish, target=Target("here", "radarr", None, None, IDS))
    assert isinstance(await told(radarr, wish, target=without.target), Absent)
    applied = await operation(radarr, wish).apply(without)
    assert applied is not None
    assert applied.after == {"movie_id": 8}
    (tag, add) = radarr.writes
    assert tag == ("tag", "showrunner")
    wished = {"root_folder": "/data/movies", "profile_id": 6, "tags": (9,), "expected": FILM}
    assert add == ("add", 603, wished)
    assert isinstance(await told(radarr, wish, target=without.target), Known)
    assert operation(radarr, wish).undo({}, {}) == (DeleteMovie(),)


async def test_a_movie_without_a_tmdb_id_is_not_added() -> None:
    """Radarr could not know which is meant."""
    radarr, wish = Radarr(held=None), AddMovie(6, "/data/movies")
    nameless = Target("here", "radarr", None, None, ProviderIds(imdb="tt0133093"))
    with pytest.raises(NotPossible):
        await operation(radarr, wish).apply(step(wish, target=nameless))
    assert isinstance(await told(radarr, wish, target=nameless), Absent)
    assert radarr.writes == []


async def test_a_change_is_only_what_was_wished() -> None:
    """Read back field by field; how it was before puts it back."""
    radarr = Radarr(held=movie(monitored=False, quality_profile_id=1, root_folder="/data/stream"))
    wish = UpdateMovie(6, "/data/movies", "showrunner")
    one = operation(radarr, wish)
    before = await one.snapshot(step(wish))
    assert await one.apply(step(wish)) is None
    assert radarr.writes[-1] == (
        "edit",
        7,
        {
            "monitored": True,
            "quality_profile_id": 6,
            "root_folder_path": "/data/movies",
            "add_tags": (9,),
        },
    )
    assert isinstance(await told(radarr, wish), Known)
    for other in (UpdateMovie(7), UpdateMovie(None, "/elsewhere")):
        assert isinstance(await told(radarr, other), Absent)
    assert isinstance(await told(Radarr(held=movie(monitored=False)), UpdateMovie()), Absent)
    assert isinstance(await told(Radarr(), UpdateMovie(None, "/data/movies/")), Known)
    assert one.undo(before, {}) == (CHANGED_BACK,)
    assert one.undo({}, {}) == ()


@pytest.mark.parametrize("payload", [UpdateMovie(), SearchMovie()])
async def test_what_is_gone_is_neither_changed_nor_searched(payload: Payload) -> None:
    """And says so."""
    radarr = Radarr(held=None)
    with pytest.raises(NotPossible):
        await operation(radarr, payload).apply(step(payload))
    assert isinstance(await told(radarr, payload), Absent)


async def test_a_search_is_found_by_its_command_or_by_when_radarr_searched() -> None:
    """Since the step was begun; an earlier one, another's or another command is not it."""
    radarr, wish = Radarr(), SearchMovie()
    applied = await operation(radarr, wish).apply(step(wish))
    assert applied is not None
    assert (applied.after, radarr.writes) == (
        {"movie_id": 7, "command_id": 5},
        [("search", 7)],
    )
    assert isinstance(await told(radarr, wish), Absent)
    early, late = NOW - timedelta(minutes=2), NOW + timedelta(seconds=1)
    for at, found in ((early, Absent), (late, Known)):
        radarr.held = movie(last_search=at)
        assert isinstance(await told(radarr, wish), found)
    radarr.held = movie()
    for numbers, at, search, found in (
        ((7,), late, True, Known),
        ((7,), early, True, Absent),
        ((6,), late, True, Absent),
        ((7,), late, False, Absent),
    ):
        radarr.running = (command(numbers, at, search=search),)
        assert isinstance(await told(radarr, wish), found)
    assert operation(radarr, wish).undo({}, {}) == ()


def command(numbers: tuple[int, ...], at: Any, *, search: bool) -> ArrCommand:
    """Make a command of Radarr's."""
    fields: dict[str, Any] = dict.fromkeys(ArrCommand.__slots__)  # type: ignore[attr-defined]
    name = "MoviesSearch" if search else "RefreshMovie"
    return ArrCommand(**fields | {"id": 5, "name": name, "movie_ids": numbers, "queued": at})


# -- deleting --------------------------------------------------------------------------------------


async def test_a_movie_is_unmonitored_and_nothing_else() -> None:
    """It counts when Radarr shows it of this very movie."""
    radarr, wish = Radarr(), UnmonitorMovie()
    assert isinstance(await told(radarr, wish), Absent)
    assert await operation(radarr, wish).apply(step(wish)) is None
    assert radarr.writes == [("edit", 7, {"monitored": False})]
    assert isinstance(await told(radarr, wish), Known)
    radarr.held = movie(monitored=False, title=OTHER)
    assert isinstance(await told(radarr, wish), Absent)


async def test_exactly_one_file_is_deleted() -> None:
    """What was freed is its size; of a movie that is gone nobody can tell."""
    radarr, wish = Radarr(), DeleteMovieFile((FILE,))
    assert isinstance(await told(radarr, wish), Absent)
    assert await operation(radarr, wish).apply(step(wish)) is None
    assert radarr.writes == [("delete_file", 70)]
    found = await told(radarr, wish)
    assert isinstance(found, Known)
    assert (found.value.bytes_freed, found.value.after) == (700, {"file_id": 70})
    radarr.held = None
    assert isinstance(await told(radarr, wish), Unknown)
    for files in ((), (FILE, FILE)):
        odd = DeleteMovieFile(files)
        with pytest.raises(NotPossible):
            await operation(radarr, odd).apply(step(odd))


async def test_an_entry_is_forgotten_when_radarr_itself_says_so() -> None:
    """A 404 of a proxy is none; another title under its number is as good as gone.

    Radarr can't be asked for a movie by every id: then it says in another way that it is there.
    """
    radarr, wish = Radarr(), DeleteMovie()
    unnumbered = Target("here", "radarr", 7, None, ProviderIds(imdb=IDS.imdb))
    assert isinstance(await told(radarr, wish), Absent)
    assert await operation(radarr, wish).apply(step(wish)) is None
    assert radarr.writes == [("delete_movie", 7)]
    assert isinstance(await told(radarr, wish), Known)
    assert isinstance(await told(radarr, wish, target=unnumbered), Known)
    radarr.down = True
    with pytest.raises(Unreachable):
        await told(radarr, wish)
    with pytest.raises(Unreachable):
        await told(radarr, wish, target=unnumbered)
    radarr.held = movie(title=OTHER)
    assert isinstance(await told(radarr, wish), Known)
    radarr.held = movie(title=replace(FILM, ids=ProviderIds()))
    assert isinstance(await told(radarr, wish), Absent)


# -- the way back ----------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [DeleteMovieFile((FILE,)), DeleteMovie()])
def test_a_record_says_how_a_deleted_one_was(payload: Payload) -> None:
    """Its folder, profile, tags, monitored or not; then it is searched. Half of it says nothing."""
    one = operation(Radarr(), payload)
    assert one.undo({"record": RECORD}, {}) == (AS_IT_WAS, SearchMovie())
    assert one.undo({"record": {**RECORD, "monitored": None}}, {}) == ()
    assert one.undo({}, {}) == ()
    said = {**RECORD, "rootFolderPath": "/data", "tags": ["x", True, 4], "qualityProfileId": True}
    back, _ = one.undo({"record": said}, {})
    assert isinstance(back, RestoreMovie)
    assert (back.root_folder, back.tags, back.quality_profile_id) == ("/data", (4,), None)
    bare, _ = one.undo({"record": {"monitored": False}}, {})
    assert bare == RestoreMovie(False, True)


def test_of_an_unmonitoring_only_that_is_put_back() -> None:
    """What a person changed since, profile and folder, stays as it is."""
    one = operation(Radarr(), UnmonitorMovie())
    assert one.undo({"record": RECORD}, {}) == (RestoreMovie(True, False),)
    assert one.undo({"record": {}}, {}) == ()
    assert one.undo({}, {}) == ()


async def test_what_was_deleted_is_added_as_it_was() -> None:
    """In one request, so that it is done or not; it need not be added twice."""
    radarr = Radarr(held=None)
    one = operation(radarr, AS_IT_WAS)
    assert await one.snapshot(step(AS_IT_WAS)) == {"in_radarr": False}
    assert isinstance(await told(radarr, AS_IT_WAS), Absent)
    assert await one.apply(step(AS_IT_WAS)) is None
    ((kind, tmdb, wish),) = radarr.writes
    assert (kind, tmdb) == ("add", 603)
    assert wish == {
        "root_folder": "/data/movies",
        "profile_id": 6,
        "tags": (3,),
        "expected": FILM,
        "monitored": True,
        "folder": RECORD["path"],
        "minimum_availability": "inCinemas",
    }
    found = await told(radarr, AS_IT_WAS)
    assert isinstance(found, Known)
    assert found.value.after == {"movie_id": 8}
    radarr.writes.clear()
    await one.apply(step(AS_IT_WAS))
    assert radarr.writes == [("edit", 8, {"monitored": True})]


async def test_one_that_is_there_again_keeps_what_a_person_gave_it() -> None:
    """Its folder and profile; it is only monitored as it was."""
    radarr = Radarr(held=movie(monitored=False, quality_profile_id=9, root_folder="/data2"))
    one = operation(radarr, AS_IT_WAS)
    assert await one.snapshot(step(AS_IT_WAS)) == {"record": RECORD}
    assert isinstance(await told(radarr, AS_IT_WAS), Absent)
    await one.apply(step(AS_IT_WAS))
    assert radarr.writes == [("edit", 7, {"monitored": True})]
    assert isinstance(await told(radarr, AS_IT_WAS), Known)


async def test_what_was_only_changed_is_put_back_and_never_added() -> None:
    """Nor is Radarr told another folder while its file lies where it is: it would lose it."""
    gone = Radarr(held=None)
    with pytest.raises(NotPossible):
        await operation(gone, CHANGED_BACK).apply(step(CHANGED_BACK))
    filed = Radarr()
    with pytest.raises(NotPossible):
        await operation(filed, CHANGED_BACK).apply(step(CHANGED_BACK))
    assert gone.writes == filed.writes == []
    radarr = Radarr(held=movie(has_file=False, file_id=None))
    assert isinstance(await told(radarr, CHANGED_BACK), Absent)
    await operation(radarr, CHANGED_BACK).apply(step(CHANGED_BACK))
    ((_, number, wish),) = radarr.writes
    assert (number, wish["monitored"]) == (7, False)
    assert (wish["quality_profile_id"], wish["root_folder_path"]) == (1, "/data/stream")
    assert isinstance(await told(radarr, CHANGED_BACK), Known)
    there = RestoreMovie(False, False, None, "/data/movies")
    await operation(filed, there).apply(step(there))
    assert isinstance(await told(filed, there), Known)


@pytest.mark.parametrize("lacking", ["quality_profile_id", "root_folder"])
async def test_half_a_record_adds_nothing(lacking: str) -> None:
    """Where a movie has to lie, and in which quality, nobody guesses."""
    radarr, half = Radarr(held=None), replace(AS_IT_WAS, **{lacking: None})
    with pytest.raises(NotPossible):
        await operation(radarr, half).apply(step(half))
    nameless = Target("here", "radarr", 7, None, ProviderIds())
    with pytest.raises(NotPossible):
        await operation(radarr, AS_IT_WAS).apply(step(AS_IT_WAS, target=nameless))
    assert radarr.writes == []


async def test_a_payload_of_another_action_is_refused() -> None:
    """A defect of ours, said as such before anything is asked for."""
    radarr = Radarr()
    for payload in (UpdateMovie(), UnmonitorMovie(), DeleteMovie(), AS_IT_WAS):
        other = SearchMovie() if payload.ACTION != SearchMovie.ACTION else UpdateMovie()
        with pytest.raises(NotPossible):
            await operation(radarr, payload).apply(step(other))
    assert radarr.writes == []


def test_a_file_is_told_from_another_by_name_and_size() -> None:
    """Wherever it lies, in the words of either system."""
    assert file_mark(movie()) == "matrix.mkv 700"
    assert file_mark(movie(file_path="D:\\x\\matrix.mkv")) == "matrix.mkv 700"
    assert file_mark(movie(has_file=False)) == ""


async def test_what_is_gone_has_nothing_to_remember_before_a_change() -> None:
    """The ledger would keep a movie that there is not."""
    with pytest.raises(NotPossible):
        await operation(Radarr(held=None), UpdateMovie()).snapshot(step(UpdateMovie()))


@pytest.mark.parametrize(
    ("more", "done"),
    [
        ({"monitored": False, "quality_profile_id": 1, "root_folder": "/data/stream/"}, True),
        ({"monitored": False, "quality_profile_id": 6, "root_folder": "/data/stream"}, False),
        ({"monitored": False, "quality_profile_id": 1, "root_folder": None}, False),
        ({"monitored": True, "quality_profile_id": 1, "root_folder": "/data/stream"}, False),
    ],
)
async def test_a_change_is_put_back_only_when_all_of_it_is(
    more: dict[str, Any], done: bool
) -> None:
    """Monitored, profile and root folder."""
    answer = await told(Radarr(held=movie(**more)), CHANGED_BACK)
    assert isinstance(answer, Known) is done
