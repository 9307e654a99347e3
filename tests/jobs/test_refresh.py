"""Jellyfin is told of imports: once, in one call, and up to a checkpoint that survives."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from custom_components.showrunner.clients.errors import ServiceError, Unreachable
from custom_components.showrunner.clients.jellyfin import LibraryFolder
from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.domain.refresh import PathUpdate, Scan
from custom_components.showrunner.jobs.refresh import job as refresh
from custom_components.showrunner.jobs.refresh.job import (
    Notified,
    PathUnknown,
    RefreshJob,
    RefreshRunning,
)
from custom_components.showrunner.jobs.refresh.options import RefreshOptions
from custom_components.showrunner.jobs.registry import JOBS
from custom_components.showrunner.signals import Attributes, Signals, Topic
from custom_components.showrunner.store import Store, StoreError

MAP = PathMap((PathPair("/media", "/data"),))
DOWN = Unreachable("Jellyfin", "the server failed (500)")
# So often that nobody waits: every 60 ms, and 120 ms to collect.
QUICK = RefreshOptions(every_minutes=0.001, collect_seconds=0.12)
SELDOM = RefreshOptions(every_minutes=60, collect_seconds=0.12)


@dataclass
class Arr:
    """An arr with a history. `fails` is raised as long as it is there."""

    title: str = "Radarr"
    path_map: PathMap = MAP
    history: list[HistoryEvent] = field(default_factory=list)
    fails: ServiceError | None = None
    asked: int = 0

    async def history_since(self, date: datetime) -> tuple[HistoryEvent, ...]:
        """Answer what happened since."""
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        return tuple(one for one in self.history if one.at >= date)

    def imports(self, name: str, root: str = "/data/movies", ahead: int = 0) -> None:
        """Import a movie now, by a clock that is some seconds ahead."""
        at = datetime.now(UTC) + timedelta(seconds=ahead)
        path = f"{root}/{name}/{name}.mkv"
        self.history.append(
            HistoryEvent(len(self.history) + 1, HistoryKind.IMPORTED, at, path=path)
        )


@dataclass
class Library:
    """A Jellyfin. It fails as often as `failures` says, after `gate` opened."""

    failures: int = 0
    calls: list[list[str]] = field(default_factory=list)
    scans: int = 0
    tries: int = 0
    gate: asyncio.Event | None = None
    scan_fails: bool = False

    async def library_folders(self) -> tuple[LibraryFolder, ...]:
        """Give two libraries."""
        return (LibraryFolder("Films", ("/media/movies", "/media/stream")),)

    async def media_updated(self, updates: Sequence[PathUpdate]) -> None:
        """Take in paths."""
        self.tries += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise DOWN
        self.calls.append([update.path for update in updates])

    async def refresh_library(self) -> None:
        """Begin a scan."""
        if self.scan_fails:
            raise DOWN
        self.scans += 1


@dataclass
class World:
    """Everything together. A second job on the same store is a restart."""

    store: Store
    arr: Arr = field(default_factory=Arr)
    library: Library = field(default_factory=Library)
    others: dict[str, Arr] = field(default_factory=dict)
    options: RefreshOptions = QUICK
    signals: list[tuple[str, Attributes]] = field(default_factory=list)
    skew: timedelta = timedelta()

    def job(self) -> RefreshJob:
        """Make a job."""
        signals = Signals()
        signals.subscribe(Topic.JOB, lambda kind, said: self.signals.append((kind, said)))
        return RefreshJob(
            self.store,
            signals,
            self.library,
            {"one": self.arr, **self.others},
            options=lambda: self.options,
            now=lambda: datetime.now(UTC) + self.skew,
        )

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[RefreshJob]:
        """Work in the background, after the first look."""
        job = self.job()
        await job.tell_pending(dry_run=True)
        seen = self.arr.asked
        task = asyncio.create_task(job.work())
        try:
            await until(lambda: self.arr.asked > seen)
            yield job
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    """Open an empty store."""
    store = await Store.open(tmp_path / "refresh.db")
    yield World(store)
    await store.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def looks(arr: Arr, number: int = 2) -> None:
    """Wait until an arr was asked some times more."""
    seen = arr.asked
    await until(lambda: arr.asked >= seen + number)


def heat(name: str = "Heat") -> list[str]:
    """Say what Jellyfin is told of one film."""
    return [f"/media/movies/{name}"]


async def test_an_import_is_told_once_by_its_mapped_path(world: World) -> None:
    """Found in the history, without a hint; and not what was there before."""
    world.arr.imports("Old")
    async with world.working():
        world.arr.imports("Heat")
        await until(lambda: world.library.calls)
        await looks(world.arr, 3)
    assert world.library.calls == [heat()]
    assert [(kind, said["job"], said["outcome"]) for kind, said in world.signals] == [
        ("done", "refresh", "paths")
    ]


async def test_an_arr_that_is_linked_while_others_answer_is_read_the_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what those answer counts."""
    world.arr.fails = DOWN
    job = world.job()
    sources, ask = job._notifier._sources, world.arr.history_since

    async def linking(date: datetime) -> tuple[HistoryEvent, ...]:
        sources["two"] = Arr("Sonarr")  # type: ignore[index]
        return await ask(date)

    monkeypatch.setattr(world.arr, "history_since", linking)
    readings, unread = await job._notifier._read()
    assert (readings, list(unread)) == ([], ["Radarr"])
    monkeypatch.undo()
    readings, unread = await job._notifier._read()
    assert ([one.service_id for one in readings], list(unread)) == (["two"], ["Radarr"])


