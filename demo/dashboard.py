"""A dashboard with Showrunner's entities, made over Home Assistant's own websocket API."""

import asyncio
from dataclasses import dataclass
from typing import Final

from .homeassistant import HomeAssistant

PATH: Final = "showrunner-demo"
# What a person looks at first; the rest of the entities follows on the devices' pages.
_FIRST: Final = ("event", "switch", "sensor", "binary_sensor", "button", "calendar", "todo")
_WHAT: Final = {
    "event": "What happened",
    "switch": "Switches",
    "sensor": "Numbers",
    "binary_sensor": "Connections",
    "button": "Run now",
    "calendar": "Calendar",
    "todo": "To do",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """One of Showrunner's entities."""

    entity_id: str
    key: str  # its translation key, as INTERFACE names it
    device_id: str

    @property
    def domain(self) -> str:
        """The part before the dot."""
        return self.entity_id.partition(".")[0]


async def entities(ha: HomeAssistant) -> list[Entity]:
    """List Showrunner's enabled entities."""
    rows = await ha.ws(type="config/entity_registry/list")
    return [
        Entity(row["entity_id"], row.get("translation_key") or "", row.get("device_id") or "")
        for row in (rows if isinstance(rows, list) else [])
        if row["platform"] == "showrunner" and row["disabled_by"] is None
    ]


async def _settled(ha: HomeAssistant) -> list[Entity]:
    """Wait until all that was linked has its entities: each link reloads the entry."""
    found: list[Entity] = []
    for _ in range(20):
        before, found = found, await entities(ha)
        if found and len(found) == len(before):
            return found
        await asyncio.sleep(0.5)
    return found


def _why(found: list[Entity]) -> dict[str, object]:
    """Make the card that says what was decided last, and why."""
    decision = next((e.entity_id for e in found if e.key == "decision"), "")
    job = next((e.entity_id for e in found if e.key == "job"), "")
    text = (
        f"{{% set d = '{decision}' %}}{{% set j = '{job}' %}}"
        "{% if state_attr(d, 'title') %}"
        "**{{ state_attr(d, 'title') }}**: {{ state_attr(d, 'event_type') }}"
        "{% if state_attr(d, 'viewer') %}, watched by {{ state_attr(d, 'viewer') }}{% endif %}\n\n"
        "{{ state_attr(d, 'reason') }}"
        "{% else %}Nothing was decided yet: play something.{% endif %}\n\n"
        "{% if state_attr(j, 'title') %}"
        "_{{ state_attr(j, 'title') }}: {{ state_attr(j, 'detail') }}_{% endif %}"
    )
    return {"type": "markdown", "title": "Last decision", "content": text}


async def build(ha: HomeAssistant) -> None:
    """Make the dashboard, with one card a kind of entity and a log of what happened."""
    found = await _settled(ha)
    cards: list[dict[str, object]] = [_why(found)]
    for domain in _FIRST:
        ids = sorted(e.entity_id for e in found if e.domain == domain)
        if ids:
            cards.append({"type": "entities", "title": _WHAT[domain], "entities": ids})
    events = sorted(e.entity_id for e in found if e.domain == "event")
    if events:
        target = {"entity_id": events}
        cards.append({"type": "logbook", "title": "Log", "target": target, "hours_to_show": 24})
    view = {"title": "Showrunner", "path": "home", "icon": "mdi:movie-roll", "cards": cards}
    async with ha.socket() as send:
        await send(
            {
                "type": "lovelace/dashboards/create",
                "url_path": PATH,
                "title": "Showrunner",
                "icon": "mdi:movie-roll",
                "mode": "storage",
                "show_in_sidebar": True,
            }
        )
        config = {"views": [view]}
        await send({"type": "lovelace/config/save", "url_path": PATH, "config": config})
