"""The actions: what people and automations ask, answered with decisions, plans and history."""

from collections.abc import Callable, Collection, Coroutine, Iterable
from datetime import datetime
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import config_validation as cv, service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .domain.candidate import Override
from .domain.viewing import Viewing
from .runtime import (
    AlreadyRunning,
    PlanExpired,
    PlanUnknown,
    Runtime,
    ServiceError,
    ShowrunnerConfigEntry,
)
from .store import StoreError

ATTR_ENTRY: Final = "config_entry_id"
_ENTRY: Final = {vol.Optional(ATTR_ENTRY): cv.string}
_MOST: Final = 1000

DECIDE: Final = vol.All(
    vol.Schema(
        {
            **_ENTRY,
            vol.Exclusive("jellyfin_item_id", "what"): cv.string,
            vol.Exclusive("tmdb_id", "what"): vol.All(vol.Coerce(int), vol.Range(min=1)),
            vol.Optional("viewer"): cv.string,
            vol.Optional("execute", default=False): cv.boolean,
        }
    ),
    cv.has_at_least_one_key("jellyfin_item_id", "tmdb_id"),
)
SET_OVERRIDE: Final = vol.Schema(
    {
        **_ENTRY,
        vol.Required("title"): cv.string,
        vol.Required("policy"): vol.In([policy.value for policy in Override]),
    }
)
APPLY_PLAN: Final = vol.Schema(
    {
        **_ENTRY,
        vol.Required("plan_id"): cv.string,
        vol.Optional("steps"): vol.All(cv.ensure_list, [cv.string], vol.Length(min=1)),
        vol.Optional("dry_run"): cv.boolean,
        vol.Optional("confirm", default=False): cv.boolean,
    }
)
GET_HISTORY: Final = vol.Schema(
    {
        **_ENTRY,
        vol.Optional("viewer"): cv.string,
        vol.Optional("title"): cv.string,
        vol.Optional("since"): cv.datetime,
        vol.Optional("limit", default=100): vol.All(vol.Coerce(int), vol.Range(1, _MOST)),
    }
)
GET_TITLE: Final = vol.Schema({**_ENTRY, vol.Required("title"): cv.string})

type _Action = Callable[[Runtime, ServiceCall], Coroutine[Any, Any, ServiceResponse]]


def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions, once for all entries."""
    for name, schema, action, response in (
        ("decide", DECIDE, _decide, SupportsResponse.ONLY),
        ("set_override", SET_OVERRIDE, _set_override, SupportsResponse.OPTIONAL),
        ("apply_plan", APPLY_PLAN, _apply_plan, SupportsResponse.OPTIONAL),
        ("get_history", GET_HISTORY, _get_history, SupportsResponse.ONLY),
        ("get_title", GET_TITLE, _get_title, SupportsResponse.ONLY),
    ):
        hass.services.async_register(
            DOMAIN, name, _answering(hass, action), schema=schema, supports_response=response
        )


def _answering(
    hass: HomeAssistant, action: _Action
) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    """Find the entry, and say in translated words what went wrong."""

    async def answer(call: ServiceCall) -> ServiceResponse:
        entry: ShowrunnerConfigEntry = service.async_get_config_entry(
            hass, DOMAIN, call.data.get(ATTR_ENTRY)
        )
        try:
            return await action(entry.runtime_data, call)
        except ServiceError as err:
            raise _failed("service_failed", service=err.service, error=err.message) from err
        except StoreError as err:
            raise _failed("store_failed", error=str(err)) from err

    return answer


def _failed(key: str, **placeholders: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


async def _admin_only(runtime: Runtime, call: ServiceCall) -> None:
    """Let administrators through, and automations, which an administrator wrote."""
    if call.context.user_id is None:
        return
    user = await runtime.hass.auth.async_get_user(call.context.user_id)
    if user is None or not user.is_admin:
        raise Unauthorized(context=call.context)


def _viewer(runtime: Runtime, given: str | None) -> str | None:
    """Find a tracked viewer by Jellyfin's user id, subentry id or name."""
    if given is None:
        return None
    for viewer in runtime.viewers.values():
        if given in (viewer.user_id, viewer.subentry_id) or (
            given.casefold() == viewer.name.casefold()
        ):
            return viewer.user_id
    raise _invalid("viewer_unknown", viewer=given)


async def _decide(runtime: Runtime, call: ServiceCall) -> ServiceResponse:
    execute: bool = call.data["execute"]
    if execute:
        await _admin_only(runtime, call)
    item_id: str | None = call.data.get("jellyfin_item_id")
    if item_id is not None:
        # Nothing is known of an item that is not there, and of nothing every rule says no.
        await runtime.resolve_title(item_id)
    return await runtime.downloads.decide(  # type: ignore[return-value]
        item_id=item_id,
        tmdb_id=call.data.get("tmdb_id"),
        viewer_id=_viewer(runtime, call.data.get("viewer")),
        execute=execute,
    )


