"""Titles and decisions for cards: answered as the actions are, with their permissions."""

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import require_admin
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import Unauthorized
import voluptuous as vol

from ..domain.candidate import Override
from ..runtime import Runtime, ShowrunnerConfigEntry
from ..validation import text
from .common import LIMIT, MOST, Message, answered, as_action, entry_command


@entry_command("decisions/list", LIMIT)
def list_decisions(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message, entry: ShowrunnerConfigEntry
) -> None:
    """List the last decisions with the finding of every rule, the newest first."""
    if entry.runtime_data.options.history_admins_only and not connection.user.is_admin:
        # Who watched what, and how often, is in them.
        raise Unauthorized
    _decisions(hass, connection, msg, entry)


@answered
async def _decisions(runtime: Runtime, msg: Message) -> object:
    return {"decisions": await runtime.store.decisions.recent(msg["limit"])}


title_get = entry_command(
    "title/get",
    {
        vol.Required("title"): text,
        vol.Optional("limit"): vol.All(int, vol.Range(1, MOST)),
    },
)(as_action("get_title"))
override_set = require_admin(
    entry_command(
        "override/set",
        {
            vol.Required("title"): text,
            vol.Required("policy"): vol.In([policy.value for policy in Override]),
        },
    )(as_action("set_override"))
)
