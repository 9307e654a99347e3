"""Showrunner runs a home media pipeline: what is watched decides what is fetched.

Wiring only: set up, unload, remove.
"""

import asyncio
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from . import statistics, stuck_issues, webhook, wiring
from .actions import async_setup_actions
from .const import DOMAIN, MANUFACTURER
from .coordinators.base import ServiceCoordinator
from .runtime import Runtime, ShowrunnerConfigEntry, database_path
from .store import Store
from .websocket import async_setup_websocket

_LOGGER = logging.getLogger(__name__)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TODO,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register actions and WebSocket commands; they outlive every reload."""
    async_setup_actions(hass)
    async_setup_websocket(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> bool:
    """Set up one Jellyfin server and what is linked to it."""
    wiring.give_webhook_ids(hass, entry)
    # What is changed while this runs must count too: it is compared with what was read here.
    updates = _Updates(entry)
    runtime = await Runtime.create(hass, entry)
    try:
        await _set_up(hass, entry, runtime)
    except BaseException:
        await runtime.stop()
        raise
    entry.async_on_unload(entry.add_update_listener(updates.changed))
    await updates.changed(hass, entry)
    return True


async def _set_up(hass: HomeAssistant, entry: ShowrunnerConfigEntry, runtime: Runtime) -> None:
    # A configuration that lost all its links at once is rather broken than meant so.
    await runtime.forget_unlinked(certain=bool(entry.subentries))
    await runtime.playback.load()
    await runtime.requests.load()
    await runtime.jellyfin.async_config_entry_first_refresh()
    await asyncio.gather(*(_first_refresh(service) for service in runtime.services))
    entry.runtime_data = runtime
    _register_server(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    webhook.register(hass, entry)
    statistics.register(hass, entry)
    stuck_issues.register(hass, entry)
    runtime.start()
    for name, work in (
        ("webhook", wiring.add_webhook),
        ("arr webhooks", wiring.add_arr_webhooks),
        ("mappings", wiring.check_mappings),
    ):
        entry.async_create_background_task(hass, work(hass, entry), f"{DOMAIN} {name}")

    async def stop(_: Event) -> None:
        await runtime.stop()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))


async def _first_refresh(service: ServiceCoordinator[Any]) -> None:
    """Ask a linked service for the first time; one that is down must not stop the others."""
    try:
        await service.async_config_entry_first_refresh()
    except ConfigEntryNotReady as err:
        _LOGGER.info("Going on without %s for now: %s", service.title, err)


def _register_server(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Register the server's device before others refer to it."""
    server = entry.runtime_data.jellyfin.data.server
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        model="Jellyfin",
        name=entry.title,
        sw_version=server.version,
        configuration_url=entry.runtime_data.jellyfin.client.url,
    )


class _Updates:
    """Tells changes that need a reload (links, viewers) from those that don't (options)."""

    def __init__(self, entry: ShowrunnerConfigEntry) -> None:
        self._links = _links(entry)
        self._webhooks = wiring.agreed_webhooks(entry)
        self._options = dict(entry.options)

    async def changed(self, hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
        """React to a change of the entry."""
        if _links(entry) != self._links:
            await self._take_back(hass, entry)
            hass.config_entries.async_schedule_reload(entry.entry_id)
        elif dict(entry.options) != self._options:
            self._options = dict(entry.options)
            entry.runtime_data.options_changed()

    async def _take_back(self, hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
        """Take our webhook from where it is no longer wanted: only here is its key still known.

        Before the reload, which adds it anew where the same server has another address now.
        """
        wanted = wiring.agreed_webhooks(entry)
        gone = [
            old
            for key, old in self._webhooks.items()
            if key not in wanted or wanted[key].data[CONF_URL] != old.data[CONF_URL]
        ]
        self._webhooks = wanted
        await wiring.remove_arr_webhooks(hass, gone)


def _links(entry: ConfigEntry[Any]) -> tuple[object, ...]:
    subentries = {
        key: (subentry.title, dict(subentry.data)) for key, subentry in entry.subentries.items()
    }
    return entry.title, dict(entry.data), subentries


async def async_unload_entry(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> bool:
    """Unload: keep what is open, leave nothing running."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.stop()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Take our webhook out of Jellyfin again and remove the database."""
    await wiring.remove_webhook(hass, entry)
    await wiring.remove_arr_webhooks(hass, wiring.agreed_webhooks(entry).values())
    wiring.forget_issues(hass, entry)
    await Store.remove_files(database_path(hass, entry.entry_id))


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: ShowrunnerConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Let a device be removed that belongs to nothing linked any more."""
    living = {entry.entry_id, *(f"{entry.entry_id}_{key}" for key in entry.subentries)}
    return not any(domain == DOMAIN and name in living for domain, name in device.identifiers)
