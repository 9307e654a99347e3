"""Whether each service answers, and whether a request is stuck."""

from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinators.base import ServiceCoordinator
from .coordinators.requests import RequestView
from .entity import RequestEntity, ServiceEntity, shows_requests
from .runtime import ShowrunnerConfigEntry
from .services.spec import ServiceBinaryDescription
from .signals import Attributes, Topic

PARALLEL_UPDATES = 0

REQUEST_STUCK = BinarySensorEntityDescription(
    key="request_stuck",
    translation_key="request_stuck",
    device_class=BinarySensorDeviceClass.PROBLEM,
)
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
    """Set up one for each service, and one for all requests where a Seerr is linked."""
    runtime = entry.runtime_data
    async_add_entities([Connected(runtime, runtime.jellyfin, CONNECTED)])

    @callback
    def add(subentry_id: str) -> None:
        if (coordinator := runtime.links.get(subentry_id)) is not None:
            async_add_entities(
                [Connected(runtime, coordinator, CONNECTED)], config_subentry_id=subentry_id
            )
            spec = runtime.links.spec_of(subentry_id)
            async_add_entities(
                (
                    ServiceBinary(runtime, coordinator, description)
                    for description in (() if spec is None else spec.binary_sensors)
                ),
                config_subentry_id=subentry_id,
            )
        if shows_requests(runtime, subentry_id):
            async_add_entities(
                [RequestStuck(runtime, REQUEST_STUCK, subentry_id)], config_subentry_id=subentry_id
            )

    entry.async_on_unload(runtime.each_link(add))


class Connected(ServiceEntity[ServiceCoordinator[Any]], BinarySensorEntity):
    """On while the service answers; always available, because that is what it is about."""

    _version = ""

    @property
    @override
    def available(self) -> bool:
        return True

    @override
    async def async_added_to_hass(self) -> None:
        """Show the version from now on."""
        await super().async_added_to_hass()
        self._show_version()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._show_version()
        super()._handle_coordinator_update()

    def _show_version(self) -> None:
        """Keep the device's version: services are updated while Home Assistant runs."""
        version, device = self.coordinator.version, self.device_entry
        if version and device is not None and version != self._version:
            self._version = version
            dr.async_get(self.hass).async_update_device(device.id, sw_version=version)

    @property
    @override
    def is_on(self) -> bool:
        """The last answer."""
        return self.coordinator.connected


class ServiceBinary(ServiceEntity[ServiceCoordinator[Any]], BinarySensorEntity):
    """Something about one service."""

    entity_description: ServiceBinaryDescription[Any]

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the service and the options: what is too much is said there."""
        await super().async_added_to_hass()
        self.async_on_remove(self.runtime.signals.subscribe(Topic.OPTIONS, self._options_changed))

    @callback
    def _options_changed(self, kind: str, attributes: Attributes) -> None:
        self.async_write_ha_state()

    @property
    @override
    def is_on(self) -> bool | None:
        """Ask the service's coordinator."""
        return self.entity_description.is_on_fn(self.coordinator)


class RequestStuck(RequestEntity, BinarySensorEntity):
    """On while a request does not move and somebody should look at it.

    One that only waits for approval is none: the to-do list holds it.
    """

    _shown = False

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the requests."""
        self._shown = self.is_on
        self.async_on_remove(self.runtime.requests.add_listener(self._changed))

    @callback
    def _changed(self, view: RequestView) -> None:
        if self.is_on != self._shown:
            self._shown = self.is_on
            self.async_write_ha_state()

    @property
    @override
    def is_on(self) -> bool:
        """Ask whether there is one."""
        return self.runtime.requests.stuck_count > 0
