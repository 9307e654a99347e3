"""A reload leaves nothing behind: neither memory nor work for Python's collector."""

import asyncio
import gc
import weakref

from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.jobs.title_lookup import Meant, TitleLookup
from custom_components.showrunner.runtime import parting

from .household import Household, until


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody go on with what was replaced."""
    monkeypatch.setattr(parting, "PAUSE", 0.0)


async def test_what_a_reload_replaces_is_free_at_once(household: Household) -> None:
    """Without the collector, which would hold Home Assistant up for all that it looks through."""
    hass, entry = household.hass, household.entry
    # Whatever has come from setting all of it up, and is not ours.
    gc.collect()
    gc.disable()
    try:
        runtime = household.runtime
        parts = {
            "runtime": runtime,
            "requests": runtime.requests,
            "jellyfin": runtime.jellyfin,
            "library": runtime.library,
            "store": runtime.store,
            "signals": runtime.signals,
            "notifier": runtime.notifier,
            "availability": runtime.availability,
            "jobs": runtime.jobs,
            "links": runtime.links,
        }
        jobs = {f"job {spec.key}": job for spec, job in runtime.jobs}
        # Not those few that nobody can refer to weakly.
        parts |= {name: job for name, job in jobs.items() if hasattr(job, "__weakref__")}
        parts |= {one.title: one for one in runtime.services}
        assert len(parts) > 15
        left = {name: weakref.ref(part) for name, part in parts.items()}
        del runtime, parts, jobs
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        await until(lambda: all(part() is None for part in left.values()))
        # Nor is anything of it left that what runs now needs.
        assert household.runtime.radarrs
    finally:
        gc.enable()


async def test_what_was_unloaded_and_never_set_up_again_is_nobodys(household: Household) -> None:
    """Nothing of ours holds it for the next time: the collector may have it."""
    runtime = weakref.ref(household.runtime)
    await household.hass.config_entries.async_unload(household.entry.entry_id)
    await household.hass.async_block_till_done()

    def gone() -> bool:
        gc.collect()
        return runtime() is None

    await until(gone)
    await household.hass.config_entries.async_setup(household.entry.entry_id)
    assert household.entry.state is ConfigEntryState.LOADED


async def test_what_still_carries_out_a_plan_is_left_to_end(household: Household) -> None:
    """Whoever has asked for it right before; nothing is taken from under it."""
    hass, entry, runtime = household.hass, household.entry, household.runtime
    runtime.runner._running["purge"] = "p1"
    await hass.config_entries.async_reload(entry.entry_id)
    idle = household.runtime
    assert idle is not runtime
    await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: not vars(idle.runner))
    assert runtime.runner.is_busy
    assert runtime.store.plans
    del runtime.runner._running["purge"]
    await until(lambda: not vars(runtime.runner))


async def test_who_is_answered_is_answered_by_what_was_asked(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long after a reload: with what is closed by then, and in words."""
    hass, entry, runtime = household.hass, household.entry, household.runtime
    asked, goes_on = asyncio.Event(), asyncio.Event()
    find = TitleLookup.find

    async def slowly(self: TitleLookup, written: str) -> Meant:
        asked.set()
        await goes_on.wait()
        return await find(self, written)

    monkeypatch.setattr(TitleLookup, "find", slowly)
    call = hass.services.async_call(
        DOMAIN, "get_title", {"title": "movie:tmdb:603"}, blocking=True, return_response=True
    )
    answer = asyncio.ensure_future(call)
    await asked.wait()
    await hass.config_entries.async_reload(entry.entry_id)
    idle = household.runtime
    await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: not vars(idle.runner))
    assert vars(runtime.titles)
    goes_on.set()
    with pytest.raises(HomeAssistantError) as said:
        await answer
    assert said.value.translation_domain == DOMAIN
    await until(lambda: not vars(runtime.titles))
