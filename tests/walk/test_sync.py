"""Finished downloads come home: planned, fetched, remembered, handed on, never fetched twice."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
import errno
import os
from pathlib import Path
import random
import shutil
import threading
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.showrunner.clients.fetching import fetcher, folder, staging
from custom_components.showrunner.clients.fetching.order import FolderUnconfirmed
from custom_components.showrunner.coordinators.transfer import TransferCoordinator
from custom_components.showrunner.domain.acquisition import AcquisitionState
from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.knowledge import Answer
from custom_components.showrunner.domain.plan import Plan, StepState
from custom_components.showrunner.domain.transfer.names import STAGING
from custom_components.showrunner.domain.transfer.remote import Space
from custom_components.showrunner.domain.transfer.selection import Leave
from custom_components.showrunner.domain.transfer.services import AskedFor, Downloads
from custom_components.showrunner.jobs.kit import plan_runs, waiting
from custom_components.showrunner.jobs.sync import gather, job as sync_job, leftovers, steps
from custom_components.showrunner.jobs.sync.job import JOB, SyncJob
from custom_components.showrunner.jobs.sync.spec import SPEC
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.signals import Topic
from custom_components.showrunner.store import LedgerState
from tests.clients.sftp_server import serving
from tests.domain.torrents import torrent
from tests.english import english
from tests.platforms.faces import SECOND, act, state
from tests.platforms.sockets import ask, next_event
from world.run import running
from world.seedbox import Seedbox
from world.servers import Servers

from .household import Household, entry_for, living, short_world, until, with_more
from .pipeline import whole_entry
from .syncing import TITLE, transfer_of

REST = gather._BETWEEN
SEEDBOX = {"sync_enabled": False, "exclude": ["*.nfo"]}
EXCLUDE = ("*sample*",)


class Box:
    """A household with a seedbox: its folder there, and the one at home."""

    def __init__(self, house: Household, remote: Path, home: Path) -> None:
        self.house, self.remote, self.home = house, remote, home

    @property
    def job(self) -> SyncJob:
        job: SyncJob = self.house.runtime.jobs[SPEC]
        return job

    @property
    def transfer(self) -> TransferCoordinator:
        [found] = self.house.runtime.transfers.values()
        return found

    def release(self, name: str, size: int = 300_000, files: int = 2) -> None:
        """Put a release on the seedbox."""
        content = random.Random(name)
        folder = self.remote / name
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(files):
            path = folder / f"{name}-{number}.mkv"
            path.write_bytes(content.randbytes(size))
            os.utime(path, (1_700_000_000, 1_700_000_000 + number))
        (folder / "info.nfo").write_text("about it")

    def is_home(self, name: str) -> bool:
        """Tell whether a release is here as it is there, but for what is excluded."""
        there = {path.name: path.read_bytes() for path in (self.remote / name).glob("*.mkv")}
        here = {path.name: path.read_bytes() for path in (self.home / name).glob("*")}
        return bool(there) and here == there

    @property
    def visible(self) -> list[str]:
        """What lies at home, under names that others see."""
        return sorted(one.name for one in self.home.iterdir() if one.name != STAGING)

    async def look_first(self) -> None:
        """Have everything seen once, for no torrent client tells what is complete."""
        await act(self.house, "sync_seedbox", dry_run=True)

    async def sync(self, **more: Any) -> dict[str, Any]:
        """Fetch, and wait until it has ended; give what was answered at first."""
        answer: dict[str, Any] = await act(self.house, "sync_seedbox", dry_run=False, **more)
        await self.quiet()
        return answer

    async def remembers(self, name: str) -> bool:
        """Tell whether it is noted that a release has come home."""
        service, arrivals = self.transfer.subentry_id, self.job._arrivals
        fetcher = arrivals._fetcher(service)
        assert fetcher is not None
        key = fetcher.key(name.encode())
        return key in await arrivals._fetched.of(service, (key,))

    async def quiet(self) -> None:
        """Wait until nothing runs any more."""
        runner = self.house.runtime.runner
        runs = self.job._runs
        await until(
            lambda: not (self.job._tasks or runs.busy or runner.running(JOB)), what="the end"
        )

    async def plan(self) -> Plan:
        """Give the newest plan as it stands."""
        [newest] = await self.house.runtime.store.plans.recent(1, JOB)
        return newest

    async def reload(self) -> None:
        """Restart the entry."""
        await self.house.hass.config_entries.async_reload(self.house.entry.entry_id)
        await self.house.hass.async_block_till_done()


def _with_box(entry: MockConfigEntry, port: int, host_key: str, home: Path) -> MockConfigEntry:
    box = transfer_of(port, host_key, home)
    return with_more(entry, box, options={"seedbox": SEEDBOX})


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing that is waited for by the clock."""
    monkeypatch.setattr(gather, "_BETWEEN", timedelta())
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(seconds=0.05),))
    monkeypatch.setattr(waiting, "LEAST", timedelta(seconds=0.02))
    monkeypatch.setattr(fetcher, "_TICK", 0.02)


