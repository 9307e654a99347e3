"""How Radarr and Sonarr stand with their download client, and what becomes of their queue.

By DownloadMonitoringService.cs of both: every minute (RefreshMonitoredDownloads) all clients are
asked, and one that does not answer is logged and taken for an empty one, so that its lines leave
the queue (QueueService.cs has what it was given last, and nothing after a start). By
DownloadClientCheck.cs: that is looked at as soon as a client has failed or answers again
(ProviderStatusChangedEvent), which is before the queue is made anew of all that they answered.
What the check says in which case is recorded (Radarr 6.0.3, a fresh server) and in its sources.
"""

from datetime import datetime
from typing import Final

from .clock import ARR_ASKS, utcnow
from .radarr_library import Row

_WIKI: Final = "https://wiki.servarr.com/{}/system#{}"


class ArrClients:
    """The one download client of an arr."""

    def __init__(self, arr: str) -> None:
        """Have one that answers."""
        self._arr = arr
        self.lost = False
        # There is none that it uses; `count` are set up all the same, switched off.
        self.unused = False
        self.count = 1
        self._found: datetime | None = None

    def lose(self) -> None:
        """Have it no longer answer."""
        self.lost = True

    def find(self) -> None:
        """Have it answer again."""
        self.lost, self._found = False, utcnow()

    def queue(self, lines: list[Row], started: datetime) -> list[Row]:
        """Give what is in the queue now, of an arr that runs since then."""
        answered = started if self._found is None else max(started, self._found)
        told = not self.lost and not self.unused and utcnow() - answered > ARR_ASKS
        return lines if told else []

    def health(self) -> list[Row]:
        """Say what is wrong with it."""
        if self.unused:
            return [self._finding("warning", "No download client is available")]
        if self.lost:
            said = "Unable to communicate with qBittorrent. Failed to connect to qBittorrent"
            return [self._finding("error", said)]
        return []

    def _finding(self, kind: str, said: str) -> Row:
        page = "no-download-client-is-available"
        if kind == "error":
            page = "unable-to-communicate-with-download-client"
        return {
            "source": "DownloadClientCheck",
            "type": kind,
            "message": said,
            "wikiUrl": _WIKI.format(self._arr, page),
        }

    def listed(self) -> list[Row]:
        """List them as they are set up."""
        return [
            {"id": number, "name": "qBittorrent", "enable": not self.unused, "protocol": "torrent"}
            for number in range(1, self.count + 1)
        ]
