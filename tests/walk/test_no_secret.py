"""Services repeat what they were sent, in every way: no secret reaches what anybody reads."""

from collections.abc import AsyncGenerator, Iterator
import json
import logging
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.runtime import database_path
from tests.echo import Echo, echoing
from tests.english import english
from world.servers import Servers

from .household import Household, entry_for, living, until, with_links
from .traces import kept, shown

PASSWORD = "Hier&steht <ein> Geheimnis"
BASIC = "YWRhOkhpZXImc3RlaHQgPGVpbj4gR2VoZWltbmlz"
# What logs as the services do, which are in this process, too.
SERVERS = ("world", "aiohttp.access")
LOGIN = {"username": "ada", "password": PASSWORD}
LINKS: dict[str, dict[str, Any]] = {
    "radarr": {"api_key": "a1" * 16, "permanent_folders": ["/m"], "path_map": []},
    "sonarr": {"api_key": "b2" * 16, "permanent_folders": ["/m"], "path_map": []},
    "prowlarr": {"api_key": "c3" * 16},
    "jellystat": {"api_key": "d4d4d4d4-d4d4-4d4d-8d4d-d4d4d4d4d4d4"},
    "seerr": {"api_key": "MTY5ODc2NTQzMjEwMGU1ZTVlNWU1LWU1ZTU="},
    "shoko": {"api_key": "f6f6f6f6-f6f6-4f6f-8f6f-f6f6f6f6f6f6"},
    "rtorrent": LOGIN,
    "qbittorrent": LOGIN,
    "ntfy": {"topic": "geheimes-thema", "token": "tk_g7g7g7g7g7g7g7g7g7g7g7g7g7g7g", "priority": 3},
}


@pytest.fixture
async def echo(socket_enabled: None) -> AsyncGenerator[tuple[Echo, str]]:
    """Run the server that repeats."""
    async with echoing() as made:
        yield made


@pytest.fixture
async def household(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    echo: tuple[Echo, str],
) -> AsyncGenerator[Household]:
    """Give a household of which every service but Jellyfin repeats what it hears."""
    for component in ("webhook", "repairs"):
        await async_setup_component(hass, component, {})
    whole = entry_for(servers)
    links = [
        ConfigSubentryData(
            data={"url": echo[1], "verify_ssl": True, "events": ["decision"], **data},
            subentry_type=kind,
            title=kind,
            unique_id=f"{kind}:{echo[1]}",
        )
        for kind, data in LINKS.items()
    ]
    viewers = [
        ConfigSubentryData(
            data=dict(one.data), subentry_type="viewer", title=one.title, unique_id=one.unique_id
        )
        for one in whole.subentries.values()
        if one.subentry_type == "viewer"
    ]
    entry = with_links(whole, [*links, *viewers])
    async with living(hass, servers, await hass_client_no_auth(), entry) as house:
        yield house


def secrets(house: Household) -> Iterator[str]:
    """Name everything that nobody may read."""
    entry = house.entry
    yield from (PASSWORD, BASIC, str(entry.data["api_key"]), str(entry.data["webhook_id"]))
    for one in entry.subentries.values():
        for name in ("api_key", "token", "webhook_id"):
            if name in one.data:
                yield str(one.data[name])


async def test_no_secret_reaches_what_is_read(
    household: Household, echo: tuple[Echo, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Not an event, a state, a row, a line of the log, the diagnostics, a repair or a form."""
    hass = household.hass
    events: list[Event] = []
    errors: set[str] = set()

    @callback
    def heard(event: Event) -> None:
        events.append(event)

    hass.bus.async_listen("*", heard)
    for _ in range(12):
        for one in household.runtime.services:
            await one.async_refresh()
            errors.add(english(one.last_error))
    await household.watch("Sofa", "The Lantern Keeper")
    await until(lambda: echo[0].asked > 60)
    await hass.async_block_till_done()
    assert all(not one.connected for one in household.runtime.services)
    rows = [*_logged(caplog), *shown(hass), *_told(hass, events), *errors]
    rows += kept(database_path(hass, household.entry.entry_id), library=True)
    rows.append(json.dumps(await async_get_config_entry_diagnostics(hass, household.entry)))
    assert any("X-Api-Key" in text for text in rows), "nobody was told what the services said"
    for secret in secrets(household):
        found = [text[:300] for text in rows if secret in text]
        assert not found, (secret, found[:3])


def _logged(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """Give all that we log, and of what others log what they do by themselves."""
    for record in caplog.records:
        ours = record.name.startswith("custom_components")
        if ours or (record.levelno > logging.DEBUG and not record.name.startswith(SERVERS)):
            yield f"{record.name}: {record.getMessage()} {record.args} {record.exc_text or ''}"


def _told(hass: HomeAssistant, events: list[Event]) -> Iterator[str]:
    """Give events, repairs, and what forms are open."""
    for event in events:
        yield f"event {event.event_type}: {event.data}"
    for issue in ir.async_get(hass).issues.values():
        yield f"repair {issue.issue_id}: {issue.translation_placeholders}"
    for flow in hass.config_entries.flow.async_progress():
        yield f"flow {flow['context'].get('title_placeholders')} {flow.get('step_id')}"
