"""What rTorrent and qBittorrent have in common: linking them, and what is shown of them."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import (
    CONF_API_KEY,
    CONF_PASSWORD,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    PERCENTAGE,
    UnitOfDataRate,
)
from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..clients.torrents import TorrentClient
from ..const import CONF_QUOTA_GB
from ..coordinators.remembered import RememberedTorrents
from ..coordinators.torrents import TorrentCoordinator
from ..coordinators.transfer import TransferCoordinator
from ..domain.addresses import machine_of, same_host
from ..domain.torrents import TorrentList, TorrentState
from ..flows.common import (
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
from ..flows.connecting import attempt_at
from ..flows.fields import URL
from ..flows.login import one_login
from ..options import Range
from .spec import (
    Diagnostics,
    LinkContext,
    ServiceBinaryDescription,
    ServiceSensorDescription,
    size_sensor,
)

SECRETS: Final = (CONF_PASSWORD, CONF_API_KEY)
_GB: Final = 10**9
QUOTA: Final = Range(1000, 1, 1_000_000, unit="GB")
_LOGIN: Final = (CONF_API_KEY, CONF_USERNAME, CONF_PASSWORD)


def with_login(stored: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored data with what was typed, and one way to sign in or none.

    Raise InvalidLogin.
    """
    if ":" in (typed.get(CONF_USERNAME) or ""):
        raise InvalidLogin("username_invalid", CONF_USERNAME)
    return one_login(stored, typed, CONF_API_KEY, "key_or_password")


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


def coordinator(
    context: LinkContext, subentry: ConfigSubentry, client: TorrentClient, product: str
) -> TorrentCoordinator:
    """Build what looks after one torrent client. `product` is its name."""
    quota = subentry.data.get(CONF_QUOTA_GB)
    linked = context.peers.of(TorrentCoordinator)
    transfers = context.peers.of(TransferCoordinator)
    return TorrentCoordinator(
        context.hass,
        context.entry,
        context.signals,
        client,
        context.requests,
        service=product,
        subentry_id=subentry.subentry_id,
        title=subentry.title,
        clients=lambda: tuple(linked.values()),
        remembered=RememberedTorrents(context.store.kv, subentry.subentry_id),
        max_drop=context.max_drop,
        quota_bytes=int(quota * _GB) if quota else None,
        free_elsewhere=lambda: _free_there(transfers.values(), client.url),
    )


def _free_there(transfers: Iterable[TransferCoordinator], url: str) -> int | None:
    """Say what is free where a transfer of the same host reads; None where nobody knows."""
    host = machine_of(url)
    rooms = (
        one.data.remote
        for one in transfers
        if one.connected and one.data is not None and same_host(one.client.login.host) == host
    )
    return next((room.free for room in rooms if room is not None), None)


def _diagnostics(client: TorrentCoordinator) -> dict[str, Any]:
    data = client.data
    return {
        "version": client.client.version or None,
        "torrents": {state.value: count for state, count in data.counts.items()} if data else None,
        "free_space_known": data.free_bytes is not None if data else None,
        "quota": client.quota_bytes is not None,
    }


DIAGNOSTICS: Final = Diagnostics("torrent_clients", _diagnostics)


def _count(
    key: str, value_fn: Callable[[TorrentList], int]
) -> ServiceSensorDescription[TorrentList]:
    return ServiceSensorDescription(
        key=key,
        translation_key=key,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=value_fn,
    )


def _rate(
    key: str, value_fn: Callable[[TorrentList], int]
) -> ServiceSensorDescription[TorrentList]:
    return ServiceSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.DATA_RATE,
        native_unit_of_measurement=UnitOfDataRate.BYTES_PER_SECOND,
        suggested_unit_of_measurement=UnitOfDataRate.MEGABYTES_PER_SECOND,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=value_fn,
    )


SENSORS: Final[tuple[ServiceSensorDescription[TorrentList], ...]] = (
    size_sensor("used", lambda data: data.used_bytes),
    size_sensor("free", lambda data: data.capacity.free),
    size_sensor("total", lambda data: data.capacity.total),
    ServiceSensorDescription(
        key="used_percent",
        translation_key="used_percent",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.capacity.used_percent,
    ),
    _count("torrents", len),
    _count("seeding", lambda data: data.seeding),
    _count("downloading", lambda data: data.downloading),
    _count("paused", lambda data: data.paused),
    _count("queued", lambda data: data.counts.get(TorrentState.QUEUED, 0)),
    _count("checking", lambda data: data.counts.get(TorrentState.CHECKING, 0)),
    _count("moving", lambda data: data.counts.get(TorrentState.MOVING, 0)),
    _count("errors", lambda data: data.counts.get(TorrentState.ERROR, 0)),
    _rate("upload_rate", lambda data: data.up_rate),
    _rate("download_rate", lambda data: data.down_rate),
    ServiceSensorDescription(
        key="ratio",
        translation_key="ratio",
        suggested_display_precision=2,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.ratio,
    ),
    size_sensor("uploaded_total", lambda data: data.uploaded_bytes),
    size_sensor("downloaded_total", lambda data: data.done_bytes),
    size_sensor("purgeable_size", lambda data: data.purgeable_bytes),
)
BINARY_SENSORS: Final[tuple[ServiceBinaryDescription[TorrentCoordinator], ...]] = (
    ServiceBinaryDescription(
        key="over_target",
        translation_key="over_target",
        device_class=BinarySensorDeviceClass.PROBLEM,
        is_on_fn=lambda client: client.over_target,
    ),
)
