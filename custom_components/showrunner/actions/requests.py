"""Requests: how they stand, and what can be done about those that are stuck."""

from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..domain.requests.request import RequestState
from ..refusals import failed, invalid
from ..runtime import NotHandedOn, NotWaiting, Runtime
from ..validation import flag, text, whole
from .common import ENTRY, MOST, Response, admin_only

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

MEND_REQUEST: Final = vol.Schema({**ENTRY, vol.Required("request_id"): text})


async def mend_request(runtime: Runtime, call: ServiceCall) -> Response:
    """Have done at once what can be done about a request that is stuck, and say what that was."""
    await admin_only(runtime, call)
    request_id: str = call.data["request_id"]
    try:
        done = await runtime.mends.mend(request_id)
    except NotWaiting as err:
        raise invalid("request_not_mended") from err
    except NotHandedOn as err:
        raise failed("request_not_handed_on") from err
    return {"request_id": request_id, "mending": done.value}


async def get_requests(runtime: Runtime, call: ServiceCall) -> Response:
    """List requests, the last first."""
    found = await runtime.requests.listed(
        call.data.get("state"), stuck=call.data.get("stuck"), limit=call.data["limit"]
    )
    return {"requests": [view.as_dict() for view in found]}
