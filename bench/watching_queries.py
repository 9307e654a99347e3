"""Part (d) of the bench `watching`: questions to 900,000 viewings, and to a tenth of them.

100 viewers, 5 years, films and episodes of different popularity, each under all its names; a
sitcom that everybody has running has tens of thousands. Every question goes through the store,
its thread included. The tenth is half a year of the same household.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
import random
import sqlite3
import statistics
import tempfile
import time
from typing import Final

from custom_components.showrunner.domain.media import ProviderIds, TitleKey, Unit, UnitKind
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.codec import dump
from custom_components.showrunner.store.viewing_rows import item_name, viewer_name

NOW: Final = datetime(2026, 6, 10, 20, tzinfo=UTC)
_FULL: Final = 900_000
_YEARS: Final = timedelta(days=5 * 365)
_VIEWERS: Final = [f"{number:032x}" for number in range(1, 101)]
_SERVER: Final = "5" * 32
_RUNTIME: Final = 2700.0
_QUARTER: Final = 15 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Library:
    """What can be watched, and how likely each is."""

    units: list[Unit]
    weights: list[float]


def library() -> Library:
    """Make 4,000 films and 300 series of 60 episodes; the first are the most popular."""
    units, weights = [], []
    for number in range(4000):
        ids = ProviderIds(tmdb=number + 1, imdb=f"tt{number + 1:07d}")
        name = f"A Film of Some Length, Number {number}"
        units.append(Unit(UnitKind.MOVIE, name, _SERVER, f"{number:032x}", ids=ids, year=2001))
        weights.append(30 / (number + 10))
    for series in range(300):
        series_ids = ProviderIds(series + 1, series + 1, f"tt8{series + 1:06d}")
        for episode in range(60):
            number = 10**6 + series * 100 + episode
            unit = Unit(
                UnitKind.EPISODE,
                f"The One With the Number {episode}",
                _SERVER,
                f"{number:032x}",
                ids=ProviderIds(tvdb=number, imdb=f"tt9{number:07d}"),
                series_item_id=f"{2 * 10**6 + series:032x}",
                series_name=f"Some Series, Number {series}",
                series_ids=series_ids,
                season=episode // 12 + 1,
                episode=episode % 12 + 1,
            )
            units.append(unit)
            weights.append(2 / (series + 3))
    return Library(units, weights)


def _template(unit: Unit) -> str:
    """Give a row's JSON with marks for what differs between viewings of a unit."""
    viewing = Viewing(
        viewer_id="@who",
        unit=unit,
        day=NOW.date(),
        started_at=NOW,
        ended_at=NOW + timedelta(seconds=1),
        watched=2600.0,
        position=2650.0,
        runtime=_RUNTIME,
        completed=True,
        finished=True,
        device="Living room",
        client="Jellyfin Android TV",
        play_method="direct",
        sources=frozenset({ReportSource.POLL, ReportSource.WEBHOOK}),
    )
    return (
        dump(viewing.as_dict())
        .replace(viewing.day.isoformat() + '"', '@day"')
        .replace(viewing.started_at.isoformat(), "@began")
        .replace(viewing.ended_at.isoformat(), "@ended")
    )


