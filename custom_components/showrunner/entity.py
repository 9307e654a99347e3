"""What all entities share: their device, their unique id, and how they follow what they show."""

from typing import Any, override

from homeassistant.helpers.device_registry import (
    DeviceEntryType,
    DeviceInfo,
    async_get_device_id_by_identifier,
)
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN, MANUFACTURER
from .coordinators.base import ServiceCoordinator
from .runtime import Runtime


def device_of(runtime: Runtime, subentry_id: str | None, model: str) -> DeviceInfo:
    """Describe the server's device, or the one of a linked service or viewer."""
    entry = runtime.entry
    server = (DOMAIN, entry.entry_id)
    if subentry_id is None:
        return DeviceInfo(identifiers={server})
    return DeviceInfo(
        identifiers={(DOMAIN, f"{entry.entry_id}_{subentry_id}")},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        model=model,
        name=entry.subentries[subentry_id].title,
        via_device_id=async_get_device_id_by_identifier(
            runtime.hass, server, config_entry_id=entry.entry_id
        ),
    )


def unique_id_of(runtime: Runtime, subentry_id: str | None, key: str) -> str:
    """Make the unique id, which no rename, address or order can change."""
    parts = (runtime.entry.entry_id, subentry_id, key)
    return "_".join(part for part in parts if part)


class ServerEntity(Entity):
    """An entity of the server's device, or of a viewer's, that no coordinator feeds."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, runtime: Runtime, description: EntityDescription, subentry_id: str | None = None
    ) -> None:
        """Take what the entry has at run time."""
        self.entity_description = description
        self.runtime = runtime
        self._attr_unique_id = unique_id_of(runtime, subentry_id, description.key)
        self._attr_device_info = device_of(runtime, subentry_id, "Viewer")


class ServiceEntity[CoordinatorT: ServiceCoordinator[Any]](CoordinatorEntity[CoordinatorT]):
    """An entity that shows what a coordinator knows; unavailable while it knows nothing."""

    _attr_has_entity_name = True

    def __init__(
        self, runtime: Runtime, coordinator: CoordinatorT, description: EntityDescription
    ) -> None:
        """Take the coordinator of the service that is shown."""
        super().__init__(coordinator)
        self.entity_description = description
        self.runtime = runtime
        subentry_id = coordinator.subentry_id
        self._attr_unique_id = unique_id_of(runtime, subentry_id, description.key)
        self._attr_device_info = device_of(runtime, subentry_id, coordinator.service)

    @property
    @override
    def available(self) -> bool:
        """Nothing is shown that was not answered."""
        return super().available and self.coordinator.data is not None
