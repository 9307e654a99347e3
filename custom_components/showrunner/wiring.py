"""What Showrunner sets up on the other side and takes away again, and asks a person to mend."""

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
import logging
from typing import Any, Final, Protocol

from homeassistant.components.webhook import async_generate_id, async_generate_path
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import CONF_ADD_WEBHOOK, CONF_WEBHOOK_ID, DOMAIN, RADARR, SEERR, SONARR
from .coordinators.radarr import RadarrCoordinator
from .coordinators.seerr import SeerrCoordinator
from .coordinators.sonarr import SonarrCoordinator
from .domain.paths import contains
from .flows import jellyfin, radarr, seerr, sonarr
from .runtime import ServiceError, ShowrunnerConfigEntry

_LOGGER = logging.getLogger(__name__)

WEBHOOK_NAME = "Showrunner"
MISSING_MAPPING = "missing_mapping"
AGAIN: Final = timedelta(minutes=15)
_GOODBYE: Final = 10.0


class _Notifications(Protocol):
    """The webhooks that a service calls."""

    async def remove(self, url: str) -> bool:
        """Take ours out again."""


class _Caller(Protocol):
    """A client of a service that can call us."""

    @property
    def notifications(self) -> _Notifications:
        """Its webhooks."""


_ARRS: Final[Mapping[str, Callable[[HomeAssistant, Mapping[str, Any]], _Caller]]] = {
    RADARR: radarr.client,
    SEERR: seerr.client,
    SONARR: sonarr.client,
}
# The services that call us.
_CALLERS: Final = frozenset(_ARRS)


