"""One play of a film or an episode: where it is, paused, stopped."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from .catalogue import Entry, guid
from .clock import utcnow
from .people import User


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
    audio: str = "eac3"  # the file's, as ffprobe names it: truehd, dts with its profile, …
    audio_profile: str = ""
    device: str = "Living room television"
    client: str = "Jellyfin Android TV"
    autoplay: bool = False  # begins by itself after the one before it on the same device
    followed: bool = False  # the next one began by itself: nobody reported a stop
    boot: int = 0  # which start of the server its session is of
    paused_at: float | None = None
    stopped_at: float | None = None
    done: asyncio.Task[None] | None = None
    _skew: float = 0.0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def session_id(self) -> str:
        """Jellyfin's id of the session: one for each device of a user, anew after a restart."""
        again = (self.boot,) if self.boot else ()
        return guid("session", self.user.id, self.device, *again)

    @property
    def device_id(self) -> str:
        """The device's own id, which outlives sessions."""
        return guid("device", self.user.id, self.device)

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

    def seek(self, to: float) -> None:
        """Jump to a position."""
        if self.paused_at is not None:
            self.paused_at = to
            return
        passed = (utcnow() - self.started).total_seconds() * self.speed
        self._skew = passed - (to - self.begin)

    def stop(self) -> None:
        """Press stop."""
        self._stop.set()

    async def reached(self, share: float) -> None:
        """Wait until a share of the whole is behind, or the play has ended."""
        until = share * self.entry.seconds
        while self.stopped_at is None and not self._stop.is_set():
            left = (until - self.position()) / self.speed
            if left <= 0:
                return
            await asyncio.sleep(max(0.005, min(left, 0.1)))

    async def finished(self) -> None:
        """Wait until the end is reached or stop was pressed."""
        while not self._stop.is_set():
            left = (self.end - self.position()) / self.speed
            if left <= 0.001 and self.paused_at is None:
                return
            wait = 0.05 if self.paused_at is not None else max(0.001, min(left, 0.2))
            await asyncio.sleep(wait)
