"""Removing at its source what is home: only what is proven to be, and seeded by nobody."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from custom_components.showrunner.clients.arr_history import Takes
from custom_components.showrunner.clients.errors import Refused, Unreachable
from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.media import MediaType
from custom_components.showrunner.domain.plan import (
    FetchRelease,
    Plan,
    RemoteFingerprint,
    StepState,
)
from custom_components.showrunner.domain.plan.guards import Budget
from custom_components.showrunner.domain.transfer.remote import RemoteFile, RemoteKind
from custom_components.showrunner.domain.transfer.tree import Release, as_text, releases
from custom_components.showrunner.jobs.facts.fetched import FetchedReleases
from custom_components.showrunner.jobs.facts.seeding_facts import PurgeFacts
from custom_components.showrunner.jobs.kit.plan_runs import RunParts
from custom_components.showrunner.jobs.kit.runner import Runner
from custom_components.showrunner.jobs.remove_source.gather import SourceFacts
from custom_components.showrunner.jobs.remove_source.job import JOB, RemoveSourceJob
from custom_components.showrunner.jobs.sync_options import SyncOptions
from custom_components.showrunner.jobs.wordings import message_of
from custom_components.showrunner.operations import all_operations
from custom_components.showrunner.options import Options, SafetyOptions
from custom_components.showrunner.signals import Signals, Topic
from custom_components.showrunner.store import Store
from tests.domain.seeding.samples import film
from tests.english import english
from tests.operations.disk import tree
from tests.operations.linked import Book

from .purging import ARR, CLIENT, TRANSFER, Box, Client, Linked, Transfer

HASH = "A" * 40
OTHER = "B" * 40
VIDEO = b"Film.2020/film.mkv"


class Fetcher:
    """Lists the box as `ReleaseFetcher` does."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self._folder = folder

    def key(self, name: bytes) -> str:
        """Name a release."""
        return name.hex()

    async def listing(self) -> tuple[Release, ...]:
        """List everything."""
        return releases(self._file(path) for path in sorted(self._folder.rglob("*")))

    async def look(self, name: bytes) -> Release | None:
        """List one release."""
        return next((one for one in await self.listing() if one.name == name), None)

    def _file(self, path: Path) -> RemoteFile:
        found = path.lstat()
        kind = RemoteKind.FOLDER if path.is_dir() else RemoteKind.FILE
        kind = RemoteKind.LINK if path.is_symlink() else kind
        name = os.fsencode(path.relative_to(self._folder))
        return RemoteFile(name, kind, found.st_size, int(found.st_mtime))


