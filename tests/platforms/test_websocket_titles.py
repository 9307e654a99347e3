"""WebSocket commands about titles, decisions and plans: they answer as the actions do."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.showrunner.domain.acquisition import AcquisitionState
from tests.walk.household import Household
from world.catalogue import by_name

from .faces import SECOND, act
from .test_websocket import _ask


@pytest.fixture
async def reader(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> Any:
    """Connect as a user who may only read."""
    await async_setup_component(hass, "websocket_api", {})
    return await hass_ws_client(hass, hass_read_only_access_token)


@pytest.fixture
async def admin(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Any:
    """Connect as an administrator."""
    await async_setup_component(hass, "websocket_api", {})
    return await hass_ws_client(hass)


async def test_a_title_is_told_as_the_action_tells_it(household: Household, reader: Any) -> None:
    """By name, by TMDb and by Jellyfin's id the same; an unknown one is refused in words."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND, AcquisitionState.IMPORTED)
    film = by_name(SECOND)
    told = await act(household, "get_title", title=SECOND)
    assert told["events"]
    for name in (SECOND, f"tmdb:{film.tmdb}", film.item_id):
        answer = await _ask(reader, "title/get", title=name)
        assert answer["result"]["ids"] == told["ids"]
        assert len(answer["result"]["events"]) == len(told["events"]), name
    refused = await _ask(reader, "title/get", title="No such film")
    assert not refused["success"]
    assert refused["error"]["translation_key"] == "title_unknown"


async def test_decisions_and_plans_are_listed(household: Household, reader: Any) -> None:
    """The newest first; a plan's steps only when it is asked for."""
    await household.watch("Sofa", SECOND)
    await household.acquisition(SECOND, AcquisitionState.IMPORTED)
    (decision,) = (await _ask(reader, "decisions/list", limit=5))["result"]["decisions"]
    assert (decision["verdict"], decision["viewer"]) == ("download", "Sofa")
    assert len(decision["findings"]) > 10
    (plan,) = (await _ask(reader, "plans/list", job="download"))["result"]["plans"]
    assert plan["plan_id"] == decision["plan_id"]
    assert (plan["titles"], plan["title_count"]) == ([decision["title"]], 1)
    assert "steps" not in plan
    whole = (await _ask(reader, "plans/get", plan_id=plan["plan_id"]))["result"]
    assert {step["state"] for step in whole["steps"]} == {"done"}
    assert (await _ask(reader, "plans/list", job="other"))["result"]["plans"] == []
    refused = await _ask(reader, "plans/get", plan_id="nope")
    assert refused["error"]["translation_key"] == "plan_unknown"


async def test_decisions_are_for_administrators_where_the_options_say_so(
    household: Household, reader: Any, admin: Any
) -> None:
    """They say who watched what."""
    options = {**household.entry.options}
    options["watching"] = {**options["watching"], "history_admins_only": True}
    household.hass.config_entries.async_update_entry(household.entry, options=options)
    await household.hass.async_block_till_done()
    for command, data in (("decisions/list", {}), ("title/get", {"title": SECOND})):
        assert (await _ask(reader, command, **data))["error"]["code"] == "unauthorized"
        assert (await _ask(admin, command, **data))["success"], command


async def test_writing_is_for_administrators(household: Household, reader: Any, admin: Any) -> None:
    """An override and a plan, by the words of the actions."""
    title = f"movie:tmdb:{by_name(SECOND).tmdb}"
    for command, data in (
        ("override/set", {"title": title, "policy": "never"}),
        ("plans/apply", {"plan_id": "nope"}),
    ):
        assert (await _ask(reader, command, **data))["error"]["code"] == "unauthorized"
    assert (await act(household, "get_title", title=title))["override"] == "auto"
    done = await _ask(admin, "override/set", title=title, policy="never")
    assert done["result"]["policy"] == "never"
    assert (await act(household, "get_title", title=title))["override"] == "never"
    refused = await _ask(admin, "plans/apply", plan_id="nope", dry_run=True)
    assert refused["error"]["translation_key"] == "plan_unknown"
    decided = await act(household, "decide", title=title)
    assert decided["rule"] == "override"
