"""From an import to Jellyfin, which looks where it lies: in a real Home Assistant."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.jobs.refresh import job as refresh
from custom_components.showrunner.jobs.registry import JOBS
from custom_components.showrunner.signals import Topic
from tests.platforms.faces import act, entity_id, state
from world.catalogue import by_name
from world.clock import utcnow
from world.lies import Lie, LieKind
from world.radarr_library import Movie
from world.servers import Servers

from .household import Household, entry_for, living, until, with_links

SECOND = "The Lantern Keeper"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "_FIRST_PAUSE", timedelta(milliseconds=50))


def told(house: Household) -> list[str]:
    """Say what Jellyfin was told, a text for each time."""
    return [event.detail for event in house.servers.world.diary if event.kind == "refresh"]


def folder(film: str) -> str:
    """Name a film's permanent folder as Jellyfin does."""
    return f"/media/movies/{by_name(film).label}"


def imported(house: Household, film: str, hours: float = 0) -> Movie:
    """Have Radarr import a film by itself, by a clock that is some hours ahead."""
    library = house.servers.radarr_state.library
    movie = library.by_tmdb(by_name(film).tmdb)
    assert movie is not None
    movie.path = f"/data/movies/{movie.film.label}"
    house.servers.world.moved_home(movie.film)
    library.attach(movie)
    library.record(movie, "downloadFolderImported", "ab", utcnow() + timedelta(hours=hours))
    return movie


async def began(house: Household) -> None:
    """Wait until every Radarr has its checkpoint."""
    for service_id in house.runtime.radarrs:
        key = f"refresh:{service_id}"

        async def there(key: str = key) -> bool:
            return await house.runtime.store.kv.get(key) is not None

        await until(there)


async def shown(house: Household, film: str) -> bool:
    """Tell whether Jellyfin plays a film from its permanent folder."""
    item = await house.runtime.jellyfin.client.item(by_name(film).item_id, None)
    return item is not None and (item.path or "").startswith(folder(film))


async def press(house: Household, key: str = "run_refresh") -> None:
    """Press a button."""
    await house.hass.services.async_call(
        "button", "press", {"entity_id": entity_id(house, key)}, blocking=True
    )


async def settled(house: Household, **data: Any) -> Any:
    """Call the action when no run is under way any more."""
    await until(lambda: house.runtime.jobs.named("refresh")._running is None)
    return await act(house, "refresh_library", **data)


