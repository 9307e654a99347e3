"""TMDb gives a film another number, and Jellyfin and Radarr do not learn of it on the same day."""

from dataclasses import dataclass, fields

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain import acquisition as acquisition_rules
from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.plan import StepState
from tests.english import english
from world.catalogue import Film, by_name
from world.servers import Servers

from .deleting import FILM, arrived
from .household import Household, until
from .pipeline import Via, pipeline

WATCHED = "The Lantern Keeper"
NEW = 1_990_000


@dataclass(frozen=True)
class Renumbered(Film):
    """A film as TMDb calls it now."""

    @property
    def tmdb(self) -> int:
        """TMDb's new id."""
        return NEW + self.number


@pytest.fixture(autouse=True)
def _ask_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acquisition_rules, "_ASK_AGAIN", (1,))


def in_radarr(
    household: Household, name: str = WATCHED, *, path: str | None = None, later: int = 0
) -> None:
    """Have Radarr know the film by its new number, perhaps elsewhere, perhaps of another year."""
    movies = household.servers.radarr_state.library.movies
    movie = next(one for one in movies.values() if one.film.name == name)
    values = {one.name: getattr(movie.film, one.name) for one in fields(Film)}
    movie.film = Renumbered(**values | {"year": movie.film.year + later})
    if path is not None:
        movie.path = path


async def refused(household: Household) -> str:
    """Wait for the decision that is frozen, and give what it says."""
    found: list[str] = []

    async def there() -> bool:
        rows = [row for row in await household.decisions(WATCHED) if row["pending"]]
        found[:] = [str(row["reason"]) for row in rows]
        return bool(found)

    await until(there)
    return found[0]


async def test_it_is_found_proven_by_its_path_and_fetched(household: Household) -> None:
    """The entry that is there is made permanent and searched; no second one is added."""
    in_radarr(household)
    library = household.servers.radarr_state.library
    before = set(library.movies)
    await household.watch("Sofa", WATCHED)
    ended = await household.acquisition(WATCHED)
    assert ended.state is AcquisitionState.IMPORTED
    assert household.searches == 1
    assert set(library.movies) == before
    assert "POST /api/v3/movie" not in household.writes
    plan = await household.runtime.store.plans.get(ended.plan_id or "")
    assert plan is not None
    (said,) = [english(f.detail) for f in plan.steps[0].findings if f.rule == "identity"]
    assert f"tmdb:{NEW + by_name(WATCHED).number}" in said
    assert f"tmdb:{by_name(WATCHED).tmdb}" in said


async def test_where_the_path_does_not_agree_it_is_refused(household: Household) -> None:
    """With both ids shown, and nothing is written, whatever a person chose."""
    in_radarr(household, path="/data/stream/Another Film (2001)")
    await household.watch("Sofa", WATCHED)
    why = await refused(household)
    assert f"tmdb:{NEW + by_name(WATCHED).number}" in why
    assert f"tmdb:{by_name(WATCHED).tmdb}" in why
    title = (await household.acquisitions(WATCHED))[0].title.key
    await household.runtime.store.overrides.set(title, Override.ALWAYS, "somebody")
    ended = await household.acquisition(WATCHED, AcquisitionState.FAILED)
    assert f"tmdb:{NEW + by_name(WATCHED).number}" in english(ended.detail)
    assert household.writes == []


async def test_a_film_of_another_year_is_another_film(household: Household) -> None:
    """Its file lies there, and one of the ids agrees."""
    in_radarr(household, later=2)
    await household.watch("Sofa", WATCHED)
    assert str(by_name(WATCHED).year + 2) in await refused(household)
    assert household.writes == []


async def test_it_is_not_added_when_radarr_has_it_under_another_number_by_now(
    household: Household,
) -> None:
    """Asked once more in the moment before."""
    library = household.servers.radarr_state.library
    number, movie = next(
        (number, one) for number, one in library.movies.items() if one.film.name == WATCHED
    )
    del library.movies[number]
    household.hass.config_entries.async_update_entry(
        household.entry, options={**household.entry.options, "safety": {"dry_run": True}}
    )
    await household.hass.async_block_till_done()
    await household.watch("Sofa", WATCHED)
    waiting = await household.acquisition(WATCHED, AcquisitionState.PLANNED)
    library.movies[number] = movie
    in_radarr(household)
    plan = await household.runtime.apply_plan(waiting.plan_id or "")
    assert plan.steps[0].state is StepState.SKIPPED
    assert f"tmdb:{NEW + by_name(WATCHED).number}" in english(plan.steps[0].detail)
    assert household.writes == []


async def test_a_request_for_it_is_not_taken_for_gone(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Deleting it is refused with both ids: not skipped as if nobody held it, and not done."""
    async with pipeline(hass, servers, hass_client_no_auth, monkeypatch, Via.MIXED) as pipe:
        room = await arrived(pipe)
        in_radarr(pipe.house, FILM.name)
        plan = await room.delete(files=True)
        reasons = " ".join(one["reason"] for one in plan["left_out"])
        assert f"tmdb:{NEW + FILM.number}" in reasons
        assert f"tmdb:{FILM.tmdb}" in reasons
        assert not [call for call in room.writes("radarr", "seerr") if "DELETE" in call]