class House:
    """A seedbox whose releases came home, and a job that removes them there."""

    def __init__(self, folder: Path, store: Store) -> None:
        """Begin with an empty box, and a client that has nothing but one other torrent."""
        folder.mkdir()
        self.box, self.store = Box(folder), store
        self.box.torrents[OTHER] = film(9, hash=OTHER, name="Else", content_path="/else/Else")
        self.options = SyncOptions(remove_source=True)
        self.safety = SafetyOptions(dry_run=False)
        self.clock = datetime.now(UTC)
        self.fetched = FetchedReleases(store)
        self.client, self.transfer = Client(self.box), Transfer(self.box)
        self.clients: dict[str, Any] = {CLIENT: self.client}
        self.job = self.start()

    def start(self) -> RemoveSourceJob:
        """Make the job, as after a start."""
        arr = SimpleNamespace(client=self.box, title="Radarr", media=MediaType.MOVIE)
        linked: Any = Linked(self.client, self.transfer)
        fetcher: Any = Fetcher(self.box.folder)
        arrs: Any = {ARR: arr}
        transfers: Any = {TRANSFER: self.transfer}

        async def not_frozen(plan: Plan) -> None:
            return None

        runner = Runner(
            self.store,
            all_operations(linked, Book(), lambda: self.clock),
            budget=lambda: Budget(self.safety.max_items),
            frozen=not_frozen,
            now=lambda: self.clock,
        )
        seeding = PurgeFacts(arrs, self.clients, transfers, lambda: self.clock)
        self.runner = runner
        return RemoveSourceJob(
            RunParts(
                self.store,
                Signals(),
                runner,
                options=lambda: Options(safety=self.safety),
                now=lambda: self.clock,
            ),
            SourceFacts(seeding, self.fetched, lambda service: fetcher),
            sync_options=lambda: self.options,
        )

    async def home(self, name: bytes = b"Film.2020", inner: tuple[bytes, ...] = ()) -> None:
        """Put a release on the box, and note that it came home."""
        files = inner or (b"film.mkv",)
        noted = []
        for one in files:
            path = self.box.folder / os.fsdecode(name + b"/" + one if one else name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * (1000 if one in (b"film.mkv", b"") else 100))
            stat = path.stat()
            text = as_text(os.fsencode(path.relative_to(self.box.folder)))
            noted.append(RemoteFingerprint(text, stat.st_size, int(stat.st_mtime)))
        wish = FetchRelease(as_text(name), tuple(noted))
        await self.fetched.note(TRANSFER, name.hex(), wish, self.clock)

    def imported(self, source: str = "/home/Film.2020/film.mkv", **more: Any) -> None:
        """Have the arr import it: the row names where it came home, and its download."""
        for kind in (HistoryKind.GRABBED, HistoryKind.IMPORTED):
            number = len(self.box.events) + 1
            made = HistoryEvent(
                number,
                kind,
                self.clock + timedelta(seconds=number),
                1,
                download_id=HASH,
                source_path=source if kind is HistoryKind.IMPORTED else None,
            )
            self.box.events.append(replace(made, **more))

    def grabbed_again(self) -> None:
        """Have the arr grab the same download once more."""
        at = self.clock + timedelta(minutes=1)
        self.box.events.append(HistoryEvent(99, HistoryKind.GRABBED, at, 1, None, HASH))

    async def look(self, minutes: float = 15) -> Plan | None:
        """Have a turn by the clock after some time; give the plan that came of it, if any."""
        self.clock += timedelta(minutes=minutes)
        before = {plan.plan_id for plan in await self.store.plans.recent(50, JOB)}
        await self.job.scheduled()
        found = [p for p in await self.store.plans.recent(50, JOB) if p.plan_id not in before]
        return found[0] if found else None

    async def twice(self) -> Plan | None:
        """Look twice."""
        assert await self.look() is None
        return await self.look()

    @property
    def there(self) -> list[str]:
        """What lies on the box."""
        found = sorted(self.box.folder.rglob("*"))
        return [str(one.relative_to(self.box.folder)) for one in found if not one.is_dir()]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[House]:
    """Give a house whose box is empty."""
    store = await Store.open(tmp_path / "source.db")
    yield House(tmp_path / "box", store)
    await store.close()


async def test_what_is_home_and_imported_goes_after_two_looks(house: House) -> None:
    """Exactly the files that were fetched, then the empty folders; the rest is untouched."""
    await house.home(inner=(b"film.mkv", b"sub/film.srt"))
    await house.home(b"Other.2021", (b"film.mkv",))
    (house.box.folder / "mine.txt").write_text("mine")
    house.imported()
    before = tree(house.box.folder)
    assert await house.look() is None
    assert await house.look(minutes=5) is None
    plan = await house.look(minutes=6)
    assert plan is not None
    [step] = plan.steps
    assert step.state is StepState.DONE
    assert plan.totals["bytes_freed"] == 1100
    assert tree(house.box.folder) == {
        path: one for path, one in before.items() if b"Film.2020" not in path
    }
    assert await house.look() is None


async def test_a_release_that_is_one_file_goes(house: House) -> None:
    await house.home(b"Film.2020.mkv", (b"",))
    house.imported("/home/Film.2020.mkv")
    plan = await house.twice()
    assert plan is not None
    assert house.there == []
    assert house.box.folder.is_dir()


