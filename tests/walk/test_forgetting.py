"""A viewer who is removed leaves no trace; one who is merely out of sight keeps everything."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.runtime import database_path
from custom_components.showrunner.store import Store
from world.servers import Servers

from .household import Household, entry_for, living, until, with_links

FILM = "The Lantern Keeper"


def _subentry(house: Household, title: str) -> str:
    return next(key for key, one in house.entry.subentries.items() if one.title == title)


async def _reloaded(house: Household, before: object) -> None:
    await until(
        lambda: (
            house.entry.state is ConfigEntryState.LOADED and house.entry.runtime_data is not before
        )
    )
    await house.hass.async_block_till_done()


async def test_a_removed_viewer_is_forgotten(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At once, with device and entities; the other one's history stays."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    entry = entry_for(servers, viewers=("Sofa", "Kitchen"))
    async with living(hass, servers, client, entry) as house:
        for name in ("Sofa", "Kitchen"):
            await house.watch(name, FILM)
        await until(lambda: _count(house, 2))
        gone, before = house.user("Kitchen").id, house.runtime
        subentry = _subentry(house, "Kitchen")
        hass.config_entries.async_remove_subentry(entry, subentry)
        await _reloaded(house, before)
        (left,) = await house.runtime.store.viewings.history()
        assert left.viewer_id == house.user("Sofa").id
        assert await house.runtime.store.viewings.watch_hours(gone) == {}
        assert await house.runtime.store.kv.get("viewers") == {left.viewer_id: "Sofa"}
        decided = [one["viewer"] for one in await house.decisions(FILM)]
        assert "Kitchen" not in decided
        assert "Sofa" in decided
        entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        assert not [one for one in entities if one.config_subentry_id == subentry]
        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        assert not [one for one in devices if subentry in str(one.identifiers)]
        assert "Forgot a viewer who is no longer linked, and 1 viewings" in caplog.text
        # They play on: nobody looks.
        await house.watch("Kitchen", FILM)
        await house.watch("Sofa", "Salt on the Window")
        await until(lambda: _count(house, 2))
        assert gone not in {one.viewer_id for one in await house.runtime.store.viewings.history()}


async def _count(house: Household, number: int) -> bool:
    return len(await house.runtime.store.viewings.history()) == number


@pytest.mark.parametrize("whole", [True, False])
async def test_who_was_removed_while_nobody_looked_is_forgotten_at_the_start(
    hass: HomeAssistant,
    servers: Servers,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    whole: bool,
) -> None:
    """But not by an entry that has lost everything that was linked: that is no wish of anybody."""
    await async_setup_component(hass, "webhook", {})
    client = await hass_client_no_auth()
    entry = entry_for(servers, viewers=())
    if not whole:
        entry = _without_subentries(entry)
    path = database_path(hass, entry.entry_id)
    store = await Store.open(path)
    from tests.store.viewings import WHOLE

    await store.viewings.save(WHOLE)
    await store.kv.put("viewers", {WHOLE.viewer_id: "Attic"})
    await store.close()
    async with living(hass, servers, client, entry) as house:
        kept = await house.runtime.store.viewings.history()
        assert len(kept) == (0 if whole else 1)
        assert ("Nothing is linked any more" in caplog.text) is not whole


def _without_subentries(entry):  # type: ignore[no-untyped-def]

    return with_links(entry, ())
