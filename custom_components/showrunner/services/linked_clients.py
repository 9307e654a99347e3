"""The clients of linked services, as operations ask for them."""

from ..clients.radarr import RadarrClient
from ..clients.seerr import SeerrClient
from ..clients.sonarr import SonarrClient
from ..coordinators.radarr import RadarrCoordinator
from ..coordinators.seerr import SeerrCoordinator
from ..coordinators.sonarr import SonarrCoordinator
from ..coordinators.torrents import TorrentCoordinator
from .linked import Links


class LinkedClients:
    """Finds them by their subentries' ids; None where none is linked."""

    def __init__(self, links: Links) -> None:
        """Take the services, which come and go."""
        self._links = links

    def radarr(self, service: str) -> RadarrClient | None:
        """Find a Radarr."""
        found = self._links.of(RadarrCoordinator).get(service)
        return None if found is None else found.client

    def sonarr(self, service: str) -> SonarrClient | None:
        """Find a Sonarr."""
        found = self._links.of(SonarrCoordinator).get(service)
        return None if found is None else found.client

    def seerr(self, service: str) -> SeerrClient | None:
        """Find a Seerr."""
        found = self._links.of(SeerrCoordinator).get(service)
        return None if found is None else found.client

    def torrent_client(self, service: str) -> TorrentCoordinator | None:
        """Find a torrent client."""
        return self._links.of(TorrentCoordinator).get(service)
