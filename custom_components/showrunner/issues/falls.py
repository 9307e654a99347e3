"""A repair for each source that has suddenly lost most of what it had, for as long as that waits.

All plans on it are frozen until a second read agrees. Whoever knows why so much is gone confirms
it: exactly what the repair has told, whose mark goes with it.
"""

from hashlib import sha256
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..coordinators.falls import Fallen, FallKind
from ..runtime import Runtime, ShowrunnerConfigEntry
from ..signals import Attributes, Topic
from ..store import StoreError
from ..texts import written

_PREFIX: Final = "fall"
_COUNTED: Final = {
    FallKind.LIBRARY: ("movie", "series", "episode"),
    FallKind.VIEWER: ("played", "favorites"),
    FallKind.TORRENTS: ("torrents",),
    FallKind.REQUESTS: ("requests",),
    FallKind.ARR: ("titles", "files", "kept"),
}


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Show the repairs for as long as the entry is loaded."""
    issues = FallIssues(hass, entry)
    runtime = entry.runtime_data

    def look(_: str = "", __: Attributes | None = None) -> None:
        entry.async_create_background_task(hass, issues.check(), f"{DOMAIN} sudden falls")

    look()
    runtime.library.on_looked.append(issues.check)
    entry.async_on_unload(runtime.signals.subscribe(Topic.FALL, look))
    entry.async_on_unload(runtime.signals.subscribe(Topic.LINK, look))
    entry.async_on_unload(issues.close)


class FallIssues:
    """The repairs of one entry's sources."""

    def __init__(self, hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
        """Begin with none."""
        self._hass = hass
        self._entry_id = entry.entry_id
        self._runtime: Runtime = entry.runtime_data
        self._shown: dict[str, Fallen] = {}
        self._closed = False

    async def check(self) -> None:
        """Show what waits now, and take back what does not."""
        try:
            found = await self._runtime.falls.all()
        except StoreError:
            return  # that the database can't be read is told elsewhere
        if self._closed:
            return
        if any(one.kind is FallKind.LIBRARY for one in found):
            # Marks go with their titles: first what became of these.
            found = tuple(one for one in found if one.kind is not FallKind.VIEWER)
        wanted = {self._issue_id(one.source): one for one in found}
        for issue_id, before in tuple(self._shown.items()):
            # Another fall is another repair, which nobody has chosen to ignore.
            now = wanted.get(issue_id)
            if now is None or now.fall.mark != before.fall.mark:
                ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._shown = wanted
        for issue_id, one in wanted.items():
            self._create(issue_id, one)

    def close(self) -> None:
        """Take all of them back."""
        self._closed = True
        for issue_id in self._shown:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        self._shown.clear()

    def _issue_id(self, source: str) -> str:
        name = sha256(f"{self._entry_id} {source}".encode()).hexdigest()[:16]
        return f"{_PREFIX}_{name}"

    def _create(self, issue_id: str, one: Fallen) -> None:
        placeholders = self._placeholders(one)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=f"{_PREFIX}_{one.kind.value}",
            translation_placeholders=placeholders,
            data={
                **placeholders,
                "entry_id": self._entry_id,
                "fallen": one.source,
                "mark": one.fall.mark,
            },
        )

    def _placeholders(self, one: Fallen) -> dict[str, str]:
        viewer = self._runtime.viewers.get(one.viewer_id)
        placeholders = {
            "source": one.name,
            "viewer": "" if viewer is None else viewer.name,
            "percent": str(one.fall.percent),
            "since": written(self._hass, one.fall.since),
        }
        for kind in _COUNTED[one.kind]:
            placeholders[f"{kind}_had"] = str(one.fall.had.get(kind, 0))
            placeholders[f"{kind}_left"] = str(one.fall.left(kind))
        return placeholders
