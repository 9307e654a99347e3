"""Whom of the requests a report means: by ids and downloads, and never what contradicts one."""

from dataclasses import replace

import pytest

from custom_components.showrunner.domain.media import MediaType, ProviderIds
from custom_components.showrunner.domain.requests.facts import EventKind, Facts
from custom_components.showrunner.domain.requests.report import (
    About,
    Index,
    Report,
    admitted,
    downloads_of,
    enriched,
)
from custom_components.showrunner.domain.requests.request import Request

from .samples import FILM, HASH, OTHER, SERIES, at, event, of_download, transfer

MOVIE, SHOWS = MediaType.MOVIE, MediaType.SERIES
GRABBED = Facts().with_([of_download(EventKind.GRABBED, 1)])
LINKED = replace(FILM, arr=("radarr1", 7))


def index(*requests: Request, facts: Facts | None = None) -> Index:
    """Make an index of requests that have the same facts."""
    made = Index()
    for one in requests:
        made.put(one, Facts() if facts is None else facts)
    return made


def names(made: Index, about: About, *, guesses: bool = False) -> list[str]:
    """Name whom a report means."""
    return [one.id for one in made.meant(about, guesses=guesses)]


@pytest.mark.parametrize(
    ("about", "meant"),
    [
        (About(ref=FILM.ref), True),
        (About(ref="seerr:x:9"), False),
        (About(ref=FILM.ref, media=SHOWS), False),
        (About(MOVIE, FILM.ids), True),
        (About(None, FILM.ids), False),  # law 14: a number without its kind names nothing
        (About(SHOWS, FILM.ids), False),
        (About(MOVIE, ProviderIds(tmdb=5)), False),
        (About(MOVIE, FILM.ids, year=2011), True),
        (About(MOVIE, FILM.ids, year=1990), False),
        (About(MOVIE, FILM.ids, own_only=True), False),
        (About(MOVIE, FILM.ids, is_4k=True), False),
        (About(MOVIE, FILM.ids, is_4k=False), True),
        (About(MOVIE, FILM.ids, service="radarr1", arr_id=3), True),
        (About(download=HASH), True),
        (About(download=OTHER), False),
        (About(SHOWS, download=HASH), False),
        (About(MOVIE, ProviderIds(tmdb=5), download=HASH), False),
    ],
)
def test_what_contradicts_a_request_is_not_its(about: About, meant: bool) -> None:
    """In its kind, an id, its year, or the quality of its instance."""
    made = index(FILM, facts=GRABBED)
    made.put(SERIES, Facts())
    assert names(made, about) == ([FILM.id] if meant else [])


@pytest.mark.parametrize(
    ("about", "meant"),
    [
        (About(MOVIE, FILM.ids, service="radarr1", arr_id=7), True),
        (About(MOVIE, FILM.ids, service="radarr1"), True),
        (About(MOVIE, FILM.ids, service="radarr1", arr_id=9), True),  # it was added anew
        (About(MOVIE, ProviderIds(), service="radarr1", arr_id=9, download=HASH), False),
        (About(MOVIE, FILM.ids, service="radarr2", arr_id=7), False),
        (About(MOVIE, FILM.ids, service="radarr1", arr_id=7, own_only=True), True),
    ],
)
def test_who_is_known_to_be_an_arrs_is_nobody_elses(about: About, meant: bool) -> None:
    """By its number there, or by the title's ids."""
    assert names(index(LINKED, facts=GRABBED), about) == ([FILM.id] if meant else [])


def test_several_people_may_want_one_title() -> None:
    """All of them are meant, in the same order each time."""
    second = replace(FILM, id="b", ref="b")
    assert names(index(second, FILM), About(MOVIE, FILM.ids)) == ["b", FILM.id]


