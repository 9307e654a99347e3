"""Long-term statistics of watch time, in a real recorder: the past, the live hours, and no jump."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity_component import async_update_entity
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockEntityPlatform
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.showrunner import statistics
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.options import Options
from custom_components.showrunner.sensors.history import VIEWER, AllViewers, ViewerSensor
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import Store
from tests.domain.samples import UNIT
from tests.store.viewings import WHOLE

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_USER = "a" * 32


@dataclass
class Recorded:
    """A viewer's sensor, recorded."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    entry: MockConfigEntry
    store: Store
    entity_id: str

    async def watch(self, ended: datetime, seconds: float, film: int) -> None:
        """Store a viewing; the sensor reads it."""
        unit = replace(UNIT, ids=ProviderIds(tmdb=film), item_id=f"{film:032x}")
        began = ended - timedelta(seconds=seconds)
        viewing = replace(
            WHOLE,
            viewer_id=_USER,
            unit=unit,
            day=began.date(),
            started_at=began,
            ended_at=ended,
            watched=seconds,
        )
        await self.store.viewings.save(viewing)
        await async_update_entity(self.hass, self.entity_id)
        await self.hass.async_block_till_done()

    async def hour(self, begin: datetime, *viewings: tuple[float, int]) -> None:
        """Live through an hour; the statistics are made as the recorder does it."""
        self.freezer.move_to(begin + timedelta(minutes=1))
        await async_update_entity(self.hass, self.entity_id)
        await async_wait_recording_done(self.hass)
        do_adhoc_statistics(self.hass, start=begin)
        await async_wait_recording_done(self.hass)
        self.freezer.move_to(begin + timedelta(minutes=56))
        for seconds, film in viewings:
            await self.watch(dt_util.utcnow(), seconds, film)
        await async_wait_recording_done(self.hass)
        do_adhoc_statistics(self.hass, start=begin + timedelta(minutes=55))
        await async_wait_recording_done(self.hass)
        self.freezer.move_to(begin + _HOUR)

    async def changes(self, period: str = "hour") -> dict[datetime, float]:
        """Say what a statistics graph shows, without the empty hours."""
        await async_wait_recording_done(self.hass)
        found = await get_instance(self.hass).async_add_executor_job(
            statistics_during_period,
            *(self.hass, datetime(2020, 1, 1, tzinfo=UTC), None, {self.entity_id}),
            *(period, None, {"change", "sum"}),
        )
        rows = found.get(self.entity_id, [])
        return {
            datetime.fromtimestamp(row["start"], UTC): round(row["change"], 3)
            for row in rows
            if abs(row["change"]) > 1e-3
        }


