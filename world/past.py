"""What was played before Showrunner looked, as tools that kept a history would have it.

Made from what Jellyfin keeps of its users: as many plays as it counts, the last one when it says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
import uuid

from .catalogue import Entry, Film, guid
from .people import User
from .world import World

_DEVICES: Final = (
    ("Television", "Jellyfin Android TV", "DirectPlay"),
    ("Browser", "Jellyfin Web", "Transcode"),
)


@dataclass(frozen=True, slots=True)
class Played:
    """One play. Seconds; it ended at `position`."""

    id: str
    user: User
    entry: Entry
    began: datetime
    seconds: float
    position: float
    device: str
    client: str
    method: str

    @property
    def ended(self) -> datetime:
        """When it was over."""
        return self.began + timedelta(seconds=self.seconds)


def past(world: World) -> list[Played]:
    """Give all plays, the oldest first."""
    return sorted(_plays(world), key=lambda play: play.began)


def _plays(world: World) -> Iterator[Played]:
    for (user_id, item_id), data in world.data.items():
        entry, last = world.entry(item_id), data.last_played
        if entry is None or last is None:
            continue
        for number in range(data.play_count):
            whole = data.played or number > 0
            length = float(entry.seconds) if whole else data.position
            device, client, method = _DEVICES[(len(entry.name) + number) % len(_DEVICES)]
            yield Played(
                id=str(uuid.UUID(guid("played", user_id, item_id, number))),
                user=world.user(user_id),
                entry=entry,
                # Earlier plays were four weeks earlier each, on the same day of the week.
                began=last - timedelta(weeks=4 * number, seconds=length),
                seconds=length,
                position=length,
                device=device,
                client=client,
                method=method,
            )


def kind_of(entry: Entry) -> str:
    """Name what was played as Jellyfin does."""
    return "Movie" if isinstance(entry, Film) else "Episode"
