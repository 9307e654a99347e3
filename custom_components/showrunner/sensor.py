"""Numbers: who watches, what was decided, how the services stand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfDataRate, UnitOfInformation
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinators.arr import ArrData
from .coordinators.base import ServiceCoordinator
from .coordinators.jellyfin import JellyfinCoordinator, JellyfinData
from .domain.streams import total_bitrate
from .domain.torrents import TorrentList
from .entity import ServiceEntity, shows_requests
from .runtime import Runtime, ShowrunnerConfigEntry
from .sensors.history import SERVER, VIEWER, StoreSensor
from .sensors.requests import REQUESTS, RequestSensor

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ServiceSensorDescription[DataT](SensorEntityDescription):
    """A sensor over what a coordinator read."""

    value_fn: Callable[[DataT], StateType]


JELLYFIN: tuple[ServiceSensorDescription[JellyfinData], ...] = (
    ServiceSensorDescription(
        key="streams",
        translation_key="streams",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: len(data.streams),
    ),
    ServiceSensorDescription(
        key="transcodes",
        translation_key="transcodes",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: sum(stream.is_transcoding for stream in data.streams),
    ),
    ServiceSensorDescription(
        key="stream_bitrate",
        translation_key="stream_bitrate",
        device_class=SensorDeviceClass.DATA_RATE,
        native_unit_of_measurement=UnitOfDataRate.BITS_PER_SECOND,
        suggested_unit_of_measurement=UnitOfDataRate.MEGABITS_PER_SECOND,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: total_bitrate(data.streams),
    ),
)
ARR: tuple[ServiceSensorDescription[ArrData], ...] = (
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
SONARR: tuple[ServiceSensorDescription[ArrData], ...] = tuple(
    replace(each, translation_key="monitored_missing_episodes")
    if each.key == "monitored_missing"
    else each
    for each in ARR
)


def _room(
    key: str, value_fn: Callable[[TorrentList], int | None]
) -> ServiceSensorDescription[TorrentList]:
    return ServiceSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
        suggested_display_precision=0,
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


TORRENTS: tuple[ServiceSensorDescription[TorrentList], ...] = (
    _room("used", lambda data: data.used_bytes),
    _room("free", lambda data: data.capacity.free),
    ServiceSensorDescription(
        key="used_percent",
        translation_key="used_percent",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.capacity.used_percent,
    ),
    ServiceSensorDescription(
        key="torrents",
        translation_key="torrents",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=len,
    ),
    ServiceSensorDescription(
        key="seeding",
        translation_key="seeding",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.seeding,
    ),
    ServiceSensorDescription(
        key="downloading",
        translation_key="downloading",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.downloading,
    ),
    _rate("upload_rate", lambda data: data.up_rate),
    _rate("download_rate", lambda data: data.down_rate),
    ServiceSensorDescription(
        key="ratio",
        translation_key="ratio",
        suggested_display_precision=2,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.ratio,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of the server, of every linked service and of every viewer."""
    runtime = entry.runtime_data
    async_add_entities(ServiceSensor(runtime, runtime.jellyfin, each) for each in JELLYFIN)
    async_add_entities(StoreSensor(runtime, each) for each in SERVER)

    @callback
    def add(subentry_id: str) -> None:
        async_add_entities(_of_subentry(runtime, subentry_id), config_subentry_id=subentry_id)
        if shows_requests(runtime, subentry_id):
            async_add_entities(
                (RequestSensor(runtime, each, subentry_id) for each in REQUESTS),
                config_subentry_id=subentry_id,
            )

    entry.async_on_unload(runtime.each_link(add))


def _of_subentry(runtime: Runtime, subentry_id: str) -> Iterable[SensorEntity]:
    """Return the sensors of a linked service, or of a viewer."""
    for table, found in (
        (ARR, runtime.radarrs.get(subentry_id)),
        (SONARR, runtime.sonarrs.get(subentry_id)),
        (TORRENTS, runtime.torrents.get(subentry_id)),
    ):
        if found is not None:
            yield from (ServiceSensor(runtime, found, each) for each in table)
    if (viewer := runtime.settings.viewer_of(subentry_id)) is not None:
        yield from (StoreSensor(runtime, each, subentry_id, viewer.user_id) for each in VIEWER)


class ServiceSensor(ServiceEntity[JellyfinCoordinator | ServiceCoordinator[Any]], SensorEntity):
    """A number that a service told."""

    entity_description: ServiceSensorDescription[Any]

    @property
    @override
    def native_value(self) -> StateType:
        """What was read last."""
        return self.entity_description.value_fn(self.coordinator.data)
