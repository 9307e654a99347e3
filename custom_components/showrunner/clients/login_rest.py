"""A refused login rests, so that nobody is banned for repeating it; also over a restart."""

from dataclasses import dataclass
import time
from typing import Final, Protocol

# How long a refused login rests (seconds); a ban of qBittorrent's lasts an hour.
REST: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A login was refused; it is not tried again until then (seconds since 1970).

    `banned`: not the login was refused, but whoever comes from our address.
    """

    until: float
    banned: bool

    @property
    def holds(self) -> bool:
        """Tell whether it is too early for another try. A clock that was set back holds nothing."""
        return 0 < self.until - time.time() <= REST


class LoginMemory(Protocol):
    """Keeps what became of a login."""

    async def recall(self) -> Refusal | None:
        """Give the last refusal of this login."""

    async def keep(self, refusal: Refusal | None) -> None:
        """Keep a refusal, or that there is none any more."""


class Forgetful:
    """Keeps it as long as it lives itself: enough for a form, where a person tries."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._refusal: Refusal | None = None

    async def recall(self) -> Refusal | None:
        """Give the last refusal."""
        return self._refusal

    async def keep(self, refusal: Refusal | None) -> None:
        """Keep it."""
        self._refusal = refusal
