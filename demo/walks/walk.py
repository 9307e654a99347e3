"""What all walks share: asking Home Assistant and the world how far it is, and saying so.

Every station is waited for with a limit, and printed with the moment at which it happened (not at
which it was asked for), counted from the end of the sitting before it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
import time
from typing import Final

from world.catalogue import by_name
from world.clock import utcnow
from world.play import Play
from world.servers import Servers
from world.world import Event

from ..evenings import Seen as Truth
from ..homeassistant import DemoError, HomeAssistant

USER: Final = "Sofa"
_LONGEST: Final = 60.0
_AFTER_A_MISS: Final = 15.0
_RULES: Final = 20

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a station shows, and when it happened (None: now)."""

    text: str
    at: datetime | None = None


type Probe = Callable[[], Awaitable[Seen | None]]


class Walk:
    """Asks Home Assistant and the world how far it is."""

    def __init__(self, servers: Servers, ha: HomeAssistant, entry_id: str, say: Say) -> None:
        self.servers = servers
        self.ha = ha
        self.entry_id = entry_id
        self.say = say
        self.missing: list[str] = []
        self.going: Play | None = None  # what one walk began and the next one looks at
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
        play = self.servers.play(USER, film, begin, end)
        if play.done is not None:
            await play.done
        self.ended = self.last(film, "stop").at

    async def ask(self, action: str, **data: object) -> dict[str, object]:
        """Call one of Showrunner's actions and give its answer. Raises DemoError."""
        path = f"/api/services/showrunner/{action}?return_response"
        asked = {"config_entry_id": self.entry_id, **data}
        response = (await self.ha.table("POST", path, asked))["service_response"]
        if not isinstance(response, dict):
            raise DemoError(f"{action}: no answer")
        return response

    async def viewings(self, begun: datetime, **asked: object) -> list[Truth]:
        """Ask for the history that began since, as what an evening's truth is compared with."""
        rows = (await self.ask("get_history", limit=1000, **asked))["viewings"]
        return sorted(
            Truth(row["viewer"], row["title"], row["completed"])
            for row in (rows if isinstance(rows, list) else [])
            if instant(row["started_at"]) >= begun
        )

    async def history(self, name: str, truth: list[Truth], begun: datetime, of: str = "") -> None:
        """Wait until what began since (of one film) is the truth, each once, and nothing else."""
        wanted = sorted(truth)
        asked = {"title": f"tmdb:{by_name(of).tmdb}"} if of else {}

        async def same() -> Seen | None:
            found = await self.viewings(begun, **asked)
            return Seen(f"{len(found)} of {len(wanted)}, each once") if found == wanted else None

        if await self.station(name, same, _AFTER_A_MISS) is None:
            found = await self.viewings(begun, **asked)
            for one in dict.fromkeys(wanted + found):
                if (there := found.count(one)) != wanted.count(one):
                    self.say(f"        {one.viewer}, {one.title}, {one.completed}: {there} times")

    async def title(self, film: str) -> dict[str, object]:
        """Ask Showrunner for everything that happened to a film."""
        return await self.ask("get_title", title=f"tmdb:{by_name(film).tmdb}")

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
                    return Seen(str(row["detail"]), instant(row["at"]))
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
                    return Seen(f"{said} ({count} rules answered)", instant(row["decided_at"]))
            return None

        return probe

    def imported(self, film: str) -> Probe:
        """Make a probe for the outcome as Showrunner knows it."""

        async def probe() -> Seen | None:
            answer = await self.title(film)
            return Seen(str(answer["detail"])) if answer["status"] == "imported" else None

        return probe


def instant(text: object) -> datetime:
    """Read an instant of an answer."""
    return datetime.fromisoformat(str(text))
