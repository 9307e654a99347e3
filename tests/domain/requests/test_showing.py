"""Whether an item of Jellyfin's is what a request waits for: by ids, place, file and width."""

from dataclasses import replace
from datetime import datetime

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import MOVIE, Place, ProviderIds
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.requests.facts import (
    EventKind,
    Facts,
    Inventory,
    JellyfinPresence,
)
from custom_components.showrunner.domain.requests.seasons import ALL
from custom_components.showrunner.domain.requests.showing import (
    File,
    Shown,
    Wanted,
    item_names,
    keys_of,
    may_be,
    names_of,
    place_keys,
    seen,
    shows,
    unmatched,
    wanted,
    was_swept,
)

from .samples import FILM, HASH, SERIES, at, event

MAP = PathMap((PathPair("/media", "/data"),))
THERE = "/data/movies/The Lantern (2011)/The Lantern.mkv"
HERE = "/media/movies/The Lantern (2011)/The Lantern.mkv"
ELSEWHERE = "/media/uhd/The Lantern (2011)/The Lantern.mkv"
ITEM = LibraryItem(
    "s", "i1", ItemKind.MOVIE, "The Lantern", ProviderIds(tmdb=990001), path=HERE, year=2011
)
EPISODE = LibraryItem(
    "s", "i2", ItemKind.EPISODE, "One", path="/media/shows/a.mkv", season=1, episode=2
)
TVDB = ProviderIds(tvdb=880101)
NONE = ProviderIds()


def movie(**more: object) -> Wanted:
    """Wait for the movie."""
    values: dict[str, object] = {
        "request": FILM,
        "place": MOVIE,
        "imported_at": at(1),
        "path": THERE,
        "matched": False,
    }
    return Wanted(**(values | more))  # type: ignore[arg-type]


def episode(number: int = 2, *, season: int = 1, **more: object) -> Wanted:
    """Wait for an episode."""
    return movie(request=SERIES, place=Place(season, number), path="/data/shows/a.mkv", **more)


def shown(*files: File) -> Shown:
    """Show the movie with these files."""
    return Shown(ITEM, files)


def test_a_movie_is_known_by_its_ids_and_never_by_its_name() -> None:
    """One id that agrees, and none that disagrees."""
    assert may_be(movie(), ITEM, NONE, MAP)
    for ids in (NONE, ProviderIds(tmdb=5), ProviderIds(tmdb=5, imdb="tt0000001")):
        assert not may_be(movie(), replace(ITEM, ids=ids), NONE, MAP)
    assert not may_be(movie(), replace(ITEM, kind=ItemKind.SERIES), NONE, MAP)


@pytest.mark.parametrize(
    ("change", "number", "found"),
    [
        ({}, 2, True),
        ({}, 3, False),
        ({"season": 2}, 2, False),
        ({"season": None}, 2, False),
        ({"episode": None}, 2, False),
        ({"episode": 1, "episode_end": 3}, 2, True),
        ({"episode": 1, "episode_end": 3}, 4, False),
        ({"episode": 1, "episode_end": 999}, 60, False),
        ({"episode": 3, "episode_end": 1}, 2, False),
    ],
)
def test_an_episode_is_known_by_its_series_and_place(
    change: dict[str, int | None], number: int, found: bool
) -> None:
    """One file may hold several; a number that makes no sense holds one."""
    item = replace(EPISODE, **change)  # type: ignore[arg-type]
    assert may_be(episode(number), item, TVDB, MAP) is found
    assert not may_be(episode(number), item, ProviderIds(tvdb=1), MAP)
    assert not may_be(episode(number), item, NONE, MAP)


def test_specials_are_judged_alone() -> None:
    """Season 0 is a place like any other, and no other one's."""
    special = replace(EPISODE, season=0, episode=1)
    assert may_be(episode(1, season=0), special, TVDB, MAP)
    assert not may_be(episode(1), special, TVDB, MAP)


def test_an_anime_movie_may_be_an_episode_and_the_reverse() -> None:
    """By its file, by IMDb, or by TMDb when Shoko has matched it; others by none of these."""
    anime = replace(
        FILM, anime=True, title=replace(FILM.title, ids=ProviderIds(7, None, "tt0000007"))
    )
    as_episode = replace(EPISODE, path=HERE)
    assert may_be(movie(request=anime), as_episode, NONE, MAP)
    assert set(names_of(movie(request=anime), MAP)) & set(item_names(as_episode, NONE))
    assert not may_be(movie(request=replace(anime, anime=False)), as_episode, NONE, MAP)
    known = replace(EPISODE, ids=ProviderIds(imdb="tt0000007"))
    assert may_be(movie(request=anime), known, NONE, MAP)
    numbered = replace(EPISODE, ids=ProviderIds(tmdb=7))
    assert not may_be(movie(request=anime), numbered, NONE, MAP)
    assert may_be(movie(request=anime, matched=True), numbered, NONE, MAP)
    series = replace(SERIES, anime=True)
    as_movie = replace(ITEM, path="/media/shows/a.mkv")
    assert may_be(replace(episode(), request=series), as_movie, NONE, MAP)
    assert not may_be(episode(), as_movie, NONE, MAP)


