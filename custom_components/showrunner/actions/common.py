"""What all actions share: their entry, who may call them, and how they say what went wrong."""

from collections.abc import Callable, Coroutine, Mapping
import math
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import service
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from ..const import DOMAIN
from ..domain.rate_limit import RateLimit
from ..permissions import is_administrator, require_administrator
from ..runtime import (
    KindNotTold,
    Meant,
    Refused,
    Runtime,
    ServiceError,
    ShowrunnerConfigEntry,
    TitleAmbiguous,
    TitleUnknown,
)
from ..store import StoreError
from ..texts import async_shown, said, written
from ..validation import text

ATTR_ENTRY: Final = "config_entry_id"
ENTRY: Final = {vol.Optional(ATTR_ENTRY): text}
MOST: Final = 1000
# Outlives a reload of the entry, which would begin it anew.
_LIMIT: Final[HassKey[RateLimit]] = HassKey(f"{DOMAIN}_rate_limit")

# Its texts are said when it is given.
type Told = Mapping[str, object] | None
type Action = Callable[[Runtime, ServiceCall], Coroutine[Any, Any, Told]]


def answering(
    hass: HomeAssistant, action: Action
) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    """Find the entry, and say in translated words what went wrong."""

    async def answer(call: ServiceCall) -> ServiceResponse:
        entry: ShowrunnerConfigEntry = service.async_get_config_entry(
            hass, DOMAIN, call.data.get(ATTR_ENTRY)
        )
        try:
            told = await action(entry.runtime_data, call)
            return None if told is None else await async_shown(hass, told)  # type: ignore[return-value]
        except Refused as err:
            raise refused(hass, err) from err
        except ServiceError as err:
            raise failed("service_failed", service=err.service, error=said(hass, err.said)) from err
        except StoreError as err:
            raise failed("store_failed", error=said(hass, err.said)) from err

    return answer


def refused(hass: HomeAssistant, err: Refused) -> HomeAssistantError:
    """Say in translated words why an action is not done."""
    placeholders = {name: written(hass, value) for name, value in err.values.items()}
    kind = invalid if err.callers_mistake else failed
    return kind(err.key, **placeholders)


def failed(key: str, **placeholders: str) -> HomeAssistantError:
    """Say in translated words what a service or the store did not do."""
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def invalid(key: str, **placeholders: str) -> ServiceValidationError:
    """Say in translated words what is wrong with the call."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


async def resolve_title(runtime: Runtime, written: str) -> Meant:
    """Read a title as people write it. Raise ServiceValidationError, ServiceError, StoreError."""
    try:
        return await runtime.titles.find(written)
    except TitleUnknown as err:
        raise invalid("title_unknown", title=written) from err
    except KindNotTold as err:
        raise invalid("title_kind_unknown", title=written) from err
    except TitleAmbiguous as err:
        named = ", ".join(
            f"{one.label} ({next(iter(one.key.names), one.media.value)})" for one in err.candidates
        )
        raise invalid("title_ambiguous", title=written, candidates=named) from err


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