@asynccontextmanager
async def without_a_mapping(
    hass: HomeAssistant, servers: Servers, client: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Live in a household whose Radarr has no path mapping."""
    await async_setup_component(hass, "webhook", {})
    plain = entry_for(servers)
    subentries = [
        ConfigSubentryData(
            data={key: value for key, value in one.data.items() if key != "path_map"},
            subentry_type=one.subentry_type,
            title=one.title,
            unique_id=one.unique_id,
        )
        for one in plain.subentries.values()
    ]
    entry = with_links(plain, subentries)
    async with living(hass, servers, await client(), entry) as house:
        await began(house)
        yield house


async def test_a_film_that_was_fetched_is_told_by_itself(household: Household) -> None:
    """The download's end is the hint; Jellyfin is told the folder once, and plays from there."""
    world = household.servers.world
    world.needs_refresh = True
    await began(household)
    await household.watch("Sofa", SECOND)
    ended = await household.acquisition(SECOND)
    assert ended.state is AcquisitionState.IMPORTED
    await until(lambda: told(household), what="Jellyfin is told")
    assert told(household) == [folder(SECOND)]
    assert await shown(household, SECOND)
    calls = household.servers.jellyfin.called("POST", "/Library")
    assert [(call.path, call.status) for call in calls] == [("/Library/Media/Updated", 204)]
    await until(lambda: state(household, "job").attributes.get("job") == "refresh")
    job = state(household, "job").attributes
    assert (job["event_type"], job["title"], job["outcome"]) == ("done", folder(SECOND), "paths")
    await press(household)
    await household.hass.async_block_till_done()
    assert told(household) == [folder(SECOND)]


async def test_what_radarr_imports_by_itself_is_told_once_over_a_restart(
    household: Household,
) -> None:
    """It happens while Home Assistant is down; and what was told before stays told."""
    household.servers.world.needs_refresh = True
    await began(household)
    imported(household, SECOND)
    await press(household)
    await until(lambda: told(household) == [folder(SECOND)])
    await until(lambda: state(household, "job").attributes.get("job") == "refresh")
    await household.hass.config_entries.async_unload(household.entry.entry_id)
    imported(household, "Granite")
    assert not household.servers.jellyfin.called("POST", "/Library/Refresh")
    await household.hass.config_entries.async_setup(household.entry.entry_id)
    await until(lambda: len(told(household)) > 1)
    await press(household)
    assert told(household) == [folder(SECOND), folder("Granite")]
    assert await shown(household, "Granite")


async def test_jellyfin_fails_three_times(household: Household) -> None:
    """It is told all the same, once; the failure is an event, once."""
    await began(household)
    seen: list[str] = []
    household.runtime.signals.subscribe(
        Topic.JOB, lambda kind, said: seen.append(f"{said['job']} {kind}")
    )
    lie = Lie(LieKind.ERROR, "/Library/Media/Updated", times=3)
    household.servers.jellyfin.liar.tell(lie)
    imported(household, SECOND)
    await press(household)
    await until(lambda: seen[-1:] == ["refresh done"])
    assert seen == ["refresh failed", "refresh done"]
    calls = household.servers.jellyfin.called("POST", "/Library/Media/Updated")
    assert [call.status for call in calls] == [500, 500, 500, 204]
    assert told(household) == [folder(SECOND)]


@pytest.mark.parametrize("hours", [-3, 3, 24 * 60])
async def test_radarrs_clock_is_wrong_and_put_right(household: Household, hours: int) -> None:
    """Nothing is lost or doubled by that."""
    await began(household)
    imported(household, SECOND, hours)
    await press(household)
    await until(lambda: told(household) == [folder(SECOND)])
    imported(household, "Granite")
    await press(household)
    await until(lambda: len(told(household)) > 1)
    await press(household)
    await household.hass.async_block_till_done()
    assert told(household) == [folder(SECOND), folder("Granite")]


async def test_without_a_mapping_everything_is_scanned_once(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Jellyfin's libraries don't hold Radarr's paths: only a whole scan can help."""
    servers.world.needs_refresh = True
    async with without_a_mapping(hass, servers, hass_client_no_auth) as house:
        imported(house, SECOND)
        house.runtime.jobs.named("refresh").hint()
        await until(lambda: told(house))
        assert await shown(house, SECOND)
        imported(house, "Granite")
        house.runtime.jobs.named("refresh").hint()
        await until(lambda: len(servers.radarr.called("GET", "/api/v3/history/since")) > 2)
        await hass.async_block_till_done()
        answer = await settled(house, dry_run=True)
        assert (answer["scan"], len(answer["unmapped"])) == ("full", 1)
        assert told(house) == ["/media"]
        calls = servers.jellyfin.called("POST", "/Library")
        assert [(call.path, call.status) for call in calls] == [("/Library/Refresh", 204)]


async def test_the_dry_run_does_not_hold_it_back(household: Household) -> None:
    """Nobody's files are changed; its own switch does, and a person's word goes before both."""
    await began(household)
    await household.runtime.set_option("safety", "dry_run", True)
    imported(household, SECOND)
    household.runtime.jobs.named("refresh").hint()
    await until(lambda: told(household) == [folder(SECOND)])
    assert (await settled(household, dry_run=True))["scan"] == "none"
    await household.hass.services.async_call(
        "switch", "turn_off", {"entity_id": entity_id(household, "auto_refresh")}, blocking=True
    )
    await household.hass.async_block_till_done()
    assert household.entry.options["refresh"]["enabled"] is False
    imported(household, "Granite")
    asked = len(household.servers.radarr.called("GET", "/api/v3/history/since"))
    household.runtime.jobs.named("refresh").hint()
    await household.hass.async_block_till_done()
    assert len(household.servers.radarr.called("GET", "/api/v3/history/since")) == asked
    answer = await act(household, "refresh_library")
    assert answer == {
        "paths": [folder("Granite")],
        "scan": "paths",
        "unmapped": [],
        "unknown": [],
    }
    assert told(household) == [folder(SECOND), folder("Granite")]


async def test_the_action_tells_paths_and_shows_them_first(household: Household) -> None:
    """Under either name; what is in no library is refused."""
    await began(household)
    there = f"/data/movies/{by_name(SECOND).label}"
    for dry_run in (True, False):
        answer = await act(household, "refresh_library", paths=there, dry_run=dry_run)
        assert (answer["paths"], answer["scan"]) == ([folder(SECOND)], "paths")
        assert told(household) == ([] if dry_run else [folder(SECOND)])
    with pytest.raises(ServiceValidationError) as caught:
        await act(household, "refresh_library", paths=["/elsewhere/x"])
    assert str(caught.value).startswith("/elsewhere/x is in none of Jellyfin's libraries")
    answer = await act(household, "refresh_library", dry_run=True)
    assert (answer["paths"], answer["scan"]) == ([], "none")
    household.servers.radarr.liar.tell(Lie(LieKind.ERROR, "/history/since"))
    with pytest.raises(HomeAssistantError) as failed:
        await act(household, "refresh_library")
    assert failed.value.translation_key == "service_failed"


async def test_the_action_is_for_administrators_when_it_acts(household: Household) -> None:
    """To be shown what would be told is for everybody."""
    user = MockUser(is_owner=False).add_to_hass(household.hass)
    context = Context(user_id=user.id)
    await act(household, "refresh_library", context=context, dry_run=True)
    with pytest.raises(Unauthorized):
        await act(household, "refresh_library", context=context)
    assert told(household) == []


async def test_a_second_run_is_told_of_the_first(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words."""

    async def running(**_: Any) -> None:
        raise refresh.RefreshRunning(utcnow())

    monkeypatch.setattr(household.runtime.jobs.named("refresh"), "tell_pending", running)
    with pytest.raises(HomeAssistantError) as caught:
        await act(household, "refresh_library")
    assert str(caught.value).startswith("Jellyfin is being told already, since 20")


async def test_every_job_has_its_switch_and_its_button(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry, the runtime and the faces name the same."""
    assert [spec.key for spec, _ in household.runtime.jobs] == list(JOBS)
    switches = {spec.key for spec in JOBS.values() if spec.switch}
    assert switches == {"download", "refresh", "purge", "sync", "extras", "cleanup"}
    for spec, job in household.runtime.jobs:
        if spec.switch is None or spec.run_now is None:
            continue
        section, option = spec.switch.section, spec.switch.option
        # What takes something away is off until a person switches it on.
        on = spec.switch.default
        assert on is (spec.key in ("download", "refresh"))
        assert state(household, spec.switch_key).state == ("on" if on else "off")
        await household.runtime.set_option(section, option, True)
        assert spec.switch.is_on(household.runtime.settings.page(section)) is True
        await household.runtime.set_option(section, option, False)
        assert spec.switch.is_on(household.runtime.settings.page(section)) is False
        ran = asyncio.Event()
        one = "run" if spec.key in ("purge", "extras", "cleanup") else "run_now"
        monkeypatch.setattr(job, one, partial(_note, ran))
        await press(household, spec.button_key)
        await until(ran.is_set, what=f"{spec.key} is run")


def _note(ran: asyncio.Event) -> asyncio.Future[None]:
    """Note that a job is run; some wait for it, and some only wake it."""
    ran.set()
    over = asyncio.get_running_loop().create_future()
    over.set_result(None)
    return over
