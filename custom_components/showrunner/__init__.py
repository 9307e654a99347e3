"""Showrunner runs a home media pipeline: what is watched decides what is fetched.

Wiring only: set up, unload, remove.
"""

import asyncio
from typing import Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from . import button_presses, cards, pictures, statistics
from .actions import async_setup_actions
from .const import DOMAIN
from .coordinators.pictures import Pictures
from .domain.text import say
from .issues import (
    database as database_issues,
    falls as fall_issues,
    library as library_issues,
    mappings as mapping_issues,
    no_primary,
    nobody_tracked,
    stuck as stuck_issues,
)
from .relinking import Relinker
from .runtime import (
    Runtime,
    ShowrunnerConfigEntry,
    assembly,
    database_path,
    lifecycle,
    parting,
    pictures_path,
)
from .store import Store, StoreDamaged, StoreError
from .texts import async_setup_logs, said
from .webhooks import receiving, registration
from .websocket import async_setup_websocket

# How long a start waits for the first answers (seconds). Of the others' first looks those that read
# very much go on for longer, and whoever reloads has nothing of waiting for them.
_SERVER_ANSWERS: Final = 10.0
_OTHERS_ANSWER: Final = 0.5

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TODO,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register actions, WebSocket commands, cards and pictures; they outlive every reload."""
    await async_setup_logs(hass)
    async_setup_actions(hass)
    async_setup_websocket(hass)
    await cards.async_serve(hass)
    pictures.serve(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> bool:
    """Set up one Jellyfin server and what is linked to it."""
    await cards.async_add(hass)
    registration.give_webhook_ids(hass, entry)
    # What is changed while this runs must count too: it is compared with what was read here.
    relinker = Relinker(hass, entry)
    try:
        runtime = await assembly.create(hass, entry)
        try:
            await _set_up(hass, entry, runtime)
        except BaseException:
            await lifecycle.stop(runtime)
            raise
    except StoreError as err:
        damaged = isinstance(err, StoreDamaged)
        if damaged:
            database_issues.tell(hass, entry, err.text)
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="store_damaged" if damaged else "store_failed",
            translation_placeholders={"error": said(hass, err.text)},
        ) from err
    await relinker.start()
    return True


async def _set_up(hass: HomeAssistant, entry: ShowrunnerConfigEntry, runtime: Runtime) -> None:
    database_issues.register(hass, entry, runtime)
    # A configuration that lost all its links at once is rather broken than meant so.
    await lifecycle.forget(runtime, certain=bool(entry.subentries))
    await runtime.playback.load()
    await runtime.requests.load()
    await runtime.buttons.load()
    button_presses.keep(hass, entry, runtime.buttons, receiving.register)
    await _first_looks(hass, entry, runtime)
    entry.runtime_data = runtime
    _register_server(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    statistics.register(hass, entry)
    stuck_issues.register(hass, entry)
    library_issues.register(hass, entry)
    fall_issues.register(hass, entry)
    button_presses.register(hass, entry)
    entry.async_on_unload(runtime.each_link(runtime.links.show_issues))
    nobody_tracked.check(hass, entry)
    lifecycle.start(runtime)
    entry.async_create_background_task(
        hass, parting.take_apart_later(hass), f"{DOMAIN} take apart what is over"
    )
    for name, work in (
        ("webhook", registration.add_webhook),
        ("mappings", mapping_issues.check),
    ):
        entry.async_create_background_task(hass, work(hass, entry), f"{DOMAIN} {name}")

    async def stop(_: Event) -> None:
        # Home Assistant's own listener outlives its end by itself: it shall hold nothing of ours.
        await lifecycle.stop(entry.runtime_data)

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))


async def _first_looks(hass: HomeAssistant, entry: ShowrunnerConfigEntry, runtime: Runtime) -> None:
    """Ask Jellyfin and every linked service for the first time, all at once.

    Jellyfin must answer, and soon; of the others none is waited for longer than a moment: they
    go on being asked, and their entities are unavailable until they answer. Raises
    ConfigEntryNotReady.
    """
    looks = [
        entry.async_create_background_task(
            hass, service.async_refresh(), f"{DOMAIN} first look at {service.title}"
        )
        for service in runtime.services
    ]
    try:
        async with asyncio.timeout(_SERVER_ANSWERS):
            await runtime.jellyfin.async_config_entry_first_refresh()
    except TimeoutError:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key="service_failed",
            translation_placeholders={
                "service": entry.title,
                "error": said(hass, say("error_no_answer_time")),
            },
        ) from None
    if looks:
        await asyncio.wait(looks, timeout=_OTHERS_ANSWER)


def _register_server(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Register the server's device before others refer to it."""
    server = entry.runtime_data.jellyfin.data.server
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=dr.DeviceEntryType.SERVICE,
        manufacturer="Jellyfin",
        model="Jellyfin",
        name=entry.title,
        sw_version=server.version,
        configuration_url=entry.runtime_data.jellyfin.client.url,
    )


async def async_unload_entry(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> bool:
    """Unload: keep what is open, leave nothing running."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await lifecycle.stop(entry.runtime_data)
        parting.is_over(hass, entry.runtime_data)
    if entry.disabled_by is not None:
        nobody_tracked.forget(hass, entry)
    no_primary.forget(hass, entry.entry_id)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Take our webhook and our collection out of Jellyfin again and remove the database.

    With the last entry the cards go, too.
    """
    if not hass.config_entries.async_entries(DOMAIN):
        await cards.async_remove(hass)
    await registration.remove_webhook(hass, entry)
    await lifecycle.remove_collection(hass, entry)
    agreed = registration.agreed_webhooks(entry)
    await registration.remove_service_webhooks(hass, agreed.values())
    mapping_issues.forget(hass, entry)
    nobody_tracked.forget(hass, entry)
    database_issues.forget(hass, entry.entry_id)
    button_presses.stop_keeping(hass, entry.entry_id)
    await Store.remove_files(database_path(hass, entry.entry_id))
    await Pictures.forget(pictures_path(hass, entry.entry_id))


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: ShowrunnerConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Let a device be removed that belongs to nothing linked any more."""
    living = {entry.entry_id, *(f"{entry.entry_id}_{key}" for key in entry.subentries)}
    return not any(domain == DOMAIN and name in living for domain, name in device.identifiers)
