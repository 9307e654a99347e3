"""What cards and dashboards ask over the WebSocket: every user may read, nothing is changed here.

The commands outlive every reload: the entry is looked up when one is called. A subscription stays
with its entry: while that is not loaded it says `available: false`, and goes on when it is back.
Who watches what is for administrators where the options say so.
"""

from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant

from .requests import list_requests, subscribe_requests
from .sessions import overview, subscribe_sessions


def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register the commands, once for all entries."""
    for command in (overview, subscribe_sessions, list_requests, subscribe_requests):
        websocket_api.async_register_command(hass, command)
