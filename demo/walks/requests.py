"""Four wishes at once, on all four paths, until they can be played; and one that is stuck.

What is printed is what Home Assistant shows: the event entity at every state, `get_requests` for
the progress, the sensors and the to-do list for the rest. Things take long enough to be looked at.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from world.catalogue import Film, by_name
from world.clock import utcnow
from world.shows import Show, show_by_name
from world.world import Pace, World

from ..dashboard import entities
from .walk import Seen, Walk

_PATH: Final = ("requested", "approved", "grabbing", "downloading", "downloaded", "importing")
_ANIME: Final = (*_PATH[:-1], "anime_matching")
_STUCK: Final = "The Salt Road"
_WRONG: Final = {"Salt.Road.S01E01": "no_seeds", "Salt.Road.S01E02": "error"}
_LIMIT: Final = 60.0


@dataclass(slots=True)
class Wish:
    """What somebody asks for, and what was shown of it: state or `stuck`, and when."""

    entry: Film | Show
    user: str
    seasons: tuple[int, ...] = ()
    shown: list[tuple[str, datetime]] = field(default_factory=list)
    progress: set[float] = field(default_factory=set)

    @property
    def anime(self) -> bool:
        """Tell whether it goes by way of Shoko."""
        return self.entry.anime

    @property
    def path(self) -> Sequence[str]:
        """Name the states on its way."""
        return (*(_ANIME if self.anime else _PATH), "available")


async def requests(here: Walk) -> None:
    """Go through its stations."""
    wishes = [
        Wish(by_name("Third Shift"), "Kitchen"),
        Wish(show_by_name("Ferry Lights"), "Kitchen", (1,)),
        Wish(by_name("Whale of Paper"), "Kitchen"),
        Wish(show_by_name("Station of Clouds"), "Kitchen", (1,)),
    ]
    bad = Wish(show_by_name(_STUCK), "Sofa", (1,))
    world = here.servers.world
    with_pace = _slow(world)
    found = await entities(here.ha)
    event = next(e.entity_id for e in found if e.key == "request")
    todo = next(e.entity_id for e in found if e.domain == "todo")
    try:
        async with _heard(here, event, [*wishes, bad]):
            here.say("Kitchen asks for a film, a series, an anime film and an anime series;")
            here.say(f"Sofa asks for {_STUCK}: one part has no seeds, one cannot be written")
            here.ended = utcnow()
            for wish in (*wishes, bad):
                await here.servers.seerr_state.wish(wish.entry.name, wish.user, wish.seasons)
            await _approved(here, todo, wishes)
            looking = asyncio.create_task(_look(here, wishes))
            try:
                for wish in wishes:
                    await _goes(here, wish)
            finally:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
            await _stuck(here, bad)
        await _numbers(here, wishes)
    finally:
        world.pace = with_pace
        world.swarm.wrong.clear()


def _slow(world: World) -> Pace:
    """Have everything take as long as it takes to be seen; give the pace from before."""
    before = world.pace
    world.pace = replace(before, download=16.0, arrive=12.0, notice=20.0, match=3.0)
    world.swarm.wrong = dict(_WRONG)
    return before


@asynccontextmanager
async def _heard(here: Walk, entity_id: str, wishes: Sequence[Wish]) -> AsyncGenerator[None]:
    """Write down what the event entity says of each wish."""
    by_title = {f"{wish.entry.name} ({wish.entry.year})": wish for wish in wishes}

    def hear(event: dict[str, object]) -> None:
        data = event.get("data")
        new = data.get("new_state") if isinstance(data, dict) else None
        if not isinstance(new, dict) or new.get("entity_id") != entity_id:
            return
        news = new["attributes"]
        wish = by_title.get(str(news.get("title")))
        if wish is not None:
            wish.shown.append((str(news.get("event_type")), utcnow()))

    async with here.ha.socket(hear) as send:
        await send({"type": "subscribe_events", "event_type": "state_changed"})
        yield


async def _approved(here: Walk, todo: str, wishes: Sequence[Wish]) -> None:
    """Approve them where Home Assistant lists them."""
    titles = [f"{wish.entry.name} ({wish.entry.year})" for wish in wishes]

    async def listed() -> Seen | None:
        found = await _items(here, todo)
        return Seen(f"{len(found)} items") if set(titles) <= set(found) else None

    await here.station("all four are on the to-do list of approvals", listed)
    for title in titles:
        data = {"entity_id": todo, "item": title, "status": "completed"}
        await here.ha.call("POST", "/api/services/todo/update_item", data)

    async def done() -> Seen | None:
        found = await _items(here, todo)
        return Seen(f"{len(found)} left") if not set(titles) & set(found) else None

    await here.station("completed there, they are approved in Seerr", done)


async def _items(here: Walk, todo: str) -> list[str]:
    path = "/api/services/todo/get_items?return_response"
    answer = await here.ha.table("POST", path, {"entity_id": todo})
    response = answer["service_response"]
    rows = response[todo]["items"] if isinstance(response, dict) else []
    return [str(row["summary"]) for row in rows if row["status"] == "needs_action"]


async def _rows(here: Walk) -> dict[str, dict[str, object]]:
    """Ask how everything stands, by its name."""
    rows = (await here.ask("get_requests"))["requests"]
    return {str(row["title"]): row for row in (rows if isinstance(rows, list) else [])}


async def _look(here: Walk, wishes: Sequence[Wish]) -> None:
    """Note how far the downloads are, again and again."""
    while True:
        rows = await _rows(here)
        for wish in wishes:
            row = rows.get(wish.entry.name)
            if row is not None and row["state"] == "downloading":
                wish.progress.add(float(str(row["progress"])))
        await asyncio.sleep(0.5)


async def _goes(here: Walk, wish: Wish) -> None:
    """Wait for every state on the way, each once, and print when it was shown."""
    here.say(f"{wish.entry.name}{', an anime' if wish.anime else ''}")
    for state in wish.path:

        async def reached(state: str = state) -> Seen | None:
            moved = state != "downloading" or any(1 < progress < 100 for progress in wish.progress)
            for shown, at in wish.shown:
                if shown == state and moved:
                    return Seen(_said(wish, state), at)
            return None

        await here.station(state, reached, _LIMIT)
    # Sonarr may be caught in the middle of an import, which is the state before matching.
    states = [state for state, _ in wish.shown if state in wish.path]
    if states != list(wish.path):
        here.lacks(f"{wish.entry.name} goes straight on: {states}")


def _said(wish: Wish, state: str) -> str:
    if state == "downloading" and (moving := sorted(p for p in wish.progress if p > 1)):
        return f"seen at {', '.join(f'{progress:.0f} %' for progress in moving)}"
    return "shown"


async def _stuck(here: Walk, wish: Wish) -> None:
    """What the client cannot write is stuck at once; what has no seeds only after an hour."""

    async def stuck() -> Seen | None:
        row = (await _rows(here)).get(wish.entry.name)
        why = None if row is None else row["stuck"]
        if row is None or not isinstance(why, dict):
            return None
        return Seen(f"{why['reason']}; {row['state']}, {row['progress']} % ({row['summary']})")

    await here.station(f"{wish.entry.name} is stuck", stuck)
    if not any(kind == "stuck" for kind, _ in wish.shown):
        here.lacks("the event of what is stuck")
    if any(state == "available" for state, _ in wish.shown):
        here.lacks(f"{wish.entry.name} is not there")


async def _numbers(here: Walk, wishes: Sequence[Wish]) -> None:
    """Compare the sensors with the list."""
    rows = await _rows(here)
    for wish in wishes:
        row = rows.get(wish.entry.name, {})
        if (row.get("state"), row.get("anime")) != ("available", wish.anime):
            here.lacks(f"get_requests: {wish.entry.name} is {row.get('state')}")

    async def counted() -> Seen | None:
        shown = {}
        for one in await entities(here.ha):
            if one.key in ("requests", "requests_stuck"):
                state = await here.ha.table("GET", f"/api/states/{one.entity_id}")
                shown["stuck" if one.key == "requests_stuck" else "under_way"] = str(state["state"])
        rows = await _rows(here)
        counts = {
            "under_way": sum(r["state"] != "available" for r in rows.values()),
            "stuck": sum(_in_trouble(r) for r in rows.values()),
        }
        if shown != {key: str(count) for key, count in counts.items()}:
            return None
        return Seen(", ".join(f"{count} {key}" for key, count in counts.items()))

    await here.station("the sensors count them", counted)


def _in_trouble(row: Mapping[str, object]) -> bool:
    """Tell whether a request is stuck; one that only waits for approval is on a list instead."""
    stuck = row["stuck"]
    return isinstance(stuck, Mapping) and stuck["reason"] != "waiting_for_approval"
