"""Requests as people see them: counts, the event, the problem, the action and the WebSocket."""

import asyncio
from datetime import timedelta
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event as HassEvent, EventStateChangedData, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.showrunner.domain.media import MOVIE, MediaType, ProviderIds
from custom_components.showrunner.domain.requests.facts import (
    Event,
    EventKind,
    Fact,
    JellyfinPresence,
    Transfer,
    Trouble,
)
from custom_components.showrunner.domain.requests.report import About, Report
from custom_components.showrunner.domain.requests.request import RequestState
from tests.walk.household import Household, until

from .asking import ask, now
from .faces import act, state

HASH = "A" * 40
IDS = ProviderIds(tmdb=999_123)


async def tell(house: Household, *facts: Fact) -> None:
    """Report facts about the first request's film."""
    await house.runtime.requests.ingest([Report(About(MediaType.MOVIE, IDS), facts)])


@pytest.fixture(autouse=True)
async def _with_seerr(household: Household) -> None:
    """Link Seerr while the entry runs: it brings the entities of requests."""
    # What the world has asked for would come in between, sooner or later.
    household.servers.seerr_state.book.asks.clear()
    entry, seerr = household.entry, household.servers.all["seerr"]
    data = {"url": seerr.url, "api_key": household.servers.world.keys.seerr, "verify_ssl": True}
    link = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type="seerr",
        title="Wishes",
        unique_id=f"seerr:{seerr.url}",
    )
    assert not _entities(household)
    household.hass.config_entries.async_add_subentry(entry, link)
    await until(lambda: len(_entities(household)) == 14)


def _entities(house: Household) -> dict[str, er.RegistryEntry]:
    """Find the entities of requests, the disabled ones too: key -> entry."""
    listed = er.async_entries_for_config_entry(er.async_get(house.hass), house.entry.entry_id)
    keys = {one.unique_id.removeprefix(f"{house.entry.entry_id}_"): one for one in listed}
    return {key: one for key, one in keys.items() if key.startswith(("request", "approvals"))}


async def test_requests_are_shown_on_seerrs_device(household: Household) -> None:
    """This list may only grow. Counters of single states are there for who wants them."""
    found = _entities(household)
    (seerr,) = (one for one in household.entry.subentries.values() if one.title == "Wishes")
    assert {one.config_subentry_id for one in found.values()} == {seerr.subentry_id}
    shown = {key for key, one in found.items() if one.disabled_by is None}
    assert shown == {"requests", "requests_stuck", "request_stuck", "request", "approvals"}
    assert found.keys() - shown == {f"requests_{state.value}" for state in RequestState}
    device = dr.async_get(household.hass).async_get(found["requests"].device_id or "")
    assert device is not None
    assert (device.name, device.manufacturer, device.model) == ("Wishes", "Seerr", "Seerr")
    assert device.configuration_url == seerr.data["url"]
    await until(lambda: _version(household, found["requests"]) == "3.1.0")


def _version(house: Household, entry: er.RegistryEntry) -> str | None:
    device = dr.async_get(house.hass).async_get(entry.device_id or "")
    return device.sw_version if isinstance(device, dr.DeviceEntry) else None


async def test_waiting_for_approval_is_no_problem(household: Household) -> None:
    """It is on the to-do list; it is stuck only for who asks for stuck requests."""
    await ask(household, days=2)
    (stuck,) = (await act(household, "get_requests", stuck=True))["requests"]
    assert stuck["stuck"]["reason"] == "waiting_for_approval"
    assert state(household, "request_stuck").state == "off"
    assert state(household, "requests_stuck").state == "0"


async def test_counts_and_the_event_follow_a_request(household: Household) -> None:
    """From requested to available, each state once."""
    events: list[str] = []

    @callback
    def changed(event: HassEvent[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"].startswith("event.") and new and "request_id" in new.attributes:
            events.append(new.attributes["event_type"])

    household.hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    await ask(household)
    await until(lambda: state(household, "requests").state == "1")
    await tell(household, Event(EventKind.APPROVED, now()))
    await tell(household, Event(EventKind.GRABBED, now(), MOVIE, HASH))
    await tell(household, Event(EventKind.IMPORTED, now(), MOVIE, HASH))
    await tell(household, JellyfinPresence(MOVIE, now(), seen=True))
    await until(lambda: state(household, "requests").state == "0")
    await household.hass.async_block_till_done()
    assert events == ["requested", "approved", "grabbing", "importing", "available"]


async def test_a_stuck_request_is_a_problem_until_it_moves(household: Household) -> None:
    """With its reason, and since when."""
    await ask(household, 1, Event(EventKind.APPROVED, now()))
    await tell(household, Event(EventKind.GRABBED, now(), MOVIE, HASH))
    assert state(household, "request_stuck").state == "off"
    full = Transfer(HASH, now(), 10.0, trouble=Trouble.DISK_FULL, message="No space left")
    await household.runtime.requests.of_downloads(
        {HASH: (Event(EventKind.STARTED, now(), download=HASH), full)}
    )
    await until(lambda: state(household, "request_stuck").state == "on")
    assert state(household, "requests_stuck").state == "1"
    (stuck,) = (await act(household, "get_requests", stuck=True))["requests"]
    assert stuck["stuck"]["reason"] == "disk_full"
    assert stuck["stuck"]["message"] == "No space left"
    moving = Transfer(HASH, now() + timedelta(seconds=1), 20.0)
    await household.runtime.requests.of_downloads({HASH: (moving,)})
    await until(lambda: state(household, "request_stuck").state == "off")
    assert (await act(household, "get_requests", stuck=True))["requests"] == []


async def test_get_requests_lists_by_state(household: Household) -> None:
    """The last first; closed ones only when they are asked for."""
    await ask(household, 1, days=3)
    await ask(household, 2, Event(EventKind.APPROVED, now()), days=2)
    await ask(household, 3, Event(EventKind.DECLINED, now()), days=1)
    listed = (await act(household, "get_requests"))["requests"]
    assert [one["title"] for one in listed] == ["A Wish 2", "A Wish 1"]
    (approved,) = (await act(household, "get_requests", state=["approved"]))["requests"]
    assert (approved["state"], approved["requested_by"]) == ("approved", "Sofa")
    (closed,) = (await act(household, "get_requests", state="closed"))["requests"]
    assert (closed["title"], closed["closed"]) == ("A Wish 3", "declined")
    assert len((await act(household, "get_requests", limit=1))["requests"]) == 1


@pytest.mark.parametrize("command", ["requests/list", "requests/subscribe"])
async def test_the_websocket_tells_requests(
    household: Household, hass_ws_client: WebSocketGenerator, command: str
) -> None:
    """A list, or the present state first and then each change: `bench requests` says how soon."""
    await ask(household, 1)
    client = await hass_ws_client(household.hass)
    await client.send_json_auto_id({"type": f"showrunner/{command}"})
    answer = await client.receive_json()
    assert answer["success"]
    if command == "requests/list":
        assert [one["title"] for one in answer["result"]["requests"]] == ["A Wish 1"]
        return
    first = (await client.receive_json())["event"]
    assert [one["state"] for one in first["requests"]] == ["requested"]
    await tell(household, Event(EventKind.APPROVED, now()))
    async with asyncio.timeout(60):
        changed = (await client.receive_json())["event"]["changed"]
    assert [one["state"] for one in changed] == ["approved"]
