"""When we look at one Sonarr: as at Radarr, and at all episodes of a title together."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, override

from homeassistant.util import dt as dt_util

from ..clients.arr_models import QueueItem
from ..clients.arr_titles import find
from ..clients.sonarr import SonarrClient, SonarrEpisode, SonarrSeries
from ..domain.knowledge import Known
from ..domain.media import MediaType, Place
from ..domain.requests.facts import Inventory
from ..domain.requests.request import Request
from .arr import INTERVAL, ArrCoordinator
from .arr_reports import Holding, may_be_of

__all__ = ["INTERVAL", "SonarrCoordinator"]


class SonarrCoordinator(ArrCoordinator[SonarrClient]):
    """Looks after one Sonarr."""

    media: ClassVar[MediaType] = MediaType.SERIES

    @override
    async def _find(self, request: Request, at: datetime) -> Holding | None:
        series = await self._series(request)
        if series is None:
            return None
        episodes = await self.client.episodes(series.id, series.total_episodes or 0)
        wanted = [episode for episode in episodes if request.wants(episode.season)]
        paths: dict[int, str] = {}
        if any(episode.file_id for episode in wanted):
            paths = {file.id: file.path for file in await self.client.files(series.id)}
        return Holding(
            series.id,
            series.title.ids,
            tuple(_unit(episode, paths.get(episode.file_id or 0, ""), at) for episode in wanted),
            places=_places(episodes),
            anime=series.is_anime,
            other_titles=series.titles,
            poster=series.poster,
            year=series.title.year,
        )

    @override
    async def _search(self, request: Request, queue: Collection[QueueItem]) -> bool:
        series = await self._series(request)
        if series is None:
            return False
        mine = [item for item in queue if item.media_id == series.id]
        if any(item.episode_id is None for item in mine):
            return False  # of which episodes it is, nobody tells
        queued = {item.episode_id for item in mine}
        now = dt_util.utcnow()
        missing = [
            episode.id
            for episode in await self.client.episodes(series.id, series.total_episodes or 0)
            if request.wants(episode.season)
            and episode.monitored
            and not episode.has_file
            and episode.id not in queued
            and (episode.aired_at is None or episode.aired_at <= now)
        ]
        if missing:
            await self.client.search(missing)
        return bool(missing)

    async def _series(self, request: Request) -> SonarrSeries | None:
        """Find the series, unless an id or its year says that it is another."""
        found = await find(self.client, request.ids, request.arr[1] if request.arr else None)
        series = found.value.entry if isinstance(found, Known) else None
        return series if series is not None and may_be_of(request, series.title) else None

    @override
    async def _with_places(self, holding: Holding) -> Holding:
        return replace(holding, places=_places(await self.client.episodes(holding.arr_id)))

    @override
    async def _is_gone(self, arr_id: int) -> bool:
        return await self.client.by_number(arr_id) is None


def _places(episodes: Iterable[SonarrEpisode]) -> dict[int, Place]:
    return {episode.id: Place(episode.season, episode.number) for episode in episodes}


def _unit(episode: SonarrEpisode, path: str, at: datetime) -> Inventory:
    return Inventory(
        Place(episode.season, episode.number),
        at,
        has_file=episode.has_file,
        monitored=episode.monitored,
        aired_at=episode.aired_at,
        searched_at=episode.last_search,
        path=path,
    )
