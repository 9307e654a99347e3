"""Extras by trees whose makers know what everything in them is, and by names made of anything."""

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given, strategies as st

from custom_components.showrunner.domain.extras import (
    PATTERNS,
    ExtrasPolicy,
    Folder,
    Home,
    Library,
    Markers,
    judge,
)

from .trees import MB, NOW, POLICY, TITLES, folder, home, taken, video

PLAIN = (
    "Heat",
    "Big",
    "Death",
    "Free",
    "The Matrix",
    "2012",
    "1917",
    "Blade Runner 2049",
    "Amélie",
)
GROUPS = ("GRP", "SHORT", "EXTRA", "PROOF", "BONUS", "iNTERViEW")
WAYS = ("{title} ({year}){ext}", "{dotted}.{year}.1080p.BluRay.x264-{group}{ext}")
MARKS = ("trailer", "featurette", "behindthescenes", "deletedscene", "sample", "interview", "extra")
INNER = ("Sample", "Trailers", "Featurettes", "Behind The Scenes", "Deleted Scenes", "Extras")


@dataclass(frozen=True)
class Made:
    """A home, and what its maker knows to be extras in it."""

    home: Home
    extras: frozenset[str]


titles = st.sampled_from(PLAIN + TITLES)
years = st.integers(1950, 2026)


@st.composite
def films(draw: st.DrawFn) -> Made:
    """Make a film's own folder: the film, other versions of it, and extras of all kinds."""
    title, year, group = draw(titles), draw(years), draw(st.sampled_from(GROUPS))
    names = {"title": title, "dotted": title.replace(" ", "."), "year": year, "group": group}
    path = draw(st.sampled_from(("", "Movies/"))) + draw(st.sampled_from(WAYS)).format(
        **names, ext=""
    )
    main = draw(st.sampled_from(WAYS)).format(**names, ext="")
    size = draw(st.integers(1200, 40_000))
    videos: dict[str, float] = {f"{main}.mkv": size}
    if draw(st.booleans()):
        other = draw(st.sampled_from(WAYS)).format(**names, ext=".avi")
        videos.setdefault(other, draw(st.integers(50, size - 1)))
    small = st.integers(1, 250)
    extras: dict[str, float] = {}
    for mark in draw(st.lists(st.sampled_from(MARKS), unique=True, max_size=3)):
        extras[f"{title} ({year})-{mark}.mkv"] = draw(small)
    if draw(st.booleans()):
        extras[f"{title.replace(' ', '.')}.{year}.1080p.{group}.sample.mkv"] = draw(small)
    marked = {
        name: {"any.mkv": draw(small)}
        for name in draw(st.lists(st.sampled_from(INNER), unique=True, max_size=2))
    }
    inner = {f"{name}/any.mkv" for name in marked}
    return Made(home(path, videos | extras, marked), frozenset(extras) | inner)


@st.composite
def libraries(draw: st.DrawFn) -> Made:
    """Make a folder of many films: whatever is small in it is a film, or marked by its year."""
    videos: dict[str, float] = {}
    for title in draw(st.lists(titles, min_size=1, max_size=6, unique=True)):
        names = {"title": title, "dotted": title.replace(" ", "."), "year": draw(years)}
        name = draw(st.sampled_from((*WAYS, "{title}{ext}", "{dotted}{ext}")))
        videos[name.format(**names, group="GRP", ext=".mkv")] = draw(st.integers(1, 40_000))
    path = draw(st.sampled_from(("", "Movies", "Filme", "Movies 4K")))
    kind = draw(st.sampled_from((Library.MOVIES, Library.UNKNOWN)))
    return Made(home(path, videos, subfolders=["Ronin (1998)"], library=kind), frozenset())


@st.composite
def seasons(draw: st.DrawFn) -> Made:
    """Make a season of a series: small episodes beside large ones, and what is marked."""
    title = draw(titles)
    episodes = draw(st.lists(st.integers(1, 30), min_size=1, max_size=5, unique=True))
    videos: dict[str, float] = {}
    extras: dict[str, float] = {}
    for number in episodes:
        name = f"{title} - S01E{number:02} - {draw(titles)}"
        videos[f"{name}.mkv"] = draw(st.integers(40, 4000))
        if draw(st.booleans()):
            extras[f"{name}-{draw(st.sampled_from(MARKS))}.mkv"] = draw(st.integers(1, 9))
    path = f"TV/{title}/" + draw(st.sampled_from(("Season 1", "Staffel 01", "S01")))
    return Made(home(path, videos | extras, library=Library.SERIES), frozenset(extras))


