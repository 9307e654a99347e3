"""After Jellyfin: the menu of what can be linked, again and again, until the person is done.

It makes nothing itself. It stands among the things that can be added later, too.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.data_entry_flow import FlowResultType

from ..const import (
    JELLYSTAT,
    NOTIFY,
    NTFY,
    PROWLARR,
    QBITTORRENT,
    RADARR,
    RTORRENT,
    SEERR,
    SHOKO,
    SONARR,
    VIEWER,
)
from . import chain
from .common import ServiceFlow
from .notify import targets

# In the order of what they are good for.
OFFERED: Final = (
    RADARR,
    SONARR,
    SEERR,
    QBITTORRENT,
    RTORRENT,
    PROWLARR,
    SHOKO,
    JELLYSTAT,
    NTFY,
    NOTIFY,
    VIEWER,
)
_NONE: Final = "–"

type _Step = Callable[[SetupFlow, dict[str, Any] | None], Awaitable[SubentryFlowResult]]


def _leads_to(kind: str) -> _Step:
    """Make the step of one choice: on to the flow that links this."""

    async def step(flow: SetupFlow, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        return await flow.lead_on(kind)

    return step


class SetupFlow(ServiceFlow):
    """Leads from one service to the next, and says what is linked."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what is linked and what can be."""
        offered = [kind for kind in OFFERED if kind != NOTIFY or targets(self.hass)]
        return self.async_show_menu(
            step_id="user",
            menu_options=[*offered, "finish"],
            description_placeholders=self._linked(),
        )

    async_step_radarr = _leads_to(RADARR)
    async_step_sonarr = _leads_to(SONARR)
    async_step_seerr = _leads_to(SEERR)
    async_step_qbittorrent = _leads_to(QBITTORRENT)
    async_step_rtorrent = _leads_to(RTORRENT)
    async_step_prowlarr = _leads_to(PROWLARR)
    async_step_shoko = _leads_to(SHOKO)
    async_step_jellystat = _leads_to(JELLYSTAT)
    async_step_ntfy = _leads_to(NTFY)
    async_step_notify = _leads_to(NOTIFY)
    async_step_viewer = _leads_to(VIEWER)

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
