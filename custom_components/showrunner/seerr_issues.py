"""A repair for each Seerr that has not reached a Radarr or Sonarr of its own for long.

What is approved meanwhile for that one is not handed on, and nobody sees why.
"""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .coordinators.seerr import SeerrCoordinator
from .runtime import ShowrunnerConfigEntry
from .texts import written

_KEY: Final = "seerr_unreached"
_LONGEST: Final = 300


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Show the repairs for as long as a Seerr is linked and the entry loaded."""
    runtime = entry.runtime_data

    def add(subentry_id: str) -> None:
        seerr = runtime.seerrs.get(subentry_id)
        if seerr is not None:
            _follow(hass, seerr, f"{_KEY}_{subentry_id}")

    entry.async_on_unload(runtime.each_link(add))


def _follow(hass: HomeAssistant, seerr: SeerrCoordinator, issue_id: str) -> None:
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
