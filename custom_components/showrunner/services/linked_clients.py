"""The clients of linked services, as operations ask for them."""

from dataclasses import dataclass

from ..clients.fetching.fetcher import ReleaseFetcher
from ..clients.radarr import RadarrClient
from ..clients.seerr import SeerrClient
from ..clients.sftp import SftpClient
from ..clients.sonarr import SonarrClient
from ..const import OPT_SEEDBOX
from ..coordinators.radarr import RadarrCoordinator
from ..coordinators.seerr import SeerrCoordinator
from ..coordinators.sonarr import SonarrCoordinator
from ..coordinators.torrents import TorrentCoordinator
from ..coordinators.transfer import TransferCoordinator, reaching
from ..jobs.sync_options import SyncOptions
from ..settings import Settings
from .linked import Links


@dataclass(frozen=True, slots=True)
class Folder:
    """A linked file transfer over which files can be removed."""

    client: SftpClient
    remote_path: bytes


class LinkedClients:
    """Finds them by their subentries' ids; None where none is linked."""

    def __init__(self, links: Links, settings: Settings) -> None:
        """Take the services, which come and go, and the options."""
        self._links = links
        self._settings = settings
        self._fetchers: dict[str, tuple[TransferCoordinator, ReleaseFetcher]] = {}

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

    def transfer(self, service: str) -> ReleaseFetcher | None:
        """Find who fetches releases: one for each transfer, which knows what it has learnt."""
        found = self._links.of(TransferCoordinator).get(service)
        if found is None:
            self._fetchers.pop(service, None)
            return None
        known = self._fetchers.get(service)
        if known is None or known[0] is not found:
            known = self._fetchers[service] = (found, self._fetcher(service, found))
        return known[1]

    def _fetcher(self, service: str, transfer: TransferCoordinator) -> ReleaseFetcher:
        return ReleaseFetcher(
            transfer.client,
            service,
            transfer.remote_path,
            transfer.local_path,
            engine=transfer.engine,
            import_path=transfer.import_path,
            mark=transfer.folder_mark,
            how=lambda: SyncOptions.from_mapping(self._settings.page(OPT_SEEDBOX)).how,
            tell=transfer.set_progress,
        )

    def remote_folder(self, service: str) -> Folder | None:
        """Find a file transfer where files can be removed."""
        return _folder(self._links.of(TransferCoordinator).get(service))

    def folder_over(self, service: str, path: str | None) -> Folder | None:
        """Find a file transfer that reaches a place of a torrent client: one of the same host."""
        client = self.torrent_client(service)
        found = client and reaching(self._links.of(TransferCoordinator), client.client.url, path)
        return _folder(found[1]) if found else None


def _folder(transfer: TransferCoordinator | None) -> Folder | None:
    if transfer is None or not isinstance(transfer.client, SftpClient):
        return None
    return Folder(transfer.client, transfer.remote_path)
