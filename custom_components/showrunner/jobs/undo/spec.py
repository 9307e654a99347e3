"""The job that takes changes back, as the rest of the house sees it."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import voluptuous as vol

from ...domain.plan import Plan
from ...domain.text import Words, say
from ...validation import whole
from ..activity import text_of
from ..facts.title_asker import TitleAsker
from ..spec import Data, JobSpec, Parts, PlanAction
from .job import JOB, UndoJob
from .keeping import Keeping, keep_tags


def _create(parts: Parts) -> UndoJob:
    keeping = Keeping(
        TitleAsker.of(parts),
        parts.store,
        partial(keep_tags, parts.settings),
        parts.settings.viewer_names,
        parts.now,
    )
    return UndoJob(parts.of_runs, parts.operations, parts.clients, parts.requests, keeping)


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
    runs=lambda job: job.runs,
    activity=_activity,
    actions=(
        PlanAction(
            name="undo",
            fields={vol.Required("ledger_id"): vol.All(whole, vol.Range(min=1))},
            plan=_undo,
        ),
    ),
)
