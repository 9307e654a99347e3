"""The lower of two qualities leaves by choice, in a household with two Radarrs and real clients."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.english import english
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.radarr_library import Movie
from world.servers import Servers

from .arrs import house_with_arrs
from .test_cleanup import Answer, Cleaned, settled, steps, why
from .test_cleanup_choices import announced_long_ago, choose, shown


class Doubled(Cleaned):
    """A household in which a film is there in HD and in 4K."""

    low: Movie
    high: Movie


@pytest.fixture
async def home(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Doubled]:
    """Live in it: nobody has watched the film, and both copies came long ago."""
    async with house_with_arrs(
        hass, servers, hass_client_no_auth, add_webhook=False, uhd=True
    ) as house:
        await settled(house)
        made = Doubled(house)
        made.begin()
        made.low = next(one for one in made.movies if one.path.startswith("/data/movies/"))
        for (_, item), kept in servers.world.data.items():
            if item == made.low.film.item_id:
                kept.play_count, kept.last_played = 0, None
        long_ago = utcnow() - timedelta(days=90)
        made.low.file_added = long_ago
        made.high = servers.uhd_library.hold(made.low.film, long_ago)
        yield made


async def chosen(home: Doubled) -> Answer:
    """Choose it, as if that was announced long ago, and say what leaves."""
    await choose(home, lower_quality=True)
    await shown(home)
    await announced_long_ago(home)
    return await shown(home)


async def test_the_lower_copy_leaves_by_its_own_radarr_and_the_higher_stays(home: Doubled) -> None:
    """Announced first, with the reason; versions of one item are told apart by their paths."""
    assert (await shown(home))["steps"] == []
    await choose(home, lower_quality=True)
    assert (await shown(home))["steps"] == []
    leaving = home.house.runtime.jobs.named("cleanup").leaving
    assert {one.title.label for one in leaving} == {home.low.film.label}
    await announced_long_ago(home)
    plan = await shown(home)
    assert {one["title"] for one in plan["steps"]} == {home.low.film.label}, why(plan)
    assert "higher quality" in english(plan["steps"][0]["reasons"][0])
    rules = {one["rule"]: one for one in plan["steps"][0]["findings"]}
    assert (rules["lower"]["value"], rules["lower"]["threshold"]) == (1080, 2160)
    home.begin()
    done = await home.call("apply_plan", plan_id=plan["plan_id"])
    assert set(steps(done).values()) == {"done"}, done["steps"]
    assert not home.has(home.low)
    assert home.high.file_id
    assert [one for one in home.servers.radarr_4k.calls if one.method != "GET"] == []
    # What is left is the last copy.
    assert (await shown(home))["steps"] == []


async def test_the_higher_copy_that_is_gone_by_then_keeps_the_lower(home: Doubled) -> None:
    """Law 3: asked once more right before the first step."""
    plan = await chosen(home)
    assert steps(plan)["delete_file"] == "planned", why(plan)
    home.servers.uhd_library.movies.clear()
    over = await home.call("apply_plan", plan_id=plan["plan_id"])
    assert "done" not in steps(over).values()
    assert home.has(home.low)


@pytest.mark.parametrize("how", ["not shown", "streamed", "unknown quality", "silent", "open"])
async def test_a_copy_of_which_something_is_not_known_stays(home: Doubled, how: str) -> None:
    """Each of what the higher one has to be."""
    assert (await chosen(home))["steps"]
    world = home.servers.world
    if how == "not shown":
        world.uhd.discard(home.low.film.item_id)
    elif how == "streamed":
        entry, hass = home.house.entry, home.house.hass
        uhd = next(o for o in entry.subentries.values() if o.title == "Radarr 4K")
        less = {**uhd.data, "permanent_folders": []}
        hass.config_entries.async_update_subentry(entry, uhd, data=less)
        await hass.async_block_till_done()
    elif how == "unknown quality":
        home.high.quality = {"quality": {"id": 0, "name": "Unknown", "resolution": 0}}
    elif how == "silent":
        lie = Lie(LieKind.ERROR, "/movie", times=500)
        home.servers.radarr_4k.liar.tell(lie)
    else:
        data = world.userdata(home.house.user("Sofa").id, home.low.film.item_id)
        data.position, data.play_count = 2.0, 1
        data.last_played = utcnow() - timedelta(days=40)
    plan = await shown(home)
    assert plan["steps"] == [], plan["steps"]
    assert home.has(home.low)
