"""Which root folders hold streams: by their names, and by the files in them."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.stream_folders import streamed


@pytest.mark.parametrize(
    "folder",
    [
        "/data/stream",
        "/data/Streaming/movies",
        "/mnt/strm",
        "/mnt/realdebrid/movies",
        "/mnt/remote/rclone/films",
        "/mnt/zurg/__all__",
        "/data/movies_stream",
        "/data/movies-streams",
        "/srv/decypharr/symlinks",
        "D:\\Streamed\\Films",
    ],
)
def test_a_name_speaks_for_streams(folder: str) -> None:
    """Words and programs that people name such folders after."""
    assert streamed([folder, "/data/movies"], []) == {folder}


@pytest.mark.parametrize(
    "folder",
    ["/data/movies", "/mnt/mainstream", "/data/Streamliner", "/data/downstream", "/bitstreams"],
)
def test_a_name_that_only_sounds_like_it(folder: str) -> None:
    """A word inside of another says nothing."""
    assert streamed([folder], []) == frozenset()


def test_most_files_decide_and_the_innermost_folder_has_them() -> None:
    """One stray .strm does not make a folder a stream, nor do those of a folder inside of it."""
    mixed = [("/m/a", "/x/a.mkv"), ("/m/b", "/x/b.STRM"), ("/m/c", "/x/c.strm")]
    assert streamed(["/m"], mixed) == {"/m"}
    assert streamed(["/m"], mixed[:2]) == frozenset()
    twice = [("/m/a", "/x/a.mkv"), ("/m/a", "/y/a.strm")]
    assert streamed(["/m"], twice) == {"/m"}
    inner = [("/m/s/a", "a.strm"), ("/m/s/b", "b.strm"), ("/m/c", "c.mkv")]
    assert streamed(["/m", "/m/s"], inner) == {"/m/s"}


@given(st.lists(st.sampled_from(["/a/1", "/b/2", "/elsewhere/3"])), st.booleans())
def test_nothing_is_invented(places: list[str], strm: bool) -> None:
    """Only folders that were named, and never for want of facts."""
    file = "x.strm" if strm else "x.mkv"
    found = streamed(["/a", "/b"], [(place, file) for place in places])
    assert found == ({f"/{p[1]}" for p in places if p[1] in "ab"} if strm else frozenset())
