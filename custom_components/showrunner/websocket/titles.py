"""Titles and decisions for cards: answered as the actions are, with their permissions."""

from homeassistant.components.websocket_api.decorators import require_admin
import voluptuous as vol

from ..domain.candidate import Override
from ..runtime import Runtime
from ..validation import text
from .common import LIMIT, MOST, Message, answered, as_action, entry_command, history_only


@entry_command("decisions/list", LIMIT)
@history_only
@answered
async def list_decisions(runtime: Runtime, msg: Message) -> object:
    """List the last decisions with the finding of every rule, the newest first.

    Who watched what, and how often, is in them.
    """
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
