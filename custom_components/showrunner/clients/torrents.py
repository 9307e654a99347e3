"""What every torrent client can be asked, whichever it is."""

from typing import Protocol

from ..domain.torrents import TorrentList


class TorrentClient(Protocol):
    """What every torrent client can be asked."""

    @property
    def url(self) -> str:
        """Its address."""

    @property
    def version(self) -> str:
        """Its version, once it has answered."""

    async def torrents(self) -> TorrentList:
        """Everything that it has. Raises ServiceError."""

    @property
    def removes_data(self) -> bool:
        """Whether removing a torrent deletes its data too."""

    async def remove(self, info_hash: str) -> None:
        """Remove one torrent. Raises ServiceError."""
