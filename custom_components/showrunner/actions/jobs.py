"""The actions that jobs bring: their fields, who may ask, and what is answered."""

from typing import Any, Final

from homeassistant.core import ServiceCall
import voluptuous as vol

from ..jobs.spec import JobAction, JobSpec, PlanAction
from ..runtime import Runtime
from ..validation import flag
from .common import ENTRY, Action, Response, admin_only, dry_run_of, history_only_for, may_ask

_PLANS: Final = {
    vol.Optional("dry_run"): flag,
    vol.Optional("confirm", default=False): flag,
}


def action_of(
    spec: JobSpec[Any], action: PlanAction[Any] | JobAction[Any]
) -> tuple[vol.Schema, Action]:
    """Give the fields of a job's action, and what answers it."""
    if isinstance(action, PlanAction):
        return vol.Schema({**ENTRY, **action.fields, **_PLANS}), _planned(spec, action)
    return vol.Schema({**ENTRY, **action.fields}), _answered(spec, action)


def _planned(spec: JobSpec[Any], action: PlanAction[Any]) -> Action:
    async def plan(runtime: Runtime, call: ServiceCall) -> Response:
        """Plan and, unless it is a dry run, carry the plan out.

        A plan that is only shown to somebody who could not apply it is not kept, and has no id.
        What it finds names who has watched something.
        """
        await history_only_for(runtime, call)
        dry = await dry_run_of(runtime, call)
        keep = await may_ask(runtime, call) if dry else True
        answer = (await action.plan(runtime.jobs[spec], call.data, dry, keep)).as_dict()
        if not keep:
            answer["plan_id"] = None
        return answer

    return plan


def _answered(spec: JobSpec[Any], action: JobAction[Any]) -> Action:
    async def answer(runtime: Runtime, call: ServiceCall) -> Response:
        if action.only_shows(call.data):
            await may_ask(runtime, call)
        else:
            await admin_only(runtime, call)
        return await action.answer(runtime.jobs[spec], call.data)

    return answer
