"""What is done to series and episodes in Sonarr: unmonitor, delete, restore."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
import posixpath
from typing import override

from ..clients.sonarr import SonarrEpisode, SonarrSeries
from ..domain.knowledge import Absent, Answer, Knowledge, Known
from ..domain.plan import (
    DeleteEpisodeFiles,
    DeleteSeries,
    MonitorEpisodes,
    Payload,
    RestoreSeries,
    SearchEpisodes,
    Step,
    UnmonitorEpisodes,
)
from ..domain.text import say
from .base import (
    Applied,
    NotPossible,
    has_forgotten,
    numbers,
    payload_of,
    remote_id,
    text,
    title_of,
)
from .on_series import OnSeries, asked, places_of, tvdb_of, were_monitored


class UnmonitorEpisodesOperation(OnSeries):
    """Have Sonarr look no more for episodes."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        return {
            **await self._record(step),
            "episodes": list(asked(step, UnmonitorEpisodes).episodes),
        }

    async def apply(self, step: Step) -> Applied | None:
        """Unmonitor them."""
        await self._client(step).set_monitored(
            asked(step, UnmonitorEpisodes).episodes, monitored=False
        )
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether any of them is monitored."""
        wanted = set(asked(step, UnmonitorEpisodes).episodes)
        episodes = await self._client(step).episodes(remote_id(step))
        if any(one.monitored for one in episodes if one.id in wanted):
            return Absent("sonarr")
        after = {"episode_ids": sorted(wanted), "monitored": False}
        return Known(Applied(say("done_episodes_unmonitored", count=len(wanted)), after), "sonarr")

    @override
    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Have those looked for again that were."""
        monitored = were_monitored(before, numbers(before.get("episodes")))
        return (MonitorEpisodes(monitored, places_of(before, monitored)),) if monitored else ()


class DeleteEpisodeFilesOperation(OnSeries):
    """Delete episode files of one series through Sonarr."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        return await self._record(step, _sizes(step))

    async def apply(self, step: Step) -> Applied | None:
        """Delete them at once."""
        await self._client(step).delete_files(_sizes(step))
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look which of them Sonarr still tracks."""
        sizes = _sizes(step)
        there = {one.id: one.path for one in await self._client(step).files(remote_id(step))}
        left = sizes.keys() & there.keys()
        if left == sizes.keys():
            return Absent("sonarr")
        gone = sizes.keys() - left
        after = {"file_ids": sorted(gone), "left": sorted(left)}
        said = say("done_files_gone", gone=len(gone), all=len(sizes))
        if left:
            paths = tuple(sorted(there[one] for one in left))
            said = say("done_files_partly", gone=len(gone), all=len(sizes), left=paths)
        freed = sum(sizes[one] for one in gone)
        return Known(Applied(said, after, freed, half=bool(left)), "sonarr")

    @override
    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Have those whose files went looked for as they were, and all of them fetched."""
        gone = set(numbers(after.get("file_ids")))
        pairs = before.get("in_files")
        held = [numbers(pair) for pair in (pairs if isinstance(pairs, list) else [])]
        lost = tuple(
            pair[0] for pair in held if len(pair) == len(("episode", "file")) and pair[1] in gone
        )
        monitored = were_monitored(before, lost)
        places = places_of(before, monitored)
        back: tuple[Payload, ...] = (MonitorEpisodes(monitored, places),) if monitored else ()
        return (*back, SearchEpisodes(lost, places_of(before, lost))) if lost else ()


class DeleteSeriesOperation(OnSeries):
    """Have Sonarr forget a series of which no file is left. Its folder stays."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        return await self._record(step)

    async def apply(self, step: Step) -> Applied | None:
        """Delete the entry; files would go with it, so there may be none.

        That is looked at once more right before: by what Sonarr counts, too, for of a file that is
        no episode's it counts only the bytes.
        """
        payload_of(step, DeleteSeries)
        client, number = self._client(step), remote_id(step)
        series = await client.by_number(number)
        if series is None or series.title.ids.matches(step.target.ids) is not Answer.YES:
            raise NotPossible(say("no_longer_in", arr="Sonarr"))
        counted = series.size_bytes or any(one.files for one in series.seasons)
        if counted or await client.files(number):
            raise NotPossible(say("series_has_files", arr="Sonarr"))
        await client.delete_series(number)
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is there."""
        number = remote_id(step)
        if not await has_forgotten(self._client(step), number, step.target.ids):
            return Absent("sonarr")
        return Known(Applied(say("done_gone", arr="Sonarr"), {"series_id": number}), "sonarr")

    @override
    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Have it added again as it was, and looked for what was: nothing, mostly."""
        record = before.get("record")
        back = _of_record(record) if isinstance(record, Mapping) else None
        if back is None:
            return ()
        monitored = numbers(before.get("monitored_episodes"))
        places = places_of(before, monitored)
        return (back, MonitorEpisodes(monitored, places)) if places else (back,)


