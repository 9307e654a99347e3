"""Asking for a new key: one question for each service, and none for a refusal that passes.

Home Assistant lets an entry ask once at a time, so that a false question would hide a true one:
each linked service has a question of its own here. It is asked when the service has refused us
twice in a row, also over a reload, and taken back when it answers well again.
"""

from collections.abc import Iterator
from typing import Any, Final, cast

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigFlowContext
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

_CERTAIN: Final = 2
_HOME_ASSISTANTS_TEXT: Final = "config_entry_reauth"
# How often each service has refused us in a row, by entry and subentry.
_REFUSALS: Final[HassKey[dict[tuple[str, str | None], int]]] = HassKey(f"{DOMAIN}_refusals")


def issue_id(entry_id: str, subentry_id: str) -> str:
    """Name the repair that leads to a service's question, as Home Assistant names an entry's."""
    return f"config_entry_reauth_{DOMAIN}_{entry_id}_{subentry_id}"


class KeyQuestion:
    """Asks for a new key of one service; without a subentry, of the server itself."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], subentry_id: str | None, title: str
    ) -> None:
        """Take whose key it is. `title` is the person's name of the service."""
        self._hass = hass
        self._entry = entry
        self._subentry_id = subentry_id
        self._title = title

    def refused(self) -> bool:
        """Note that the service has refused us; ask, and say so, when it did so before."""
        refusals = self._hass.data.setdefault(_REFUSALS, {})
        count = refusals[self._key] = refusals.get(self._key, 0) + 1
        if count >= _CERTAIN and not any(self._open()):
            self._hass.async_create_task(self._ask(), f"{DOMAIN} ask for a key of {self._title}")
        return count >= _CERTAIN

    def answered(self) -> None:
        """Note that it has answered well: what was asked is asked no more."""
        refusals = self._hass.data.get(_REFUSALS, {})
        if refusals.pop(self._key, 0) < _CERTAIN:
            return
        for flow_id in tuple(self._open()):
            self._hass.config_entries.flow.async_abort(flow_id)

    @property
    def _key(self) -> tuple[str, str | None]:
        return self._entry.entry_id, self._subentry_id

    def _open(self) -> Iterator[str]:
        """Name this service's open questions, also one that is just being asked."""
        for flow in self._hass.config_entries.flow.async_progress_by_handler(
            DOMAIN,
            include_uninitialized=True,
            match_context={"entry_id": self._entry.entry_id, "source": SOURCE_REAUTH},
        ):
            if flow["context"].get("subentry_id") == self._subentry_id:
                yield flow["flow_id"]

    async def _ask(self) -> None:
        entry, subentry_id = self._entry, self._subentry_id
        context = {
            "source": SOURCE_REAUTH,
            "entry_id": entry.entry_id,
            "unique_id": entry.unique_id,
            "title_placeholders": {"name": self._title},
        }
        data = dict(entry.data)
        if subentry_id:
            context["subentry_id"] = data["subentry_id"] = subentry_id
        result = await self._hass.config_entries.flow.async_init(
            DOMAIN, context=cast("ConfigFlowContext", context), data=data
        )
        if result["type"] is not FlowResultType.FORM:
            return
        own = f"config_entry_reauth_{DOMAIN}_{entry.entry_id}"
        ir.async_create_issue(
            self._hass,
            HOMEASSISTANT_DOMAIN,
            issue_id(entry.entry_id, subentry_id) if subentry_id else own,
            data={"flow_id": result["flow_id"]},
            is_fixable=False,
            issue_domain=DOMAIN,
            severity=ir.IssueSeverity.ERROR,
            translation_key=_HOME_ASSISTANTS_TEXT,
            translation_placeholders={"name": self._title},
        )
