"""Numbers out of our own history: of everybody on the server's device, of each viewer on theirs.

Read again when something of theirs changes, at most once a second, and when the day ends.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
import logging
from typing import Any, Final, cast, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfInformation, UnitOfTime
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..entity import ServerEntity
from ..jobs.spec import JobSensorDescription
from ..runtime import Runtime
from ..store import StoreError, ViewerTotals

_LOGGER = logging.getLogger(__name__)

WATCH_TIME: Final = "watch_time"

_MONTH = timedelta(days=30)
_HOUR = timedelta(hours=1)
# An import stores hundreds of viewings a second.
_COOLDOWN: Final = 1.0


type Value = Callable[[Runtime], Awaitable[StateType | datetime]]


@dataclass(frozen=True, kw_only=True)
class StoreSensorDescription(SensorEntityDescription):
    """A sensor over the store: read again when one of its subjects changes, and at midnight."""

    subjects: frozenset[str]
    value_fn: Value


@dataclass(frozen=True, kw_only=True)
class ViewerSensorDescription(SensorEntityDescription):
    """A sensor over what one viewer has watched."""

    subjects: frozenset[str] = frozenset({"viewings"})
    value_fn: Callable[[ViewerTotals], StateType | datetime]


def _today() -> datetime:
    return dt_util.start_of_local_day()


async def _viewings_today(runtime: Runtime) -> int:
    return await runtime.store.viewings.count(_today())


async def _freed_total(runtime: Runtime) -> int:
    return await runtime.store.ledger.freed()


SERVER: tuple[StoreSensorDescription, ...] = (
    StoreSensorDescription(
        key="viewings_today",
        translation_key="viewings_today",
        state_class=SensorStateClass.TOTAL,
        subjects=frozenset({"viewings"}),
        value_fn=_viewings_today,
    ),
    StoreSensorDescription(
        key="freed_total",
        translation_key="freed_total",
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.GIGABYTES,
        suggested_display_precision=1,
        state_class=SensorStateClass.TOTAL_INCREASING,
        subjects=frozenset({"ledger"}),
        value_fn=_freed_total,
    ),
)
VIEWER: tuple[ViewerSensorDescription, ...] = (
    ViewerSensorDescription(
        key="viewings_month",
        translation_key="viewings_month",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda watched: watched.viewings,
    ),
    ViewerSensorDescription(
        key="last_watched",
        translation_key="last_watched",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda watched: watched.last,
    ),
    # Of today: the long-term statistics add up the days.
    ViewerSensorDescription(
        key=WATCH_TIME,
        translation_key=WATCH_TIME,
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.HOURS,
        suggested_display_precision=1,
        state_class=SensorStateClass.TOTAL,
        value_fn=lambda watched: round(watched.time / _HOUR, 4),
    ),
)


class StoreSensor(ServerEntity, SensorEntity):
    """A number out of our own history."""

    entity_description: StoreSensorDescription | ViewerSensorDescription | JobSensorDescription[Any]

    def __init__(
        self,
        runtime: Runtime,
        description: StoreSensorDescription | ViewerSensorDescription | JobSensorDescription[Any],
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
        reader = Debouncer[None](
            self.hass, _LOGGER, cooldown=_COOLDOWN, immediate=True, function=self._read_again
        )

        @callback
        def changed(subject: str) -> None:
            if subject in self.entity_description.subjects:
                reader.async_schedule_call()

        self.async_on_remove(self.runtime.store.add_listener(changed, self._user_id))
        self.async_on_remove(reader.async_shutdown)
        self.async_on_remove(self._stop_waiting)
        self._wait_for_midnight()
        await self.async_update()

    @callback
    def _read_again(self) -> None:
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
            value = await self._read()
        except StoreError as err:
            _LOGGER.debug("%s can't be read: %s", self.entity_id, err)
            self._attr_available = False
            return
        self._attr_available = True
        self._attr_native_value = value
        if self.state_class is SensorStateClass.TOTAL:
            self._attr_last_reset = _today()

    async def _read(self) -> StateType | datetime:
        """Read the number. Raises StoreError."""
        description = cast("StoreSensorDescription", self.entity_description)
        return await description.value_fn(self.runtime)


class AllViewers:
    """What each viewer has watched: all that is asked in one moment is one question.

    Each viewer has several sensors, and there may be a hundred viewers.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Take whose store is asked."""
        self._runtime = runtime
        self._wanted: set[str] = set()
        self._turn = asyncio.Lock()
        self._next: asyncio.Task[dict[str, ViewerTotals]] | None = None

    async def ask(self, user_id: str) -> ViewerTotals:
        """Say what a viewer has watched. Raises StoreError."""
        self._wanted.add(user_id)
        if self._next is None:
            self._next = self._runtime.hass.async_create_task(
                self._ask(), f"{DOMAIN} what viewers have watched", eager_start=False
            )
            # Whoever waited may be gone by then.
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())
        found = await asyncio.shield(self._next)
        return found.get(user_id, ViewerTotals())

    async def _ask(self) -> dict[str, ViewerTotals]:
        # Who asks while others are answered is answered together, too.
        async with self._turn:
            wanted, self._wanted, self._next = self._wanted, set(), None
            viewings = self._runtime.store.viewings
            return await viewings.of_viewers(wanted, dt_util.utcnow() - _MONTH, _today())


class ViewerSensor(StoreSensor):
    """A number of one viewer's own history."""

    def __init__(
        self,
        viewers: AllViewers,
        runtime: Runtime,
        description: ViewerSensorDescription,
        subentry_id: str,
        user_id: str,
    ) -> None:
        """Take whose it is, and who asks for all of them."""
        super().__init__(runtime, description, subentry_id, user_id)
        self._viewers = viewers
        self._viewer = user_id

    @override
    async def _read(self) -> StateType | datetime:
        """Ask with the others. Raises StoreError."""
        description = cast("ViewerSensorDescription", self.entity_description)
        return description.value_fn(await self._viewers.ask(self._viewer))


class JobSensor(StoreSensor):
    """A number that a job tells."""

    def __init__(
        self, runtime: Runtime, description: JobSensorDescription[Any], job: object
    ) -> None:
        """Take the job."""
        super().__init__(runtime, description)
        self._read_job = partial(description.read, job)

    @override
    async def _read(self) -> StateType | datetime:
        """Ask the job. Raises StoreError."""
        return await self._read_job()


def of_jobs(runtime: Runtime) -> Iterator[JobSensor]:
    """Give the numbers that the jobs tell."""
    return (
        JobSensor(runtime, sensor, job) for spec, job in runtime.jobs for sensor in spec.sensors
    )
