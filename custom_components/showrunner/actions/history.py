"""History: what was watched, and what happened to a title."""

from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..runtime import Runtime
from ..validation import instant, text, whole
from .common import (
    ENTRY,
    MOST,
    Response,
    history_only_for,
    keep_as_dict,
    resolve_title,
    viewer_of,
)
from .story import is_of, story_of, viewing_as_dict

GET_HISTORY: Final = vol.Schema(
    {
        **ENTRY,
        vol.Optional("viewer"): text,
        vol.Optional("title"): text,
        vol.Optional("since"): instant,
        vol.Optional("limit", default=100): vol.All(whole, vol.Range(1, MOST)),
    }
)
GET_TITLE: Final = vol.Schema(
    {
        **ENTRY,
        vol.Required("title"): text,
        vol.Optional("limit", default=200): vol.All(whole, vol.Range(1, MOST)),
    }
)


async def get_history(runtime: Runtime, call: ServiceCall) -> Response:
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
    return {"viewings": [viewing_as_dict(runtime, one) for one in found if is_of(one, meant)]}


async def get_title(runtime: Runtime, call: ServiceCall) -> Response:
    """Tell everything that happened to a title, in order."""
    await history_only_for(runtime, call)
    meant = await resolve_title(runtime, call.data["title"])
    store, title = runtime.store, meant.key
    events, older = await story_of(runtime, meant, call.data["limit"])
    keeps = await store.keeps.standing(dt_util.utcnow(), title)
    pursuits = await store.acquisitions.for_title(title)
    word = await store.overrides.get(title)
    return {
        "title": meant.title.label,
        "media": meant.title.media.value,
        "ids": list(meant.title.ids.keys),
        "override": word.policy.value,
        "override_kind_told": word.kind_told,
        "keeps": [await keep_as_dict(runtime, keep) for keep in keeps],
        "status": pursuits[-1].state.value if pursuits else None,
        "detail": pursuits[-1].detail if pursuits else None,
        "events": [{"at": at.isoformat(), **event} for at, event in events],
        "older": older,
    }
