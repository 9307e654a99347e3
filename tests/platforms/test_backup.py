"""A backup that Home Assistant makes while the history is written, restored into a fresh one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
import sqlite3
import threading
from unittest.mock import patch

from homeassistant.backup_restore import restore_backup
from homeassistant.components.backup.const import DATA_MANAGER
from homeassistant.components.backup.manager import BackupManager, CoreBackupReaderWriter
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_test_home_assistant
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner import backup
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.runtime import database_path, databases as open_databases
from custom_components.showrunner.runtime.databases import databases
from custom_components.showrunner.store import Store, StoreError
from tests.domain.samples import NOW
from tests.store.scratch import taken_up
from tests.store.viewings import WHOLE
from tests.walk.household import Household, entry_for, living, until
from world.servers import Servers

# How Home Assistant calls what copies the files, and the task that it runs in.
COPY = "_mkdir_and_generate_backup_contents"
MAKING = "backup_manager_create_backup"
_EVER = NOW - timedelta(days=1)


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give Home Assistant a folder of its own: a backup is a copy of all of it."""
    folder = tmp_path / "config"
    folder.mkdir()
    return str(folder)


@pytest.fixture
async def household(
    hass: HomeAssistant, servers: Servers, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Household]:
    """Give a household whose Home Assistant makes backups."""
    for component in ("webhook", "backup"):
        assert await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    async with living(hass, servers, client, entry_for(servers)) as house:
        yield house


@pytest.fixture
async def manager(household: Household) -> BackupManager:
    """Give Home Assistant's own backups."""
    made: BackupManager = household.hass.data[DATA_MANAGER]
    await until(lambda: DOMAIN in made.platforms)
    return made


async def create(manager: BackupManager) -> None:
    """Make a backup, as its page and its schedule do."""
    await manager.async_create_backup(
        agent_ids=["backup.local"],
        include_addons=None,
        include_all_addons=False,
        include_database=True,
        include_folders=None,
        include_homeassistant=True,
        name="test",
        password=None,
    )


def restored(made: Path, folder: Path) -> None:
    """Restore a backup as Home Assistant does when it starts."""
    folder.mkdir()
    (folder / ".HA_RESTORE").write_text(
        json.dumps(
            {
                "path": str(made),
                "password": None,
                "remove_after_restore": False,
                "restore_database": True,
                "restore_homeassistant": True,
            }
        )
    )
    assert restore_backup(str(folder))


class Writers:
    """Write viewings again and again, and know what the store has acknowledged."""

    def __init__(self, store: Store, first: int) -> None:
        self._store = store
        self._first = first
        self.over = False
        self.begun = 0
        self.acknowledged = 0

    async def write(self) -> None:
        number, self.begun = self._first + self.begun, self.begun + 1
        unit = replace(WHOLE.unit, ids=ProviderIds(tmdb=number + 1), item_id=f"{number:032x}")
        await self._store.viewings.save(replace(WHOLE, unit=unit))
        self.acknowledged += 1

    async def run(self) -> None:
        """Write fifty in a second, each whether or not the one before is done."""
        under_way = []
        while not self.over:
            under_way.append(asyncio.create_task(self.write()))
            await asyncio.sleep(0.02)
        await asyncio.gather(*under_way)


@asynccontextmanager
async def writing(store: Store, first: int) -> AsyncGenerator[Writers]:
    """Write while this lasts; in the end nothing that was begun is left undone."""
    writers = Writers(store, first)
    task = asyncio.create_task(writers.run())
    try:
        yield writers
    finally:
        writers.over = True
        await task


