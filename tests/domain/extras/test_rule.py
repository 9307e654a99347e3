"""Extras by examples: what is marked, what only looks so, and what is small beside a main video."""

from dataclasses import replace

import pytest

from custom_components.showrunner.domain.extras import (
    PATTERNS,
    ExtrasPolicy,
    Folder,
    Home,
    Library,
    Markers,
)

from .trees import MB, NOW, POLICY, TITLES, against, folder, home, taken, video

HEAT = "Movies/Heat (1995)"
MAIN = {"Heat (1995).mkv": 8000}


@pytest.mark.parametrize(
    "name",
    [
        "Heat (1995)-trailer.mkv",
        "Heat (1995)-trailer2.mp4",
        "Heat (1995)-behindthescenes.mkv",
        "Heat (1995)-Featurette.m4v",
        "Heat (1995)-deletedscene.mov",
        "Heat (1995)-deleted.wmv",
        "Heat (1995)-interview.webm",
        "Heat (1995)-short.ts",
        "Heat (1995)-extra.avi",
        "Heat (1995)-bonus.mkv",
        "Heat (1995)-making of.mkv",
        "Heat (1995) trailer.mkv",
        "Heat (1995) - Trailer.mkv",
        "Robert De Niro-interview.mkv",
        "Heat.1995.1080p.BluRay.x264-GRP.sample.mkv",
        "Heat.1995.sample.1080p.BluRay.x264-GRP.mkv",
        "heat.1995.1080p.x264-grp-sample.mkv",
        "heat_1995_sample.mkv",
        "Heat.1995.Behind.the.Scenes.mkv",
        "Heat.sample.mkv",
        "sample-heat.1995.mkv",
        "sample_grp_heat.mkv",
        "sample.heat.1995.mkv",
        "SAMPLE.MKV",
        "trailer.mp4",
        "sample2.avi",
        "proof.mkv",
        "featurette.mkv",
    ],
)
def test_a_marked_video_beside_its_film_is_taken(name: str) -> None:
    """However it is marked; the film itself never is."""
    assert taken(home(HEAT, MAIN | {name: 60})) == {name}


@pytest.mark.parametrize(
    "name",
    [
        "Sample", "Samples", "Trailers", "Trailer", "Featurettes", "Behind The Scenes",
        "behind.the.scenes", "Deleted Scenes", "Extras", "Bonus", "Interviews", "Shorts", "Proof",
        "Making Of",
    ],
)  # fmt: skip
def test_what_lies_in_a_folder_of_extras_is_taken(name: str) -> None:
    """Whatever it is called itself."""
    assert taken(home(HEAT, MAIN, {name: {"anything.mkv": 90}})) == {f"{name}/anything.mkv"}


