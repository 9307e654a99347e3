"""System health: how many entries there are, and whether their services answer."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .runtime import ShowrunnerConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is shown."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[ShowrunnerConfigEntry] = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    loaded = [entry for entry in entries if entry.state is ConfigEntryState.LOADED]
    waiting = len(entries) - len(loaded)  # for a server that does not answer
    services = [
        service
        for entry in loaded
        for service in (entry.runtime_data.jellyfin, *entry.runtime_data.services)
    ]
    versions = {
        entry.runtime_data.jellyfin.data.server.version
        for entry in loaded
        if entry.runtime_data.jellyfin.data
    }
    return {
        "servers": len(entries),
        "jellyfin_version": ", ".join(sorted(versions)) or None,
        "services": len(services) + waiting,
        "services_down": sum(not service.connected for service in services) + waiting,
    }
