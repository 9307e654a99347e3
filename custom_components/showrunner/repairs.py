"""Repairs that a person can make: a Radarr whose folders Jellyfin does not know."""

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.components.repairs.const import FlowType
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.config_entries import SOURCE_RECONFIGURE, SubentryFlowContext
from homeassistant.core import HomeAssistant
import voluptuous as vol

from .const import RADARR


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Give the flow that mends an issue."""
    if data and "subentry_id" in data:
        return MappingFlow(str(data["entry_id"]), str(data["subentry_id"]))
    return ConfirmRepairFlow()


class MappingFlow(RepairsFlow):
    """Leads into the reconfiguration of the Radarr that needs a path mapping."""

    def __init__(self, entry_id: str, subentry_id: str) -> None:
        """Take which Radarr it is about."""
        super().__init__()
        self._entry_id = entry_id
        self._subentry_id = subentry_id

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Begin."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what is wrong, then go on to the folders' form."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or self._subentry_id not in entry.subentries:
            return self.async_abort(reason="gone")
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={"service": entry.subentries[self._subentry_id].title},
            )
        flow = await self.hass.config_entries.subentries.async_init(
            (self._entry_id, RADARR),
            context=SubentryFlowContext(source=SOURCE_RECONFIGURE, subentry_id=self._subentry_id),
        )
        return self.async_create_entry(
            data={}, next_flow=(FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
        )
