"""What all WebSocket commands share: their entry, looked up at each call, over its reloads."""

from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import service
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import voluptuous as vol

from ..const import DOMAIN
from ..refusals import translated
from ..runtime import Refused, Runtime, ServiceError, ShowrunnerConfigEntry
from ..store import StoreError
from ..texts import async_shown
from ..validation import text

ATTR_ENTRY: Final = "config_entry_id"
MOST: Final = 1000
LIMIT: Final = {vol.Optional("limit", default=50): vol.All(int, vol.Range(1, MOST))}

type Message = dict[str, Any]
type Command = Callable[[HomeAssistant, ActiveConnection, Message], None]
type Handler = Callable[[HomeAssistant, ActiveConnection, Message, ShowrunnerConfigEntry], None]
type Answer = Callable[[Runtime, Message], Coroutine[Any, Any, object]]


def entry_command(
    name: str, fields: Mapping[vol.Marker, object] | None = None
) -> Callable[[Handler], Command]:
    """Make a command that is about an entry (which may be left out when there is one)."""

    def decorate(handler: Handler) -> Command:
        @websocket_command(
            {
                vol.Required("type"): f"{DOMAIN}/{name}",
                vol.Optional(ATTR_ENTRY): text,
                **(fields or {}),
            }
        )
        @callback
        @wraps(handler)
        def handle(hass: HomeAssistant, connection: ActiveConnection, msg: Message) -> None:
            try:
                entry: ShowrunnerConfigEntry = service.async_get_config_entry(
                    hass, DOMAIN, msg.get(ATTR_ENTRY)
                )
            except HomeAssistantError as err:
                # Said to who asked, as for an action; a dashboard without an entry is no error of
                # ours, and not one for the log.
                connection.send_error(
                    msg["id"],
                    ERR_NOT_FOUND,
                    str(err),
                    translation_key=err.translation_key,
                    translation_domain=err.translation_domain,
                    translation_placeholders=err.translation_placeholders,
                )
                return
            handler(hass, connection, msg, entry)

        return handle

    return decorate


def answered(answer: Answer) -> Handler:
    """Answer with what a coroutine gives."""

    @wraps(answer)
    def handle(
        hass: HomeAssistant,
        connection: ActiveConnection,
        msg: Message,
        entry: ShowrunnerConfigEntry,
    ) -> None:
        async def work() -> None:
            try:
                runtime = entry.runtime_data
                with runtime.calls:
                    result = await answer(runtime, msg)
                connection.send_result(msg["id"], await async_shown(hass, result))
            except (Refused, ServiceError, StoreError) as err:
                connection.async_handle_exception(msg, translated(hass, err))
            except Exception as err:  # noqa: BLE001 - logged and answered, as commands of HA are
                connection.async_handle_exception(msg, err)

        hass.async_create_background_task(work(), f"{DOMAIN} {msg['type']}")

    return handle


def history_only(handler: Handler) -> Handler:
    """Keep what viewers watched to administrators, where the options say so."""

    @wraps(handler)
    def handle(
        hass: HomeAssistant,
        connection: ActiveConnection,
        msg: Message,
        entry: ShowrunnerConfigEntry,
    ) -> None:
        if entry.runtime_data.options.history_admins_only and not connection.user.is_admin:
            raise Unauthorized
        handler(hass, connection, msg, entry)

    return handle


def as_action(name: str) -> Handler:
    """Answer with what the action of that name answers whoever is connected."""

    def handle(
        hass: HomeAssistant,
        connection: ActiveConnection,
        msg: Message,
        entry: ShowrunnerConfigEntry,
    ) -> None:
        given = {key: value for key, value in msg.items() if key not in ("id", "type")}
        data = {**given, ATTR_ENTRY: entry.entry_id}

        async def work() -> None:
            try:
                answer = await hass.services.async_call(
                    *(DOMAIN, name, data),
                    blocking=True,
                    return_response=True,
                    context=connection.context(msg),
                )
                connection.send_result(msg["id"], answer)
            except Exception as err:  # noqa: BLE001 - logged and answered, as commands of HA are
                connection.async_handle_exception(msg, err)

        hass.async_create_background_task(work(), f"{DOMAIN} {msg['type']}")

    return handle


def follow_entry(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: Message,
    entry: ShowrunnerConfigEntry,
    follow: Callable[[Runtime], CALLBACK_TYPE],
    tell: Callable[[Runtime | None], None],
) -> None:
    """Subscribe to what an entry has at run time, over its reloads.

    `follow` begins to call `tell` at changes, and gives what ends that; `tell` is called for the
    present state too, and with None while there is no such thing. The result goes out first.
    """
    attached: list[CALLBACK_TYPE] = []

    @callback
    def detach() -> None:
        while attached:
            attached.pop()()

    @callback
    def changed(change: ConfigEntryChange, which: ConfigEntry[Any]) -> None:
        if which.entry_id != entry.entry_id:
            return
        loaded = change is not ConfigEntryChange.REMOVED and which.state is ConfigEntryState.LOADED
        if loaded and not attached:
            attach(which.runtime_data)
        elif not loaded and attached:
            detach()
            tell(None)

    @callback
    def attach(runtime: Runtime) -> None:
        attached.append(follow(runtime))
        tell(runtime)

    stop = async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed)

    @callback
    def unsubscribe() -> None:
        stop()
        detach()

    connection.subscriptions[msg["id"]] = unsubscribe
    connection.send_result(msg["id"])
    attach(entry.runtime_data)
