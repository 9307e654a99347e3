"""The job that removes releases at their source, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Final

from ...const import OPT_SEEDBOX
from ...domain.text import Words, say
from ..activity import number_of
from ..facts.fetched import FetchedReleases
from ..facts.seeding_facts import PurgeFacts
from ..kit.scheduling import Scheduled
from ..spec import JobSpec, Parts
from ..sync_options import SyncOptions
from .gather import SourceFacts
from .job import JOB, RemoveSourceJob

_GB: Final = 10**9


def _create(parts: Parts) -> RemoveSourceJob:
    fetched = FetchedReleases(parts.store)
    return RemoveSourceJob(
        parts.of_runs,
        SourceFacts(PurgeFacts.of(parts), fetched, parts.clients.transfer),
        sync_options=lambda: SyncOptions.from_mapping(parts.settings.page(OPT_SEEDBOX)),
    )


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    about = say("seedbox")
    if kind == "planned":
        return about, say("activity_source_planned", count=number_of(data, "planned"))
    if kind == "failed":
        return about, say("activity_source_stays")
    freed = round(number_of(data, "bytes_freed") / _GB, 1)
    return about, say("activity_source_removed", count=number_of(data, "done"), freed=freed)


SPEC: Final = JobSpec[RemoveSourceJob](
    key=JOB,
    create=_create,
    scheduled=Scheduled(when=lambda job: job.schedule(), run=lambda job: job.scheduled()),
    runs=lambda job: job.runs,
    tells=True,
    activity=_activity,
)
