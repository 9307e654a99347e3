"""What a person links or changes while Showrunner runs, and services that never answer."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, ConfigSubentryData
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.coordinators.ntfy import NtfyCoordinator
from custom_components.showrunner.jobs import notify
from custom_components.showrunner.signals import Topic
from world.servers import Servers

from .arrs import HOOKS, entry_with_arrs
from .household import EVENTS, Household, entry_for, living, until, with_more

FILM = "Third Shift"


@asynccontextmanager
async def silent() -> AsyncGenerator[tuple[str, list[asyncio.StreamWriter]]]:
    """Run a server that takes every connection and never says a word, as a stopped process does."""
    taken: list[asyncio.StreamWriter] = []

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(writer)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", taken
    finally:
        server.close()
        for writer in taken:
            writer.close()


@pytest.fixture
def impatient() -> Iterator[None]:
    """Don't wait for seconds in a test."""
    with patch("custom_components.showrunner._OTHERS_ANSWER", 0.05):
        yield


def sample(name: str) -> Any:
    """Read a recorded body."""
    return json.loads((Path(__file__).parents[1] / "fixtures" / name).read_bytes())


def linked(kind: str, url: str, title: str, **data: Any) -> ConfigSubentryData:
    """Describe a linked service."""
    return ConfigSubentryData(
        data={"url": url, "verify_ssl": True, **data},
        subentry_type=kind,
        title=title,
        unique_id=f"{kind}:{url}",
    )


def subentry(described: ConfigSubentryData) -> ConfigSubentry:
    """Make a subentry as a flow does."""
    return ConfigSubentry(
        data=MappingProxyType(dict(described["data"])),
        subentry_type=described["subentry_type"],
        title=described["title"],
        unique_id=described["unique_id"],
    )


def of_type(entry: MockConfigEntry, kind: str) -> ConfigSubentry:
    """Find the entry's subentry of a type."""
    return next(one for one in entry.subentries.values() if one.subentry_type == kind)


async def test_services_that_never_answer_hold_nothing_up(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    impatient: None,
) -> None:
    """The entry is there while they are still being asked; everybody else works."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    async with silent() as (url, taken):
        hung = [
            linked("seerr", url, "Wishes", api_key="x"),
            linked("rtorrent", f"{url}/RPC2", "Box"),
            linked("prowlarr", url, "Indexers", api_key="x"),
            linked("shoko", url, "Anime", api_key="x"),
        ]
        entry = with_more(entry_for(servers), *hung)
        hass.config.internal_url = str(client.make_url("/")).rstrip("/")
        entry.add_to_hass(hass)
        await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.LOADED
        runtime = entry.runtime_data
        asked = [one for one in runtime.services if one.title in {h["title"] for h in hung}]
        assert len(asked) == len(hung)
        assert all(one.last_exception is None and not one.connected for one in asked)
        assert taken, "nobody was asked"
        assert hass.states.get("binary_sensor.radarr_connectivity").state == "on"
        assert hass.states.get("binary_sensor.wishes_connectivity").state == "off"
        assert hass.states.get("sensor.box_torrents").state == STATE_UNAVAILABLE
        house = Household(hass, servers, entry, client)
        await house.watch("Sofa", FILM)
        await until(lambda: _watched(house))
        await hass.config_entries.async_unload(entry.entry_id)


async def _watched(house: Household) -> bool:
    return bool(await house.runtime.store.viewings.history())


async def test_a_jellyfin_that_never_answers_is_tried_again(
    hass: HomeAssistant, servers: Servers
) -> None:
    """Home Assistant's start does not wait for it."""
    async with silent() as (url, _):
        entry = entry_for(servers)
        entry.add_to_hass(hass)
        hass.config_entries.async_update_entry(entry, data={**entry.data, "url": url})
        with patch("custom_components.showrunner._SERVER_ANSWERS", 0.05):
            await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert "no answer in time" in str(entry.reason)


@pytest.fixture
async def house(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a household that has a Radarr and no Sonarr."""
    await async_setup_component(hass, "webhook", {})
    async with living(hass, servers, await hass_client_no_auth(), entry_for(servers)) as made:
        yield made


class Blinks:
    """Which entities were unavailable for a moment, or went."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.seen: set[str] = set()
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._changed)

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if event.data["old_state"] is not None and (new is None or new.state == STATE_UNAVAILABLE):
            self.seen.add(event.data["entity_id"])


