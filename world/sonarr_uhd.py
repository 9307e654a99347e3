"""A second Sonarr, which holds some series in 4K beside the first one (TRaSH's guides).

Its files are versions of the same items to Jellyfin, as their names are alike.
"""

from datetime import datetime
from typing import Final

from .radarr_library import Row
from .shows import Show
from .sonarr_library import Library, Series
from .world import JELLYFIN_ROOT, SONARR_ROOT, World

ROOT: Final = f"{SONARR_ROOT}-4k"
_QUALITY: Final[Row] = {
    "quality": {"id": 19, "name": "Bluray-2160p", "source": "bluray", "resolution": 2160},
    "revision": {"version": 1, "real": 0, "isRepack": False},
}


class UhdSeries(Library):
    """Its database: what `hold` adds."""

    def __init__(self, world: World) -> None:
        """Begin with nothing."""
        super().__init__(world)
        self.series.clear()
        self.history.clear()
        self.roots = {1: ROOT}

    def hold(self, show: Show, at: datetime) -> Series:
        """Have all of a series in 4K since then."""
        series = self.add(show, at=at, root=ROOT)
        series.quality = _QUALITY
        for part in series.parts:
            part.file_id, part.file_added = self.next_id(), at
            path = series.file_path(part).removeprefix("/data")
            files = self._world.more_files.setdefault(part.episode.item_id, {})
            files[f"{JELLYFIN_ROOT}{path}"] = 3840
        return series
