"""Numbers: who watches, what was decided, how the services stand."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import UnitOfDataRate
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinators.base import ServiceCoordinator
from .coordinators.jellyfin import JellyfinCoordinator, JellyfinData
from .domain.streams import total_bitrate
from .entity import ServiceEntity, shows_requests
from .runtime import Runtime, ShowrunnerConfigEntry
from .sensors.history import SERVER, VIEWER, AllViewers, StoreSensor, ViewerSensor, of_jobs
from .sensors.requests import REQUESTS, RequestSensor
from .services import SERVICES
from .services.spec import ServiceSensorDescription

PARALLEL_UPDATES = 0


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


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of the server, of every linked service and of every viewer."""
    runtime = entry.runtime_data
    async_add_entities(ServiceSensor(runtime, runtime.jellyfin, each) for each in JELLYFIN)
    async_add_entities(StoreSensor(runtime, each) for each in SERVER)
    async_add_entities(of_jobs(runtime))
    viewers = AllViewers(runtime)

    @callback
    def add(subentry_id: str) -> None:
        async_add_entities(
            _of_subentry(runtime, viewers, subentry_id), config_subentry_id=subentry_id
        )
        if shows_requests(runtime, subentry_id):
            async_add_entities(
                (RequestSensor(runtime, each, subentry_id) for each in REQUESTS),
                config_subentry_id=subentry_id,
            )

    entry.async_on_unload(runtime.each_link(add))


def _of_subentry(runtime: Runtime, viewers: AllViewers, subentry_id: str) -> Iterable[SensorEntity]:
    """Return the sensors of a linked service, or of a viewer."""
    found = runtime.links.get(subentry_id)
    if found is not None:
        spec = SERVICES[runtime.entry.subentries[subentry_id].subentry_type]
        yield from (ServiceSensor(runtime, found, each) for each in spec.sensors)
    if (viewer := runtime.settings.viewer_of(subentry_id)) is not None:
        user_id = viewer.user_id
        yield from (ViewerSensor(viewers, runtime, one, subentry_id, user_id) for one in VIEWER)


class ServiceSensor(ServiceEntity[JellyfinCoordinator | ServiceCoordinator[Any]], SensorEntity):
    """A number that a service told."""

    entity_description: ServiceSensorDescription[Any]

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """What was read last."""
        return self.entity_description.value_fn(self.coordinator.data)
