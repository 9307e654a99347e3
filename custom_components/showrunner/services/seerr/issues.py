"""A repair for each Seerr that has not reached a Radarr or Sonarr of its own for long.

What is approved meanwhile for that one is not handed on, and nobody sees why.
"""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ...const import DOMAIN
from ...coordinators.seerr import SeerrCoordinator
from ...texts import written

_KEY: Final = "seerr_unreached"
_LONGEST: Final = 300


def follow(hass: HomeAssistant, seerr: SeerrCoordinator) -> None:
    """Show the repair of a Seerr for as long as it is looked after."""
    issue_id = f"{_KEY}_{seerr.subentry_id}"

    @callback
    def show() -> None:
        unreached = seerr.data.unreached if seerr.data is not None else ()
        if not unreached:
            forget()
            return
        names = ", ".join(one.name for one in unreached).replace("`", "'")
        since = min(one.since for one in unreached)
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=_KEY,
            translation_placeholders={
                "seerr": seerr.title,
                "services": names[:_LONGEST],
                "since": written(hass, since),
            },
        )

    @callback
    def forget() -> None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)

    show()
    seerr.until_shutdown(seerr.async_add_listener(show))
    seerr.until_shutdown(forget)
