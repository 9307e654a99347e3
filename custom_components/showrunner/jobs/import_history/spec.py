"""The import of what others know of before, as the rest of the house sees it."""

from typing import Final

from ...coordinators.playback import local_day
from ..spec import JobSpec, Parts
from .job import HistoryImport


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


SPEC: Final = JobSpec[HistoryImport](
    key="import_history", create=_create, stop=lambda job: job.stop()
)
