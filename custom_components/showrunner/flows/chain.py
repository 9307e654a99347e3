"""One flow leads on to the next, so that a person links everything in one go.

Home Assistant follows `next_flow` out of a new entry and out of a repair; its front ends (2026.10
and 2026.11) follow it out of every flow that ends. A subentry flow that is part of a chain
therefore saves by itself and ends with where to go on. Where a front end would not follow, the
ending says what was linked, and everything else can be added on the page.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigSubentry,
    ConfigSubentryData,
    FlowType,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant

# In a flow's context: it is part of a chain, and leads back to the menu of services.
_CHAINED: Final = "chained"


async def begin(
    hass: HomeAssistant, entry_id: str, kind: str, *, chained: bool = False
) -> SubentryFlowResult:
    """Begin a subentry flow."""
    context: dict[str, Any] = {"source": SOURCE_USER}
    if chained:
        context[_CHAINED] = True
    return await hass.config_entries.subentries.async_init(
        (entry_id, kind), context=cast("SubentryFlowContext", context)
    )


def add(hass: HomeAssistant, entry: ConfigEntry[Any], made: ConfigSubentryData) -> None:
    """Add a subentry. Raise AbortFlow where another one is that same thing."""
    subentry = ConfigSubentry(
        data=MappingProxyType(dict(made["data"])),
        subentry_type=made["subentry_type"],
        title=made["title"],
        unique_id=made["unique_id"],
    )
    hass.config_entries.async_add_subentry(entry, subentry)


def is_chained(context: Mapping[str, Any]) -> bool:
    """Tell whether a flow was begun as part of a chain."""
    return bool(context.get(_CHAINED))


def lead_on(
    result: SubentryFlowResult, entry: ConfigEntry[Any], flow_id: str
) -> SubentryFlowResult:
    """Say with a flow's ending which subentry flow of the same entry comes next."""
    more = {
        "next_flow": (FlowType.CONFIG_SUBENTRIES_FLOW, flow_id),
        # What the front end shows the next flow as a part of.
        "result": {"entry_id": entry.entry_id, "domain": entry.domain, "title": entry.title},
    }
    return cast("SubentryFlowResult", {**result, **more})
