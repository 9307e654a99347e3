"""Version 14: every mark and all that servers keep of viewers are there and equal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import sqlite3

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.library import MarkSource, UserRow, WatchedMark
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.store import Store, StoreDamaged, StoreError
from tests.domain.samples import NOW, UNIT
from tests.effort import THOROUGH, examples

from .full_disk import full_disk
from .kills import kill_often
from .older import Older
from .scratch import scratch
from .viewings import WHOLE

_VIEWERS = ("a" * 32, "b" * 32, "c" * 32)


@pytest.fixture(autouse=True)
def new_databases() -> None:
    """Make each database as the product does, step by step."""


def unit_of(number: int) -> Unit:
    """Make a film or an episode; each has names of its own."""
    plain = replace(UNIT, item_id=f"{number + 1:032x}", ids=ProviderIds(tmdb=number + 1))
    if number % 3 == 0:
        return plain
    show = ProviderIds(tvdb=77, imdb="tt0000077")
    return replace(
        plain, kind=UnitKind.EPISODE, series_ids=show, season=1, episode=number, ids=ProviderIds()
    )


def _mark(number: int, since: int | None, source: MarkSource, more: bool) -> WatchedMark:
    unit = unit_of(number)
    keys = (*unit.keys, f"movie:imdb:tt{9000 + number:07}") if more else unit.keys
    at = None if since is None else NOW - timedelta(milliseconds=since)
    return WatchedMark(keys, unit.item_id, at, source)


MARKS = st.lists(
    st.tuples(
        st.sampled_from(_VIEWERS),
        st.builds(
            _mark,
            st.integers(0, 8),
            st.none() | st.integers(0, 10**11),
            st.sampled_from([*MarkSource]),
            st.booleans(),
        ),
    ),
    max_size=20,
    unique_by=lambda one: (one[0], one[1].item_id),
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(_VIEWERS),
        st.builds(
            UserRow,
            st.sampled_from([f"{number:032x}" for number in range(6)] + ["odd id"]),
            st.booleans(),
            st.booleans(),
            st.integers(0, 300),
            st.sampled_from([0.0, 12.0, 61.0625, 1 / 3]),
            st.none() | st.integers(0, 10**11).map(lambda n: NOW - timedelta(milliseconds=n)),
        ),
    ),
    max_size=20,
    unique_by=lambda one: (one[0], one[1].item_id),
)


async def _marks(store: Store) -> dict[tuple[str, str], WatchedMark]:
    units = [unit_of(number) for number in range(9)]
    found = await store.watched.marks_of(_VIEWERS, units)
    return {
        (viewer, one.item_id): one
        for viewer, some in found.items()
        for one in some
        if one is not None
    }


@settings(max_examples=examples(60), deadline=None)
@given(MARKS, ROWS, st.integers(0, 3))
async def test_every_row_is_there_and_equal(
    marks: Sequence[tuple[str, WatchedMark]], rows: Sequence[tuple[str, UserRow]], missed: int
) -> None:
    """Found by each of its names, with its day and its source; and what a sweep had missed."""
    async with scratch() as path:
        path.unlink()
        old = Older(path)
        old.marks(marks)
        for viewer, row in rows:
            old.userdata(viewer, [row], missed)
        old.close()
        store = await Store.open(path)
        try:
            for viewer in _VIEWERS:
                mine = [mark for one, mark in marks if one == viewer]
                assert await store.watched.count(viewer) == len(mine)
                kept = {row.item_id: row for one, row in rows if one == viewer}
                assert await store.userdata.touched(viewer) == kept
                assert await store.userdata.get(viewer, [*kept, "nobody"]) == kept
                loved = {one for one, row in kept.items() if row.favorite}
                assert await store.userdata.favorites(viewer) == loved
                read = ReadState(sweep=missed + 1, whole=missed)
                tally = await store.userdata.losses(viewer, {}, read).tally()
                played = sum(row.played for row in kept.values())
                assert tally.again.get("played", 0) == (played if missed else 0)
            found = await _marks(store)
            assert found == {
                (viewer, mark.item_id): replace(mark, keys=_asked(mark)) for viewer, mark in marks
            }
            await _learns(store, marks)
        finally:
            await store.close()


def _asked(mark: WatchedMark) -> tuple[str, ...]:
    return unit_of(int(mark.item_id, 16) - 1).keys


async def _learns(store: Store, marks: Sequence[tuple[str, WatchedMark]]) -> None:
    """What is marked again under any one of its names is nothing new."""
    for viewer, mark in marks:
        for key in mark.keys:
            again = WatchedMark((key,), mark.item_id, mark.since, mark.source)
            assert await store.watched.mark(viewer, [again]) == 0


async def test_a_source_that_nobody_knows_stays_as_it_was(path: Path) -> None:
    """It is told of when it is read; the others are read."""
    old = Older(path)
    old.marks([(_VIEWERS[0], _mark(0, 0, MarkSource.VIEWING, more=False))])
    old.execute("UPDATE watched SET source = 'dreams'")
    old.marks([(_VIEWERS[1], _mark(0, 0, MarkSource.VIEWING, more=False))])
    old.close()
    store = await Store.open(path)
    assert await store.watched.is_watched(_VIEWERS[1], unit_of(0)) is not None
    with pytest.raises(StoreDamaged, match="dreams"):
        await store.watched.is_watched(_VIEWERS[0], unit_of(0))
    await store.close()


async def test_marks_without_any_name_are_one(path: Path) -> None:
    """Nothing finds them; the next mark has names of its own."""
    old = Older(path)
    nameless = replace(_mark(0, 0, MarkSource.IMPORT, more=False), keys=())
    old.marks(
        [(_VIEWERS[0], nameless)] * 2 + [(_VIEWERS[0], _mark(1, 1, MarkSource.IMPORT, more=True))]
    )
    # Nor does what names a mark that is not there.
    old.execute("INSERT INTO watched_names SELECT viewer, 999, 0 FROM watched_names LIMIT 1")
    old.close()
    store = await Store.open(path)
    assert await store.watched.count(_VIEWERS[0]) == 2
    assert await store.watched.is_watched(_VIEWERS[0], unit_of(0)) is None
    assert await store.watched.is_watched(_VIEWERS[0], unit_of(1)) is not None
    await store.close()


async def test_without_room_nothing_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and goes on once there is room."""
    mark = _mark(0, 0, MarkSource.VIEWING, more=False)
    old = Older(path, 13)
    old.marks([(_VIEWERS[0], mark)])
    old.close()
    with full_disk(monkeypatch, path), pytest.raises(StoreError, match="no room"):
        await Store.open(path)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(viewer_id) FROM watched").fetchone() == (1,)
    raw.close()
    store = await Store.open(path)
    assert await store.watched.is_watched(_VIEWERS[0], unit_of(0)) == mark
    await store.close()


