"""Walking through a flow, step by step."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentry
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from . import world

RADARR = {"url": f"{world.RADARR}/", "api_key": world.KEY, "verify_ssl": True}


async def start(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str, subentry_id: str | None = None
) -> Any:
    """Open the flow that adds a subentry, or the one that changes it."""
    context: dict[str, Any] = {"source": SOURCE_USER}
    if subentry_id:
        context = {"source": SOURCE_RECONFIGURE, "subentry_id": subentry_id}
    return await hass.config_entries.subentries.async_init((entry.entry_id, kind), context=context)


async def send(hass: HomeAssistant, result: Any, data: dict[str, Any]) -> Any:
    """Send a form of a subentry flow."""
    return await hass.config_entries.subentries.async_configure(result["flow_id"], data)


def only(entry: MockConfigEntry) -> ConfigSubentry:
    """Return the entry's one subentry."""
    [found] = entry.subentries.values()
    return found
