"""Numbers: who watches, what was decided, how the services stand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfInformation
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from .coordinators.base import ServiceCoordinator
from .coordinators.jellyfin import JellyfinCoordinator, JellyfinData
from .coordinators.radarr import RadarrCoordinator, RadarrData
from .entity import ServerEntity, ServiceEntity
from .runtime import Runtime, ShowrunnerConfigEntry
from .store import StoreError

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

_MONTH = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class ServiceSensorDescription[DataT](SensorEntityDescription):
    """A sensor over what a coordinator read."""

    value_fn: Callable[[DataT], StateType]


@dataclass(frozen=True, kw_only=True)
class StoreSensorDescription(SensorEntityDescription):
    """A sensor over the store: read again when one of its subjects changes, and at midnight."""

    subjects: frozenset[str]
    value_fn: Callable[[Runtime, str | None], Awaitable[StateType | datetime]]


def _today() -> datetime:
    return dt_util.start_of_local_day()


async def _viewings_today(runtime: Runtime, user_id: str | None) -> int:
    return await runtime.store.viewings.count(_today())


async def _decisions_today(runtime: Runtime, user_id: str | None) -> int:
    return sum((await runtime.store.decisions.counts(_today())).values())


async def _viewings_month(runtime: Runtime, user_id: str | None) -> int:
    return await runtime.store.viewings.count(dt_util.utcnow() - _MONTH, user_id)


async def _last_watched(runtime: Runtime, user_id: str | None) -> datetime | None:
    last = await runtime.store.viewings.last(user_id or "")
    return None if last is None else last.ended_at


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
)
RADARR: tuple[ServiceSensorDescription[RadarrData], ...] = (
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
SERVER: tuple[StoreSensorDescription, ...] = (
    StoreSensorDescription(
        key="viewings_today",
        translation_key="viewings_today",
        state_class=SensorStateClass.TOTAL,
        subjects=frozenset({"viewings"}),
        value_fn=_viewings_today,
    ),
    StoreSensorDescription(
        key="decisions_today",
        translation_key="decisions_today",
        state_class=SensorStateClass.TOTAL,
        subjects=frozenset({"decisions"}),
        value_fn=_decisions_today,
    ),
)
VIEWER: tuple[StoreSensorDescription, ...] = (
    StoreSensorDescription(
        key="viewings_month",
        translation_key="viewings_month",
        state_class=SensorStateClass.MEASUREMENT,
        subjects=frozenset({"viewings"}),
        value_fn=_viewings_month,
    ),
    StoreSensorDescription(
        key="last_watched",
        translation_key="last_watched",
        device_class=SensorDeviceClass.TIMESTAMP,
        subjects=frozenset({"viewings"}),
        value_fn=_last_watched,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of the server, of every Radarr and of every viewer."""
    runtime = entry.runtime_data
    async_add_entities(ServiceSensor(runtime, runtime.jellyfin, each) for each in JELLYFIN)
    async_add_entities(StoreSensor(runtime, each) for each in SERVER)
    for subentry_id, radarr in runtime.radarrs.items():
        async_add_entities(
            (ServiceSensor(runtime, radarr, each) for each in RADARR),
            config_subentry_id=subentry_id,
        )
    for viewer in runtime.viewers.values():
        async_add_entities(
            (StoreSensor(runtime, each, viewer.subentry_id, viewer.user_id) for each in VIEWER),
            config_subentry_id=viewer.subentry_id,
        )


class ServiceSensor(
    ServiceEntity[JellyfinCoordinator | RadarrCoordinator | ServiceCoordinator[Any]], SensorEntity
):
    """A number that a service told."""

    entity_description: ServiceSensorDescription[Any]

    @property
    @override
    def native_value(self) -> StateType:
        """What was read last."""
        return self.entity_description.value_fn(self.coordinator.data)


class StoreSensor(ServerEntity, SensorEntity):
    """A number out of our own history."""

    entity_description: StoreSensorDescription

    def __init__(
        self,
        runtime: Runtime,
        description: StoreSensorDescription,
        subentry_id: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """Take whose history is counted; None means everybody's."""
        super().__init__(runtime, description, subentry_id)
        self._user_id = user_id
        self._end_wait: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Read, and read again when something changes or the day ends."""
        self.async_on_remove(self.runtime.store.add_listener(self._changed))
        self.async_on_remove(self._stop_waiting)
        self._wait_for_midnight()
        await self.async_update()

    @callback
    def _changed(self, subject: str) -> None:
        if subject in self.entity_description.subjects:
            self.async_schedule_update_ha_state(force_refresh=True)

    @callback
    def _wait_for_midnight(self) -> None:
        """Wait for the day's first moment: not for 0:00, which some time changes leave out."""
        tomorrow = dt_util.start_of_local_day(dt_util.now().date() + timedelta(days=1))
        self._end_wait = async_track_point_in_utc_time(
            self.hass, self._midnight, dt_util.as_utc(tomorrow)
        )

    @callback
    def _stop_waiting(self) -> None:
        if self._end_wait is not None:
            self._end_wait()
            self._end_wait = None

    @callback
    def _midnight(self, _: datetime) -> None:
        self._wait_for_midnight()
        self.async_schedule_update_ha_state(force_refresh=True)

    async def async_update(self) -> None:
        """Read the store; a database that can't be read makes it unavailable."""
        try:
            value = await self.entity_description.value_fn(self.runtime, self._user_id)
        except StoreError as err:
            _LOGGER.debug("%s can't be read: %s", self.entity_id, err)
            self._attr_available = False
            return
        self._attr_available = True
        self._attr_native_value = value
        if self.state_class is SensorStateClass.TOTAL:
            self._attr_last_reset = _today()