@pytest.fixture
async def box(
    hass: HomeAssistant,
    servers: Servers,
    tmp_path: Path,
    hass_client_no_auth: ClientSessionGenerator,
) -> AsyncGenerator[Box]:
    """Give a household with a seedbox, and nobody who tells what is complete on it."""
    remote, home = tmp_path / "box" / "done", tmp_path / "home"
    remote.mkdir(parents=True)
    home.mkdir()
    await async_setup_component(hass, "webhook", {})
    async with serving(tmp_path / "box") as served:
        entry = _with_box(entry_for(servers), served.port, served.host_key, home)
        async with living(hass, servers, await hass_client_no_auth(), entry) as house:
            yield Box(house, remote, home)


@pytest.fixture
async def reader(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> Any:
    """Connect as a user who may only read."""
    await async_setup_component(hass, "websocket_api", {})
    return await hass_ws_client(hass, hass_read_only_access_token)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Hold every fetch after its first file was written, until the test lets go."""
    go_on, at = asyncio.Event(), asyncio.Event()
    real = fetcher.Engine.fetch

    @asynccontextmanager
    async def hold() -> AsyncIterator[asyncio.Event]:
        async def fetch(self: Any, *args: Any) -> Any:
            loop.call_soon_threadsafe(at.set)
            while not go_on.is_set():
                await asyncio.sleep(0.005)
            return await real(self, *args)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(fetcher.Engine, "fetch", fetch)
        try:
            yield at
        finally:
            go_on.set()
            monkeypatch.setattr(fetcher.Engine, "fetch", real)

    return hold


async def test_a_dry_run_shows_what_would_come_and_fetches_nothing(box: Box) -> None:
    """What was seen once only waits; the plan that was shown is the one that is carried out."""
    box.release("Film.2020")
    first = await act(box.house, "sync_seedbox", dry_run=True)
    assert first["steps"] == []
    [left] = first["left_out"]
    assert left["title"] == "Film.2020"
    shown = await act(box.house, "sync_seedbox", dry_run=True)
    [step] = shown["steps"]
    assert (step["action"], step["scope"]) == ("fetch_release", "transfer")
    assert (step["title"], step["bytes"]) == ("Film.2020", 600_000)
    assert step["target"]["path"] == str(box.home / "Film.2020")
    assert box.visible == []
    assert _staged(box) == set()
    await act(box.house, "apply_plan", plan_id=shown["plan_id"], dry_run=False)
    await box.quiet()
    assert box.is_home("Film.2020")


async def test_a_release_comes_home_once(box: Box) -> None:
    """What was imported and taken away is home; what has changed since comes again."""
    heard: list[str] = []
    box.house.runtime.signals.subscribe(Topic.JOB, lambda kind, _: heard.append(kind))
    box.release("Film.2020")
    await box.look_first()
    answer = await box.sync()
    assert [step["title"] for step in answer["steps"]] == ["Film.2020"]
    assert box.is_home("Film.2020")
    assert heard[-1] == "done"
    [step] = (await box.plan()).steps
    assert step.state is StepState.DONE
    assert box.visible == ["Film.2020"]
    assert _staged(box) == set()
    assert state(box.house, "last_sync", TITLE).state != "unknown"
    assert state(box.house, "state", TITLE).state == "idle"
    shutil.rmtree(box.home / "Film.2020")
    assert (await box.sync())["steps"] == []
    await box.reload()
    assert (await box.sync())["steps"] == []
    box.release("Film.2020", files=3)
    await box.look_first()
    await box.sync()
    # Only what is new: the rest was here before.
    assert [one.name for one in (box.home / "Film.2020").iterdir()] == ["Film.2020-2.mkv"]


@pytest.mark.parametrize(
    ("kind", "counts", "said"),
    [
        ("done", {"done": 1}, "1 download came home"),
        ("done", {"done": 3}, "3 downloads came home"),
        ("failed", {"done": 3, "failed": 1, "skipped": 1}, "2 downloads could not be fetched"),
        ("planned", {"planned": 2}, "2 downloads could come home"),
    ],
)
def test_what_came_home_is_told(kind: str, counts: dict[str, int], said: str) -> None:
    message = message_of(Topic.JOB, kind, {"job": JOB, **counts})
    assert message is not None
    assert message.put(english).title == said


async def test_what_lies_there_is_left_and_said(box: Box) -> None:
    (box.home / "Film.2020").write_text("mine")
    box.release("Film.2020")
    box.release("Other")
    await box.look_first()
    answer = await box.sync()
    assert [step["title"] for step in answer["steps"]] == ["Other"]
    assert [left["title"] for left in answer["left_out"]] == ["Film.2020"]
    assert (box.home / "Film.2020").read_text() == "mine"
    assert box.is_home("Other")


async def test_what_an_arr_has_imported_is_home(box: Box, servers: Servers) -> None:
    """Also before we came: by its history, which names where it came from."""
    box.release("Film.2020")
    [radarr] = box.house.runtime.radarrs.values()
    event = HistoryEvent(
        1, HistoryKind.IMPORTED, box.job._now(), source_path="/downloads/Film.2020/Film.2020-0.mkv"
    )

    async def history_since(date: object, *, whole: bool = False) -> tuple[HistoryEvent, ...]:
        return (event,)

    radarr.client.history_since = history_since  # type: ignore[method-assign]
    await box.look_first()
    assert (await box.sync())["steps"] == []
    assert box.visible == []


async def test_what_is_asked_for_anew_brings_no_sample_in_its_place(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film left the seedbox after it came home: its sample is chosen neither then nor before a
    step, and a film that is there comes once more.
    """
    seeding = torrent(content_path="/done/Film.2020")

    async def downloads() -> Downloads:
        return Downloads.of([seeding], silent=False)

    monkeypatch.setattr(box.job._facts, "downloads", downloads)
    options = box.job._sync_options()
    monkeypatch.setattr(box.job, "_sync_options", lambda: replace(options, exclude=EXCLUDE))
    box.release("Film.2020", files=1)
    (box.remote / "Film.2020" / "film-sample.mkv").write_bytes(b"few")
    (box.remote / "Film.2020" / "info.nfo").unlink()
    await box.sync()
    assert [one.name for one in (box.home / "Film.2020").glob("*.mkv")] == ["Film.2020-0.mkv"]
    shutil.rmtree(box.home / "Film.2020")

    [radarr] = box.house.runtime.radarrs.values()
    asked = HistoryEvent(1, HistoryKind.GRABBED, box.job._now(), download_id=seeding.hash)

    async def history_since(date: object, *, whole: bool = False) -> tuple[HistoryEvent, ...]:
        return (asked,)

    monkeypatch.setattr(radarr.client, "history_since", history_since)
    monkeypatch.setattr(box.job._facts, "_waited_for", lambda: frozenset({seeding.hash}))
    (film,) = (box.remote / "Film.2020").glob("Film*.mkv")
    kept = film.read_bytes()
    film.unlink()
    assert (await box.sync())["steps"] == []
    service = str(box.transfer.subentry_id)
    found = box.job._fetcher(service)
    assert found is not None
    again = await box.job._facts.again(service, found, b"Film.2020", EXCLUDE, box.job._now())
    assert isinstance(again, Leave)
    film.write_bytes(kept)
    os.utime(film, (1_700_000_000, 1_700_000_000))
    await box.sync()
    assert [one.name for one in (box.home / "Film.2020").glob("*.mkv")] == ["Film.2020-0.mkv"]


async def test_an_arr_that_does_not_answer_makes_it_wait(box: Box, servers: Servers) -> None:
    """Not imported is not what it says."""
    from custom_components.showrunner.clients.errors import Unreachable

    box.release("Film.2020")
    [radarr] = box.house.runtime.radarrs.values()
    real = radarr.client.history_since

    async def silent(date: object) -> Any:
        raise Unreachable("Radarr", "no route")

    radarr.client.history_since = silent  # type: ignore[method-assign]
    await box.look_first()
    answer = await box.sync()
    assert answer["steps"] == []
    assert answer["left_out"][0]["unknown"]
    radarr.client.history_since = real  # type: ignore[method-assign]
    await box.sync()
    assert box.is_home("Film.2020")


async def test_a_full_disk_waits_and_goes_on_by_itself(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging.Staging, "space", lambda _: Space(0, 10**12))
    box.release("Film.2020")
    await box.look_first()
    await box.sync()
    [step] = (await box.plan()).steps
    assert step.state is StepState.PLANNED
    assert box.visible == []
    monkeypatch.setattr(staging.Staging, "space", lambda _: Space(10**12, 10**12))
    await until(lambda: box.is_home("Film.2020"))


async def _link_with(box: Box, mark: str) -> None:
    """Have the folder at home be known by a mark, as a flow does it."""
    entry, hass = box.house.entry, box.house.hass
    subentry = entry.subentries[box.transfer.subentry_id]
    data = {**subentry.data, "folder_mark": mark}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await hass.async_block_till_done()


def _issues(box: Box) -> set[str]:
    return {
        issue.translation_key or ""
        for issue in ir.async_get(box.house.hass).issues.values()
        if issue.active and issue.issue_id.endswith(box.transfer.subentry_id)
    }


async def test_nothing_is_written_while_the_disk_is_not_mounted(box: Box) -> None:
    """A repair says so, also after a restart, and it goes on by itself."""
    box.release("Film.2020")
    await box.look_first()
    shown = await act(box.house, "sync_seedbox", dry_run=True)
    away = box.home.rename(box.home.with_name("away"))
    box.home.mkdir()
    with pytest.raises(HomeAssistantError, match="not the one that was linked"):
        await box.sync()
    await act(box.house, "apply_plan", plan_id=shown["plan_id"], dry_run=False)
    await box.quiet()
    assert (await box.plan()).steps[0].state is StepState.PLANNED
    await box.reload()
    await box.transfer.async_refresh()
    assert _issues(box) == {"local_folder_gone"}
    assert state(box.house, "local_free", TITLE).state == "unknown"
    assert list(box.home.iterdir()) == []
    box.home.rmdir()
    away.rename(box.home)
    await box.transfer.async_refresh()
    assert _issues(box) == set()
    box.job.hint()
    await until(lambda: box.is_home("Film.2020"))


async def test_nothing_is_written_into_a_folder_that_nobody_has_confirmed(box: Box) -> None:
    """As of a transfer that was linked before folders had marks, and whose disk may be away."""
    await _link_with(box, "")
    shutil.rmtree(box.home)
    box.home.mkdir()
    box.release("Film.2020")
    for dry_run in (True, False):
        with pytest.raises(HomeAssistantError, match="not confirmed yet"):
            await act(box.house, "sync_seedbox", dry_run=dry_run)
    await box.reload()
    await box.transfer.async_refresh()
    assert _issues(box) == {"local_folder_unconfirmed"}
    [fetch] = [box.job._fetcher(service) for service in box.job._transfers]
    assert fetch is not None
    assert await fetch.is_there(b"Film.2020") is Answer.UNKNOWN
    for refused in (
        fetch.fetch(b"Film.2020", {}),
        fetch.was_placed(b"Film.2020", {}),
        fetch.discard("key"),
        fetch.staged(),
    ):
        with pytest.raises(FolderUnconfirmed):
            await refused
    assert list(box.home.iterdir()) == []
    await _link_with(box, folder.marked(str(box.home)))
    await box.transfer.async_refresh()
    assert _issues(box) == set()
    await box.look_first()
    await box.sync()
    assert box.is_home("Film.2020")


async def test_a_folder_that_refuses_is_told_and_the_seedbox_is_not_asked(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.release("Film.2020")
    await box.look_first()
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *_, **__: False)
        listings = list[object]()
        patch.setattr(fetcher.ReleaseFetcher, "listing", listings.append)
        with pytest.raises(HomeAssistantError, match="Permission denied"):
            await box.sync()
        await box.transfer.async_refresh()
        assert _issues(box) == {"local_folder_refuses"}
        assert listings == []
    await box.transfer.async_refresh()
    assert _issues(box) == set()
    await box.sync()
    assert box.is_home("Film.2020")


async def test_what_the_disk_can_not_hold_is_not_tried_again_and_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock it is left out and said; a person may have it tried once more."""
    tried = list[object]()

    def prove(self: object, files: object) -> None:
        tried.append(files)
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))

    box.release("Film.2020")
    await box.look_first()
    with monkeypatch.context() as patch:
        patch.setattr(staging.Staging, "prove", prove)
        for _ in range(3):
            await box.job.scheduled()
            await box.quiet()
        assert len(tried) == 1
        [step] = (await box.plan()).steps
        assert step.state is StepState.FAILED
        assert "can't hold it" in english(step.detail)
        plan = await box.job._plan(None, dry_run=False, by_clock=True)
        assert plan.steps == ()
        assert [english(one.reason) for one in plan.left_out] == [english(step.detail)]
        await box.sync()
        assert len(tried) == 2
    box.release("Film.2020", size=310_000)
    await box.look_first()
    await box.sync()
    assert box.is_home("Film.2020")


def _full(monkeypatch: pytest.MonkeyPatch, *, full: bool = True) -> None:
    monkeypatch.setattr(staging.Staging, "space", lambda _: Space(0 if full else 10**12, 10**12))


async def _plans(box: Box) -> list[tuple[str, set[str]]]:
    plans = await box.house.runtime.store.plans.recent(9, JOB)
    return [(plan.plan_id, {step.label for step in plan.steps}) for plan in plans]


async def test_by_the_clock_nothing_begins_while_a_plan_is_paused(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it replaced."""
    _full(monkeypatch)
    box.release("Film.2020")
    await box.look_first()
    await box.sync()
    await box.house.runtime.runner.pause((await box.plan()).plan_id)
    _full(monkeypatch, full=False)
    before = await _plans(box)
    box.release("Other")
    for _ in range(3):
        await box.job.scheduled()
    assert await _plans(box) == before
    assert (await box.plan()).waiting
    assert box.visible == []


async def test_by_the_clock_only_what_no_plan_waits_for_is_planned(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is not told as failed, again and again."""
    heard: list[str] = []
    box.house.runtime.signals.subscribe(Topic.JOB, lambda kind, _: heard.append(kind))
    _full(monkeypatch)
    # What waits is tried again because its turn has come, and not all the time.
    monkeypatch.setattr(waiting, "PAUSES", (timedelta(hours=1),))
    box.release("Film.2020")
    await box.job.scheduled()

    async def planned(*labels: set[str]) -> bool:
        await box.job.scheduled()
        return [one for _, one in await _plans(box)] == list(labels)

    await until(lambda: planned({"Film.2020"}))
    assert await planned({"Film.2020"})
    box.release("Other")
    await until(lambda: planned({"Other"}, {"Film.2020"}))
    assert await planned({"Other"}, {"Film.2020"})
    assert heard == []
    _full(monkeypatch, full=False)

    async def all_home() -> bool:
        await box.job.scheduled()
        return heard == ["done", "done"]

    await until(all_home)
    assert box.is_home("Film.2020")
    assert box.is_home("Other")


async def test_what_a_person_has_ended_does_not_begin_again_by_itself(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until they want it."""
    _full(monkeypatch)
    box.release("Film.2020")
    await box.look_first()
    await box.sync()
    await box.house.runtime.runner.cancel((await box.plan()).plan_id)
    before = await _plans(box)
    _full(monkeypatch, full=False)
    for _ in range(3):
        await box.job.scheduled()
    assert await _plans(box) == before
    await box.quiet()
    await box.sync()
    assert box.is_home("Film.2020")


@pytest.mark.parametrize(
    ("answer", "mapped", "expected"),
    [
        ("", {}, "{home}/Film.2020"),
        ("", {"here": "{home}", "there": "/data"}, "/data/Film.2020"),
        ("/downloads/in", {"here": "{home}", "there": "/data"}, "/downloads/in/Film.2020"),
        (r"D:\in", {"here": "{home}", "there": "/data"}, r"D:\in\Film.2020"),
    ],
)
async def test_an_arr_is_told_the_path_that_it_sees(
    box: Box, monkeypatch: pytest.MonkeyPatch, answer: str, mapped: dict[str, str], expected: str
) -> None:
    """What the transfer says of it is asked before what is known of Jellyfin's paths."""
    from custom_components.showrunner.clients.arr import ArrClient
    from custom_components.showrunner.domain.paths import PathMap, PathPair

    paths = list[str]()

    async def take(self: object, path: str, download_id: str | None) -> None:
        paths.append(path)

    monkeypatch.setattr(ArrClient, "import_download", take)
    entry, hass = box.house.entry, box.house.hass
    subentry = entry.subentries[box.transfer.subentry_id]
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "import_path": answer}
    )
    await hass.async_block_till_done()
    arrs = box.job._arrivals._arrs
    [service] = arrs
    pairs = {key: text.format(home=box.home) for key, text in mapped.items()}
    arrs[service].path_map = PathMap((PathPair(**pairs),) if pairs else ())

    async def asked_for(*_: object) -> AskedFor:
        return AskedFor(service, "A1")

    monkeypatch.setattr(box.job._facts, "asked_for", asked_for)
    [transfer] = box.job._transfers
    assert await box.job._arrivals.tell_arrs(transfer, b"Film.2020")
    assert paths == [expected.format(home=box.home)]


