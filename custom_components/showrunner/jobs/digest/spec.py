"""The job that sums up a week, as the rest of the house sees it."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from ...domain.text import joined
from ..facts.visibility import Visibility
from ..kit.scheduling import Scheduled
from ..messages import Event
from ..spec import Data, JobAction, JobSpec, Parts
from .job import JOB, DigestJob


def _create(parts: Parts) -> DigestJob:
    return DigestJob(
        parts.store,
        parts.signals,
        Visibility(parts.jellyfin.client, parts.jellyfin.server_id),
        options=parts.settings.now,
        audiences=partial(parts.audiences, Event.DIGEST),
        now=parts.now,
    )


async def _send(job: DigestJob, data: Data) -> Mapping[str, object]:
    return {"text": joined(await job.send())}


SPEC: Final = JobSpec[DigestJob](
    key=JOB,
    create=_create,
    scheduled=Scheduled(when=lambda job: job.schedule, run=lambda job: job.run()),
    actions=(JobAction(name="send_digest", fields={}, answer=_send),),
)
