"""Link a torrent client: rTorrent under one of its four addresses, or qBittorrent."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final, override
from urllib.parse import urlsplit

from aiohttp import CookieJar
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import (
    CONF_API_KEY,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import (
    async_create_clientsession,
    async_get_clientsession,
)
import voluptuous as vol

from ..clients.errors import Refused, Unreadable
from ..clients.qbittorrent import QBittorrentClient
from ..clients.rtorrent import RTorrentClient, normalize
from ..const import CONF_QUOTA_GB, QBITTORRENT, RTORRENT
from ..options import Range
from .common import (
    CONF_KNOWN,
    Failure,
    InvalidLogin,
    InvalidUrl,
    ServiceFlow,
    errors_of,
    known_field,
    number,
    placeholders,
    read_url,
    tls_fields,
    whole,
    without,
)
from .connecting import attempt_at
from .fields import KEY, PASSWORD, TEXT, URL, USERNAME

# Where rTorrent is spoken to behind ruTorrent's page, and behind a web server of its own.
_WAYS: Final = ("/plugins/httprpc/action.php", "/plugins/rpc/rpc.php", "/RPC2")

SECRETS: Final = (CONF_PASSWORD, CONF_API_KEY)
QUOTA: Final = Range(1000, 1, 1_000_000, unit="GB")
_LOGIN: Final = (CONF_API_KEY, CONF_USERNAME, CONF_PASSWORD)

RTORRENT_REAUTH: Final = vol.Schema(
    {vol.Optional(CONF_USERNAME): USERNAME, vol.Optional(CONF_PASSWORD): PASSWORD}
)
QBITTORRENT_REAUTH: Final = vol.Schema(
    {
        vol.Optional(CONF_USERNAME): USERNAME,
        vol.Optional(CONF_PASSWORD): PASSWORD,
        vol.Optional(CONF_API_KEY): KEY,
    }
)


def with_login(stored: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored data with what was typed, and one way to sign in or none.

    An empty password keeps the stored one of the same name; a key and a name left empty keep a
    stored key. Raise InvalidLogin.
    """
    data = {key: value for key, value in {**stored, **typed}.items() if key not in _LOGIN}
    key, username, password = (typed.get(name) or "" for name in _LOGIN)
    if key and (username or password):
        raise InvalidLogin("key_or_password", CONF_API_KEY)
    if password and not username:
        raise InvalidLogin("username_missing", CONF_USERNAME)
    if username:
        if ":" in username:
            raise InvalidLogin("username_invalid", CONF_USERNAME)
        if not password and stored.get(CONF_USERNAME) == username:
            password = stored.get(CONF_PASSWORD, "")
        if not password:
            raise InvalidLogin("password_missing", CONF_PASSWORD)
        return {**data, CONF_USERNAME: username, CONF_PASSWORD: password}
    key = key or stored.get(CONF_API_KEY, "")
    return {**data, CONF_API_KEY: key} if key else data


def read_rtorrent_url(text: str) -> str:
    """Put an address of rTorrent's in order. Raise InvalidUrl."""
    try:
        return normalize(text)
    except ValueError as err:
        raise InvalidUrl from err


