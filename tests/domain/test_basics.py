"""Three answers, ids and titles, and what makes a film rare."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.knowledge import (
    Absent,
    Answer,
    Known,
    Unknown,
    all_of,
    any_of,
    first,
    fmap,
    holds,
    most,
)
from custom_components.showrunner.domain.media import (
    MediaType,
    ProviderIds,
    TitleRef,
    Unit,
    UnitKind,
    normalize_guid,
)
from custom_components.showrunner.domain.rarity import KEYWORDS, genre_in, keyword_in

GUID = "ee39bef06f503dd0e9dbd20593df417f"


def test_law_1_three_answers() -> None:
    """Unknown is neither no nor zero nor absent."""
    silent = Unknown("time-out")
    assert holds(silent, bool, absent=Answer.NO) is Answer.UNKNOWN
    assert holds(Absent(), bool, absent=Answer.NO) is Answer.NO
    assert holds(Known(0), bool, absent=Answer.YES) is Answer.NO
    assert fmap(silent, lambda value: 1) is silent
    assert first(Absent("a"), silent, Known(3)) == Known(3)
    assert first(Absent("a"), silent) is silent
    assert most([Known(1), Known(4, "x"), silent]) == Known(4, "x")
    assert most([Known(4, "x"), Known(1)]) == Known(4, "x")
    assert fmap(Known(2, "x"), str) == Known("2", "x")
    assert most([silent, Absent()]) is silent
    assert most([Absent("a")]) == Absent("a")
    assert most([]) == Absent()


answers = st.lists(st.sampled_from(Answer))


@given(answers)
def test_all_and_any_are_each_others_mirror(given_answers: list[Answer]) -> None:
    """Kleene's logic."""
    mirror = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.UNKNOWN: Answer.UNKNOWN}
    assert any_of(given_answers) is mirror[all_of(mirror[one] for one in given_answers)]


@pytest.mark.parametrize(
    ("raw", "ids"),
    [
        ({"Tmdb": "603", "Imdb": "tt0133093"}, ProviderIds(603, None, "tt0133093")),
        ({"tmdb": 603, "imdb": 133093}, ProviderIds(603, None, "tt0133093")),
        ({"Tmdb": "0", "Imdb": "", "Tvdb": None}, ProviderIds()),
        ({"Tmdb": "-5", "Imdb": "nm0000001", "Tvdb": "12a"}, ProviderIds()),
        ({"Tmdb": True, "Tvdb": 2**60}, ProviderIds()),
        ({"Tmdb": "4513-some-words", "Tvdb": "121361/"}, ProviderIds(4513, 121361)),
        ({"Imdb": "tt0133093/?ref"}, ProviderIds(None, None, "tt0133093")),
        ({"Imdb": "tt0000000"}, ProviderIds()),
        ({"Imdb": "tt\u0660\u0661\u0663\u0663\u0660\u0669\u0663"}, ProviderIds()),
        ({"Imdb": 10**13}, ProviderIds()),
    ],
)
def test_ids_are_read_from_what_services_send(raw: dict[str, object], ids: ProviderIds) -> None:
    """Digits, numbers and rubbish."""
    assert ProviderIds.from_mapping(raw) == ids


@pytest.mark.parametrize(
    "value", ["0" * 32, "00000000-0000-0000-0000-000000000000", GUID + "\n", GUID[1:], "-" * 99, 7]
)
def test_what_is_no_jellyfin_id(value: object) -> None:
    """.NET's empty id names nothing; a line end is no part of one."""
    assert normalize_guid(value) is None