def test_a_request_is_found_by_what_it_waits_for_now() -> None:
    """No longer by what it waited for before, and no longer at all once it is closed."""
    made = index(FILM, facts=GRABBED)
    assert (made.downloads, made.of_download(HASH)) == ({HASH}, {FILM.id})
    made.put(FILM, Facts().with_([of_download(EventKind.GRABBED, 2, OTHER)]))
    assert (made.downloads, made.of_download(HASH)) == ({OTHER}, frozenset())
    second = replace(FILM, id="b", ref="b")
    made.put(second, Facts().with_([of_download(EventKind.GRABBED, 2, OTHER)]))
    made.put(FILM, Facts())
    assert made.of_download(OTHER) == {"b"}
    assert set(made.refs) == {FILM.ref, "b"}
    made.drop("b")
    made.drop("b")  # is nothing new
    assert (made.downloads, made.by_ref("b"), [*made.refs]) == (frozenset(), None, [FILM.ref])
    assert names(made, About(MOVIE, FILM.ids)) == [FILM.id]
    made.drop(FILM.id)
    assert names(made, About(MOVIE, FILM.ids)) == []


def test_law_13_what_only_a_hint_names_is_asked_for_by_itself() -> None:
    """A download that a webhook named belongs to nobody until an arr says so."""
    made = index(FILM)
    made.guess(FILM.id, {HASH})
    assert (made.downloads, made.of_download(HASH)) == ({HASH}, {FILM.id})
    assert names(made, About(download=HASH)) == []
    assert names(made, About(download=HASH), guesses=True) == [FILM.id]
    made.guess(FILM.id, ())
    assert names(made, About(download=HASH), guesses=True) == []


def test_a_request_whose_ids_were_wrong_is_not_found_by_them_any_more() -> None:
    """Nor is another one lost that shares them."""
    imdb = ProviderIds(imdb="tt0000001")
    second = replace(FILM, id="b", ref="b")
    made = index(FILM, second)
    made.put(replace(FILM, title=replace(FILM.title, ids=imdb)), Facts())
    assert names(made, About(MOVIE, FILM.ids)) == ["b"]
    assert names(made, About(MOVIE, imdb)) == [FILM.id]


def test_only_what_was_grabbed_or_imported_is_waited_for() -> None:
    """A file that lay there already is no download."""
    facts = [
        of_download(EventKind.GRABBED, 1),
        event(EventKind.IMPORTED, 2, download="file:1"),
        event(EventKind.IMPORTED, 2, download=OTHER),
        of_download(EventKind.FAILED, 3, "C" * 40),
        of_download(EventKind.GRABBED, 1, ""),
        transfer(4, 50.0),
    ]
    assert downloads_of(facts) == {HASH, OTHER}


def test_what_happened_before_a_request_is_an_earlier_ones() -> None:
    """Readings are of now, whenever they were taken."""
    early, late = of_download(EventKind.GRABBED, 1), of_download(EventKind.GRABBED, 5)
    reading = transfer(1, 50.0)
    assert admitted(FILM, [early, late, reading]) == (early, late, reading)
    assert admitted(replace(FILM, floor=at(5)), [early, late, reading]) == (late, reading)


def test_a_request_learns_what_it_did_not_say_itself() -> None:
    """Ids, whose it is, that it is anime, other titles and a poster; nothing that it said."""
    about = About(MOVIE, ProviderIds(tmdb=5, imdb="tt0000001"), service="radarr1", arr_id=7)
    report = Report(about, (), anime=True, other_titles=("A", "B"), poster="/p")
    known = enriched(FILM, report)
    assert known.ids == ProviderIds(tmdb=FILM.ids.tmdb, imdb="tt0000001")
    assert (known.arr, known.anime, known.poster) == (("radarr1", 7), True, "/p")
    again = enriched(known, Report(replace(about, arr_id=9), (), other_titles=("B", "C")))
    assert (again.arr, again.anime, again.poster) == (("radarr1", 9), True, "/p")
    assert again.other_titles == ("A", "B", "C")
    others = enriched(known, Report(replace(about, service="radarr2", arr_id=9), ()))
    assert others.arr == ("radarr1", 7)
    assert enriched(FILM, Report(replace(about, arr_id=None), ())).arr is None
    many = tuple(map(str, range(30)))
    assert len(enriched(FILM, Report(about, (), other_titles=many)).other_titles) == 20
