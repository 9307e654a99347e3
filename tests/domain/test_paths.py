"""Paths of different services: whole components, the longest prefix, no escape."""

import unicodedata

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.paths import (
    PathMap,
    PathPair,
    below,
    contains,
    normalize,
    propose,
    same,
)

MAP = PathMap(
    (
        PathPair("/media/movies", "/data/movies"),
        PathPair("/media", "/mnt/all"),
        PathPair("/films", "D:\\Films"),
    )
)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/media/movies/A (1999)/A.mkv", "/data/movies/A (1999)/A.mkv"),
        ("/media/shows/B", "/mnt/all/shows/B"),
        ("/media/movies", "/data/movies"),
        ("/media/movies2/C", "/mnt/all/movies2/C"),
        ("/films/D/d.mkv", "D:\\Films\\D\\d.mkv"),
    ],
)
def test_the_longest_prefix_of_whole_components_wins(here: str, there: str) -> None:
    """In both directions."""
    assert MAP.to_there(here) == there
    assert MAP.to_here(there) == here


@pytest.mark.parametrize(
    "path", ["/other/x", "relative/x", "", "/media/../etc/passwd", "/data/moviesx/y", "/media\0/x"]
)
def test_what_no_pair_covers_maps_to_nothing(path: str) -> None:
    """Nor what climbs out."""
    assert MAP.to_here(path) is None or not path.startswith("/data/movies/")
    assert PathMap().to_there(path) is None
    if ".." in path or "\0" in path:
        assert MAP.to_there(path) is None


def test_unicode_forms_are_the_same_path() -> None:
    """NFC and NFD, as different disks write them."""
    composed = "/media/movies/Amélie"
    decomposed = unicodedata.normalize("NFD", composed)
    assert same(composed, decomposed)
    assert contains(decomposed, composed + "/a.mkv")
    assert MAP.to_there(decomposed) == unicodedata.normalize("NFD", "/data/movies/Amélie")


def test_windows_does_not_mind_the_case_and_posix_does() -> None:
    """As their disks do."""
    assert same("D:\\Films\\A", "d:/films/a/")
    assert not same("/Films/A", "/films/a")


def test_separators_at_the_end_mean_nothing() -> None:
    """Doubled ones neither."""
    assert normalize("/data//movies/") == "/data/movies"
    assert contains("/data/movies/", "/data/movies/x")
    assert not contains("/data/movies", "/data/movies2/x")
    assert contains("/", "/anything")


def test_a_mapping_is_proposed_from_shared_titles() -> None:
    """The common end of both paths is stripped, as far as the root folders."""
    shared = [
        ("/media/movies/A (1999)/A.mkv", "/data/movies/A (1999)/A.mkv"),
        ("/media/stream/B (2001)/B.mkv", "/data/stream/B (2001)/B.mkv"),
        ("/media/movies/C (2003)/other.mkv", "/data/movies/C (2003)/C.mkv"),
    ]
    found = propose(["/media/movies", "/media/stream"], ["/data/movies", "/data/stream"], shared)
    assert found.pairs == (
        PathPair("/media/movies", "/data/movies"),
        PathPair("/media/stream", "/data/stream"),
    )
    assert propose([], [], shared) == PathMap()


names = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0:"), min_size=1, max_size=8)
rests = st.lists(names.filter(lambda name: name not in (".", "..")), min_size=1, max_size=4)


@given(rests)
def test_there_and_back_is_the_same_place(rest: list[str]) -> None:
    """Whatever the names."""
    path = "/media/movies/" + "/".join(rest)
    there = MAP.to_there(path)
    assert there is not None
    back = MAP.to_here(there)
    assert back is not None
    assert same(back, path)


@given(rests, rests)
def test_containment_never_crosses_a_name(one: list[str], other: list[str]) -> None:
    """A longer name that begins alike is another folder; nothing climbs."""
    folder = "/" + "/".join(one)
    assert contains(folder, folder + "/" + "/".join(other))
    assert not contains(folder + "x", folder + "/" + "/".join(other))
    assert not contains(folder, folder + "/../" + "/".join(other))


def test_a_pair_that_leads_nowhere_maps_nothing() -> None:
    """A folder that is not whole names no place."""
    assert PathMap((PathPair("/media", "films"),)).to_there("/media/A (1999)") is None


@pytest.mark.parametrize("pair", [("films/A", "/data/A"), ("/media/A", "/data/../A")])
def test_a_path_that_is_not_whole_proposes_nothing(pair: tuple[str, str]) -> None:
    """It could lie anywhere."""
    assert propose(["/media"], ["/data"], [pair]) == PathMap(())


def test_what_is_equal_up_to_the_root_is_one_tree() -> None:
    """Both see the same disk."""
    assert propose(["/"], ["/"], [("/A", "/A")]) == PathMap((PathPair("/", "/"),))


@pytest.mark.parametrize(
    ("folder", "named"),
    [("/data", "/data/a"), ("/data/", "/data/a"), ("C:\\data", "C:\\data\\a"), ("data", "data/a")],
)
def test_what_lies_below_a_folder_is_named_as_its_path_is(folder: str, named: str) -> None:
    """With its own separator."""
    assert below(folder, "a") == named
