"""Link a service that takes an address and an API key: the form, the try, and saving it."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from aiohttp import ClientSession
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import voluptuous as vol
from yarl import URL as Address  # noqa: N811

from .common import (
    CONF_KNOWN,
    Failure,
    InvalidUrl,
    ServiceFlow,
    errors_of,
    known_field,
    placeholders,
    read_url,
    tls_fields,
    url_fields,
    without,
)
from .connecting import attempt_at
from .fields import KEY

REAUTH_SCHEMA = vol.Schema({vol.Required(CONF_API_KEY): KEY})


def keyed_client[ClientT](
    hass: HomeAssistant,
    data: Mapping[str, Any],
    client: Callable[[ClientSession, str, str], ClientT],
) -> ClientT:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    session = async_get_clientsession(hass, data[CONF_VERIFY_SSL])
    return client(session, read_url(data[CONF_URL]), data[CONF_API_KEY])


def with_key(stored: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored data with what was typed; an empty key keeps the stored one."""
    key = typed.get(CONF_API_KEY) or stored.get(CONF_API_KEY, "")
    return {**stored, **typed, CONF_API_KEY: key}


class KeyedFlow(ServiceFlow):
    """Link a service that takes an address and an API key."""

    kind: ClassVar[str]
    example: ClassVar[str]
    # The integration that may know it already, where that is called otherwise.
    known_domain: ClassVar[str] = ""

    def __init__(self) -> None:
        """Begin with nothing linked."""
        self._data: dict[str, Any] = {}
        self._title = ""

    @staticmethod
    @abstractmethod
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        """Ask the service with url, api_key, verify_ssl; return its name. Raise ServiceError."""

    @property
    def _unique_id(self) -> str:
        return f"{self.kind}:{self._data[CONF_URL]}"

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a service: offer what Home Assistant knows, else ask for address and key."""
        if user_input is not None:
            return await self._try("user", user_input)
        if self._known():
            return await self.async_step_known()
        return self._form("user")

    async def async_step_known(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take address and key from another integration's entry, when the person picks it."""
        known = self._known()
        if user_input is None:
            labels = {key: f"{title} ({data[CONF_URL]})" for key, (title, data) in known.items()}
            return self.async_show_form(
                step_id="known",
                data_schema=vol.Schema(known_field(labels)),
            )
        if (picked := known.get(user_input[CONF_KNOWN])) is None:
            return self._form("user")
        _, data = picked
        return await self._try("user", data, shown=without(data, CONF_API_KEY))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change address or key; an empty key keeps the stored one."""
        if user_input is not None:
            return await self._try("reconfigure", user_input)
        return self._form("reconfigure", without(self._stored(), CONF_API_KEY))

    def _known(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return what other integrations know: id -> (title, data). Ours are left out."""
        taken = [subentry.data for subentry in self._others()]
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for entry in self.hass.config_entries.async_entries(self.known_domain or self.kind):
            kept = self._known_data(entry.data)
            try:
                url = read_url(str(kept.get(CONF_URL, "")))
            except InvalidUrl:
                continue
            known = any(self.same_thing(one, {CONF_URL: url}) for one in taken)
            if not known and kept.get(CONF_API_KEY):
                data = {
                    CONF_URL: url,
                    CONF_API_KEY: kept[CONF_API_KEY],
                    CONF_VERIFY_SSL: bool(kept.get(CONF_VERIFY_SSL, True)),
                }
                found[entry.entry_id] = (entry.title, data)
        return found

    def _known_data(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Read url, api_key and verify_ssl of what another integration keeps."""
        return data

    async def _try(
        self,
        step_id: str,
        typed: Mapping[str, Any],
        shown: Mapping[str, Any] | None = None,
    ) -> SubentryFlowResult:
        """Connect; go on when it works, else show the form again with what was typed."""
        data = with_key(self._stored(), typed)
        answer = await attempt_at(self.hass, data[CONF_URL], self._connect(data))
        if isinstance(answer, Failure):
            return self._form(step_id, typed if shown is None else shown, answer)
        self._title = answer
        return await self._linked()

    async def _connect(self, data: dict[str, Any]) -> str:
        data[CONF_URL] = read_url(data[CONF_URL])
        self._data = data
        self._abort_if_taken(self._unique_id, data)
        name = await self.probe(self.hass, data)
        await self._abort_if_same_server(data)
        return name

    async def _linked(self) -> SubentryFlowResult:
        """Go on after a good answer: save, unless the service has more to ask."""
        host = Address(self._data[CONF_URL]).host or self.kind
        return await self._save(self._free_title(self._title, host), self._unique_id, self._data)

    def _form(
        self,
        step_id: str,
        shown: Mapping[str, Any] | None = None,
        failure: Failure | None = None,
    ) -> SubentryFlowResult:
        """Show address and key with the values that may be shown."""
        key = vol.Optional if self.reconfiguring else vol.Required
        schema = vol.Schema({**url_fields(), key(CONF_API_KEY): KEY, **tls_fields()})
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors_of(failure),
            description_placeholders=placeholders(failure, example_url=self.example),
        )
