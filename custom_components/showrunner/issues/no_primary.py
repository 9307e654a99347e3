"""A repair that says that the cleanup waits for a primary viewer, as long as that is so.

Where only the primary viewer counts and nobody is it, nothing ever leaves: that looks broken.
"""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..domain.retention import WhoCounts, primary_of
from ..jobs.cleanup.spec import SPEC as CLEANUP, viewers_of
from ..runtime import ShowrunnerConfigEntry

NO_PRIMARY: Final = "no_primary_viewer"


def check(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Show the repair, or take it back."""
    runtime = entry.runtime_data
    page = runtime.jobs[CLEANUP].page
    waits = page.enabled and page.policy is not None and page.policy.who is WhoCounts.PRIMARY
    viewers = viewers_of(runtime.settings)
    if not waits or not viewers or primary_of(viewers):
        forget(hass, entry.entry_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry.entry_id),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=NO_PRIMARY,
        translation_placeholders={"server": entry.title},
    )


def forget(hass: HomeAssistant, entry_id: str) -> None:
    """Take the repair back."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry_id))


def _issue_id(entry_id: str) -> str:
    return f"{NO_PRIMARY}_{entry_id}"
