"""Plans: what they are, how they come on, and what a person wants of them.

Reading is for every user, the rest for administrators. Where the history is the administrators', so
are the findings of plans: they name who has watched something.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import require_admin
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
import voluptuous as vol

from ..const import DOMAIN
from ..domain.plan import Plan, Step
from ..refusals import translated
from ..runtime import PlanUnknown, Runtime, ShowrunnerConfigEntry
from ..store import StoreError
from ..validation import text
from .common import (
    LIMIT,
    MOST,
    Command,
    Message,
    answered,
    as_action,
    entry_command,
    history_only,
)
from .feed import tell_news

_TITLES: Final = 10
_LONG: Final = frozenset({"steps", "left_out"})
_ONE: Final = {vol.Required("plan_id"): text}
# Steps that end within so many seconds of each other are told together.
_TOGETHER: Final = 0.25


@entry_command("plans/list", {**LIMIT, vol.Optional("job"): text})
@answered
async def list_plans(runtime: Runtime, msg: Message) -> object:
    """List the last plans, the newest first: what they are about and their totals."""
    plans = await runtime.store.plans.recent(msg["limit"], msg.get("job"))
    return {"plans": [_listed(runtime, plan) for plan in plans]}


def _listed(runtime: Runtime, plan: Plan) -> Mapping[str, object]:
    """Give what a list shows of a plan; its steps are asked for one by one."""
    titles = dict.fromkeys(step.label for step in plan.steps)
    shown = {key: value for key, value in plan.as_dict().items() if key not in _LONG}
    return {
        **shown,
        "titles": list(titles)[:_TITLES],
        "title_count": len(titles),
        "running": runtime.runner.is_running(plan.plan_id),
        "waiting": len(plan.waiting),
    }


@entry_command("plans/get", {vol.Required("plan_id"): text})
@history_only
@answered
async def get_plan(runtime: Runtime, msg: Message) -> object:
    """Give a plan with all its steps and their evidence."""
    return (await _kept(runtime, msg["plan_id"])).as_dict()


async def _kept(runtime: Runtime, plan_id: str) -> Plan:
    plan = await runtime.store.plans.get(plan_id)
    if plan is None:
        raise PlanUnknown(plan_id)
    return plan


plans_apply = require_admin(
    entry_command(
        "plans/apply",
        {
            vol.Required("plan_id"): text,
            vol.Optional("steps"): vol.All([text], vol.Length(min=1, max=MOST)),
            vol.Optional("dry_run"): bool,
            vol.Optional("confirm"): bool,
        },
    )(as_action("apply_plan"))
)


def _on_one(name: str, change: Callable[[Runtime, str], Awaitable[None]]) -> Command:
    """Make a command that has something done with one plan, and says whether it runs."""

    @answered
    async def handle(runtime: Runtime, msg: Message) -> object:
        plan_id: str = msg["plan_id"]
        await change(runtime, plan_id)
        return {"plan_id": plan_id, "running": runtime.runner.is_running(plan_id)}

    return require_admin(entry_command(name, _ONE)(handle))


plans_cancel = _on_one("plans/cancel", lambda runtime, plan: runtime.runner.cancel(plan))
plans_pause = _on_one("plans/pause", lambda runtime, plan: runtime.runner.pause(plan))
plans_resume = _on_one("plans/resume", lambda runtime, plan: runtime.runner.resume(plan))


@entry_command("plans/subscribe", _ONE)
@history_only
def subscribe_plan(
    hass: HomeAssistant, connection: ActiveConnection, msg: Message, entry: ShowrunnerConfigEntry
) -> None:
    """Tell how a plan stands with all its steps, then each step that was tried."""

    async def begin() -> None:
        try:
            await _kept(entry.runtime_data, msg["plan_id"])
        except (PlanUnknown, StoreError) as err:
            connection.async_handle_exception(msg, translated(hass, err))
            return
        tell_news(hass, connection, msg, entry, _PlanNews(msg["plan_id"]), _TOGETHER)

    hass.async_create_background_task(begin(), f"{DOMAIN} {msg['type']}")


class _PlanNews:
    """What is new of one plan."""

    def __init__(self, plan_id: str) -> None:
        """Begin with nothing told."""
        self._plan_id = plan_id
        self._steps: dict[str, Step] = {}
        # Whether all of the plan is to be told, or what becomes of it as a whole.
        self._all = self._summary = False

    def listen(self, runtime: Runtime, wake: Callable[[], None]) -> CALLBACK_TYPE:
        """Hear of the plan's steps, and of what becomes of it."""

        @callback
        def moved(plan_id: str, news: object) -> None:
            if plan_id == self._plan_id:
                if isinstance(news, Step):
                    self._steps[news.id] = news
                else:
                    self._summary = True
                wake()

        return runtime.runner.add_listener(moved)

    def anew(self) -> None:
        """Tell all of it next time."""
        self._steps.clear()
        self._all = True

    async def gather(self, runtime: Runtime) -> Mapping[str, object]:
        """Give the whole plan, or the steps that were tried since and what became of it."""
        whole, summary, steps = self._all, self._summary, self._steps
        self._all, self._summary, self._steps = False, False, {}
        news: dict[str, object] = {}
        if whole:
            news["plan"] = (await _kept(runtime, self._plan_id)).as_dict()
        elif summary:
            news["plan"] = _listed(runtime, await _kept(runtime, self._plan_id))
        if not whole:
            news["changed"] = [step.as_dict() for step in steps.values()]
        return {"running": runtime.runner.is_running(self._plan_id), **news}
