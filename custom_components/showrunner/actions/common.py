"""What all actions share: their entry, who may call them, and how they say what went wrong."""

from collections.abc import Callable, Coroutine, Mapping
import math
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.helpers import service
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from ..const import DOMAIN
from ..domain.buttons import BY_BUTTON
from ..domain.keeps import Keep
from ..domain.rate_limit import RateLimit
from ..permissions import is_administrator, require_administrator
from ..refusals import invalid, translated
from ..runtime import (
    KindUnknown,
    Meant,
    Refused,
    Runtime,
    ServiceError,
    ShowrunnerConfigEntry,
    TitleAmbiguous,
    TitleUnknown,
)
from ..store import StoreError
from ..texts import async_shown
from ..validation import text

ATTR_ENTRY: Final = "config_entry_id"
ENTRY: Final = {vol.Optional(ATTR_ENTRY): text}
MOST: Final = 1000
AUTOMATION: Final = "automation"
# Outlives a reload of the entry, which would begin it anew.
_LIMIT: Final[HassKey[RateLimit]] = HassKey(f"{DOMAIN}_rate_limit")

# Its texts are said when it is given.
type Response = Mapping[str, object] | None
type Action = Callable[[Runtime, ServiceCall], Coroutine[Any, Any, Response]]


def answering(
    hass: HomeAssistant, action: Action
) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    """Find the entry, and say in translated words what went wrong."""

    async def answer(call: ServiceCall) -> ServiceResponse:
        entry: ShowrunnerConfigEntry = service.async_get_config_entry(
            hass, DOMAIN, call.data.get(ATTR_ENTRY)
        )
        try:
            runtime = entry.runtime_data
            with runtime.calls:
                answered = await action(runtime, call)
            return None if answered is None else await async_shown(hass, answered)  # type: ignore[return-value]
        except (Refused, ServiceError, StoreError) as err:
            raise translated(hass, err) from err

    return answer


async def resolve_title(runtime: Runtime, written: str) -> Meant:
    """Read a title as people write it. Raise ServiceValidationError, ServiceError, StoreError."""
    try:
        return await runtime.titles.find(written)
    except TitleUnknown as err:
        raise invalid("title_unknown", title=written) from err
    except KindUnknown as err:
        raise invalid("title_kind_unknown", title=written) from err
    except TitleAmbiguous as err:
        named = ", ".join(
            f"{one.label} ({next(iter(one.key.names), one.media.value)})" for one in err.candidates
        )
        raise invalid("title_ambiguous", title=written, candidates=named) from err


def caller(call: ServiceCall) -> str:
    """Name whose word it is: the id of a user of Home Assistant, or an automation."""
    return call.context.user_id or AUTOMATION


async def keep_as_dict(runtime: Runtime, keep: Keep) -> dict[str, object]:
    """Give JSON-safe values of a person's word on a title; `by` is a name, if it is known."""
    return {
        "season": keep.season,
        "until": None if keep.until is None else keep.until.isoformat(),
        "at": keep.at.isoformat(),
        "by": await name_of(runtime, keep.by),
        "why": keep.why,
    }


async def name_of(runtime: Runtime, by: str) -> str | None:
    """Name the caller that `caller` gave; None: there is no such user any more."""
    if by in (AUTOMATION, BY_BUTTON):
        return by
    user = await runtime.hass.auth.async_get_user(by)
    return None if user is None else user.name


async def admin_only(runtime: Runtime, call: ServiceCall) -> None:
    """Let administrators through, and automations, which an administrator wrote."""
    await require_administrator(runtime.hass, call.context)


async def may_ask(runtime: Runtime, call: ServiceCall) -> bool:
    """Tell whether what is only shown may be kept too: for administrators it may.

    Everybody else may ask, within a limit: an answer costs requests to services and indexers.
    Raise ServiceValidationError beyond it.
    """
    if await is_administrator(runtime.hass, call.context):
        return True
    limit = runtime.hass.data.setdefault(_LIMIT, RateLimit())
    wait = limit.admit(call.context.user_id or "", time.monotonic())
    if wait:
        raise invalid("too_often", limit=str(limit.limit), seconds=str(math.ceil(wait)))
    return False


async def history_only_for(runtime: Runtime, call: ServiceCall) -> None:
    """Keep what viewers watched to administrators, where the options say so."""
    if runtime.options.history_admins_only:
        await admin_only(runtime, call)


async def dry_run_of(runtime: Runtime, call: ServiceCall) -> bool:
    """Tell whether a call only shows its plan; who may have it carried out is asked here.

    Left out it is as the options say. `false` is for administrators, and needs `confirm` while the
    options' dry run is on.
    """
    dry: bool = call.data.get("dry_run", runtime.options.safety.dry_run)
    if not dry:
        await admin_only(runtime, call)
        if runtime.options.safety.dry_run and not call.data["confirm"]:
            raise invalid("dry_run_on")
    return dry


def viewer_of(runtime: Runtime, given: str | None) -> str | None:
    """Find a tracked viewer by Jellyfin's user id, subentry id or name."""
    if given is None:
        return None
    for viewer in runtime.viewers.values():
        if given in (viewer.user_id, viewer.subentry_id) or (
            given.casefold() == viewer.name.casefold()
        ):
            return viewer.user_id
    raise invalid("viewer_unknown", viewer=given)
