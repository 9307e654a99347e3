"""Where messages go: an ntfy topic, or any of Home Assistant's notify targets."""

from collections.abc import Iterator
import json
from typing import Final, Protocol, runtime_checkable

from homeassistant.components.notify.const import DOMAIN as NOTIFY, SERVICE_SEND_MESSAGE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import slugify

from ..clients.errors import RateLimited, Refused, ServiceError, Unauthorized
from ..clients.ntfy import NtfyAction, NtfyClient, NtfyMessage
from ..domain.text import Words, say
from .messages import Spoken

_DEFAULT_PRIORITY: Final = 3


MOBILE_APP: Final = "mobile_app"
# The mobile app's own name of this in its entries' data.
CONF_DEVICE_NAME: Final = "device_name"


def phone_action(device_name: object) -> str:
    """Name the notify action of a phone with Home Assistant's app."""
    return f"{MOBILE_APP}_{slugify(str(device_name))}"


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


@runtime_checkable
class WithButtons(Protocol):
    """A channel on which messages can have buttons."""

    @property
    def has_buttons(self) -> bool:
        """Tell whether they can have them now."""
        ...


def has_buttons(channel: Channel) -> bool:
    """Tell whether messages can have buttons on a channel now."""
    return isinstance(channel, WithButtons) and channel.has_buttons


class Addresses(Protocol):
    """Where phones reach this Home Assistant; None: nobody knows."""

    @property
    def presses(self) -> str | None:
        """The address that takes what is pressed."""
        ...

    def page(self, path: str) -> str | None:
        """The address of a page."""
        ...


class NtfyChannel:
    """An ntfy topic."""

    def __init__(
        self,
        client: NtfyClient,
        priority: int = _DEFAULT_PRIORITY,
        addresses: Addresses | None = None,
    ) -> None:
        """Take the topic's client and the priority 1 to 5."""
        self._client = client
        self._priority = priority
        self._addresses = addresses

    @property
    def has_buttons(self) -> bool:
        """Tell whether the phone knows where to say that one was pressed."""
        return self._addresses is not None and self._addresses.presses is not None

    async def send(self, message: Spoken) -> None:
        """Publish."""
        try:
            await self._client.publish(
                NtfyMessage(
                    title=message.title,
                    text=message.text,
                    priority=self._priority,
                    tags=message.tags,
                    click=self._page(message.page),
                    actions=tuple(self._actions(message)),
                )
            )
        except RateLimited as err:
            raise NotDelivered(err.text, final=False, logged=str(err)) from err
        except (Refused, Unauthorized) as err:
            raise NotDelivered(err.text, final=True, logged=str(err)) from err
        except ServiceError as err:
            raise NotDelivered(err.text, final=False, logged=str(err)) from err

    def _page(self, path: str) -> str | None:
        return self._addresses.page(path) if path and self._addresses is not None else None

    def _actions(self, message: Spoken) -> Iterator[NtfyAction]:
        """Have the phone post the token. It is no part of the address, which proxies log.

        The message stays when one is pressed: Home Assistant answers 200 also while it starts and
        nobody takes it. That it was done is told by the answer.
        """
        presses = None if self._addresses is None else self._addresses.presses
        if presses is None:
            return
        for one in message.buttons:
            yield NtfyAction(one.label, presses, json.dumps({"button": one.token}))


class NotifyChannel:
    """A notify entity, or a notify action of the older kind.

    Only Home Assistant's app has buttons, and takes them by its action: its entity has no room.
    """

    def __init__(self, hass: HomeAssistant, target: str) -> None:
        """Take the target: an entity's id, or the action's full name."""
        self._hass = hass
        self._target = target

    @property
    def has_buttons(self) -> bool:
        """Tell whether it is a phone with Home Assistant's app."""
        return self._phone() is not None

    def _phone(self) -> str | None:
        """Name the action of the phone that is meant; None: it is none, or away.

        Of an entity whose phone shares its name with another, nobody knows whose action it is.
        """
        action = self._target.removeprefix(f"{NOTIFY}.")
        if self._hass.states.get(self._target) is not None:
            known = er.async_get(self._hass).async_get(self._target)
            if known is None or known.platform != MOBILE_APP or known.config_entry_id is None:
                return None
            phone = self._hass.config_entries.async_get_entry(known.config_entry_id)
            action = "" if phone is None else phone_action(phone.data.get(CONF_DEVICE_NAME))
            phones = self._hass.config_entries.async_entries(MOBILE_APP)
            names = [phone_action(one.data.get(CONF_DEVICE_NAME)) for one in phones]
            if names.count(action) != 1:
                return None
        if not action.startswith(f"{MOBILE_APP}_"):
            return None
        return action if self._hass.services.has_service(NOTIFY, action) else None

    async def send(self, message: Spoken) -> None:
        """Call the action and wait for it."""
        data: dict[str, object] = {"message": message.text, "title": message.title}
        action = self._target.removeprefix(f"{NOTIFY}.")
        phone = self._phone() if message.buttons or message.page else None
        if phone is not None:
            action = phone
            data["data"] = _for_the_app(message)
        elif self._hass.states.get(self._target) is not None:
            action = SERVICE_SEND_MESSAGE
            data["entity_id"] = self._target
        elif not self._hass.services.has_service(NOTIFY, action):
            # A phone's target appears when its integration has started: worth another try.
            raise NotDelivered(say("told_no_target", target=self._target), final=False)
        try:
            await self._hass.services.async_call(NOTIFY, action, data, blocking=True)
        except HomeAssistantError as err:
            raise NotDelivered(str(err), final=False) from err


def _for_the_app(message: Spoken) -> dict[str, object]:
    """Give what Home Assistant's app knows beside the text: Android's names and Apple's."""
    actions = [{"action": one.token, "title": one.label} for one in message.buttons]
    pages = {"clickAction": message.page, "url": message.page} if message.page else {}
    return {**({"actions": actions} if actions else {}), **pages}
