"""How long something is, where Jellyfin's own report does not say it (a link to a stream)."""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping
import logging
from typing import Final

from ..clients.errors import ServiceError
from ..clients.radarr import RadarrClient
from ..clients.sonarr import SonarrClient
from ..domain.media import Unit, UnitKind
from ..store import Store, StoreError
from .radarr import RadarrCoordinator
from .sonarr import SonarrCoordinator

_LOGGER = logging.getLogger(__name__)

# Playback waits for the answer, so nobody is waited for long (seconds).
_QUICK: Final = 3.0


class Runtimes:
    """Asks the library, then the Radarrs or Sonarrs that answer at the moment."""

    def __init__(
        self,
        store: Store,
        radarrs: Mapping[str, RadarrCoordinator],
        sonarrs: Mapping[str, SonarrCoordinator],
    ) -> None:
        """Take whom to ask."""
        self._store = store
        self._radarrs = radarrs
        self._sonarrs = sonarrs

    async def of(self, unit: Unit) -> float | None:
        """Give a unit's runtime in seconds; None when nobody knows it. Never raises."""
        return await self._from_library(unit) or await self._from_arrs(unit)

    async def _from_library(self, unit: Unit) -> float | None:
        """Take it from the item itself, or from another version of the same film."""
        try:
            items = await self._store.library.by_keys(unit.keys)
        except StoreError as err:
            _LOGGER.debug("Could not look a runtime up: %s", err)
            return None
        known = sorted(
            (item.item_id != unit.item_id, item.runtime) for item in items if item.runtime
        )
        return known[0][1] if known else None

    async def _from_arrs(self, unit: Unit) -> float | None:
        for question in self._questions(unit):
            try:
                async with asyncio.timeout(_QUICK):
                    found = await question
            except (ServiceError, TimeoutError) as err:
                _LOGGER.debug("A runtime was not told: %s", err)
                continue
            if found is not None:
                return found
        return None

    def _questions(self, unit: Unit) -> Iterator[Awaitable[float | None]]:
        """Make the questions, one after the other: what is not asked is not begun."""
        tmdb, tvdb = unit.ids.tmdb, unit.series_ids.tvdb
        if unit.kind is UnitKind.MOVIE:
            if tmdb is not None:
                for radarr in tuple(self._radarrs.values()):
                    if radarr.connected:
                        yield _of_movie(radarr.client, tmdb)
        elif tvdb is not None and unit.season is not None and unit.episode is not None:
            for sonarr in tuple(self._sonarrs.values()):
                if sonarr.connected:
                    yield _of_episode(sonarr.client, tvdb, unit.season, unit.episode)


async def _of_movie(client: RadarrClient, tmdb: int) -> float | None:
    movie = await client.movie_by_tmdb(tmdb)
    return None if movie is None else movie.runtime


async def _of_episode(client: SonarrClient, tvdb: int, season: int, number: int) -> float | None:
    """Ask for the episode's own: a series' runtime is only usual, and its pilot often longer."""
    series = await client.series_by_tvdb(tvdb)
    if series is None:
        return None
    episodes = await client.season_episodes(series.id, season)
    same = (one for one in episodes if (one.season, one.number) == (season, number))
    return next((one.runtime for one in same), None)
