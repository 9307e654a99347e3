"""Repairs for sudden falls: told with numbers, confirmed by administrators, gone by themselves."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.domain.fall import FallMoved
from tests.walk.household import Household, until
from tests.walk.library import films, remove
from world.catalogue import by_name

from .repairing import FIX, Repair

FILM = by_name("A Harbour of Glass")


def issues(house: Household) -> dict[str, ir.IssueEntry]:
    """List the repairs of sudden falls that are shown, by their kind."""
    return {
        str(one.translation_key): one
        for (domain, key), one in ir.async_get(house.hass).issues.items()
        if domain == DOMAIN and key.startswith("fall_") and one.active
    }


def told(house: Household, kind: str) -> dict[str, str]:
    """Give what a repair names."""
    return dict(issues(house)[kind].translation_placeholders or {})


@pytest.fixture
async def fallen(household: Household) -> Household:
    """Live where Jellyfin has listed four films of all that it had."""
    await async_setup_component(household.hass, "repairs", {})
    await household.runtime.library.sweep_now()
    world = household.servers.world
    for film in list(world.films.values())[4:]:
        remove(world, film)
    await household.runtime.library.sweep_now()
    return household


async def test_a_fall_of_the_library_is_confirmed_and_stays_so_over_a_reload(
    fallen: Household, hass_client: ClientSessionGenerator
) -> None:
    """The repair names how many before and now; what was shown is gone at once, and stays gone."""
    before, runtime = await films(fallen), fallen.runtime
    shown = told(fallen, "fall_library")
    left = len(fallen.servers.world.films)
    assert (shown["source"], shown["movie_had"]) == (fallen.entry.title, str(before))
    assert int(shown["movie_left"]) <= left < before
    assert shown["percent"] == str(100 * (before - int(shown["movie_left"])) // before)
    assert shown["episode_had"] == shown["episode_left"] != "0"
    assert shown["since"].startswith(f"{dt_util.now():%Y-%m-}")
    assert "library_unknown" not in issues(fallen)
    assert await runtime.library.doubts(dt_util.utcnow() + timedelta(days=1)) == ()
    repair = Repair(await hass_client(), issues(fallen)["fall_library"].issue_id)
    form = await repair.open()
    assert (form["type"], form["errors"]) == ("form", {})
    assert form["description_placeholders"]["movie_had"] == str(before)
    async with runtime.library._lock:
        busy = await repair.submit()
    assert (busy["type"], busy["errors"]) == ("form", {"base": "busy"})
    assert await films(fallen) == before
    assert (await repair.submit())["type"] == "create_entry"
    # The only favourite was among them: whether that mark is meant to go is asked by itself.
    assert set(issues(fallen)) == {"fall_viewer"}
    assert await films(fallen) == int(shown["movie_left"])
    assert (await runtime.store.library.state()).known
    await fallen.hass.config_entries.async_reload(fallen.entry.entry_id)
    await fallen.runtime.library.sweep_now()
    assert issues(fallen) == {}
    assert await films(fallen) == int(shown["movie_left"])


async def test_a_larger_fall_is_not_what_was_confirmed(
    fallen: Household, hass_client: ClientSessionGenerator
) -> None:
    """The form was open while the library was read anew: that is another repair."""
    before = await films(fallen)
    repair = Repair(await hass_client(), issues(fallen)["fall_library"].issue_id)
    await repair.open()
    first = issues(fallen)["fall_library"]
    ir.async_ignore_issue(fallen.hass, DOMAIN, first.issue_id, ignore=True)
    world = fallen.servers.world
    for film in list(world.films.values()):
        remove(world, film)
    await fallen.runtime.library.sweep_now()
    moved = await repair.submit()
    assert (moved["type"], moved["reason"]) == ("abort", "moved")
    assert await films(fallen) == before
    assert told(fallen, "fall_library")["percent"] == "100"
    assert issues(fallen)["fall_library"].dismissed_version is None


async def test_it_goes_by_itself(fallen: Household) -> None:
    """When two reads agree; and also when the titles are there again, or the entry is unloaded."""
    library = fallen.runtime.library
    assert set(issues(fallen)) == {"fall_library"}
    await library.sweep_now()
    assert issues(fallen) == {}
    world = fallen.servers.world
    kept = dict(world.films)
    for film in kept.values():
        remove(world, film)
    await library.sweep_now()
    assert set(issues(fallen)) == {"fall_library"}
    world.films.update(kept)
    await library.sweep_now()
    assert issues(fallen) == {}
    world.films.clear()
    await library.sweep_now()
    assert set(issues(fallen)) == {"fall_library"}
    await fallen.hass.config_entries.async_unload(fallen.entry.entry_id)
    assert issues(fallen) == {}
    # It waits in the store; whoever loads the entry again is told again.
    await fallen.hass.config_entries.async_setup(fallen.entry.entry_id)
    await until(lambda: set(issues(fallen)) == {"fall_library"})


async def test_only_administrators_confirm(
    fallen: Household, hass_client: ClientSessionGenerator, hass_read_only_access_token: str
) -> None:
    """Nobody else may open the repair."""
    guest = await hass_client(hass_read_only_access_token)
    begin = {"handler": DOMAIN, "issue_id": issues(fallen)["fall_library"].issue_id}
    assert (await guest.post(FIX, json=begin)).status in {401, 403}


async def test_a_fall_of_marks_names_the_viewer(
    household: Household, hass_client: ClientSessionGenerator
) -> None:
    """A user database that was emptied: favourites protect until a person says otherwise."""
    await async_setup_component(household.hass, "repairs", {})
    runtime, user = household.runtime, household.user("Sofa")
    await runtime.library.sweep_now()
    favorites = await runtime.store.userdata.favorites(user.id)
    household.servers.world.data.clear()
    await runtime.library.sweep_now()
    mine = next(
        one
        for (domain, _), one in ir.async_get(household.hass).issues.items()
        if domain == DOMAIN and (one.translation_placeholders or {}).get("viewer") == "Sofa"
    )
    shown = mine.translation_placeholders
    assert shown is not None
    assert (mine.translation_key, shown["percent"]) == ("fall_viewer", "100")
    assert (shown["favorites_had"], shown["favorites_left"]) == (str(len(favorites)), "0")
    assert await runtime.store.userdata.favorites(user.id) == favorites
    others = await runtime.store.userdata.state(household.user("Kitchen").id)
    repair = Repair(await hass_client(), mine.issue_id)
    await repair.open()
    assert (await repair.submit())["type"] == "create_entry"
    assert told(household, "fall_viewer")["viewer"] == "Kitchen"
    assert await runtime.store.userdata.state(household.user("Kitchen").id) == others
    assert await runtime.store.userdata.favorites(user.id) == frozenset()
    assert (await runtime.store.userdata.state(user.id)).known


async def test_what_is_no_longer_linked_can_not_be_confirmed(fallen: Household) -> None:
    """Whatever a form that was left open asks for."""
    for source in ("library", "viewer:nobody", "gone"):
        with pytest.raises(FallMoved):
            await fallen.runtime.falls.accept(source, "0")


async def test_a_repair_of_an_entry_that_is_not_loaded_ends(
    fallen: Household, hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    """The form was open."""
    repair = Repair(await hass_client(), issues(fallen)["fall_library"].issue_id)
    await repair.open()
    await hass.config_entries.async_unload(fallen.entry.entry_id)
    ended: Any = await repair.submit()
    assert (ended["type"], ended["reason"]) == ("abort", "moved")
