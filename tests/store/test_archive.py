"""Old history leaves the store only when a file is proven to hold it."""

from dataclasses import replace
from datetime import timedelta
import errno
import gzip
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from custom_components.showrunner.domain.media import ProviderIds
from custom_components.showrunner.domain.watching import Viewing
from custom_components.showrunner.store import Archived, Store, StoreError, archive
from tests.domain.samples import NOW, UNIT

from .scratch import engines
from .viewings import VIEWER, VIEWING, WHOLE

_BEFORE = NOW + timedelta(days=30)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Name the archive."""
    return tmp_path / "showrunner-archive" / "E1-2026-11-24.jsonl.gz"


async def _fill(store: Store, days: int = 60) -> list[Viewing]:
    known = []
    for number in range(days):
        shift = timedelta(days=number)
        unit = replace(UNIT, ids=ProviderIds(tmdb=number + 1), item_id=f"{number:032x}")
        one = replace(
            WHOLE,
            unit=unit,
            day=WHOLE.day + shift,
            started_at=WHOLE.started_at + shift,
            ended_at=WHOLE.ended_at + shift,
            completed=number % 2 == 0,
        )
        known.append((await store.viewings.save(one)).viewing)
    return known


def _lines(path: Path) -> list[Viewing]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [Viewing.from_dict(json.loads(line)) for line in lines]


async def test_what_is_old_is_in_the_file_and_nowhere_else(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches, the oldest first; what is not old stays, and the marks stay too."""
    monkeypatch.setattr(archive, "_BATCH", 7)
    known = await _fill(store)
    old = [one for one in known if one.ended_at < _BEFORE]
    assert await store.archive.move(_BEFORE, target) == Archived(len(old), len(old), target)
    assert _lines(target) == old
    assert list(await store.viewings.history()) == known[len(old) :][::-1]
    assert await store.viewings.history(title=old[0].unit.title.key) == ()
    assert min(await store.viewings.watch_hours(VIEWER)) >= _BEFORE.replace(minute=0)
    assert await store.watched.is_watched(VIEWER, old[0].unit) is not None
    assert await store.watched.is_watched(VIEWER, old[1].unit) is None  # was not completed
    assert oct(target.stat().st_mode & 0o777) == "0o600"
    assert [one.name for one in target.parent.iterdir()] == [target.name]


async def test_nothing_old_makes_no_file(store: Store, target: Path) -> None:
    """Nor a folder."""
    await store.viewings.save(VIEWING)
    assert await store.archive.move(NOW - timedelta(days=1), target) == Archived(0, 0, None)
    assert not target.parent.exists()


async def test_a_second_run_of_the_day_has_a_file_of_its_own(store: Store, target: Path) -> None:
    """An archive is never written over; what a killed run left behind is cleared."""
    await store.viewings.save(VIEWING)
    target.parent.mkdir()
    target.write_bytes(b"earlier")
    left = target.with_name(f".{target.name}.part")
    left.write_bytes(b"half")
    other = target.with_name(".E2-2026-11-24.jsonl.gz.part")
    other.write_bytes(b"another entry is writing this")
    done = await store.archive.move(_BEFORE, target)
    assert done.path == target.with_name("E1-2026-11-24-2.jsonl.gz")
    assert target.read_bytes() == b"earlier"
    assert not left.exists()
    assert other.exists()


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("moment", ["open", "fsync"])
async def test_a_full_disk_removes_nothing(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whenever it shows; and no half a file stays."""
    known = await _fill(store, 5)
    fake = {name: getattr(os, name) for name in dir(os)} | {moment: _full}
    monkeypatch.setattr(archive, "os", SimpleNamespace(**fake))
    with pytest.raises(StoreError, match="No space left"):
        await store.archive.move(_BEFORE, target)
    assert len(await store.viewings.history()) == len(known)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flip", "lose"])
async def test_an_archive_that_cannot_be_read_back_removes_nothing(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """Cut off, damaged, or whole but without a viewing."""
    known = await _fill(store, 5)
    rename = Path.rename

    def break_it(part: Path, path: Path) -> Path:
        packed = part.read_bytes()
        if damage == "lose":
            lines = gzip.decompress(packed).splitlines(keepends=True)
            packed = gzip.compress(b"".join(lines[:-1]))
        elif damage == "cut":
            packed = packed[:-20]
        else:
            middle = len(packed) // 2
            packed = packed[:middle] + bytes([packed[middle] ^ 255]) + packed[middle + 1 :]
        part.write_bytes(packed)
        return rename(part, path)

    monkeypatch.setattr(Path, "rename", break_it)
    with pytest.raises(StoreError, match="archive"):
        await store.archive.move(_BEFORE, target)
    assert len(await store.viewings.history()) == len(known)


async def test_what_changes_meanwhile_stays(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A viewing that was merged after it was read is not the one in the file."""
    await _fill(store, 3)
    verify = archive._verify

    def verify_and_change(path: Path, sums: dict[int, int]) -> None:
        verify(path, sums)
        with engines(store)[0].begin() as connection:
            connection.exec_driver_sql("UPDATE viewings SET watched = watched + 1 WHERE id = 2")

    # In the thread of the check nobody else uses the connection.
    monkeypatch.setattr(archive, "_verify", verify_and_change)
    done = await store.archive.move(_BEFORE, target)
    assert (done.viewings, done.removed) == (3, 2)
    assert len(await store.viewings.history()) == 1


async def test_much_goes_into_several_files(
    store: Store, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each proven before its rows are removed; the watch time goes with the last."""
    monkeypatch.setattr(archive, "_BATCH", 2)
    monkeypatch.setattr(archive, "_MOST", 4)
    known = await _fill(store, 6)
    first = await store.archive.move(_BEFORE, target)
    assert (first.viewings, first.more) == (4, True)
    assert len(await store.viewings.watch_hours(VIEWER)) == 6
    second = await store.archive.move(_BEFORE, target)
    assert (second.viewings, second.more) == (2, False)
    assert second.path is not None
    assert _lines(target) + _lines(second.path) == known
    assert await store.viewings.watch_hours(VIEWER) == {}
