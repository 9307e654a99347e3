"""What every torrent client can be asked and told, whichever it is."""

from collections.abc import Collection, Mapping
from typing import Protocol

from ..domain.torrent_details import RateLimits, Removal, TorrentFiles, TrackerState
from ..domain.torrents import TorrentList


class TorrentClient(Protocol):
    """What every torrent client can be asked. Every method raises ServiceError.

    Hashes may be written in any case; answers have them in upper case.
    """

    @property
    def url(self) -> str:
        """Its address."""

    @property
    def version(self) -> str:
        """Its version, once it has answered."""

    async def torrents(self) -> TorrentList:
        """Everything that it has."""

    @property
    def tells_changes(self) -> bool:
        """Whether all that it has costs it only what has changed since it was asked last."""

    async def hashes(self) -> frozenset[str]:
        """Only the hashes of everything that it has, all of each: what is not among them is gone.

        It costs a client with thousands of torrents a tenth of all that it could say of them.
        """

    async def files(self, info_hash: str) -> TorrentFiles | None:
        """Give a torrent's files; None when it has no such torrent."""

    async def trackers(self, hashes: Collection[str]) -> Mapping[str, tuple[TrackerState, ...]]:
        """Give the trackers of many torrents in few calls; one that it does not have is left out.

        A torrent without trackers has an empty tuple.
        """

    @property
    def removal(self) -> Removal:
        """What becomes of the data when a torrent is removed with it."""

    async def remove(self, info_hash: str, *, data: bool) -> None:
        """Remove one torrent, with its data or without; one that is gone already is as good.

        Raises ValueError for the data of a client that can't delete any (`Removal.ENTRY_ONLY`).
        """

    async def pause(self, hashes: Collection[str]) -> None:
        """Stop torrents. What was not stopped is told by the next list."""

    async def resume(self, hashes: Collection[str]) -> None:
        """Start torrents. What was not started is told by the next list."""

    async def limits(self) -> RateLimits:
        """Give the limits for everything together."""

    async def set_limits(self, down: int, up: int) -> None:
        """Limit everything together (bytes per second); 0 is no limit."""
