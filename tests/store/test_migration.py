"""A database of an earlier version comes along whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import sqlite3

import pytest

from custom_components.showrunner.domain.library import MarkSource, WatchedMark
from custom_components.showrunner.domain.media import ProviderIds, Unit
from custom_components.showrunner.domain.sweep_pages import Seen
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import Store, migrations
from custom_components.showrunner.store.codec import dump, milliseconds
from tests.domain.libraries import MOVIE
from tests.domain.samples import NOW, UNIT

from .columns import _columns
from .older import Older
from .viewings import VIEWING, WHOLE, watched_of

_FIXTURES = Path(__file__).parents[1] / "fixtures/store"
_VERSION_1 = _FIXTURES / "version_1.sql"
_VERSION_2 = _FIXTURES / "version_2.sql"
_OTHER = replace(WHOLE, viewer_id="b" * 32, ended_at=NOW + timedelta(days=2), day=NOW.date())
_MOVED = replace(UNIT, item_id="k" * 32)


@pytest.fixture
def new_databases() -> None:
    """Make each database as the product does, step by step."""


def _make(path: Path, *viewings: Viewing) -> None:
    """Write a database as version 1 did."""
    raw = sqlite3.connect(path)
    raw.executescript(_VERSION_1.read_text())
    for number, viewing in enumerate(viewings, 1):
        day = viewing.day.isoformat()
        raw.execute(
            "INSERT INTO viewings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, viewing.viewer_id, day, milliseconds(viewing.started_at)),
                *(milliseconds(viewing.ended_at), viewing.percent, viewing.completed),
                dump(viewing.as_dict()),
            ),
        )
        raw.executemany(
            "INSERT INTO viewing_keys VALUES (?, ?, ?, ?)",
            [(number, name, viewing.viewer_id, day) for name in _names(viewing.unit)],
        )
    raw.execute("INSERT INTO kv VALUES ('k', '[1]')")
    raw.execute("INSERT INTO overrides VALUES ('tmdb:1', 'always', 1, 'somebody')")
    raw.commit()
    raw.close()


def _names(unit: Unit) -> tuple[str, ...]:
    titles = (f"title:{key}" for key in unit.title.ids.keys)
    # The last one: an item id that it had earlier.
    return (*unit.keys, *titles, f"id:{unit.item_id}", f"item:{unit.server_id}:{'o' * 32}")


def _schema(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as raw:
        rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    raw.close()
    return {name: " ".join(sql.split()) for name, sql in rows}


@pytest.mark.parametrize("version", [1, 2])
async def test_version_1_comes_along_whole(path: Path, tmp_path: Path, version: int) -> None:
    """Found by all its names, counted, merged with what comes; the rest of the file stays.

    So does a file of the version 2 that was in use between the releases, which had these tables.
    """
    _make(path, VIEWING, replace(_OTHER, unit=_MOVED))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE schema_version SET version = ?", (version,))
    raw.close()
    store = await Store.open(path)
    viewings, since = store.viewings, NOW - timedelta(days=90)
    assert await viewings.history() == (replace(_OTHER, unit=_MOVED), VIEWING)
    assert await viewings.history(title=UNIT.title.key, viewer_id="b" * 32)
    assert len(await viewings.history(item_id="k" * 32)) == 1
    old = replace(UNIT, ids=ProviderIds(), item_id="o" * 32)
    assert await viewings.completed_count("b" * 32, old, since, 90) == 1
    assert (await watched_of(store, "b" * 32, since)).time == timedelta(seconds=WHOLE.watched)
    assert not (await viewings.save(WHOLE)).created
    assert len(await viewings.history()) == 2
    assert await store.kv.get("k") == [1]
    await store.close()
    fresh = tmp_path / "fresh.db"
    await (await Store.open(fresh)).close()
    assert _schema(path) == _schema(fresh)


async def test_days_are_the_same_in_any_year(path: Path) -> None:
    """The same viewing, reported once more after the migration, is not another one."""
    days = ("1999-12-31", "2000-02-29", "2024-02-29", "2026-01-01", "2038-01-19")
    known = []
    for number, day in enumerate(days):
        at = datetime.fromisoformat(day).replace(tzinfo=UTC)
        unit = replace(UNIT, ids=ProviderIds(tmdb=number + 1), item_id=f"{number:032x}")
        known.append(replace(VIEWING, unit=unit, day=at.date(), started_at=at, ended_at=at))
    _make(path, *known)
    store = await Store.open(path)
    for viewing in known:
        assert not (await store.viewings.save(viewing)).created
    await store.close()


async def test_version_2_comes_along_whole(path: Path, tmp_path: Path) -> None:
    """What was read of the library stays; a fall that was in doubt has to be seen anew."""
    with sqlite3.connect(path) as raw:
        raw.executescript(_VERSION_2.read_text())
    raw.close()
    store = await Store.open(path)
    assert await store.library.counts() == {"movie": 1, "series": 1, "episode": 1}
    state = await store.library.state()
    assert (state.sweep, state.known, state.missed) == (8, False, None)
    assert len(await store.userdata.favorites("7" * 32)) == 2
    assert (await store.userdata.state("7" * 32)).known
    (viewing,) = await store.viewings.history()
    assert viewing.unit == UNIT
    seen, read = Seen(), replace(state, sweep=9)
    for number in (await store.library.take([MOVIE], 9)).values():
        seen.add(number)
    tally = await store.library.losses(seen, MOVIE.server_id, read).tally()
    assert tally.lost == {"series": 1, "episode": 1}
    assert not any(tally.again.values())
    await store.close()
    fresh = tmp_path / "fresh.db"
    await (await Store.open(fresh)).close()
    assert _columns(path) == _columns(fresh)


def _mark(viewing: Viewing) -> WatchedMark:
    unit = viewing.unit
    return WatchedMark(unit.keys, unit.item_id, viewing.ended_at, MarkSource.VIEWING)


@pytest.mark.parametrize("seen", [True, False])
async def test_what_only_a_webhook_told_counted_once_and_does_not_any_more(
    path: Path, seen: bool
) -> None:
    """Neither as a viewing nor as a mark; what was confirmed or seen stays, and so do its marks."""
    hint = replace(WHOLE, sources=frozenset({ReportSource.WEBHOOK}))
    others = [
        replace(hint, viewer_id="b" * 32, confirmed=True),
        replace(hint, viewer_id="c" * 32, sources=frozenset(ReportSource)),
    ]
    if seen:
        # The same film again, as sessions saw it: the mark is not the webhook's alone.
        day = hint.day + timedelta(days=9)
        others.append(
            replace(others[1], viewer_id=hint.viewer_id, day=day, ended_at=NOW + timedelta(days=9))
        )
    old = Older(path, 7)
    old.viewings((hint, *others))
    old.marks({one.viewer_id: _mark(one) for one in (hint, *others)}.items())
    old.execute("UPDATE viewings SET completed = 1")
    old.close()
    store = await Store.open(path)
    since = NOW - timedelta(days=99)
    counted = {
        viewer: await store.viewings.completed_count(viewer * 32, hint.unit, since, 85)
        for viewer in "abc"
    }
    assert counted == {"a": int(seen), "b": 1, "c": 1}
    marked = {viewer: await store.watched.count(viewer * 32) for viewer in "abc"}
    assert marked == {"a": int(seen), "b": 1, "c": 1}
    assert len(await store.viewings.history()) == 3 + seen
    # Jellyfin confirms it after all.
    saved = await store.viewings.save(replace(hint, confirmed=True))
    assert saved.newly_completed
    await store.close()


@pytest.mark.parametrize(("played", "missed"), [(True, 0), (False, 7)])
async def test_a_mark_that_jellyfin_has_borne_out_stays(
    path: Path, played: bool, missed: int
) -> None:
    """Whoever said it first: it is played there, or was until a sweep that may have been wrong."""
    hint = replace(WHOLE, sources=frozenset({ReportSource.WEBHOOK}))
    old = Older(path, 7)
    old.viewings([hint])
    old.marks([(hint.viewer_id, _mark(hint))])
    old.execute(
        "INSERT INTO userdata VALUES (?, ?, ?, 0, 1, 0.0, NULL, ?, 0)",
        (hint.viewer_id, hint.unit.item_id, played, missed),
    )
    old.execute("UPDATE viewings SET completed = 1")
    old.close()
    store = await Store.open(path)
    assert await store.watched.count(hint.viewer_id) == 1
    assert (await store.viewings.history())[0].counts is False
    await store.close()


def test_taking_back_what_webhooks_told_takes_time_in_proportion(tmp_path: Path) -> None:
    """Five years of a big household are hundreds of thousands of viewings."""
    work = {size: _work_of_hints(tmp_path / f"{size}.db", size) for size in (1_000, 8_000)}
    assert work[8_000] < 16 * work[1_000]


def _work_of_hints(path: Path, size: int) -> int:
    """Count the steps (in thousands) that SQLite needs for so many viewings, some of webhooks."""
    Older(path, 7).close()
    raw = sqlite3.connect(path)
    data = {
        n: dump({"unit": {"item_id": f"{n:032x}"}, "sources": ["webhook"]}) for n in range(size)
    }
    raw.executemany(
        "INSERT INTO viewings VALUES (?, 'a', '2026-01-01', ?, ?, 99.0, 1, ?)",
        [(n, n * 1000, n * 1000 + 500, data[n]) for n in range(size)],
    )
    raw.executemany(
        "INSERT INTO watched VALUES (?, 'a', ?, ?, 'viewing')",
        [(n, f"{n:032x}", n * 1000 + 250) for n in range(size)],
    )
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    raw.set_progress_handler(count, 1000)
    for statement in migrations._HINTS_DO_NOT_COUNT:
        raw.execute(statement)
    assert raw.execute("SELECT count(*) FROM watched").fetchone() == (0,)
    raw.close()
    return steps
