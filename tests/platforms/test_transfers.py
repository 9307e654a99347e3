"""A linked transfer: its entities, its host key and its repair, its diagnostics and its end."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
import shutil
import threading

import asyncssh
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.showrunner.clients.fetching.folder import marked
from custom_components.showrunner.clients.lftp import LftpEngine
from custom_components.showrunner.const import DOMAIN
from custom_components.showrunner.coordinators import transfer as coordinators
from custom_components.showrunner.coordinators.transfer import TransferCoordinator
from custom_components.showrunner.diagnostics import async_get_config_entry_diagnostics
from custom_components.showrunner.domain.transfer.progress import (
    FileProgress,
    TransferProgress,
    TransferState,
)
from custom_components.showrunner.domain.transfer.tree import Version
from custom_components.showrunner.services.transfer import login
from tests.clients.sftp_server import PASSWORD, USER, Served, serving, text_of
from tests.platforms.faces import state
from tests.platforms.repairing import Repair
from tests.walk.household import Household, entry_for, living, until, with_more
from world.servers import Servers

TITLE = "Box"
SECRET_NAME = "very secret film.mkv"


@pytest.fixture
async def served(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Served]:
    """Run a server with finished downloads."""
    (tmp_path / "box" / "done").mkdir(parents=True)
    (tmp_path / "home").mkdir()
    async with serving(tmp_path / "box") as made:
        yield made


@pytest.fixture
async def house(
    hass: HomeAssistant,
    servers: Servers,
    served: Served,
    tmp_path: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> AsyncGenerator[Household]:
    """Give a household with a transfer."""
    for component in ("webhook", "repairs", "system_health"):
        await async_setup_component(hass, component, {})
    linked = entry_for(servers)
    data = {
        "host": "127.0.0.1",
        "port": served.port,
        "username": USER,
        "password": PASSWORD,
        "host_key": served.host_key,
        "remote_path": "/done",
        "local_path": str(tmp_path / "home"),
        "folder_mark": marked(str(tmp_path / "home")),
    }
    box = ConfigSubentryData(data=data, subentry_type="transfer", title=TITLE, unique_id="box")
    entry = with_more(linked, box)
    async with living(hass, servers, await hass_client_no_auth(), entry) as made:
        yield made


def transfer(house: Household) -> TransferCoordinator:
    """Give the transfer that runs."""
    [found] = house.runtime.links.of(TransferCoordinator).values()
    return found


async def test_both_ends_and_what_goes_on_between_them(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room at both, and progress as who fetches tells it, at a pace that a database can keep."""
    box = transfer(house)
    assert state(house, "connected", TITLE).state == "on"
    assert float(state(house, "free", TITLE).state) > 0
    assert float(state(house, "local_free", TITLE).state) > 0
    assert state(house, "state", TITLE).state == "idle"
    assert state(house, "progress", TITLE).state == "unknown"
    assert state(house, "last_sync", TITLE).state == "unknown"
    steps: list[TransferProgress] = []
    end = box.on_progress(steps.append)
    files = (FileProgress(SECRET_NAME, 1, 4),)
    rows = [
        TransferProgress(TransferState.LISTING),
        TransferProgress(TransferState.FETCHING, 500, 2000, 2_000_000, 90, files),
        TransferProgress(TransferState.FETCHING, 1000, 2000, 3_000_000, 60, files),
    ]
    for one in rows:
        box.set_progress(one)
    await house.hass.async_block_till_done()
    assert steps == rows
    shown = {key: state(house, key, TITLE).state for key in ("state", "progress", "rate")}
    assert shown == {"state": "fetching", "progress": "25.0", "rate": "2.0"}
    assert float(state(house, "remaining", TITLE).state) == 1.5
    monkeypatch.setattr(coordinators, "_PACE", 0.0)
    box.set_progress(rows[2])
    assert state(house, "progress", TITLE).state == "50.0"
    # A look at the server in the middle takes nothing of it away.
    await box.async_refresh()
    assert state(house, "progress", TITLE).state == "50.0"
    end()
    box.set_progress(TransferProgress())
    assert len(steps) == 4
    assert state(house, "state", TITLE).state == "idle"
    at = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    await box.synced(at)
    assert state(house, "last_sync", TITLE).state == at.isoformat()


async def test_when_it_was_last_in_order_outlives_a_reload(house: Household) -> None:
    """And is unknown before the first time."""
    at = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    await transfer(house).synced(at)
    await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert state(house, "last_sync", TITLE).state == at.isoformat()


async def test_room_that_is_not_told_is_unknown(house: Household, served: Served) -> None:
    """At either end, and the transfer goes on."""
    box = transfer(house)
    served.unkind.refuses[b"/done"] = asyncssh.SFTPOpUnsupported("no statvfs")
    box.local_path = "/nowhere"
    await box.async_refresh()
    await house.hass.async_block_till_done()
    assert state(house, "connected", TITLE).state == "on"
    assert state(house, "free", TITLE).state == "unknown"
    assert state(house, "local_free", TITLE).state == "unknown"


