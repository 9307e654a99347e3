"""A plan of what leaves is carried out in part, by an administrator, and within its budget."""

from collections.abc import AsyncGenerator

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from world.radarr_library import Movie
from world.servers import Servers

from .arrs import house_with_arrs
from .cleaning import Answer, Cleaned, settled


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Cleaned]:
    """Live in a household in which anybody counts, and limits of shares are wide."""
    async with house_with_arrs(hass, servers, hass_client_no_auth, add_webhook=False) as house:
        yield await settled(house)


async def watched(home: Cleaned, count: int) -> list[Movie]:
    """Have movies watched; give them by their size, the smallest first."""
    sized = sorted(home.movies, key=lambda one: one.film.size)[:count]
    assert len({one.film.size for one in sized}) == count
    for one in sized:
        one.monitored = True
        home.watched(one.film)
    await home.ready()
    home.begin()
    return sized


def of(plan: Answer, movie: Movie) -> dict[str, str]:
    """Say how a movie's steps stand, by what they do."""
    return {
        step["action"]: step["state"] for step in plan["steps"] if step["title"] == movie.film.label
    }


ALL_DONE = {"unmonitor_movie": "done", "delete_file": "done", "delete_movie": "done"}


async def test_a_part_of_a_plan_is_carried_out_and_the_rest_stays(home: Cleaned) -> None:
    """What is chosen goes only with what it needs, and nothing else; the rest may go later."""
    small, large = await watched(home, 2)
    shown = await home.call("cleanup_watched", dry_run=True)
    assert set(of(shown, small)) == set(of(shown, large)) == set(ALL_DONE)
    named = {
        step["action"]: step["id"] for step in shown["steps"] if step["title"] == large.film.label
    }
    for lacking in named:
        some = [step for action, step in named.items() if action != lacking]
        part = await home.call("apply_plan", plan_id=shown["plan_id"], steps=some)
        assert set(of(part, large).values()) == {"planned"}
        assert home.writes() == []
    done = await home.call("apply_plan", plan_id=shown["plan_id"], steps=[*named.values()])
    assert of(done, large) == ALL_DONE
    assert set(of(done, small).values()) == {"planned"}
    assert (home.has(large), home.has(small), small.monitored) == (False, True, True)
    assert not any(str(small.id) in one for one in home.writes())
    rest = await home.call("apply_plan", plan_id=shown["plan_id"])
    assert of(rest, small) == of(rest, large) == ALL_DONE
    assert not home.has(small)
    with pytest.raises(ServiceValidationError):
        await home.call("apply_plan", plan_id=shown["plan_id"], steps=["delete_everything"])


async def test_only_an_administrator_has_anything_leave(home: Cleaned) -> None:
    """Who is none may see what would leave, but gets no plan to keep."""
    (movie,) = await watched(home, 1)
    user = MockUser(is_owner=False).add_to_hass(home.house.hass)
    shown = await home.call("cleanup_watched", dry_run=True)

    async def call(action: str, **data: object) -> Answer:
        answer = await home.house.hass.services.async_call(
            "showrunner",
            action,
            data,
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id),
        )
        assert answer is not None
        return answer  # type: ignore[return-value]

    with pytest.raises(Unauthorized):
        await call("apply_plan", plan_id=shown["plan_id"])
    with pytest.raises(Unauthorized):
        await call("cleanup_watched", dry_run=False)
    looked = await call("cleanup_watched", dry_run=True)
    assert looked["plan_id"] is None
    assert set(of(looked, movie)) == set(ALL_DONE)
    assert home.has(movie)
    assert home.writes() == []


async def test_law_8_the_safest_goes_first_and_the_rest_in_the_next_runs(home: Cleaned) -> None:
    """The smallest is the safest; what is cut is whole, and leaves when its turn comes."""
    movies = await watched(home, 3)
    await home.house.runtime.set_option("safety", "max_items", 1)
    for turn, goes in enumerate(movies):
        home.begin()
        plan = await home.call("cleanup_watched")
        assert of(plan, goes) == ALL_DONE, (turn, plan["steps"])
        for waits in movies[turn + 1 :]:
            assert set(of(plan, waits).values()) == {"cut"}
            assert (home.has(waits), waits.monitored) == (True, True)
        assert len(home.writes()) == len(ALL_DONE)
    assert not any(home.has(one) for one in movies)
    await home.ready()
    assert (await home.call("cleanup_watched"))["steps"] == []


async def test_law_8_a_limit_of_bytes_lets_the_smaller_go_and_the_larger_wait(
    home: Cleaned,
) -> None:
    """Until a person has raised it."""
    small, large = await watched(home, 2)
    limit = (large.film.size - 1) / 10**9
    await home.house.runtime.set_option("safety", "max_gb", limit)
    for _ in range(2):
        plan = await home.call("cleanup_watched")
        assert set(of(plan, large).values()) == {"cut"}
        assert home.has(large)
    assert not home.has(small)