@pytest.mark.parametrize("late", [False, True])
async def test_an_arr_that_was_away_is_told_later(
    box: Box, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """Also after a restart, once it is there; and for some days only."""
    from custom_components.showrunner.clients.arr import ArrClient
    from custom_components.showrunner.clients.errors import Unreachable

    asked, away = list[None](), True

    async def check(self: object) -> None:
        asked.append(None)
        if away:
            raise Unreachable("Radarr", "no route")

    monkeypatch.setattr(sync_job, "_AGAIN", (0.03,))
    monkeypatch.setattr(ArrClient, "check_downloads", check)
    box.release("Film.2020")
    await box.look_first()
    await box.sync()
    await until(lambda: len(asked) > 4)
    await box.reload()
    asked.clear()
    await until(lambda: len(asked) > 4)
    [service] = box.job._transfers
    fetched = box.job._arrivals._fetched
    assert [one.name for one in await fetched.unreported(service)] == [b"Film.2020"]
    if late:
        later = box.job._now() + timedelta(days=4)
        monkeypatch.setattr(box.job._arrivals, "_now", lambda: later)
    else:
        away = False

    async def over() -> bool:
        return not await fetched.unreported(service)

    await until(over)


def _noting(real: Callable[..., Any], threads: set[int]) -> Callable[..., Any]:
    def noting(*args: Any) -> Any:
        threads.add(threading.get_ident())
        return real(*args)

    return noting


async def test_every_file_is_looked_at_beside_the_event_loop(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There may be very many: Home Assistant does not stand still for them."""
    threads: dict[str, set[int]] = {}
    for module, name in (
        (fetcher, "releases"),
        (gather, "chosen"),
        (gather, "_seen"),
        (gather, "_rests"),
        (gather, "_oldest"),
        (steps, "_payload"),
        (plan_runs, "_resting"),
    ):
        threads[name] = set()
        monkeypatch.setattr(module, name, _noting(getattr(module, name), threads[name]))
    for name in ("Film.2020", "Other"):
        box.release(name)
        for _ in range(2):
            await box.job.scheduled()
        assert box.is_home(name)
    assert all(threads.values())
    assert not [name for name, by in threads.items() if threading.get_ident() in by]


async def test_a_restart_leaves_alone_what_is_half_fetched(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a release that came home before, and has grown since."""
    box.release("Film.2020")
    await box.look_first()
    await box.sync()
    looked: list[None] = []

    def full(_: object) -> Space:
        looked.append(None)
        return Space(0, 10**12)

    monkeypatch.setattr(staging.Staging, "space", full)
    shutil.rmtree(box.home / "Film.2020")
    box.release("Film.2020", files=3)
    await box.look_first()
    await box.sync()
    discarded: list[str] = []

    async def discard(self: object, key: str) -> None:
        discarded.append(key)

    monkeypatch.setattr(fetcher.ReleaseFetcher, "discard", discard)
    plan = await box.plan()
    [waiting_one] = plan.waiting
    assert await box.job._under_way() == {waiting_one.id}
    assert await box.job._under_way(plan.plan_id) == frozenset()
    looked.clear()
    await box.reload()
    await until(lambda: bool(looked))
    assert discarded == []
    arrivals, later = box.job._arrivals, box.job._now()
    await arrivals.remember(waiting_one, later, {waiting_one.id}, planned=later)
    assert discarded == []
    later += timedelta(seconds=1)
    await arrivals.remember(waiting_one, later, (), planned=later)
    assert [f"fetch-{key}" for key in discarded] == [waiting_one.id]


async def test_the_dry_run_stops_it_at_once(box: Box, held: Callable[[], Any]) -> None:
    """What was half fetched goes on when it is over."""
    box.release("Film.2020")
    await box.look_first()
    async with held() as at:
        await act(box.house, "sync_seedbox", dry_run=False)
        await at.wait()
        await box.house.runtime.set_option("safety", "dry_run", value=True)
        await box.quiet()
        assert box.visible == []
        assert state(box.house, "state", TITLE).state == "paused"
    assert box.visible == []
    await box.house.runtime.set_option("safety", "dry_run", value=False)
    await until(lambda: box.is_home("Film.2020"))


async def test_a_person_may_end_it(box: Box, held: Callable[[], Any]) -> None:
    """At once, and for good."""
    box.release("Film.2020")
    box.release("Other")
    await box.look_first()
    async with held() as at:
        answer = await act(box.house, "sync_seedbox", dry_run=False)
        await at.wait()
        await box.house.runtime.runner.cancel(answer["plan_id"])
        await box.quiet()
    plan = await box.plan()
    assert {step.state for step in plan.steps} <= {StepState.SKIPPED, StepState.FAILED}
    assert box.visible == []


@pytest.mark.parametrize("young", ["look", "file"])
async def test_what_no_client_knows_rests_before_it_is_fetched(
    box: Box, monkeypatch: pytest.MonkeyPatch, young: str
) -> None:
    """Two hours since it was seen first, and since its newest file was written."""
    monkeypatch.setattr(gather, "_BETWEEN", REST)
    box.release("Film.2020")
    os.utime(box.remote / "Film.2020" / "info.nfo", (1_700_000_000, 1_700_000_000))
    now = box.job._now()
    later = now + REST
    if young == "file":
        written = (now + timedelta(minutes=5)).timestamp()
        os.utime(box.remote / "Film.2020" / "info.nfo", (written, written))
        later += timedelta(minutes=5)
    await box.look_first()
    monkeypatch.setattr(box.job, "_now", lambda: later - timedelta(minutes=2))
    assert (await box.sync())["steps"] == []
    monkeypatch.setattr(box.job, "_now", lambda: later + timedelta(minutes=2))
    assert [step["title"] for step in (await box.sync())["steps"]] == ["Film.2020"]


async def test_a_second_run_names_the_first(box: Box, held: Callable[[], Any]) -> None:
    box.release("Film.2020")
    await box.look_first()
    async with held() as at:
        answer = await act(box.house, "sync_seedbox", dry_run=False)
        await at.wait()
        with pytest.raises(HomeAssistantError, match=answer["plan_id"]):
            await act(box.house, "sync_seedbox", dry_run=False)
    await box.quiet()
    assert box.is_home("Film.2020")


async def test_a_restart_in_the_middle_goes_on(box: Box, held: Callable[[], Any]) -> None:
    box.release("Film.2020")
    await box.look_first()
    async with held() as at:
        await act(box.house, "sync_seedbox", dry_run=False)
        await at.wait()
        await box.house.hass.config_entries.async_unload(box.house.entry.entry_id)
        assert box.visible == []
    await box.house.hass.config_entries.async_setup(box.house.entry.entry_id)
    await until(lambda: box.is_home("Film.2020"))


async def test_what_was_placed_before_a_crash_is_not_fetched_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when an arr has taken it away since: it was put in its place, and that is noted."""
    real = fetcher.ReleaseFetcher.fetch

    async def crash(self: Any, name: bytes, files: Any) -> None:
        await real(self, name, files)
        raise asyncio.CancelledError

    monkeypatch.setattr(fetcher.ReleaseFetcher, "fetch", crash)
    box.release("Film.2020")
    await box.look_first()
    await act(box.house, "sync_seedbox", dry_run=False)
    await box.quiet()
    assert box.is_home("Film.2020")
    [row] = await box.house.runtime.store.ledger.for_plan((await box.plan()).plan_id)
    assert row.state is LedgerState.BEGUN
    shutil.rmtree(box.home / "Film.2020")
    monkeypatch.setattr(fetcher.ReleaseFetcher, "fetch", real)
    await box.reload()

    async def done() -> bool:
        planned = (await box.plan()).steps[0].state is StepState.DONE
        return planned and await box.remembers("Film.2020")

    await until(done)
    await box.quiet()
    assert (await box.sync())["steps"] == []
    assert box.visible == []


@pytest.mark.parametrize("crashes", [False, True])
async def test_what_changes_on_the_way_is_remembered_as_it_came(
    box: Box, monkeypatch: pytest.MonkeyPatch, *, crashes: bool
) -> None:
    """Not as it was asked for: it would be fetched once more, and never be all home."""
    real, engine = fetcher.ReleaseFetcher.fetch, fetcher.Engine.fetch
    box.release("Film.2020")
    [first, _] = sorted((box.remote / "Film.2020").glob("*.mkv"))

    async def touched(self: Any, *args: Any) -> Any:
        os.utime(first, (1_700_000_900, 1_700_000_900))
        return await engine(self, *args)

    async def crash(self: Any, name: bytes, files: Any) -> None:
        await real(self, name, files)
        raise asyncio.CancelledError

    monkeypatch.setattr(fetcher.Engine, "fetch", touched)
    if crashes:
        monkeypatch.setattr(fetcher.ReleaseFetcher, "fetch", crash)
    await box.look_first()
    await act(box.house, "sync_seedbox", dry_run=False)
    await box.quiet()
    assert box.is_home("Film.2020")
    monkeypatch.setattr(fetcher.ReleaseFetcher, "fetch", real)
    monkeypatch.setattr(fetcher.Engine, "fetch", engine)
    if crashes:
        await box.reload()

    async def done() -> bool:
        planned = (await box.plan()).steps[0].state is StepState.DONE
        return planned and await box.remembers("Film.2020")

    await until(done)
    await box.quiet()
    # A start and its run may both say that it is home, one after the other.
    plan = await box.plan()
    await box.job._arrived(plan.plan_id, plan.steps[0])
    shutil.rmtree(box.home / "Film.2020")  # an arr has taken it
    await box.look_first()
    assert (await box.sync())["steps"] == []


async def test_what_changes_between_plan_and_fetch_is_skipped(box: Box) -> None:
    box.release("Film.2020")
    await box.look_first()
    shown = await act(box.house, "sync_seedbox", dry_run=True)
    box.release("Film.2020", size=400_000)
    await act(box.house, "apply_plan", plan_id=shown["plan_id"], dry_run=False)
    await box.quiet()

    async def ended() -> bool:
        [step] = (await box.plan()).steps
        return step.state is StepState.SKIPPED

    await until(ended)
    assert box.visible == []


async def test_it_fetches_by_itself_only_in_its_hours(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who presses the button may have it at any time."""
    box.release("Film.2020")
    await box.look_first()
    now = box.job._local_now()
    closed = f"{(now + timedelta(hours=2)):%H:%M}-{(now + timedelta(hours=3)):%H:%M}"
    await box.house.runtime.set_option("seedbox", "hours", closed)
    await box.job.scheduled()
    assert box.visible == []
    box.house.runtime.jobs.run_now(JOB)
    await until(lambda: box.is_home("Film.2020"), what="the button's run")
    await box.quiet()
    box.release("Other.2021")
    await box.look_first()
    await box.job.scheduled()
    assert box.visible == ["Film.2020"]
    await box.house.runtime.set_option("seedbox", "hours", "")
    await box.job.scheduled()
    assert box.is_home("Other.2021")


async def test_its_turn_in_a_dry_run_is_shown_once(box: Box) -> None:
    heard: list[str] = []
    box.house.runtime.signals.subscribe(Topic.JOB, lambda kind, _: heard.append(kind))
    await box.house.runtime.set_option("safety", "dry_run", value=True)
    box.release("Film.2020")
    for _ in range(4):
        await box.job.scheduled()
    assert heard == ["planned"]
    assert box.visible == []


async def test_it_has_its_turn_when_it_is_on(box: Box) -> None:
    assert box.job.schedule() is None
    await box.house.runtime.set_option("seedbox", "sync_enabled", value=True)
    schedule = box.job.schedule()
    assert schedule is not None
    assert schedule.every == timedelta(minutes=30)


async def test_no_such_transfer(box: Box) -> None:
    with pytest.raises(ServiceValidationError):
        await act(box.house, "sync_seedbox", transfer="nobody", dry_run=True)


GONE, YOUNG, OTHER = "a" * 40, "b" * 40, "not one of ours"


def _stage(box: Box, *keys: str, old: bool = True) -> None:
    for key in keys:
        staging.Staging.open(str(box.home), key).close()
        if old:
            os.utime(box.home / STAGING / key, (1_700_000_000, 1_700_000_000))


def _staged(box: Box) -> set[str]:
    return {one.name for one in (box.home / STAGING).iterdir() if one.name != "folder"}


async def _clear(box: Box, listed: Mapping[str, frozenset[str]], now: datetime) -> None:
    job = box.job
    await leftovers.clear(job._transfers, job._fetcher, listed, job._under_way, now)


async def test_leftovers_of_releases_that_are_gone_are_cleared(box: Box) -> None:
    """After a week, and nothing else is; nor anything while nothing is listed at all."""
    _stage(box, GONE, OTHER)
    _stage(box, YOUNG, old=False)
    await box.sync()
    assert _staged(box) == {GONE, OTHER, YOUNG}
    box.release("Film.2020")
    await act(box.house, "sync_seedbox", dry_run=True)
    assert _staged(box) == {GONE, OTHER, YOUNG}
    await box.sync()
    assert _staged(box) == {OTHER, YOUNG}


@pytest.mark.parametrize("listed", [None, (), ("c" * 40,), (GONE,)])
async def test_what_another_transfer_lists_is_not_cleared(
    box: Box, listed: tuple[str, ...] | None
) -> None:
    """Nor is anything while it does not tell what it lists."""
    _stage(box, GONE)
    [service] = box.job._transfers
    box.job._transfers = {service: box.transfer, "other": box.transfer}
    body = {service: frozenset({YOUNG})}
    if listed is not None:
        body["other"] = frozenset(listed)
    await _clear(box, body, box.job._now())
    cleared = listed == ("c" * 40,)
    assert (box.home / STAGING / GONE).exists() is not cleared


async def test_what_a_plan_waits_for_is_not_cleared(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    _full(monkeypatch)
    box.release("Film.2020")
    await box.look_first()
    await box.sync()
    [one] = (await box.plan()).waiting
    _stage(box, GONE, one.id.removeprefix("fetch-"))
    [service] = box.job._transfers
    later = box.job._now() + timedelta(days=30)
    await _clear(box, {service: frozenset({YOUNG})}, later)
    assert _staged(box) == {one.id.removeprefix("fetch-")}


async def test_what_can_not_be_cleared_is_in_nobody_s_way(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    from custom_components.showrunner.clients.errors import Unreachable

    async def broken(self: object, key: str) -> None:
        raise Unreachable("Disk", "read-only")

    monkeypatch.setattr(fetcher.ReleaseFetcher, "discard", broken)
    _stage(box, GONE)
    box.release("Film.2020")
    await box.look_first()
    assert [step["title"] for step in (await box.sync())["steps"]] == ["Film.2020"]
    assert box.is_home("Film.2020")


@pytest.mark.parametrize("how", ["cancelled", "expired"])
async def test_it_is_not_shown_as_paused_when_nothing_waits(
    box: Box, held: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    box.release("Film.2020")
    await box.look_first()
    async with held() as at:
        await act(box.house, "sync_seedbox", dry_run=False)
        await at.wait()
        await box.house.runtime.set_option("safety", "dry_run", value=True)
        await box.quiet()
    assert state(box.house, "state", TITLE).state == "paused"
    if how == "cancelled":
        await box.house.runtime.runner.cancel((await box.plan()).plan_id)
    else:
        later = box.job._now() + timedelta(days=8)
        monkeypatch.setattr(box.job._runs, "_now", lambda: later)
    await until(lambda: state(box.house, "state", TITLE).state == "idle")


async def test_a_subscriber_sees_how_far_it_is(
    box: Box, held: Callable[[], Any], reader: Any
) -> None:
    """First the present state, then what changes, and the end."""
    box.release("Film.2020")
    await box.look_first()
    assert (await ask(reader, "transfer/subscribe"))["success"]
    first = await next_event(reader)
    assert first["available"]
    [transfers] = first["transfers"]
    assert (transfers["title"], transfers["state"], transfers["files"]) == (TITLE, "idle", [])
    async with held() as at:
        await act(box.house, "sync_seedbox", dry_run=False)
        await at.wait()
        while (event := await next_event(reader))["transfers"][0]["state"] != "fetching":
            pass
        [transfers] = event["transfers"]
        assert transfers["total_bytes"] == 600_000
        assert [file["name"] for file in transfers["files"]] == ["Film.2020"]
    while (event := await next_event(reader))["transfers"][0]["state"] != "idle":
        pass
    await box.quiet()


async def test_hours_that_are_none_are_said(box: Box) -> None:
    flows, hass = box.house.hass.config_entries.options, box.house.hass
    menu = await flows.async_init(box.house.entry.entry_id)
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": "seedbox"})
    assert form["type"] == "form"
    page = _defaults(form)
    page["sync"] = {**page["sync"], "hours": "at night"}
    wrong = await flows.async_configure(menu["flow_id"], page)
    assert wrong["errors"] == {"base": "invalid_hours"}
    page["sync"] = {**page["sync"], "hours": "23:00 - 07:00", "exclude": ["*.nfo"]}
    done = await flows.async_configure(menu["flow_id"], page)
    assert done["type"] == "create_entry"
    await hass.async_block_till_done()
    assert box.house.entry.options["seedbox"]["hours"] == "23:00 - 07:00"


def _defaults(form: Any) -> dict[str, Any]:
    """Fill in a form as it is shown."""
    filled: dict[str, Any] = {}
    for section, inner in form["data_schema"].schema.items():
        filled[str(section)] = inner.schema({}) if hasattr(inner, "schema") else section.default()
    return filled


async def test_the_whole_way_from_a_wish_to_a_film(
    hass: HomeAssistant,
    tmp_path: Path,
    socket_enabled: None,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Watched, grabbed, on the seedbox, home, imported: nobody has to do anything."""
    monkeypatch.setattr(sync_job, "_SETTLES", 0.0)
    remote, home = tmp_path / "box" / "done", tmp_path / "home"
    remote.mkdir(parents=True)
    home.mkdir()
    world = short_world()
    world.seedbox = Seedbox(remote, home)
    await async_setup_component(hass, "webhook", {})
    async with running(world=world) as servers, serving(tmp_path / "box") as served:
        entry = _with_box(whole_entry(servers, hooks=False), served.port, served.host_key, home)
        async with living(hass, servers, await hass_client_no_auth(), entry) as house:
            box = Box(house, remote, home)
            await house.runtime.set_option("seedbox", "sync_enabled", value=True)
            await house.watch("Sofa", SECOND)

            async def imported() -> bool:
                for client in house.runtime.torrents.values():
                    await client.async_refresh()
                found = await house.acquisitions(SECOND)
                return bool(found) and found[-1].state is AcquisitionState.IMPORTED

            await until(imported, 40)
            await box.quiet()
            [step] = (await box.plan()).steps
            assert step.state is StepState.DONE
            # It was taken away by who imported it; the torrent goes on seeding.
            assert [one.name for one in home.iterdir() if one.name != STAGING] == []
            assert [one.name for one in remote.iterdir()] == [step.label]
            scans = [
                command["body"]
                for command in servers.radarr_state.library.commands.values()
                if command["name"] == "DownloadedMoviesScan"
            ]
            assert len(scans) == 1
            names = [one["name"] for one in servers.radarr_state.library.commands.values()]
            assert "RefreshMonitoredDownloads" in names[names.index("DownloadedMoviesScan") :]