async def test_the_first_look_of_the_worker_begins_from_now(world: World) -> None:
    """It comes at once, so that nothing after it is taken for what was there before."""
    world.options = SELDOM
    world.arr.imports("Old")
    job = world.job()
    task = asyncio.create_task(job.work())
    async with asyncio.timeout(60):
        while await world.store.kv.get("refresh:one") is None:
            await asyncio.sleep(0.01)
    world.arr.imports("Heat")
    job.run_now()
    await until(lambda: world.library.calls)
    task.cancel()
    assert world.library.calls == [heat()]


async def test_imports_that_follow_each_other_are_one_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are collected for a moment, over all arrs."""
    world.others["two"] = Arr("Radarr 4K", PathMap((PathPair("/media/stream", "/4k"),)))
    collecting, over, real = asyncio.Event(), asyncio.Event(), refresh._first

    async def first(event: Awaitable[bool], wait: timedelta) -> None:
        if wait != timedelta(seconds=QUICK.collect_seconds):
            await real(event, wait)
            return
        collecting.set()
        await real(over.wait(), timedelta(minutes=1))
        cast("Coroutine[object, object, bool]", event).close()

    monkeypatch.setattr(refresh, "_first", first)
    async with world.working():
        world.arr.imports("Heat")
        await collecting.wait()
        world.arr.imports("Ran")
        world.others["two"].imports("Dune", root="/4k")
        over.set()
        await until(lambda: world.library.calls)
        await looks(world.arr, 2)
    assert world.library.calls == [
        ["/media/movies/Heat", "/media/movies/Ran", "/media/stream/Dune"]
    ]


async def test_a_hint_does_not_wait_for_the_next_look(world: World) -> None:
    """A webhook, or the end of a download that we follow; other jobs' failures are none."""
    world.options = SELDOM
    async with world.working() as job:
        world.arr.imports("Heat")
        job.heard("failed", {"job": "download"})
        job.hint("unknown")
        await asyncio.sleep(0.3)
        assert world.library.calls == []
        job.heard("done", {"job": "download"})
        await until(lambda: world.library.calls == [heat()])
        world.arr.imports("Ran")
        job.hint("one")
        await until(lambda: world.library.calls == [heat(), heat("Ran")])


async def test_what_was_told_is_remembered_over_a_restart(world: World) -> None:
    """What happened in between is told, and nothing else."""
    async with world.working():
        world.arr.imports("Heat")
        await until(lambda: world.signals)
        await looks(world.arr, 2)
    world.arr.imports("Ran")
    async with world.working():
        await until(lambda: len(world.library.calls) == 2)
        await looks(world.arr, 2)
    assert world.library.calls == [heat(), heat("Ran")]


async def test_the_checkpoint_moves_only_when_jellyfin_has_answered(world: World) -> None:
    """Three failures, with a restart among them; it is complained of once."""
    async with world.working():
        world.library.failures = 3
        world.arr.imports("Heat")
        await until(lambda: world.library.tries == 2)
    async with world.working():
        await until(lambda: world.library.calls)
        await looks(world.arr, 2)
    assert world.library.calls == [heat()]
    kinds = [kind for kind, _ in world.signals]
    assert kinds[-1] == "done"
    assert kinds.count("failed") <= 2  # one for each life of the job
    assert world.library.tries == 4


