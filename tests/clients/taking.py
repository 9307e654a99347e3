"""Takes in a whole history as it is told, row by row."""

from collections.abc import Iterable

from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.domain.history import HistoryEvent


class Taken(list[HistoryEvent]):
    """What was told, in its order."""

    def take(self, events: Iterable[HistoryEvent]) -> None:
        """Take in some of it."""
        self.extend(events)


async def whole(client: RadarrClient) -> Taken:
    """Read all of it."""
    return await client.whole_history(Taken)