async def _set_override(runtime: Runtime, call: ServiceCall) -> ServiceResponse:
    await _admin_only(runtime, call)
    ids = await runtime.resolve_title(call.data["title"])
    policy = Override(call.data["policy"])
    await runtime.store.overrides.set(ids, policy, call.context.user_id or "automation")
    return {"title": ids.keys[0], "policy": policy.value}


async def _apply_plan(runtime: Runtime, call: ServiceCall) -> ServiceResponse:
    dry: bool = call.data.get("dry_run", runtime.options.safety.dry_run)
    if not dry:
        await _admin_only(runtime, call)
        if runtime.options.safety.dry_run and not call.data["confirm"]:
            raise _invalid("dry_run_on")
    plan_id: str = call.data["plan_id"]
    steps: list[str] | None = call.data.get("steps")
    await _check_steps(runtime, plan_id, steps or ())
    try:
        plan = await runtime.downloads.apply_plan(plan_id, steps, dry_run=dry)
    except PlanUnknown as err:
        raise _invalid("plan_unknown", plan_id=plan_id) from err
    except PlanExpired as err:
        raise _invalid("plan_expired", plan_id=plan_id) from err
    except AlreadyRunning as err:
        raise _failed("already_running", job=err.job, plan_id=err.plan_id) from err
    return plan.as_dict()  # type: ignore[return-value]


async def _check_steps(runtime: Runtime, plan_id: str, steps: Collection[str]) -> None:
    """Refuse steps that the plan does not have, before the plan counts as approved."""
    plan = await runtime.store.plans.get(plan_id)
    if plan is None:
        raise _invalid("plan_unknown", plan_id=plan_id)
    for step in steps:
        if plan.step(step) is None:
            raise _invalid("step_unknown", plan_id=plan_id, step=step)


def _viewing(runtime: Runtime, viewing: Viewing) -> dict[str, Any]:
    viewer = runtime.viewers.get(viewing.viewer_id)
    return {
        "viewer": viewer.name if viewer else viewing.viewer_id,
        "title": viewing.unit.label,
        "media": viewing.unit.kind.value,
        "ids": list(viewing.unit.title.ids.keys),
        "jellyfin_item_id": viewing.unit.item_id,
        "day": viewing.day.isoformat(),
        "started_at": viewing.started_at.isoformat(),
        "ended_at": viewing.ended_at.isoformat(),
        "watched_seconds": round(viewing.watched),
        "percent": round(viewing.percent, 1),
        "completed": viewing.completed,
        "credits_jump": viewing.credits_jump,
        "device": viewing.device,
        "client": viewing.client,
        "play_method": viewing.play_method,
    }


async def _get_history(runtime: Runtime, call: ServiceCall) -> ServiceResponse:
    title, since = call.data.get("title"), call.data.get("since")
    ids = await runtime.resolve_title(title) if title is not None else None
    found = await runtime.store.viewings.history(
        viewer_id=_viewer(runtime, call.data.get("viewer")),
        ids=ids,
        since=_aware(since),
        limit=call.data["limit"],
    )
    return {"viewings": [_viewing(runtime, viewing) for viewing in found]}


def _aware(at: datetime | None) -> datetime | None:
    """A time without a zone is Home Assistant's local time, whatever the machine's is."""
    return None if at is None else dt_util.as_utc(at)


async def _get_title(runtime: Runtime, call: ServiceCall) -> ServiceResponse:
    ids = await runtime.resolve_title(call.data["title"])
    store = runtime.store
    events: list[tuple[datetime, dict[str, Any]]] = [
        (viewing.started_at, {"viewing": _viewing(runtime, viewing)})
        for viewing in await store.viewings.history(ids=ids, limit=_MOST)
    ]
    decisions = await store.decisions.for_title(ids)
    events += [
        (datetime.fromisoformat(str(decision["decided_at"])), {"decision": dict(decision)})
        for decision in decisions
    ]
    rows = await store.ledger.for_title(ids)
    pursuits = await store.acquisitions.for_title(ids)
    named = [decision.get("plan_id") for decision in decisions]
    named += [pursuit.plan_id for pursuit in pursuits]
    events += await _plans(runtime, [*named, *(row.plan_id for row in rows)])
    for row in rows:
        change = {
            "job": row.job,
            "action": row.action,
            "state": row.state.value,
            "plan_id": row.plan_id,
            "detail": row.detail,
        }
        events.append((row.begun_at, {"change": change}))
    events.sort(key=lambda event: event[0])
    return {
        "ids": list(ids.keys),
        "override": (await store.overrides.get(ids)).value,
        "status": pursuits[-1].state.value if pursuits else None,
        "detail": pursuits[-1].detail if pursuits else None,
        "events": [{"at": at.isoformat(), **event} for at, event in events],
    }


async def _plans(
    runtime: Runtime, named: Iterable[object]
) -> list[tuple[datetime, dict[str, Any]]]:
    """Give the plans of these ids, each once; those that are gone are left out."""
    events = []
    for plan_id in dict.fromkeys(one for one in named if isinstance(one, str)):
        plan = await runtime.store.plans.get(plan_id)
        if plan is not None:
            events.append((plan.created_at, {"plan": plan.as_dict()}))
    return events
