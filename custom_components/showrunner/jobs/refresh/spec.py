"""The job that tells Jellyfin what was imported, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ...coordinators.base import ServiceCoordinator
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.text import Words, say, words_of
from ...signals import Topic
from ...validation import flag, path
from ..activity import text_of, with_reason
from ..spec import Data, JobAction, JobSpec, OptionsPage, Parts, Switch, woken
from .job import JOB, RefreshJob
from .options import REFRESH, SECTION, RefreshOptions

_MOST_PATHS: Final = 1000


def _create(parts: Parts) -> RefreshJob:
    return RefreshJob(
        parts.store,
        parts.signals,
        parts.jellyfin.client,
        parts.arrs,
        options=lambda: RefreshOptions.from_mapping(parts.settings.page(SECTION)),
        now=parts.now,
    )


def _connect(job: RefreshJob, parts: Parts) -> None:
    parts.availability.tell = job.tell_path
    parts.signals.subscribe(Topic.JOB, job.heard)

    def listen_to(service: ServiceCoordinator[Any]) -> None:
        if isinstance(service, RadarrCoordinator | SonarrCoordinator):
            service.on_files.append(job.hint)

    parts.services.each(listen_to)


async def _tell(job: RefreshJob, data: Data) -> Mapping[str, object]:
    # The options' dry run does not count here: nobody's files are changed by a look at them.
    paths, dry_run = data.get("paths"), data["dry_run"]
    notified = await (
        job.tell_pending(dry_run=dry_run)
        if paths is None
        else job.tell_paths(paths, dry_run=dry_run)
    )
    return notified.as_dict()


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    if kind == "failed":
        return "Jellyfin", with_reason(say("activity_not_told"), words_of(data.get("reason")))
    return "Jellyfin", say("activity_looks_at", path=text_of(data, "title"))


SPEC: Final = JobSpec[RefreshJob](
    key=JOB,
    create=_create,
    connect=_connect,
    workers=lambda job: ((JOB, job.work),),
    options_changed=lambda job: job.options_changed(),
    switch=Switch(SECTION),
    page=OptionsPage(SECTION, {"enabled": True}, REFRESH),
    activity=_activity,
    diagnostics=lambda job: {"running": job.running, "failures": job.failures},
    run_now=woken(lambda job: job.run_now()),
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
