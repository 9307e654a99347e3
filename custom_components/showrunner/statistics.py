"""What was watched before Showrunner looked, in Home Assistant's long-term statistics.

After an import the past of each viewer's watch time is written into the statistic that the sensor
continues. It can be repeated; without the recorder nothing is done. While a new sensor has not had
its first hour yet, the past waits for it (over restarts, too).
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_import_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.const import Platform, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE, get_instance
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import DurationConverter

from .const import DOMAIN
from .domain.past_hours import Past, StatisticRow, past_hours
from .entity import unique_id_of
from .runtime import ShowrunnerConfigEntry
from .sensors.history import WATCH_TIME
from .signals import Attributes, Topic
from .store import StoreError
from .waking import woken

_LOGGER = logging.getLogger(__name__)

_WANTED: Final = "statistics:wanted"
_JOB: Final = "import_history"
_HOUR: Final = timedelta(hours=1)
# The recorder writes an hour's row in the first minutes of the next one.
_AFTER_THE_HOUR: Final = timedelta(minutes=7)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)


def register(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> None:
    """Write the past after imports, for as long as the entry is loaded."""
    if DATA_INSTANCE not in hass.data:
        return
    due = asyncio.Event()

    @callback
    def heard(kind: str, attributes: Attributes) -> None:
        # Also one that failed may have brought something.
        if attributes.get("job") == _JOB:
            due.set()

    entry.async_on_unload(entry.runtime_data.signals.subscribe(Topic.JOB, heard))
    entry.async_create_background_task(hass, _work(hass, entry, due), f"{DOMAIN} statistics")


async def _work(hass: HomeAssistant, entry: ShowrunnerConfigEntry, due: asyncio.Event) -> None:
    kv = entry.runtime_data.store.kv
    try:
        if await kv.get(_WANTED):
            due.set()
        while True:
            await due.wait()
            due.clear()
            await kv.put(_WANTED, value=True)
            while not await write_past(hass, entry):
                await _wait(due)
            await kv.put(_WANTED, value=False)
    except StoreError as err:
        _LOGGER.warning("The statistics of the past have to wait for the next start: %s", err)


async def _wait(due: asyncio.Event) -> None:
    """Wait for the next hour's rows, or for another import."""
    now = dt_util.utcnow()
    hour = now.replace(minute=0, second=0, microsecond=0)
    at = hour + _AFTER_THE_HOUR
    pause = (at if at > now else at + _HOUR) - now
    if await woken(due, pause.total_seconds()):
        due.clear()


async def write_past(hass: HomeAssistant, entry: ShowrunnerConfigEntry) -> bool:
    """Write the past of all viewers; tell whether it is done for all. Raises StoreError."""
    runtime, registry = entry.runtime_data, er.async_get(hass)
    done = True
    for viewer in tuple(runtime.viewers.values()):
        unique_id = unique_id_of(runtime, viewer.subentry_id, WATCH_TIME)
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        registered = registry.async_get(entity_id) if entity_id else None
        if registered is None or registered.disabled:
            continue
        watched = await runtime.store.viewings.watch_hours(viewer.user_id)
        if watched:
            kept = runtime.options.kept_since(dt_util.utcnow())
            done &= await _write(hass, registered.entity_id, watched, kept)
    return done


async def _write(
    hass: HomeAssistant,
    statistic_id: str,
    watched: Mapping[datetime, timedelta],
    kept_since: datetime | None,
) -> bool:
    """Write one viewer's past; false while nothing was counted live yet."""
    recorder = get_instance(hass)
    # What was written before must be seen, also by what is asked in the recorder's other threads.
    await recorder.async_block_till_done()
    known, unit = await recorder.async_add_executor_job(_known, hass, statistic_id)
    past = past_hours(
        {hour: time / _HOUR for hour, time in watched.items()},
        known,
        lambda at: dt_util.as_local(at).date(),
        dt_util.now().date(),
        kept_since,
    )
    if past is None:
        return False
    if past.rows:
        async_import_statistics(hass, _metadata(statistic_id, unit), _data(past, unit))
    if past.raised_by:
        recorder.async_adjust_statistics(
            statistic_id, past.live_since, past.raised_by, UnitOfTime.HOURS
        )
    return True


def _known(hass: HomeAssistant, statistic_id: str) -> tuple[list[StatisticRow], str]:
    """Read all rows, in hours, and the unit that they are kept in. Blocks."""
    found = statistics_during_period(
        hass,
        _EPOCH,
        None,
        {statistic_id},
        "hour",
        {DurationConverter.UNIT_CLASS: UnitOfTime.HOURS},
        {"sum", "state"},
    )
    rows = [
        StatisticRow(datetime.fromtimestamp(row["start"], UTC), total, row.get("state"))
        for row in found.get(statistic_id, ())
        if (total := row.get("sum")) is not None
    ]
    metadata = get_metadata(hass, statistic_ids={statistic_id}).get(statistic_id)
    unit = metadata[1]["unit_of_measurement"] if metadata else None
    return rows, unit or UnitOfTime.HOURS


def _metadata(statistic_id: str, unit: str) -> StatisticMetaData:
    return StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name=None,
        source="recorder",
        statistic_id=statistic_id,
        unit_class=DurationConverter.UNIT_CLASS,
        unit_of_measurement=unit,
    )


def _data(past: Past, unit: str) -> list[StatisticData]:
    convert: Any = DurationConverter.converter_factory(UnitOfTime.HOURS, unit)
    return [StatisticData(start=hour, sum=convert(total)) for hour, total in past.rows]
