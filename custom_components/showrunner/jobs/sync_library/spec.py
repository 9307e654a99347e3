"""The job that follows what was added by hand, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Final

from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.seerr import SeerrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ..spec import Data, JobAction, JobSpec, Parts
from .job import RequestSync


def _create(parts: Parts) -> RequestSync:
    return RequestSync(
        parts.store,
        parts.requests,
        parts.services.of(RadarrCoordinator),
        parts.services.of(SonarrCoordinator),
        parts.services.of(SeerrCoordinator),
        parts.now,
    )


async def _sync(job: RequestSync, data: Data) -> Mapping[str, object]:
    return {
        "followed": [
            {"request_id": view.request.id, "title": view.request.title.label}
            for view in await job.sync()
        ]
    }


SPEC: Final = JobSpec[RequestSync](
    key="sync_library",
    create=_create,
    actions=(JobAction(name="sync_library", fields={}, answer=_sync),),
)