def test_an_absolute_number_is_never_guessed() -> None:
    """Jellyfin's S01E29 is not S02E05, whatever the name says; its file is."""
    series = replace(SERIES, anime=True, seasons=ALL)
    one = replace(episode(5, season=2), request=series, path="/data/shows/029.mkv")
    absolute = replace(EPISODE, season=1, episode=29, path="/media/shows/other.mkv")
    assert not may_be(one, absolute, TVDB, MAP)
    unnumbered = replace(absolute, season=None, episode=None, path="/media/shows/029.mkv")
    assert may_be(one, unnumbered, TVDB, MAP)


@pytest.mark.parametrize(
    ("files", "standard", "uhd"),
    [
        ([File(HERE, 1920)], True, False),
        ([File(ELSEWHERE, 3840)], False, True),
        ([File(HERE, 1920), File(ELSEWHERE, 3840)], True, True),
        # What was fetched for this very request is it, however wide.
        ([File(HERE, 3840)], True, True),
        ([File(ELSEWHERE, None)], True, False),
        ([File(ELSEWHERE, 1920)], True, False),
        ([File(ELSEWHERE, 3100)], True, False),
    ],
)
def test_standard_and_4k_are_separate(files: list[File], standard: bool, uhd: bool) -> None:
    """By the place of the file where that is known, else by its width."""
    assert shows(movie(), shown(*files), MAP) is standard
    four = movie(request=replace(FILM, is_4k=True), path="/data/4k/other.mkv")
    assert shows(four, shown(*files), MAP) is uhd


def test_the_4k_request_is_known_by_its_own_file() -> None:
    """Also where nobody tells how wide it is."""
    four = movie(request=replace(FILM, is_4k=True), path=THERE)
    assert shows(four, shown(File(HERE)), MAP)
    assert not shows(four, shown(File(HERE)), PathMap())


def test_without_known_paths_a_4k_file_is_a_file() -> None:
    """A household without a mapping is not left waiting for ever."""
    only = shown(File(ELSEWHERE, 3840))
    assert shows(movie(), only, PathMap())
    assert shows(movie(path=""), only, MAP)
    assert not shows(movie(), only, MAP)


def test_what_is_wanted_is_what_was_not_seen() -> None:
    """Of a series the requested seasons; with the file that the arr names."""
    facts = Facts().with_(
        [
            Inventory(Place(1, 1), at(5), has_file=True, path="/data/1.mkv"),
            Inventory(Place(1, 2), at(5), has_file=True, path="/data/2.mkv"),
            Inventory(Place(2, 1), at(5), has_file=True),
            JellyfinPresence(Place(1, 1), at(6), seen=True),
        ]
    )
    assert [(one.place, one.path, one.imported_at) for one in wanted(SERIES, facts)] == [
        (Place(1, 2), "/data/2.mkv", at(5))
    ]
    assert [one.place for one in wanted(FILM, Facts())] == [MOVIE]
    assert keys_of(next(wanted(FILM, Facts()))) == ("movie:tmdb:990001",)
    assert keys_of(next(wanted(SERIES, facts))) == ("series:tvdb:880101:s1e2",)
    assert seen(facts) == {Place(1, 1): True}
    assert seen(facts.with_([JellyfinPresence(Place(1, 1), at(9), seen=False)])) == {
        Place(1, 1): False
    }


def test_shoko_is_asked_for_imported_anime_alone() -> None:
    """Until it is matched, or can be played."""
    facts = Facts().with_(
        [
            event(EventKind.GRABBED, 0, MOVIE, HASH),
            event(EventKind.IMPORTED, 1, MOVIE, HASH),
            Inventory(MOVIE, at(2), has_file=True, path=THERE),
        ]
    )
    anime = replace(FILM, anime=True)
    assert [one.path for one in unmatched(anime, facts)] == [THERE]
    assert not list(unmatched(FILM, facts))
    assert not list(unmatched(anime, facts.with_([event(EventKind.MATCHED, 3)])))
    assert not list(unmatched(anime, facts.with_([JellyfinPresence(MOVIE, at(3), seen=True)])))
    nowhere = Facts().with_([Inventory(MOVIE, at(2), has_file=False, path=THERE)])
    assert not list(unmatched(anime, nowhere))


_IDS = st.builds(
    ProviderIds,
    st.none() | st.integers(1, 2),
    st.none() | st.integers(1, 2),
    st.none() | st.sampled_from(["tt0000001", "tt0000002"]),
)
_PLACES = st.none() | st.integers(0, 3)