def test_ids_that_contradict_prove_nothing() -> None:
    """One agrees and one does not: not known."""
    one = ProviderIds(603, None, "tt0133093")
    assert one.matches(ProviderIds(603)) is Answer.YES
    assert one.matches(ProviderIds(604)) is Answer.NO
    assert one.matches(ProviderIds(603, None, "tt9999999")) is Answer.UNKNOWN
    assert one.matches(ProviderIds(tvdb=1)) is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("tmdb:603", TitleRef(ids=ProviderIds(tmdb=603))),
        (" imdb:tt0133093 ", TitleRef(ids=ProviderIds(imdb="tt0133093"))),
        (GUID, TitleRef(item_id=GUID)),
        ("ee39bef0-6f50-3dd0-e9db-d20593df417f", TitleRef(item_id=GUID)),
        ("movie:tmdb:603", TitleRef(ids=ProviderIds(tmdb=603), media=MediaType.MOVIE)),
        ("Series: tvdb: 121361", TitleRef(ids=ProviderIds(tvdb=121361), media=MediaType.SERIES)),
        ("tmdb:4513-some-words", TitleRef(ids=ProviderIds(tmdb=4513))),
        ("The Matrix", TitleRef(name="The Matrix")),
        ("Alien: Covenant", TitleRef(name="Alien: Covenant")),
        ("Movie: The Movie", TitleRef(name="Movie: The Movie")),
        ("tmdb:x", TitleRef(name="tmdb:x")),
        ("name:603", TitleRef(name="name:603")),
        (" ", None),
        ("", None),
    ],
)
def test_a_title_is_written_as_an_id_an_item_or_a_name(text: str, ref: TitleRef | None) -> None:
    """What people type."""
    assert TitleRef.parse(text) == ref


def test_season_0_is_a_season() -> None:
    """Specials have their place; a missing number has none."""
    special = Unit(
        UnitKind.EPISODE, "S", "s", GUID, series_ids=ProviderIds(tvdb=5), season=0, episode=1
    )
    assert "series:tvdb:5:s0e1" in special.keys
    nowhere = Unit(UnitKind.EPISODE, "S", "s", GUID, series_ids=ProviderIds(tvdb=5), season=None)
    assert nowhere.keys == (f"item:s:{GUID}",)


def test_two_servers_may_use_the_same_item_id() -> None:
    """The key names its server."""
    one, other = (Unit(UnitKind.MOVIE, "M", server, GUID) for server in ("a", "b"))
    assert set(one.keys).isdisjoint(other.keys)
    assert normalize_guid("{" + GUID.upper() + "}") == GUID


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Film.1999.Criterion.1080p", "criterion"),
        ("Film (Director\u2019s Cut)", "director's cut"),
        ("Film_Directors_Cut_1080p", "directors cut"),
        ("Film - COLLECTOR'S EDITION", "collector's edition"),
        ("Remastered", "remastered"),
        ("The Uncutter", None),
        ("Unrestored", None),
        ("Extended", "extended"),
        ("Overextended", None),
        ("", None),
    ],
)
def test_keywords_are_whole_words(text: str, found: str | None) -> None:
    """Dots and underscores are blanks, quotes straight or curly."""
    assert keyword_in([text], KEYWORDS) == found


def test_no_keywords_match_nothing() -> None:
    """An emptied list in the options."""
    assert keyword_in(["Criterion"], ()) is None
    assert keyword_in(["Criterion"], ("", " . ")) is None
    assert genre_in(["drama"], ["Drama "]) == "drama"


@pytest.mark.parametrize(
    ("unit", "title", "label"),
    [
        (Unit(UnitKind.MOVIE, "Rain", "s", "i", year=2011), "Rain (2011)", "Rain (2011)"),
        (Unit(UnitKind.MOVIE, "Rain", "s", "i"), "Rain", "Rain"),
        (Unit(UnitKind.EPISODE, "Pilot", "s", "i"), "Pilot", "Pilot"),
        (
            Unit(UnitKind.EPISODE, "Pilot", "s", "i", series_name="Show", season=1, episode=2),
            "Show",
            "Show S01E02: Pilot",
        ),
        (
            Unit(UnitKind.EPISODE, "Pilot", "s", "i", series_name="Show", season=1),
            "Show",
            "Show: Pilot",
        ),
    ],
)
def test_a_unit_is_called_by_its_title(unit: Unit, title: str, label: str) -> None:
    """An episode by its series and its place there, as far as they are known."""
    assert (unit.title.label, unit.label) == (title, label)
    assert unit.title.media is (
        MediaType.MOVIE if unit.kind is UnitKind.MOVIE else MediaType.SERIES
    )
