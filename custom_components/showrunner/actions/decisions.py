"""Decisions: ask for one, decide oneself, carry out a plan."""

from collections.abc import Collection
from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..domain.candidate import Override
from ..jobs.download.spec import SPEC as DOWNLOAD
from ..refusals import invalid
from ..runtime import PlanUnknown, Runtime
from ..validation import flag, text, whole
from .common import (
    ENTRY,
    MOST,
    Response,
    admin_only,
    caller,
    dry_run_of,
    history_only_for,
    may_ask,
    resolve_title,
    viewer_of,
)

DECIDE: Final = vol.All(
    vol.Schema(
        {
            **ENTRY,
            vol.Exclusive("jellyfin_item_id", "what"): text,
            vol.Exclusive("tmdb_id", "what"): vol.All(whole, vol.Range(min=1)),
            vol.Exclusive("title", "what"): text,
            vol.Optional("viewer"): text,
            vol.Optional("execute", default=False): flag,
        }
    ),
    cv.has_at_least_one_key("jellyfin_item_id", "tmdb_id", "title"),
)
SET_OVERRIDE: Final = vol.Schema(
    {
        **ENTRY,
        vol.Required("title"): text,
        vol.Required("policy"): vol.In([policy.value for policy in Override]),
    }
)
APPLY_PLAN: Final = vol.Schema(
    {
        **ENTRY,
        vol.Required("plan_id"): text,
        vol.Optional("steps"): vol.All(cv.ensure_list, [text], vol.Length(min=1, max=MOST)),
        vol.Optional("dry_run"): flag,
        vol.Optional("confirm", default=False): flag,
    }
)


async def decide(runtime: Runtime, call: ServiceCall) -> Response:
    """Explain, or make, a decision on a title."""
    execute: bool = call.data["execute"]
    if execute:
        await admin_only(runtime, call)
    else:
        await may_ask(runtime, call)
    if "viewer" in call.data:
        # How often somebody watched the title is among the findings.
        await history_only_for(runtime, call)
    data = call.data
    # Nothing is known of an item that is not there, and of nothing every rule says no.
    given: str | None = data.get("jellyfin_item_id", data.get("title"))
    meant = await resolve_title(
        runtime, f"movie:tmdb:{data['tmdb_id']}" if given is None else given
    )
    return await runtime.jobs[DOWNLOAD].decide(
        meant.title,
        item_id=meant.item_id,
        viewer_id=viewer_of(runtime, call.data.get("viewer")),
        execute=execute,
    )


async def set_override(runtime: Runtime, call: ServiceCall) -> Response:
    """Keep a person's word on a title."""
    await admin_only(runtime, call)
    meant = await resolve_title(runtime, call.data["title"])
    if not meant.key:
        # What has no id can't be known again.
        raise invalid("title_without_id", title=meant.title.label)
    policy = Override(call.data["policy"])
    await runtime.store.overrides.set(meant.key, policy, caller(call))
    return {"title": meant.key.names[0], "policy": policy.value}


async def apply_plan(runtime: Runtime, call: ServiceCall) -> Response:
    """Carry out a plan, or some of its steps."""
    dry = await dry_run_of(runtime, call)
    if dry:
        await may_ask(runtime, call)
    plan_id: str = call.data["plan_id"]
    steps: list[str] | None = call.data.get("steps")
    await _check_steps(runtime, plan_id, steps or ())
    return (await runtime.apply_plan(plan_id, steps, dry_run=dry)).as_dict()


async def _check_steps(runtime: Runtime, plan_id: str, steps: Collection[str]) -> None:
    """Refuse steps that the plan does not have, before the plan counts as approved."""
    plan = await runtime.store.plans.get(plan_id)
    if plan is None:
        raise PlanUnknown(plan_id)
    for step in steps:
        if plan.step(step) is None:
            raise invalid("step_unknown", plan_id=plan_id, step=step)
