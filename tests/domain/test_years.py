"""The year is compared wherever one service's title is taken for another's (law 4, law 1).

More than one apart is another title, one is accepted with a note, and none that is told is neither.
"""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.coordinators.arr_reports import may_be_of
from custom_components.showrunner.domain.knowledge import Answer, Known
from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import (
    MOVIE,
    MediaType,
    Place,
    ProviderIds,
    same_year,
    year_note,
)
from custom_components.showrunner.domain.paths import PathMap
from custom_components.showrunner.domain.requests.facts import Facts
from custom_components.showrunner.domain.requests.report import About, Index
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.showing import Wanted, may_be
from tests.english import english

from .requests.deleting import EVIDENCE, RECORD, WHOLE, ids, made, reasons
from .requests.samples import FILM, SERIES

YEARS = st.integers(1870, 2100)


@pytest.mark.parametrize(
    ("one", "other", "answer", "noted"),
    [
        (2011, 2011, Answer.YES, False),
        (2011, 2012, Answer.YES, True),
        (2012, 2011, Answer.YES, True),
        (2011, 2013, Answer.NO, False),
        (1984, 2021, Answer.NO, False),
        (None, 2011, Answer.UNKNOWN, False),
        (2011, None, Answer.UNKNOWN, False),
        (None, None, Answer.UNKNOWN, False),
    ],
)
def test_two_years(one: int | None, other: int | None, answer: Answer, noted: bool) -> None:
    """The boundary is one; silence is no evidence in any direction."""
    assert same_year(one, other) is answer
    assert bool(year_note(one, other)) is noted


@given(YEARS, YEARS)
def test_the_order_does_not_matter(one: int, other: int) -> None:
    """Whoever is asked first."""
    assert same_year(one, other) is same_year(other, one)


@pytest.mark.parametrize(
    ("asked", "held", "shown", "deleted"),
    [
        (2011, 2011, 2011, True),
        (2011, 2012, 2011, True),
        (2011, 2013, 2011, False),  # Radarr has another film under the number
        (2011, 2011, 1984, False),  # Jellyfin does
        (None, None, 2011, True),
        (2011, None, 2011, True),
    ],
)
@pytest.mark.parametrize("files", [True, False])
def test_no_deletion_of_a_title_of_another_year(
    asked: int | None, held: int | None, shown: int | None, deleted: bool, files: bool
) -> None:
    """The ids and the paths agree, and still it is refused whole, with both years."""
    gathered = replace(
        WHOLE,
        record=Known(replace(RECORD, year=held)),
        evidence=Known((replace(EVIDENCE, year=shown),)),
        year=asked,
    )
    deletion = made(gathered, files=files)
    assert bool(ids(deletion)) is deleted
    if not deleted:
        assert str(held) in reasons(deletion)
        assert str(asked if held != asked else shown) in reasons(deletion)


def test_a_year_off_by_one_is_noted_in_the_evidence() -> None:
    """What was accepted is said."""
    gathered = replace(WHOLE, record=Known(replace(RECORD, year=2012)), year=2011)
    (said,) = [one.detail for one in made(gathered).steps[1].findings if one.rule == "year"]
    assert "2011" in english(said)
    assert "2012" in english(said)


def _wait(request: Request, place: Place) -> Wanted:
    return Wanted(request, place, None, "", matched=False)


@pytest.mark.parametrize(
    ("year", "is_it"), [(2011, True), (2012, True), (2013, False), (1984, False), (None, True)]
)
def test_no_request_is_fulfilled_by_a_film_of_another_year(year: int | None, is_it: bool) -> None:
    """Jellyfin may have been told the wrong id for a file."""
    item = LibraryItem("s", "i", ItemKind.MOVIE, "The Lantern", FILM.ids, year=year)
    assert may_be(_wait(FILM, MOVIE), item, ProviderIds(), PathMap()) is is_it
    anime = replace(FILM, anime=True)
    assert may_be(_wait(anime, MOVIE), item, ProviderIds(), PathMap()) is is_it


@pytest.mark.parametrize(("year", "is_it"), [(2015, True), (2017, False), (None, True)])
def test_no_request_is_fulfilled_by_a_series_of_another_year(year: int | None, is_it: bool) -> None:
    """Of an episode the year of its series counts, and never its own."""
    item = LibraryItem(
        "s", "i", ItemKind.EPISODE, "One", year=2024, season=1, episode=2, series_year=year
    )
    assert may_be(_wait(SERIES, Place(1, 2)), item, SERIES.ids, PathMap()) is is_it


@pytest.mark.parametrize(
    ("year", "meant"), [(2011, True), (2012, True), (2013, False), (None, True)]
)
def test_no_report_of_a_film_of_another_year_is_meant(year: int | None, meant: bool) -> None:
    """By poll or by webhook; found by its ids or by its download."""
    index = Index()
    index.put(FILM, Facts())
    about = About(media=MediaType.MOVIE, ids=FILM.ids, service="radarr", arr_id=7, year=year)
    assert bool(index.meant(about)) is meant


@pytest.mark.parametrize(
    ("year", "taken"), [(2011, True), (2010, True), (2009, False), (None, True)]
)
def test_an_arr_is_not_believed_about_a_title_of_another_year(
    year: int | None, taken: bool
) -> None:
    """Found by its number there or by the id."""
    assert may_be_of(FILM, replace(FILM.title, year=year)) is taken
    assert not may_be_of(FILM, replace(FILM.title, ids=ProviderIds(tmdb=5)))
