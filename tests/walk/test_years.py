"""What the demo's years show of both rules, with real clients."""

from collections.abc import AsyncGenerator

from homeassistant.components.recorder.db_schema import MAX_STATE_ATTRS_BYTES
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import json_bytes
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from world import years
from world.run import running

from .arrs import house_with_arrs
from .cleaning import Cleaned, steps
from .cleanup_options import choose, leaving, shown
from .household import short_world, until


@pytest.fixture
async def home(
    hass: HomeAssistant, socket_enabled: None, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Cleaned]:
    """Live in the demo's household, with its years."""
    world = short_world()
    years.add(world)
    async with running(world=world) as servers:
        years.settle(servers)
        async with house_with_arrs(
            hass,
            servers,
            hass_client_no_auth,
            add_webhook=False,
            uhd=True,
            viewers=("Sofa", "Kitchen"),
        ) as house:
            await choose(made := Cleaned(house), who="any", season_packing=True)
            made.begin()
            yield made


async def test_the_years_show_what_a_season_lacks_and_a_lower_copy(home: Cleaned) -> None:
    """The one as a step, the other as what leaves in a week, with its reason."""
    plan = await shown(home)
    [saga] = [one for one in years.SAGAS if one.lost]
    [step] = [one for one in plan["steps"] if one["action"] == "search_episodes"]
    assert step["title"] == saga.show.label
    done = await home.call("apply_plan", plan_id=plan["plan_id"], steps=[step["id"]])
    assert steps(done)["search_episodes"] == "done"
    series = home.servers.sonarr_state.library.by_tvdb(saga.show.tvdb)
    assert series is not None
    await until(lambda: all(part.file_id for part in series.parts), what="it comes")
    [film] = [one.film for one in years.stories() if one.uhd]
    await choose(home, lower_quality=True)
    plan = await shown(home)
    assert film.label in {one.title.label for one in leaving(home)}
    rows = [one for one in plan["left_out"] if one["title"] == film.label]
    assert any(one["rule"] == "covered" for row in rows for one in row["findings"])


async def test_no_state_of_years_is_too_large_for_the_recorder(home: Cleaned) -> None:
    """With much that leaves and stays: what is more is asked for, and stands in no attribute."""
    await shown(home)
    assert len(leaving(home)) > 5
    states = home.house.hass.states.async_all()
    ours = {
        one.entity_id
        for one in er.async_get(home.house.hass).entities.values()
        if one.platform == "showrunner"
    }
    sizes = {
        one.entity_id: len(json_bytes(dict(one.attributes)))
        for one in states
        if one.entity_id in ours
    }
    assert len(sizes) > 30
    assert max(sizes.values()) * 4 < MAX_STATE_ATTRS_BYTES, sizes
