"""Whether what Jellyfin keeps of a user and an item agrees with a play that only a webhook told.

Jellyfin writes down when a play began, and at its end either where it was left or that the item was
played, which puts the position back to 0. Before it tells anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .conclusion import brief
from .viewing import Viewing, percent_of

# The server says when a play began by its own clock.
_CLOCKS: Final = timedelta(hours=1)
_NEAR: Final = 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """What the server keeps of a user and an item; position and runtime in seconds."""

    played: bool
    position: float
    last_played: datetime | None
    runtime: float | None = None


def agrees(viewing: Viewing, kept: Kept, completion: float) -> bool:
    """Tell whether the server saw a play begin then, and get as far as was told.

    `completion`: at how many percent it counts.
    """
    if kept.last_played is None or kept.last_played < viewing.started_at - _CLOCKS:
        return False
    if kept.position <= 0:
        return kept.played
    # Also where it was played once: this time it was left there.
    runtime = kept.runtime or viewing.runtime
    if kept.position < viewing.position - brief(_NEAR, runtime):
        return False
    # How much of it that is goes by the server's runtime: nobody may call a film a short one.
    left = percent_of(kept.position, runtime)
    return left is not None and left >= completion
