"""Let Showrunner tell its news through one of Home Assistant's own notify targets."""

from typing import Any

from homeassistant.components.notify.const import DOMAIN as NOTIFY_DOMAIN, SERVICE_SEND_MESSAGE
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import CONF_EVENTS, CONF_TARGET, NOTIFY
from ..jobs.messages import BY_DEFAULT
from .common import ServiceFlow, events
from .fields import choice, named


def targets(hass: HomeAssistant) -> dict[str, str]:
    """Return all notify entities and actions: target -> label. An entity wins over an action."""
    found = {
        f"{NOTIFY_DOMAIN}.{action}": f"{NOTIFY_DOMAIN}.{action}"
        for action in sorted(hass.services.async_services_for_domain(NOTIFY_DOMAIN))
        if action != SERVICE_SEND_MESSAGE
    }
    found.update(
        (state.entity_id, f"{state.name} ({state.entity_id})")
        for state in hass.states.async_all(NOTIFY_DOMAIN)
    )
    return found


class NotifyFlow(ServiceFlow):
    """Add or reconfigure a notify target."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose the target and the events."""
        return await self._ask("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose another target or other events."""
        return await self._ask("reconfigure", user_input)

    async def _ask(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        stored = self._stored()
        found = targets(self.hass)
        if stored:
            # A phone that is away now stays what it was.
            found.setdefault(stored[CONF_TARGET], stored[CONF_TARGET])
        if not found:
            return self.async_abort(reason="no_targets")
        if user_input is not None:
            target = user_input[CONF_TARGET]
            self._abort_if_taken(f"{NOTIFY}:{target}")
            title = found[target].removesuffix(f" ({target})")
            return await self._save(title, f"{NOTIFY}:{target}", user_input, retitle=True)
        schema = vol.Schema(
            {
                vol.Required(CONF_TARGET): choice(
                    [named(target, label) for target, label in found.items()]
                ),
                vol.Required(CONF_EVENTS, default=list(BY_DEFAULT)): events(),
            }
        )
        return self.async_show_form(
            step_id=step_id, data_schema=self.add_suggested_values_to_schema(schema, stored)
        )
