"""Part (d) of the bench `watching`: questions to 900,000 viewings, and to a tenth of them.

100 viewers, 5 years, films and episodes of different popularity, each under all its names; a
sitcom that everybody has running has tens of thousands. Every question goes through the store,
its thread included. The tenth is half a year of the same household.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
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
from custom_components.showrunner.store.names import digest_of, names_of, viewer_name
from custom_components.showrunner.store.viewing_columns import unit_text, values_of

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


def fill(path: Path, count: int, shelf: Library, viewers: int = 100) -> None:
    """Write viewings in bulk into the tables of an empty, closed store."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA synchronous=OFF")
    raw.execute("PRAGMA cache_size=-400000")
    raw.execute("BEGIN")
    indexes = raw.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name = 'viewings'"
    ).fetchall()
    for name, _ in indexes:
        raw.execute(f"DROP INDEX {name}")
    numbers = _names(raw, shelf)[:viewers]
    span = _YEARS * (count / _FULL)
    columns = tuple(values_of(_viewing(shelf.units[0]), 0, 0, 0))
    shape = [values_of(_viewing(unit), 0, 0, 0) for unit in shelf.units]
    raw.executemany(
        f"INSERT INTO viewings (id, {', '.join(columns)})"
        f" VALUES (?, {', '.join('?' for _ in columns)})",
        (_row(row, shape[row[1]], numbers) for row in _rows(count, span, shelf, viewers)),
    )
    raw.execute(
        "INSERT INTO watch_time SELECT viewer, ended_at / ?, sum(2600.0) FROM viewings"
        " GROUP BY 1, 2",
        (_QUARTER,),
    )
    for _, statement in indexes:
        raw.execute(statement)
    raw.execute("COMMIT")
    raw.close()


def _viewing(unit: Unit) -> Viewing:
    """Give a viewing of a unit, as they all are but for who and when."""
    return Viewing(
        viewer_id=_VIEWERS[0],
        unit=unit,
        day=NOW.date(),
        started_at=NOW - timedelta(seconds=2600),
        ended_at=NOW,
        watched=2600.0,
        position=2650.0,
        runtime=_RUNTIME,
        completed=True,
        finished=True,
        sources=frozenset({ReportSource.POLL}),
    )


def _names(raw: sqlite3.Connection, shelf: Library) -> list[int]:
    """Write down the names of units and viewers, and how they play; give the viewers' numbers."""
    named = [(number, name) for number, unit in enumerate(shelf.units) for name in names_of(unit)]
    own = [viewer_name(viewer) for viewer in _VIEWERS]
    raw.executemany(
        "INSERT OR IGNORE INTO names (name) VALUES (?)",
        [(name,) for name in (*(name for _, name in named), *own)],
    )
    texts = [unit_text(unit) for unit in shelf.units]
    raw.executemany(
        "INSERT INTO units VALUES (?, ?, ?)",
        [(number, digest_of(text), text) for number, text in enumerate(texts)],
    )
    raw.executemany("INSERT INTO unit_names SELECT id, ? FROM names WHERE name = ?", named)
    viewers = [
        raw.execute("SELECT id FROM names WHERE name = ?", (name,)).fetchone()[0] for name in own
    ]
    raw.executemany(
        "INSERT INTO players VALUES (?, ?, 'Living room', 'Jellyfin Android TV', 'direct')",
        [(number, number) for number in viewers],
    )
    return viewers


def _row(
    row: tuple[int, int, int, int], shape: Mapping[str, object], viewers: Sequence[int]
) -> tuple[object, ...]:
    number, unit, viewer, ended = row
    began = ended - 2_600_000
    changed = {
        "viewer": viewers[viewer],
        "unit": unit,
        "player": viewers[viewer],
        "day": 719163 + began // 86_400_000,
        "started": began * 1000,
        "ended_at": ended,
        "seen": None,
    }
    return (number, *(shape | changed).values())


def _rows(
    count: int, span: timedelta, shelf: Library, viewers: int
) -> Iterator[tuple[int, int, int, int]]:
    """Let them watch, one viewing after the other."""
    dice = random.Random(4)
    units = dice.choices(
        range(len(shelf.units)), cum_weights=list(accumulate(shelf.weights)), k=count
    )
    begin = NOW - span
    for number, unit in enumerate(units):
        at = begin + span * ((number + dice.random()) / count)
        yield number + 1, unit, dice.randrange(viewers), int(at.timestamp() * 1000)


type Question = Callable[[], Awaitable[object]]


def questions(store: Store, shelf: Library, dice: random.Random) -> Mapping[str, Question]:
    """Give the kinds of questions, each about somebody and something else at every call.

    What is popular is asked for as often as it is watched.
    """
    weights = list(accumulate(shelf.weights))
    recent, month = NOW - timedelta(days=90), NOW - timedelta(days=30)
    viewings = store.viewings

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
        "today": lambda: viewings.count(NOW - timedelta(hours=20)),
        "one viewer": lambda: viewings.of_viewers((who(),), month, NOW - timedelta(hours=20)),
        "all viewers": lambda: viewings.of_viewers(_VIEWERS, month, NOW - timedelta(hours=20)),
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
