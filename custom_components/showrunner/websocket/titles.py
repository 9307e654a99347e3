"""Titles, decisions and plans for cards: answered as the actions are, with their permissions."""

from collections.abc import Mapping
from typing import Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import require_admin
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import voluptuous as vol

from ..const import DOMAIN
from ..domain.candidate import Override
from ..domain.plan import Plan
from ..runtime import Runtime, ShowrunnerConfigEntry
from ..validation import text
from .common import ATTR_ENTRY, Handler, Message, answered, entry_command

_MOST: Final = 1000
_TITLES: Final = 10
_LONG: Final = frozenset({"steps", "left_out"})
_LIMIT: Final = {vol.Optional("limit", default=50): vol.All(int, vol.Range(1, _MOST))}


def _action(name: str) -> Handler:
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


@entry_command("decisions/list", _LIMIT)
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


@entry_command("plans/list", {**_LIMIT, vol.Optional("job"): text})
@answered
async def list_plans(runtime: Runtime, msg: Message) -> object:
    """List the last plans, the newest first: what they are about and their totals."""
    plans = await runtime.store.plans.recent(msg["limit"], msg.get("job"))
    return {"plans": [_listed(plan) for plan in plans]}


def _listed(plan: Plan) -> Mapping[str, object]:
    """Give what a list shows of a plan; its steps are asked for one by one."""
    titles = dict.fromkeys(step.label for step in plan.steps)
    shown = {key: value for key, value in plan.as_dict().items() if key not in _LONG}
    return {**shown, "titles": list(titles)[:_TITLES], "title_count": len(titles)}


@entry_command("plans/get", {vol.Required("plan_id"): text})
@answered
async def get_plan(runtime: Runtime, msg: Message) -> object:
    """Give a plan with all its steps and their evidence."""
    plan = await runtime.store.plans.get(msg["plan_id"])
    if plan is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="plan_unknown",
            translation_placeholders={"plan_id": msg["plan_id"]},
        )
    return plan.as_dict()


title_get = entry_command("title/get", {vol.Required("title"): text})(_action("get_title"))
override_set = require_admin(
    entry_command(
        "override/set",
        {
            vol.Required("title"): text,
            vol.Required("policy"): vol.In([policy.value for policy in Override]),
        },
    )(_action("set_override"))
)
plans_apply = require_admin(
    entry_command(
        "plans/apply",
        {
            vol.Required("plan_id"): text,
            vol.Optional("steps"): vol.All([text], vol.Length(min=1, max=_MOST)),
            vol.Optional("dry_run"): bool,
            vol.Optional("confirm"): bool,
        },
    )(_action("apply_plan"))
)