@given(
    st.builds(
        LibraryItem,
        server_id=st.just("s"),
        item_id=st.just("i"),
        kind=st.sampled_from(ItemKind),
        name=st.just("The Lantern"),
        ids=_IDS,
        path=st.sampled_from([None, HERE, THERE, "/media/shows/a.mkv"]),
        season=_PLACES,
        episode=_PLACES,
        episode_end=_PLACES,
    ),
    _IDS,
    _IDS,
    st.builds(
        Wanted,
        request=st.sampled_from(
            [FILM, SERIES, replace(FILM, anime=True), replace(SERIES, anime=True)]
        ),
        place=st.builds(Place, st.integers(0, 3), st.integers(0, 3)),
        imported_at=st.none(),
        path=st.sampled_from(["", THERE, "/data/shows/a.mkv"]),
        matched=st.booleans(),
    ),
)
def test_whatever_it_may_be_it_is_found_by_a_name(
    item: LibraryItem, series_ids: ProviderIds, ids: ProviderIds, one: Wanted
) -> None:
    """The index that spares us to compare everything with everything loses nothing."""
    title = replace(one.request.title, ids=ids)
    one = replace(one, request=replace(one.request, title=title))
    if one.request.is_movie:
        one = replace(one, place=MOVIE)
    if may_be(one, item, series_ids, MAP):
        assert set(names_of(one, MAP)) & set(item_names(item, series_ids))


@given(st.integers(0, 8000) | st.none(), st.booleans())
def test_no_single_file_fulfils_both_unless_it_is_somebodys_own(
    width: int | None, mapped: bool
) -> None:
    """Known paths: one foreign file is either standard or 4K, never both and never neither."""
    file = shown(File(ELSEWHERE if mapped else "/elsewhere/x.mkv", width))
    four = movie(request=replace(FILM, is_4k=True), path="/data/4k/other.mkv")
    assert shows(movie(), file, MAP) is not shows(four, file, MAP)


def test_an_anime_movie_of_another_year_is_another() -> None:
    """Its number at TMDb may be an episode's."""
    anime = replace(
        FILM, anime=True, title=replace(FILM.title, ids=ProviderIds(7, None, "tt0000007"))
    )
    known = replace(EPISODE, ids=ProviderIds(imdb="tt0000007"), year=FILM.title.year)
    assert may_be(movie(request=anime), known, NONE, MAP)
    assert not may_be(movie(request=anime), replace(known, year=1953), NONE, MAP)


def test_an_item_without_a_path_is_named_by_its_ids_alone() -> None:
    assert list(item_names(replace(ITEM, path=None), NONE)) == ["movie:tmdb:990001"]
    named = list(item_names(replace(EPISODE, path=None), TVDB))
    assert named == ["series:tvdb:880101:s1e2"]


def test_an_anime_series_is_also_found_by_its_files() -> None:
    """By its own numbers, too, and never as an episode of another series."""
    series = replace(SERIES, anime=True)
    one = replace(episode(), request=series, path="/data/shows/a.mkv")
    assert [name for name in names_of(one, MAP) if name.startswith("path:")]
    assert not [name for name in names_of(one, MAP) if name.startswith("episode:")]
    assert set(keys_of(one)) <= set(names_of(one, MAP))


def test_several_places_of_a_series_have_names_of_their_own() -> None:
    """As the library has them."""
    places = (Place(1, 1), Place(1, 2))
    found = place_keys(SERIES, places)
    assert found == {place: keys_of(episode(place.episode)) for place in places}


def test_what_is_no_anime_is_found_by_its_ids_alone() -> None:
    """A file under its path may be another title's by now."""
    for one in (movie(), episode()):
        assert tuple(names_of(one, MAP)) == keys_of(one)


def test_a_sweep_has_seen_the_very_file_that_the_arr_has() -> None:
    """Asked for before it began, there before it began, and where the arr says it is."""
    assert was_swept(movie(), ITEM, at(1), MAP)
    assert was_swept(movie(), replace(ITEM, seen_at=at(1)), at(1), MAP)
    assert was_swept(movie(request=replace(FILM, is_4k=True)), ITEM, at(1), MAP)


@pytest.mark.parametrize(
    ("one", "item", "read_at"),
    [
        (movie(), replace(ITEM, path=ELSEWHERE), at(1)),
        (movie(), replace(ITEM, path=None), at(1)),
        (movie(path=""), ITEM, at(1)),
        (movie(imported_at=None), ITEM, at(1)),
        (movie(), ITEM, FILM.requested_at),
        (movie(), replace(ITEM, seen_at=at(2)), at(1)),
    ],
)
def test_less_than_that_is_for_jellyfin_to_say(
    one: Wanted, item: LibraryItem, read_at: datetime
) -> None:
    """Another file, none, one that the arr does not have, or one that came later."""
    assert not was_swept(one, item, read_at, MAP)
