"""Which movie of Radarr is the one that was watched: by ids, year and path, never by one alone."""

from dataclasses import replace
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.showrunner.clients import jellyfin_models, radarr_models
from custom_components.showrunner.clients.jellyfin import JellyfinItem
from custom_components.showrunner.domain.candidate import Candidate, Rule
from custom_components.showrunner.domain.decision import Verdict, decide
from custom_components.showrunner.domain.knowledge import Answer, Known
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.jobs.download import facts
from custom_components.showrunner.jobs.download.facts import Holding, Wanted
from custom_components.showrunner.jobs.download.radarr_match import Refused, Silent, held_by
from tests.domain.samples import NOW, POLICY, VIEWER, candidate
from tests.english import english

from .radarr import Client, Radarr

SERVER = "5" * 32
CASES = Path(__file__).parents[1] / "fixtures/identity"


def read(name: str) -> Any:
    """Read a file of a case."""
    return json.loads((CASES / name).read_text())


def radarr(*rows: Any) -> Radarr:
    """Make a Radarr of rows as it sends them."""
    return Radarr(Client([radarr_models.movie(row) for row in rows]))


def item(**more: object) -> JellyfinItem:
    """Read the case's item."""
    found = jellyfin_models.item(read("renumbered-jellyfin-item.json") | more, SERVER)
    assert found is not None
    return found


def renumbered(**more: object) -> Radarr:
    """Have the case's Radarr."""
    return radarr(*(row | more for row in read("renumbered-radarr-movies.json")))


async def match(one: Radarr, watched: JellyfinItem | None, year: int | None = None) -> Any:
    """Ask."""
    ids = watched.unit.ids if watched else ProviderIds(tmdb=990101, imdb="tt9990101")
    return await held_by(one, ids, watched.unit.year if watched else year, watched)  # type: ignore[arg-type]


# -- one TMDb id replaced by another ---------------------------------------------------------------


async def test_a_renumbered_film_is_found_by_imdb_and_proven_by_its_path() -> None:
    """And what was accepted is said."""
    found = await match(renumbered(), item())
    assert isinstance(found, Holding)
    assert found.movie.id == 7
    assert "tmdb:990999" in english(found.note)
    assert "tmdb:990101" in english(found.note)
    title = facts.title(Wanted(item().unit.item_id), item(), (found,), item().unit.ids)
    assert (title.ids.tmdb, title.ids.imdb, title.year) == (990101, "tt9990101", 2021)


@pytest.mark.parametrize(
    "path",
    [
        "/media/stream/Another Film (2021)/film.mkv",
        "/media/stream/A Quiet Orchard (2021) 2/film.mkv",
        "/elsewhere/A Quiet Orchard (2021)/film.mkv",
        None,
    ],
)
async def test_without_the_path_it_is_refused_and_both_ids_are_shown(path: str | None) -> None:
    """One proof is none."""
    found = await match(renumbered(), item(Path=path))
    assert isinstance(found, Refused)
    assert "tmdb:990999" in english(found.why)
    assert "tmdb:990101" in english(found.why)
    assert isinstance(await match(renumbered(), None), Refused)


async def test_a_film_that_no_radarr_holds_is_not_found() -> None:
    """Under no id at all; the list is not asked for twice."""
    one = renumbered(imdbId="tt1234567")
    assert await match(one, item()) is None
    assert await match(one, item()) is None
    assert one.client.listed == 1
    await one.movie_by_imdb("tt9990101", fresh=True)
    assert one.client.listed == 2


async def test_a_film_is_found_by_imdb_without_a_list_of_all() -> None:
    """By the number that TMDb has for it; also to be sure right before something is added."""
    one = renumbered()
    (movie,) = one.client.all
    imdb = movie.title.ids.imdb
    assert imdb is not None
    one.client.tmdb[imdb] = movie.title.ids.tmdb or 0
    for fresh in (False, True):
        assert await one.movie_by_imdb(imdb, fresh=fresh) == movie
    assert one.client.listed == 0


@pytest.mark.parametrize("knows", [None, 990_102, "another", "offline"])
async def test_what_is_not_found_by_tmdbs_number_is_looked_for_in_the_list(
    knows: int | str | None,
) -> None:
    """TMDb does not know it, gives a number that Radarr does not have, or that is another film's.

    Or nobody can be asked at all.
    """
    one = renumbered()
    (movie,) = one.client.all
    imdb = movie.title.ids.imdb
    assert imdb is not None
    ids = replace(movie.title.ids, imdb="tt7654321", tmdb=7)
    other = replace(movie, id=99, title=replace(movie.title, ids=ids))
    one.client.all.append(other)
    if isinstance(knows, int):
        one.client.tmdb[imdb] = knows
    elif knows == "another":
        one.client.tmdb[imdb] = 7
    one.client.offline = knows == "offline"
    assert await one.movie_by_imdb(imdb) == movie
    assert one.client.listed == 1


