"""Which titles several arrs of a kind hold, so that their copies can be compared."""

from collections.abc import Mapping
from typing import Any

from ...clients.errors import ServiceError
from ...clients.radarr import RadarrMovie
from ...clients.sonarr import SonarrSeries
from ...coordinators.radarr import RadarrCoordinator
from ..facts.title_asker import Arr


async def held_twice(arrs: Mapping[str, Any]) -> frozenset[str]:
    """Name by their ids the titles of which several of these have files.

    One that does not answer is left out: whoever lists it then says so, and nothing leaves.
    """
    if len(arrs) < 2:  # noqa: PLR2004
        return frozenset()
    once: set[str] = set()
    twice: set[str] = set()
    for arr in tuple(arrs.values()):
        try:
            names = frozenset(await _names(arr))
        except ServiceError:
            continue
        twice |= once & names
        once |= names
    return frozenset(twice)


async def _names(arr: Arr) -> set[str]:
    """Name all of an arr's titles with files; of the lists themselves nothing is kept."""
    if isinstance(arr, RadarrCoordinator):
        found = await arr.client.movies(_of_movie)
    else:
        found = await arr.client.all_series(_of_series)
    return {name for names in found for name in names}


def _of_movie(one: RadarrMovie) -> tuple[str, ...] | None:
    return tuple(one.title.ids.keys) if one.has_file else None


def _of_series(one: SonarrSeries) -> tuple[str, ...] | None:
    return tuple(one.title.ids.keys) if one.size_bytes else None
