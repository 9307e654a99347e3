"""Sensors over the store: they end with the day, and show nothing that was not read."""

import asyncio
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_component import async_update_entity
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockEntityPlatform,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.sensor import SERVER, StoreSensor
from custom_components.showrunner.sensors.history import AllViewers
from custom_components.showrunner.store import StoreError, ViewerTotals
from tests.walk.household import Household, entry_for, living, until
from world.lies import Lie, LieKind
from world.servers import Servers

from .faces import entity_id, state


class Counting:
    """Viewings of a store of which the day's number is the only thing asked."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []

    async def count(self, since: datetime, viewer_id: str | None = None) -> int:
        """Note since when."""
        self.asked.append(dt_util.as_utc(since))
        return len(self.asked)


@pytest.mark.parametrize(
    ("zone", "evening", "begins"),
    [
        ("Europe/Berlin", "2027-03-27T20:00", "2027-03-27T23:00Z"),
        ("Africa/Cairo", "2027-04-29T20:00", "2027-04-29T22:00Z"),  # no 0:00 on the 30th
        ("America/Santiago", "2026-09-05T20:00", "2026-09-06T04:00Z"),  # no 0:00 on the 6th
        ("Africa/Cairo", "2027-10-28T20:00", "2027-10-28T22:00Z"),  # 23:00 twice
    ],
)
async def test_a_day_ends_also_where_it_has_no_midnight(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, zone: str, evening: str, begins: str
) -> None:
    """At the first moment of the next day, whatever the clocks do that night; and every day."""
    await hass.config.async_set_time_zone(zone)
    freezer.move_to(datetime.fromisoformat(evening).replace(tzinfo=ZoneInfo(zone)))
    first = _midnight(zone)
    viewings = Counting()
    store = SimpleNamespace(viewings=viewings, add_listener=lambda *_: lambda: None)
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    runtime = SimpleNamespace(hass=hass, entry=entry, store=store)
    sensor = StoreSensor(cast("Any", runtime), SERVER[0])
    platform = MockEntityPlatform(hass, domain="sensor", platform_name=DOMAIN)
    platform.config_entry = entry
    await platform.async_add_entities([sensor])
    assert len(viewings.asked) == 1
    assert first == dt_util.parse_datetime(begins)
    for number in (2, 3):
        day = _midnight(zone)
        freezer.move_to(day)
        async_fire_time_changed(hass, day)
        await hass.async_block_till_done()
        assert len(viewings.asked) == number
        assert viewings.asked[-1] == day
        assert sensor.last_reset is not None
        assert dt_util.as_utc(sensor.last_reset) == day  # no time in a gap equals one in UTC
    await sensor.async_remove()


def _midnight(zone: str) -> datetime:
    """Find the first moment of tomorrow by looking at every quarter of an hour."""
    now = int(dt_util.utcnow().timestamp())
    today = dt_util.now().date()
    moments = (datetime.fromtimestamp(at, ZoneInfo(zone)) for at in range(now, now + 10**5, 900))
    return dt_util.as_utc(next(moment for moment in moments if moment.date() > today))


async def test_what_all_viewers_have_watched_is_one_question(hass: HomeAssistant) -> None:
    """All who ask in one moment, whatever of it; who asks meanwhile is in the next one."""
    asked: list[set[str]] = []
    go_on = asyncio.Event()

    async def of_viewers(viewers: set[str], *_: datetime) -> dict[str, ViewerTotals]:
        asked.append(set(viewers))
        await go_on.wait()
        return {"a": ViewerTotals(3)}

    store = SimpleNamespace(viewings=SimpleNamespace(of_viewers=of_viewers))
    viewers = AllViewers(cast("Any", SimpleNamespace(hass=hass, store=store)))
    first = [asyncio.ensure_future(viewers.ask(one)) for one in ("a", "b", "a")]
    await until(lambda: len(asked) == 1)
    first.append(asyncio.ensure_future(viewers.ask("c")))
    first[0].cancel()
    go_on.set()
    assert await asyncio.gather(*first[1:]) == [ViewerTotals(), ViewerTotals(3), ViewerTotals()]
    assert asked == [{"a", "b"}, {"c"}]


async def test_no_viewer_is_shown_what_could_not_be_read(hass: HomeAssistant) -> None:
    """All who have asked hear of it; the next question is asked anew."""
    answers: list[Exception | dict[str, ViewerTotals]] = [
        StoreError("gone"),
        {"a": ViewerTotals(1)},
    ]

    async def of_viewers(*_: object) -> dict[str, ViewerTotals]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    store = SimpleNamespace(viewings=SimpleNamespace(of_viewers=of_viewers))
    viewers = AllViewers(cast("Any", SimpleNamespace(hass=hass, store=store)))
    both = await asyncio.gather(viewers.ask("a"), viewers.ask("b"), return_exceptions=True)
    assert [type(one) for one in both] == [StoreError, StoreError]
    assert await viewers.ask("a") == ViewerTotals(1)


async def test_what_the_store_cannot_tell_is_not_shown(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unavailable while the database fails, and back with it."""

    async def fail(*_: object) -> int:
        raise StoreError("the disk is gone")

    assert state(household, "viewings_today").state == "0"
    with monkeypatch.context() as patch:
        patch.setattr(household.runtime.store.viewings, "count", fail)
        await async_update_entity(household.hass, entity_id(household, "viewings_today"))
        assert state(household, "viewings_today").state == "unavailable"
        assert state(household, "decisions_today").state == "0"
    await async_update_entity(household.hass, entity_id(household, "viewings_today"))
    assert state(household, "viewings_today").state == "0"


async def test_a_service_that_is_down_at_the_start_has_its_entities_and_comes_back(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """No reload is needed, and the others don't wait for it."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    servers.radarr.liar.tell(Lie(LieKind.ERROR))
    async with living(hass, servers, client, entry_for(servers)) as house:
        for key in ("queue", "monitored_missing", "free_space"):
            assert state(house, key, "Radarr").state == "unavailable"
        assert state(house, "connected", "Radarr").state == "off"
        assert state(house, "connected", "Prowlarr").state == "on"
        servers.radarr.liar.be_honest()
        (radarr,) = house.runtime.radarrs.values()
        await radarr.async_refresh()
        await hass.async_block_till_done()
        data = radarr.data
        assert state(house, "queue", "Radarr").state == str(len(data.queue))
        assert state(house, "monitored_missing", "Radarr").state == str(data.missing)
        space = state(house, "free_space", "Radarr")
        assert data.free_bytes is not None
        assert float(space.state) == pytest.approx(data.free_bytes / 1e9)
        assert space.attributes["unit_of_measurement"] == "GB"
        assert state(house, "connected", "Radarr").state == "on"
