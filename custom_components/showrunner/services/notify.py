"""Showrunner tells its news through one of Home Assistant's own notify targets."""

from typing import Any, Final

from homeassistant.components.notify.const import DOMAIN as NOTIFY_DOMAIN, SERVICE_SEND_MESSAGE
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import CONF_EVENTS, CONF_TARGET
from ..coordinators.base import ServiceCoordinator
from ..flows.common import (
    CONF_TEST,
    SWITCH,
    TEST,
    Failure,
    ServiceFlow,
    errors_of,
    events,
    placeholders,
    without,
)
from ..flows.fields import choice, named
from ..jobs.channels import (
    CONF_DEVICE_NAME,
    MOBILE_APP,
    Addresses,
    Channel,
    NotDelivered,
    NotifyChannel,
    phone_action,
)
from ..jobs.messages import BY_DEFAULT
from ..texts import said
from .spec import ServiceSpec

KEY: Final = "notify"


def targets(hass: HomeAssistant) -> dict[str, str]:
    """Return all notify entities and actions: target -> label. An entity wins over an action."""
    phones = {
        phone_action(phone.data.get(CONF_DEVICE_NAME)): phone.title
        for phone in hass.config_entries.async_entries(MOBILE_APP)
    }
    found = {
        f"{NOTIFY_DOMAIN}.{action}": _named(f"{NOTIFY_DOMAIN}.{action}", phones.get(action))
        for action in sorted(hass.services.async_services_for_domain(NOTIFY_DOMAIN))
        if action != SERVICE_SEND_MESSAGE
    }
    found.update(
        (state.entity_id, _named(state.entity_id, state.name))
        for state in hass.states.async_all(NOTIFY_DOMAIN)
    )
    return found


def _named(target: str, name: str | None) -> str:
    """Name a target as people know it; what has no name goes by its own."""
    return f"{name} ({target})" if name else target


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
        failure: Failure | None = None
        if user_input is not None:
            target = user_input[CONF_TARGET]
            self._abort_if_taken(f"{KEY}:{target}")
            failure = await self._test(target) if user_input[CONF_TEST] else None
            if failure is None:
                title = found[target].removesuffix(f" ({target})")
                data = without(user_input, CONF_TEST)
                return await self._save(title, f"{KEY}:{target}", data, retitle=True)
        schema = vol.Schema(
            {
                vol.Required(CONF_TARGET): choice(
                    [named(target, label) for target, label in found.items()]
                ),
                vol.Required(CONF_EVENTS, default=list(BY_DEFAULT)): events(),
                **self._viewer_field(),
                vol.Required(CONF_TEST, default=True): SWITCH,
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, user_input or stored),
            errors=errors_of(failure),
            description_placeholders=placeholders(failure),
        )

    async def _test(self, target: str) -> Failure | None:
        """Send a message, so that the person sees it arrive."""
        try:
            spoken = TEST.put(lambda words: said(self.hass, words))
            await NotifyChannel(self.hass, target).send(spoken)
        except NotDelivered as err:
            return Failure("not_delivered", detail=said(self.hass, err.said).rstrip(" ."))
        return None


def channel(
    hass: HomeAssistant,
    subentry: ConfigSubentry,
    _: ServiceCoordinator[Any] | None,
    __: Addresses,
) -> Channel:
    """Give the way to tell news."""
    return NotifyChannel(hass, subentry.data[CONF_TARGET])


SPEC: Final = ServiceSpec[ServiceCoordinator[Any]](
    key=KEY,
    flow=NotifyFlow,
    channel=channel,
    offered=lambda hass: bool(targets(hass)),
)