@given(films())
def test_of_a_film_exactly_its_extras_are_taken(made: Made) -> None:
    """Whatever its title is made of."""
    assert taken(made.home) == made.extras


@given(libraries())
def test_of_a_library_nothing_is_taken(made: Made) -> None:
    """Its files are films, however they are called."""
    assert taken(made.home) == set()


@given(seasons())
def test_of_a_season_exactly_its_extras_are_taken(made: Made) -> None:
    """Whatever its episodes are called."""
    assert taken(made.home) == made.extras


# -- names made of anything ------------------------------------------------------------------------

pieces = st.sampled_from(
    (
        *("Heat", "1995", "1080p", "the", "S01E02", "x264", "GRP", "cd1", "\udce4", "日本"),
        *("e\u0301", *PATTERNS),
    )
)
gaps = st.sampled_from((".", "-", "_", " ", " - ", " (", ")-", "[", "\n", "$(x)"))
odd_names = st.builds(
    lambda parts, ending: "".join(piece + gap for piece, gap in parts) + ending,
    st.lists(st.tuples(pieces, gaps), min_size=1, max_size=6),
    st.sampled_from(("end.mkv", "sample.mkv", "Heat.mkv", "1.avi")),
)
paths = st.sampled_from(
    ("", "Movies", "Movies/Heat (1995)", "Heat.1995.1080p-GRP", "TV/Heat/Season 1", "TV/Extras")
)


@st.composite
def homes(draw: st.DrawFn) -> Home:
    """Make a home of any names, with files that are fresh, or links."""
    names = draw(st.lists(odd_names, min_size=1, max_size=6, unique=True))
    path = draw(paths)
    made = [
        video(
            name,
            draw(st.integers(0, 9000)),
            at=NOW - timedelta(minutes=draw(st.sampled_from((1, 59, 61, 6000)))),
            link=draw(st.booleans()) and draw(st.booleans()),
        )
        for name in names
    ]
    half = draw(st.integers(0, len(made)))
    parts = tuple(path.split("/")) if path else ()
    within = Folder((*parts, "Sample"), tuple(made[half:]))
    own = Folder(parts, tuple(made[:half]), frozenset({"Sample"}))
    library = draw(st.sampled_from(tuple(Library)))
    return Home(own, library, ((("sample",), within),), draw(st.sampled_from((0, 5000 * MB))))


@given(homes())
def test_what_is_never_taken(one: Home) -> None:
    """Links, what is being written, the largest; without a marker only a small one of a film."""
    every = [*one.folder.videos, *(v for _, inner in one.marked for v in inner.videos)]
    for verdict in judge(one, POLICY, NOW):
        if verdict.against is not None:
            continue
        assert not verdict.video.is_link
        assert NOW - verdict.video.changed_at >= timedelta(hours=1)
        assert one.folder.parts or any(word in verdict.video.name.lower() for word in PATTERNS)
        larger = [one for one in every if one.size_bytes > verdict.video.size_bytes]
        assert larger or one.below_bytes > verdict.video.size_bytes
        if not any(word in "/".join(verdict.path).lower() for word in PATTERNS):
            assert verdict.video.size_bytes < 500 * MB
            assert one.library is not Library.SERIES
            assert any(v.size_bytes >= 4 * verdict.video.size_bytes for v in larger)
            assert not any("s01e02" in v.name.lower() for v in one.folder.videos)


@given(homes(), st.sets(st.sampled_from(PATTERNS)))
def test_fewer_markers_never_take_more(one: Home, chosen: set[str]) -> None:
    """What was marked by one that is no longer chosen does not go for another reason."""
    fewer = ExtrasPolicy(Markers.of(chosen), POLICY.min_video_bytes)
    for place in (one, replace(one, library=Library.SERIES)):
        assert taken(place, fewer) <= taken(place, POLICY)


def test_a_folder_of_a_hundred_thousand_files_is_judged_at_once() -> None:
    """Not each against each."""
    videos = {f"{number} - trailer.mkv": float(number % 300) for number in range(20_000)}
    assert not taken(Home(folder("Movies", videos)))
