"""The job that archives old history, as the rest of the house sees it."""

from typing import Final

from ...const import DOMAIN
from ...coordinators.playback import local_day
from ..spec import JobSpec, Parts
from .job import JOB, RetentionJob


def _create(parts: Parts) -> RetentionJob:
    return RetentionJob(
        parts.store,
        parts.signals,
        parts.folder / f"{DOMAIN}-archive",
        parts.entry_id,
        options=parts.settings.now,
        now=parts.now,
        day_of=local_day,
    )


SPEC: Final = JobSpec[RetentionJob](key=JOB, create=_create, workers=lambda job: ((JOB, job.work),))