def test_samples_of_series_are_taken_by_their_markers() -> None:
    """In the series' folder, in a season's, and beside an episode."""
    show = home("TV/Fargo", {}, {"Extras": {"Cast.mkv": 90}}, subfolders=["Season 1"], below=900)
    assert taken(show) == {"Extras/Cast.mkv"}
    season = home(
        "TV/Fargo/Season 1",
        {"Fargo - S01E01 - Pilot.mkv": 900, "Fargo - S01E01 - Pilot-trailer.mkv": 30},
        {"Sample": {"s.mkv": 20}},
    )
    assert taken(season) == {"Fargo - S01E01 - Pilot-trailer.mkv", "Sample/s.mkv"}
    release = home(
        "Fargo.S01E01.1080p.WEB.h264-GRP",
        {"fargo.s01e01.1080p.web.h264-grp.mkv": 900, "fargo.s01e01.1080p.web.sample.mkv": 20},
    )
    assert taken(release) == {"fargo.s01e01.1080p.web.sample.mkv"}


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_never_taken(title: str) -> None:
    """In its own folder, among others in one folder, as a release, as a series, as an episode."""
    dotted = title.replace(" ", ".")
    film = home(f"Movies/{title} (2019)", {f"{title} (2019).mkv": 400})
    assert not taken(film)
    versions = {
        f"{title} (2019) - 2160p.mkv": 40_000,
        f"{title} (2019).mkv": 400,
        f"{title}.avi": 300,
    }
    assert not taken(home(f"Movies/{title} (2019)", versions))
    release = f"{dotted}.2019.1080p.BluRay.x264-GRP"
    assert not taken(home(release, {f"{release}.mkv": 8000, f"{dotted}.mkv": 400}))
    for name in (title, f"{title} (2019)", dotted, f"{dotted}.2019", release, title.lower()):
        for path in ("", "Movies", "Movies 4K"):
            others = {"Avatar (2009).mkv": 40_000, "Big.mkv": 3000, "Death.mkv": 9000}
            assert not taken(home(path, others | {f"{name}.mkv": 300})), (path, name)
    for name in (f"{dotted}.S01E01.1080p.WEB.h264-GRP", f"{title} - S01E01 - {title}"):
        episodes = {f"{name}.mkv": 100, "Fargo - S01E02.mkv": 4000}
        assert not taken(home(f"TV/{title}", episodes, library=Library.SERIES))
        assert not taken(home("TV", episodes))
    episode = {f"Fargo.S01E05.{dotted}.1080p.WEB.mkv": 100, "Fargo.S01E04.mkv": 4000}
    assert not taken(home("TV/Fargo/Season 1", episode))
    assert not taken(home(f"TV/{title}", {"s.mkv": 10}, subfolders=["Season 1"], below=4000))


@pytest.mark.parametrize("title", TITLES)
def test_its_own_extras_are_still_taken(title: str) -> None:
    """A marker after a title that has one in it."""
    name = f"{title} (2019)-trailer.mkv"
    assert taken(home(f"Movies/{title} (2019)", {f"{title} (2019).mkv": 4000, name: 60})) == {name}


@pytest.mark.parametrize("name", ["Sample", "Extras", "Shorts", "Trailer", "Interview", "Proof"])
def test_a_folder_named_as_a_marker_in_a_library_is_a_title(name: str) -> None:
    """Only in the folder of one title it is one of extras."""
    videos = {f"{name}.mkv": 300}
    for path in ("", "Movies", "Movies 4K"):
        loose = {"Avatar.2009.1080p.mkv": 9000, "Heat.mkv": 8000}
        assert not taken(home(path, loose, {name: videos}, subfolders=["Big (1988)"]))


def test_who_calls_itself_by_a_marker_is_no_marker() -> None:
    """A release group's name, at the end of another version of the film."""
    videos = {
        "Heat.1995.2160p.UHD.BluRay.x265-GRP.mkv": 40_000,
        "Heat.1995.480p.DVDRip.XviD-SHORT.avi": 450,
        "Heat.1995.480p.WEB.DD5.1.H.264-EXTRA.avi": 450,
    }
    assert not taken(home(HEAT, videos))


def test_small_videos_beside_the_one_of_a_movie_are_taken() -> None:
    """At most as large as the options say, and a quarter of it."""
    videos = MAIN | {"RARBG.com.mp4": 5, "grp-ht.mkv": 499}
    assert taken(home(HEAT, videos)) == {"RARBG.com.mp4", "grp-ht.mkv"}
    assert taken(home(HEAT, MAIN | {"other.mkv": 500})) == set()
    assert taken(home(HEAT, {"Heat.mkv": 1900, "other.mkv": 476})) == set()
    assert taken(home(HEAT, {"Heat.mkv": 1900, "other.mkv": 475})) == {"other.mkv"}


@pytest.mark.parametrize(
    "beside",
    [
        {"Heat (1995) - 480p.mkv": 450},
        {"Heat.avi": 400},
        {"Ronin (1998).avi": 450},
        {"Ronin.DVDRip.avi": 450},
        {"other.cd1.avi": 450, "other.cd2.avi": 450},
        {"other part 2.avi": 450},
        {"one.mkv": 400, "two.mkv": 400, "three.mkv": 400, "four.mkv": 400},
        {"second.mkv": 6000, "small.mkv": 100},
    ],
)
def test_a_small_video_that_is_one_of_its_own_stays(beside: dict[str, float]) -> None:
    """Another version, a part, another film; nor where there is no one main video."""
    assert not taken(home(HEAT, MAIN | beside))


