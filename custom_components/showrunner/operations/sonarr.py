"""What is done to episodes in Sonarr: unmonitor, delete their files, restore."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import override

from ..clients.sonarr import SonarrClient
from ..domain.knowledge import Absent, Knowledge, Known
from ..domain.plan import (
    DeleteEpisodeFiles,
    Payload,
    RestoreEpisodes,
    Step,
    UnmonitorEpisodes,
)
from ..domain.text import say
from .base import Applied, BaseOperation, Linked, NotPossible, remote_id


class _OnSeries(BaseOperation):
    """What all operations on a series share."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked

    def _client(self, step: Step) -> SonarrClient:
        client = self._linked.sonarr(step.target.service)
        if client is None:
            raise NotPossible(say("arr_not_linked", arr="Sonarr"))
        return client

    async def _record(self, step: Step, files: Collection[int] = ()) -> Mapping[str, object]:
        """Give Sonarr's record, which episodes it looks for, and those that lie in these files."""
        client, number = self._client(step), remote_id(step)
        record = await client.record(number)
        if record is None:
            raise NotPossible(say("no_longer_in", arr="Sonarr"))
        episodes = await client.episodes(number)
        return {
            "record": record,
            "monitored_episodes": [one.id for one in episodes if one.monitored],
            "episodes": [one.id for one in episodes if one.file_id in files],
        }


class UnmonitorEpisodesOperation(_OnSeries):
    """Have Sonarr look no more for episodes."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        return {**await self._record(step), "episodes": list(_episodes(step))}

    async def apply(self, step: Step) -> Applied | None:
        """Unmonitor them."""
        await self._client(step).set_monitored(_episodes(step), monitored=False)
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether any of them is monitored."""
        wanted = set(_episodes(step))
        told = await self._client(step).episodes(remote_id(step))
        if any(one.monitored for one in told if one.id in wanted):
            return Absent("sonarr")
        after = {"episode_ids": sorted(wanted), "monitored": False}
        return Known(Applied(say("done_episodes_unmonitored", count=len(wanted)), after), "sonarr")

    @override
    def undo(self, before: Mapping[str, object]) -> Payload | None:
        """Have those looked for again that were."""
        return _restore(before, search=False)


class DeleteEpisodeFilesOperation(_OnSeries):
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
    def undo(self, before: Mapping[str, object]) -> Payload | None:
        """Have them looked for as they were, and fetched."""
        return _restore(before, search=True)


class RestoreEpisodesOperation(_OnSeries):
    """Have Sonarr look for episodes again, and fetch them where their files went."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        return await self._record(step)

    async def apply(self, step: Step) -> Applied | None:
        """Monitor them, and search."""
        client, wish = self._client(step), _wish(step)
        await client.set_monitored(wish.episodes, monitored=True)
        if wish.search:
            await client.search(wish.episodes)
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether all of them are monitored; one that Sonarr no longer has is left."""
        wish = _wish(step)
        told = {one.id: one.monitored for one in await self._client(step).episodes(remote_id(step))}
        there = [one for one in wish.episodes if one in told]
        if not there or not all(told[one] for one in there):
            return Absent("sonarr")
        said = say("done_episodes_restored", count=len(there))
        return Known(Applied(said, {"episode_ids": there}), "sonarr")


def _episodes(step: Step) -> tuple[int, ...]:
    if not isinstance(step.payload, UnmonitorEpisodes) or not step.payload.episodes:
        raise NotPossible(say("step_names_nothing"))
    return step.payload.episodes


def _sizes(step: Step) -> dict[int, int]:
    """Give the bytes of the files by their numbers."""
    if not isinstance(step.payload, DeleteEpisodeFiles) or not step.payload.files:
        raise NotPossible(say("step_names_nothing"))
    return {file.id: file.size_bytes for file in step.payload.files}


def _wish(step: Step) -> RestoreEpisodes:
    if not isinstance(step.payload, RestoreEpisodes) or not step.payload.episodes:
        raise NotPossible(say("step_names_nothing"))
    return step.payload


def _restore(before: Mapping[str, object], *, search: bool) -> RestoreEpisodes | None:
    monitored, touched = before.get("monitored_episodes"), before.get("episodes")
    if not isinstance(monitored, list) or not isinstance(touched, list):
        return None
    wanted = tuple(one for one in touched if isinstance(one, int) and one in set(monitored))
    return RestoreEpisodes(wanted, search) if wanted else None
