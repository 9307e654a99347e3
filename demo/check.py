"""The walk without a screen: a film in two sittings, followed until Radarr has imported it.

Every station is waited for with a limit, and printed with its time. Sofa has seen the film once,
nine days ago; today's two sittings are its second viewing, so it is fetched in tier 2.
"""

import asyncio
from collections.abc import Awaitable, Callable
import time
from typing import Final

from .catalogue import by_name
from .homeassistant import DemoError, HomeAssistant
from .servers import Servers

_FILM: Final = "The Lantern Keeper"
_ORDINARY: Final = "Double Parking"
_BEST: Final = "A Harbour of Glass"
_USER: Final = "Sofa"
_LONGEST: Final = 60.0
_RULES: Final = 20

type Say = Callable[[str], None]
type Probe = Callable[[], Awaitable[object]]


class _Walk:
    """Asks Home Assistant and the world how far it is."""

    def __init__(self, servers: Servers, ha: HomeAssistant, entry_id: str, say: Say) -> None:
        self.servers = servers
        self.ha = ha
        self.entry_id = entry_id
        self.say = say
        self.missing: list[str] = []

    async def station(self, name: str, probe: Probe, limit: float = _LONGEST) -> object:
        """Wait until `probe` gives something, and print it with the time that it took."""
        begun = time.monotonic()
        while time.monotonic() - begun < limit:
            if found := await probe():
                took = time.monotonic() - begun
                self.say(f"ok    {name}: {found} (+{took:.2f} s)")
                return found
            await asyncio.sleep(0.02)
        self.say(f"MISSING {name} after {limit:.0f} s")
        self.missing.append(name)
        return None

    async def action(self, name: str, **data: object) -> dict[str, object]:
        """Call one of Showrunner's actions; give its answer."""
        path = f"/api/services/showrunner/{name}?return_response"
        answer = await self.ha.table("POST", path, {"config_entry_id": self.entry_id, **data})
        response = answer["service_response"]
        if not isinstance(response, dict):
            raise DemoError(f"{name}: no answer")
        return response

    async def title(self, film: str) -> dict[str, object]:
        """Ask for everything that happened to a film."""
        return await self.action("get_title", title=f"tmdb:{by_name(film).tmdb}")

    def happened(self, kind: str, film: str, words: str = "") -> str:
        """Look into the world's diary."""
        for event in self.servers.world.diary:
            if event.kind == kind and event.title == film and words in event.detail:
                return event.detail or kind
        return ""

    async def event(self, film: str, kind: str, **wanted: object) -> dict[str, object] | None:
        """Find something that happened to a film, by what it says."""
        events = (await self.title(film))["events"]
        for row in events if isinstance(events, list) else []:
            told = row.get(kind)
            if isinstance(told, dict) and all(told.get(k) == v for k, v in wanted.items()):
                return told
        return None


async def walk(servers: Servers, ha: HomeAssistant, entry_id: str, say: Say) -> int:
    """Go through all stations; give 0, or 1 when one is missing."""
    here = _Walk(servers, ha, entry_id, say)
    await here.station("Jellyfin's plugin has our webhook", lambda: _webhook(servers))
    await _first_sitting(here)
    await _second_sitting(here)
    await _fetched(here)
    await _streamed(here)
    await _killed(here)
    if here.missing:
        say(f"FAILED: {len(here.missing)} stations are missing: {', '.join(here.missing)}")
        return 1
    say("all stations reached")
    return 0


async def _webhook(servers: Servers) -> object:
    options = servers.webhooks.configuration.get("GenericOptions")
    return f"{len(options)} destination" if isinstance(options, list) and options else None


async def _first_sitting(here: _Walk) -> None:
    here.say(f"{_USER} watches the first half of {_FILM}")
    play = here.servers.play(_USER, _FILM, 0.0, 0.5)
    await here.station("first webhook answered", lambda: _diary(here, "webhook", "answered 200"))
    if play.done is not None:
        await play.done

    async def stored() -> object:
        found = await here.event(_FILM, "viewing", completed=False)
        return f"{found['percent']} %, not completed" if found else None

    await here.station("first sitting stored", stored)


