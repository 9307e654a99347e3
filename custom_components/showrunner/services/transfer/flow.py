"""Link a server's folder: where it is, whose host key it shows, and whether both ends can be used.

Before a person has confirmed the host key nothing is told to the server, neither name nor password.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig
import voluptuous as vol

from ...clients.errors import HostKeyChanged, HostKeyUnknown
from ...clients.transfers import TransferClient
from ...const import (
    CONF_ENGINE,
    CONF_FOLDER_MARK,
    CONF_HOST_KEY,
    CONF_IMPORT_PATH,
    CONF_LOCAL_PATH,
    CONF_PASSPHRASE,
    CONF_PRIVATE_KEY,
    CONF_REMOTE_PATH,
)
from ...flows.common import (
    Failure,
    InvalidLogin,
    ServiceFlow,
    attempt,
    errors_of,
    number,
    placeholders,
    tls_fields,
    whole,
    without,
)
from ...flows.fields import LINES, PASSWORD, TEXT, USERNAME
from ...options import Range
from . import folders
from .login import (
    IN_PROCESS,
    LFTP,
    SECRETS,
    as_typed,
    client,
    must_be_able,
    same_server,
    with_address,
    with_login,
)

KEY: Final = "transfer"
PORT: Final = Range(22, 1, 65_535)

_ENGINES: Final = SelectSelector(
    SelectSelectorConfig(options=[IN_PROCESS, LFTP], translation_key="engine")
)
LOGIN_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_PASSWORD): PASSWORD,
        vol.Optional(CONF_PRIVATE_KEY): LINES,
        vol.Optional(CONF_PASSPHRASE): PASSWORD,
    }
)
SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): TEXT,
        vol.Required(CONF_PORT, default=PORT.default): number(PORT),
        vol.Required(CONF_USERNAME): USERNAME,
        **LOGIN_SCHEMA.schema,
        vol.Required(CONF_REMOTE_PATH): TEXT,
        vol.Required(CONF_LOCAL_PATH): TEXT,
        vol.Optional(CONF_IMPORT_PATH): TEXT,
        vol.Required(CONF_ENGINE, default=IN_PROCESS): _ENGINES,
        **tls_fields(),
    }
)


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Try to sign in. Raise ServiceError."""
    made = client(data)
    try:
        await made.connect()
    finally:
        await made.close()


class TransferFlow(ServiceFlow):
    """Add or reconfigure a transfer."""

    example: ClassVar[str] = "seedbox.example"

    def __init__(self) -> None:
        """Begin with nothing typed."""
        self._step = "user"
        self._typed: dict[str, Any] = {}
        self._kept: Mapping[str, Any] = {}
        self._data: dict[str, Any] = {}
        self._stranger: HostKeyUnknown | None = None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a transfer."""
        if user_input is not None:
            return await self._read(user_input)
        return self._form()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change anything; empty secrets keep the stored ones."""
        self._step = "reconfigure"
        if user_input is not None:
            return await self._read(user_input)
        self._kept = dict(self._stored())
        self._typed = as_typed(self._kept)
        return self._form()

    async def async_step_host_key(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the host key, which counts from when the person goes on."""
        return await self._host_key("host_key", user_input)

    async def async_step_host_key_changed(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the host key beside the one that was confirmed before."""
        return await self._host_key("host_key_changed", user_input)

    async def _host_key(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        stranger = self._stranger
        assert stranger is not None  # this step comes after it was seen
        if user_input is not None:
            self._data[CONF_HOST_KEY] = stranger.key
            return await self._try()
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema({}),
            description_placeholders={
                "host": self._data[CONF_HOST],
                "shown": stranger.fingerprint,
                "pinned": stranger.pinned if isinstance(stranger, HostKeyChanged) else "",
            },
        )

    async def _read(self, typed: Mapping[str, Any]) -> SubentryFlowResult:
        """Put in order what was typed, and try it."""
        self._typed = dict(typed)
        try:
            data = with_address(with_login(self._kept, whole(typed)))
            folders.read_import_path(data, typed)
            await self.hass.async_add_executor_job(must_be_able, data)
        except InvalidLogin as err:
            return self._form(err.failure)
        if not same_server(self._kept, data):
            data.pop(CONF_HOST_KEY, None)
        # What was typed once need not be typed again.
        self._kept = self._data = data
        return await self._try()

    async def _try(self) -> SubentryFlowResult:
        """Connect, look at both ends and save; else ask what there is to ask."""
        answer = await attempt(self._look())
        match answer:
            case HostKeyUnknown():
                self._stranger = answer
                changed = isinstance(answer, HostKeyChanged)
                return await self._host_key("host_key_changed" if changed else "host_key", None)
            case Failure():
                return self._form(answer)
        data = self._data
        data[CONF_REMOTE_PATH] = answer
        unique_id = f"{KEY}:{data[CONF_USERNAME]}@{data[CONF_HOST]}:{data[CONF_PORT]}{answer}"
        self._abort_if_taken(unique_id, data)
        title = self._free_title(data[CONF_HOST], answer)
        return await self._save(title, unique_id, data, retitle=True)

    async def _look(self) -> str | HostKeyUnknown | Failure:
        """Sign in and try the folders; give the remote one's whole path."""
        data = self._data
        made = client(data)
        try:
            await made.connect()
            return await self._folders(made)
        except HostKeyUnknown as err:
            return err
        except InvalidLogin as err:
            return err.failure
        finally:
            await made.close()

    async def _folders(self, made: TransferClient) -> str:
        """Try both folders, and note by what the one here is known again; give the remote one's."""
        data, local = self._data, self._data[CONF_LOCAL_PATH]
        path = await folders.check(self.hass, made, data[CONF_REMOTE_PATH], local)
        data[CONF_FOLDER_MARK] = await folders.mark(self.hass, local)
        return path

    @staticmethod
    @override
    def same_thing(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        same = all(one.get(key) == other.get(key) for key in (CONF_USERNAME, CONF_REMOTE_PATH))
        return same and same_server(one, other)

    def _form(self, failure: Failure | None = None) -> SubentryFlowResult:
        """Show the form with what was typed; a private key only ever goes in."""
        stored = self.reconfiguring and failure is None
        hidden = SECRETS if stored else (CONF_PRIVATE_KEY,)
        return self.async_show_form(
            step_id=self._step,
            data_schema=self.add_suggested_values_to_schema(SCHEMA, without(self._typed, *hidden)),
            errors=errors_of(failure),
            description_placeholders=placeholders(failure, example_host=self.example),
        )
