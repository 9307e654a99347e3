"""One play of a film or an episode: where it is, paused, stopped, and what the server makes of it.

A client tells the server where it is every ten seconds, and when it pauses, goes on or seeks. In
between, and for as long as it lists a client that has gone silent, Jellyfin adds a second to the
position every second, up to the runtime (SessionInfo.OnProgressTimerCallback); that is an activity
of the session, but no check-in (SessionManager.UpdateNowPlayingItem). What is paused is not moved
on. Who has not checked in for five minutes is stopped where the server has moved them to
(SessionManager.CheckForIdlePlayback, which looks every five minutes).
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import math
from typing import Final

from .catalogue import Entry, guid
from .clock import utcnow
from .people import User

# A client's timer; a demo film of seconds has as many check-ins as one of ten minutes.
_CHECK_IN: Final = 10.0
_CHECK_INS: Final = 60


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
    off_at: datetime | None = None  # the device was switched off: its client says nothing more
    given_up: bool = False  # by the server's idle check
    _skew: float = 0.0
    _spoke_at: datetime | None = None
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

    def checked_in(self, now: datetime | None = None) -> datetime:
        """Say when the client spoke last."""
        now = now or utcnow()
        if self.off_at is not None:
            now = min(now, self.off_at)
        spoke = max(self.started, self._spoke_at or self.started)
        if self.paused_at is not None or now <= spoke:
            return spoke
        every = min(_CHECK_IN, self.entry.seconds / max(self.speed, 1) / _CHECK_INS)
        every = max(every, 0.05)
        return spoke + timedelta(seconds=(now - spoke).total_seconds() // every * every)

    def _moved_on(self, now: datetime) -> int:
        """Count the seconds that the server has added by itself."""
        if self.paused_at is not None:
            return 0
        spoke = self.checked_in(now)
        left = math.ceil(self.entry.seconds - self.position(spoke)) - 1
        return max(0, min(int((now - spoke).total_seconds()), left))

    def listed_position(self, now: datetime | None = None) -> float:
        """Say where the server lists it."""
        if self.stopped_at is not None:
            return self.stopped_at
        now = now or utcnow()
        return self.position(self.checked_in(now)) + self._moved_on(now)

    def active_at(self, now: datetime | None = None) -> datetime:
        """Say when the server saw the session active last: also by what it did itself."""
        now = now or utcnow()
        return self.checked_in(now) + timedelta(seconds=self._moved_on(now))

    def switch_off(self, ago: float = 0.0) -> None:
        """Take the device from the mains; `ago`: let all have happened that long ago (seconds)."""
        self.off_at = utcnow() - timedelta(seconds=ago)
        self.started -= timedelta(seconds=ago)
        if self._spoke_at is not None:
            self._spoke_at -= timedelta(seconds=ago)

    def pause(self) -> None:
        """Stop the clock of the film."""
        if self.paused_at is None:
            self.paused_at = self.position()
            self._spoke_at = utcnow()

    def resume(self) -> None:
        """Go on where it was paused."""
        if self.paused_at is not None:
            at, self.paused_at = self.paused_at, None
            self._spoke_at = utcnow()
            passed = (utcnow() - self.started).total_seconds() * self.speed
            self._skew = passed - (at - self.begin)

    def seek(self, to: float) -> None:
        """Jump to a position."""
        self._spoke_at = utcnow()
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

    async def finished(self, idle_after: float) -> None:
        """Wait until the end is reached, stop was pressed, or the server has given it up."""
        while not self._stop.is_set():
            if self.off_at is not None:
                silent = (utcnow() - self.checked_in()).total_seconds()
                if silent > idle_after:
                    self.given_up = True
                    return
                await asyncio.sleep(0.05)
                continue
            left = (self.end - self.position()) / self.speed
            if left <= 0.001 and self.paused_at is None:
                return
            wait = 0.05 if self.paused_at is not None else max(0.001, min(left, 0.2))
            await asyncio.sleep(wait)