async def test_a_new_service_disturbs_no_other(house: Household) -> None:
    """It is asked, shown, and may call us; whatever was there stays what it was."""
    hass, entry, runtime = house.hass, house.entry, house.runtime
    services, blinks = runtime.services, Blinks(hass)
    sonarr = subentry(_described(of_type(entry_with_arrs(house.servers), "sonarr")))
    hass.config_entries.async_add_subentry(entry, sonarr)
    await until(lambda: _state(hass, "binary_sensor.sonarr_connectivity") == "on")
    await until(lambda: _state(hass, "sensor.sonarr_queue") not in (None, STATE_UNAVAILABLE))
    assert entry.runtime_data is runtime
    assert set(services) < set(runtime.services)
    assert runtime.arrs[sonarr.subentry_id] is runtime.sonarrs[sonarr.subentry_id]
    assert not blinks.seen
    body = sample("sonarr/webhook-test.json")
    answer = await house.client.post(f"/api/webhook/{HOOKS['sonarr']}", json=body)
    assert await answer.json() == {"accepted": True}
    connect = house.servers.sonarr_state.connect
    await until(lambda: bool(connect.notifications), what="our webhook in Connect")


def _described(one: ConfigSubentry) -> ConfigSubentryData:
    return ConfigSubentryData(
        data=one.data,
        subentry_type=one.subentry_type,
        title=one.title,
        unique_id=one.unique_id,
    )


def _state(hass: HomeAssistant, entity_id: str) -> str | None:
    state = hass.states.get(entity_id)
    return None if state is None else state.state


async def test_a_changed_service_is_linked_anew_and_no_other(house: Household) -> None:
    """Its entities come back, its old door is closed, and the others never blink."""
    hass, entry, runtime = house.hass, house.entry, house.runtime
    radarr = of_type(entry, "radarr")
    before = runtime.radarrs[radarr.subentry_id]
    others = set(runtime.services) - {before}
    old_door, blinks = f"/api/webhook/{radarr.data['webhook_id']}", Blinks(hass)
    data = {**radarr.data, "webhook_id": "e" * 64, "permanent_folders": []}
    hass.config_entries.async_update_subentry(entry, radarr, data=data)
    await until(lambda: runtime.radarrs.get(radarr.subentry_id) not in (None, before))
    await until(lambda: _state(hass, "binary_sensor.radarr_connectivity") == "on")
    await until(lambda: _state(hass, "sensor.radarr_queue") not in (None, STATE_UNAVAILABLE))
    assert entry.runtime_data is runtime
    assert others < set(runtime.services)
    assert all("radarr" in one for one in blinks.seen)
    body = sample("radarr/webhook-test.json")
    assert not await (await house.client.post(old_door, json=body)).read()
    answer = await house.client.post(f"/api/webhook/{'e' * 64}", json=body)
    assert await answer.json() == {"accepted": True}


async def test_a_new_viewer_is_watched_at_once(house: Household) -> None:
    """Nothing is reloaded for it."""
    hass, entry, runtime = house.hass, house.entry, house.runtime
    kitchen = subentry(
        _described(
            next(
                one
                for one in entry_for(house.servers, viewers=("Kitchen",)).subentries.values()
                if one.subentry_type == "viewer"
            )
        )
    )
    hass.config_entries.async_add_subentry(entry, kitchen)
    await until(lambda: _state(hass, "switch.kitchen_tracking") == "on")
    await house.watch("Kitchen", FILM)
    await until(lambda: _watched(house))
    assert entry.runtime_data is runtime
    await until(lambda: _state(hass, "sensor.kitchen_last_watched") not in (None, "unknown"))


async def test_a_new_channel_is_told(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that was changed is told once, as it is now."""
    monkeypatch.setattr(notify, "_TOGETHER", 0.0)
    hass, entry, runtime = house.hass, house.entry, house.runtime
    phone = of_type(entry, "ntfy")
    data = {**phone.data, "topic": "attic"}
    hass.config_entries.async_update_subentry(entry, phone, data=data)
    described = linked("ntfy", **{**phone.data, "title": "Tablet", "topic": "cellar"})
    described["unique_id"] = f"ntfy:{phone.data['url']}/cellar"
    hass.config_entries.async_add_subentry(entry, subentry(described))
    await until(lambda: len(runtime.links.of(NtfyCoordinator)) == 2)
    await until(lambda: {s.name for s in runtime.links.subscribers()} == {"Phone", "Tablet"})
    await hass.async_block_till_done()
    assert set(EVENTS) >= {"service_down"}
    runtime.signals.send(
        Topic.SERVICE, "down", {"service": "Radarr", "since": "now", "error": "gone"}
    )
    messages = house.servers.ntfy_state.messages
    await until(lambda: {one["topic"] for one in messages} >= {"attic", "cellar"})
    assert sorted(one["topic"] for one in messages) == ["attic", "cellar"]
    assert entry.runtime_data is runtime
