"""History: what was watched, what happened to a title, and what others know of before."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from homeassistant.core import ServiceCall
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..coordinators.jellystat import JellystatCoordinator
from ..coordinators.requests import RequestView
from ..domain.knowledge import Answer
from ..domain.media import TitleKey
from ..domain.watching import Viewing
from ..jobs.import_history.spec import SPEC as IMPORT
from ..runtime import (
    ImportCounts,
    ImportFailed,
    ImportRunning,
    ImportSource,
    Meant,
    NothingTracked,
    Runtime,
)
from ..texts import said, written
from ..validation import instant, text, whole
from .common import (
    ENTRY,
    MOST,
    Told,
    admin_only,
    failed,
    history_only_for,
    invalid,
    resolve_title,
    viewer_of,
)

GET_HISTORY: Final = vol.Schema(
    {
        **ENTRY,
        vol.Optional("viewer"): text,
        vol.Optional("title"): text,
        vol.Optional("since"): instant,
        vol.Optional("limit", default=100): vol.All(whole, vol.Range(1, MOST)),
    }
)
IMPORT_HISTORY: Final = vol.Schema(
    {
        **ENTRY,
        vol.Required("source"): vol.In([source.value for source in ImportSource]),
        vol.Optional("service"): text,
    }
)
GET_TITLE: Final = vol.Schema({**ENTRY, vol.Required("title"): text})


async def get_history(runtime: Runtime, call: ServiceCall) -> Told:
    """List viewings, the last first."""
    await history_only_for(runtime, call)
    title = call.data.get("title")
    meant = await resolve_title(runtime, title) if title is not None else None
    found = await runtime.store.viewings.history(
        viewer_id=viewer_of(runtime, call.data.get("viewer")),
        title=meant.key if meant else None,
        item_id=meant.item_id if meant else None,
        since=call.data.get("since"),
        limit=call.data["limit"],
    )
    return {"viewings": [_viewing(runtime, one) for one in found if _is_of(one, meant)]}


def _is_of(viewing: Viewing, meant: Meant | None) -> bool:
    """Tell whether a viewing is not of what the item was taken for before it was corrected."""
    return meant is None or any(
        viewing.unit.title.ids.matches(ids) is not Answer.NO
        for ids in (meant.key.ids, *meant.key.others)
    )


async def import_history(runtime: Runtime, call: ServiceCall) -> Told:
    """Take in what another service knows of before."""
    await admin_only(runtime, call)
    source = ImportSource(call.data["source"])
    try:
        counts = await _import(runtime, source, call.data.get("service"))
    except NothingTracked as err:
        raise invalid("nobody_tracked") from err
    except ImportRunning as err:
        since = written(runtime.hass, err.since)
        raise failed("import_running", source=err.source.value, since=since) from err
    except ImportFailed as err:
        # The sentence goes on after it with a stop of its own.
        error = said(runtime.hass, err.error).rstrip(".")
        raise failed("import_failed", error=error, imported=str(err.imported)) from err
    return counts.as_dict()


async def _import(runtime: Runtime, source: ImportSource, service: str | None) -> ImportCounts:
    """Import what others kept. `service`: which Jellystat, where there are several."""
    match source:
        case ImportSource.JELLYFIN:
            return await runtime.jobs[IMPORT].from_jellyfin()
        case ImportSource.PLAYBACK_REPORTING:
            # What the server's clock shows has no zone; most servers share Home Assistant's.
            zone = dt_util.get_default_time_zone()
            client = runtime.jellyfin.client.playback_reporting(zone)
            return await runtime.jobs[IMPORT].from_playback_reporting(client)
    linked = runtime.links.of(JellystatCoordinator)
    known = linked.get(service) if service else None
    if service is None and len(linked) == 1:
        known = next(iter(linked.values()))
    if known is None:
        key = "jellystat_unknown" if service or not linked else "jellystat_many"
        raise invalid(key, service=service or "Jellystat")
    return await runtime.jobs[IMPORT].from_jellystat(known.client)


async def get_title(runtime: Runtime, call: ServiceCall) -> Told:
    """Tell everything that happened to a title, in order."""
    await history_only_for(runtime, call)
    meant = await resolve_title(runtime, call.data["title"])
    store, title = runtime.store, meant.key
    events: list[tuple[datetime, dict[str, Any]]] = [
        (viewing.started_at, {"viewing": _viewing(runtime, viewing)})
        for viewing in await store.viewings.history(title=title, item_id=meant.item_id, limit=MOST)
        if _is_of(viewing, meant)
    ]
    decisions = await store.decisions.for_title(title)
    events += [
        (datetime.fromisoformat(str(decision["decided_at"])), {"decision": dict(decision)})
        for decision in decisions
    ]
    rows = await store.ledger.for_title(title)
    pursuits = await store.acquisitions.for_title(title)
    named = [decision.get("plan_id") for decision in decisions]
    named += [pursuit.plan_id for pursuit in pursuits]
    events += await _plans(runtime, [*named, *(row.plan_id for row in rows)])
    for row in rows:
        change = {
            "ledger_id": row.id,
            "job": row.job,
            "action": row.action,
            "state": row.state.value,
            "plan_id": row.plan_id,
            "detail": row.detail,
            "bytes_freed": row.bytes_freed,
            "undone_at": None if row.undone_at is None else row.undone_at.isoformat(),
        }
        events.append((row.begun_at, {"change": change}))
    events += [
        (view.request.requested_at, {"request": view.as_dict()})
        for view in await _requests(runtime, title)
    ]
    word = await store.overrides.get(title)
    events.sort(key=lambda event: event[0])
    return {
        "title": meant.title.label,
        "media": meant.title.media.value,
        "ids": list(meant.title.ids.keys),
        "override": word.policy.value,
        "override_kind_told": word.kind_told,
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


async def _requests(runtime: Runtime, title: TitleKey) -> Iterable[RequestView]:
    """Give a title's requests, open and closed, each once."""
    found = {view.request.id: view for view in runtime.requests.about(title)}
    for row in await runtime.store.requests.for_title(title):
        if row.status is not None and row.status.closed is not None:
            found[row.request.id] = RequestView(row.request, row.status)
    return list(found.values())


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
        "percent": viewing.rounded_percent,
        "completed": viewing.counts,
        "credits_jump": viewing.credits_jump,
        "device": viewing.device,
        "client": viewing.client,
        "play_method": viewing.play_method,
    }
