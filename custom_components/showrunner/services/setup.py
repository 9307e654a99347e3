"""After Jellyfin: the menu of what can be linked, again and again, until the person is done.

It makes nothing itself. It stands among the things that can be added later, too.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.data_entry_flow import FlowResultType

from ..const import VIEWER
from ..flows import chain
from ..flows.common import ServiceFlow
from . import SERVICES

_STEP: Final = "async_step_"
_NONE: Final = "–"


class SetupFlow(ServiceFlow):
    """Leads from one service to the next, and says what is linked."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what is linked and what can be."""
        offered = [spec.key for spec in SERVICES.values() if spec.offered(self.hass)]
        return self.async_show_menu(
            step_id="user",
            menu_options=[*offered, VIEWER, "finish"],
            description_placeholders=self._linked(),
        )

    def __getattr__(self, name: str) -> Callable[..., Awaitable[SubentryFlowResult]]:
        """Give the step of one choice of the menu: on to the flow that links this."""
        kind = name.removeprefix(_STEP)
        if name == kind or kind not in (*SERVICES, VIEWER):
            raise AttributeError(name)

        async def step(user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
            return await self.lead_on(kind)

        return step

    async def async_step_finish(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """End, and say what is linked."""
        return self.async_abort(reason="finished", description_placeholders=self._linked())

    async def lead_on(self, kind: str) -> SubentryFlowResult:
        """End here and go on with the flow of one kind; it leads back."""
        entry = self._get_entry()
        begun = await chain.begin(self.hass, entry.entry_id, kind, chained=True)
        if begun["type"] is FlowResultType.ABORT:
            # There is nothing to add, such as when all users are tracked.
            return await self.async_step_user()
        result = self.async_abort(reason="goes_on", description_placeholders=self._linked())
        return chain.lead_on(result, entry, begun["flow_id"])

    def _linked(self) -> dict[str, str]:
        """Name who is tracked and what is linked."""
        entry = self._get_entry()
        viewers = [one.title for one in entry.get_subentries_of_type(VIEWER)]
        others = [one.title for one in entry.subentries.values() if one.subentry_type != VIEWER]
        return {
            "server": entry.title,
            "viewers": ", ".join(viewers) or _NONE,
            "services": ", ".join(others) or _NONE,
        }
