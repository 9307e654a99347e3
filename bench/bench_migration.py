"""An old database as large as is promised, brought to today's form: in peace, and by kill -9.

900,000 viewings with their marks, what servers keep, and 100,000 items, as version 11 wrote them.
It is killed at random moments of the processor time that it takes; after each the file is whole,
and at the end every viewing and every item is read, old and new, and is the same.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import batched
from pathlib import Path
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from typing import Final

from sqlalchemy import Connection

from bench.store_rows import NOW, PER_SEASON, episode, series, unit
from custom_components.showrunner.domain.library import (
    LibraryItem,
    MarkSource,
    UserRow,
    WatchedMark,
)
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.codec import load
from custom_components.showrunner.store.migrations import CURRENT
from custom_components.showrunner.store.viewing_rows import read_rows
from tests.store.older import Older

type Row = Mapping[str, object]

_MIGRATE: Final = """
import asyncio, sys
from pathlib import Path
from custom_components.showrunner.store import Store

async def migrate():
    await (await Store.open(Path(sys.argv[1]))).close()

print("begun", flush=True)
asyncio.run(migrate())
"""
_FULL: Final = (100, 9000, 100_000, 20)
_SMALL: Final = (5, 60, 400, 2)
# So many viewers have a taste of their own; the others each have that of one of them.
_TASTES: Final = 4
_AT_ONCE: Final = 500
_TABLES: Final = ("viewings", "watched", "userdata", "library_items")
_COPIES: Final = (
    """INSERT INTO viewings SELECT id + :viewings, :new, day, started_at, ended_at, percent,
        completed, replace(data, :old, :new) FROM viewings WHERE viewer_id = :old""",
    """INSERT INTO viewing_names SELECT name, :new_name, ended_at, viewing_id + :viewings, day
        FROM viewing_names WHERE viewer = :old_name""",
    """INSERT INTO watch_time SELECT :new, quarter, seconds FROM watch_time
        WHERE viewer_id = :old""",
    """INSERT INTO watched SELECT id + :marks, :new, item_id, since, source FROM watched
        WHERE viewer_id = :old""",
    """INSERT INTO watched_names SELECT :new_name, name, watched_id + :marks FROM watched_names
        WHERE viewer = :old_name""",
    """INSERT INTO userdata SELECT :new, item_id, played, favorite, play_count, position,
        last_played, played_missed, favorite_missed FROM userdata WHERE viewer_id = :old""",
)


def _viewings(viewer: int, each: int, of: int) -> Iterator[Viewing]:
    dice = random.Random(f"taste {viewer}")
    for number in sorted(dice.sample(range(of), each)):
        at = NOW - timedelta(seconds=dice.randint(0, 5 * 365 * 86_400), microseconds=number)
        yield Viewing(
            *(f"{viewer:032x}", unit(number), at.date(), at, at + timedelta(minutes=40), 2400.0),
            *(2400.0, 2450.5, frozenset((ReportSource.WEBSOCKET,))),
            completed=True,
            device="Living room",
            client="Jellyfin Web",
        )


def _items(of: int) -> Iterator[LibraryItem]:
    yield from map(series, range(-(-of // (2 * PER_SEASON))))
    yield from map(episode, range(of))


def make(path: Path, viewers: int, each: int, of: int) -> None:
    """Write such a database: `each` viewings of each viewer, and `of` episodes."""
    old = Older(path)
    for viewer in range(min(_TASTES, viewers)):
        made = [*_viewings(viewer, each, of)]
        old.viewings(made)
        old.marks(
            (one.viewer_id, WatchedMark(one.unit.keys, one.unit.item_id, one.ended_at, source))
            for one, source in zip(made, [*MarkSource] * each, strict=False)
        )
        rows = (UserRow(one.unit.item_id, played=True, play_count=1) for one in made)
        old.userdata(f"{viewer:032x}", rows)
    for item in _items(of):
        old.item(item)
    old.close()
    raw = sqlite3.connect(path)
    for viewer in range(_TASTES, viewers):
        values = {"old": f"{viewer % _TASTES:032x}", "new": f"{viewer:032x}"}
        for which in ("old", "new"):
            raw.execute(
                "INSERT OR IGNORE INTO names (name) VALUES (?)", (f"viewer:{values[which]}",)
            )
        named = raw.execute("SELECT name, id FROM names WHERE name LIKE 'viewer:%'").fetchall()
        numbers = {name.removeprefix("viewer:"): number for name, number in named}
        (viewings,) = raw.execute("SELECT max(id) FROM viewings").fetchone()
        (marks,) = raw.execute("SELECT max(id) FROM watched").fetchone()
        more = {"viewings": viewings, "marks": marks}
        more |= {f"{which}_name": numbers[values[which]] for which in ("old", "new")}
        for statement in _COPIES:
            raw.execute(statement, values | more)
        raw.commit()
    raw.close()


def _begin(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _MIGRATE, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _used(process: subprocess.Popen[str]) -> float:
    """Give the processor time of a process (seconds); none of one that is over."""
    if process.poll() is not None:
        return 0.0
    stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / 100


def _size(path: Path) -> int:
    beside = (path.with_name(f"{path.name}{end}") for end in ("", "-wal", "-shm"))
    return sum(one.stat().st_size for one in beside if one.exists())


def in_peace(path: Path) -> tuple[float, float, int]:
    """Migrate undisturbed: processor time of it all and of the migration alone, most bytes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = _begin(path)
    began = _used(process)
    most = _size(path)
    while process.poll() is None:
        most = max(most, _size(path))
        time.sleep(0.02)
    if process.returncode:
        raise RuntimeError("the migration has failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, used - began, most


def _copy(first: Path, path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
    shutil.copyfile(first, path)


def _look(path: Path, wanted: Mapping[str, int]) -> int:
    """Give the version of a file that is whole and has all rows."""
    raw = sqlite3.connect(path)
    if raw.execute("PRAGMA quick_check").fetchone() != ("ok",) or _counts(raw) != wanted:
        raise RuntimeError("the file is not whole")
    (version,) = raw.execute("SELECT version FROM schema_version").fetchone()
    raw.close()
    return int(version)


def _counts(raw: sqlite3.Connection) -> dict[str, int]:
    return {one: raw.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in _TABLES}


def kill(first: Path, path: Path, kills: int, used: float, wanted: Mapping[str, int]) -> int:
    """Kill it at random moments; what is done to its end begins anew. Give how many were in it."""
    dice, within = random.Random("migration"), 0
    _copy(first, path)
    for _ in range(kills):
        moment = dice.random() * used
        process = _begin(path)
        while process.poll() is None and _used(process) < moment:
            time.sleep(0.005)
        within += process.poll() is None
        process.kill()
        process.wait()
        if _look(path, wanted) == CURRENT:
            _copy(first, path)
    return within


async def equal(first: Path, path: Path) -> int:
    """Read every viewing and every item, old and new; give how many are the same.

    Raises RuntimeError where one is not.
    """
    raw = sqlite3.connect(first)
    store = await Store.open(path)
    same = 0
    rows = raw.execute("SELECT id, data FROM viewings ORDER BY id")
    for some in batched(rows, _AT_ONCE, strict=False):
        old = {number: _viewing(data) for number, data in some}

        def read(connection: Connection, old: Mapping[int, Viewing] = old) -> dict[int, Viewing]:
            return read_rows(connection, [*old])

        if await store._database.read(read) != old:
            raise RuntimeError("a viewing is another one")
        same += len(old)
    (of,) = raw.execute("SELECT count(*) FROM library_items WHERE kind = 'episode'").fetchone()
    for items in batched(_items(of), _AT_ONCE, strict=False):
        wanted = {one.item_id: one for one in items}
        if await store.library.find_many(wanted) != wanted:
            raise RuntimeError("an item is another one")
        same += len(wanted)
    await store.close()
    raw.close()
    return same


def _viewing(data: str) -> Viewing:
    plain = load(data)
    assert isinstance(plain, dict)
    return Viewing.from_dict(plain)


async def run(small: bool) -> list[Row]:  # noqa: FBT001
    """Measure."""
    viewers, each, of, kills = _SMALL if small else _FULL
    with tempfile.TemporaryDirectory() as folder:
        first, path = Path(folder) / "first.db", Path(folder) / "showrunner.db"
        make(first, viewers, each, of)
        raw = sqlite3.connect(first)
        wanted = _counts(raw)
        raw.close()
        _copy(first, path)
        used, alone, most = in_peace(path)
        new = path.stat().st_size
        within = kill(first, path, kills, used, wanted)
        await (await Store.open(path)).close()
        same = await equal(first, path)
        old = first.stat().st_size
    return [
        {"metric": "viewings", "value": wanted["viewings"], "unit": "rows"},
        {"metric": "cpu_seconds", "value": round(alone, 2), "unit": "s"},
        {"metric": "old_mb", "value": round(old / 2**20, 2), "unit": "MB"},
        {"metric": "new_mb", "value": round(new / 2**20, 2), "unit": "MB"},
        {"metric": "room_ratio", "value": round(most / old - 1, 2), "unit": "of the old"},
        {"metric": "kills", "value": kills, "unit": "times", "against": f"{within} within it"},
        {"metric": "equal", "value": same, "unit": "rows"},
    ]
