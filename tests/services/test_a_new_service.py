"""A service made up on the spot: its spec in the list is all that the rest needs to show it."""

from collections.abc import AsyncGenerator

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.jobs.messages import Event, Spoken
from custom_components.showrunner.services import SERVICES, matches_anime
from custom_components.showrunner.system_health import _info
from tests.platforms.faces import state
from tests.walk.household import Household, entry_for, living, short_world, until
from world.run import running
from world.servers import Servers

from . import teapot
from .teapot import Teapot

TITLE = "Teapot"


@pytest.fixture
async def servers(socket_enabled: None) -> AsyncGenerator[Servers]:
    """Run the demo's world."""
    async with running(world=short_world()) as made:
        yield made


@pytest.fixture
async def pot(socket_enabled: None) -> AsyncGenerator[Teapot]:
    """Run a teapot."""
    async with teapot.running(Teapot()) as made:
        yield made


@pytest.fixture
async def household(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Household]:
    """Give a household in whose list of services there are teapots."""
    monkeypatch.setitem(SERVICES, teapot.KEY, teapot.SPEC)
    for component in ("webhook", "repairs", "system_health"):
        await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    async with living(hass, servers, client, entry_for(servers)) as house:
        yield house


async def link(house: Household, pot: Teapot) -> ConfigSubentry:
    """Link a teapot as a person does, by way of the menu of what can be linked."""
    flows = house.hass.config_entries.subentries
    menu = await flows.async_init((house.entry.entry_id, "setup"), context={"source": "user"})
    assert teapot.KEY in menu["menu_options"]
    ended = await flows.async_configure(menu["flow_id"], {"next_step_id": teapot.KEY})
    asked = flows.async_get(ended["next_flow"][1])
    assert asked["handler"] == (house.entry.entry_id, teapot.KEY)
    typed = {"url": pot.url, "api_key": "earl-grey", "verify_ssl": True}
    wrong = await flows.async_configure(asked["flow_id"], {**typed, "api_key": "chamomile"})
    assert wrong["errors"] == {"base": "invalid_auth"}
    await flows.async_configure(asked["flow_id"], typed)
    (made,) = house.entry.get_subentries_of_type(teapot.KEY)
    await until(lambda: house.runtime.links.get(made.subentry_id) is not None)
    return made


async def test_it_is_linked_and_shown_without_a_reload(household: Household, pot: Teapot) -> None:
    """As device, entities, diagnostics and in the system's health."""
    runtime = household.runtime
    before = (await _info(household.hass))["services"]
    subentry = await link(household, pot)
    assert subentry.title == TITLE
    await until(lambda: _is(household, "cups", "3") and _is(household, "connected", STATE_ON))
    assert household.runtime is runtime
    device = dr.async_get(household.hass).async_get_device_by_identifier(
        (DOMAIN, f"{household.entry.entry_id}_{subentry.subentry_id}"),
        config_entry_id=household.entry.entry_id,
    )
    assert device is not None
    assert (device.manufacturer, device.model) == ("Utah", "Teapot")
    assert (device.sw_version, device.configuration_url) == ("4.1.8", pot.url)
    diagnostics = await async_get_config_entry_diagnostics(household.hass, household.entry)
    assert diagnostics["teapots"] == [{"cups": 3, "whistles": 0}]
    assert {"service": "Teapot", "connected": True}.items() <= diagnostics["services"][-1].items()
    health = await _info(household.hass)
    assert (health["services"], health["services_down"]) == (before + 1, 0)
    assert matches_anime(household.entry)
    (told_to,) = [one for one in runtime.links.subscribers() if one.name == TITLE]
    await told_to.channel.send(Spoken(Event.OUTCOME, "Showrunner", "Tea is ready."))
    assert pot.told == ["Tea is ready."]


async def test_the_same_one_is_linked_once(household: Household, pot: Teapot) -> None:
    """Also by another address, by what it says of itself; another one is another one."""
    await link(household, pot)
    flows = household.hass.config_entries.subentries
    for serial, ending in (
        (pot.serial, FlowResultType.ABORT),
        ("B-330", FlowResultType.CREATE_ENTRY),
    ):
        async with teapot.running(Teapot(serial=serial)) as behind:
            flow = await flows.async_init(
                (household.entry.entry_id, teapot.KEY), context={"source": "user"}
            )
            answer = await flows.async_configure(
                flow["flow_id"], {"url": behind.url, "api_key": "earl-grey", "verify_ssl": True}
            )
            assert answer["type"] is ending
            assert answer.get("reason") in (None, "already_configured")


async def test_who_listens_to_all_services_hears_of_it_too(
    household: Household, pot: Teapot
) -> None:
    """Whether it was linked before they began to listen, or after."""
    links = household.runtime.links
    before: list[str] = []
    links.each(lambda service: before.append(service.title))
    assert TITLE not in before
    await link(household, pot)
    after: list[str] = []
    links.each(lambda service: after.append(service.title))
    assert before.count(TITLE) == after.count(TITLE) == 1


async def test_it_calls_us_and_is_told_to_stop(household: Household, pot: Teapot) -> None:
    """Its webhook is added on its side, worked on here, and taken back when it is unlinked."""
    subentry = await link(household, pot)
    await until(lambda: len(pot.hooks) == 1)
    coordinator = household.runtime.links.of(teapot.TeapotCoordinator)[subentry.subentry_id]
    pot.cups = 0
    path = pot.hooks[0].removeprefix(household.hass.config.internal_url or "")
    async with household.client.post(path, json={"whistle": "now"}) as answer:
        assert answer.status == 200
    await until(lambda: _is(household, "cups", "0"))
    assert coordinator.whistles == 1
    issue_id = f"empty_{subentry.subentry_id}"
    assert ir.async_get(household.hass).async_get_issue(DOMAIN, issue_id) is not None
    household.hass.config_entries.async_remove_subentry(household.entry, subentry.subentry_id)
    await until(lambda: not pot.hooks)
    await household.hass.async_block_till_done(wait_background_tasks=False)
    await until(lambda: household.entry.state is ConfigEntryState.LOADED)
    assert household.runtime.links.get(subentry.subentry_id) is None


async def test_its_key_is_asked_for_again(household: Household, pot: Teapot) -> None:
    """When it refuses the stored one twice; the new one is tried, and is taken over at once."""
    subentry = await link(household, pot)
    await until(lambda: _is(household, "connected", STATE_ON))
    coordinator = household.runtime.links.get(subentry.subentry_id)
    assert coordinator is not None
    pot.keys = {"darjeeling"}
    await coordinator.async_refresh()
    await coordinator.async_refresh()
    await until(lambda: _is(household, "connected", STATE_OFF))
    flows = household.hass.config_entries.flow
    await until(lambda: bool(flows.async_progress_by_handler(DOMAIN)))
    (question,) = flows.async_progress_by_handler(DOMAIN)
    assert question["step_id"] == "reauth_service"
    wrong = await flows.async_configure(question["flow_id"], {"api_key": "chamomile"})
    assert wrong["errors"] == {"base": "invalid_auth"}
    right = await flows.async_configure(question["flow_id"], {"api_key": "darjeeling"})
    assert right["reason"] == "reauth_successful"
    await until(lambda: _is(household, "connected", STATE_ON))


def _is(house: Household, key: str, value: str) -> bool:
    try:
        found = state(house, key, TITLE)
    except AssertionError:
        return False
    return found is not None and found.state == value