async def test_what_is_watched_stands_once_for_all_who_have(path: Path) -> None:
    """Until the last of them is forgotten; who has learnt a name has a unit of their own."""
    store = await Store.open(path)

    async def units() -> tuple[int, int]:
        def count(table: str) -> int:
            with sqlite3.connect(path) as raw:
                (found,) = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
            raw.close()
            assert isinstance(found, int)
            return found

        return count("watched_units"), count("watched_names")

    plain, learnt = (_mark(0, 5, MarkSource.IMPORT, more=more) for more in (False, True))
    for viewer in _VIEWERS:
        await store.watched.mark(viewer, [plain])
    assert await units() == (1, 2)
    await store.watched.mark(_VIEWERS[0], [learnt])
    assert await units() == (2, 5)
    assert await store.watched.is_watched(_VIEWERS[1], unit_of(0)) is not None
    for viewer in _VIEWERS[1:]:
        await store.watched.mark(viewer, [learnt])
    assert await units() == (1, 3)
    for viewer in (*_VIEWERS, "d" * 32):
        await store.forget_viewer(viewer, "")
    assert await units() == (0, 0)
    await store.close()


async def test_of_two_that_are_one_the_later_day_stays(path: Path) -> None:
    """A unit stays for longer by what was watched last; whoever knows no day says nothing."""
    store = await Store.open(path)
    one, two = (_mark(number, 10 - number, MarkSource.IMPORT, more=False) for number in (0, 3))
    both = WatchedMark((*one.keys, *two.keys), one.item_id, None, MarkSource.VIEWING)
    for viewer, first in ((_VIEWERS[0], one), (_VIEWERS[1], replace(one, since=None))):
        await store.watched.mark(viewer, [first, two])
        assert await store.watched.mark(viewer, [both]) == 0
        assert await store.watched.count(viewer) == 1
        mark = await store.watched.is_watched(viewer, unit_of(0))
        assert mark is not None
        assert (mark.since, mark.source, mark.item_id) == (two.since, one.source, one.item_id)
    await store.close()


