"""A damaged database is told as what it is, and has two ways out; nothing is deleted on either."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
import logging
from pathlib import Path
import sqlite3
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators import playback
from custom_components.showrunner.issues import database
from custom_components.showrunner.issues.database import issue_id_of
from custom_components.showrunner.repairs import async_create_fix_flow
from custom_components.showrunner.runtime import database_path
from custom_components.showrunner.store import Store, StoreError
from tests.store.damage import fill, spoil
from tests.walk.household import Household, entry_for, living, until
from world.servers import Servers

FIX = "/api/repairs/issues/fix"


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give Home Assistant a folder of its own."""
    return str(tmp_path)


@pytest.fixture
async def entry(hass: HomeAssistant, servers: Servers) -> MockConfigEntry:
    """Give an entry that is not set up yet."""
    for component in ("webhook", "repairs"):
        await async_setup_component(hass, component, {})
    return entry_for(servers)


def path_of(hass: HomeAssistant, entry: MockConfigEntry) -> Path:
    """Name the entry's database."""
    return database_path(hass, entry.entry_id)


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Find the repair."""
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id_of(entry.entry_id))


def kept(hass: HomeAssistant) -> list[Path]:
    """List what was put aside."""
    return sorted(Path(hass.config.config_dir).glob("*.damaged-*"))


def calm(caplog: pytest.LogCaptureFixture) -> bool:
    """Tell whether it was said once, and without a stack."""
    loud = [one for one in caplog.records if one.levelno > logging.DEBUG]
    said = [one for one in loud if one.levelno >= logging.ERROR]
    traces = [one for one in loud if one.exc_info or "Traceback" in one.getMessage()]
    return not traces and len(said) == 1


@asynccontextmanager
async def mending(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> AsyncGenerator[Any]:
    """Open the repair as the front end does; give what chooses, and what goes on."""
    admin = await hass_client()
    begin = {"handler": DOMAIN, "issue_id": issue_id_of(entry.entry_id)}
    menu = await (await admin.post(FIX, json=begin)).json()
    assert (menu["type"], menu["menu_options"]) == ("menu", ["restore", "anew"])
    assert menu["description_placeholders"]["file"] == path_of(hass, entry).name

    async def answer(**given: str) -> dict[str, Any]:
        posted = await admin.post(f"{FIX}/{menu['flow_id']}", json=given)
        body: dict[str, Any] = await posted.json()
        return body

    yield answer


async def spoilt(path: Path) -> bytes:
    """Write a database and lose some of its pages."""
    store = await Store.open(path)
    await fill(store, 400)
    await store.close()
    spoil(path)
    return path.read_bytes()


async def test_rubbish_is_told_and_kept_aside(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No trace of a stack; a person chooses, and then it runs."""
    path, rubbish = path_of(hass, entry), b"this is no database" * 1000
    path.write_bytes(rubbish)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert "is damaged" in (entry.reason or "")
    assert calm(caplog)
    found = issue(hass, entry)
    assert found is not None
    assert (found.is_fixable, found.severity) == (True, ir.IssueSeverity.ERROR)
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["name"] == "Demo"
    async with mending(hass, entry, hass_client) as answer:
        result = await answer(next_step_id="restore")
        assert (result["type"], result["reason"]) == ("abort", "restore")
    assert issue(hass, entry) is not None
    assert path.read_bytes() == rubbish
    async with mending(hass, entry, hass_client) as answer:
        form = await answer(next_step_id="anew")
        assert (form["type"], form["step_id"]) == ("form", "anew")
        assert (await answer())["type"] == "create_entry"
    assert issue(hass, entry) is None
    assert entry.state is ConfigEntryState.LOADED
    (aside,) = kept(hass)
    assert aside.read_bytes() == rubbish
    assert await entry.runtime_data.store.viewings.history() == ()
    await hass.config_entries.async_unload(entry.entry_id)


async def test_damage_is_found_although_nobody_met_it(
    hass: HomeAssistant,
    servers: Servers,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the start, in the background; the entry runs on until a person chooses."""
    monkeypatch.setattr(database, "FIRST_LOOK", timedelta(0))
    damaged = await spoilt(path_of(hass, entry))
    async with living(hass, servers, await hass_client_no_auth(), entry):
        await until(lambda: issue(hass, entry) is not None)
        assert entry.state is ConfigEntryState.LOADED
        async with mending(hass, entry, hass_client) as answer:
            await answer(next_step_id="anew")
            assert (await answer())["type"] == "create_entry"
        assert entry.state is ConfigEntryState.LOADED
        assert issue(hass, entry) is None
        assert len(kept(hass)[0].read_bytes()) >= len(damaged)
        assert await entry.runtime_data.store.check(60) is None


async def test_a_whole_database_is_looked_at_and_nothing_is_said(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Again and again, and a look that could not end is no damage."""
    store, entry = household.runtime.store, household.entry
    looks: list[str | None] = []
    check = store.check

    async def stopped_once(limit: float) -> str | None:
        looks.append(await check(limit) if looks else "stopped")
        if len(looks) == 1:
            raise StoreError("the database could not be checked: interrupted")
        return looks[-1]

    monkeypatch.setattr(store, "check", stopped_once)
    monkeypatch.setattr(database, "FIRST_LOOK", timedelta(0))
    monkeypatch.setattr(database, "EVERY", timedelta(0))
    task = asyncio.create_task(database.look(household.runtime))
    await until(lambda: len(looks) >= 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert looks[:3] == ["stopped", None, None]
    assert issue(household.hass, entry) is None


async def test_damage_that_the_setup_meets(
    hass: HomeAssistant, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """What was playing can't be read: the same repair, and the files are let go of."""
    path = path_of(hass, entry)
    await (await Store.open(path)).close()
    with sqlite3.connect(path) as raw:
        for key in (playback._TRACKER_KEY, playback._RECENT_KEY):
            raw.execute("INSERT INTO kv VALUES (?, '{')", (key,))
    raw.close()
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert calm(caplog)
    assert issue(hass, entry) is not None
    path.unlink()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert issue(hass, entry) is None
    await hass.config_entries.async_unload(entry.entry_id)


async def test_what_a_person_must_mend_elsewhere_is_no_repair(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A link in the database's place: said at the entry, and tried again."""
    path = path_of(hass, entry)
    path.symlink_to(path.with_name("elsewhere"))
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert "symbolic link" in (entry.reason or "")
    assert issue(hass, entry) is None
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_repair_of_an_entry_that_is_gone(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """It was removed while the repair was open; with it the repair goes."""
    path_of(hass, entry).write_bytes(b"rubbish" * 999)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert issue(hass, entry) is not None
    await hass.config_entries.async_remove(entry.entry_id)
    assert issue(hass, entry) is None
    flow: Any = await async_create_fix_flow(hass, "x", {"entry_id": "gone", "damage": "x"})
    flow.hass, flow.flow_id, flow.handler = hass, "f", DOMAIN
    assert (await flow.async_step_init())["reason"] == "gone"
    assert (await flow.async_step_anew({}))["reason"] == "gone"
