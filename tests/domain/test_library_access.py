"""What a user of Jellyfin may surely see: whatever is not known they may not."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.library import ItemKind, LibraryItem
from custom_components.showrunner.domain.library_access import (
    EVERYTHING,
    NOTHING,
    LibraryAccess,
    VisibleItems,
)

LIBRARIES = {"films": ("/m/films", "/m/more"), "grown": ("/m/films/grown",), "shows": ("/m/shows",)}


def one_of(*names: str) -> frozenset[str]:
    """Name libraries."""
    return frozenset(names)


@pytest.mark.parametrize(
    ("access", "path", "opens"),
    [
        (LibraryAccess(every=True), "/elsewhere/x.mkv", True),
        (LibraryAccess(), "/m/films/x.mkv", False),
        (LibraryAccess(opened=one_of("films")), "/m/films/x.mkv", True),
        (LibraryAccess(opened=one_of("films")), "/m/more/x.mkv", True),
        (LibraryAccess(opened=one_of("films")), "/m/shows/x.mkv", False),
        # A folder whose name only begins so is another one.
        (LibraryAccess(opened=one_of("films")), "/m/films2/x.mkv", False),
        # In two libraries, one of which is open; and one of which is blocked.
        (LibraryAccess(opened=one_of("films")), "/m/films/grown/x.mkv", True),
        (LibraryAccess(True, one_of(), one_of("grown")), "/m/films/grown/x.mkv", False),
        (LibraryAccess(True, one_of(), one_of("grown")), "/m/films/x.mkv", True),
        # Where something is blocked, what lies nowhere that is known may lie there.
        (LibraryAccess(True, one_of(), one_of("grown")), "/elsewhere/x.mkv", False),
    ],
)
def test_a_library_is_open(access: LibraryAccess, path: str, opens: bool) -> None:
    """By its own folders, whole ones; and never what lies in one that is blocked."""
    assert access.opens(path, LIBRARIES) is opens


@given(
    st.booleans(),
    st.frozensets(st.sampled_from([*LIBRARIES, "gone"])),
    st.frozensets(st.sampled_from([*LIBRARIES, "gone"])),
    st.sampled_from(["/m/films/x", "/m/films/grown/x", "/m/shows/x", "/n/x", ""]),
)
def test_what_is_taken_from_a_policy_never_shows_more(
    every: bool, opened: frozenset[str], blocked: frozenset[str], path: str
) -> None:
    """Fewer libraries, one more that is blocked, or nothing known of where they lie."""
    whole = LibraryAccess(every, opened, blocked).opens(path, LIBRARIES)
    for less in (
        LibraryAccess(False, opened, blocked),
        *(LibraryAccess(every, opened - {name}, blocked) for name in opened),
        *(LibraryAccess(every, opened, blocked | {name}) for name in LIBRARIES),
    ):
        assert whole or not less.opens(path, LIBRARIES)
    assert whole or not LibraryAccess(every, opened, blocked).opens(path, {})


def item(name: str, kind: ItemKind, series: str | None = None) -> LibraryItem:
    """Make an item."""
    return LibraryItem("s", name, kind, name, series_item_id=series)


def test_a_title_is_seen_by_its_items() -> None:
    """A movie by any version of it; a season by an episode together with its series."""
    film, show = item("f", ItemKind.MOVIE), item("s", ItemKind.SERIES)
    episode = item("e", ItemKind.EPISODE, "s")
    sight = VisibleItems(items={one.item_id: one for one in (film, show, episode)})
    assert sight.sees({"f", "another version"}, episodes=False)
    assert not sight.sees({"another version"}, episodes=False)
    assert not sight.sees({"f"}, episodes=True)
    assert sight.sees({"e", "s"}, episodes=True)
    assert not sight.sees({"s"}, episodes=True)
    assert not sight.sees({"e", "s"}, episodes=False)
    hidden = VisibleItems(items={"e": episode})
    assert not hidden.sees({"e", "s"}, episodes=True)
    assert not sight.sees((), episodes=False)
    assert EVERYTHING.sees((), episodes=True)
    assert not NOTHING.sees({"f"}, episodes=False)
