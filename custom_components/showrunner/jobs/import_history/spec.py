"""The import of what others know of before, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Final

from homeassistant.util import dt as dt_util
import voluptuous as vol

from ...clients.jellystat import JellystatClient
from ...clients.playback_reporting import PlaybackReportingClient
from ...coordinators.jellystat import JellystatCoordinator
from ...coordinators.playback import local_day
from ...domain.text import Words, say, words_of
from ...validation import text
from ..activity import number_of, with_reason
from ..spec import Data, JobAction, JobSpec, Parts
from .job import JOB, HistoryImport, ImportSource


class _Others:
    """Who has kept what was watched, as it is linked now."""

    def __init__(self, parts: Parts) -> None:
        self._jellyfin = parts.jellyfin
        self._services = parts.services

    def playback_reporting(self) -> PlaybackReportingClient:
        """Give Jellyfin's plugin."""
        # What the server's clock shows has no zone; most servers share Home Assistant's.
        return self._jellyfin.client.playback_reporting(dt_util.get_default_time_zone())

    def jellystats(self) -> Mapping[str, JellystatClient]:
        """Give the linked Jellystats by their subentries' ids."""
        linked = self._services.of(JellystatCoordinator)
        return {service: one.client for service, one in linked.items()}


def _create(parts: Parts) -> HistoryImport:
    return HistoryImport(
        parts.store,
        parts.signals,
        parts.library,
        parts.settings,
        _Others(parts),
        server_id=parts.jellyfin.server_id,
        day_of=local_day,
        now=parts.now,
        settle=parts.milestones.settle,
    )


async def _import(job: HistoryImport, data: Data) -> Mapping[str, object]:
    return (await job.run(ImportSource(data["source"]), data.get("service"))).as_dict()


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    importer = say("activity_import")
    if kind == "failed":
        return importer, with_reason(say("activity_failed"), words_of(data.get("reason")))
    return importer, say("activity_imported_viewings", count=number_of(data, "imported"))


SPEC: Final = JobSpec[HistoryImport](
    key=JOB,
    create=_create,
    stop=lambda job: job.stop(),
    activity=_activity,
    actions=(
        JobAction(
            name="import_history",
            fields={
                vol.Required("source"): vol.In([source.value for source in ImportSource]),
                vol.Optional("service"): text,
            },
            answer=_import,
        ),
    ),
)
