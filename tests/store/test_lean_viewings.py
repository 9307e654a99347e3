"""Version 13: every viewing of before is there and equal, whenever it is killed on the way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import shutil
import sqlite3

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import ReportSource, Seen, Viewing
from custom_components.showrunner.store import Store, StoreError, compaction
from custom_components.showrunner.store.codec import dump
from tests.domain.samples import NOW, UNIT
from tests.effort import examples

from .full_disk import full_disk
from .older import Older
from .scratch import scratch
from .viewings import VIEWING, WHOLE, watched_of

_ANN, _BOB = "a" * 32, "b" * 32
_SINCE = NOW - timedelta(days=9000)


@pytest.fixture(autouse=True)
def new_databases() -> None:
    """Make each database as the product does, step by step."""


def _units(number: int, episode: bool) -> Unit:
    ids = ProviderIds(tmdb=number or None, imdb=f"tt{number:07d}" if number % 3 else None)
    base = UNIT
    if episode:
        series = ProviderIds(tvdb=number % 2 + 1)
        base = replace(UNIT, kind=UnitKind.EPISODE, series_ids=series, season=1, episode=number)
    return replace(base, ids=ids, item_id=f"{number + 1:032x}", name=f"Film {number % 4}")


SECONDS = st.one_of(st.integers(0, 20_000).map(float), st.floats(0, 20_000, width=32))
VIEWINGS = st.builds(
    lambda viewer, unit, day, begun, length, watched, position, runtime, sources, flags, texts: (
        Viewing(
            viewer,
            unit,
            NOW.date() + timedelta(days=day),
            NOW + timedelta(days=day, microseconds=begun),
            NOW + timedelta(days=day, microseconds=begun) + timedelta(microseconds=length),
            watched,
            position,
            runtime,
            sources,
            credits_jump="credits" in flags,
            completed="completed" in flags,
            finished="finished" in flags,
            confirmed="confirmed" in flags,
            doubted="doubted" in flags,
            device=texts[0],
            client=texts[1],
            play_method=texts[2],
            seen=Seen(watched / 2, position / 2, NOW) if "seen" in flags else None,
        )
    ),
    st.sampled_from([_ANN, _BOB]),
    st.builds(_units, st.integers(0, 6), st.booleans()),
    st.integers(0, 400),
    st.integers(0, 10**10),
    st.integers(0, 10**11),
    SECONDS,
    SECONDS,
    st.none() | SECONDS,
    st.frozensets(st.sampled_from(list(ReportSource)), min_size=1),
    st.frozensets(
        st.sampled_from(["credits", "completed", "finished", "confirmed", "doubted", "seen"])
    ),
    st.tuples(*[st.text("aé\n%'", max_size=3)] * 3),
)


def _sorted(viewings: Sequence[Viewing]) -> list[str]:
    return sorted(dump(one.as_dict()) for one in viewings)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(VIEWINGS, max_size=12), st.lists(st.sampled_from("xyz"), unique=True, max_size=2))
async def test_every_viewing_is_there_and_equal(rows: list[Viewing], more: list[str]) -> None:
    """Found by its names, also by those that it had beside its unit's; with the same watch time."""
    async with scratch() as path:
        path.unlink()
        earlier = [f"id:{one * 32}" for one in more]
        old = Older(path)
        old.viewings(rows, earlier)
        time = old.watch_time()
        old.close()
        store = await Store.open(path)
        try:
            assert _sorted(await store.viewings.history(limit=100)) == _sorted(rows)
            for one in rows:
                mine = await store.viewings.history(one.viewer_id, item_id=one.unit.item_id)
                assert one in mine
                title = one.unit.title.key
                if title:
                    assert one in await store.viewings.history(title=title, limit=100)
            for name in more:
                found = await store.viewings.history(item_id=name * 32, limit=100)
                assert _sorted(found) == _sorted(rows)
            for viewer in (_ANN, _BOB):
                kept = (await watched_of(store, viewer, _SINCE)).time
                assert kept.total_seconds() == pytest.approx(time.get(viewer, 0.0))
        finally:
            await store.close()


async def test_what_can_t_be_read_is_put_aside(path: Path) -> None:
    """It costs itself only, and is there for whoever can read it."""
    old = Older(path)
    old.viewings([VIEWING, replace(WHOLE, viewer_id=_BOB)])
    old.execute("UPDATE viewings SET data = substr(data, 1, 40) WHERE id = 1")
    old.close()
    store = await Store.open(path)
    assert await store.viewings.history() == (replace(WHOLE, viewer_id=_BOB),)
    await store.close()
    with sqlite3.connect(path) as raw:
        ((number, data),) = raw.execute("SELECT id, data FROM unreadable_viewings").fetchall()
    raw.close()
    assert (number, len(data)) == (1, 40)


async def test_without_room_nothing_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and goes on once there is room."""
    old = Older(path)
    old.viewings([VIEWING])
    old.close()
    with full_disk(monkeypatch, path), pytest.raises(StoreError, match="no room"):
        await Store.open(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM viewing_names").fetchone() == (3,)
    raw.close()
    store = await Store.open(path)
    assert await store.viewings.history() == (VIEWING,)
    await store.close()


async def test_what_is_mostly_empty_is_made_smaller(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or not at all, and not where the disk has no room for it."""
    monkeypatch.setattr(compaction, "_WORTH", 100_000)
    store = await Store.open(path)
    await store.kv.put("k", ["x" * 400_000])
    await store.kv.put("k", [1])
    await store.close()
    large = path.stat().st_size
    with monkeypatch.context() as full:
        usage = shutil.disk_usage(path.parent)._replace(free=1)
        full.setattr(compaction.shutil, "disk_usage", lambda _: usage)
        await (await Store.open(path)).close()
        assert path.stat().st_size == large
    store = await Store.open(path)
    assert await store.kv.get("k") == [1]
    await store.close()
    assert path.stat().st_size < large - 300_000
