"""What is told alike is named at once, and as if each viewing was looked at by itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import shutil

from hypothesis import given, settings, strategies as st
from sqlalchemy import Connection, create_engine, event, func, select

from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import Store, identified
from custom_components.showrunner.store.names import intern, numbered
from custom_components.showrunner.store.schema import NAMES, UNITS, VIEWINGS
from custom_components.showrunner.store.viewing_rows import (
    by_own_name,
    by_unit,
    name_rows,
    names_by_row,
    read_rows,
    save,
)
from tests.domain.samples import NOW
from tests.effort import examples

from .identities import OTHER, SERVER, VIEWER
from .scratch import scratch

# Two numbers of each provider, so that some agree, some contradict, and some name two at once.
IDS = st.builds(
    ProviderIds,
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, 3]),
    st.sampled_from([None, "tt0000001", "tt0000002"]),
)
ITEMS = st.sampled_from(["1" * 32, "2" * 32])
FILMS = st.builds(
    lambda ids, item: Unit(UnitKind.MOVIE, "The Matrix", SERVER, item, ids=ids), IDS, ITEMS
)
PLACES = st.sampled_from([(None, None), (1, 1), (1, 2)])
EPISODES = st.builds(
    lambda ids, series, item, place: Unit(
        UnitKind.EPISODE,
        "One",
        SERVER,
        item,
        ids=ids,
        series_item_id="c" * 32,
        series_name="Show",
        series_ids=series,
        season=place[0],
        episode=place[1],
    ),
    *(IDS, IDS, ITEMS, PLACES),
)
UNITS_SEEN = FILMS | EPISODES
SEEN = st.lists(
    st.tuples(UNITS_SEEN, st.sampled_from([VIEWER, OTHER]), st.integers(1, 3)), max_size=8
)


def viewing(unit: Unit, viewer: str, day: int, minutes: int) -> Viewing:
    """Make one that tells itself from others."""
    at = NOW - timedelta(days=day)
    seconds = 60.0 * minutes
    return Viewing(
        *(viewer, unit, at.date(), at, at + timedelta(seconds=seconds), seconds, seconds, 3600),
        frozenset({ReportSource.POLL}),
    )


def item(unit: Unit) -> LibraryItem:
    """Make the item that the library has of a unit."""
    kind = ItemKind.MOVIE if unit.kind is UnitKind.MOVIE else ItemKind.EPISODE
    return LibraryItem(
        *(SERVER, unit.item_id, kind, unit.name, unit.ids),
        series_item_id=unit.series_item_id,
        series_name=unit.series_name,
        series_ids=unit.series_ids,
        season=unit.season,
        episode=unit.episode,
    )


def one_by_one(connection: Connection, items: Sequence[LibraryItem]) -> None:
    """Name the viewings of items slowly, and so that anybody can see that it is right."""
    for unit in [unit for one in items if (unit := one.unit) and (unit.ids or unit.series_ids)]:
        known = list(numbered(connection, unit.keys).values())
        found: set[int] = set()
        for ask in (by_unit, by_own_name):
            found |= set(connection.execute(ask(known, None, VIEWINGS.c.id)).scalars())
        for number in sorted(found):
            seen = read_rows(connection, [number]).get(number)
            if seen is None or identified._is_another(seen.unit, unit):
                continue
            named = identified._filled(seen.unit, unit)
            if named != seen.unit:
                save(connection, replace(seen, unit=named))
            names = intern(connection, (*unit.keys[:-1], *unit.title.key.names))
            name_rows(connection, {number: names.values()})


def told(connection: Connection) -> list[tuple[str, list[str]]]:
    """Give all viewings, each with the names by which it is found."""
    ids = list(connection.execute(select(VIEWINGS.c.id)).scalars())
    names = {row.id: row.name for row in connection.execute(select(NAMES))}
    found = names_by_row(connection, ids)
    rows = read_rows(connection, ids)
    return sorted((repr(rows[one]), sorted(names[name] for name in found[one])) for one in ids)


@settings(max_examples=examples(100), deadline=None)
@given(SEEN, st.lists(UNITS_SEEN, min_size=1, max_size=3))
async def test_nobody_can_tell_it_from_one_by_one(
    seen: list[tuple[Unit, str, int]], known: list[Unit]
) -> None:
    """Whatever was seen, by whom, on which day, and whatever the library says of it then."""
    async with scratch() as path:
        store = await Store.open(path)
        for minutes, (unit, viewer, day) in enumerate(seen, 1):
            await store.viewings.save(viewing(unit, viewer, day, minutes))
        await store.close()
        found = []
        for learn in (identified.learn, one_by_one):
            copy = path.with_name(f"{learn.__name__}.db")
            shutil.copy(path, copy)
            engine = create_engine(f"sqlite:///{copy}")
            with engine.begin() as connection:
                for unit in known:
                    learn(connection, [item(unit)])
                found.append(told(connection))
                unused = select(func.count()).where(
                    UNITS.c.id.not_in(select(VIEWINGS.c.unit).distinct())
                )
                assert connection.scalar(unused) == 0
            engine.dispose()
        assert found[0] == found[1]


async def test_it_is_asked_for_as_often_however_many_saw_it(tmp_path: Path) -> None:
    """A house that has seen a film on forty days asks no more than one that has seen it once."""
    unit = Unit(UnitKind.MOVIE, "The Matrix", SERVER, "1" * 32)
    asked = []
    for days in (1, 40):
        path = tmp_path / f"{days}.db"
        store = await Store.open(path)
        for day in range(days):
            await store.viewings.save(viewing(unit, VIEWER, day, 10))
        await store.close()
        engine = create_engine(f"sqlite:///{path}")
        statements: list[str] = []
        event.listen(
            engine, "before_cursor_execute", lambda *told, to=statements: to.append(told[2])
        )
        with engine.begin() as connection:
            identified.learn(connection, [item(replace(unit, ids=ProviderIds(603)))])
            assert all("movie:tmdb:603" in names for _, names in told(connection))
        engine.dispose()
        asked.append(len(statements))
    assert asked[0] == asked[1]
