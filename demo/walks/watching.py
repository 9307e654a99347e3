"""Evenings of several viewers in a real Home Assistant: what it remembers is what happened."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from world.clock import utcnow
from world.lies import Lie, LieKind

from ..dashboard import entities
from ..evenings import Evening, Seen as Truth, together
from .walk import USER, Seen, Walk, instant

_EVENING: Final = (
    *(Evening.BINGE, Evening.PAUSE, Evening.DEVICES, Evening.ZAPPING, Evening.CREDITS),
    *(Evening.CONVERTED, Evening.RESTART, Evening.GUEST),
)
_FILM: Final = "The Clockmaker's Row"
_FETCHED: Final = "The Lantern Keeper"
_DAY: Final = timedelta(days=1)
_ILL: Final = 8.0
_GUEST: Final = "Attic"


async def watching(here: Walk) -> None:
    """Go through its stations."""
    await _evening(here)
    await _through_the_kill(here)
    await _interrupted(here)
    await _imports(here)
    await _jellyfin_refreshed(here)
    await _no_trace(here)


async def _evening(here: Walk) -> None:
    here.say(f"an evening: {', '.join(_EVENING)}")
    begun = utcnow()
    events: list[str] = []
    playback = next(e.entity_id for e in await entities(here.ha) if e.key == "playback")

    def hear(event: dict[str, object]) -> None:
        if (new := _changed(event, playback)) is not None:
            events.append(f"{new.get('event_type')}: {new.get('title')}")

    async with here.ha.socket(hear) as send:
        await send({"type": "subscribe_events", "event_type": "state_changed"})
        truth = await together(here.servers, *_EVENING)
        here.ended = utcnow()
        for one in sorted(truth):
            completed = "" if one.completed else ", not completed"
            here.say(f"        {one.viewer}: {one.title}{completed}")
        await here.history("the history is the truth", truth, begun)

        async def converted() -> Seen | None:
            found = [said for said in events if said.startswith("transcoding: ")]
            return Seen(found[0]) if len(found) == 1 else None

        await here.station("lossless audio is converted: told once", converted, limit=5)
    beside = "" if here.going is None else here.going.entry.label
    done = sorted(said for said in events if said.startswith("completed: ") and beside not in said)
    if done != sorted(f"completed: {one.title}" for one in truth if one.completed):
        here.lacks(f"each is told to be completed, once: {done}")


def _changed(event: dict[str, object], entity_id: str) -> dict[str, object] | None:
    """Give an entity's new attributes, if the event is of its change."""
    data = event.get("data")
    new = data.get("new_state") if isinstance(data, dict) else None
    if not isinstance(new, dict) or new.get("entity_id") != entity_id:
        return None
    attributes = new.get("attributes")
    return attributes if isinstance(attributes, dict) else None


async def _through_the_kill(here: Walk) -> None:
    """The film in whose middle Home Assistant was killed, and later Jellyfin restarted."""
    play = here.going
    if play is None or play.done is None:
        here.lacks("a film that goes on from the walk before")
        return
    await play.done
    here.ended = here.last(play.entry.name, "stop").at
    truth = [Truth(play.user.name, play.entry.label, completed=True)]
    await here.history("one viewing through the kill", truth, play.started, play.entry.name)


async def _interrupted(here: Walk) -> None:
    """No webhook tells anything: the socket is cut, then the server answers 500 for a while."""
    here.say(
        f"{USER} watches {_FILM}; no webhook comes; the socket is cut; then 500 for {_ILL:.0f} s"
    )
    servers = here.servers
    begun = utcnow()
    servers.webhooks.mute = True
    play = servers.play(USER, _FILM)
    await play.reached(0.1)
    cut = servers.jellyfin_state.socket.cut()
    here.say(f"        cut at {play.position():.0f} s: {cut} socket")
    await play.reached(0.25)
    before = len(servers.jellyfin.calls)
    servers.jellyfin.liar.tell(Lie(LieKind.ERROR))
    servers.jellyfin_state.socket.cut()
    await asyncio.sleep(_ILL)
    servers.jellyfin.liar.be_honest()
    asked = servers.jellyfin.calls[before:]
    here.say(f"        ill until {play.position():.0f} s, asked {len(asked)} times meanwhile")
    if play.done is not None:
        await play.done
    here.ended = here.last(_FILM, "stop").at
    truth = [Truth(USER, play.entry.label, completed=True)]
    await here.history("one viewing through both", truth, begun)
    servers.webhooks.mute = False

    async def pushed() -> Seen | None:
        count = servers.jellyfin_state.socket.open
        return Seen(f"{count} open") if count == 1 else None

    await here.station("the socket is back", pushed)


async def _imports(here: Walk) -> None:
    """What others knew from before: taken over once, and nothing of it a second time."""
    here.ended = utcnow()
    for source in ("jellystat", "playback_reporting", "jellyfin"):
        first = await here.ask("import_history", source=source)
        again = await here.ask("import_history", source=source)
        said = ", ".join(f"{first[key]} {key}" for key in ("imported", "known", "rejected"))
        twice = f"{again['imported']} imported, {again['known']} known"
        here.say(f"        {source}: {said} {first.get('reasons', '')}; again: {twice}")
        if again["imported"] or not again["known"]:
            here.lacks(f"a second import from {source} adds nothing")
    rows = (await here.ask("get_history", limit=1000))["viewings"]
    begun: dict[tuple[str, str], list[datetime]] = {}
    for row in rows if isinstance(rows, list) else []:
        begun.setdefault((row["viewer"], row["title"]), []).append(instant(row["started_at"]))
    for (viewer, title), times in begun.items():
        times.sort()
        if any(after - before < _DAY for before, after in pairwise(times)):
            here.lacks(f"one viewing a day: {viewer}, {title}: {[f'{at}' for at in times]}")
    here.say(f"        the history has {sum(map(len, begun.values()))} viewings")


async def _jellyfin_refreshed(here: Walk) -> None:
    """Jellyfin was told where the imported film is."""

    async def refreshed() -> Seen | None:
        for event in here.servers.world.diary:
            if event.kind == "refresh" and _FETCHED in event.detail:
                return Seen(event.detail, event.at)
        return None

    await here.station("Jellyfin was told of an import", refreshed)


async def _no_trace(here: Walk) -> None:
    """Look for the untracked user in everything that Home Assistant wrote."""
    guest = here.servers.world.user(_GUEST)
    if not any(_GUEST in event.detail for event in here.servers.world.diary):
        here.lacks(f"{_GUEST} has watched something")
    words = (guest.id.encode(), _GUEST.encode())

    def search() -> list[Path]:
        files = (path for path in here.ha.config.rglob("*") if path.is_file())
        return [path for path in files if any(word in path.read_bytes() for word in words)]

    found = await asyncio.to_thread(search)
    if found:
        here.lacks(f"{_GUEST}, who is not tracked, left no trace: {[path.name for path in found]}")
    else:
        here.say(f"        {_GUEST}, who is not tracked, left no trace in any file")