async def test_it_is_off_unless_chosen(house: House) -> None:
    """Also when it was chosen while the plan was made."""
    assert SyncOptions.from_mapping({}).remove_source is False
    assert SyncOptions.from_mapping({"remove_source": "yes"}).remove_source is False
    assert SyncOptions.from_mapping({"remove_source": True}).remove_source is True
    await house.home()
    house.imported()
    house.options = SyncOptions()
    assert house.job.schedule() is None
    assert await house.twice() is None
    house.options = SyncOptions(remove_source=True)
    house.safety = SafetyOptions(dry_run=True)
    shown = await house.twice()
    assert shown is not None
    house.safety, house.options = SafetyOptions(dry_run=False), SyncOptions()
    plan = await house.job.runs.apply(shown, None, dry_run=False)
    assert plan.steps[0].state is StepState.SKIPPED
    assert house.there == ["Film.2020/film.mkv"]


async def test_a_dry_run_shows_it_once_and_removes_nothing(house: House) -> None:
    house.safety = SafetyOptions(dry_run=True)
    await house.home()
    house.imported()
    plan = await house.twice()
    assert plan is not None
    assert plan.dry_run
    assert [step.label for step in plan.steps] == ["Film.2020"]
    assert await house.look() is None
    assert house.there == ["Film.2020/film.mkv"]


def _seeds(house: House, **more: Any) -> None:
    house.box.torrents["C" * 40] = film(3, **{"hash": "C" * 40, "name": "x", **more})


CASES: dict[str, Callable[[House], None]] = {
    "a client has it under its name": lambda house: _seeds(
        house, name="Film.2020", content_path="/srv/x/Film.2020"
    ),
    "a client has it by its hash": lambda house: _seeds(
        house, hash=HASH, name="Renamed", content_path="/srv/Renamed"
    ),
    "a client has the same place": lambda house: _seeds(
        house, content_path=str(house.box.folder / "Film.2020" / "film.mkv")
    ),
    "a client has something in it": lambda house: _seeds(
        house, content_path="/srv/Film.2020/inner", save_path="/srv/Film.2020"
    ),
    "a client has one of its files": lambda house: _seeds(
        house, name="film.mkv", content_path="/srv/film.mkv"
    ),
    "a client has the folder above": lambda house: _seeds(
        house, content_path=str(house.box.folder)
    ),
    "a client's name lost letters": lambda house: _seeds(
        house, name="Film?.2020", content_path=None
    ),
    "a client is silent": lambda house: house.box.down.add(CLIENT),
    "no client is linked": lambda house: house.clients.clear(),
    "the client is of another server": lambda house: setattr(
        house.transfer, "login", SimpleNamespace(host="elsewhere.example")
    ),
    "the arr is silent": lambda house: house.box.down.add(ARR),
    "it is in a queue": lambda house: house.box.queued.add(HASH),
    "it was not imported": lambda house: house.box.events.clear(),
    "it was grabbed again": lambda house: house.grabbed_again(),
    "another was imported": lambda house: _rows(house, source_path="/home/Film.2021/film.mkv"),
    "it was imported from elsewhere": lambda house: _rows(house, source_path="/home/film.mkv"),
    "it was imported long before": lambda house: _rows(house, at=house.clock - timedelta(days=30)),
    "its download is no torrent": lambda house: _rows(house, download_id="SABnzbd_nzo_1"),
    "it changed since": lambda house: os.utime(house.box.folder / "Film.2020" / "film.mkv", (1, 1)),
    "something new is in it": lambda house: _write(house, "Film.2020/new.mkv"),
}


def _rows(house: House, **more: Any) -> None:
    house.box.events = [replace(one, **more) for one in house.box.events]


def _write(house: House, name: str) -> None:
    (house.box.folder / name).write_text("new")


@pytest.mark.parametrize("case", CASES)
async def test_it_stays(house: House, case: str) -> None:
    """Unknown keeps, and what a client has is the purge's: when planned, and when carried out."""
    await house.home()
    house.imported()
    shown = await _shown(house)
    CASES[case](house)
    plan = await house.job.runs.apply(shown, None, dry_run=False)
    assert plan.steps[0].state in (StepState.SKIPPED, StepState.PLANNED)
    assert "Film.2020/film.mkv" in house.there
    house.job = house.start()
    assert await house.twice() is None
    assert "Film.2020/film.mkv" in house.there


