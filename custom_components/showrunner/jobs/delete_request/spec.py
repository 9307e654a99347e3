"""The job that deletes requests, as the rest of the house sees it."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import voluptuous as vol

from ...coordinators.base import ServiceCoordinator
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...coordinators.torrents import TorrentCoordinator
from ...domain.plan import Plan
from ...domain.text import Words, say
from ...validation import flag, text
from ..activity import text_of
from ..facts.pools import library_size
from ..facts.title_asker import TitleAsker
from ..spec import Data, JobSpec, Parts, PlanAction
from .gather import DeletionFacts
from .job import JOB, DeletionJob


def _create(parts: Parts) -> DeletionJob:
    torrents = parts.services.of(TorrentCoordinator)
    return DeletionJob(
        parts.of_runs,
        parts.requests,
        DeletionFacts(parts.requests, TitleAsker.of(parts), torrents),
        library_size=partial(library_size, parts.store),
    )


def _connect(job: DeletionJob, parts: Parts) -> None:
    """Have it look again when something may have changed that a deletion waits for."""

    def look(_: object) -> None:
        job.runs.hint()

    def listen_to(service: ServiceCoordinator[Any]) -> None:
        if isinstance(service, RadarrCoordinator | SonarrCoordinator):
            service.on_files.append(look)

    parts.jellyfin.on_items.append(job.runs.hint)
    parts.requests.add_listener(look)
    parts.services.each(listen_to)


async def _delete(job: DeletionJob, data: Data, dry_run: bool, keep: bool) -> Plan:  # noqa: FBT001
    return await job.delete(data["request_id"], files=data["files"], dry_run=dry_run, keep=keep)


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    title = text_of(data, "title")
    if kind == "planned":
        return title, say("activity_deletion_planned")
    return title, say("activity_not_deleted") if kind == "failed" else say(
        "activity_deleted_wholly"
    )


SPEC: Final = JobSpec[DeletionJob](
    key=JOB,
    create=_create,
    connect=_connect,
    runs=lambda job: job.runs,
    activity=_activity,
    actions=(
        PlanAction(
            name="delete_request",
            fields={vol.Required("request_id"): text, vol.Required("files"): flag},
            plan=_delete,
        ),
    ),
)
