"""Hears of the buttons that are pressed in Home Assistant's app, which fires an event for each.

Whoever may fire events can fire this one: only a token that we have signed is believed.

While an entry can't be set up, as long as its Jellyfin is down, nobody can judge what is pressed,
there or in ntfy: it is kept until somebody can. That is one press of each button that is ours, and
not many; each is over when its button is.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .domain.buttons import BY_BUTTON
from .domain.text import say
from .jobs.buttons import Buttons
from .jobs.cleanup.answers import Answers
from .runtime import NotOurs, ShowrunnerConfigEntry, WebhookEndpoint

# As the app calls it; the action's id is in its data.
PRESSED: Final = "mobile_app_notification_action"
_ACTION: Final = "action"
# So many presses wait at the most; then the oldest is given up.
_MOST: Final = 100


type Answer = Callable[[HomeAssistant, WebhookEndpoint], Callable[[], None]]


class _Waiting:
    """Hears of what is pressed before an entry is set up."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], buttons: Buttons, answer: Answer
    ) -> None:
        """Listen from now on; `buttons` knows which are ours, `answer` answers a webhook."""
        self._entry = entry
        self.buttons = buttons
        # Who judges it, once there is somebody.
        self.answers: Answers | None = None
        self.kept: dict[str, tuple[object, str]] = {}
        self._ends: tuple[Callable[[], None], ...] = (
            hass.bus.async_listen(PRESSED, self._pressed),
            answer(hass, self._endpoint),
        )

    @property
    def _endpoint(self) -> WebhookEndpoint:
        title, key = f"{self._entry.title} buttons", f"{self._entry.entry_id}_buttons"
        return WebhookEndpoint(
            self.buttons.webhook_id, title, self._posted, key, expected=False, local_only=False
        )

    @callback
    def _pressed(self, event: Event) -> None:
        if self.answers is None:  # else it is listened to beside
            self._keep(event.data.get(_ACTION), event.context.user_id or BY_BUTTON)

    def _posted(self, body: object) -> bool:
        token = body.get("button") if isinstance(body, Mapping) else None
        taken = self._keep(token, BY_BUTTON) if self.answers is None else self.answers.take(token)
        if not taken:
            raise NotOurs(DOMAIN, say("button_not_taken"))
        return True

    def _keep(self, token: object, by: str) -> bool:
        """Keep a press of a button of ours that was not pressed yet; tell whether it is one."""
        press = self.buttons.read(token)
        if press is None or press.number in self.kept:
            return False
        if self._entry.state is ConfigEntryState.NOT_LOADED:
            return False  # it is switched off: nobody will judge it
        if len(self.kept) >= _MOST:
            del self.kept[next(iter(self.kept))]
        self.kept[press.number] = token, by
        return True

    def judged_by(self, answers: Answers) -> None:
        """Have somebody judge what was pressed, and what is from now on."""
        self.answers = answers
        kept, self.kept = self.kept, {}
        for token, by in kept.values():
            answers.take(token, by)

    def end(self) -> None:
        """Listen no more, and know nobody who would have to."""
        ends, self._ends = self._ends, ()
        for end in ends:
            end()


_WAITING: Final[HassKey[dict[str, _Waiting]]] = HassKey(f"{DOMAIN}_button_presses")


def keep(hass: HomeAssistant, entry: ConfigEntry[Any], buttons: Buttons, answer: Answer) -> None:
    """Keep what is pressed until the entry is set up, also if that takes several attempts."""
    before = stop_keeping(hass, entry.entry_id)
    waiting = _Waiting(hass, entry, buttons, answer)
    waiting.kept = {} if before is None else before.kept
    hass.data.setdefault(_WAITING, {})[entry.entry_id] = waiting


def stop_keeping(hass: HomeAssistant, entry_id: str) -> _Waiting | None:
    """Keep nothing more: the entry listens by itself now, or is gone."""
    waiting = hass.data.get(_WAITING, {}).pop(entry_id, None)
    if waiting is not None:
        waiting.end()
    return waiting


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Listen for as long as the entry is loaded; what was pressed before it was is judged now."""
    answers = entry.runtime_data.answers

    @callback
    def pressed(event: Event) -> None:
        answers.take(event.data.get(_ACTION), event.context.user_id or BY_BUTTON)

    entry.async_on_unload(hass.bus.async_listen(PRESSED, pressed))
    waiting = hass.data.get(_WAITING, {}).get(entry.entry_id)
    if waiting is not None:
        waiting.judged_by(answers)
