"""Hears of the buttons that are pressed in Home Assistant's app, which fires an event for each.

Whoever may fire events can fire this one: only a token that we have signed is believed.
"""

from typing import Final

from homeassistant.core import Event, HomeAssistant, callback

from .domain.buttons import BY_BUTTON
from .runtime import ShowrunnerConfigEntry

# As the app calls it; the action's id is in its data.
PRESSED: Final = "mobile_app_notification_action"
_ACTION: Final = "action"


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Listen for as long as the entry is loaded."""
    answers = entry.runtime_data.answers

    @callback
    def pressed(event: Event) -> None:
        answers.take(event.data.get(_ACTION), event.context.user_id or BY_BUTTON)

    entry.async_on_unload(hass.bus.async_listen(PRESSED, pressed))