async def fill(store: Store, count: int) -> None:
    """Write a history, so that copying it takes a while."""
    for begin in range(0, count, 250):
        numbers = range(begin, begin + 250)
        await store.viewings.import_many(
            [
                replace(
                    WHOLE,
                    unit=replace(WHOLE.unit, ids=ProviderIds(tmdb=n + 1), item_id=f"{n:032x}"),
                )
                for n in numbers
            ]
        )


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.real)])
async def test_a_backup_while_fifty_viewings_a_second_are_written(
    household: Household, manager: BackupManager, servers: Servers, tmp_path: Path, rounds: int
) -> None:
    """Whole, each time; and a fresh Home Assistant has all that was acknowledged before it."""
    store, name = household.runtime.store, database_path(household.hass, household.entry.entry_id)
    await fill(store, 5000)
    for number in range(rounds):
        known = await store.viewings.count(_EVER)
        async with writing(store, known) as writers:
            await until(lambda writers=writers: writers.acknowledged > 5)
            before = await acknowledged_before(store, manager, writers)
            after = writers.acknowledged
            await until(lambda writers=writers, after=after: writers.acknowledged > after)
        assert await store.viewings.count(_EVER) == known + writers.begun  # nothing was lost
        folder = tmp_path / f"restored{number}"
        (made,) = Path(household.hass.config.path("backups")).glob("*.tar")
        restored(made, folder)
        with sqlite3.connect(folder / name.name) as raw:
            assert raw.execute("pragma integrity_check").fetchone() == ("ok",)
            (kept,) = raw.execute("select count(*) from viewings").fetchone()
        raw.close()
        assert kept >= known + before
        assert await known_after_a_start(household.entry, folder) == kept
        made.unlink()


async def acknowledged_before(store: Store, manager: BackupManager, writers: Writers) -> int:
    """Make a backup; say how much was acknowledged when it began."""
    rest, counts = store.rest, []

    async def resting(limit: float) -> None:
        counts.append(writers.acknowledged)
        await rest(limit)

    with patch.object(store, "rest", resting):
        await create(manager)
    return counts[0]


async def known_after_a_start(old: MockConfigEntry, folder: Path) -> int:
    """Start a fresh Home Assistant over a restored folder; count what it knows."""
    async with async_test_home_assistant(config_dir=str(folder)) as fresh:
        try:
            fresh.data.pop(DATA_CUSTOM_COMPONENTS)
            entry = MockConfigEntry(
                domain=DOMAIN,
                entry_id=old.entry_id,
                title=old.title,
                unique_id=old.unique_id,
                data={**old.data, "add_webhook": False},
                options=dict(old.options),
                subentries_data=[one.as_dict() for one in old.subentries.values()],
            )
            entry.add_to_hass(fresh)
            assert await fresh.config_entries.async_setup(entry.entry_id)
            known: int = await entry.runtime_data.store.viewings.count(_EVER)
            assert await fresh.config_entries.async_unload(entry.entry_id)
        finally:
            await fresh.async_stop(force=True)
    return known


async def test_every_entry_rests(household: Household) -> None:
    """Those that are loaded, and one that is just being set up; in the middle none is opened."""
    hass, path = household.hass, Path(household.hass.config.path("other.db"))
    other = await databases(hass).open(path)
    await backup.async_pre_backup(hass)
    stores = (household.runtime.store, other)
    writes = [asyncio.create_task(store.kv.put("k", 1)) for store in stores]
    await asyncio.sleep(0)  # they are on their way
    for store in stores:
        await taken_up(store)
    assert not any(write.done() for write in writes)
    with pytest.raises(StoreError, match="backup"):
        await databases(hass).open(path.with_name("third.db"))
    assert not path.with_name("third.db").exists()
    await backup.async_post_backup(hass)
    await asyncio.gather(*writes)
    await databases(hass).close(other)
    await databases(hass).close(await databases(hass).open(path))


async def test_a_reload_in_the_middle_of_a_backup(household: Household) -> None:
    """The backup is said to be worth nothing, nothing is lost, and the entry comes back."""
    hass, entry = household.hass, household.entry
    await backup.async_pre_backup(hass)
    write = asyncio.create_task(household.runtime.store.kv.put("k", 1))
    await asyncio.sleep(0)
    await hass.config_entries.async_reload(entry.entry_id)
    await write
    assert entry.state is ConfigEntryState.SETUP_RETRY
    with pytest.raises(HomeAssistantError, match="may have changed"):
        await backup.async_post_backup(hass)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert await household.runtime.store.kv.get("k") == 1


