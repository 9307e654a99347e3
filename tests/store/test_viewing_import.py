"""Imported viewings meet known ones: what overlaps is one, what does not is another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings, strategies as st
import pytest
from sqlalchemy import RowMapping, event

from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import Store, viewing_rows
from custom_components.showrunner.store.viewing_columns import viewing_of
from tests.effort import examples

from .scratch import engines
from .viewings import watched_of

ANN, BOB = "a" * 32, "b" * 32
MONDAY = datetime(2026, 6, 8, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FILM = Unit(UnitKind.MOVIE, "The Lantern", "5" * 32, "1" * 32, ids=ProviderIds(tmdb=990001))
OTHER = replace(FILM, ids=ProviderIds(tmdb=990002), item_id="2" * 32)
# Begun on Monday, ended on Tuesday: one viewing of ours.
OURS = Viewing(
    viewer_id=ANN,
    unit=FILM,
    day=MONDAY.date(),
    started_at=MONDAY,
    ended_at=MONDAY + 24 * HOUR,
    watched=6000.0,
    position=6000.0,
    runtime=6000.0,
    completed=True,
    finished=True,
    device="Television",
    sources=frozenset({ReportSource.POLL}),
)


def imported(hours: float, unit: Unit = FILM, viewer: str = ANN) -> Viewing:
    """Make an imported viewing of an hour that ends so many hours after Monday's beginning."""
    ended = MONDAY + hours * HOUR
    return replace(
        OURS,
        viewer_id=viewer,
        unit=unit,
        day=(ended - HOUR).date(),
        started_at=ended - HOUR,
        ended_at=ended,
        watched=3600.0,
        device="Phone",
        sources=frozenset({ReportSource.JELLYSTAT}),
    )


@pytest.mark.parametrize("hours", [1, 23.5, 24, 25])
async def test_what_overlaps_a_known_viewing_is_that_one(store: Store, hours: float) -> None:
    """Whatever its own day is; nothing is lost, nothing counted twice."""
    await store.viewings.save(OURS)
    (saved,) = await store.viewings.import_many([imported(hours)])
    assert (saved.created, saved.newly_completed) == (False, False)
    (one,) = await store.viewings.history()
    assert (one.day, one.watched, one.completed) == (MONDAY.date(), 6000, True)
    assert one.sources == {ReportSource.POLL, ReportSource.JELLYSTAT}
    assert one.started_at == OURS.started_at


@pytest.mark.parametrize(
    "other", [imported(25.5), imported(23.5, OTHER), imported(23.5, viewer=BOB), imported(-24)]
)
async def test_another_time_title_or_viewer_is_another_viewing(
    store: Store, other: Viewing
) -> None:
    """On a day of its own."""
    await store.viewings.save(OURS)
    (saved,) = await store.viewings.import_many([other])
    assert saved.created
    assert saved.viewing == other
    assert len(await store.viewings.history()) == 2


async def test_imported_twice_is_imported_once(store: Store) -> None:
    """In one batch or in two, under the provider ids or the bare item."""
    found = [imported(hours) for hours in (1, 49, 97)]
    first = await store.viewings.import_many([*found, found[0]])
    assert [one.created for one in first] == [True, True, True, False]
    bare = [replace(one, unit=replace(FILM, ids=ProviderIds())) for one in found]
    again = await store.viewings.import_many(bare)
    assert not any(one.created for one in again)
    stored = await store.viewings.history()
    assert {one.key for one in stored} == {one.key for one in found}


async def test_two_rows_that_are_one_viewing_become_one(store: Store) -> None:
    """One knew the provider's id, the other only the item: the import names both."""
    bare = replace(FILM, ids=ProviderIds(), item_id="9" * 32)
    by_item = replace(imported(2, bare), started_at=MONDAY)
    by_ids = replace(imported(1), unit=replace(FILM, item_id="8" * 32))
    for one in (by_item, by_ids):
        assert (await store.viewings.save(one)).created
    both = replace(imported(3), unit=replace(FILM, item_id="9" * 32), watched=100.0)
    later = imported(49, OTHER)
    saved = await store.viewings.import_many([later, both, replace(both, watched=4000.0)])
    assert [one.created for one in saved] == [True, False, False]
    found = await store.viewings.history(title=FILM.title.key)
    assert [one.watched for one in found] == [4000]
    assert await store.viewings.history(item_id="8" * 32) == found
    time = (await watched_of(store, ANN, MONDAY - 100 * HOUR)).time
    assert time == timedelta(seconds=4000 + later.watched)