async def _shown(house: House) -> Plan:
    house.safety = SafetyOptions(dry_run=True)
    shown = await house.twice()
    assert shown is not None
    house.safety = SafetyOptions(dry_run=False)
    return shown


@pytest.mark.parametrize(
    ("files", "goes"),
    [
        ((b"film.mkv", b"sample.mkv"), True),
        ((b"film.mkv", b"a.mkv", b"b.mkv", b"c.mkv"), False),
        ((b"film.rar", b"film.r00"), False),
    ],
)
async def test_what_is_not_imported_may_only_be_little(
    house: House, files: tuple[bytes, ...], goes: bool
) -> None:
    """An episode that nobody imported, or archives: they stay."""
    await house.home(inner=files)
    house.imported()
    plan = await house.twice()
    assert (plan is not None) is goes


class Asked:
    """Counts how the arr is asked for its history."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look on."""
        self.wholes, self.since, self.titles = 0, list[datetime](), list[int]()
        box = house.box
        whole, since, titles = box.whole_history, box.history_since, box.title_history

        async def count_whole(begin: Callable[[], Takes]) -> Takes:
            self.wholes += 1
            return await whole(begin)

        async def count_since(date: datetime, *, whole: bool = False) -> tuple[HistoryEvent, ...]:
            self.since.append(date)
            return await since(date, whole=whole)

        async def count_titles(arr_id: int) -> tuple[HistoryEvent, ...]:
            self.titles.append(arr_id)
            return await titles(arr_id)

        monkeypatch.setattr(box, "whole_history", count_whole)
        monkeypatch.setattr(box, "history_since", count_since)
        monkeypatch.setattr(box, "title_history", count_titles)


async def test_no_turn_reads_a_whole_history_for_what_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor for what is old all that has happened since it came: only what is new."""
    await house.home()
    await house.home(b"Pack.S01", (b"film.mkv",))
    house.imported("/home/Pack.S01/film.mkv", media_id=7, download_id="D" * 40)
    later = house.clock + timedelta(hours=1)  # grabbed again, and not imported since
    again = replace(house.box.events[0], id=50, at=later)
    house.box.events.append(again)
    house.clock += timedelta(days=100)
    asked = Asked(house, monkeypatch)
    for _ in range(4):
        assert await house.look() is None
    assert asked.wholes == 0
    assert asked.titles == [7] * 4
    oldest = house.clock - timedelta(days=2)
    assert [date < oldest for date in asked.since] == [True, False, False, False]


async def test_what_goes_does_so_by_the_whole_history_and_a_fresh_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another title may have been grabbed with the same download; and rows may be gone since."""
    await house.home()
    house.imported()
    asked = Asked(house, monkeypatch)
    house.box.events += [replace(house.box.events[0], id=50, media_id=8)]
    assert await house.twice() is None
    assert (asked.wholes, asked.titles) == (2, [1, 1])
    house.box.events.pop()
    shown = await _shown(house)
    house.box.events.clear()
    house.job._facts.seeding.histories.forget()
    plan = await house.job.runs.apply(shown, None, dry_run=False)
    assert plan.steps[0].state is StepState.SKIPPED
    assert house.there == ["Film.2020/film.mkv"]


async def test_what_is_imported_later_is_found_by_a_later_turn(house: House) -> None:
    """Also by an arr that is linked only then, and whose rows are older."""
    await house.home()
    assert await house.look() is None
    house.clock += timedelta(days=10)
    assert await house.look() is None
    house.imported()
    assert await house.twice() is not None
    assert house.there == []


async def test_a_folder_of_several_downloads_stays(house: House) -> None:
    """Nobody knows which file is whose."""
    await house.home(inner=(b"film.mkv", b"b/film.mkv"))
    house.imported()
    house.imported("/home/Film.2020/b/film.mkv", download_id="D" * 40)
    assert await house.twice() is None


