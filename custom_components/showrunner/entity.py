"""What all entities share: their device, their unique id, and how they follow what they show."""

from typing import Any, override

from homeassistant.const import CONF_URL
from homeassistant.helpers.device_registry import (
    DeviceEntryType,
    DeviceInfo,
    async_get_device_id_by_identifier,
)
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinators.base import ServiceCoordinator
from .runtime import Runtime
from .services import SERVICES
from .services.spec import page_of


def device_of(runtime: Runtime, subentry_id: str | None) -> DeviceInfo:
    """Describe the server's device, or the one of a linked service or viewer."""
    entry = runtime.entry
    server = (DOMAIN, entry.entry_id)
    if subentry_id is None:
        return DeviceInfo(identifiers={server})
    subentry = entry.subentries[subentry_id]
    coordinator = runtime.links.get(subentry_id)
    spec = SERVICES.get(subentry.subentry_type)
    url = str(subentry.data.get(CONF_URL, ""))
    return DeviceInfo(
        identifiers={(DOMAIN, f"{entry.entry_id}_{subentry_id}")},
        entry_type=DeviceEntryType.SERVICE,
        # A viewer is a user of Jellyfin's.
        manufacturer=spec.manufacturer if spec else "Jellyfin",
        model=spec.model if spec else "Viewer",
        name=subentry.title,
        sw_version=(coordinator.version if coordinator else "") or None,
        configuration_url=spec.page(url) if spec else page_of(url),
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
        self._attr_device_info = device_of(runtime, subentry_id)


class RequestEntity(ServerEntity):
    """An entity about all requests, on the device of the Seerr that was linked first."""

    def __init__(self, runtime: Runtime, description: EntityDescription, subentry_id: str) -> None:
        """Take the Seerr's subentry. The unique id is the server's: another Seerr may follow it."""
        super().__init__(runtime, description)
        self._attr_device_info = device_of(runtime, subentry_id)


def shows_requests(runtime: Runtime, subentry_id: str) -> bool:
    """Tell whether this subentry is the service whose device shows the requests."""
    kinds = {spec.key for spec in SERVICES.values() if spec.shows_requests}
    subentries = runtime.entry.subentries.values()
    first = next((one for one in subentries if one.subentry_type in kinds), None)
    return first is not None and first.subentry_id == subentry_id


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
        self._attr_device_info = device_of(runtime, subentry_id)

    @property
    @override
    def available(self) -> bool:
        """Nothing is shown that was not answered."""
        return super().available and self.coordinator.data is not None