async def test_a_batch_is_read_and_written_at_once(store: Store) -> None:
    """However many rows it has, and however much of it is known."""
    asked = 0

    def executed(*_: object) -> None:
        nonlocal asked
        asked += 1

    rows = [
        imported(48 * number, replace(FILM, item_id=f"{number:032x}", ids=ProviderIds(tmdb=number)))
        for number in range(1, 101)
    ]
    await store.viewings.import_many(rows[:50])
    for engine in engines(store):
        event.listen(engine, "before_cursor_execute", executed)
    saved = await store.viewings.import_many(rows)
    assert sum(one.created for one in saved) == 50
    assert asked < 20


@pytest.mark.parametrize("hours", [1, 12, 479])
async def test_what_overlaps_a_viewing_of_many_days_is_that_one(store: Store, hours: float) -> None:
    """It began long before what the batch looks at, or ended long after."""
    long = replace(OURS, ended_at=MONDAY + 480 * HOUR)
    await store.viewings.save(long)
    (saved,) = await store.viewings.import_many([imported(hours)])
    assert (saved.created, saved.viewing.day) == (False, MONDAY.date())


async def test_a_title_that_is_watched_every_day_is_not_read_again_and_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the days, four times the rows that are read, however much is known already."""
    parsed = 0

    def counting(row: RowMapping) -> Viewing:
        nonlocal parsed
        parsed += 1
        return viewing_of(row)

    monkeypatch.setattr(viewing_rows, "viewing_of", counting)

    async def effort(days: int, unit: Unit) -> int:
        nonlocal parsed
        rows = [imported(-24.0 * number, unit) for number in range(days)]
        for _ in range(2):
            parsed = 0
            for begin in range(0, days, 50):
                await store.viewings.import_many(rows[begin : begin + 50])
        return parsed

    few, many = await effort(100, FILM), await effort(400, OTHER)
    assert few >= 100
    assert many >= 400
    assert many < 4.4 * few


UNITS = [
    replace(FILM, item_id=item * 32, ids=ProviderIds(tmdb=tmdb, imdb=imdb))
    for item in "12"
    for tmdb in (None, 990001)
    for imdb in (None, "tt0990001")
]


@settings(max_examples=examples(25), deadline=None)
@given(
    st.lists(
        st.builds(
            lambda hours, unit, watched, viewer: replace(
                imported(hours, unit, viewer), watched=float(watched)
            ),
            st.integers(0, 80),
            st.sampled_from(UNITS),
            st.integers(1, 3600),
            st.sampled_from([ANN, BOB]),
        ),
        max_size=12,
    ),
    st.integers(1, 12),
)
async def test_a_batch_does_what_its_rows_do_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Viewing], size: int
) -> None:
    """The same viewings, the same answers, the same watch time."""

    async def stored(size: int) -> tuple[object, ...]:
        path = Path(tmp_path_factory.mktemp("store")) / "a.db"
        store = await Store.open(path)
        try:
            saved: list[object] = []
            for begin in range(0, len(rows), size):
                saved += await store.viewings.import_many(rows[begin : begin + size])
            found = [one.as_dict() for one in await store.viewings.history(limit=100)]
            hours = [await store.viewings.watch_hours(one) for one in (ANN, BOB)]
            named = [await store.viewings.history(item_id=one * 32, limit=100) for one in "12"]
            return saved, sorted(found, key=repr), hours, [set(map(repr, one)) for one in named]
        finally:
            await store.close()

    assert await stored(size) == await stored(1)