async def test_what_was_not_fetched_stays_and_is_said(house: House) -> None:
    """An excluded file, and a link: with them their folder."""
    house.options = replace(house.options, exclude=("*.nfo",))
    await house.home()
    (house.box.folder / "Film.2020" / "film.nfo").write_text("about")
    (house.box.folder / "Film.2020" / "link.mkv").symlink_to("/etc/passwd")
    house.imported()
    plan = await house.twice()
    assert plan is not None
    assert "2 files stay" in " ".join(english(one) for one in plan.steps[0].reasons)
    assert house.there == ["Film.2020/film.nfo", "Film.2020/link.mkv"]


async def test_a_file_that_grows_after_the_last_look_stays(house: House) -> None:
    """The operation looks once more at each file itself."""
    await house.home()
    house.imported()
    shown = await _shown(house)
    file = house.box.folder / "Film.2020" / "film.mkv"
    times = (file.stat().st_atime, file.stat().st_mtime)

    lstat = house.transfer.lstat

    async def look(path: bytes) -> RemoteFile:
        with file.open("ab") as more:
            more.write(b"more")
        os.utime(file, times)
        return await lstat(path)

    house.transfer.lstat = look  # type: ignore[method-assign]
    await house.job.runs.apply(shown, None, dry_run=False)
    assert "Film.2020/film.mkv" in house.there


async def test_an_interrupted_removal_is_ended(house: House) -> None:
    """What is left of it goes, although the file that was imported is gone there."""
    await house.home(inner=(b"film.mkv", b"sub/film.srt"))
    house.imported()
    shown = await _shown(house)
    (house.box.folder / "Film.2020" / "film.mkv").unlink()
    plan = await house.job.runs.apply(shown, None, dry_run=False)
    assert plan.steps[0].state is StepState.DONE
    assert house.there == []


async def test_only_empty_folders_are_left_to_remove(house: House) -> None:
    """It is gone on with: nothing is called skipped that we have removed."""
    await house.home(inner=(b"film.mkv", b"sub/film.srt"))
    house.imported()
    shown = await _shown(house)

    def lost(path: bytes) -> None:
        if len(house.transfer.removed) == 2:
            raise Unreachable("SFTP", "broke off")

    house.transfer.fails = lost
    plan = await house.job.runs.apply(shown, None, dry_run=False)
    [step] = plan.steps
    assert (step.state, step.bytes_freed, house.there) == (StepState.PLANNED, 1100, [])
    house.transfer.fails = lambda path: None
    plan = await house.job.runs.apply(plan, None, dry_run=False)
    [step] = plan.steps
    assert (step.state, step.bytes_freed) == (StepState.DONE, 1100)
    assert list(house.box.folder.iterdir()) == []


async def test_another_file_under_a_planned_name_stays(house: House) -> None:
    """Of the same size, but not the one that came home; also when nobody wants it any more."""
    await house.home(inner=(b"film.mkv", b"sub/film.srt"))
    house.imported()
    shown = await _shown(house)
    os.utime(house.box.folder / "Film.2020" / "sub" / "film.srt", (5, 5))
    house.options = replace(house.options, exclude=("*.srt",))
    plan = await house.job.runs.apply(shown, None, dry_run=False)
    assert plan.steps[0].state is StepState.SKIPPED
    assert len(house.there) == 2


async def test_what_a_person_has_ended_is_not_planned_again(house: House) -> None:
    await house.home()
    house.imported()
    house.box.down.add(TRANSFER)
    plan = await house.twice()
    assert plan is not None
    assert plan.waiting
    await house.runner.cancel(plan.plan_id)
    house.box.down.clear()
    house.job = house.start()
    assert await house.twice() is None
    assert house.there == ["Film.2020/film.mkv"]


