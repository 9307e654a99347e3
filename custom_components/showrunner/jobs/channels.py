"""Where messages go: an ntfy topic, or any of Home Assistant's notify targets."""

from typing import Final, Protocol

from homeassistant.components.notify.const import DOMAIN as NOTIFY, SERVICE_SEND_MESSAGE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..clients.errors import RateLimited, Refused, ServiceError, Unauthorized
from ..clients.ntfy import NtfyClient, NtfyMessage
from ..domain.text import Words, say
from .messages import Spoken

_DEFAULT_PRIORITY: Final = 3


class NotDelivered(Exception):
    """A message did not arrive. `final`: trying again would not help."""

    def __init__(self, reason: Words, *, final: bool, logged: str = "") -> None:
        """Take the reason for people, and its words for the log where they differ."""
        super().__init__(logged or str(reason))
        self.said = reason
        self.final = final


class Channel(Protocol):
    """A way to the phone."""

    async def send(self, message: Spoken) -> None:
        """Deliver; raise NotDelivered."""
        ...


class NtfyChannel:
    """An ntfy topic."""

    def __init__(self, client: NtfyClient, priority: int = _DEFAULT_PRIORITY) -> None:
        """Take the topic's client and the priority 1 to 5."""
        self._client = client
        self._priority = priority

    async def send(self, message: Spoken) -> None:
        """Publish."""
        try:
            await self._client.publish(
                NtfyMessage(
                    title=message.title,
                    text=message.text,
                    priority=self._priority,
                    tags=message.tags,
                )
            )
        except RateLimited as err:
            raise NotDelivered(err.text, final=False, logged=str(err)) from err
        except (Refused, Unauthorized) as err:
            raise NotDelivered(err.text, final=True, logged=str(err)) from err
        except ServiceError as err:
            raise NotDelivered(err.text, final=False, logged=str(err)) from err


class NotifyChannel:
    """A notify entity, or a notify action of the older kind."""

    def __init__(self, hass: HomeAssistant, target: str) -> None:
        """Take the target: an entity's id, or the action's full name."""
        self._hass = hass
        self._target = target

    async def send(self, message: Spoken) -> None:
        """Call the action and wait for it."""
        data: dict[str, object] = {"message": message.text, "title": message.title}
        action = self._target.removeprefix(f"{NOTIFY}.")
        if self._hass.states.get(self._target) is not None:
            action = SERVICE_SEND_MESSAGE
            data["entity_id"] = self._target
        elif not self._hass.services.has_service(NOTIFY, action):
            # A phone's target appears when its integration has started: worth another try.
            raise NotDelivered(say("told_no_target", target=self._target), final=False)
        try:
            await self._hass.services.async_call(NOTIFY, action, data, blocking=True)
        except HomeAssistantError as err:
            raise NotDelivered(str(err), final=False) from err
