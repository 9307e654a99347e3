"""Whether each service answers."""

from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinators.base import ServiceCoordinator
from .entity import ServiceEntity
from .runtime import ShowrunnerConfigEntry

PARALLEL_UPDATES = 0

CONNECTED = BinarySensorEntityDescription(
    key="connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ShowrunnerConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up one for Jellyfin and one for every linked service."""
    runtime = entry.runtime_data
    for coordinator in (runtime.jellyfin, *runtime.services):
        async_add_entities(
            [Connected(runtime, coordinator, CONNECTED)],
            config_subentry_id=coordinator.subentry_id,
        )


class Connected(ServiceEntity[ServiceCoordinator[Any]], BinarySensorEntity):
    """On while the service answers; always available, because that is what it is about."""

    @property
    @override
    def available(self) -> bool:
        return True

    @property
    @override
    def is_on(self) -> bool:
        """The last answer."""
        return self.coordinator.connected
