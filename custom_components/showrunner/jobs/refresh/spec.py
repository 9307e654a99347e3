"""The job that tells Jellyfin what was imported, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ...const import OPT_REFRESH
from ...coordinators.base import ServiceCoordinator
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...signals import Topic
from ...validation import flag, path
from ..spec import Data, JobAction, JobSpec, Parts, Switch
from .job import JOB, RefreshJob

_MOST_PATHS: Final = 1000


def _create(parts: Parts) -> RefreshJob:
    return RefreshJob(
        parts.store,
        parts.signals,
        parts.jellyfin.client,
        parts.arrs,
        options=parts.settings.refresh_options,
        now=parts.now,
    )


def _connect(job: RefreshJob, parts: Parts) -> None:
    parts.sights.tell = job.tell_path
    parts.signals.subscribe(Topic.JOB, job.heard)

    def listen_to(service: ServiceCoordinator[Any]) -> None:
        if isinstance(service, RadarrCoordinator | SonarrCoordinator):
            service.on_files.append(job.hint)

    parts.services.each(listen_to)


async def _tell(job: RefreshJob, data: Data) -> Mapping[str, object]:
    # The options' dry run does not count here: nobody's files are changed by a look at them.
    paths, dry_run = data.get("paths"), data["dry_run"]
    told = await (
        job.tell_pending(dry_run=dry_run)
        if paths is None
        else job.tell_paths(paths, dry_run=dry_run)
    )
    return told.as_dict()


SPEC: Final = JobSpec[RefreshJob](
    key=JOB,
    create=_create,
    connect=_connect,
    workers=lambda job: ((JOB, job.work),),
    options_changed=lambda job: job.options_changed(),
    switch=Switch(OPT_REFRESH),
    run_now=lambda job: job.run_now(),
    actions=(
        JobAction(
            name="refresh_library",
            fields={
                vol.Optional("paths"): vol.All(
                    cv.ensure_list, [path], vol.Length(min=1, max=_MOST_PATHS)
                ),
                vol.Optional("dry_run", default=False): flag,
            },
            answer=_tell,
            only_shows=lambda data: bool(data["dry_run"]),
        ),
    ),
)
