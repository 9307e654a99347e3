"""When we look at one Radarr: its state for the entities, and fresh facts for the jobs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..clients.radarr import ArrStatus, QueueItem, RadarrClient, RootFolder
from ..domain.paths import PathMap, contains
from ..signals import Signals
from .base import ServiceCoordinator

INTERVAL: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class RadarrData:
    """What Radarr's entities show. `free_bytes` is of its root folders' disks, each once."""

    status: ArrStatus
    queue: tuple[QueueItem, ...]
    missing: int
    root_folders: tuple[RootFolder, ...]
    free_bytes: int | None


class RadarrCoordinator(ServiceCoordinator[RadarrData]):
    """Looks after one Radarr."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: RadarrClient,
        *,
        subentry_id: str,
        title: str,
        permanent_folders: tuple[str, ...],
        path_map: PathMap,
    ) -> None:
        """Prepare; `permanent_folders` are root folders as Radarr names them."""
        super().__init__(
            hass,
            entry,
            signals,
            service="Radarr",
            title=title,
            interval=INTERVAL,
            subentry_id=subentry_id,
        )
        self.client = client
        self.permanent_folders = permanent_folders
        self.path_map = path_map

    def is_permanent(self, path: str) -> bool:
        """Tell whether a path of Radarr's lies under a permanent root folder."""
        return any(contains(folder, path) for folder in self.permanent_folders)

    @override
    async def _fetch(self) -> RadarrData:
        status = await self.client.status()
        folders = await self.client.root_folders()
        return RadarrData(
            status=status,
            queue=await self.client.queue(),
            missing=await self.client.wanted_missing_count(),
            root_folders=folders,
            free_bytes=_free(folders),
        )


def _free(folders: tuple[RootFolder, ...]) -> int | None:
    """Add up free space; folders on one disk report the same number, so count each once."""
    free = {folder.free_bytes for folder in folders if folder.free_bytes is not None}
    return sum(free) if free else None
