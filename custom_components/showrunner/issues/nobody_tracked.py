"""A repair that says that nobody is tracked, as long as that is so.

Without a viewer nothing is recorded and nothing decided: that looks like a broken installation.
Whoever wants it so ignores the repair, and is not asked again.
"""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN, VIEWER

NOBODY_TRACKED: Final = "nobody_tracked"


def check(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Show the repair, or take it back."""
    if entry.get_subentries_of_type(VIEWER):
        forget(hass, entry)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry),
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=NOBODY_TRACKED,
        translation_placeholders={"server": entry.title},
        data={"entry_id": entry.entry_id},
    )


def forget(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Take the repair back."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry))


def _issue_id(entry: ConfigEntry[Any]) -> str:
    return f"{NOBODY_TRACKED}_{entry.entry_id}"
