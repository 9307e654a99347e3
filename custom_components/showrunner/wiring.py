"""What Showrunner sets up on the other side and takes away again, and asks a person to mend."""

from collections.abc import Container, Iterable
import logging

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import CONF_ADD_WEBHOOK, CONF_WEBHOOK_ID, DOMAIN
from .coordinators.radarr import RadarrCoordinator
from .domain.paths import contains
from .flows import jellyfin
from .runtime import ServiceError, ShowrunnerConfigEntry

_LOGGER = logging.getLogger(__name__)

WEBHOOK_NAME = "Showrunner"
MISSING_MAPPING = "missing_mapping"


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
        _LOGGER.warning("Could not add our webhook to Jellyfin (polling only): %s", err)


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
        _LOGGER.warning("Could not take our webhook out of Jellyfin's Webhook plugin: %s", err)


async def check_mappings(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Ask for a path mapping where none of a Radarr's root folders is known to Jellyfin."""
    runtime = entry.runtime_data
    forget_issues(hass, entry, runtime.radarrs)
    try:
        folders = await runtime.jellyfin.client.library_folders()
    except ServiceError as err:
        _LOGGER.debug("Can't compare folders: %s", err)
        return
    paths = [path for folder in folders for path in folder.paths]
    for subentry_id, radarr in runtime.radarrs.items():
        issue_id = f"{MISSING_MAPPING}_{subentry_id}"
        if not paths or radarr.data is None:
            continue  # nothing to compare: not known is no fault
        if _meets(radarr, paths):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=MISSING_MAPPING,
            translation_placeholders={"service": radarr.title},
            data={"entry_id": entry.entry_id, "subentry_id": subentry_id},
        )


def _meets(radarr: RadarrCoordinator, paths: Iterable[str]) -> bool:
    """Tell whether any root folder lies in, or holds, a library folder of Jellyfin's."""
    roots = [folder.path for folder in radarr.data.root_folders]
    here = [radarr.path_map.to_here(root) or root for root in roots]
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
        if issue.data.get("entry_id") == entry.entry_id:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