async def test_a_folder_whose_disk_tells_nothing_is_not_full(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says 0 of 0 bytes, as the file systems of some programs do."""
    box = transfer(house)
    nothing = shutil.disk_usage("/")._replace(total=0, used=0, free=0)
    monkeypatch.setattr(coordinators.shutil, "disk_usage", lambda _: nothing)
    await box.async_refresh()
    await house.hass.async_block_till_done()
    assert state(house, "connected", TITLE).state == "on"
    assert state(house, "local_free", TITLE).state == "unknown"


async def test_another_host_key_stops_it_until_a_person_has_compared_both(
    house: Household, served: Served, tmp_path: Path, hass_client: ClientSessionGenerator
) -> None:
    """A repair shows old and new; nothing is told to the new one before, and all goes on after."""
    box, hass, entry = transfer(house), house.hass, house.entry
    issues, issue_id = ir.async_get(hass), f"host_key_changed_{box.subentry_id}"
    assert issues.async_get_issue(DOMAIN, issue_id) is None
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    await box.client.close()
    old = served.host_key
    pinned = asyncssh.import_public_key(old).get_fingerprint()
    async with serving(tmp_path / "box", keys=[stranger]) as other:
        subentry = entry.subentries[box.subentry_id]
        hass.config_entries.async_update_subentry(
            entry, subentry, data={**subentry.data, "port": other.port}
        )
        await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
        box = transfer(house)
        assert box.data is None
        assert state(house, "connected", TITLE).state == "off"
        assert all(one.get_extra_info("username") is None for one in other.connections)
        repair = Repair(await hass_client(), issue_id)
        form = await repair.open()
        answer = form["description_placeholders"]
        assert (answer["shown"], answer["pinned"]) == (stranger.get_fingerprint(), pinned)
        await box.async_refresh()
        assert entry.subentries[box.subentry_id].data["host_key"] == old
        done = await repair.submit()
        assert done["type"] == "create_entry"
        assert entry.subentries[box.subentry_id].data["host_key"] == text_of(stranger)
        await until(lambda: state(house, "connected", TITLE).state == "on")
        await hass.async_block_till_done()
        assert issues.async_get_issue(DOMAIN, issue_id) is None


async def test_the_repair_goes_when_the_right_server_is_back(
    house: Household, served: Served
) -> None:
    """Then there is nothing to confirm."""
    box = transfer(house)
    right = box.client.login
    wrong = text_of(asyncssh.generate_private_key("ssh-ed25519"))
    shared = box.client._shared
    await box.client.run(shared.close())
    shared._login = type(right)(right.host, right.port, right.username, "", "", wrong)
    await box.async_refresh()
    issues, issue_id = ir.async_get(house.hass), f"host_key_changed_{box.subentry_id}"
    assert issues.async_get_issue(DOMAIN, issue_id) is not None
    shared._login = right
    await box.async_refresh()
    assert issues.async_get_issue(DOMAIN, issue_id) is None


@pytest.mark.parametrize("program", ["lftp", "ssh"])
async def test_a_program_that_is_gone_is_told_until_it_is_back(
    house: Household, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """An update of the container may take it away. Nobody else fetches in its place meanwhile."""
    hass, entry = house.hass, house.entry
    gone: list[str | None] = [program]
    monkeypatch.setattr(login, "lacking", lambda _: gone[0])
    subentry = entry.subentries[transfer(house).subentry_id]
    issues, issue_id = ir.async_get(hass), f"program_missing_{subentry.subentry_id}"
    await transfer(house).async_refresh()
    assert issues.async_get_issue(DOMAIN, issue_id) is None  # nothing needs it
    data = {**subentry.data, "engine": "lftp"}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await until(lambda: issues.async_get_issue(DOMAIN, issue_id) is not None)
    issue = issues.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders == {"transfer": TITLE, "program": program}
    box = transfer(house)
    assert isinstance(box.engine(_nothing), LftpEngine)
    gone[0] = None
    await box.async_refresh()
    assert issues.async_get_issue(DOMAIN, issue_id) is None


async def _nothing(_: bytes) -> dict[bytes, Version]:
    return {}


async def test_diagnostics_name_nothing(house: Household, served: Served, tmp_path: Path) -> None:
    """No host, no name, no key, no folder, no file."""
    box = transfer(house)
    box.set_progress(TransferProgress(files=(FileProgress(SECRET_NAME, 1, 2),)))
    found = await async_get_config_entry_diagnostics(house.hass, house.entry)
    assert found["transfers"] == [
        {
            "version": box.version,
            "host_key_confirmed": True,
            "remote_space_known": True,
            "local_space_known": True,
            "state": "idle",
            "files": 1,
            "last_sync": None,
        }
    ]
    key = served.host_key.split()[1]
    for secret in (USER, PASSWORD, key, "/done", str(tmp_path), SECRET_NAME, "127.0.0.1"):
        assert secret not in str(found["transfers"])


async def test_its_thread_ends_with_the_entry(house: Household) -> None:
    """And with the transfer itself."""

    def alive() -> int:
        return sum(one.name == "showrunner-sftp" for one in threading.enumerate())

    assert alive() == 1
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert alive() == 0
