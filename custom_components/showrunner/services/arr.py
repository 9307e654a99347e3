"""What Radarr, Sonarr and Prowlarr have in common, and what only the first two have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Protocol, override

from aiohttp import ClientSession
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import (
    CONF_API_KEY,
    CONF_URL,
    CONF_VERIFY_SSL,
    EntityCategory,
    UnitOfInformation,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..clients.arr import ArrClient, ArrStatus, named_on_its_page
from ..clients.errors import Unauthorized, WrongProduct
from ..const import CONF_PATH_MAP, CONF_PERMANENT_FOLDERS
from ..coordinators.arr import ArrCoordinator, ArrData
from ..domain.paths import PathMap, PathPair
from ..domain.text import say
from ..flows.common import read_url
from ..flows.keyed import KeyedFlow, keyed_client
from .spec import Diagnostics, LinkContext, Notifications, ServiceSensorDescription, Webhook


class _AsksWho(Protocol):
    async def status(self) -> ArrStatus: ...


@dataclass(frozen=True, slots=True)
class ArrLink[ClientT: _AsksWho]:
    """Reaches a Radarr, Sonarr or Prowlarr by url, api_key and verify_ssl."""

    kind: Callable[[ClientSession, str, str], ClientT]
    product: str

    def client(self, hass: HomeAssistant, data: Mapping[str, Any]) -> ClientT:
        """Build its client. Raise InvalidUrl."""
        return keyed_client(hass, data, self.kind)

    async def identity(self, hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        """Say who it is: which process, and whose only key it has. Raise ServiceError."""
        process = (await self.client(hass, data).status()).process
        return f"{process}|{data[CONF_API_KEY]}" if process else None

    async def probe(self, hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        """Try it; return the instance's name.

        Where the key is refused, its login page may say that it is another one's. Raise
        ServiceError.
        """
        try:
            status = await self.client(hass, data).status()
        except Unauthorized as err:
            refused = err
        else:
            return status.instance_name or status.app_name
        session = async_get_clientsession(hass, data[CONF_VERIFY_SSL])
        shown = await named_on_its_page(session, read_url(data[CONF_URL]))
        if shown is not None and shown != self.product:
            why = say("error_found_not_product", found=shown, product=self.product)
            raise WrongProduct(self.product, why)
        raise refused


class ArrFlow(KeyedFlow):
    """Link a Radarr, Sonarr or Prowlarr."""

    link: ClassVar[ArrLink[Any]]

    @override
    @classmethod
    async def identity(cls, hass: HomeAssistant, data: Mapping[str, Any]) -> str | None:
        return await cls.link.identity(hass, data)

    @override
    @classmethod
    async def probe(cls, hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await cls.link.probe(hass, data)


def coordinator[CoordinatorT: ArrCoordinator[Any]](
    kind: type[CoordinatorT], link: ArrLink[Any], context: LinkContext, subentry: ConfigSubentry
) -> CoordinatorT:
    """Build what looks after one Radarr or Sonarr."""
    data, alike = subentry.data, context.peers.of(kind)
    return kind(
        context.hass,
        context.entry,
        context.signals,
        link.client(context.hass, data),
        context.requests,
        subentry_id=subentry.subentry_id,
        title=subentry.title,
        permanent_folders=tuple(data.get(CONF_PERMANENT_FOLDERS, ())),
        path_map=_path_map(data),
        alone=lambda: len(alike) == 1,
    )


def _path_map(data: Mapping[str, Any]) -> PathMap:
    return PathMap(tuple(PathPair(p["here"], p["there"]) for p in data.get(CONF_PATH_MAP, ())))


def webhook(link: ArrLink[Any]) -> Webhook[ArrCoordinator[Any]]:
    """Say how a Radarr or Sonarr calls us."""

    def linked(hass: HomeAssistant, data: Mapping[str, Any]) -> Notifications:
        client: ArrClient = link.client(hass, data)
        return client.notifications

    return Webhook(
        accept=lambda arr, body: arr.inbox.accept(body),
        running=_notifications,
        linked=linked,
        put=True,
    )


def _notifications(arr: ArrCoordinator[Any]) -> Notifications:
    client: ArrClient = arr.client
    return client.notifications


def _diagnostics(arr: ArrCoordinator[Any]) -> dict[str, Any]:
    data, inbox = arr.data, arr.inbox
    return {
        "version": data.status.version if data else None,
        "queue": len(data.queue) if data else None,
        "root_folders": len(data.root_folders) if data else None,
        "permanent_folders": len(arr.permanent_folders),
        "path_map": len(arr.path_map.pairs),
        "webhooks": inbox.accepted,
        "webhooks_ignored": inbox.ignored,
        "webhooks_collapsed": inbox.collapsed,
        "last_webhook": inbox.last_at.isoformat() if inbox.last_at else None,
    }


DIAGNOSTICS: Final = Diagnostics("arrs", _diagnostics)

MOVIE_SENSORS: Final[tuple[ServiceSensorDescription[ArrData], ...]] = (
    ServiceSensorDescription(
        key="queue",
        translation_key="queue",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: len(data.queue),
    ),
    ServiceSensorDescription(
        key="monitored_missing",
        translation_key="monitored_missing",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.missing,
    ),
    ServiceSensorDescription(
        key="free_space",
        translation_key="free_space",
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda data: data.free_bytes,
    ),
)
# Radarr counts movies, and Sonarr episodes.
EPISODE_SENSORS: Final[tuple[ServiceSensorDescription[ArrData], ...]] = tuple(
    replace(each, translation_key="monitored_missing_episodes")
    if each.key == "monitored_missing"
    else each
    for each in MOVIE_SENSORS
)
