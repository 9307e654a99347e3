"""The walk without a screen: a film in two sittings, followed until Radarr has imported it.

Every station is waited for with a limit, and printed with the moment at which it happened (not at
which it was asked for), counted from the end of the sitting before it. Sofa has seen the film
once, nine days ago; today's two sittings are its second viewing, so it is fetched in tier 2.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
import time
from typing import Final

from .catalogue import by_name
from .clock import utcnow
from .dashboard import entities
from .homeassistant import DemoError, HomeAssistant
from .servers import Servers
from .world import Event

_FILM: Final = "The Lantern Keeper"
_ORDINARY: Final = "Double Parking"
_BEST: Final = "A Harbour of Glass"
_USER: Final = "Sofa"
_LONGEST: Final = 60.0
_AFTER_A_MISS: Final = 15.0
_RULES: Final = 20
_ENOUGH_POLLS: Final = 3

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a station shows, and when it happened (None: now)."""

    text: str
    at: datetime | None = None


type Probe = Callable[[], Awaitable[Seen | None]]


class _Walk:
    """Asks Home Assistant and the world how far it is."""

    def __init__(self, servers: Servers, ha: HomeAssistant, entry_id: str, say: Say) -> None:
        self.servers = servers
        self.ha = ha
        self.entry_id = entry_id
        self.say = say
        self.missing: list[str] = []
        self.ended = utcnow()

    async def station(self, name: str, probe: Probe, limit: float = _LONGEST) -> Seen | None:
        """Wait until `probe` gives something, and print it with its moment."""
        # What follows a missing station is likely missing too; nobody waits for all of it.
        limit = _AFTER_A_MISS if self.missing else limit
        begun = time.monotonic()
        while time.monotonic() - begun < limit:
            if found := await probe():
                after = ((found.at or utcnow()) - self.ended).total_seconds()
                self.say(f"ok      {after:+7.2f} s  {name}: {found.text}")
                return found
            await asyncio.sleep(0.02)
        self.lacks(f"{name} (waited {limit:.0f} s)")
        return None

    def lacks(self, name: str) -> None:
        """Note that a station was not reached, or that something was that must not be."""
        self.say(f"MISSING {name}")
        self.missing.append(name)

    async def watch(self, film: str, begin: float, end: float) -> None:
        """Let the user watch a part of a film; its end is where times are counted from."""
        play = self.servers.play(_USER, film, begin, end)
        if play.done is not None:
            await play.done
        self.ended = self.last(film, "stop").at

    async def title(self, film: str) -> dict[str, object]:
        """Ask Showrunner for everything that happened to a film."""
        path = "/api/services/showrunner/get_title?return_response"
        asked = {"config_entry_id": self.entry_id, "title": f"tmdb:{by_name(film).tmdb}"}
        response = (await self.ha.table("POST", path, asked))["service_response"]
        if not isinstance(response, dict):
            raise DemoError("get_title: no answer")
        return response

    def diary(self, film: str, kind: str, words: str = "") -> list[Event]:
        """Look into the world's diary."""
        return [
            event
            for event in self.servers.world.diary
            if event.kind == kind and event.title == film and words in event.detail
        ]

    def last(self, film: str, kind: str) -> Event:
        """Give the last entry of that kind. Raises DemoError."""
        found = self.diary(film, kind)
        if not found:
            raise DemoError(f"{film}: no {kind}")
        return found[-1]

    def world(self, film: str, kind: str, words: str = "") -> Probe:
        """Make a probe for the newest entry in the world's diary."""

        async def probe() -> Seen | None:
            found = self.diary(film, kind, words)
            return Seen(found[-1].detail or kind, found[-1].at) if found else None

        return probe

    async def events(self, film: str, kind: str) -> list[dict[str, object]]:
        """List what Showrunner has of a film: its viewings, decisions or changes."""
        rows = (await self.title(film))["events"]
        given = rows if isinstance(rows, list) else []
        return [{"at": row["at"], **row[kind]} for row in given if kind in row]

    def change(self, film: str, action: str) -> Probe:
        """Make a probe for a line in the ledger."""

        async def probe() -> Seen | None:
            for row in await self.events(film, "change"):
                if (row["action"], row["state"]) == (action, "done"):
                    return Seen(str(row["detail"]), _instant(row["at"]))
            return None

        return probe

    def decision(self, film: str, verdict: str, tier: int) -> Probe:
        """Make a probe for a decision that names every rule."""

        async def probe() -> Seen | None:
            for row in await self.events(film, "decision"):
                rules = row["findings"]
                count = len(rules) if isinstance(rules, list) else 0
                if (row["verdict"], row["tier"], count) == (verdict, tier, _RULES):
                    said = f"{verdict}, tier {tier}, rule {row['rule']}: {row['reason']}"
                    return Seen(f"{said} ({count} rules answered)", _instant(row["decided_at"]))
            return None

        return probe

    def imported(self, film: str) -> Probe:
        """Make a probe for the outcome as Showrunner knows it."""

        async def probe() -> Seen | None:
            told = await self.title(film)
            return Seen(str(told["detail"])) if told["status"] == "imported" else None

        return probe


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


