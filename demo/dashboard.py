"""A dashboard with Showrunner's entities, made over Home Assistant's own websocket API.

Built-in cards only. What an entity is for is known by its translation key, as INTERFACE names it.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from . import dashboard_texts as texts
from .homeassistant import HomeAssistant
from .statistics import DAYS, two_weeks

PATH: Final = "showrunner-demo"

_ARR: Final = ("queue", "monitored_missing", "monitored_missing_episodes", "free_space")
_SEEDBOX: Final = ("used_percent", "torrents", "downloading", "download_rate")

type Card = dict[str, object]


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


class _Cards:
    """Makes the cards, out of the entities that there are."""

    def __init__(self, found: list[Entity]) -> None:
        """Take the entities."""
        self.found = found

    def one(self, key: str, domain: str) -> str:
        """Give the only entity with a key; an empty text if there is none."""
        found = (e.entity_id for e in self.found if e.key == key and e.domain == domain)
        return next(found, "")

    def of(self, domain: str) -> list[Entity]:
        """Give the entities of a domain."""
        return [e for e in self.found if e.domain == domain]

    def rows(self, keys: Iterable[str], *, whose: bool = False) -> list[Card]:
        """Make a line for each entity, in the order of the keys."""
        order = list(keys)
        chosen = sorted((e for e in self.found if e.key in order), key=lambda e: order.index(e.key))
        return [_row(e, whose=whose) for e in chosen]

    def badges(self, *keys: str) -> list[Card]:
        """Make badges with numbers."""
        return [
            {"type": "entity", "entity": e.entity_id, "name": {"type": "entity"}, "show_name": True}
            for key in keys
            for e in self.found
            if e.key == key
        ]


def _row(entity: Entity, *, whose: bool) -> Card:
    kind = "device" if whose else "entity"
    return {"entity": entity.entity_id, "name": {"type": kind}}


def _heading(title: str, icon: str) -> Card:
    return {"type": "heading", "heading": title, "icon": icon}


def _section(*parts: tuple[str, str, list[Card]]) -> list[Card]:
    """Make a section of parts, each with its heading; parts without a card are left out."""
    cards = [
        card for title, icon, cards in parts if cards for card in (_heading(title, icon), *cards)
    ]
    return [{"type": "grid", "cards": cards}] if cards else []


def _markdown(content: str) -> Card:
    return {"type": "markdown", "content": content, "grid_options": {"columns": "full"}}


def _list(rows: list[Card]) -> list[Card]:
    """Make one card of lines: names and values have room on a phone, too."""
    card: Card = {"type": "entities", "entities": rows, "show_header_toggle": False}
    return [card | {"grid_options": {"columns": "full"}}] if rows else []


def _watching(make: _Cards) -> list[Card]:
    viewers: list[Card] = []
    keys = ("viewings_month", "last_watched", "tracking")
    for device in dict.fromkeys(e.device for e in make.found if e.key == "last_watched"):
        lines = _Cards([e for e in make.found if e.device == device]).rows(keys)
        viewers += [{"type": "section", "label": device}, *lines]
    now = [_markdown(texts.now()), *_list(make.rows(("streams", "transcodes", "stream_bitrate")))]
    return _section(
        ("Plays now", "mdi:play-circle", now),
        ("Viewers", "mdi:account-multiple", _list(viewers)),
    )


def _viewings(make: _Cards) -> list[Card]:
    cards = [_markdown(texts.viewings())]
    watched = [e for e in make.found if e.key == "watch_time"]
    if watched:
        cards.append(
            {
                "type": "statistics-graph",
                "title": "Watch time (made up)",
                "entities": [{"entity": e.entity_id, "name": e.device} for e in watched],
                "stat_types": ["change"],
                "chart_type": "bar",
                "period": "day",
                "days_to_show": DAYS,
                "grid_options": {"columns": "full"},
            }
        )
    return _section(("Viewings", "mdi:eye-check", cards))


def _decisions(make: _Cards) -> list[Card]:
    why = _markdown(texts.why(make.one("decision", "event"), make.one("job", "event")))
    whole = [e for e in make.of("switch") + make.of("button") if e.key != "tracking"]
    return _section(
        ("Last decision", "mdi:scale-balance", [why]),
        ("Switches", "mdi:toggle-switch", _list([_row(e, whose=False) for e in whole])),
    )


def _requests(make: _Cards) -> list[Card]:
    """Show who waits for what, how far it is, and what somebody may approve."""
    event, approvals = make.one("request", "event"), make.of("todo")
    intro = [_markdown(texts.requests())] if event else []
    counts = make.rows(("requests",))
    todo: list[Card] = [
        {"type": "todo-list", "entity": one.entity_id, "grid_options": {"columns": "full"}}
        for one in approvals
    ]
    return _section(
        ("Requests", "mdi:movie-plus", [*intro, *_list(counts)]),
        ("Waiting for approval", "mdi:check-decagram", todo),
    )


def _arrs(make: _Cards) -> list[Card]:
    """Show the services in which requests come true, each under its name."""
    parts = []
    for key, keys, icon in (
        ("monitored_missing", _ARR, "mdi:movie-search"),
        ("monitored_missing_episodes", _ARR, "mdi:television-classic"),
        ("download_rate", _SEEDBOX, "mdi:download-network"),
    ):
        for device in dict.fromkeys(e.device for e in make.found if e.key == key):
            own = _Cards([e for e in make.found if e.device == device])
            parts.append((device, icon, _list(own.rows(keys))))
    return _section(*parts)


def _events(make: _Cards) -> list[Card]:
    services: list[Card] = [
        {"type": "tile", "entity": e.entity_id, "name": {"type": "device"}}
        for e in make.of("binary_sensor")
        if not e.key  # connectivity is named by its device class
    ]
    return _section(
        ("What happened", "mdi:history", [_markdown(texts.happened())]),
        ("Services", "mdi:lan-connect", services),
    )


def view(found: list[Entity]) -> Card:
    """Make the page."""
    make = _Cards(found)
    parts = (
        _watching(make),
        _viewings(make),
        _requests(make),
        _decisions(make),
        _arrs(make),
        _events(make),
    )
    return {
        "title": "Showrunner",
        "path": "home",
        "icon": "mdi:movie-roll",
        "type": "sections",
        "max_columns": 3,
        "badges": make.badges("viewings_today", "decisions_today", "requests_stuck"),
        "sections": [section for part in parts for section in part],
    }


async def build(ha: HomeAssistant) -> None:
    """Make the dashboard."""
    await ha.ws(
        type="lovelace/dashboards/create",
        url_path=PATH,
        title="Showrunner",
        icon="mdi:movie-roll",
        mode="storage",
        show_in_sidebar=True,
    )
    found = await _settled(ha)
    await two_weeks(ha, [e.entity_id for e in found if e.key == "watch_time"])
    config = {"views": [view(found)]}
    await ha.ws(type="lovelace/config/save", url_path=PATH, config=config)