async def probe_rtorrent(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Try the address, the login, and the list itself. Raise ServiceError, InvalidUrl."""
    client = RTorrentClient(
        async_get_clientsession(hass, data[CONF_VERIFY_SSL]),
        read_rtorrent_url(data[CONF_URL]),
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
    )
    await client.torrents()


async def probe_qbittorrent(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Try the address, the login, and the list itself. Raise ServiceError, InvalidUrl."""
    session = async_create_clientsession(
        hass, data[CONF_VERIFY_SSL], auto_cleanup=False, cookie_jar=CookieJar(unsafe=True)
    )
    try:
        client = QBittorrentClient(
            session,
            read_url(data[CONF_URL]),
            username=data.get(CONF_USERNAME),
            password=data.get(CONF_PASSWORD),
            api_key=data.get(CONF_API_KEY),
        )
        await client.torrents()
    finally:
        session.detach()


class TorrentFlow(ServiceFlow):
    """Link a torrent client."""

    kind: ClassVar[str]
    title: ClassVar[str]
    example: ClassVar[str]
    login: ClassVar[vol.Schema]
    # The browser's own address field takes no other schemes everywhere.
    url_field: ClassVar[object] = URL

    @staticmethod
    @abstractmethod
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Try the client with what would be saved. Raise ServiceError."""

    @staticmethod
    def read_url(text: str) -> str:
        """Put an address in order. Raise InvalidUrl."""
        return read_url(text)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a client: offer what Home Assistant knows, else ask."""
        if user_input is not None:
            return await self._try("user", user_input)
        return await self.async_step_known() if self._known() else self._form("user")

    async def async_step_known(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Take address and login from another integration's entry, when the person picks it."""
        known = self._known()
        if user_input is None:
            labels = {key: f"{title} ({data[CONF_URL]})" for key, (title, data) in known.items()}
            return self.async_show_form(
                step_id="known", data_schema=vol.Schema(known_field(labels))
            )
        if (picked := known.get(user_input[CONF_KNOWN])) is None:
            return self._form("user")
        _, data = picked
        return await self._try("user", data, shown=without(data, *SECRETS))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change anything; empty secrets keep the stored ones, an empty quota is none."""
        if user_input is not None:
            return await self._try("reconfigure", user_input)
        return self._form("reconfigure", without(self._stored(), *SECRETS))

    def _known(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return what another integration knows: id -> (title, data). Ours are left out."""
        taken = [subentry.data for subentry in self._others()]
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for entry in self.hass.config_entries.async_entries(self.kind):
            try:
                url = self.read_url(str(entry.data.get(CONF_URL, "")))
            except InvalidUrl:
                continue
            if any(self.same_thing(one, {CONF_URL: url}) for one in taken):
                continue
            data: dict[str, Any] = {
                CONF_URL: url,
                CONF_VERIFY_SSL: bool(entry.data.get(CONF_VERIFY_SSL, True)),
            }
            data |= {key: entry.data[key] for key in _LOGIN if entry.data.get(key)}
            found[entry.entry_id] = (entry.title, data)
        return found

    async def _try(
        self, step_id: str, typed: Mapping[str, Any], shown: Mapping[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Connect and save; else show the form again with what was typed, not what was taken."""
        shown = typed if shown is None else shown
        kept = {key: value for key, value in self._stored().items() if key in _LOGIN}
        try:
            data = whole(with_login(kept, typed))
        except InvalidLogin as err:
            return self._form(step_id, shown, err.failure)
        answer = await attempt_at(self.hass, data[CONF_URL], self._connect(data))
        if isinstance(answer, Failure):
            return self._form(step_id, shown, answer)
        parts = urlsplit(data[CONF_URL])
        title = self._free_title(self.title, parts.hostname or parts.path)
        return await self._save(title, answer, data)

    async def _connect(self, data: dict[str, Any]) -> str:
        """Put the address in order and try it; return the unique id."""
        data[CONF_URL] = self.read_url(data[CONF_URL])
        unique_id = f"{self.kind}:{data[CONF_URL]}"
        self._abort_if_taken(unique_id, data)
        await self.probe(self.hass, data)
        return unique_id

    def _form(
        self,
        step_id: str,
        shown: Mapping[str, Any] | None = None,
        failure: Failure | None = None,
    ) -> SubentryFlowResult:
        schema = vol.Schema(
            {
                vol.Required(CONF_URL): self.url_field,
                **self.login.schema,
                vol.Optional(CONF_QUOTA_GB): number(QUOTA),
                **tls_fields(),
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors_of(failure),
            description_placeholders=placeholders(failure, example_url=self.example),
        )


class RTorrentFlow(TorrentFlow):
    """Add or reconfigure rTorrent."""

    kind: ClassVar[str] = RTORRENT
    title: ClassVar[str] = "rTorrent"
    example: ClassVar[str] = "https://seedbox.example/RPC2"
    login: ClassVar[vol.Schema] = RTORRENT_REAUTH
    url_field: ClassVar[object] = TEXT

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        await probe_rtorrent(hass, data)

    @staticmethod
    @override
    def read_url(text: str) -> str:
        return read_rtorrent_url(text)

    @override
    async def _connect(self, data: dict[str, Any]) -> str:
        """Try the address; where it is ruTorrent's page, the way that leads to rTorrent from there.

        Raise what the address itself said where none does.
        """
        try:
            return await super()._connect(data)
        except (Unreadable, Refused) as err:
            first = err
        page = data[CONF_URL]
        for way in _WAYS if page.startswith("http") and not page.endswith(_WAYS) else ():
            data[CONF_URL] = page + way
            try:
                return await super()._connect(data)
            except Unreadable, Refused:
                continue  # nobody speaks there
        data[CONF_URL] = page
        raise first

    @override
    def _known(self) -> dict[str, tuple[str, dict[str, Any]]]:
        # Home Assistant's own rTorrent is written by hand and has no entries.
        return {}


class QBittorrentFlow(TorrentFlow):
    """Add or reconfigure qBittorrent."""

    kind: ClassVar[str] = QBITTORRENT
    title: ClassVar[str] = "qBittorrent"
    example: ClassVar[str] = "http://192.168.1.10:8080"
    login: ClassVar[vol.Schema] = QBITTORRENT_REAUTH

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        await probe_qbittorrent(hass, data)