def test_nothing_is_taken_by_size_in_a_series_or_a_library() -> None:
    """However small it is."""
    small = {"odd.mkv": 20}
    assert not taken(home("TV/Heat (1995)", MAIN | small, library=Library.SERIES))
    assert not taken(home("TV/Fargo/Season 2", {"Fargo.S02E01.mkv": 4000} | small))
    assert not taken(home("Fargo/Specials", {"Specials.mkv": 4000} | small))
    assert not taken(home("", MAIN | small))
    assert not taken(home("Movies", MAIN | small))
    assert not taken(home("Movies/Heat", {"other.mkv": 8000} | small))
    assert taken(home("Movies/Heat (1995)", MAIN | small, library=Library.MOVIES)) == {"odd.mkv"}


def test_an_extra_that_was_not_chosen_is_wanted() -> None:
    """Whoever wants trailers keeps them, in whatever way they are marked, and however small."""
    few = ExtrasPolicy(Markers.of(["Samples", "extras"]), 500 * MB)
    videos = MAIN | {"Heat (1995)-trailer.mkv": 60, "trailer.mkv": 50, "sample.mkv": 20}
    inner = {"Trailers": {"t.mkv": 9}, "Extras": {"a-trailer.mkv": 9, "b.mkv": 9}}
    inner |= {"Extras/Trailers": {"c.mkv": 9}}
    assert taken(home(HEAT, videos, inner), few) == {"sample.mkv", "Extras/b.mkv"}
    promo = ExtrasPolicy(Markers.of(["promo"]), 500 * MB)
    assert taken(home(HEAT, MAIN | {"Heat (1995)-promo.mkv": 60}), promo) == {
        "Heat (1995)-promo.mkv"
    }


def test_what_is_marked_and_stays_says_why() -> None:
    """The main video, one that is being written, a symbolic link, an episode, one alone."""
    lonely = home("Heat.1995.1080p.BluRay.x264-GRP", {"heat.1995.1080p.sample.mkv": 60})
    assert against(lonely) == {"heat.1995.1080p.sample.mkv": "extra_without_main"}
    large = home(HEAT, {"Heat (1995).mkv": 100}, {"Extras": {"film.mkv": 8000}})
    assert against(large) == {"Extras/film.mkv": "extra_is_main"}
    episode = home("TV/Fargo", {}, {"Extras": {"Fargo S00E01.mkv": 9}},
                   subfolders=["Season 1"], below=900)  # fmt: skip
    assert against(episode) == {"Extras/Fargo S00E01.mkv": "extra_is_episode"}
    fresh = video("sample.mkv", 60, at=NOW)
    link = video("trailer.mkv", 60, link=True)
    written = Folder(
        ("Movies", "Heat (1995)"),
        (*folder(HEAT, MAIN | {"proof.mkv": 3}).videos, fresh, link),
        unfinished=frozenset({"proof.mkv"}),
    )
    assert against(Home(written)) == {
        "sample.mkv": "extra_being_written",
        "proof.mkv": "extra_being_written",
        "trailer.mkv": "extra_is_link",
    }
    assert not taken(Home(written))


def test_a_link_is_no_main_video() -> None:
    """What lies elsewhere proves nothing here."""
    linked = replace(
        folder(HEAT, {"sample.mkv": 60}),
        videos=(video("Heat (1995).mkv", 8000, link=True), video("sample.mkv", 60)),
    )
    assert not taken(Home(linked), POLICY)


def test_the_defaults_are_known_markers() -> None:
    """Each is one word, and none is another's plural."""
    assert Markers.of(PATTERNS).chosen == set(PATTERNS)
