"""ntfy: Showrunner tells its news through a topic of a server."""

from collections.abc import Mapping
from functools import partial
import re
from typing import Any, Final, override

from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_TOKEN,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..clients.ntfy import NtfyClient, NtfyMessage
from ..const import CONF_EVENTS, CONF_PRIORITY, CONF_TOPIC, CONF_VIEWER
from ..coordinators.ntfy import NtfyCoordinator
from ..flows.common import (
    CONF_KNOWN,
    CONF_TEST,
    SWITCH,
    TEST,
    Failure,
    InvalidLogin,
    InvalidUrl,
    ServiceFlow,
    errors_of,
    events,
    known_field,
    placeholders,
    read_url,
    tls_fields,
    url_fields,
    without,
)
from ..flows.connecting import attempt_at
from ..flows.fields import KEY as KEY_FIELD, PASSWORD, TEXT, USERNAME
from ..flows.login import one_login
from ..jobs.channels import Addresses, Channel, NtfyChannel
from ..jobs.messages import BY_DEFAULT
from ..texts import said
from .spec import LinkContext, Reauth, ServiceSpec

KEY: Final = "ntfy"

PUBLIC_SERVER: Final = "https://ntfy.sh"
PRIORITIES: Final = ("1", "2", "3", "4", "5")
DEFAULT_PRIORITY: Final = "3"
SECRETS: Final = (CONF_TOKEN, CONF_PASSWORD)

_TOPIC: Final = re.compile(r"[-_A-Za-z0-9]{1,64}")

REAUTH_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_TOKEN): KEY_FIELD,
        vol.Optional(CONF_USERNAME): USERNAME,
        vol.Optional(CONF_PASSWORD): PASSWORD,
    }
)


