"""The job that archives old history, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Final

from homeassistant.util import dt as dt_util

from ...const import DOMAIN
from ...domain.text import Words, say, words_of
from ..activity import number_of, with_reason
from ..kit.scheduling import Scheduled
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
        zone=dt_util.get_default_time_zone,
    )


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    if kind == "failed":
        words = say("activity_not_archived")
        return "Showrunner", with_reason(words, words_of(data.get("reason")))
    return "Showrunner", say("activity_archived", count=number_of(data, "archived"))


SPEC: Final = JobSpec[RetentionJob](
    key=JOB,
    create=_create,
    scheduled=Scheduled(when=lambda job: job.schedule, run=lambda job: job.run()),
    activity=_activity,
)
