"""What cards and dashboards ask over the WebSocket: every user may read, administrators write.

The commands outlive every reload: the entry is looked up when one is called. A subscription stays
with its entry: while that is not loaded it says `available: false`, and goes on when it is back.
Who watches what is for administrators where the options say so.
"""

from typing import Final

from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant

from .history import top, viewing_week
from .leaving import list_leaving
from .plans import (
    get_plan,
    list_plans,
    plans_apply,
    plans_cancel,
    plans_pause,
    plans_resume,
    subscribe_plan,
)
from .request_pages import subscribe_page
from .requests import (
    list_requests,
    requests_approve,
    requests_decline,
    requests_mend,
    subscribe_requests,
)
from .seedbox import seedbox_outlook
from .sessions import overview, subscribe_sessions
from .titles import list_decisions, override_set, title_get
from .transfers import subscribe_transfers

_COMMANDS: Final = (
    overview,
    subscribe_sessions,
    list_requests,
    subscribe_requests,
    subscribe_page,
    requests_approve,
    requests_decline,
    requests_mend,
    list_decisions,
    viewing_week,
    top,
    list_plans,
    get_plan,
    plans_apply,
    plans_cancel,
    plans_pause,
    plans_resume,
    subscribe_plan,
    list_leaving,
    title_get,
    override_set,
    subscribe_transfers,
    seedbox_outlook,
)


def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register the commands, once for all entries."""
    for command in _COMMANDS:
        websocket_api.async_register_command(hass, command)
