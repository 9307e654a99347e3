"""The requests and how they stand, at once and at every change."""

from collections.abc import Awaitable, Callable
from typing import Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import require_admin
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
import voluptuous as vol

from ..coordinators.requests import RequestView
from ..domain.requests.request import RequestState
from ..refusals import failed, invalid
from ..runtime import NotHandedOn, NotWaiting, Runtime, ShowrunnerConfigEntry
from ..texts import shown
from ..validation import text
from .common import (
    ATTR_ENTRY,
    Command,
    Message,
    answered,
    as_action,
    entry_command,
    follow_entry,
)

# What a subscriber is told of at first: all that is under way, and what came last.
_UNDER_WAY: Final = 500
_RECENT: Final = 50
_MOST: Final = 1000

_STATES: Final = [*(state.value for state in RequestState), "closed"]


@entry_command(
    "requests/list",
    {
        vol.Optional("state"): [vol.In(_STATES)],
        vol.Optional("stuck"): bool,
        vol.Optional("limit", default=100): vol.All(int, vol.Range(1, _MOST)),
    },
)
@answered
async def list_requests(runtime: Runtime, msg: Message) -> object:
    """List requests, the last first."""
    found = await runtime.requests.listed(
        msg.get("state"), stuck=msg.get("stuck"), limit=msg["limit"]
    )
    return {"requests": [view.as_dict() for view in found]}


@entry_command("requests/subscribe")
def subscribe_requests(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message, entry: ShowrunnerConfigEntry
) -> None:
    """Tell the requests under way and those that came last, then each that changes."""

    @callback
    def tell(runtime: Runtime | None) -> None:
        views = [] if runtime is None else _present(runtime)
        answer = shown(hass, [view.as_dict() for view in views])
        connection.send_event(
            msg["id"],
            {ATTR_ENTRY: entry.entry_id, "available": runtime is not None, "requests": answer},
        )

    def follow(runtime: Runtime) -> CALLBACK_TYPE:
        @callback
        def changed(view: RequestView) -> None:
            answer = {ATTR_ENTRY: entry.entry_id, "available": True, "changed": [view.as_dict()]}
            connection.send_event(msg["id"], shown(hass, answer))

        return runtime.requests.add_listener(changed)

    follow_entry(hass, connection, msg, entry, follow, tell)


def _decision(name: str, decide: Callable[[Runtime, str], Awaitable[None]]) -> Command:
    """Make a command by which an administrator decides on a request that waits."""

    @answered
    async def handle(runtime: Runtime, msg: Message) -> object:
        request_id: str = msg["request_id"]
        try:
            await decide(runtime, request_id)
        except NotWaiting as err:
            raise invalid("request_not_waiting") from err
        except NotHandedOn as err:
            raise failed("request_not_handed_on") from err
        return {"request_id": request_id}

    return require_admin(entry_command(name, {vol.Required("request_id"): text})(handle))


requests_approve = _decision("requests/approve", lambda run, one: run.approvals.approve(one))
requests_decline = _decision("requests/decline", lambda run, one: run.approvals.decline(one))
requests_mend = require_admin(
    entry_command("requests/mend", {vol.Required("request_id"): text})(as_action("mend_request"))
)


def _present(runtime: Runtime) -> list[RequestView]:
    under_way = sorted(
        runtime.requests.waiting, key=lambda view: view.request.requested_at, reverse=True
    )
    return [*under_way[:_UNDER_WAY], *runtime.requests.came_last(_RECENT)]