async def walk(servers: Servers, ha: HomeAssistant, entry_id: str, say: Say) -> int:
    """Go through all stations; give 0, or 1 when one is missing."""
    here = _Walk(servers, ha, entry_id, say)

    async def configured() -> Seen | None:
        options = servers.webhooks.configuration.get("GenericOptions")
        return Seen(f"{len(options)} destination") if isinstance(options, list) else None

    async def in_earnest() -> Seen | None:
        switches = [e for e in await entities(ha) if e.key == "dry_run"]
        states = [await ha.table("GET", f"/api/states/{e.entity_id}") for e in switches]
        return Seen("off") if [state["state"] for state in states] == ["off"] else None

    await here.station("Jellyfin's plugin has our webhook", configured)
    await here.station("the dry run is off", in_earnest, limit=15)
    await _first_sitting(here)
    await _second_sitting(here)
    await _fetched(here)
    await _streamed(here)
    await _killed(here)
    if here.missing:
        say(f"FAILED: {len(here.missing)} are missing: {'; '.join(here.missing)}")
        return 1
    say("all stations reached")
    return 0


async def _first_sitting(here: _Walk) -> None:
    here.say(f"{_USER} watches the first half of {_FILM}")
    asked = len(here.servers.jellyfin.called("GET", "/Sessions"))
    await here.watch(_FILM, 0.0, 0.5)
    start, stop = "PlaybackStart: answered 200", "PlaybackStop: answered 200"
    await here.station("first webhook answered", here.world(_FILM, "webhook", start))
    await here.station("webhook of its stop answered", here.world(_FILM, "webhook", stop))
    polls = len(here.servers.jellyfin.called("GET", "/Sessions")) - asked
    if polls < _ENOUGH_POLLS:
        here.lacks(f"Jellyfin's sessions were polled only {polls} times")
    here.say(f"        Jellyfin's sessions were polled {polls} times beside it")

    async def stored() -> Seen | None:
        found = await here.events(_FILM, "viewing")
        return Seen(f"{found[0]['percent']} %, not completed") if found else None

    await here.station("first sitting stored", stored)
    if await here.events(_FILM, "decision") or here.diary(_FILM, "search"):
        here.lacks("half a film decides nothing")
    here.say("        nothing decided, nothing searched")


async def _second_sitting(here: _Walk) -> None:
    here.say(f"{_USER} watches the rest, and stops at the credits")
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
                return Seen(str(row["plan_id"]), _instant(row["decided_at"]))
        return None

    await here.station("last webhook answered", here.world(_FILM, "webhook", stop))
    await here.station("viewing completed", viewed)
    await here.station("decided", here.decision(_FILM, "download", 2))
    await here.station("planned", planned)
    await here.station("movie set monitored", here.change(_FILM, "update_movie"))
    await here.station("MoviesSearch sent", here.change(_FILM, "search_movie"))


async def _fetched(here: _Walk) -> None:
    await here.station("Radarr searches", here.world(_FILM, "search"))
    await here.station("Radarr has grabbed", here.world(_FILM, "grabbed"))
    await here.station("Radarr has imported", here.world(_FILM, "imported"))
    await here.station("Showrunner knows", here.imported(_FILM), limit=180)

    async def phoned() -> Seen | None:
        for event in here.servers.world.diary:
            if event.kind == "notification" and _FILM in event.title and "is here" in event.title:
                return Seen(f"{event.title}: {event.detail}", event.at)
        return None

    await here.station("the phone was told", phoned)


async def _streamed(here: _Walk) -> None:
    here.say(f"{_USER} watches {_ORDINARY}, which nothing speaks for")
    await here.watch(_ORDINARY, 0.0, 1.0)
    await here.station("decided", here.decision(_ORDINARY, "stream", 3))
    if here.diary(_ORDINARY, "search") or await here.events(_ORDINARY, "change"):
        here.lacks("what is streamed is not searched")


async def _killed(here: _Walk) -> None:
    """A power cut in the moment in which the search has gone out: it is not sent again."""
    here.say(f"{_USER} watches {_BEST}, and Home Assistant is killed (-9) after the search")
    await here.watch(_BEST, 0.4, 1.0)
    await here.station("decided", here.decision(_BEST, "download", 1))
    await here.station("Radarr searches", here.world(_BEST, "search"))
    await here.ha.kill()
    here.say("killed; starting Home Assistant again")
    await here.ha.start_again()
    name = "followed to the import after the restart"
    await here.station(name, here.imported(_BEST), limit=180)
    searches = len(here.diary(_BEST, "search"))
    here.say(f"        searches sent: {searches}")
    if searches != 1:
        here.lacks("one search, not two")
