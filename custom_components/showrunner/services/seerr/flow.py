"""Link Seerr: address and key, and its only webhook."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.components.webhook import async_generate_id
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import (
    CONF_API_KEY,
    CONF_HOST,
    CONF_PORT,
    CONF_SSL,
    CONF_URL,
)
from homeassistant.core import HomeAssistant
import voluptuous as vol
from yarl import URL as Address  # noqa: N811

from ...clients.seerr import SeerrClient, WebhookUse
from ...const import CONF_ADD_WEBHOOK, CONF_WEBHOOK_ID
from ...flows import jellyfin
from ...flows.common import SWITCH, Failure, attempt
from ...flows.keyed import KeyedFlow, keyed_client

KEY: Final = "seerr"


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> SeerrClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    return keyed_client(hass, data, SeerrClient)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    seerr = client(hass, data)
    await seerr.check()
    return await seerr.name()


class SeerrFlow(KeyedFlow):
    """Add or reconfigure Seerr; ask whether it may call us, unless it calls somebody else."""

    kind: ClassVar[str] = KEY
    known_domain: ClassVar[str] = "overseerr"
    example: ClassVar[str] = "http://192.168.1.10:5055"

    @staticmethod
    @override
    async def identity(hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        return await client(hass, data).identity()

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)

    @override
    def _known_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Read what Home Assistant's own Seerr integration keeps: host, port and ssl."""
        scheme = "https" if data.get(CONF_SSL) else "http"
        host, port = data.get(CONF_HOST), data.get(CONF_PORT)
        url = str(Address.build(scheme=scheme, host=host, port=port)) if host else ""
        return {**data, CONF_URL: url, CONF_API_KEY: data.get(CONF_API_KEY)}

    @override
    async def _linked(self) -> SubentryFlowResult:
        """Go on to the webhook. There is one only, and it may have another use already."""
        self._data[CONF_WEBHOOK_ID] = self._stored().get(CONF_WEBHOOK_ID) or async_generate_id()
        path = f"/api/webhook/{self._data[CONF_WEBHOOK_ID]}"
        use = await attempt(client(self.hass, self._data).notifications.look(path))
        # No answer is not "taken": then it is offered, and set-up tells how it went.
        if not isinstance(use, Failure) and use is WebhookUse.FOREIGN:
            return await self.async_step_webhook_taken()
        if use is WebhookUse.OURS:
            return await self.async_step_webhook_ours()
        return await self.async_step_webhook()

    async def async_step_webhook(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Offer to take Seerr's only webhook."""
        return await self._ask_webhook("webhook", user_input)

    async def async_step_webhook_ours(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that it calls us already, and offer to give it back."""
        return await self._ask_webhook("webhook_ours", user_input)

    async def _ask_webhook(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        if user_input is not None:
            return await self._finish(add_webhook=user_input[CONF_ADD_WEBHOOK])
        default = self._stored().get(CONF_ADD_WEBHOOK, True)
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema({vol.Required(CONF_ADD_WEBHOOK, default=default): SWITCH}),
            description_placeholders={"webhook_url": await jellyfin.shown_webhook_url(self.hass)},
        )

    async def async_step_webhook_taken(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that Seerr's only webhook is somebody else's, and that polling does."""
        if user_input is not None:
            return await self._finish(add_webhook=False)
        return self.async_show_form(step_id="webhook_taken", data_schema=vol.Schema({}))

    async def _finish(self, *, add_webhook: bool) -> SubentryFlowResult:
        self._data[CONF_ADD_WEBHOOK] = add_webhook
        return await super()._linked()