async def test_a_mark_takes_30_bytes_and_what_a_server_keeps_40(path: Path) -> None:
    """In a store that was filled as they came, indexes included."""
    store = await Store.open(path)
    many = 3000
    marks = [
        _mark(3 * number, number * 10**6 + 1, MarkSource.VIEWING, more=True)
        for number in range(many)
    ]
    rows = [UserRow(one.item_id, True, n % 50 == 0, 1, 0.0, NOW) for n, one in enumerate(marks)]
    for viewer in _VIEWERS:
        await store.watched.mark(viewer, marks)
        await store.userdata.take(viewer, rows)
    await store.close()
    with sqlite3.connect(path) as raw:
        sizes = dict(
            raw.execute(
                """SELECT tbl_name, sum(pgsize) FROM dbstat
                JOIN sqlite_master USING (name) GROUP BY tbl_name"""
            ).fetchall()
        )
    raw.close()
    assert sizes["watched"] < 30 * len(_VIEWERS) * many
    assert sizes["userdata"] < 40 * len(_VIEWERS) * many


async def test_killed_at_any_moment_it_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    """By kill -9, at random moments; what was begun is done again from its beginning."""
    many, kills = (12_000, 8) if THOROUGH else (3_000, 2)
    first, path = tmp_path / "first.db", tmp_path / "killed.db"
    made = [
        replace(
            WHOLE,
            viewer_id=f"{number % 7:032x}",
            unit=unit_of(number // 7),
            day=(NOW + timedelta(hours=number)).date(),
            started_at=NOW + timedelta(hours=number),
            ended_at=NOW + timedelta(hours=number + 1),
        )
        for number in range(many)
    ]
    marks = [
        (
            one.viewer_id,
            WatchedMark(one.unit.keys, one.unit.item_id, one.ended_at, MarkSource.VIEWING),
        )
        for one in made
    ]
    rows = [UserRow(one.unit.item_id, True, False, 1, 0.0, one.ended_at) for one in made]
    old = Older(first)
    old.viewings(made)
    old.marks(marks)
    for one, row in zip(made, rows, strict=True):
        old.userdata(one.viewer_id, [row])
    old.close()

    def look(raw: sqlite3.Connection) -> None:
        for table in ("viewings", "watched", "userdata"):
            assert raw.execute(f"SELECT count(*) FROM {table}").fetchone() == (many,)

    kill_often(first, path, kills, look)
    store = await Store.open(path)
    found = await store.viewings.history(limit=many + 1)
    assert sorted(map(repr, found)) == sorted(map(repr, made))
    viewers = [f"{number:032x}" for number in range(7)]
    units = [unit_of(number) for number in range(many // 7 + 1)]
    kept = await store.watched.marks_of(viewers, units)
    by_key = {(viewer, one.item_id): one for viewer, some in kept.items() for one in some if one}
    assert by_key == {(viewer, one.item_id): one for viewer, one in marks}
    for viewer in viewers:
        mine = {r.item_id: r for one, r in zip(made, rows, strict=True) if one.viewer_id == viewer}
        assert await store.userdata.touched(viewer) == mine
    await store.close()
