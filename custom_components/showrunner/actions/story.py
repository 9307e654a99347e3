"""The story of a title: everything that happened to it, from everybody who knows, in order."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from ..coordinators.requests import RequestView
from ..domain.knowledge import Answer
from ..domain.media import TitleKey
from ..domain.plan import Plan, Step
from ..domain.requests.history import history_of
from ..domain.watching import Viewing
from ..runtime import Meant, Runtime
from ..store import LedgerRow
from .common import keep_as_dict, name_of

# A plan may be of a whole library: so many are read, the newest.
_PLANS: Final = 50

type Events = list[tuple[datetime, dict[str, Any]]]


async def story_of(runtime: Runtime, meant: Meant, limit: int) -> tuple[Events, bool]:
    """Give the newest events of a title, the first of them first; and whether there are older ones.

    Raises StoreError.
    """
    title, most = meant.key, limit + 1
    events = await _viewings(runtime, meant, most)
    decisions = await runtime.store.decisions.for_title(title, most)
    events += [
        (datetime.fromisoformat(str(decision["decided_at"])), {"decision": dict(decision)})
        for decision in decisions
    ]
    rows = await runtime.store.ledger.for_title(title, most)
    events += [(row.begun_at, {"change": _change(row)}) for row in rows]
    regrets = await runtime.store.regrets.of([row.id for row in rows])
    events += [(one.at, {"regret": one.as_dict()}) for one in regrets.values()]
    pursuits = await runtime.store.acquisitions.for_title(title)
    named = [one.get("plan_id") for one in decisions] + [one.plan_id for one in pursuits]
    events += await _plans(runtime, title, [*named, *(row.plan_id for row in rows)])
    events += await _requests(runtime, title)
    events += await _keeps(runtime, title, most)
    events.sort(key=lambda event: event[0])
    return events[-limit:], len(events) > limit


def is_of(viewing: Viewing, meant: Meant | None) -> bool:
    """Tell whether a viewing is not of what the item was taken for before it was corrected."""
    return meant is None or any(
        viewing.unit.title.ids.matches(ids) is not Answer.NO
        for ids in (meant.key.ids, *meant.key.others)
    )


def viewing_as_dict(runtime: Runtime, viewing: Viewing) -> dict[str, Any]:
    """Give JSON-safe values of a viewing."""
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
        "percent": viewing.rounded_percent,
        "completed": viewing.counts,
        "credits_jump": viewing.credits_jump,
        "device": viewing.device,
        "client": viewing.client,
        "play_method": viewing.play_method,
    }


async def _viewings(runtime: Runtime, meant: Meant, most: int) -> Events:
    found = await runtime.store.viewings.history(title=meant.key, item_id=meant.item_id, limit=most)
    return [
        (viewing.started_at, {"viewing": viewing_as_dict(runtime, viewing)})
        for viewing in found
        if is_of(viewing, meant)
    ]


def _change(row: LedgerRow) -> dict[str, Any]:
    return {
        "ledger_id": row.id,
        "job": row.job,
        "action": row.action,
        "state": row.state.value,
        "plan_id": row.plan_id,
        "detail": row.detail,
        "bytes_freed": row.bytes_freed,
        "undo_of": row.undo_of,
        "undone_at": None if row.undone_at is None else row.undone_at.isoformat(),
    }


async def _plans(runtime: Runtime, title: TitleKey, named: Iterable[object]) -> Events:
    """Give the newest of these plans, each once; those that are gone are left out."""
    wanted = list(dict.fromkeys(one for one in named if isinstance(one, str)))
    found = [await runtime.store.plans.get(plan_id) for plan_id in wanted[-_PLANS:]]
    return [(plan.created_at, {"plan": _plan(plan, title)}) for plan in found if plan is not None]


def _plan(plan: Plan, title: TitleKey) -> dict[str, Any]:
    """Show a plan with the steps of this title only, if it has steps of others."""
    mine = [step for step in plan.steps if _is_about(step, title)]
    shown = plan.as_dict()
    if len(mine) == len(plan.steps):
        return shown
    return shown | {"steps": [step.as_dict() for step in mine], "left_out": []}


def _is_about(step: Step, title: TitleKey) -> bool:
    key = step.title_key
    return key is not None and not set(key.names).isdisjoint(title.names)


async def _requests(runtime: Runtime, title: TitleKey) -> Events:
    """Give a title's requests, open and closed, each once, and what happened to them."""
    events: Events = []
    found = {view.request.id: view for view in runtime.requests.about(title)}
    for row in await runtime.store.requests.for_title(title):
        if row.status is not None and row.status.closed is not None:
            found[row.request.id] = RequestView(row.request, row.status)
    for request_id, view in found.items():
        events.append((view.request.requested_at, {"request": view.as_dict()}))
        events += [
            (one.at, {"request_event": {"request_id": request_id, **one.as_dict()}})
            for one in history_of(await runtime.requests.all_facts(request_id))
        ]
    return events


async def _keeps(runtime: Runtime, title: TitleKey, most: int) -> Events:
    """Give what people kept of a title, and what of that they took back."""
    events: Events = []
    for keep in await runtime.store.keeps.for_title(title, most):
        events.append((keep.at, {"keep": await keep_as_dict(runtime, keep)}))
        if keep.ended_at is not None and keep.ended_by is not None:
            ended = {"season": keep.season, "by": await name_of(runtime, keep.ended_by)}
            events.append((keep.ended_at, {"stop_keeping": ended}))
    return events