async def test_a_failure_is_told_once_and_tried_ever_more_seldom(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every few minutes for as long as the server is down."""
    monkeypatch.setattr(refresh, "_FIRST_PAUSE", timedelta(milliseconds=20))
    world.options = replace(SELDOM, collect_seconds=0)
    pauses: list[timedelta] = []
    job = world.job()
    plain = job._pause
    monkeypatch.setattr(job, "_pause", lambda: pauses.append(plain()) or pauses[-1])
    await job.tell_pending()
    world.library.failures = 4
    world.arr.imports("Heat")
    task = asyncio.create_task(job.work())
    await until(lambda: len(world.signals) == 2)
    task.cancel()
    assert pauses == [timedelta(milliseconds=20 * 2**n) for n in range(4)]
    assert [kind for kind, _ in world.signals] == ["failed", "done"]


async def test_one_arr_that_is_down_holds_back_only_itself(world: World) -> None:
    """And is told when it is back."""
    other = world.others["two"] = Arr("Radarr 4K")
    async with world.working():
        world.arr.imports("Heat")
        other.imports("Ran")
        other.fails = Unreachable("Radarr", "no connection")
        await until(lambda: world.library.calls == [heat()])
        await looks(other, 2)
        other.fails = None
        await until(lambda: world.library.calls == [heat(), heat("Ran")])


@pytest.mark.parametrize("ahead", [-7200, 7200, 90 * 86_400])
async def test_a_clock_that_is_wrong_loses_and_doubles_nothing(world: World, ahead: int) -> None:
    """Behind, ahead, and put right in between."""
    async with world.working():
        for name in ("Heat", "Ran"):
            world.arr.imports(name, ahead=ahead)
            await until(lambda name=name: heat(name) in world.library.calls)
        world.arr.imports("Dune")
        await until(lambda: heat("Dune") in world.library.calls)
        await looks(world.arr, 2)
    assert world.library.calls == [heat(), heat("Ran"), heat("Dune")]


async def test_without_a_mapping_the_whole_library_is_scanned_once_an_hour(world: World) -> None:
    """What comes within the hour waits for its end, over a restart; what can be mapped does not."""
    world.arr.path_map = PathMap()
    async with world.working():
        world.arr.imports("Heat")
        await until(lambda: world.library.scans == 1)
        world.arr.imports("Ran")
        world.arr.imports("Alike", root="/media/movies")
        await until(lambda: world.library.calls)
        await looks(world.arr, 3)
    async with world.working():
        await looks(world.arr, 3)
        assert (world.library.scans, world.library.calls) == (1, [["/media/movies/Alike"]])
        world.skew = timedelta(hours=1, minutes=1)
        await until(lambda: world.library.scans == 2)
        await looks(world.arr, 3)
    assert (world.library.scans, len(world.library.calls)) == (2, 1)
    assert [said["outcome"] for _, said in world.signals] == ["full", "paths", "full"]


async def test_a_scan_that_failed_is_asked_for_again(world: World) -> None:
    """The paths that were told in the same round are not told again."""
    async with world.working():
        world.library.scan_fails = True
        world.arr.imports("Heat", root="/elsewhere")
        world.arr.imports("Ran")
        await until(lambda: world.library.calls)
        await looks(world.arr, 3)
        world.library.scan_fails = False
        await until(lambda: world.library.scans == 1)
    assert world.library.calls == [heat("Ran")]


async def test_switched_off_it_tells_nothing_by_itself(world: World) -> None:
    """But when a person asks, and what waited when it is switched on again."""
    async with world.working() as job:
        world.options = replace(QUICK, enabled=False)
        await asyncio.sleep(0.2)
        world.arr.imports("Heat")
        job.hint()
        seen = world.arr.asked
        await asyncio.sleep(0.3)
        assert (world.library.calls, world.arr.asked) == ([], seen)
        job.run_now()
        await until(lambda: world.library.calls == [heat()])
        world.arr.imports("Ran")
        world.options = QUICK
        job.options_changed()
        await until(lambda: world.library.calls == [heat(), heat("Ran")])


async def test_a_database_that_fails_delays_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be written down is told again rather than never."""
    monkeypatch.setattr(refresh, "_FIRST_PAUSE", timedelta(milliseconds=20))
    async with world.working():
        put = world.store.kv.put
        broken = [StoreError("the disk is full")]

        async def fail_once(key: str, value: object) -> None:
            if broken:
                raise broken.pop()
            await put(key, value)

        monkeypatch.setattr(world.store.kv, "put", fail_once)
        world.arr.imports("Heat")
        await until(lambda: len(world.library.calls) == 2)
        await looks(world.arr, 3)
    assert world.library.calls == [heat(), heat()]


# -- what people ask -----------------------------------------------------------------------------


async def test_what_is_pending_is_shown_and_then_told(world: World) -> None:
    """A dry run tells nothing and moves nothing; nothing pending is said so."""
    job = world.job()
    assert await job.tell_pending() == Notified()
    world.arr.imports("Heat")
    for dry_run in (True, True, False):
        count = await job.tell_pending(dry_run=dry_run)
        assert (list(count.paths), count.scan) == (heat(), Scan.PATHS)
        assert world.library.calls == ([] if dry_run else [heat()])
    assert (await job.tell_pending()).scan is Scan.NONE
    assert len(world.signals) == 1


async def test_a_person_may_have_everything_scanned_again(world: World) -> None:
    """Once an hour is for what happens by itself."""
    world.arr.path_map = PathMap()
    job = world.job()
    await job.tell_pending()
    for number in (1, 2):
        world.arr.imports("Heat")
        assert (await job.tell_pending(dry_run=True)).scan is Scan.FULL
        assert world.library.scans == number - 1
        count = await job.tell_pending()
        assert count.as_dict() == {
            "paths": [],
            "scan": "full",
            "unmapped": ["/data/movies/Heat/Heat.mkv"],
            "unknown": [],
        }
        assert world.library.scans == number


async def test_an_arr_that_does_not_answer_is_not_one_without_imports(world: World) -> None:
    """Nothing else to tell: an error. Something to tell: told, and the silent one named."""
    other = world.others["two"] = Arr("Radarr 4K", fails=Unreachable("Radarr", "no connection"))
    job = world.job()
    with pytest.raises(Unreachable):
        await job.tell_pending()
    world.arr.imports("Heat")
    count = await job.tell_pending()
    assert (list(count.paths), count.unknown) == (heat(), (other.title,))


async def test_given_paths_are_told_under_jellyfins_name(world: World) -> None:
    """As Jellyfin or an arr names them; the checkpoint stays."""
    job = world.job()
    await job.tell_pending()
    world.arr.imports("Heat")
    given = ["/media/movies/Ran", "/data/movies/Dune/", "/data/movies/Dune/Dune.mkv"]
    count = await job.tell_paths(given, dry_run=True)
    assert world.library.calls == []
    count = await job.tell_paths(given)
    assert list(count.paths) == ["/media/movies/Dune", "/media/movies/Ran"]
    assert world.library.calls == [list(count.paths)]
    assert list((await job.tell_pending()).paths) == heat()


@pytest.mark.parametrize(
    "path", ["/elsewhere/Heat", "/data/music/Heat", "/media", "movies/Heat", ""]
)
async def test_a_path_that_nobody_knows_is_refused(world: World, path: str) -> None:
    """Jellyfin would pass over it in silence; nothing is told of the others either."""
    with pytest.raises(PathUnknown):
        await world.job().tell_paths(["/media/movies/Ran", path])
    assert world.library.calls == []


async def test_law_11_a_second_run_is_refused_and_names_the_first(world: World) -> None:
    """Also beside the worker; and after it is over it may run again."""
    world.library.gate = asyncio.Event()
    async with world.working() as job:
        world.arr.imports("Heat")
        await until(lambda: world.library.tries == 1)
        for ask in (job.tell_pending(), job.tell_paths(["/media/movies/Ran"])):
            with pytest.raises(RefreshRunning) as caught:
                await asyncio.wait_for(ask, 60)  # it answers, and does not wait for its turn
            assert abs(datetime.now(UTC) - caught.value.values["since"]) < timedelta(seconds=10)
        world.library.gate.set()
        await until(lambda: world.library.calls)
        await until(lambda: job._running is None)
        await job.tell_paths(["/media/movies/Ran"])
    assert world.library.calls == [heat(), ["/media/movies/Ran"]]


def test_no_phone_rings_because_jellyfin_looks_at_a_folder() -> None:
    """The download's own outcome is told by its job."""
    assert not JOBS[refresh.JOB].tells


@pytest.mark.parametrize("rubbish", [{"enabled": "yes"}, {"enabled": None}, {"enabled": 1}])
def test_a_switch_that_is_no_bool_is_off(rubbish: dict[str, object]) -> None:
    """And numbers out of their range are the defaults."""
    read = RefreshOptions.from_mapping({**rubbish, "every_minutes": 0, "collect_seconds": "x"})
    assert read == RefreshOptions(enabled=False)
    assert RefreshOptions.from_mapping({}) == RefreshOptions()