async def add_webhook(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Add our webhook to Jellyfin's plugin if the person agreed; polling goes on beside it."""
    if not entry.data.get(CONF_ADD_WEBHOOK):
        return
    url = jellyfin.internal_webhook_url(hass, entry.data[CONF_WEBHOOK_ID])
    if url is None:
        _LOGGER.warning("Home Assistant has no address in the home network: polling Jellyfin only")
        return
    try:
        if await entry.runtime_data.jellyfin.client.add_webhook(url, WEBHOOK_NAME):
            _LOGGER.info("Added our webhook to Jellyfin's Webhook plugin")
    except ServiceError as err:
        _LOGGER.warning("Could not add our webhook to Jellyfin (polling only): %s", err.message)


async def remove_webhook(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Take our webhook out of Jellyfin's plugin again, if it was ours to add."""
    if not entry.data.get(CONF_ADD_WEBHOOK):
        return
    url = jellyfin.internal_webhook_url(hass, entry.data[CONF_WEBHOOK_ID])
    if url is None:
        return
    try:
        client = await jellyfin.client(hass, entry.data)
        await client.remove_webhook(url)
    except ServiceError as err:
        _LOGGER.warning(
            "Could not take our webhook out of Jellyfin's Webhook plugin: %s", err.message
        )


def give_webhook_ids(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Give a door to what was linked before its service could call us."""
    for subentry in tuple(entry.subentries.values()):
        give_webhook_id(hass, entry, subentry)


def give_webhook_id(hass: HomeAssistant, entry: ConfigEntry[Any], subentry: ConfigSubentry) -> None:
    """Give a door to a service that can call us, if it has none."""
    if subentry.subentry_type in _CALLERS and not subentry.data.get(CONF_WEBHOOK_ID):
        data = {**subentry.data, CONF_WEBHOOK_ID: async_generate_id()}
        hass.config_entries.async_update_subentry(entry, subentry, data=data)


async def add_arr_webhook(
    hass: HomeAssistant, entry: ShowrunnerConfigEntry, subentry_id: str
) -> None:
    """Add our webhook to Connect, or to Seerr, if the person agreed; polling goes on beside it.

    Our door is open by now: the other side calls it while it is being told.
    """
    runtime, data = entry.runtime_data, entry.subentries[subentry_id].data
    arr: RadarrCoordinator | SeerrCoordinator | SonarrCoordinator | None
    arr = runtime.arrs.get(subentry_id) or runtime.seerrs.get(subentry_id)
    if arr is None or not data.get(CONF_ADD_WEBHOOK):
        return
    url = jellyfin.internal_webhook_url(hass, data[CONF_WEBHOOK_ID])
    if url is None:
        _LOGGER.warning(
            "Home Assistant has no address in the home network: polling %s only", arr.title
        )
        return
    complained = False
    while True:
        try:
            if await arr.client.notifications.ensure(url):
                _LOGGER.info("Added our webhook to %s", arr.title)
        except ServiceError as err:
            if not complained:
                _LOGGER.warning(
                    "Could not add our webhook to %s (polling only; tried again later): %s",
                    arr.title,
                    err.message,
                )
                complained = True
        else:
            return
        await asyncio.sleep(AGAIN.total_seconds())


@dataclass(frozen=True, slots=True)
class Agreed:
    """A service that was told to call us, as it was linked then: subentries change in place."""

    kind: str
    title: str
    data: Mapping[str, Any]


def agreed_webhooks(entry: ConfigEntry[Any]) -> dict[str, Agreed]:
    """List the services that are told to call us, by their subentries' ids."""
    return {
        key: Agreed(subentry.subentry_type, subentry.title, dict(subentry.data))
        for key, subentry in entry.subentries.items()
        if subentry.subentry_type in _ARRS and subentry.data.get(CONF_ADD_WEBHOOK)
    }


async def remove_arr_webhooks(hass: HomeAssistant, services: Iterable[Agreed]) -> None:
    """Take our webhooks out of these again; what is down is not waited for long."""
    await asyncio.gather(*(_remove_from_arr(hass, service) for service in services))


async def _remove_from_arr(hass: HomeAssistant, service: Agreed) -> None:
    webhook_id = service.data.get(CONF_WEBHOOK_ID)
    # Found by its path alone: any address of ours does.
    url = async_generate_path(webhook_id) if webhook_id else None
    if url is None:
        return
    reason = "no answer in time"
    try:
        async with asyncio.timeout(_GOODBYE):
            client = _ARRS[service.kind](hass, service.data)
            await client.notifications.remove(url)
            return
    except TimeoutError:
        pass
    except ServiceError as err:
        reason = err.message
    _LOGGER.warning(
        "Could not take our webhook out of %s, remove it by hand: %s", service.title, reason
    )


async def check_mappings(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Ask for a path mapping where none of an arr's root folders is known to Jellyfin."""
    runtime = entry.runtime_data
    forget_issues(hass, entry, runtime.arrs)
    try:
        folders = await runtime.jellyfin.client.library_folders()
    except ServiceError as err:
        _LOGGER.debug("Can't compare folders: %s", err)
        return
    paths = [path for folder in folders for path in folder.paths]
    for subentry_id, arr in runtime.arrs.items():
        issue_id = f"{MISSING_MAPPING}_{subentry_id}"
        if not paths or arr.data is None:
            continue  # nothing to compare: not known is no fault
        if _meets(arr, paths):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=MISSING_MAPPING,
            translation_placeholders={"service": arr.title},
            data={"entry_id": entry.entry_id, "subentry_id": subentry_id},
        )


def _meets(arr: RadarrCoordinator | SonarrCoordinator, paths: Iterable[str]) -> bool:
    """Tell whether any root folder lies in, or holds, a library folder of Jellyfin's."""
    roots = [folder.path for folder in arr.data.root_folders]
    here = [arr.path_map.to_here(root) or root for root in roots]
    return not roots or any(
        contains(path, root) or contains(root, path) for path in paths for root in here
    )


def forget_issues(
    hass: HomeAssistant, entry: ShowrunnerConfigEntry, living: Container[str] = ()
) -> None:
    """Take back what was asked for services that are gone; `living` are subentry ids."""
    for domain, issue_id in tuple(ir.async_get(hass).issues):
        subentry_id = issue_id.removeprefix(f"{MISSING_MAPPING}_")
        issue = ir.async_get(hass).async_get_issue(domain, issue_id)
        if domain != DOMAIN or issue is None or not issue.data or subentry_id in living:
            continue
        if not issue_id.startswith(MISSING_MAPPING):
            continue  # not of a service: of a stuck request
        if issue.data.get("entry_id") == entry.entry_id:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
