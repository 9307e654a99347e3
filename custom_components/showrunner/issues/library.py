"""A repair that says that the library is not known, since when and why, as long as that is so.

Without the library nothing is judged by what it holds: no played flags, nothing leaves, no paths
are compared. That must not be a riddle to anybody.
"""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..runtime import ShowrunnerConfigEntry
from ..store import StoreError
from ..texts import said, written

_LIBRARY: Final = "library_unknown"
_PLAYED: Final = "played_unknown"
_LONGEST: Final = 300


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Show the repairs for as long as the entry is loaded."""
    runtime = entry.runtime_data

    async def check() -> None:
        try:
            doubts = await runtime.library.doubts(dt_util.utcnow())
        except StoreError:
            return  # that the database can't be read is told elsewhere
        library = [one for one in doubts if not one.viewer_id]
        # Of one cause one repair: without the library its viewers' marks are not known either.
        viewers = [] if library else [one for one in doubts if one.viewer_id]
        for key, found in ((_LIBRARY, library), (_PLAYED, viewers)):
            if not found:
                ir.async_delete_issue(hass, DOMAIN, f"{key}_{entry.entry_id}")
                continue
            oldest = min(found, key=lambda one: one.since)
            names = [
                viewer.name
                for one in found
                if (viewer := runtime.viewers.get(one.viewer_id)) is not None
            ]
            ir.async_create_issue(
                hass,
                DOMAIN,
                f"{key}_{entry.entry_id}",
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key=key,
                translation_placeholders={
                    "server": entry.title,
                    "viewers": ", ".join(sorted(names)),
                    "since": written(hass, oldest.since),
                    "why": said(hass, oldest.why).replace("`", "'")[:_LONGEST],
                },
            )

    def forget() -> None:
        for key in (_LIBRARY, _PLAYED):
            ir.async_delete_issue(hass, DOMAIN, f"{key}_{entry.entry_id}")

    runtime.library.on_looked.append(check)
    entry.async_on_unload(forget)