async def test_what_a_person_has_ended_stays_so_after_any_number_of_plans(house: House) -> None:
    """Dry runs and plans for other releases come after it."""
    await house.home()
    house.imported()
    house.box.down.add(TRANSFER)
    plan = await house.twice()
    assert plan is not None
    await house.runner.cancel(plan.plan_id)
    house.box.down.clear()
    for number in range(30):
        at = house.clock + timedelta(seconds=number)
        later = replace(plan, plan_id=f"later{number}", created_at=at, dry_run=True)
        other = replace(plan.steps[0], id=f"other{number}")
        await house.store.plans.put(replace(later, dry_run=bool(number % 2), steps=(other,)))
    house.job = house.start()
    assert await house.twice() is None
    assert house.there == ["Film.2020/film.mkv"]


async def test_a_plan_for_another_release_does_not_end_one_that_waits(house: House) -> None:
    await house.home()
    house.imported()
    house.box.down.add(TRANSFER)
    first = await house.twice()
    assert first is not None
    await house.home(b"Other.2021")
    house.imported("/home/Other.2021/film.mkv", download_id="C" * 40, media_id=2)
    second = await house.twice()
    assert second is not None
    assert [step.label for step in second.steps] == ["Other.2021"]
    waiting = await house.store.plans.waiting(JOB)
    assert {plan.plan_id for plan in waiting} == {first.plan_id, second.plan_id}


async def test_what_failed_is_tried_again_the_next_day_and_not_at_each_turn(house: House) -> None:
    """A folder that is another user's refuses each time; a changed release is something else."""
    await house.home()
    house.imported()
    refuses = True
    remove = house.transfer.remove_file

    async def refuse(path: bytes) -> None:
        if refuses:
            raise Refused("SFTP", 0, "permission denied")
        await remove(path)

    house.transfer.remove_file = refuse  # type: ignore[method-assign]
    plan = await house.twice()
    assert plan is not None
    assert plan.steps[0].state is StepState.FAILED
    house.job = house.start()
    assert await house.twice() is None
    assert await house.look(60 * 12) is None
    again = await house.look(60 * 12 + 1)  # instants are kept in milliseconds
    assert again is not None
    assert again.steps[0].state is StepState.FAILED
    refuses = False
    assert await house.look(60 * 12) is None
    assert (await house.look(60 * 12 + 1)) is not None
    assert house.there == []


async def test_a_run_takes_no_more_than_its_budget(house: House) -> None:
    """Five in a hundred of the releases, and at least three (law 8)."""
    for number in range(5):
        name = f"Film.{number}"
        await house.home(name.encode())
        house.imported(f"/home/{name}/film.mkv", download_id=f"{number:040X}", media_id=number + 1)
    plan = await house.twice()
    assert plan is not None
    assert sum(step.state is StepState.DONE for step in plan.steps) == 3


def test_it_is_told() -> None:
    message = message_of(Topic.JOB, "done", {"job": JOB, "done": 1, "bytes_freed": 2 * 10**9})
    assert message is not None
    said = message.put(english)
    assert said.title == "1 download that is home was removed from the seedbox"


async def test_an_import_from_before_it_came_home_is_another_s(house: House) -> None:
    """Also when history is read from long before, because of a release that is home for longer."""
    now = house.clock
    house.clock = now - timedelta(days=60)
    await house.home(b"Old.2019")
    house.clock = now
    await house.home()
    house.imported(at=now - timedelta(days=30))
    house.imported("/home/Old.2019/film.mkv", download_id=OTHER[:-1] + "C", media_id=2)
    plan = await house.twice()
    assert plan is not None
    assert [step.label for step in plan.steps] == ["Old.2019"]
    assert house.there == ["Film.2020/film.mkv"]


async def test_over_ftp_nothing_is_removed(house: House) -> None:
    """It tells nobody what is a link."""
    await house.home()
    house.imported()
    shown = await _shown(house)
    house.transfer.removes = False  # type: ignore[misc]
    plan = await house.job.runs.apply(shown, None, dry_run=False)
    assert plan.steps[0].state is StepState.SKIPPED
    assert await house.twice() is None
    assert house.there == ["Film.2020/film.mkv"]