def fill(path: Path, count: int, shelf: Library) -> None:
    """Write viewings in bulk into the tables of an empty, closed store."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA cache_size=-400000")
    raw.execute("BEGIN")
    indexes = raw.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name IN ('viewings', 'viewing_names')"
    ).fetchall()
    for name, _ in indexes:
        raw.execute(f"DROP INDEX {name}")
    _names(raw, shelf)
    span = _YEARS * (count / _FULL)
    raw.executemany("INSERT INTO filling VALUES (?, ?, ?, ?)", _rows(count, span, shelf))
    templates = [_template(unit) for unit in shelf.units]
    read = raw.execute("SELECT id, unit, viewer, ended_at FROM filling ORDER BY id")
    raw.executemany(
        "INSERT INTO viewings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (_viewing(row, templates[row[1]]) for row in read),
    )
    raw.execute(
        "INSERT INTO viewing_names (name, viewer, ended_at, viewing_id, day)"
        " SELECT DISTINCT u.name, v.id, f.ended_at, f.id, 719163 + f.ended_at / 86400000"
        " FROM filling f JOIN unit_names u ON u.unit = f.unit"
        " JOIN names v ON v.name = 'viewer:' || printf('%032x', f.viewer + 1) ORDER BY 1, 2, 3, 4"
    )
    raw.execute(
        "INSERT INTO watch_time SELECT viewer_id, ended_at / ?, sum(2600.0) FROM viewings"
        " GROUP BY 1, 2",
        (_QUARTER,),
    )
    for name in ("filling", "unit_names"):
        raw.execute(f"DROP TABLE {name}")
    for _, statement in indexes:
        raw.execute(statement)
    raw.execute("COMMIT")
    raw.close()


def _names(raw: sqlite3.Connection, shelf: Library) -> None:
    """Write down the names of units and viewers."""
    raw.execute("CREATE TEMP TABLE unit_names (unit INTEGER, name INTEGER)")
    raw.execute("CREATE TEMP TABLE filling (id INTEGER PRIMARY KEY, unit, viewer, ended_at)")
    of_units = [
        (number, name)
        for number, unit in enumerate(shelf.units)
        for name in (*unit.keys, *unit.title.key.names, item_name(unit.item_id))
    ]
    raw.executemany(
        "INSERT OR IGNORE INTO names (name) VALUES (?)",
        [(name,) for _, name in of_units] + [(viewer_name(viewer),) for viewer in _VIEWERS],
    )
    raw.executemany("INSERT INTO unit_names SELECT ?, id FROM names WHERE name = ?", of_units)


def _rows(count: int, span: timedelta, shelf: Library) -> Iterator[tuple[int, int, int, int]]:
    """Let them watch, one viewing after the other."""
    dice = random.Random(4)
    units = dice.choices(
        range(len(shelf.units)), cum_weights=list(accumulate(shelf.weights)), k=count
    )
    begin = NOW - span
    for number, unit in enumerate(units):
        at = begin + span * ((number + dice.random()) / count)
        yield number + 1, unit, dice.randrange(100), int(at.timestamp() * 1000)


def _viewing(row: tuple[int, int, int, int], template: str) -> tuple[object, ...]:
    number, _, viewer, ended = row
    at = datetime.fromtimestamp(ended / 1000, UTC)
    began = at - timedelta(seconds=2600)
    day = began.date().isoformat()
    who = _VIEWERS[viewer]
    data = (
        template.replace("@who", who)
        .replace("@day", day)
        .replace("@began", began.isoformat())
        .replace("@ended", at.isoformat())
    )
    return number, who, day, ended - 2_600_000, ended, 98.1, 1, data


type Question = Callable[[], Awaitable[object]]


def questions(store: Store, shelf: Library, dice: random.Random) -> Mapping[str, Question]:
    """Give the kinds of questions, each about somebody and something else at every call.

    What is popular is asked for as often as it is watched.
    """
    weights = list(accumulate(shelf.weights))
    recent, viewings = NOW - timedelta(days=90), store.viewings

    def unit() -> Unit:
        return dice.choices(shelf.units, cum_weights=weights)[0]

    def who() -> str:
        return dice.choice(_VIEWERS)

    def sitcom() -> TitleKey:
        return shelf.units[4000].title.key

    return {
        "rewatches": lambda: viewings.completed_count(who(), unit(), recent, 90),
        "by viewer": lambda: viewings.history(viewer_id=who()),
        "by title": lambda: viewings.history(title=unit().title.key),
        "by both": lambda: viewings.history(viewer_id=who(), title=unit().title.key),
        "by item": lambda: viewings.history(item_id=unit().item_id),
        "sitcom": lambda: viewings.history(title=sitcom()),
        "sitcom by viewer": lambda: viewings.history(viewer_id=who(), title=sitcom(), since=recent),
        "all": lambda: viewings.history(since=recent),
        "month": lambda: viewings.count(NOW - timedelta(days=30), who()),
        "today": lambda: viewings.count(NOW - timedelta(hours=20)),
        "watch time": lambda: viewings.watch_time(who(), NOW - timedelta(hours=20)),
        "last": lambda: viewings.last(who()),
    }


@dataclass(frozen=True, slots=True)
class Measured:
    """What one size of history showed; milliseconds by the kind of question."""

    build_seconds: float
    megabytes: float
    times: Mapping[str, list[float]]

    @property
    def all(self) -> list[float]:
        """Every question's time."""
        return [one for times in self.times.values() for one in times]


async def measure(count: int, asked: int) -> Measured:
    """Build a history of that size and ask every kind of question so often."""
    with tempfile.TemporaryDirectory(prefix="showrunner-bench-") as folder:
        path, shelf = Path(folder) / "history.db", library()
        await (await Store.open(path)).close()
        begun = time.perf_counter()
        await asyncio.to_thread(fill, path, count, shelf)
        built = time.perf_counter() - begun
        size = path.stat().st_size / 1e6
        store = await Store.open(path)
        kinds = questions(store, shelf, random.Random(9))
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(asked + 5):
            for kind, ask in kinds.items():
                begun = time.perf_counter()
                await ask()
                if number >= 5:  # the first ones fill the caches
                    times[kind].append((time.perf_counter() - begun) * 1000)
        await store.close()
        return Measured(built, size, times)


def percentile(times: list[float], share: int) -> float:
    """Give a percentile."""
    return statistics.quantiles(times, n=100)[share - 1]


async def rows(small: bool = False) -> list[Mapping[str, object]]:  # noqa: FBT001, FBT002
    """Measure both sizes."""
    count, asked = (4_000, 20) if small else (_FULL, 400)
    tenth = await measure(count // 10, asked)
    full = await measure(count, asked)
    worst = max(full.times, key=lambda kind: percentile(full.times[kind], 99))
    before = f"{count // 10} viewings"

    def row(metric: str, value: float, unit: str, against: str = "") -> Mapping[str, object]:
        return {"metric": metric, "value": round(value, 3), "unit": unit, "against": against}

    def both(metric: str, share: int, kinds: Mapping[str, list[float]]) -> Mapping[str, object]:
        of_tenth = [one for kind in kinds for one in tenth.times[kind]]
        of_full = [one for kind in kinds for one in full.times[kind]]
        beside = f"{before}: {percentile(of_tenth, share):.2f}"
        return row(metric, percentile(of_full, share), "ms", beside)

    rewatches = {"rewatches": full.times["rewatches"]}
    return [
        both("rewatch_p50_ms", 50, rewatches),
        both("rewatch_p99_ms", 99, rewatches),
        both("query_p50_ms", 50, full.times),
        both("query_p99_ms", 99, full.times),
        row("worst_kind_p99_ms", percentile(full.times[worst], 99), "ms", worst),
        row("query_growth", percentile(full.all, 50) / percentile(tenth.all, 50), "x", before),
        row("query_growth_p99", percentile(full.all, 99) / percentile(tenth.all, 99), "x", before),
        row("history_mb", full.megabytes, "MB", f"{before}: {tenth.megabytes:.0f}"),
        row("history_build_seconds", full.build_seconds, "s", f"{count} viewings in bulk"),
    ]
