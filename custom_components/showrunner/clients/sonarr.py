"""How we talk to Sonarr (API version 3, Sonarr 4 and later)."""

from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Final, override

from ..domain.history import HistoryKind
from ..domain.text import say
from . import arr_history, sonarr_models as models
from .arr import ArrClient, ArrStatus
from .errors import TooOld, Unreadable
from .parse import Json, version
from .sonarr_models import PRODUCT, SonarrEpisode, SonarrFile, SonarrSeries

__all__ = ["PRODUCT", "SonarrClient", "SonarrEpisode", "SonarrFile", "SonarrSeries"]

_OLDEST: Final = 4
# Of what its webhook tells us; an upgrade's deletion is no deletion.
SWITCHES: Final[Mapping[str, bool]] = {
    "onGrab": True,
    "onDownload": True,
    "onUpgrade": True,
    "onImportComplete": True,
    "onRename": True,
    "onSeriesAdd": True,
    "onSeriesDelete": True,
    "onEpisodeFileDelete": True,
    "onEpisodeFileDeleteForUpgrade": False,
    "onHealthIssue": False,
    "includeHealthWarnings": False,
    "onHealthRestored": False,
    "onApplicationUpdate": False,
    "onManualInteractionRequired": True,
}


def _itself(series: SonarrSeries) -> SonarrSeries:
    return series


class SonarrClient(ArrClient):
    """One Sonarr. Every method raises a ServiceError when the answer can't be had or believed."""

    product: ClassVar[str] = PRODUCT
    switches: ClassVar[Mapping[str, bool]] = SWITCHES
    numbers: ClassVar[Mapping[int, HistoryKind]] = arr_history.SONARR_NUMBERS
    _queue_of_all: ClassVar[str] = "includeUnknownSeriesItems"
    _title: ClassVar[str] = "series"

    @override
    async def status(self) -> ArrStatus:
        """Ask who answers. Raises WrongProduct, and TooOld before version 4."""
        found = await super().status()
        major = version(found.version)[:1]
        if major and major < (_OLDEST,):
            raise TooOld(
                PRODUCT, say("error_version_version_least_4_needed", version=found.version)
            )
        return found

    async def all_series[T = SonarrSeries](
        self,
        pick: Callable[[SonarrSeries], T | None] = _itself,  # type: ignore[assignment]
        most: int | None = None,
    ) -> tuple[T, ...]:
        """List all series, or what `pick` makes of each that is wanted.

        With `most` the list is read only until so many were picked.
        """

        def read(row: Json) -> T | None:
            return pick(models.series(row))

        return (await self._long_list("/series", read, most)).rows

    async def series(self, series_id: int) -> SonarrSeries | None:
        """Find a series by Sonarr's id; None when it is gone."""
        row = await self._one(f"/series/{series_id}")
        return None if row is None else models.series(row)

    async def series_by_tvdb(self, tvdb: int) -> SonarrSeries | None:
        """Find a series by its tvdb id; None when this Sonarr does not hold it."""
        found = await self._list("/series", models.series, tvdbId=tvdb)
        held = next((one for one in found.rows if one.title.ids.tvdb == tvdb), None)
        if held is None:
            self._whole(found)
        return held

    async def episodes(self, series_id: int, at_least: int = 0) -> tuple[SonarrEpisode, ...]:
        """List the episodes of a series, aired or not: fewer than it counts are unreadable."""
        # What is not among them is taken for none, as with the files.
        found = self._whole(await self._long_list("/episode", models.episode, seriesId=series_id))
        if len(found) < at_least:
            raise Unreadable(
                PRODUCT,
                say("error_counts_least_episodes_names_named", at_least=at_least, named=len(found)),
            )
        return found

    async def season_episodes(self, series_id: int, season: int) -> tuple[SonarrEpisode, ...]:
        """List the episodes of a season; that one is not among them says nothing."""
        found = await self._list(
            "/episode", models.episode, seriesId=series_id, seasonNumber=season
        )
        return found.rows

    async def files(self, series_id: int) -> tuple[SonarrFile, ...]:
        """List the episode files of a series."""
        return self._whole(await self._list("/episodefile", models.file, seriesId=series_id))

    async def set_monitored(self, episode_ids: Collection[int], *, monitored: bool) -> None:
        """Say of episodes whether they are looked for."""
        body = {"episodeIds": sorted(episode_ids), "monitored": monitored}
        await self._http.request("PUT", "/episode/monitor", body=body)

    async def search(self, episode_ids: Collection[int]) -> None:
        """Have episodes searched for."""
        body = {"name": "EpisodeSearch", "episodeIds": sorted(episode_ids)}
        await self._http.request("POST", "/command", body=body)

    async def delete_files(self, file_ids: Collection[int]) -> None:
        """Delete episode files, all of one series: Sonarr takes the first one's for all."""
        if not file_ids:
            raise ValueError("no files to delete")  # the server would fail
        await self._delete("/episodefile/bulk", {"episodeFileIds": sorted(file_ids)})
