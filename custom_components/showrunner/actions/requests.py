"""Requests: how they stand, deleting one, and following what was added by hand."""

from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..domain.requests.request import RequestState
from ..runtime import AlreadyRunning, RequestUnknown, Runtime
from ..validation import flag, text, whole
from .common import ENTRY, MOST, Told, admin_only, dry_run_of, failed, invalid, may_ask

GET_REQUESTS: Final = vol.Schema(
    {
        **ENTRY,
        vol.Optional("state"): vol.All(
            cv.ensure_list, [vol.In([*(state.value for state in RequestState), "closed"])]
        ),
        vol.Optional("stuck"): flag,
        vol.Optional("limit", default=100): vol.All(whole, vol.Range(1, MOST)),
    }
)

DELETE_REQUEST: Final = vol.Schema(
    {
        **ENTRY,
        vol.Required("request_id"): text,
        vol.Required("files"): flag,
        vol.Optional("dry_run"): flag,
        vol.Optional("confirm", default=False): flag,
    }
)
SYNC_LIBRARY: Final = vol.Schema({**ENTRY})


async def get_requests(runtime: Runtime, call: ServiceCall) -> Told:
    """List requests, the last first."""
    found = await runtime.requests.listed(
        call.data.get("state"), stuck=call.data.get("stuck"), limit=call.data["limit"]
    )
    return {"requests": [view.as_dict() for view in found]}


async def delete_request(runtime: Runtime, call: ServiceCall) -> Told:
    """Plan how a request is deleted and, unless it is a dry run, carry it out.

    A plan that is only shown to somebody who could not apply it is not kept, and has no id.
    """
    dry = await dry_run_of(runtime, call)
    keep = await may_ask(runtime, call) if dry else True
    request_id: str = call.data["request_id"]
    try:
        plan = await runtime.deletions.delete(
            request_id, files=call.data["files"], dry_run=dry, keep=keep
        )
    except RequestUnknown as err:
        raise invalid("request_unknown", request_id=request_id) from err
    except AlreadyRunning as err:
        raise failed("already_running", job=err.job, plan_id=err.plan_id) from err
    answer = plan.as_dict()
    if not keep:
        answer["plan_id"] = None
    return answer


async def sync_library(runtime: Runtime, call: ServiceCall) -> Told:
    """Follow what was added to a Radarr or Sonarr by hand."""
    await admin_only(runtime, call)
    followed = await runtime.hand_added.sync()
    return {
        "followed": [
            {"request_id": view.request.id, "title": view.request.title.label} for view in followed
        ]
    }
