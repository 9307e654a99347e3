"""Plays of films and episodes, as Jellyfin sees them from a client's reports."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from .catalogue import Entry, guid
from .clock import utcnow
from .world import User, UserData, World

# Jellyfin's own limits: below the first nothing is kept, above the second it was watched.
_RESUME_FROM: Final = 0.05
_PLAYED_FROM: Final = 0.90

type Tell = Callable[["Play", str, dict[str, object]], Awaitable[None]]


@dataclass(slots=True)
class Play:
    """One play of one item by one user. Positions in seconds of the film."""

    user: User
    entry: Entry
    begin: float
    end: float
    speed: float
    started: datetime
    number: int
    method: str = "DirectPlay"
    reasons: tuple[str, ...] = ()
    device: str = "Living room television"
    client: str = "Jellyfin Android TV"
    paused_at: float | None = None
    stopped_at: float | None = None
    done: asyncio.Task[None] | None = None
    _skew: float = 0.0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def session_id(self) -> str:
        """Jellyfin's id of the session: one for each device of a user."""
        return guid("session", self.user.id, self.device)

    def position(self, now: datetime | None = None) -> float:
        """Say where the play is."""
        if self.stopped_at is not None:
            return self.stopped_at
        if self.paused_at is not None:
            return self.paused_at
        passed = ((now or utcnow()) - self.started).total_seconds() * self.speed - self._skew
        return min(self.end, self.begin + passed)

    def pause(self) -> None:
        """Stop the clock of the film."""
        if self.paused_at is None:
            self.paused_at = self.position()

    def resume(self) -> None:
        """Go on where it was paused."""
        if self.paused_at is not None:
            at, self.paused_at = self.paused_at, None
            passed = (utcnow() - self.started).total_seconds() * self.speed
            self._skew = passed - (at - self.begin)

    def stop(self) -> None:
        """Press stop."""
        self._stop.set()

    async def finished(self) -> None:
        """Wait until the end is reached or stop was pressed."""
        while not self._stop.is_set():
            left = (self.end - self.position()) / self.speed
            if left <= 0.001 and self.paused_at is None:
                return
            wait = 0.05 if self.paused_at is not None else max(0.001, min(left, 0.2))
            await asyncio.sleep(wait)


class Player:
    """Carries plays through: start, position, end, and what Jellyfin remembers of them."""

    def __init__(self, world: World, tell: Tell) -> None:
        """Take the world, and who is told of playback (the webhook plugin)."""
        self._world = world
        self._tell = tell
        self._count = 0

    def play(
        self,
        user: str,
        item: str,
        begin: float = 0.0,
        end: float | None = None,
        speed: float = 1.0,
        **details: str | tuple[str, ...],
    ) -> Play:
        """Start a play from `begin` to `end` (shares of the film; default to its end).

        Await `play.done` for its end. A play on the same device ends the one before it.
        """
        entry = self._world.find(item)
        whole = float(entry.seconds)
        self._count += 1
        play = Play(
            self._world.user(user),
            entry,
            begin * whole,
            whole * (1.0 if end is None else end),
            speed,
            utcnow(),
            self._count,
        )
        for name, value in details.items():
            setattr(play, name, value)
        if (before := self._world.plays.get(play.session_id)) is not None:
            before.stop()
        play.done = asyncio.create_task(self._carry(play, before), name=f"play {play.number}")
        return play

    async def _carry(self, play: Play, before: Play | None) -> None:
        if before is not None and before.done is not None:
            await asyncio.wait({before.done})
            play.started = utcnow()
        data = self._world.userdata(play.user.id, play.entry.item_id)
        self._begin(play, data)
        await self._tell(play, "PlaybackStart", {})
        await self._tell(play, "UserDataSaved", {"SaveReason": "PlaybackStart"})
        try:
            await play.finished()
        finally:
            play.stopped_at = play.position()
            self._world.plays.pop(play.session_id, None)
        completed = self._end(play, data)
        await self._tell(play, "PlaybackStop", {"PlayedToCompletion": completed})
        await self._tell(play, "UserDataSaved", {"SaveReason": "PlaybackFinished"})

    def _begin(self, play: Play, data: UserData) -> None:
        self._world.plays[play.session_id] = play
        data.play_count += 1
        data.last_played = play.started
        # 10.11 forgets that it was watched when it is started again; 12 does not.
        if self._world.jellyfin_version.startswith("10."):
            data.played = False
        self._world.note("play", play.entry.name, f"{play.user.name} starts at {play.begin:.0f} s")

    def _end(self, play: Play, data: UserData) -> bool:
        share = play.position() / play.entry.seconds
        completed = share >= _PLAYED_FROM
        data.position = 0.0 if completed or share < _RESUME_FROM else play.position()
        data.played = data.played or completed
        self._world.note("stop", play.entry.name, f"{play.user.name} stops at {share:.0%}")
        return completed
