"""How we talk to Sonarr (API version 3, Sonarr 4 and later)."""

from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Final, override

from ..domain.history import HistoryKind
from ..domain.knowledge import Answer
from ..domain.media import ProviderIds, Title, same_year
from ..domain.text import say
from . import arr_history, sonarr_models as models
from .arr import CONFLICT, NOT_FOUND, ArrClient, ArrStatus
from .errors import Refused, TooOld, Unreadable
from .parse import Json, rows, table, version
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


# What is told of a series that is there, and not said of one that is to be added.
_NOT_ADDED: Final = frozenset({"id", "added", "statistics", "path"})


def _itself(series: SonarrSeries) -> SonarrSeries:
    return series


class SonarrClient(ArrClient):
    """One Sonarr. Every method raises a ServiceError when the answer can't be had or believed."""

    product: ClassVar[str] = PRODUCT
    switches: ClassVar[Mapping[str, bool]] = SWITCHES
    numbers: ClassVar[Mapping[int, HistoryKind]] = arr_history.SONARR_NUMBERS
    _queue_of_all: ClassVar[str] = "includeUnknownSeriesItems"
    _title: ClassVar[str] = "series"
    _scan: ClassVar[str] = "DownloadedEpisodesScan"

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
        *,
        whole: bool = False,
    ) -> tuple[T, ...]:
        """List all series, or what `pick` makes of each that is wanted.

        With `most` the list is read only until so many were picked. `whole`: a list with rows that
        can't be read is none, for it counts what is not among them.
        """

        def read(row: Json) -> T | None:
            return pick(models.series(row))

        found = await self._long_list("/series", read, most)
        return self._whole(found) if whole else found.rows

    async def by_number(self, number: int) -> SonarrSeries | None:
        """Find a series by Sonarr's number; None when it is gone."""
        row = await self._one(f"/series/{number}")
        return None if row is None else models.series(row)

    def can_ask(self, ids: ProviderIds) -> bool:
        """Tell whether there is the id by which Sonarr can be asked for one series."""
        return ids.tvdb is not None

    async def by_ids(self, ids: ProviderIds) -> SonarrSeries | None:
        """Find a series by its tvdb id; None when this Sonarr does not hold it."""
        return None if ids.tvdb is None else await self.series_by_tvdb(ids.tvdb)

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

    async def add_series(
        self,
        tvdb: int,
        *,
        root_folder: str,
        profile_id: int,
        expected: Title,
        monitored: bool,
        as_it_was: Mapping[str, object],
    ) -> SonarrSeries:
        """Add a series without any episode monitored, and without a search.

        Only what TheTVDB knows as the one expected. `as_it_was`: other fields, in Sonarr's words.
        """
        term = f"tvdb:{tvdb}"
        found = self._rows(await self._http.get("/series/lookup", {"term": term}))
        row = next((one for one in found if models.tvdb_of(one) == tvdb), None)
        if row is None:
            raise Refused(PRODUCT, NOT_FOUND, say("error_tvdb_does_not_know", tvdb=tvdb))
        named = models.titled(row)
        same = named.ids.matches(expected.ids), same_year(named.year, expected.year)
        if same[0] is not Answer.YES or same[1] is Answer.NO:
            label = f"{named.label} ({' '.join(named.ids.keys)})"
            wanted = f"{expected.label} ({' '.join(expected.ids.keys)})"
            said = say("error_tvdb_named_another", named=label, tvdb=tvdb, wanted=wanted)
            raise Refused(PRODUCT, CONFLICT, said)
        # Of seasons that are monitored Sonarr would monitor all episodes; "skip" changes none.
        seasons = [dict(one) | {"monitored": False} for one in rows(row.get("seasons"))]
        body = {key: value for key, value in row.items() if key not in _NOT_ADDED} | {
            **as_it_was,
            "tvdbId": tvdb,
            "rootFolderPath": root_folder,
            "qualityProfileId": profile_id,
            "monitored": monitored,
            "seasons": seasons,
            "addOptions": {"monitor": "skip", "searchForMissingEpisodes": False},
        }
        return models.series(table(await self._http.request("POST", "/series", body=body)))

    async def delete_series(self, series_id: int) -> None:
        """Have a series forgotten. Its folder stays: with files, all that lies in it would go."""
        params = {"deleteFiles": "false", "addImportListExclusion": "false"}
        await self._delete(f"/series/{series_id}", **params)

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
