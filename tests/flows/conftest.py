"""Fixtures of the flow tests: services that answer, an entry, and texts for everything shown."""

from collections.abc import Generator
from dataclasses import dataclass
import json
from pathlib import Path
import string
from typing import Any
from unittest.mock import AsyncMock, patch

from aioresponses import aioresponses
from homeassistant import data_entry_flow
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectSelector, TextSelector
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.flows.fields import PasswordText, TrimmedChoice, TrimmedText

from . import world

_TEXTS = json.loads(
    (Path(__file__).parents[2] / "custom_components/showrunner/translations/en.json").read_text()
)


@dataclass
class World:
    """All services that the flows talk to."""

    jellyfin: world.Service
    radarr: world.Service
    sonarr: world.Service
    prowlarr: world.Service
    jellystat: world.Service
    shoko: world.Service
    ntfy: world.Service


@pytest.fixture
def services() -> Generator[World]:
    """Let every service answer."""
    made = World(
        world.jellyfin(),
        world.radarr(),
        world.sonarr(),
        world.prowlarr(),
        world.jellystat(),
        world.shoko(),
        world.ntfy(),
    )
    with aioresponses() as mock:
        for service in (
            made.jellyfin,
            made.radarr,
            made.sonarr,
            made.prowlarr,
            made.jellystat,
            made.shoko,
            made.ntfy,
        ):
            service.register(mock)
        yield made


@pytest.fixture(autouse=True)
def setup_entry() -> Generator[AsyncMock]:
    """Keep the entry's set-up out of these tests."""
    with (
        patch("custom_components.showrunner.async_setup", return_value=True, create=True),
        patch(
            "custom_components.showrunner.async_setup_entry", return_value=True, create=True
        ) as setup,
        patch("custom_components.showrunner.async_unload_entry", return_value=True, create=True),
    ):
        yield setup


@pytest.fixture
async def house(hass: HomeAssistant) -> HomeAssistant:
    """Give Home Assistant an address in the home."""
    await hass.config.async_update(internal_url="http://homeassistant:8123")
    return hass


ENTRY_DATA = {
    "url": world.JELLYFIN,
    "api_key": world.KEY,
    "verify_ssl": True,
    "webhook_id": "hook",
    "add_webhook": True,
}


def subentry(
    kind: str, unique_id: str, title: str, data: dict[str, Any], subentry_id: str
) -> dict[str, Any]:
    """Return a subentry for `MockConfigEntry`."""
    return dict(
        ConfigSubentryData(subentry_type=kind, unique_id=unique_id, title=title, data=data),
        subentry_id=subentry_id,
    )


def add_entry(hass: HomeAssistant, *subentries: dict[str, Any], **more: Any) -> MockConfigEntry:
    """Add an entry for the Jellyfin of the test world."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Attic",
        unique_id=world.SERVER_ID,
        data=ENTRY_DATA,
        subentries_data=list(subentries),
        **more,
    )
    entry.add_to_hass(hass)
    return entry


@pytest.fixture(autouse=True)
def _everything_shown_has_a_text() -> Generator[None]:
    """Fail when a step, field, error or abort of ours has no text, or asks for a missing value."""
    handle = data_entry_flow.FlowManager._async_handle_step

    async def checked(
        self: Any, flow: Any, step_id: str, user_input: Any, *args: Any, **kwargs: Any
    ) -> Any:
        result = await handle(self, flow, step_id, user_input, *args, **kwargs)
        if type(flow).__module__.startswith("custom_components.showrunner"):
            _check(flow, result)
        return result

    with patch.object(data_entry_flow.FlowManager, "_async_handle_step", checked):
        yield


def _texts_of(flow: Any) -> dict[str, Any]:
    if isinstance(flow.handler, tuple):
        return _TEXTS["config_subentries"][flow.handler[1]]
    return _TEXTS["options" if type(flow).__name__ == "ShowrunnerOptionsFlow" else "config"]


def _check(flow: Any, result: Any) -> None:
    texts = _texts_of(flow)
    values = (result.get("description_placeholders") or {}).keys()
    match result["type"]:
        case data_entry_flow.FlowResultType.ABORT:
            if result.get("translation_domain") is None:
                assert result["reason"] in texts["abort"]
        case data_entry_flow.FlowResultType.MENU:
            step = texts["step"][result["step_id"]]
            for option in result["menu_options"]:
                assert step["menu_options"][option]
                assert step["menu_option_descriptions"][option]
        case data_entry_flow.FlowResultType.FORM:
            step = texts["step"][result["step_id"]]
            shown = [step["title"], step.get("description", "")]
            shown += _check_fields(step, result["data_schema"])
            shown += [texts["error"][key] for key in (result["errors"] or {}).values()]
            for text in shown:
                wanted = {name for _, name, _, _ in string.Formatter().parse(text) if name}
                assert wanted <= values, text


def _check_fields(step: dict[str, Any], schema: vol.Schema) -> list[str]:
    """Give the texts of a form's fields, those in sections too."""
    shown = []
    for marker, field in schema.schema.items():
        if isinstance(field, data_entry_flow.section):
            part = step["sections"][str(marker)]
            shown += [part["name"], part["description"], *_check_fields(part, field.schema)]
            continue
        _check_trimming(field)
        shown += [step["data"][str(marker)], step["data_description"][str(marker)]]
    return shown


def _check_trimming(field: object) -> None:
    """Nothing that can be typed keeps the blanks around it."""
    if isinstance(field, TextSelector):
        assert isinstance(field, TrimmedText | PasswordText)
    if isinstance(field, SelectSelector) and field.config["custom_value"]:
        assert isinstance(field, TrimmedChoice)


def fields_of(schema: vol.Schema) -> dict[vol.Marker, Any]:
    """Give a form's fields, those in sections too."""
    found: dict[vol.Marker, Any] = {}
    for marker, field in schema.schema.items():
        found |= (
            fields_of(field.schema)
            if isinstance(field, data_entry_flow.section)
            else {marker: field}
        )
    return found


def suggested(result: Any) -> dict[str, Any]:
    """Return what the form of a flow result is filled in with."""
    return {
        str(marker): marker.description["suggested_value"]
        for marker in fields_of(result["data_schema"])
        if marker.description and "suggested_value" in marker.description
    }


def options_of(result: Any, name: str) -> list[str]:
    """Return the values that a select field of the form offers."""
    fields = fields_of(result["data_schema"])
    field = next(value for key, value in fields.items() if key == name)
    return [
        option["value"] if isinstance(option, dict) else option
        for option in field.config["options"]
    ]