# Joins what was typed with the stored data, to one way to sign in or none. Raises InvalidLogin.
with_login: Final = partial(one_login, secret=CONF_TOKEN, both="token_or_password")


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> NtfyClient:
    """Build a client from the server, the topic and the way to sign in. Raise InvalidUrl."""
    return NtfyClient(
        async_get_clientsession(hass, data[CONF_VERIFY_SSL]),
        read_url(data[CONF_URL]),
        data[CONF_TOPIC],
        token=data.get(CONF_TOKEN),
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
    )


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Try the server, the topic and the way to sign in. Raise ServiceError, InvalidUrl."""
    ntfy = client(hass, data)
    await ntfy.check()
    if data.get(CONF_TEST):
        # Only publishing tells whether we may publish.
        spoken = TEST.put(lambda words: said(hass, words))
        await ntfy.publish(NtfyMessage(spoken.title, spoken.text, int(data[CONF_PRIORITY])))


def coordinator(context: LinkContext, subentry: ConfigSubentry) -> NtfyCoordinator:
    """Build what looks after one topic."""
    return NtfyCoordinator(
        context.hass,
        context.entry,
        context.signals,
        client(context.hass, subentry.data),
        subentry_id=subentry.subentry_id,
        title=subentry.title,
    )


def channel(
    hass: HomeAssistant,
    subentry: ConfigSubentry,
    looked_after: NtfyCoordinator | None,
    addresses: Addresses,
) -> Channel:
    """Give the way to tell news."""
    assert looked_after is not None  # a topic has a coordinator as long as it is linked
    priority = int(subentry.data.get(CONF_PRIORITY, DEFAULT_PRIORITY))
    return NtfyChannel(looked_after.client, priority, addresses)


class NtfyFlow(ServiceFlow):
    """Add or reconfigure an ntfy topic."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a topic: offer those that Home Assistant knows, else ask."""
        if user_input is not None:
            return await self._try("user", user_input)
        return await self.async_step_known() if self._known() else self._form("user")

    async def async_step_known(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take a topic, its server and its token from the ntfy integration."""
        known = self._known()
        if user_input is None:
            labels = {key: f"{data[CONF_TOPIC]} ({data[CONF_URL]})" for key, data in known.items()}
            return self.async_show_form(
                step_id="known",
                data_schema=vol.Schema({**known_field(labels), **self._channel_fields()}),
            )
        channel = without(user_input, CONF_KNOWN)
        if (data := known.get(user_input[CONF_KNOWN])) is None:
            return self._form("user", channel)
        return await self._try("user", {**data, **channel}, borrowed=True)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change anything; empty secrets keep the stored ones."""
        if user_input is not None:
            return await self._try("reconfigure", user_input)
        shown = without(self._stored(), *SECRETS)
        return self._form("reconfigure", {**shown, CONF_PRIORITY: str(shown[CONF_PRIORITY])})

    def _known(self) -> dict[str, dict[str, Any]]:
        """Return the ntfy integration's topics that are not ours yet: id -> our data."""
        taken = [subentry.data for subentry in self._others()]
        found: dict[str, dict[str, Any]] = {}
        for entry in self.hass.config_entries.async_entries(KEY):
            try:
                url = read_url(str(entry.data.get(CONF_URL, "")))
            except InvalidUrl:
                continue
            login = {CONF_TOKEN: token} if (token := entry.data.get(CONF_TOKEN)) else {}
            verify = bool(entry.data.get(CONF_VERIFY_SSL, True))
            for subentry in entry.subentries.values():
                topic = str(subentry.data.get(CONF_TOPIC, ""))
                channel = {CONF_URL: url, CONF_TOPIC: topic}
                if topic and not any(self.same_thing(one, channel) for one in taken):
                    found[subentry.subentry_id] = {
                        **channel,
                        CONF_VERIFY_SSL: verify,
                        **login,
                    }
        return found

    @staticmethod
    @override
    def same_thing(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        return one[CONF_TOPIC] == other[CONF_TOPIC] and ServiceFlow.same_thing(one, other)

    async def _try(
        self, step_id: str, typed: Mapping[str, Any], *, borrowed: bool = False
    ) -> SubentryFlowResult:
        """Connect and save; else show the form again with what was typed, not what was taken."""
        try:
            # Emptied it is nobody's phone; what else is stored stays.
            data = with_login(without(self._stored(), CONF_VIEWER), typed)
            if not _TOPIC.fullmatch(data[CONF_TOPIC]):
                raise InvalidLogin("invalid_topic", CONF_TOPIC)
        except InvalidLogin as err:
            return self._form(step_id, typed, err.failure)
        answer = await attempt_at(self.hass, data[CONF_URL], self._connect(data))
        if isinstance(answer, Failure):
            return self._form(step_id, without(typed, *SECRETS) if borrowed else typed, answer)
        topic = data[CONF_TOPIC]
        return await self._save(self._free_title(topic, data[CONF_URL]), answer, data, retitle=True)

    async def _connect(self, data: dict[str, Any]) -> str:
        """Try the channel, put the address and the priority in order; return its unique id."""
        data[CONF_URL] = read_url(data[CONF_URL])
        data[CONF_PRIORITY] = int(data[CONF_PRIORITY])
        unique_id = f"{KEY}:{data[CONF_URL]}/{data[CONF_TOPIC]}"
        self._abort_if_taken(unique_id, data)
        await probe(self.hass, data)
        data.pop(CONF_TEST, None)
        return unique_id

    def _form(
        self,
        step_id: str,
        shown: Mapping[str, Any] | None = None,
        failure: Failure | None = None,
    ) -> SubentryFlowResult:
        schema = vol.Schema(
            {
                **url_fields(),
                vol.Required(CONF_TOPIC): TEXT,
                **REAUTH_SCHEMA.schema,
                **self._channel_fields(),
                **tls_fields(),
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                schema, {CONF_URL: PUBLIC_SERVER, **(shown or {})}
            ),
            errors=errors_of(failure),
            description_placeholders=placeholders(failure, example_url=PUBLIC_SERVER),
        )

    def _channel_fields(self) -> Mapping[vol.Marker, object]:
        """Return what the channel tells, how loudly, and to whom."""
        priority = SelectSelectorConfig(
            options=list(PRIORITIES),
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=CONF_PRIORITY,
        )
        return {
            vol.Required(CONF_EVENTS, default=list(BY_DEFAULT)): events(),
            vol.Required(CONF_PRIORITY, default=DEFAULT_PRIORITY): SelectSelector(priority),
            **self._viewer_field(),
            vol.Required(CONF_TEST, default=True): SWITCH,
        }


SPEC: Final = ServiceSpec(
    key=KEY,
    manufacturer="ntfy",
    model="ntfy",
    flow=NtfyFlow,
    coordinator=coordinator,
    reauth=Reauth(REAUTH_SCHEMA, with_login, probe),
    channel=channel,
)
