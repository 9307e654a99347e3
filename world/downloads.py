"""How Radarr's and Sonarr's queues follow a torrent, until it is there or gone."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from .clock import arr_time, clock_time, utcnow
from .radarr_library import Row
from .seedbox import Seedbox
from .torrents import Torrent
from .world import World

_STEPS: Final = 8
# At the longest so long a queue names what its client has no more (the real ones: a minute).
_LOOK: Final = 1.0
_SAYS: Final = {
    "stalled": "The download is stalled with no connections",
    "no_seeds": "The download is stalled with no connections",
    "error": "qBittorrent is reporting an error",
    "metadata": "qBittorrent is downloading metadata",
}


async def follow(world: World, torrent: Torrent, rows: Iterable[Row], size: int) -> bool:
    """Keep the lines of a queue up to date; tell whether the torrent was finished in the end.

    What the client loses leaves the queue: then nobody goes on.
    """
    lines = tuple(rows)
    while torrent.hash in world.swarm.torrents:
        if torrent.complete:
            _write(lines, torrent, size)
            if world.seedbox is not None:
                await _come_home(world.seedbox, torrent, lines)
            await asyncio.sleep(world.pace.arrive)
            return True
        _write(lines, torrent, size)
        await asyncio.sleep(max(min(torrent.seconds / _STEPS, torrent.left, _LOOK), 0.01))
    return False


async def _come_home(seedbox: Seedbox, torrent: Torrent, rows: Iterable[Row]) -> None:
    """Wait for a finished torrent's files, which lie on the seedbox until somebody fetches them."""
    arr = "Sonarr" if "sonarr" in torrent.category else "Radarr"
    said = {"title": torrent.name, "messages": [seedbox.says(torrent.name, arr)]}
    seedbox.finish(torrent.name, torrent.size)
    for row in rows:
        row |= {"trackedDownloadStatus": "warning", "statusMessages": [said]}
    await seedbox.at_home(torrent.name)
    for row in rows:
        row |= {"trackedDownloadStatus": "ok", "statusMessages": []}


def _write(rows: Iterable[Row], torrent: Torrent, size: int) -> None:
    """Write what the client says of it now."""
    said = _SAYS.get(torrent.trouble, "")
    status = "paused" if torrent.trouble == "paused" else "warning" if said else "downloading"
    for row in rows:
        row["sizeleft"] = float(size - int(size * torrent.share))
        if torrent.complete:
            row |= {"status": "completed", "trackedDownloadState": "importPending"}
        else:
            row["status"] = status
        row.pop("errorMessage", None)
        if said and not torrent.complete:
            row["errorMessage"] = said
        if torrent.trouble:
            row.pop("timeleft", None)
            row.pop("estimatedCompletionTime", None)
        else:
            left = torrent.left
            row["timeleft"] = clock_time(left)
            row["estimatedCompletionTime"] = arr_time(utcnow() + timedelta(seconds=left))