class RestoreSeriesOperation(OnSeries):
    """Have Sonarr hold a series again that it had forgotten for us."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        return {"in_sonarr": await self._series_of(step) is not None}

    async def apply(self, step: Step) -> Applied | None:
        """Add it where it is gone; one that is there is somebody's, and left as it is."""
        wish = payload_of(step, RestoreSeries)
        if await self._series_of(step) is not None:
            raise NotPossible(say("undo_series_is_there"))
        if wish.quality_profile_id is None or wish.root_folder is None:
            raise NotPossible(say("record_not_whole"))
        as_it_was = {
            "path": wish.folder,
            "seriesType": wish.kind,
            "seasonFolder": wish.season_folder,
            "monitorNewItems": wish.new_seasons,
        }
        added = await self._client(step).add_series(
            tvdb_of(step),
            root_folder=wish.root_folder,
            profile_id=wish.quality_profile_id,
            expected=title_of(step),
            monitored=wish.monitored,
            as_it_was={
                "tags": list(wish.tags),
                **{name: value for name, value in as_it_was.items() if value is not None},
            },
        )
        return _restored(added)

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is there."""
        payload_of(step, RestoreSeries)
        series = await self._series_of(step)
        return Absent("sonarr") if series is None else Known(_restored(series), "sonarr")

    async def _series_of(self, step: Step) -> SonarrSeries | None:
        """Find the series by its id: added again it has another number."""
        return await self._client(step).series_by_tvdb(tvdb_of(step))


class MonitorEpisodesOperation(OnSeries):
    """Have Sonarr look for episodes again."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        wish = asked(step, MonitorEpisodes)
        number, _ = await self._there(step)
        target = replace(step.target, remote_id=number)
        return {
            **await self._record(replace(step, target=target)),
            "episodes": list(wish.episodes),
        }

    async def apply(self, step: Step) -> Applied | None:
        """Monitor those that the series still has."""
        asked(step, MonitorEpisodes)
        _, there = await self._there(step)
        await self._client(step).set_monitored(_some(there), monitored=True)
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether all of them are monitored; one that Sonarr no longer has is left."""
        asked(step, MonitorEpisodes)
        _, there = await self._there(step)
        if not there or not all(one.monitored for one in there):
            return Absent("sonarr")
        said = say("done_episodes_restored", count=len(there))
        return Known(Applied(said, {"episode_ids": [one.id for one in there]}), "sonarr")


class SearchEpisodesOperation(OnSeries):
    """Have Sonarr search for episodes."""

    async def apply(self, step: Step) -> Applied | None:
        """Send the search command, for those that the series still has."""
        asked(step, SearchEpisodes)
        _, told = await self._there(step)
        there = _some(told)
        await self._client(step).search(there)
        return Applied(say("done_search_sent"), {"episode_ids": list(there)})

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Say that it did not happen: a search that is sent twice does no harm."""
        asked(step, SearchEpisodes)
        self._client(step)
        return Absent("sonarr")


def _some(there: Collection[SonarrEpisode]) -> tuple[int, ...]:
    """Name episodes by their numbers. Raises NotPossible for none."""
    if not there:
        raise NotPossible(say("no_longer_in", arr="Sonarr"))
    return tuple(one.id for one in there)


def _sizes(step: Step) -> dict[int, int]:
    """Give the bytes of the files by their numbers."""
    if not isinstance(step.payload, DeleteEpisodeFiles) or not step.payload.files:
        raise NotPossible(say("step_names_nothing"))
    return {file.id: file.size_bytes for file in step.payload.files}


def _restored(series: SonarrSeries) -> Applied:
    return Applied(say("done_added", number=series.id), {"series_id": series.id})


def _of_record(record: Mapping[str, object]) -> RestoreSeries | None:
    """Read Sonarr's whole record of a series."""
    monitored, profile = record.get("monitored"), record.get("qualityProfileId")
    if not isinstance(monitored, bool):
        return None
    folder = text(record.get("path"))
    in_folders = record.get("seasonFolder")
    return RestoreSeries(
        monitored=monitored,
        quality_profile_id=next(iter(numbers([profile])), None),
        root_folder=text(record.get("rootFolderPath")) or (folder and posixpath.dirname(folder)),
        folder=folder,
        kind=text(record.get("seriesType")),
        season_folder=in_folders if isinstance(in_folders, bool) else None,
        new_seasons=text(record.get("monitorNewItems")),
        tags=numbers(record.get("tags")),
    )
