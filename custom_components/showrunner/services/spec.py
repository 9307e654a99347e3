"""What there is to say of one kind of service that can be linked, and nothing of any kind.

One `ServiceSpec` a kind stands beside the kind's own client, coordinator and flow steps. Whoever
works on all kinds (the flows, the linked services, webhooks, entities, diagnostics) iterates over
the table of them and knows none by its name.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import UnitOfInformation
from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import StateType
import voluptuous as vol

from ..coordinators.base import ServiceCoordinator
from ..coordinators.requests import RequestTracker
from ..flows.common import ServiceFlow
from ..jobs.channels import Addresses, Channel
from ..signals import Signals
from ..store import Store

type Data = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ServiceSensorDescription[DataT](SensorEntityDescription):
    """A sensor over what a coordinator read."""

    value_fn: Callable[[DataT], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class ServiceBinaryDescription[CoordinatorT](BinarySensorEntityDescription):
    """Something about a service that is so, or is not, or that nobody knows."""

    is_on_fn: Callable[[CoordinatorT], bool | None]


def size_sensor[DataT](
    key: str, value_fn: Callable[[DataT], int | None]
) -> ServiceSensorDescription[DataT]:
    """Describe a sensor of so many bytes, which are shown in gigabytes."""
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


@dataclass(frozen=True, slots=True)
class Reauth:
    """How a key is proven again: the form, how what is typed joins the stored data, and the try.

    `merge` takes the stored data and what was typed, and raises InvalidLogin. `probe` raises
    ServiceError.
    """

    schema: vol.Schema
    merge: Callable[[Data, Data], dict[str, Any]]
    probe: Callable[[HomeAssistant, Data], Awaitable[object]]


class Notifications(Protocol):
    """The webhooks that a service calls, on its side. Every method raises ServiceError."""

    async def ensure(self, url: str) -> bool:
        """See to it that it calls this address; tell whether that had to be added."""

    async def remove(self, url: str) -> bool:
        """Take ours out again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook[CoordinatorT]:
    """How a service calls us, and is told to.

    `accept` takes a decoded body and raises NotOurs for one that its service does not send.
    `running` gives the service's webhooks while it is linked, `linked` those of a service of which
    only the data is left. `put`: it calls with PUT as well as with POST.
    """

    accept: Callable[[CoordinatorT, object], bool]
    running: Callable[[CoordinatorT], Notifications]
    linked: Callable[[HomeAssistant, Data], Notifications]
    put: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostics[CoordinatorT]:
    """What is shown of a kind beside what is shown of all: the section, and one service's part."""

    section: str
    show: Callable[[CoordinatorT], dict[str, Any]]


class Peers(Protocol):
    """The other linked services of an entry, always as they are now."""

    def of[CoordinatorT: ServiceCoordinator[Any]](
        self, kind: type[CoordinatorT]
    ) -> Mapping[str, CoordinatorT]:
        """Give the coordinators of one class by their subentries' ids."""


@dataclass(frozen=True, slots=True)
class LinkContext:
    """What a coordinator is built from, beside its subentry.

    `max_drop`: how much of what a source had may vanish at once, in percent.
    """

    hass: HomeAssistant
    entry: ConfigEntry[Any]
    signals: Signals
    store: Store
    requests: RequestTracker
    peers: Peers
    max_drop: Callable[[], float]


def page_of(url: str) -> str | None:
    """Give the address of a service's own page; a socket's is none."""
    return url if url.startswith(("http://", "https://")) else None


def _always(hass: HomeAssistant) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec[CoordinatorT: ServiceCoordinator[Any]]:
    """One kind of service.

    `key` is the subentries' type. `coordinator` builds what looks after one service; a kind without
    has no device and no entities. `channel` makes it a way to tell news. `issues` begins to show
    the repairs of a service, until it is shut down. `offered` tells whether there is anything to
    link. `shows_requests`: its device shows the requests' entities. `matches_anime`: it knows an
    anime before Jellyfin does.
    """

    key: str
    flow: type[ServiceFlow]
    manufacturer: str = ""
    model: str = ""
    coordinator: Callable[[LinkContext, ConfigSubentry], CoordinatorT] | None = None
    reauth: Reauth | None = None
    webhook: Webhook[CoordinatorT] | None = None
    sensors: tuple[ServiceSensorDescription[Any], ...] = ()
    binary_sensors: tuple[ServiceBinaryDescription[CoordinatorT], ...] = ()
    diagnostics: Diagnostics[CoordinatorT] | None = None
    channel: (
        Callable[[HomeAssistant, ConfigSubentry, CoordinatorT | None, Addresses], Channel] | None
    ) = None
    issues: Callable[[HomeAssistant, CoordinatorT], None] | None = None
    page: Callable[[str], str | None] = page_of
    offered: Callable[[HomeAssistant], bool] = _always
    shows_requests: bool = False
    matches_anime: bool = False