async def test_the_same_tmdb_id_with_another_imdb_id_needs_the_path_too() -> None:
    """Ids that contradict each other prove nothing."""
    one = renumbered(tmdbId=990101, imdbId="tt1234567")
    assert isinstance(await match(one, item()), Holding)
    assert isinstance(await match(one, item(Path="/media/x/film.mkv")), Refused)


async def test_a_radarr_that_does_not_answer_says_nothing() -> None:
    """Neither that it holds the film nor that it doesn't."""
    one = renumbered()
    one.client.fails = True
    assert isinstance(await match(one, item()), Silent)


@pytest.mark.parametrize(
    ("year", "known", "noted"),
    [(2021, True, False), (2022, True, True), (2023, False, False), (1984, False, False)],
)
async def test_a_film_of_another_year_is_refused_whatever_the_ids_and_the_path_say(
    year: int, known: bool, noted: bool
) -> None:
    """By one it is accepted, with a note."""
    one = renumbered(tmdbId=990101, year=year)
    found = await match(one, item(ProductionYear=2021))
    assert isinstance(found, Holding) is known
    if isinstance(found, Holding):
        assert ("2022" in english(found.note)) is noted
    else:
        assert str(year) in english(found.why)
        assert "2021" in english(found.why)
    assert isinstance(await match(one, item()), Holding)
    assert isinstance(await match(one, None, 2021), Holding) is known


# -- a year that nobody knows ----------------------------------------------------------------------


def about(row: dict[str, Any], watched: JellyfinItem | None = None) -> Candidate:
    """Make the candidate of a first, ordinary viewing of Radarr's movie."""
    movie = radarr_models.movie(row)
    held = Holding(radarr(row), movie, (), frozenset())  # type: ignore[arg-type]
    title = facts.title(Wanted(None), watched, (held,), movie.title.ids)
    language = facts.attribute(Known(movie, "radarr"), "original_language", "radarr")
    return candidate(title=title, viewer=VIEWER, original_language=language)


YEAR_ZERO = read("year-zero-radarr-movie.json")


@pytest.mark.parametrize("year", [0, None, 1, 9999, 20110112, "", "rubbish"])
def test_a_year_that_nobody_tells_is_no_evidence(year: object) -> None:
    """Such a film is not old: a first viewing of it is streamed, and it is named without a year."""
    decision = decide(about(YEAR_ZERO | {"year": year}), POLICY, NOW)
    assert (decision.verdict, decision.tier) == (Verdict.STREAM, 3)
    assert decision.title.label == "A Quiet Orchard"
    finding = next(one for one in decision.findings if one.rule is Rule.RARE_YEAR_LANGUAGE)
    assert (finding.answer, english(finding.value)) == (Answer.UNKNOWN, "?, French")


@pytest.mark.parametrize(
    ("year", "language", "answer"),
    [
        (1971, "French", Answer.YES),
        (2021, "French", Answer.NO),
        (1971, "English", Answer.NO),
        (1971, "Unknown", Answer.UNKNOWN),
        (1971, "", Answer.UNKNOWN),
        (1971, None, Answer.UNKNOWN),
        (2021, "Unknown", Answer.NO),
        (0, "English", Answer.NO),
        (0, "Unknown", Answer.UNKNOWN),
    ],
)
def test_old_and_foreign_are_said_of_what_is_known(
    year: int, language: str | None, answer: Answer
) -> None:
    """Of both, or of one that settles it."""
    row = YEAR_ZERO | {"year": year, "originalLanguage": {"id": 0, "name": language}}
    decision = decide(about(row), POLICY, NOW)
    finding = next(one for one in decision.findings if one.rule is Rule.RARE_YEAR_LANGUAGE)
    assert finding.answer is answer


def test_jellyfins_year_fills_the_gap() -> None:
    """1971 by Jellyfin is as old as by Radarr."""
    watched = item(ProductionYear=1971)
    decision = decide(about(YEAR_ZERO, watched), POLICY, NOW)
    assert (decision.verdict, decision.rule) == (Verdict.DOWNLOAD, Rule.RARE_YEAR_LANGUAGE)
    assert decision.title.label == "A Quiet Orchard (1971)"
    known = replace(about(YEAR_ZERO | {"year": 2021}, watched).title)
    assert known.year == 2021
