"""The actions: what people and automations ask, answered with decisions, plans and history."""

from typing import Final

from homeassistant.core import HomeAssistant, SupportsResponse
import voluptuous as vol

from ..const import DOMAIN
from .common import ATTR_ENTRY, Action, answering
from .decisions import (
    APPLY_PLAN,
    DECIDE,
    SET_OVERRIDE,
    UNDO,
    apply_plan,
    decide,
    set_override,
    undo,
)
from .history import (
    GET_HISTORY,
    GET_TITLE,
    IMPORT_HISTORY,
    get_history,
    get_title,
    import_history,
)
from .library import REFRESH_LIBRARY, refresh_library
from .requests import (
    DELETE_REQUEST,
    GET_REQUESTS,
    SYNC_LIBRARY,
    delete_request,
    get_requests,
    sync_library,
)

__all__ = ["ACTIONS", "ATTR_ENTRY", "async_setup_actions"]

_ONLY, _OPTIONAL = SupportsResponse.ONLY, SupportsResponse.OPTIONAL

ACTIONS: Final[dict[str, tuple[vol.Schema | vol.All, Action, SupportsResponse]]] = {
    "decide": (DECIDE, decide, _ONLY),
    "set_override": (SET_OVERRIDE, set_override, _OPTIONAL),
    "apply_plan": (APPLY_PLAN, apply_plan, _OPTIONAL),
    "undo": (UNDO, undo, _OPTIONAL),
    "refresh_library": (REFRESH_LIBRARY, refresh_library, _OPTIONAL),
    "import_history": (IMPORT_HISTORY, import_history, _OPTIONAL),
    "get_history": (GET_HISTORY, get_history, _ONLY),
    "get_requests": (GET_REQUESTS, get_requests, _ONLY),
    "delete_request": (DELETE_REQUEST, delete_request, _OPTIONAL),
    "sync_library": (SYNC_LIBRARY, sync_library, _OPTIONAL),
    "get_title": (GET_TITLE, get_title, _ONLY),
}


def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries."""
    for name, (schema, action, response) in ACTIONS.items():
        hass.services.async_register(
            DOMAIN, name, answering(hass, action), schema=schema, supports_response=response
        )
