"""Plays of films and episodes, as Jellyfin sees them from a client's reports."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from .clock import utcnow
from .play import Play
from .world import UserData, World

# Jellyfin's own limits: below the first nothing is kept, above the second it was watched.
_RESUME_FROM: Final = 0.05
_PLAYED_FROM: Final = 0.90

type Tell = Callable[[Play, str, dict[str, object]], Awaitable[None]]


class Player:
    """Carries plays through: start, position, end, and what Jellyfin remembers of them."""

    def __init__(self, world: World, tell: Tell) -> None:
        """Take the world, and who is told of playback (the webhook plugin)."""
        self._world = world
        self._tell = tell
        self._count = 0
        self._boot = 0
        self._away = False
        # The server looks every five minutes who has been silent for more than five.
        self.idle_after = 300.0

    def play(
        self,
        user: str,
        item: str,
        begin: float = 0.0,
        end: float | None = None,
        speed: float = 1.0,
        **details: str | tuple[str, ...] | bool,
    ) -> Play:
        """Start a play from `begin` to `end` (shares of the film; default to its end).

        Await `play.done` for its end. A play on the same device ends the one before it; with
        `autoplay` the item of the session just changes, and nobody reports a stop.
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
            boot=self._boot,
        )
        for name, value in details.items():
            setattr(play, name, value)
        if (before := self._world.plays.get(play.session_id)) is not None:
            before.followed = play.autoplay
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
            await play.finished(self.idle_after)
        finally:
            play.stopped_at = play.listed_position() if play.given_up else play.position()
            self._world.plays.pop(play.session_id, None)
        if self._away:
            return  # whoever stops while the server is down has nobody to tell
        completed = self._end(play, data)
        if play.followed:
            return
        await self._tell(play, "PlaybackStop", {"PlayedToCompletion": completed})
        await self._tell(play, "UserDataSaved", {"SaveReason": "PlaybackFinished"})

    def go_away(self) -> list[Play]:
        """Forget every session, as a server that ends does; give what goes on at the clients."""
        self._away = True
        going = list(self._world.plays.values())
        self._world.plays.clear()
        return going

    def take_up(self, going: list[Play]) -> None:
        """Hear again of what still plays, in new sessions: nobody reports a start a second time."""
        self._away = False
        self._boot += 1
        for play in going:
            if play.stopped_at is None:
                play.boot = self._boot
                self._world.plays[play.session_id] = play

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