@pytest.fixture
async def recorded(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
) -> AsyncGenerator[Recorded]:
    """Track a viewer since noon."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(NOON)
    await async_setup_component(hass, "sensor", {})
    store = await Store.open(tmp_path / "store.db")
    entry = MockConfigEntry(
        domain=DOMAIN,
        subentries_data=[
            {"data": {}, "subentry_id": "S1", "subentry_type": "viewer", "title": "Sofa"}  # type: ignore[typeddict-item]
        ],
    )
    entry.add_to_hass(hass)
    (subentry_id,) = entry.subentries
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, entry.entry_id)}
    )
    runtime = SimpleNamespace(
        links={},
        hass=hass,
        entry=entry,
        store=store,
        signals=Signals(),
        options=Options(),
        viewers={_USER: SimpleNamespace(user_id=_USER, subentry_id=subentry_id)},
    )
    entry.runtime_data = runtime
    (description,) = (one for one in VIEWER if one.key == "watch_time")
    viewers = AllViewers(cast("Any", runtime))
    sensor = ViewerSensor(viewers, cast("Any", runtime), description, subentry_id, _USER)
    platform = MockEntityPlatform(hass, domain="sensor", platform_name=DOMAIN)
    platform.config_entry = entry
    await platform.async_add_entities([sensor], config_subentry_id=subentry_id)
    yield Recorded(hass, freezer, entry, store, sensor.entity_id)
    await sensor.async_remove()
    await store.close()


async def _write(recorded: Recorded) -> bool:
    done = await statistics.write_past(recorded.hass, cast("Any", recorded.entry))
    await async_wait_recording_done(recorded.hass)
    return done


async def test_the_imported_past_and_the_live_hours_are_one_statistic(recorded: Recorded) -> None:
    """Every hour its time, before and after; also when it is imported again, and with more."""
    await recorded.hour(NOON, (3600, 1))
    live = {NOON: 1.0}
    assert await recorded.changes() == live
    past = {NOON - 40 * _DAY: 2.0, NOON - 3 * _DAY: 1.5}
    await recorded.watch(NOON - 40 * _DAY, 7200, 2)
    await recorded.watch(NOON - 3 * _DAY, 5400, 3)
    assert await _write(recorded)
    assert await recorded.changes() == past | live
    await recorded.hour(NOON + _HOUR, (1800, 4))
    live |= {NOON + _HOUR: 0.5}
    assert await recorded.changes() == past | live
    assert await _write(recorded)
    assert await recorded.changes() == past | live
    await recorded.watch(NOON - 20 * _DAY, 3600, 5)
    assert await _write(recorded)
    past |= {NOON - 20 * _DAY: 1.0}
    await recorded.hour(NOON + 2 * _HOUR, (900, 6))
    live |= {NOON + 2 * _HOUR: 0.25}
    assert await recorded.changes() == past | live
    assert sum((await recorded.changes("month")).values(), 0.0) == pytest.approx(6.25)


async def test_it_goes_on_over_midnight(recorded: Recorded) -> None:
    """The sensor begins anew, the statistic does not."""
    await recorded.watch(NOON - _DAY, 3600, 1)
    await recorded.hour(NOON, (3600, 2))
    assert await _write(recorded)
    evening = NOON.replace(hour=23)
    await recorded.hour(evening, (1800, 3))
    await recorded.hour(evening + _HOUR, (900, 4))
    state = recorded.hass.states.get(recorded.entity_id)
    assert state is not None
    assert float(state.state) == pytest.approx(0.25)
    assert state.attributes["last_reset"] == "2026-06-11T00:00:00+00:00"
    assert await recorded.changes() == {
        NOON - _DAY: 1.0,
        NOON: 1.0,
        evening: 0.5,
        evening + _HOUR: 0.25,
    }


async def test_before_the_first_hour_is_over_the_past_waits(recorded: Recorded) -> None:
    """Written now it would end above the live hours, which begin at nothing."""
    await recorded.watch(NOON - 3 * _DAY, 3600, 1)
    assert not await _write(recorded)
    assert await recorded.changes() == {}
    await recorded.hour(NOON, (3600, 2))
    assert await _write(recorded)
    assert await recorded.changes() == {NOON - 3 * _DAY: 1.0, NOON: 1.0}


async def test_a_changed_unit_changes_nothing(recorded: Recorded) -> None:
    """Somebody looks at minutes, and has the statistic kept so too."""
    await recorded.hour(NOON, (3600, 1))
    instance = get_instance(recorded.hass)
    instance.async_change_statistics_unit(
        recorded.entity_id, new_unit_of_measurement="min", old_unit_of_measurement="h"
    )
    await async_wait_recording_done(recorded.hass)
    await recorded.watch(NOON - 3 * _DAY, 7200, 2)
    assert await _write(recorded)
    assert await recorded.changes() == {NOON - 3 * _DAY: 2.0, NOON: 1.0}


async def test_an_import_writes_it_by_itself(recorded: Recorded) -> None:
    """Whether it ended well or not; and what waits is remembered."""
    entry = cast("Any", recorded.entry)
    statistics.register(recorded.hass, entry)
    await recorded.watch(NOON - 3 * _DAY, 3600, 1)
    await recorded.hour(NOON, (3600, 2))
    entry.runtime_data.signals.send(Topic.JOB, "done", {"job": "download"})
    await recorded.hass.async_block_till_done()
    assert len(await recorded.changes()) == 1
    entry.runtime_data.signals.send(Topic.JOB, "failed", {"job": "import_history"})
    for _ in range(200):
        if len(await recorded.changes()) == 2:
            break
    assert await recorded.changes() == {NOON - 3 * _DAY: 1.0, NOON: 1.0}
    for task in tuple(entry._background_tasks):
        task.cancel()


async def test_without_the_recorder_nothing_is_done(hass: HomeAssistant) -> None:
    """And nothing listens."""
    entry = MockConfigEntry(domain=DOMAIN)
    statistics.register(hass, cast("Any", entry))  # would fail: it has no runtime data
    assert not entry._background_tasks
