"""The demo's dashboard: Showrunner's own, which builds itself from what is linked."""

import asyncio
from dataclasses import dataclass
from typing import Final

from .homeassistant import HomeAssistant
from .statistics import past

PATH: Final = "showrunner-demo"


@dataclass(frozen=True, slots=True)
class Entity:
    """One of Showrunner's entities."""

    entity_id: str
    key: str  # its translation key, as INTERFACE names it
    device_id: str
    device: str = ""

    @property
    def domain(self) -> str:
        """The part before the dot."""
        return self.entity_id.partition(".")[0]


async def entities(ha: HomeAssistant) -> list[Entity]:
    """List Showrunner's enabled entities."""
    rows = await ha.ws(type="config/entity_registry/list")
    devices = await ha.ws(type="config/device_registry/list")
    names = {
        row["id"]: row.get("name_by_user") or row.get("name") or ""
        for row in (devices if isinstance(devices, list) else [])
    }
    found = [
        Entity(
            row["entity_id"],
            row.get("translation_key") or "",
            row.get("device_id") or "",
            names.get(row.get("device_id"), ""),
        )
        for row in (rows if isinstance(rows, list) else [])
        if row["platform"] == "showrunner" and row["disabled_by"] is None
    ]
    return sorted(found, key=lambda entity: (entity.device, entity.key))


async def _settled(ha: HomeAssistant) -> list[Entity]:
    """Wait until all that was linked has its entities: each link reloads the entry."""
    found: list[Entity] = []
    for _ in range(20):
        before, found = found, await entities(ha)
        if found and len(found) == len(before):
            return found
        await asyncio.sleep(0.5)
    return found


async def build(ha: HomeAssistant) -> None:
    """Make the dashboard, as *Add dashboard* does."""
    await ha.ws(
        type="lovelace/dashboards/create",
        url_path=PATH,
        title="Showrunner",
        icon="mdi:movie-roll",
        mode="storage",
        show_in_sidebar=True,
    )
    found = await _settled(ha)
    await past(ha, {e.entity_id: e.key for e in found if e.domain == "sensor"})
    config = {"strategy": {"type": "custom:showrunner"}}
    await ha.ws(type="lovelace/config/save", url_path=PATH, config=config)
