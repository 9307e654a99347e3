"""A real seedbox with torrents to purge."""

from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, override

from custom_components.showrunner.clients.sftp import SftpClient
from custom_components.showrunner.clients.torrents import TorrentClient
from custom_components.showrunner.domain.seeding import PurgePolicy, TrackerRule
from custom_components.showrunner.domain.torrent_details import TorrentFiles, TrackerState
from custom_components.showrunner.domain.torrents import TorrentList
from custom_components.showrunner.options import PurgeOptions
from tests.jobs.purging import Box

# Nobody listens there. rTorrent 0.16 may end with an error of its own ("CurlGet::prepare_start(...)
# called on an object that was not started") when a torrent leaves while its tracker is being asked.
NOBODY: Final = "http://127.0.0.1:9/announce"


# qBittorrent counts no further while nothing happens to a torrent, often at 0 seconds.
SEEDS: Final = {"rtorrent": timedelta(seconds=1), "qbittorrent": timedelta()}


class RealBox(Box):
    """A real client in the place of the simulated one; the history is the stand-in's."""

    def __init__(self, folder: Path, client: TorrentClient) -> None:
        """Take the client; it has been asked before, so that it knows what it can delete."""
        super().__init__(folder, removal=client.removal)
        self.real, self.url, self.tells_changes = client, client.url, client.tells_changes

    @override
    async def list(self) -> TorrentList:
        return await self.real.torrents()

    @override
    async def hashes(self) -> frozenset[str]:
        return await self.real.hashes()

    @override
    async def files(self, info_hash: str) -> TorrentFiles | None:
        return await self.real.files(info_hash)

    @override
    async def trackers(self, hashes: Collection[str]) -> Mapping[str, tuple[TrackerState, ...]]:
        return await self.real.trackers(hashes)

    @override
    async def remove(self, info_hash: str, *, data: bool) -> None:
        await self.real.remove(info_hash, data=data)


@asynccontextmanager
async def closing(client: SftpClient) -> AsyncGenerator[SftpClient]:
    """Close it at the end."""
    try:
        yield client
    finally:
        await client.close()


def without(
    before: Mapping[bytes, bytes | str | None], gone: Collection[bytes]
) -> dict[bytes, bytes | str | None]:
    """Take files from a tree, and the folders of theirs that are empty then."""
    left = {path: one for path, one in before.items() if path not in gone}
    above = {path[:end] for path in gone for end in range(len(path)) if path[end : end + 1] == b"/"}
    inside = Counter(path.rpartition(b"/")[0] for path in left)
    for folder in sorted(above & left.keys(), key=len, reverse=True):
        if not inside[folder]:
            del left[folder]
            inside[folder.rpartition(b"/")[0]] -= 1
    return left


def compared(evidence: Mapping[bytes, bytes | str | None], kind: str) -> dict[bytes, object]:
    """Look at everything where we delete, and at files and links where qBittorrent does.

    It takes others' empty folders out of a torrent's folder, and 5.3 leaves folders called `...`.
    """
    return {path: one for path, one in evidence.items() if kind == "rtorrent" or one is not None}


def wanted_of(least: timedelta) -> PurgeOptions:
    """Want so long of all, and days of the torrents whose tracker is called `localhost`."""
    rules = (TrackerRule("localhost", 5),)
    return PurgeOptions(PurgePolicy(min_days=least / timedelta(days=1), trackers=rules))
