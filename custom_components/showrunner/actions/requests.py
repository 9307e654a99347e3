"""Requests: how they stand."""

from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..domain.requests.request import RequestState
from ..runtime import Runtime
from ..validation import flag, whole
from .common import ENTRY, MOST, Response

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


async def get_requests(runtime: Runtime, call: ServiceCall) -> Response:
    """List requests, the last first."""
    found = await runtime.requests.listed(
        call.data.get("state"), stuck=call.data.get("stuck"), limit=call.data["limit"]
    )
    return {"requests": [view.as_dict() for view in found]}
