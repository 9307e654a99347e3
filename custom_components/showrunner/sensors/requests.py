"""How many requests are how far, and how many are stuck."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import (
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.core import callback

from ..coordinators.requests import RequestTracker, RequestView
from ..domain.requests.request import RequestState
from ..entity import RequestEntity


@dataclass(frozen=True, kw_only=True)
class RequestSensorDescription(SensorEntityDescription):
    """A count over the requests that are not over."""

    count: Callable[[RequestTracker], int]


def _of_state(state: RequestState) -> RequestSensorDescription:
    return RequestSensorDescription(
        key=f"requests_{state.value}",
        translation_key=f"requests_{state.value}",
        entity_registry_enabled_default=False,
        state_class=SensorStateClass.MEASUREMENT,
        count=lambda tracker: tracker.count(state),
    )


REQUESTS: Final = (
    RequestSensorDescription(
        key="requests",
        translation_key="requests",
        state_class=SensorStateClass.MEASUREMENT,
        count=lambda tracker: len(tracker.views) - tracker.count(RequestState.AVAILABLE),
    ),
    *(_of_state(state) for state in RequestState),
    RequestSensorDescription(
        key="requests_stuck",
        translation_key="requests_stuck",
        state_class=SensorStateClass.MEASUREMENT,
        count=lambda tracker: tracker.stuck_count,
    ),
)


class RequestSensor(RequestEntity, SensorEntity):
    """A count of requests."""

    entity_description: RequestSensorDescription
    _shown: int | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the requests."""
        self._shown = self.native_value
        self.async_on_remove(self.runtime.requests.add_listener(self._changed))

    @callback
    def _changed(self, view: RequestView) -> None:
        if self.native_value != self._shown:
            self._shown = self.native_value
            self.async_write_ha_state()

    @property
    @override
    def native_value(self) -> int:
        """Count them."""
        return self.entity_description.count(self.runtime.requests)
