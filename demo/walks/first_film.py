"""A film in two sittings, followed until Radarr has imported it; and what is not fetched.

Sofa has seen the film once, nine days ago; today's two sittings are its second viewing, so it is
fetched in tier 2.
"""

from typing import Final

from ..dashboard import entities
from .walk import USER, Seen, Walk, instant

_FILM: Final = "The Lantern Keeper"
_ORDINARY: Final = "Double Parking"
_BEST: Final = "A Harbour of Glass"
_BESIDE: Final = "The Long Intermission"


async def first_film(here: Walk) -> None:
    """Go through its stations."""

    async def configured() -> Seen | None:
        options = here.servers.webhooks.configuration.get("GenericOptions")
        return Seen(f"{len(options)} destination") if isinstance(options, list) else None

    async def in_earnest() -> Seen | None:
        switches = [e for e in await entities(here.ha) if e.key == "dry_run"]
        states = [await here.ha.table("GET", f"/api/states/{e.entity_id}") for e in switches]
        return Seen("off") if [state["state"] for state in states] == ["off"] else None

    await here.station("Jellyfin's plugin has our webhook", configured)
    await here.station("the dry run is off", in_earnest, limit=15)
    await _first_sitting(here)
    await _second_sitting(here)
    await _fetched(here)
    await _streamed(here)
    await _killed(here)


async def _first_sitting(here: Walk) -> None:
    here.say(f"{USER} watches the first half of {_FILM}")
    asked = len(here.servers.jellyfin.called("GET", "/Sessions"))
    await here.watch(_FILM, 0.0, 0.5)
    start, stop = "PlaybackStart: answered 200", "PlaybackStop: answered 200"
    await here.station("first webhook answered", here.world(_FILM, "webhook", start))
    await here.station("webhook of its stop answered", here.world(_FILM, "webhook", stop))
    polls = len(here.servers.jellyfin.called("GET", "/Sessions")) - asked
    socket = here.servers.jellyfin_state.socket
    started = any(message.get("MessageType") == "SessionsStart" for message in socket.heard)
    if not (socket.open and started):
        here.lacks("Jellyfin's WebSocket is open and tells the sessions")
    here.say(f"        sockets open beside it: {socket.open}; polls meanwhile: {polls}")

    async def stored() -> Seen | None:
        found = await here.events(_FILM, "viewing")
        return Seen(f"{found[0]['percent']} %, not completed") if found else None

    await here.station("first sitting stored", stored)
    if await here.events(_FILM, "decision") or here.diary(_FILM, "search"):
        here.lacks("half a film decides nothing")
    here.say("        nothing decided, nothing searched")


async def _second_sitting(here: Walk) -> None:
    here.say(f"{USER} watches the rest, and stops at the credits")
    await here.watch(_FILM, 0.5, 0.91)
    stop = "PlaybackStop: answered 200"

    async def viewed() -> Seen | None:
        found = await here.events(_FILM, "viewing")
        done = [row for row in found if row["completed"]]
        if not done:
            return None
        if len(found) != 1:
            here.lacks(f"one viewing, not {len(found)}")
        return Seen(f"one viewing of two sittings, {done[0]['percent']} %")

    async def planned() -> Seen | None:
        for row in await here.events(_FILM, "decision"):
            if row["plan_id"]:
                return Seen(str(row["plan_id"]), instant(row["decided_at"]))
        return None

    await here.station("last webhook answered", here.world(_FILM, "webhook", stop))
    await here.station("viewing completed", viewed)
    await here.station("decided", here.decision(_FILM, "download", 2))
    await here.station("planned", planned)
    await here.station("movie set monitored", here.change(_FILM, "update_movie"))
    await here.station("MoviesSearch sent", here.change(_FILM, "search_movie"))


async def _fetched(here: Walk) -> None:
    await here.station("Radarr searches", here.world(_FILM, "search"))
    await here.station("Radarr has grabbed", here.world(_FILM, "grabbed"))
    await here.station("Radarr has imported", here.world(_FILM, "imported"))
    await here.station("Showrunner knows", here.imported(_FILM), limit=180)

    async def phoned() -> Seen | None:
        for event in here.servers.world.diary:
            if event.kind == "notification" and _FILM in event.title and "is here" in event.title:
                return Seen(f"{event.title}: {event.detail}", event.at)
        return None

    async def explained() -> Seen | None:
        rows = await here.ha.ws(type="logbook/get_events", start_time=here.ended.isoformat())
        for row in rows if isinstance(rows, list) else []:
            message = str(row.get("message", ""))
            if _FILM in str(row.get("name")) and message.startswith("is worth keeping: "):
                return Seen(f"{row['name']} {message}")
        return None

    await here.station("the phone was told", phoned)
    await here.station("Activity says why", explained)


async def _streamed(here: Walk) -> None:
    here.say(f"{USER} watches {_ORDINARY}, which nothing speaks for")
    await here.watch(_ORDINARY, 0.0, 1.0)
    await here.station("decided", here.decision(_ORDINARY, "stream", 3))
    if here.diary(_ORDINARY, "search") or await here.events(_ORDINARY, "change"):
        here.lacks("what is streamed is not searched")


async def _killed(here: Walk) -> None:
    """A power cut when the search has gone out, and in the middle of another film.

    The search is not sent again; the film goes on, and `watching` looks what became of it.
    """
    here.say(f"{USER} watches {_BEST}, and Home Assistant is killed (-9) after the search,")
    here.say(f"in the middle of {_BESIDE}, which Kitchen watches")
    beside = here.servers.play("Kitchen", _BESIDE, device="Computer", client="Jellyfin Web")
    await here.watch(_BEST, 0.4, 1.0)
    await here.station("decided", here.decision(_BEST, "download", 1))
    await here.station("Radarr searches", here.world(_BEST, "search"))
    await here.ha.kill()
    at = beside.position() / beside.entry.seconds
    here.say(f"killed at {at:.0%} of {_BESIDE}; starting Home Assistant again")
    await here.ha.start_again()
    name = "followed to the import after the restart"
    await here.station(name, here.imported(_BEST), limit=180)
    searches = len(here.diary(_BEST, "search"))
    here.say(f"        searches sent: {searches}")
    if searches != 1:
        here.lacks("one search, not two")
    here.going = beside