async def test_a_backup_that_never_ends(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is written after a while; if it ends after all, it is said to be worth nothing."""
    monkeypatch.setattr(open_databases, "LIMIT", 0.01)
    await backup.async_pre_backup(household.hass)
    await household.runtime.store.kv.put("k", 1)
    with pytest.raises(HomeAssistantError):
        await backup.async_post_backup(household.hass)
    await backup.async_pre_backup(household.hass)
    # Only that it began is known: whoever comes next may open a database again.
    path = Path(household.hass.config.path("other.db"))
    await asyncio.sleep(0.02)
    await databases(household.hass).close(await databases(household.hass).open(path))


async def test_a_database_that_is_being_opened_disturbs(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written while the backup begins, or has ended again: half of that may be copied."""
    go_on, real = asyncio.Event(), Store.open

    async def slowly(path: Path) -> Store:
        await go_on.wait()
        return await real(path)

    monkeypatch.setattr(Store, "open", slowly)
    opening = asyncio.create_task(
        databases(household.hass).open(Path(household.hass.config.path("other.db")))
    )
    await asyncio.sleep(0)  # it is on its way
    await backup.async_pre_backup(household.hass)
    go_on.set()
    with pytest.raises(HomeAssistantError, match="may have changed"):
        await backup.async_post_backup(household.hass)
    await databases(household.hass).close(await opening)
    await backup.async_pre_backup(household.hass)
    await backup.async_post_backup(household.hass)


class Other:
    """Another integration that takes part in backups."""

    def __init__(self) -> None:
        self.before: Exception | None = None
        self.after: Exception | None = None

    async def async_pre_backup(self, hass: HomeAssistant) -> None:
        if self.before:
            raise self.before

    async def async_post_backup(self, hass: HomeAssistant) -> None:
        if self.after:
            raise self.after


@pytest.mark.parametrize("fault", ["disk", "before", "after"])
async def test_a_backup_that_fails_wakes_the_database(
    household: Household, manager: BackupManager, fault: str
) -> None:
    """Whoever fails: the disk, or another integration before or after the copying."""
    other, broken = Other(), OSError("broken")
    manager.platforms["other"] = other
    setattr(other, fault, broken)
    copying = patch.object(CoreBackupReaderWriter, COPY, side_effect=broken)
    with copying if fault == "disk" else nullcontext(), pytest.raises(Exception, match="broken"):
        await create(manager)
    await household.runtime.store.kv.put("k", fault)
    assert not await household.runtime.store.wake()


async def test_a_backup_that_is_cancelled_wakes_the_database(
    household: Household, manager: BackupManager
) -> None:
    """In the middle of copying, and also when even waking is cancelled."""
    copying, copied = threading.Event(), threading.Event()
    waking = asyncio.Event()
    store = household.runtime.store
    wake = store.wake

    async def slowly() -> bool:
        waking.set()
        await asyncio.sleep(0)
        return await wake()

    def copy(*_: object) -> None:
        copying.set()
        copied.wait(60)

    with patch.object(CoreBackupReaderWriter, COPY, copy), patch.object(store, "wake", slowly):
        making = asyncio.create_task(create(manager))
        await until(copying.is_set)
        write = asyncio.create_task(store.kv.put("k", 1))
        await asyncio.sleep(0)  # it is on its way
        await taken_up(store)
        assert not write.done()
        (task,) = [one for one in asyncio.all_tasks() if one.get_name() == MAKING]
        task.cancel()
        try:
            await asyncio.wait_for(waking.wait(), 60)
            task.cancel()
            await asyncio.wait_for(write, 20)
        finally:
            copied.set()
            # Whatever became of the test: nobody waits for a quarter of an hour.
            await wake()
        await asyncio.gather(making, return_exceptions=True)
    assert await store.kv.get("k") == 1


async def test_a_database_that_cannot_rest_does_not_cost_the_backup(household: Household) -> None:
    """It has a repair of its own; the others' files are wanted all the more then."""
    store = household.runtime.store

    async def broken(limit: float) -> None:
        raise StoreError("the database failed: disk I/O error")

    with patch.object(store, "rest", broken):
        await backup.async_pre_backup(household.hass)
    with pytest.raises(HomeAssistantError):
        await backup.async_post_backup(household.hass)


async def test_without_any_entry_there_is_nothing_to_say(hass: HomeAssistant) -> None:
    """Nor when only the end of a backup is told: it began before we were there."""
    await backup.async_post_backup(hass)
    await backup.async_pre_backup(hass)
    await backup.async_post_backup(hass)
