"""The job that takes changes back, as the rest of the house sees it."""

from typing import Final

import voluptuous as vol

from ...domain.plan import Plan
from ...validation import whole
from ..spec import Data, JobSpec, Parts, PlanAction, itself
from .job import JOB, UndoJob


def _create(parts: Parts) -> UndoJob:
    return UndoJob(
        parts.store,
        parts.signals,
        parts.runner,
        parts.operations,
        parts.clients,
        options=parts.settings.now,
        now=parts.now,
    )


async def _undo(job: UndoJob, data: Data, dry_run: bool, keep: bool) -> Plan:  # noqa: FBT001
    return await job.undo(data["ledger_id"], dry_run=dry_run, keep=keep)


SPEC: Final = JobSpec[UndoJob](
    key=JOB,
    create=_create,
    plans=itself,
    actions=(
        PlanAction(
            name="undo",
            fields={vol.Required("ledger_id"): vol.All(whole, vol.Range(min=1))},
            plan=_undo,
        ),
    ),
)
