"""All Radarrs and Sonarrs of an entry together, always as they are linked now."""

from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping
from typing import Any, override

from ..domain.media import Place
from ..domain.paths import PathMap
from ..domain.requests.request import Request
from .radarr import RadarrCoordinator
from .sonarr import SonarrCoordinator

type Arr = RadarrCoordinator | SonarrCoordinator


class Arrs(Mapping[str, Arr]):
    """The Radarrs and Sonarrs by their subentries' ids."""

    def __init__(
        self, radarrs: dict[str, RadarrCoordinator], sonarrs: dict[str, SonarrCoordinator]
    ) -> None:
        """Take both; what is linked later is in them too."""
        self._all = ChainMap[str, Any](sonarrs, radarrs)

    @override
    def __getitem__(self, subentry_id: str) -> Arr:
        found: Arr = self._all[subentry_id]
        return found

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    @override
    def __len__(self) -> int:
        return len(self._all)

    def path_map(self, subentry_id: str) -> PathMap:
        """Say how the folders of one are named in Jellyfin; empty when nobody knows."""
        arr = self.get(subentry_id)
        return PathMap() if arr is None else arr.path_map

    async def has_files(self, request: Request, places: Collection[Place]) -> bool:
        """Ask whose request it is for its files, all of its kind where that is not known.

        Raises ServiceError.
        """
        for service, one in tuple(self.items()):
            mine = request.arr is None or request.arr[0] == service
            if mine and one.media is request.title.media and await one.has_files(request, places):
                return True
        return False
