"""From one service to the next: the menu of what can be linked, and the way back to it."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from . import world
from .conftest import World, add_entry, subentry

PROWLARR = {"url": world.PROWLARR, "api_key": world.KEY, "verify_ssl": True}
VIEWER = {"user_id": world.ADMIN_ID, "user_name": "Ada"}


async def start(hass: HomeAssistant, entry: MockConfigEntry, kind: str = "setup") -> Any:
    """Open a flow."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind), context={"source": SOURCE_USER}
    )


async def send(hass: HomeAssistant, result: Any, data: dict[str, Any] | None) -> Any:
    """Send a form or a choice."""
    return await hass.config_entries.subentries.async_configure(result["flow_id"], data)


async def follow(hass: HomeAssistant, result: Any) -> Any:
    """Open the flow that a result leads on to, as the front end does."""
    kind, flow_id = result["next_flow"]
    assert kind == "config_subentries_flow"
    return await hass.config_entries.subentries.async_configure(flow_id, None)


async def test_the_menu_says_what_is_linked_and_leads_on_and_back(
    hass: HomeAssistant, services: World
) -> None:
    """Menu, service, menu, end; what was linked in between is named."""
    entry = add_entry(hass, subentry("viewer", f"viewer:{world.ADMIN_ID}", "Ada", VIEWER, "v"))
    menu = await start(hass, entry)
    assert menu["type"] is FlowResultType.MENU
    assert menu["description_placeholders"] == {
        "server": "Attic",
        "viewers": "Ada",
        "services": "–",
    }
    result = await send(hass, menu, {"next_step_id": "prowlarr"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "goes_on")
    form = await follow(hass, result)
    assert (form["handler"], form["step_id"]) == ((entry.entry_id, "prowlarr"), "user")
    services.prowlarr.status = 401
    form = await send(hass, form, PROWLARR)
    assert form["errors"] == {"base": "invalid_auth"}
    services.prowlarr.status = None
    result = await send(hass, form, PROWLARR)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "linked")
    assert result["description_placeholders"] == {"name": "Prowlarr"}
    [made] = entry.get_subentries_of_type("prowlarr")
    assert (made.unique_id, made.title) == (f"prowlarr:{world.PROWLARR}", "Prowlarr")
    assert dict(made.data) == PROWLARR
    menu = await follow(hass, result)
    assert menu["description_placeholders"]["services"] == "Prowlarr"
    result = await send(hass, menu, {"next_step_id": "finish"})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "finished")
    assert "next_flow" not in result
    assert entry.get_subentries_of_type("setup") == []
    assert hass.config_entries.subentries.async_progress() == []


@pytest.mark.parametrize(
    "kind",
    [
        "radarr",
        "sonarr",
        "seerr",
        "qbittorrent",
        "rtorrent",
        "transfer",
        "prowlarr",
        "shoko",
        "jellystat",
        "ntfy",
        "notify",
        "viewer",
    ],
)
async def test_every_choice_leads_to_its_flow(
    hass: HomeAssistant, services: World, kind: str
) -> None:
    """And all that can be linked is a choice."""
    async_mock_service(hass, "notify", "phone")
    entry = add_entry(hass)
    menu = await start(hass, entry)
    assert set(menu["menu_options"]) == {*entry.supported_subentry_types, "finish"} - {"setup"}
    form = await follow(hass, await send(hass, menu, {"next_step_id": kind}))
    assert form["handler"] == (entry.entry_id, kind)
    assert form["type"] is FlowResultType.FORM


async def test_a_choice_that_has_nothing_to_offer_comes_back_at_once(
    hass: HomeAssistant, services: World
) -> None:
    """All users are tracked, or Home Assistant has nothing to notify: no dead end."""
    services.jellyfin.answers["GET", "/Users"] = []
    menu = await start(hass, add_entry(hass))
    assert "notify" not in menu["menu_options"]
    again = await send(hass, menu, {"next_step_id": "viewer"})
    assert (again["type"], again["step_id"]) == (FlowResultType.MENU, "user")


async def test_what_is_linked_already_is_not_linked_twice_in_a_chain(
    hass: HomeAssistant, services: World
) -> None:
    """The chain ends and says so."""
    entry = add_entry(
        hass, subentry("prowlarr", f"prowlarr:{world.PROWLARR}", "Prowlarr", PROWLARR, "p")
    )
    form = await follow(
        hass, await send(hass, await start(hass, entry), {"next_step_id": "prowlarr"})
    )
    result = await send(hass, form, PROWLARR)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert len(entry.subentries) == 1


async def test_a_service_added_on_the_page_leads_nowhere(
    hass: HomeAssistant, services: World
) -> None:
    """Only what was begun from the menu comes back to it."""
    entry = add_entry(hass)
    result = await send(hass, await start(hass, entry, "prowlarr"), PROWLARR)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in result


async def test_the_front_end_is_told_what_it_needs_to_follow(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    """Over its own HTTP views: where to go on, and which entry that is a part of."""
    for component in ("config", "webhook", "websocket_api"):
        await async_setup_component(hass, component, {})
    entry = add_entry(hass)
    client = await hass_client()
    base = "/api/config/config_entries/subentries/flow"
    begin = {"handler": [entry.entry_id, "setup"]}
    menu = await (await client.post(base, json=begin)).json()
    ended = await (
        await client.post(f"{base}/{menu['flow_id']}", json={"next_step_id": "radarr"})
    ).json()
    assert (ended["type"], ended["next_flow"][0]) == ("abort", "config_subentries_flow")
    assert ended["result"] == {
        "entry_id": entry.entry_id,
        "domain": "showrunner",
        "title": "Attic",
    }
    form = await (await client.get(f"{base}/{ended['next_flow'][1]}")).json()
    assert (form["handler"], form["step_id"]) == ([entry.entry_id, "radarr"], "user")
