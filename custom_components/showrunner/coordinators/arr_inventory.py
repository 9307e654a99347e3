"""What one arr holds of a title, asked fresh: its units, its files and the names of its tags."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..clients.errors import Unreadable
from ..clients.radarr import RadarrMovie
from ..clients.sonarr import SonarrSeries
from ..domain.inventory import ArrFile, ArrTitle, ArrUnit, SeriesStatus
from ..domain.media import MOVIE, Place
from ..domain.text import say
from .arr import ArrCoordinator
from .radarr import RadarrCoordinator
from .sonarr import SonarrCoordinator

NOT_NAMED: Final = -1


def _labels(
    arr: ArrCoordinator[Any], tags: Iterable[int], labels: Mapping[int, str]
) -> frozenset[str]:
    """Name tags; one whose name is not told might be the one that protects."""
    unknown = [tag for tag in tags if tag not in labels]
    if unknown:
        raise Unreadable(arr.title, say("tag_not_named", tag=unknown[0]))
    return frozenset(labels[tag] for tag in tags)


async def of_movie(arr: RadarrCoordinator, movie: RadarrMovie) -> ArrTitle:
    """Ask what there is of a movie. Raises ServiceError."""
    labels = await arr.client.tags() if movie.tags else {}
    there = movie.has_file or movie.file_id is not None
    number = (movie.file_id or NOT_NAMED) if there else None
    files: tuple[ArrFile, ...] = ()
    if movie.file_id is not None and movie.file_path is not None:
        place = frozenset({MOVIE})
        size, added = movie.size_bytes, movie.file_added
        files = (
            ArrFile(movie.file_id, movie.file_path, size, place, added, movie.file_resolution),
        )
    return ArrTitle(
        service=arr.subentry_id,
        kind="radarr",
        name=arr.title,
        id=movie.id,
        ids=movie.title.ids,
        path=movie.path,
        tags=_labels(arr, movie.tags, labels),
        units=(ArrUnit(movie.id, MOVIE, movie.monitored, number),),
        files=files,
        path_map=arr.path_map,
        year=movie.title.year,
        permanent=arr.is_permanent(movie.path),
        monitored=movie.monitored,
    )


async def of_series(arr: SonarrCoordinator, series: SonarrSeries) -> ArrTitle:
    """Ask what there is of a series. Raises ServiceError."""
    labels = await arr.client.tags() if series.tags else {}
    episodes = await arr.client.episodes(series.id, series.total_episodes or 0)
    there = any(one.file_id or one.has_file for one in episodes)
    files = await arr.client.files(series.id) if there else ()
    places: dict[int, set[Place]] = {}
    for one in episodes:
        if one.file_id is not None:
            places.setdefault(one.file_id, set()).add(Place(one.season, one.number))
    return ArrTitle(
        service=arr.subentry_id,
        kind="sonarr",
        name=arr.title,
        id=series.id,
        ids=series.title.ids,
        path=series.path,
        tags=_labels(arr, series.tags, labels),
        units=tuple(
            ArrUnit(
                one.id,
                Place(one.season, one.number),
                one.monitored,
                one.file_id or (NOT_NAMED if one.has_file else None),
                one.aired_at,
                one.last_search,
            )
            for one in episodes
        ),
        files=tuple(
            ArrFile(
                one.id,
                one.path,
                one.size_bytes,
                frozenset(places.get(one.id, ())),
                one.added,
                one.resolution,
            )
            for one in files
        ),
        path_map=arr.path_map,
        year=series.title.year,
        status=SeriesStatus.of(series.status),
        seasons=frozenset(one.number for one in series.seasons),
        permanent=arr.is_permanent(series.path),
        monitored=series.monitored,
    )