async def _diary(here: _Walk, kind: str, words: str = "") -> object:
    return here.happened(kind, _FILM, words)


async def _second_sitting(here: _Walk) -> None:
    here.say(f"{_USER} watches the rest")
    play = here.servers.play(_USER, _FILM, 0.5, 1.0)
    if play.done is not None:
        await play.done
    begun = time.monotonic()
    here.say("the film has ended")
    stop = "PlaybackStop: answered 200"
    await here.station("last webhook answered", lambda: _diary(here, "webhook", stop))

    async def viewed() -> object:
        found = await here.event(_FILM, "viewing", completed=True)
        return f"one viewing, {found['percent']} %" if found else None

    async def decided() -> object:
        found = await here.event(_FILM, "decision", verdict="download", pending=False)
        if found is None:
            return None
        rules = found["findings"]
        count = len(rules) if isinstance(rules, list) else 0
        said = f"{found['verdict']}, tier {found['tier']}: {found['reason']}; {count} rules"
        return said if count == _RULES and found["tier"] == 2 else None

    await here.station("viewing completed", viewed)
    await here.station("decided", decided)
    await here.station("movie set monitored", lambda: _change(here, "update_movie"))
    await here.station("MoviesSearch sent", lambda: _change(here, "search_movie"))
    here.say(f"      from the end of the film to MoviesSearch: {time.monotonic() - begun:.2f} s")


async def _change(here: _Walk, action: str) -> object:
    found = await here.event(_FILM, "change", action=action, state="done")
    return found["detail"] if found else None


async def _fetched(here: _Walk) -> None:
    await here.station("Radarr searches", lambda: _diary(here, "search"))
    await here.station("Radarr has grabbed", lambda: _diary(here, "grabbed"))
    await here.station("Radarr has imported", lambda: _diary(here, "imported"))

    async def followed() -> object:
        told = await here.title(_FILM)
        return told["detail"] if told["status"] == "imported" else None

    await here.station("Showrunner knows", followed, limit=180)

    async def phoned() -> object:
        titles = [str(message.get("title")) for message in here.servers.ntfy_state.messages]
        return next((title for title in titles if _FILM in title and "is here" in title), None)

    await here.station("the phone was told", phoned)


async def _killed(here: _Walk) -> None:
    """A power cut in the moment in which the search has gone out: it is not sent again."""
    here.say(f"{_USER} watches {_BEST}, and Home Assistant is killed (-9) after the search")
    play = here.servers.play(_USER, _BEST, 0.4)
    if play.done is not None:
        await play.done

    async def searched() -> object:
        return here.happened("search", _BEST)

    await here.station("Radarr searches", searched)
    await here.ha.kill()
    here.say("killed; starting Home Assistant again")
    await here.ha.start_again()

    async def imported() -> object:
        told = await here.title(_BEST)
        return told["detail"] if told["status"] == "imported" else None

    await here.station("followed to the import after the restart", imported, limit=180)
    diary = here.servers.world.diary
    searches = sum(event.kind == "search" and event.title == _BEST for event in diary)
    here.say(f"      searches sent: {searches}")
    if searches != 1:
        here.missing.append("one search, not two")


async def _streamed(here: _Walk) -> None:
    here.say(f"{_USER} watches {_ORDINARY}, which nothing speaks for")
    play = here.servers.play(_USER, _ORDINARY)
    if play.done is not None:
        await play.done

    async def decided() -> object:
        found = await here.event(_ORDINARY, "decision", verdict="stream")
        return f"stream: {found['reason']}" if found else None

    await here.station("streamed", decided)
    if here.happened("search", _ORDINARY):
        here.missing.append("no search for what is streamed")
