"""The job that takes changes back, as the rest of the house sees it."""

from collections.abc import Mapping
from typing import Final

import voluptuous as vol

from ...domain.plan import Plan
from ...domain.text import Words, say
from ...signals import Attributes, Topic
from ...validation import whole
from ..activity import text_of
from ..spec import Data, JobSpec, Parts, PlanAction, itself
from .job import JOB, UndoJob


def _create(parts: Parts) -> UndoJob:
    return UndoJob(
        parts.store,
        parts.signals,
        parts.runner,
        parts.operations,
        parts.clients,
        parts.requests,
        options=parts.settings.now,
        now=parts.now,
    )


def _connect(job: UndoJob, parts: Parts) -> None:
    """Have it look again when a service may answer again that it waits for."""

    def look(_: str, __: Attributes) -> None:
        job.hint()

    parts.signals.subscribe(Topic.SERVICE, look)


async def _undo(job: UndoJob, data: Data, dry_run: bool, keep: bool) -> Plan:  # noqa: FBT001
    return await job.undo(data["ledger_id"], dry_run=dry_run, keep=keep)


def _activity(kind: str, data: Mapping[str, object]) -> tuple[Words, Words]:
    title = text_of(data, "title")
    if kind == "planned":
        return title, say("activity_undo_planned")
    return title, say("activity_not_undone") if kind == "failed" else say("activity_undone")


SPEC: Final = JobSpec[UndoJob](
    key=JOB,
    create=_create,
    connect=_connect,
    workers=lambda job: (("undo", job.work),),
    plans=itself,
    activity=_activity,
    actions=(
        PlanAction(
            name="undo",
            fields={vol.Required("ledger_id"): vol.All(whole, vol.Range(min=1))},
            plan=_undo,
        ),
    ),
)
