"""The import of what others know of before, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Final

from ...coordinators.playback import local_day
from ...domain.text import Words, say, words_of
from ..activity import number_of, with_reason
from ..spec import JobSpec, Parts
from .job import JOB, HistoryImport


def _create(parts: Parts) -> HistoryImport:
    return HistoryImport(
        parts.store,
        parts.signals,
        parts.library,
        parts.settings,
        server_id=parts.jellyfin.server_id,
        day_of=local_day,
        now=parts.now,
        settle=parts.milestones.settle,
    )


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    importer = say("activity_import")
    if kind == "failed":
        return importer, with_reason(say("activity_failed"), words_of(data.get("reason")))
    return importer, say("activity_imported_viewings", count=number_of(data, "imported"))


SPEC: Final = JobSpec[HistoryImport](
    key=JOB, create=_create, stop=lambda job: job.stop(), activity=_activity
)
