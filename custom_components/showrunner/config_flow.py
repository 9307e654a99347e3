"""Link one Jellyfin server: by an API key, or by an administrator's login that makes one.

Then come the viewers, whom the person chooses, and after the entry the services: the flow leads on
to their menu. Every connection is really tried, and an error leads back to the same form.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, override

from homeassistant.components.webhook import async_generate_id
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
)
from homeassistant.const import (
    CONF_API_KEY,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN, callback
from homeassistant.helpers import issue_registry as ir
import voluptuous as vol

from .const import CONF_ADD_WEBHOOK, CONF_WEBHOOK_ID, DOMAIN, SETUP, VIEWER
from .coordinators.reauth import issue_id
from .flows import chain, jellyfin
from .flows.common import (
    CONF_KNOWN,
    SWITCH,
    Failure,
    InvalidLogin,
    attempt,
    errors_of,
    known_field,
    placeholders,
    without,
)
from .flows.connecting import attempt_at
from .flows.fields import KEY
from .flows.keyed import with_key
from .flows.viewer import (
    CONF_VIEWERS,
    ViewerFlow,
    read_users,
    several_field,
    subentries,
)
from .options_flow import ShowrunnerOptionsFlow
from .services import SERVICES
from .services.setup import SetupFlow
from .services.spec import Reauth

_PRODUCT: Final = "Jellyfin"
_EXAMPLE: Final = "http://192.168.1.10:8096"


class ShowrunnerConfigFlow(ConfigFlow, domain=DOMAIN):
    """Add a Jellyfin server, change it, or prove a key again."""

    VERSION = 1

    def __init__(self) -> None:
        """Begin with nothing linked."""
        self._link: jellyfin.Link | None = None
        self._webhook_id = ""
        self._subentry_id = ""
        self._data: dict[str, Any] = {}
        self._users: dict[str, str] = {}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return ShowrunnerOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        services = {spec.key: spec.flow for spec in SERVICES.values()}
        return {VIEWER: ViewerFlow, **services, SETUP: SetupFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose how to link the server."""
        options = ["api_key", "login"]
        if self._known():
            options.insert(0, "known")
        return self.async_show_menu(step_id="user", menu_options=options)

    async def async_step_api_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Link with an API key."""
        failure: Failure | None = None
        if user_input is not None:
            answer = await attempt_at(
                self.hass, user_input[CONF_URL], jellyfin.link(self.hass, user_input)
            )
            if not isinstance(answer, Failure):
                return await self._linked(answer)
            failure = answer
        shown = self._first_known_url() if user_input is None else user_input
        return self._form("api_key", jellyfin.key_schema(), shown, failure)

    async def async_step_login(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Link with an administrator's name and password, used once."""
        failure: Failure | None = None
        if user_input is not None:
            answer = await self._login(user_input)
            if not isinstance(answer, Failure):
                return await self._linked(answer)
            failure = answer
        shown = self._first_known_url() if user_input is None else user_input
        return self._form("login", jellyfin.login_schema(), shown, failure)

    async def async_step_known(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Sign in once with what Home Assistant's Jellyfin integration has, if asked to."""
        known = self._known()
        if user_input is None:
            labels = {key: f"{title} ({data[CONF_URL]})" for key, (title, data) in known.items()}
            return self.async_show_form(
                step_id="known", data_schema=vol.Schema(known_field(labels))
            )
        if (picked := known.get(user_input[CONF_KNOWN])) is None:
            return await self.async_step_api_key()
        _, data = picked
        answer = await self._login(data)
        if not isinstance(answer, Failure):
            return await self._linked(answer)
        return self._form("login", jellyfin.login_schema(), without(data, CONF_PASSWORD), answer)

    async def async_step_webhook(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer to add our webhook to Jellyfin's Webhook plugin."""
        if user_input is not None:
            return await self._agreed(add_webhook=user_input[CONF_ADD_WEBHOOK])
        default = True
        if self.source == SOURCE_RECONFIGURE:
            default = self._get_reconfigure_entry().data.get(CONF_ADD_WEBHOOK, True)
        return self.async_show_form(
            step_id="webhook",
            data_schema=vol.Schema({vol.Required(CONF_ADD_WEBHOOK, default=default): SWITCH}),
        )

    async def async_step_webhook_no_plugin(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that Jellyfin has no Webhook plugin, and that polling does."""
        return await self._without_webhook("webhook_no_plugin", user_input)

    async def async_step_webhook_no_url(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that Home Assistant has no address in the home, and that polling does."""
        return await self._without_webhook("webhook_no_url", user_input)

    async def async_step_viewers(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask who is tracked: several at once, nobody unless the person says so."""
        if user_input is not None:
            return self._finish(user_input.get(CONF_VIEWERS, []))
        assert self._link is not None  # the link comes first
        users = await attempt(read_users(self.hass, self._link.data))
        if isinstance(users, Failure) or not users:
            # A repair says that nobody is tracked, and asks again.
            return self._finish([])
        self._users = users
        return self.async_show_form(step_id="viewers", data_schema=vol.Schema(several_field(users)))

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Lead on to the services."""
        first = await chain.begin(self.hass, result["result"].entry_id, SETUP)
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, first["flow_id"])
        return result

    @callback
    @override
    def async_remove(self) -> None:
        """Take back the repair that led to a service's question when the question is gone."""
        if subentry_id := self.context.get("subentry_id"):
            name = issue_id(self.context["entry_id"], str(subentry_id))
            ir.async_delete_issue(self.hass, HOMEASSISTANT_DOMAIN, name)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Prove a key again: the server's, or that of the subentry named by `subentry_id`."""
        self._subentry_id = entry_data.get("subentry_id", "")
        if self._subentry_id:
            return await self.async_step_reauth_service()
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new API key for the same server."""
        entry = self._get_reauth_entry()
        failure: Failure | None = None
        if user_input is not None:
            answer = await self._same_server(entry, {**entry.data, **user_input})
            if not isinstance(answer, Failure):
                return self.async_update_and_abort(entry, data_updates=answer.data)
            failure = answer
        schema = vol.Schema({vol.Required(CONF_API_KEY): KEY})
        return self._form("reauth_confirm", schema, user_input, failure, name=entry.title)

    async def async_step_reauth_service(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new key for one linked service."""
        entry = self._get_reauth_entry()
        subentry = entry.subentries.get(self._subentry_id)
        spec = SERVICES.get(subentry.subentry_type) if subentry else None
        reauth = spec.reauth if spec else None
        if subentry is None or reauth is None:
            return self.async_abort(reason="service_removed")
        failure: Failure | None = None
        if user_input is not None:
            answer = await self._try_service(reauth, subentry, user_input)
            if not isinstance(answer, Failure):
                self.hass.config_entries.async_update_subentry(entry, subentry, data=answer)
                return self.async_update_and_abort(entry)
            failure = answer
        return self._form(
            "reauth_service",
            reauth.schema,
            user_input,
            failure,
            name=subentry.title,
            product=subentry.title,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the address or the key of the same server; an empty key keeps the stored one."""
        entry = self._get_reconfigure_entry()
        failure: Failure | None = None
        if user_input is not None:
            answer = await self._same_server(entry, with_key(entry.data, user_input))
            if not isinstance(answer, Failure):
                return await self._linked(answer)
            failure = answer
        shown = without(entry.data, CONF_API_KEY) if user_input is None else user_input
        return self._form("reconfigure", jellyfin.key_schema(keep=True), shown, failure)

    def _known(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return what Home Assistant's Jellyfin integration has: id -> (title, data)."""
        return {
            entry.entry_id: (
                entry.title,
                {
                    CONF_URL: str(entry.data[CONF_URL]),
                    CONF_USERNAME: entry.data[CONF_USERNAME],
                    CONF_PASSWORD: entry.data.get(CONF_PASSWORD, ""),
                    CONF_VERIFY_SSL: True,
                },
            )
            for entry in self.hass.config_entries.async_entries(jellyfin.KNOWN_DOMAIN)
            if {CONF_URL, CONF_USERNAME} <= entry.data.keys()
        }

    def _first_known_url(self) -> dict[str, str]:
        """Suggest the address of a Jellyfin that Home Assistant knows."""
        return next(({CONF_URL: data[CONF_URL]} for _, data in self._known().values()), {})

    async def _login(self, typed: Mapping[str, Any]) -> jellyfin.Link | Failure:
        """See that the server is not linked yet before a key is made on it, then sign in."""
        server = await attempt_at(self.hass, typed[CONF_URL], jellyfin.server(self.hass, typed))
        if isinstance(server, Failure):
            return server
        # A tab that was closed left its flow behind: it stands in nobody's way.
        await self.async_set_unique_id(server.id, raise_on_progress=False)
        self._abort_if_unique_id_configured(reload_on_update=False)
        return await attempt(jellyfin.link_by_login(self.hass, typed))

    async def _same_server(
        self, entry: ConfigEntry, data: Mapping[str, Any]
    ) -> jellyfin.Link | Failure:
        """Try the data; another server than the entry's is refused."""
        answer = await attempt_at(self.hass, data[CONF_URL], jellyfin.link(self.hass, data))
        if isinstance(answer, Failure) or answer.server.id == entry.unique_id:
            return answer
        return Failure("wrong_server", detail=answer.server.name)

    async def _try_service(
        self, reauth: Reauth, subentry: ConfigSubentry, typed: Mapping[str, Any]
    ) -> dict[str, Any] | Failure:
        """Try the subentry's data with what was typed; return it when it works."""
        try:
            data = reauth.merge(subentry.data, typed)
        except InvalidLogin as err:
            return err.failure
        answer = await attempt(reauth.probe(self.hass, data))
        return answer if isinstance(answer, Failure) else data

    async def _linked(self, link: jellyfin.Link) -> ConfigFlowResult:
        """Go on after a good answer: to the webhook, as far as there can be one."""
        self._link = link
        if self.source == SOURCE_RECONFIGURE:
            self._webhook_id = self._get_reconfigure_entry().data[CONF_WEBHOOK_ID]
        else:
            await self.async_set_unique_id(link.server.id, raise_on_progress=False)
            self._abort_if_unique_id_configured(reload_on_update=False)
            self._webhook_id = async_generate_id()
        if jellyfin.internal_webhook_url(self.hass, self._webhook_id) is None:
            return await self.async_step_webhook_no_url()
        plugin = await attempt(jellyfin.has_webhook_plugin(self.hass, link.data))
        # No answer is not "no plugin": then it is offered, and set-up tells how it went.
        if plugin is False:
            return await self.async_step_webhook_no_plugin()
        return await self.async_step_webhook()

    async def _without_webhook(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        if user_input is not None:
            return await self._agreed(add_webhook=False)
        return self.async_show_form(step_id=step_id, data_schema=vol.Schema({}))

    async def _agreed(self, *, add_webhook: bool) -> ConfigFlowResult:
        """Save the link, or go on to the viewers of a new one."""
        assert self._link is not None  # the webhook steps come after it
        data = {**self._link.data, CONF_ADD_WEBHOOK: add_webhook}
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(self._get_reconfigure_entry(), data_updates=data)
        self._data = {**data, CONF_WEBHOOK_ID: self._webhook_id}
        return await self.async_step_viewers()

    def _finish(self, viewers: Iterable[str]) -> ConfigFlowResult:
        """Make the entry, with those whom the person chose."""
        assert self._link is not None  # the viewers come after it
        return self.async_create_entry(
            title=self._link.server.name,
            data=self._data,
            subentries=subentries(self._users, viewers),
        )

    def _form(
        self,
        step_id: str,
        schema: vol.Schema,
        shown: Mapping[str, Any] | None,
        failure: Failure | None,
        **texts: str,
    ) -> ConfigFlowResult:
        texts = {"product": _PRODUCT, "example_url": _EXAMPLE, **texts}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors_of(failure),
            description_placeholders=placeholders(failure, **texts),
        )
