"""What of a request goes or stays together (law 15).

That is a movie, or a season with those that it shares files or downloads with. Where one of a part
is protected or not proven, all of it stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..deletion.draft import DELETE_FILE, DELETE_MOVIE, season_id, unmonitor_id
from ..inventory import ArrFile, ArrTitle, ArrUnit
from ..media import Place
from .draft import torrent_id
from .holdings import Gathered
from .request import Request


@dataclass(frozen=True, slots=True)
class Part:
    """The seasons (none of a movie), the units of them that were asked for, and their downloads."""

    seasons: tuple[int, ...]
    units: tuple[ArrUnit, ...]
    downloads: tuple[str, ...]

    @property
    def step_ids(self) -> frozenset[str]:
        """Name every step that there may be of it."""
        torrents = {torrent_id(one) for one in self.downloads}
        if not self.seasons:
            return frozenset({unmonitor_id(None), DELETE_FILE, DELETE_MOVIE} | torrents)
        return frozenset(torrents).union(
            *({unmonitor_id(one), season_id(one)} for one in self.seasons)
        )

    def holds(self, file: ArrFile) -> bool:
        """Tell whether a file is this part's: that of the season in which it begins."""
        if not self.seasons:
            return any(unit.file_id == file.id for unit in self.units)
        return bool(file.places) and min(file.places).season in self.seasons


def parts_of(request: Request, record: ArrTitle, gathered: Gathered) -> tuple[Part, ...]:
    """Divide what was asked for of a title."""
    if request.is_movie:
        downloads = tuple(download for download, _ in gathered.downloads)
        return (Part((), record.units, downloads),)
    asked = {unit.place.season for unit in record.units if request.wants(unit.place.season)}
    touched = {
        download: _seasons(places) & asked or asked for download, places in gathered.downloads
    }
    shared = [_seasons(file.places) & asked for file in record.files]
    return tuple(
        Part(
            tuple(sorted(seasons)),
            tuple(unit for unit in record.units if unit.place.season in seasons),
            tuple(download for download, of in touched.items() if of & seasons),
        )
        for seasons in _joined([{one} for one in sorted(asked)], [*shared, *touched.values()])
    )


def _seasons(places: Iterable[Place | None]) -> set[int]:
    """Name the seasons of units; none where one of them can't be named: it may be of any."""
    found = {None if place is None else place.season for place in places}
    return {season for season in found if season is not None} if None not in found else set()


def _joined(groups: list[set[int]], links: Iterable[set[int]]) -> list[set[int]]:
    """Join the groups that a link has in common."""
    for link in links:
        touched = [group for group in groups if group & link]
        if len(touched) > 1:
            apart = [group for group in groups if not group & link]
            groups = [*apart, set().union(*touched)]
    return sorted(groups, key=min)
