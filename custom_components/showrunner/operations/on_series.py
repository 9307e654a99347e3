"""What all operations on a series in a Sonarr share."""

from collections.abc import Collection, Mapping

from ..clients.sonarr import SonarrClient, SonarrEpisode
from ..domain.knowledge import Answer
from ..domain.plan import (
    MonitorEpisodes,
    SearchEpisodes,
    Step,
    UnmonitorEpisodes,
)
from ..domain.text import say
from .base import (
    BaseOperation,
    Linked,
    NotLinked,
    NotPossible,
    numbers,
    remote_id,
)


class OnSeries(BaseOperation):
    """What all operations on a series share."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked

    def _client(self, step: Step) -> SonarrClient:
        client = self._linked.sonarr(step.target.service)
        if client is None:
            raise NotLinked(say("arr_not_linked", arr="Sonarr"))
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
            "in_files": [[one.id, one.file_id] for one in episodes if one.file_id in files],
            # By their numbers nobody finds them once the series was added again.
            "places": [[one.id, one.season, one.number] for one in episodes],
        }

    async def _there(self, step: Step) -> tuple[int, tuple[SonarrEpisode, ...]]:
        """Give the series' number, and those of a step's episodes that it has, by its places.

        Numbers are given anew with a new Sonarr, or when a series is added again.
        """
        client, wish = self._client(step), looked_for(step)
        number = step.target.remote_id
        if number is None:
            series = await client.series_by_tvdb(tvdb_of(step))
            if series is None or series.title.ids.matches(step.target.ids) is not Answer.YES:
                raise NotPossible(say("no_longer_in", arr="Sonarr"))
            told = await client.episodes(series.id)
            return series.id, tuple(o for o in told if (o.season, o.number) in wish.places)
        told = await client.episodes(number)
        return number, tuple(one for one in told if one.id in wish.episodes)


def asked[KindT: UnmonitorEpisodes | MonitorEpisodes | SearchEpisodes](
    step: Step, kind: type[KindT]
) -> KindT:
    """Give the payload of a step on episodes. Raises NotPossible where it names none."""
    if not isinstance(step.payload, kind) or not step.payload.episodes:
        raise NotPossible(say("step_names_nothing"))
    return step.payload


def looked_for(step: Step) -> MonitorEpisodes | SearchEpisodes:
    """Give the payload of a step that finds its episodes by their places. Raises NotPossible."""
    if isinstance(step.payload, MonitorEpisodes):
        return asked(step, MonitorEpisodes)
    return asked(step, SearchEpisodes)


def were_monitored(before: Mapping[str, object], episodes: Collection[int]) -> tuple[int, ...]:
    """Say which of these episodes were looked for."""
    known = set(numbers(before.get("monitored_episodes")))
    return tuple(one for one in episodes if one in known)


def places_of(
    before: Mapping[str, object], episodes: Collection[int]
) -> tuple[tuple[int, int], ...]:
    """Say which episodes these were; an older version did not keep it."""
    kept = before.get("places")
    told = [numbers(one) for one in (kept if isinstance(kept, list) else [])]
    known = {
        one[0]: (one[1], one[2]) for one in told if len(one) == len(("id", "season", "number"))
    }
    return tuple(known[one] for one in episodes if one in known)


def tvdb_of(step: Step) -> int:
    """Give the number by which Sonarr can be asked for a step's series."""
    if step.target.ids.tvdb is None:
        raise NotPossible(say("series_without_tvdb"))
    return step.target.ids.tvdb
