"""The actions: what people and automations ask, answered with decisions, plans and history."""

from typing import Final

from homeassistant.core import HomeAssistant, SupportsResponse
import voluptuous as vol

from ..const import DOMAIN
from ..jobs.registry import JOBS
from .common import ATTR_ENTRY, Action, answering
from .decisions import APPLY_PLAN, DECIDE, SET_OVERRIDE, apply_plan, decide, set_override
from .history import (
    GET_HISTORY,
    GET_TITLE,
    get_history,
    get_title,
)
from .jobs import action_of
from .keeps import KEEP, POSTPONE, STOP_KEEPING, keep, postpone, stop_keeping
from .requests import GET_REQUESTS, MEND_REQUEST, get_requests, mend_request

__all__ = ["ATTR_ENTRY", "all_actions", "async_setup_actions"]

type _Registered = tuple[vol.Schema | vol.All, Action, SupportsResponse]

_ONLY, _OPTIONAL = SupportsResponse.ONLY, SupportsResponse.OPTIONAL

_ACTIONS: Final[dict[str, _Registered]] = {
    "decide": (DECIDE, decide, _ONLY),
    "set_override": (SET_OVERRIDE, set_override, _OPTIONAL),
    "keep": (KEEP, keep, _OPTIONAL),
    "postpone": (POSTPONE, postpone, _OPTIONAL),
    "stop_keeping": (STOP_KEEPING, stop_keeping, _OPTIONAL),
    "apply_plan": (APPLY_PLAN, apply_plan, _OPTIONAL),
    "get_history": (GET_HISTORY, get_history, _ONLY),
    "get_requests": (GET_REQUESTS, get_requests, _ONLY),
    "mend_request": (MEND_REQUEST, mend_request, _OPTIONAL),
    "get_title": (GET_TITLE, get_title, _ONLY),
}


def all_actions() -> dict[str, _Registered]:
    """Give every action by its name: ours, and what the jobs bring."""
    brought = {
        action.name: (*action_of(spec, action), _OPTIONAL)
        for spec in JOBS.values()
        for action in spec.actions
    }
    return _ACTIONS | brought


def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries."""
    for name, (schema, action, response) in all_actions().items():
        hass.services.async_register(
            DOMAIN, name, answering(hass, action), schema=schema, supports_response=response
        )
