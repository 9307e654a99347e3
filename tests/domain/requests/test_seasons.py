"""Law 5 for seasons: all of them, or these; nobody means all by naming none."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.coordinators.request_view import RequestView
from custom_components.showrunner.domain.requests.record import dump_request, load_request
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import ALL, TheseSeasons, named

from .samples import FILM, SERIES, status

NUMBERS = st.lists(st.integers(0, 40), max_size=6)


@given(NUMBERS, st.integers(-1, 40))
def test_these_are_exactly_those_that_are_named(numbers: list[int], season: int) -> None:
    """And where none is named there is no answer, which is neither all nor none."""
    seasons = named(numbers)
    if seasons is None:
        assert numbers == []
    else:
        assert (season in seasons) == (season in numbers)
        assert seasons == TheseSeasons(tuple(reversed(numbers)))


def test_none_is_not_a_number_of_seasons() -> None:
    """The type itself refuses it."""
    with pytest.raises(ValueError, match="no season"):
        TheseSeasons(())


@given(st.integers(-1, 40))
def test_all_of_them_are_those_from_the_first_on(season: int) -> None:
    """Specials only where they are named, and a movie's place is no season."""
    assert (season in ALL) == (season > 0)


@pytest.mark.parametrize("seasons", [None, (), [], (1, 2)])
def test_a_series_without_its_seasons_is_no_request(seasons: object) -> None:
    """Left out, or empty, or of another type: there is no default."""
    with pytest.raises(ValueError, match="seasons"):
        replace(SERIES, seasons=seasons)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seasons"):
        Request("x", "x", SERIES.title, SERIES.requested_at)


def test_a_movie_has_no_seasons() -> None:
    """It wants none, and can't be given any."""
    assert not FILM.wants(1)
    for seasons in (ALL, TheseSeasons((1,))):
        with pytest.raises(ValueError, match="seasons"):
            replace(FILM, seasons=seasons)


@given(st.just(ALL) | st.lists(st.integers(0, 40), min_size=1).map(named))
def test_a_stored_request_says_the_same_seasons(seasons: object) -> None:
    """All, or these."""
    request = replace(SERIES, seasons=seasons)  # type: ignore[arg-type]
    assert load_request(dump_request(request)) == request


def test_rows_from_before_the_type_are_read_as_they_were_meant() -> None:
    """An empty list said all of a series, and nothing of a movie; nothing else may say all."""
    old = {**dump_request(SERIES), "seasons": []}
    assert load_request(old).seasons == ALL
    assert load_request({**old, "seasons": [2, 1]}).seasons == TheseSeasons((1, 2))
    assert load_request({**dump_request(FILM), "seasons": []}).seasons is None
    for broken in (None, "", "some", {}, 0):
        with pytest.raises((TypeError, ValueError)):
            load_request({**old, "seasons": broken})


def test_people_and_automations_read_which() -> None:
    """Numbers, or the word."""
    for request, shown in (
        (SERIES, [1]),
        (replace(SERIES, seasons=ALL), "all"),
        (FILM, []),
    ):
        assert RequestView(request, status(request, ())).as_dict()["seasons"] == shown


def test_seasons_are_written_for_people() -> None:
    """As numbers."""
    assert TheseSeasons((1, 3)).text == "1, 3"
