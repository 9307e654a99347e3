"""Rows of a library that are held flat are the same when somebody looks at them."""

from datetime import UTC
import gc

from hypothesis import given, strategies as st

from custom_components.showrunner.domain.flat_rows import FlatItems, FlatUserRows
from custom_components.showrunner.domain.library import ItemKind, LibraryItem, UserRow
from custom_components.showrunner.domain.media import ProviderIds

NUMBERS = st.none() | st.integers(0, 2**40)
INSTANTS = st.none() | st.datetimes(timezones=st.just(UTC))
IDS = st.builds(ProviderIds, NUMBERS, NUMBERS, st.sampled_from([None, "tt0133093"]))
ITEMS = st.builds(
    LibraryItem,
    st.text(max_size=3),
    st.text(max_size=3),
    st.sampled_from(ItemKind),
    st.text(max_size=3),
    IDS,
    year=NUMBERS,
    path=st.none() | st.text(max_size=3),
    size=NUMBERS,
    runtime=st.none() | st.floats(0, 1e6),
    created=INSTANTS,
    genres=st.lists(st.text(max_size=2), max_size=3).map(tuple),
    rating=st.none() | st.floats(0, 10),
    series_item_id=st.none() | st.text(max_size=3),
    series_name=st.none() | st.text(max_size=3),
    series_ids=IDS,
    season=NUMBERS,
    episode=NUMBERS,
    episode_end=NUMBERS,
    series_year=NUMBERS,
    seen_at=INSTANTS,
)
ROWS = st.builds(
    UserRow,
    st.sampled_from("abc"),
    st.booleans(),
    st.booleans(),
    st.integers(0, 9),
    st.floats(0, 1e6),
    INSTANTS,
)


@given(st.lists(ITEMS, max_size=4), ITEMS)
def test_items_are_what_they_were(items: list[LibraryItem], last: LibraryItem) -> None:
    """Every field of them, in their order; also when we saw them first, which is not compared."""
    flat = FlatItems(items)
    flat.append(last)
    assert list(flat) == [*items, last]
    assert [one.seen_at for one in flat] == [one.seen_at for one in (*items, last)]
    assert len(flat) == len(items) + 1
    assert last in flat
    assert "no item" not in flat


@given(st.lists(ROWS, max_size=6))
def test_what_is_kept_of_a_viewer_is_what_it_was(rows: list[UserRow]) -> None:
    """Of an item that was told twice the last word."""
    flat = FlatUserRows()
    for one in rows:
        flat.append(one)
    assert dict(flat) == {one.item_id: one for one in rows}
    assert len(flat) == len({one.item_id for one in rows})
    assert flat.get("z") is None


def test_the_collector_passes_over_a_thousand_of_them() -> None:
    """After it has looked at them once, as it does of all that is young."""
    ids = ProviderIds(1, 2, "tt0133093")
    genres = "a c"  # as they are read: not a constant that was frozen with its module
    gc.collect()
    before = len(gc.get_objects())
    flat = FlatItems(
        LibraryItem("s", str(number), ItemKind.MOVIE, "n", ids, genres=tuple(genres.split()))
        for number in range(1000)
    )
    rows = FlatUserRows()
    for number in range(1000):
        rows.append(UserRow(str(number), played=True))
    gc.collect()
    gc.collect()
    assert (len(flat), len(rows)) == (1000, 1000)
    assert len(gc.get_objects()) - before < 100
