"""A repair for each Radarr or Sonarr whose folders Jellyfin knows under other names, or not."""

from collections.abc import Container, Iterable
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..coordinators.arr import ArrCoordinator
from ..domain.paths import contains
from ..runtime import ServiceError, ShowrunnerConfigEntry

_LOGGER = logging.getLogger(__name__)

MISSING_MAPPING: Final = "missing_mapping"


async def check(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Ask for a path mapping where none of an arr's root folders is known to Jellyfin."""
    runtime = entry.runtime_data
    forget(hass, entry, runtime.arrs)
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


def _meets(arr: ArrCoordinator[Any], paths: Iterable[str]) -> bool:
    """Tell whether any root folder lies in, or holds, a library folder of Jellyfin's."""
    roots = [folder.path for folder in arr.data.root_folders]
    here = [arr.path_map.to_here(root) or root for root in roots]
    return not roots or any(
        contains(path, root) or contains(root, path) for path in paths for root in here
    )


def forget(hass: HomeAssistant, entry: ShowrunnerConfigEntry, living: Container[str] = ()) -> None:
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
