"""Takes over what a person links or changes while the entry runs, one thing at a time.

Whatever is linked already goes on undisturbed: its entities, its connections, and what it knows.
Two things reload the whole entry: another Jellyfin (its address, its key), and what was removed, of
which nothing may be left that still works on it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_URL
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers import entity_platform

from . import button_presses
from .const import DOMAIN
from .issues import mappings as mapping_issues, no_primary, nobody_tracked
from .runtime import Runtime, ShowrunnerConfigEntry, lifecycle
from .webhooks import receiving, registration

type _Link = tuple[str, Mapping[str, Any]]


class Relinker:
    """Compares the entry with what runs, and changes what differs."""

    def __init__(self, hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
        """Remember what is linked now: what is changed while the entry starts counts, too."""
        self._hass = hass
        self._entry = entry
        self._server = _server(entry)
        self._options = dict(entry.options)
        self._links = {key: _link(subentry) for key, subentry in entry.subentries.items()}
        self._agreed = registration.agreed_webhooks(entry)
        self._ends: dict[str, list[CALLBACK_TYPE]] = {}
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Answer the webhooks, and follow the entry's changes for as long as it is loaded."""
        entry = self._entry
        entry.async_on_unload(self._close_all)
        entry.async_on_unload(receiving.register(self._hass, entry.runtime_data.webhook_endpoint))
        button_presses.stop_keeping(self._hass, entry.entry_id)
        entry.async_on_unload(receiving.register(self._hass, entry.runtime_data.button_endpoint))
        for subentry_id in self._links:
            self._open(subentry_id)
        entry.async_on_unload(entry.add_update_listener(self._changed))
        await self._changed(self._hass, entry)

    async def _changed(self, hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
        """React to a change of the entry."""
        async with self._lock:
            removed = self._links.keys() - entry.subentries.keys()
            if removed or _server(entry) != self._server:
                await self._take_back()
                hass.config_entries.async_schedule_reload(entry.entry_id)
                return
            if dict(entry.options) != self._options:
                self._options = dict(entry.options)
                lifecycle.options_changed(entry.runtime_data)
            await self._relink(entry.runtime_data)
            no_primary.check(hass, entry)

    async def _relink(self, runtime: Runtime) -> None:
        before = self._links
        self._links = {key: _link(one) for key, one in self._entry.subentries.items()}
        changed = [key for key, link in self._links.items() if before.get(key) != link]
        if not changed:
            return
        await self._take_back()
        await lifecycle.viewers_changed(runtime)
        nobody_tracked.check(self._hass, self._entry)
        known = before.keys() & set(changed)
        for key in known:
            self._close(key)
            await runtime.notifier.remove(key)
            await lifecycle.unlink(runtime, key)
        await self._remove_entities(known)
        for key in changed:
            self._link_anew(runtime, self._entry.subentries[key])
        self._entry.async_create_background_task(
            self._hass, mapping_issues.check(self._hass, self._entry), f"{DOMAIN} mappings"
        )

    def _link_anew(self, runtime: Runtime, subentry: ConfigSubentry) -> None:
        registration.give_webhook_id(self._hass, self._entry, subentry)
        self._links[subentry.subentry_id] = _link(subentry)
        lifecycle.link(runtime, subentry)
        if (subscriber := runtime.links.subscriber(subentry.subentry_id)) is not None:
            runtime.notifier.add(subscriber)
        self._agreed = registration.agreed_webhooks(self._entry)
        self._open(subentry.subentry_id)

    # -- webhooks --------------------------------------------------------------------------------

    def _open(self, subentry_id: str) -> None:
        """Let a service call us, and see to it that it does, where the person agreed."""
        endpoint = self._entry.runtime_data.links.webhook_endpoint(subentry_id)
        if endpoint is None:
            return
        task = self._entry.async_create_background_task(
            self._hass,
            registration.add_service_webhook(self._hass, self._entry, subentry_id),
            f"{DOMAIN} webhook of {endpoint.name}",
        )
        self._ends[subentry_id] = [receiving.register(self._hass, endpoint), lambda: _cancel(task)]

    def _close(self, subentry_id: str) -> None:
        for end in self._ends.pop(subentry_id, ()):
            end()

    def _close_all(self) -> None:
        for subentry_id in tuple(self._ends):
            self._close(subentry_id)

    async def _take_back(self) -> None:
        """Take our webhook from where it is no longer wanted: only here is its key still known."""
        wanted = registration.agreed_webhooks(self._entry)
        gone = [
            old
            for key, old in self._agreed.items()
            if key not in wanted or wanted[key].data[CONF_URL] != old.data[CONF_URL]
        ]
        self._agreed = wanted
        await registration.remove_service_webhooks(self._hass, gone)

    async def _remove_entities(self, subentry_ids: set[str]) -> None:
        """Take away the entities of services that are linked anew; their registry entries stay."""
        for platform in entity_platform.async_get_platforms(self._hass, DOMAIN):
            if platform.config_entry is not self._entry:
                continue
            for entity_id, entity in tuple(platform.entities.items()):
                registered = entity.registry_entry
                if registered is not None and registered.config_subentry_id in subentry_ids:
                    await platform.async_remove_entity(entity_id)


def _server(entry: ConfigEntry[Any]) -> tuple[object, ...]:
    return entry.title, dict(entry.data)


def _link(subentry: ConfigSubentry) -> _Link:
    return subentry.title, dict(subentry.data)


def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
