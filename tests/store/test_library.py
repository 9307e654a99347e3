"""The library in the store: found by any name, shortened only by a whole sweep; sticky marks."""

from dataclasses import replace
from datetime import datetime, timedelta
import random
import sqlite3

import pytest

from custom_components.showrunner.domain.knowledge import Absent, Known, Unknown
from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
    MarkSource,
    UserRow,
    WatchedMark,
)
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.domain.sweep_pages import Seen
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.forgetting import forget_viewer
from tests.domain.libraries import MOVIE, SERVER
from tests.domain.samples import NOW

OTHER = "6" * 32
VIEWER = "7" * 32
SERIES = LibraryItem(SERVER, "c" * 32, ItemKind.SERIES, "Show", ProviderIds(tvdb=5), path="/s")


def episode(number: int, season: int = 1, **more: object) -> LibraryItem:
    """Make an episode of the series."""
    item = LibraryItem(
        SERVER,
        f"{season:016x}{number:016x}",
        ItemKind.EPISODE,
        f"Part {number}",
        path=f"/s/{season}x{number}",
        series_item_id=SERIES.item_id,
        series_name="Show",
        season=season,
        episode=number,
    )
    return replace(item, **more)  # type: ignore[arg-type]


async def swept(store: Store, *items: LibraryItem, max_drop: float = 100) -> ReadState:
    """Do what a whole sweep does."""
    before = await store.library.state()
    state = replace(before, sweep=before.sweep + 1)
    seen = Seen()
    for number in (await store.library.take(items, state.sweep)).values():
        seen.add(number)
    losses = store.library.losses(seen, SERVER, state)
    state = state.swept(NOW, {"movie": len(items)}, await losses.tally(), max_drop)
    await losses.settle(state.since)
    await store.library.keep_state(state)
    return state


async def test_an_item_is_found_by_any_of_its_names(store: Store) -> None:
    """Its id, its provider ids, its place in the series, its path."""
    await store.library.take((replace(SERIES, year=2015), episode(1), MOVIE), 1)
    found = await store.library.find(episode(1).item_id)
    assert found == replace(episode(1), series_ids=SERIES.ids, series_year=2015)
    assert await store.library.find(MOVIE.item_id, SERVER) == MOVIE
    assert await store.library.find(MOVIE.item_id, OTHER) is None
    assert await store.library.find("0" * 32) is None
    for key in MOVIE.keys:
        assert await store.library.by_keys((key,)) == (MOVIE,)
    assert await store.library.by_keys(("series:tvdb:5:s1e1",)) == (found,)
    assert await store.library.by_keys(("series:tvdb:5",)) == (replace(SERIES, year=2015),)
    assert await store.library.by_keys(("series:tvdb:5:s1e2", "movie:tmdb:5", "rubbish")) == ()
    assert await store.library.by_path("/m/a") == (MOVIE,)


async def test_versions_stay_two_items_and_servers_apart(store: Store) -> None:
    """Two versions have the same keys; two servers may have the same item id."""
    version = replace(MOVIE, item_id="9" * 32, path="/m/4k")
    foreign = replace(MOVIE, server_id=OTHER, ids=ProviderIds(7))
    await swept(store, MOVIE, version)
    await store.library.take((foreign,), 1)
    assert {one.item_id for one in await store.library.by_keys(("movie:tmdb:603",))} == {
        MOVIE.item_id,
        version.item_id,
    }
    assert await store.library.find(MOVIE.item_id, OTHER) == foreign
    await swept(store, version)
    await swept(store, version)
    assert await store.library.find(MOVIE.item_id, SERVER) is None
    assert await store.library.find(MOVIE.item_id, OTHER) == foreign


async def test_a_changed_item_is_changed_and_its_size_kept(store: Store) -> None:
    """A sweep does not tell sizes; a size holds as long as the file does."""
    await store.library.take((replace(MOVIE, size=5),), 1)
    await store.library.take((replace(MOVIE, name="Renamed"),), 2)
    found = await store.library.find(MOVIE.item_id)
    assert found == replace(MOVIE, name="Renamed", size=5)
    await store.library.take((replace(MOVIE, path="/m/new"),), 3)
    assert await store.library.find(MOVIE.item_id) == replace(MOVIE, path="/m/new")
    await store.library.take((replace(MOVIE, path="/m/new", size=9), MOVIE), 3)
    assert await store.library.counts() == {"movie": 1}


async def test_history_follows_a_title_that_was_added_again(store: Store) -> None:
    """The old id finds the new item, twice over; an id that exists again is itself."""
    await swept(store, SERIES, MOVIE, episode(1))
    again = replace(MOVIE, item_id="1" * 32, path="/m/b")
    moved = replace(episode(1), item_id="2" * 32)
    await swept(store, SERIES, again, moved)
    assert await store.library.find(MOVIE.item_id) == again
    assert await store.library.find(MOVIE.item_id, OTHER) is None
    found = await store.library.find(episode(1).item_id)
    assert found is not None
    assert found.item_id == moved.item_id
    third = replace(MOVIE, item_id="3" * 32)
    await swept(store, SERIES, third, moved)
    assert await store.library.find(MOVIE.item_id) == third
    assert await store.library.find(again.item_id) == third
    await swept(store, SERIES, third, moved, MOVIE)
    assert await store.library.find(MOVIE.item_id) == MOVIE
    assert await store.library.find(again.item_id) == third
    await swept(store, SERIES)
    await swept(store, SERIES)
    assert await store.library.find(again.item_id) is None


async def test_a_version_that_was_there_before_is_nobodys_successor(store: Store) -> None:
    """Only what came since the last whole sweep can be what vanished."""
    version = replace(MOVIE, item_id="9" * 32, path="/m/4k")
    await swept(store, MOVIE, version)
    await swept(store, version)
    assert await store.library.find(MOVIE.item_id) == MOVIE
    await swept(store, version)
    assert await store.library.find(MOVIE.item_id) is None


async def test_a_newcomer_that_went_again_is_nobodys_successor(store: Store) -> None:
    """Only what this very sweep has met shows that the title is still there."""
    state = await swept(store, MOVIE, SERIES)
    again = replace(MOVIE, item_id="1" * 32)
    await store.library.take((again,), state.sweep + 1)
    await swept(store, SERIES)
    assert await store.library.find(MOVIE.item_id) == MOVIE


async def test_a_title_that_came_by_an_increment_is_a_successor(store: Store) -> None:
    """Removal waits for the sweep; the newcomer was met in between."""
    state = await swept(store, MOVIE)
    again = replace(MOVIE, item_id="1" * 32)
    await store.library.take((again,), state.sweep + 1)
    assert await store.library.find(MOVIE.item_id) == MOVIE
    await swept(store, again)
    assert await store.library.find(MOVIE.item_id) == again


async def test_episodes_of_a_series(store: Store) -> None:
    """Unknown before the first whole sweep and while in doubt; specials don't count."""
    episodes = [episode(1), episode(2, episode_end=3), episode(1, season=0), episode(1, season=2)]
    await store.library.take((SERIES, *episodes), 1)
    assert isinstance(await store.library.episode_count(SERIES.ids), Unknown)
    state = await swept(store, SERIES, *episodes)
    assert await store.library.episode_count(SERIES.ids) == Known(4, "library")
    assert isinstance(await store.library.episode_count(ProviderIds(tvdb=6)), Absent)
    assert isinstance(await store.library.episode_count(ProviderIds()), Absent)
    await store.library.keep_state(state.failed(NOW, "HTTP 500"))
    doubt = await store.library.episode_count(SERIES.ids)
    assert isinstance(doubt, Unknown)
    assert doubt.reason == "HTTP 500"
    await swept(store, SERIES, *episodes, replace(episode(9), season=None))
    assert isinstance(await store.library.episode_count(SERIES.ids), Unknown)


# -- watched ---------------------------------------------------------------------------------------

FILM = Unit(UnitKind.MOVIE, MOVIE.name, SERVER, MOVIE.item_id, ids=MOVIE.ids, year=MOVIE.year)
assert MOVIE.unit == FILM


def mark(unit: Unit, days: int | None = None) -> WatchedMark:
    """Mark a unit as watched so many days ago; None: nobody knows when."""
    since = None if days is None else NOW - timedelta(days=days)
    return WatchedMark(unit.keys, unit.item_id, since, MarkSource.JELLYFIN)


async def test_once_watched_always_watched(store: Store) -> None:
    """Under any name, after the item id changed, for this viewer only, counted once."""
    assert await store.watched.is_watched(VIEWER, FILM) is None
    assert await store.watched.mark(VIEWER, (mark(FILM), mark(FILM))) == 1
    moved = replace(FILM, item_id="8" * 32)
    bare = Unit(UnitKind.MOVIE, "?", SERVER, FILM.item_id)
    for unit in (FILM, moved, bare):
        assert await store.watched.is_watched(VIEWER, unit) is not None
    assert await store.watched.is_watched("b" * 32, FILM) is None
    assert await store.watched.mark(VIEWER, (mark(moved),)) == 0
    assert await store.watched.count(VIEWER) == 1


async def test_marks_of_several_viewers_are_each_ones_own(store: Store) -> None:
    """In the units' order, under whichever name, more units than one statement takes."""
    units = [
        Unit(UnitKind.MOVIE, "?", SERVER, f"{number:032x}", ids=ProviderIds(tmdb=number))
        for number in range(1, 702)
    ]
    other, nobody = "b" * 32, "c" * 32
    await store.watched.mark(VIEWER, [mark(one, 1) for one in units[::2]])
    await store.watched.mark(other, [mark(one, 2) for one in units[::3]])
    found = await store.watched.marks_of((VIEWER, other, nobody), units)
    assert [*found] == [VIEWER, other, nobody]
    for viewer, step, days in ((VIEWER, 2, 1), (other, 3, 2)):
        since = [None if one is None else one.since for one in found[viewer]]
        at = NOW - timedelta(days=days)
        assert since == [None if number % step else at for number in range(701)]
        assert found[viewer][0] == mark(units[0], days)
    assert set(found[nobody]) == {None}
    assert await store.watched.marks_of((), units) == {}


async def test_no_date_is_invented(store: Store) -> None:
    """Played without a date has none, until somebody knows; the first known one stays."""
    await store.watched.mark(VIEWER, (mark(FILM),))
    found = await store.watched.is_watched(VIEWER, FILM)
    assert found is not None
    assert found.since is None
    await store.watched.mark(VIEWER, (mark(FILM, 9),))
    await store.watched.mark(VIEWER, (mark(FILM, 1), mark(FILM)))
    found = await store.watched.is_watched(VIEWER, FILM)
    assert found is not None
    assert found.since == NOW - timedelta(days=9)


async def test_two_marks_that_turn_out_to_be_one(store: Store) -> None:
    """First known by its item ids only, then by its provider ids: one unit."""
    one, two = (Unit(UnitKind.MOVIE, "?", SERVER, char * 32) for char in "12")
    assert await store.watched.mark(VIEWER, (mark(one), mark(two))) == 2
    both = WatchedMark((*one.keys, *two.keys, "movie:tmdb:1"), "1" * 32, NOW, MarkSource.VIEWING)
    assert await store.watched.mark(VIEWER, (both,)) == 0
    assert await store.watched.count(VIEWER) == 1
    assert await store.watched.is_watched(VIEWER, two) is not None
    # The same within one batch.
    three, four = (Unit(UnitKind.MOVIE, "?", SERVER, char * 32) for char in "34")
    joint = WatchedMark((*three.keys, *four.keys), "3" * 32, NOW, MarkSource.VIEWING)
    assert await store.watched.mark(VIEWER, (mark(three), mark(four), joint)) == 2
    assert await store.watched.count(VIEWER) == 2


async def test_marks_in_any_order_end_in_the_same(store: Store) -> None:
    """A thousand marks of a hundred films under changing ids, for two viewers."""
    dice = random.Random(4)
    marks = []
    for number in range(1000):
        ids = ProviderIds(tmdb=number % 100 + 1)
        marks.append(mark(Unit(UnitKind.MOVIE, "x", SERVER, f"{number:032x}", ids=ids), number))
    for viewer in (VIEWER, "b" * 32):
        dice.shuffle(marks)
        assert await store.watched.mark(viewer, marks) == 100
        assert await store.watched.count(viewer) == 100


# -- what the server keeps -------------------------------------------------------------------------


async def told(store: Store, *rows: UserRow, max_drop: float = 100) -> ReadState:
    """Do what a whole sweep of a viewer does."""
    userdata = store.userdata
    before = await userdata.state(VIEWER)
    state = replace(before, sweep=before.sweep + 1)
    losses = userdata.losses(VIEWER, {row.item_id: row for row in rows}, state)
    state = state.swept(NOW, {}, await losses.tally(), max_drop)
    await losses.settle(state.since)
    await userdata.take(VIEWER, rows)
    await userdata.keep_state(VIEWER, state)
    return state


async def test_what_is_kept_of_a_viewer(store: Store) -> None:
    """Rows that say nothing are not kept; two whole sweeps settle what they did not name."""
    rows = (
        UserRow("1" * 32, played=True, play_count=2, last_played=NOW),
        UserRow("2" * 32, favorite=True),
        UserRow("3" * 32, position=60.0, play_count=1),
        UserRow("4" * 32),
    )
    await told(store, *rows)
    ids = [row.item_id for row in rows]
    assert await store.userdata.get(VIEWER, ids) == {row.item_id: row for row in rows[:3]}
    assert await store.userdata.favorites(VIEWER) == {"2" * 32}
    first = UserRow("1" * 32, played=True, play_count=3)
    await told(store, first)
    assert await store.userdata.favorites(VIEWER) == {"2" * 32}
    await told(store, first)
    assert await store.userdata.get(VIEWER, ids) == {
        "1" * 32: first,
        "3" * 32: UserRow("3" * 32, play_count=1),
    }
    await told(store)
    assert (await store.userdata.get(VIEWER, ids))["1" * 32].played
    await told(store)
    assert await store.userdata.get(VIEWER, ids) == {
        "1" * 32: UserRow("1" * 32, play_count=3),
        "3" * 32: UserRow("3" * 32, play_count=1),
    }


async def test_one_word_takes_no_favourite_away(store: Store) -> None:
    """Neither that of the film just played, nor of one sweep; each flag has its own two."""
    both = UserRow("1" * 32, played=True, favorite=True, play_count=1)
    other = UserRow("2" * 32, favorite=True)
    await told(store, both, other)
    await store.userdata.take(VIEWER, (UserRow("1" * 32, play_count=2), UserRow("2" * 32)))
    found = await store.userdata.get(VIEWER, ("1" * 32, "2" * 32))
    assert found == {"1" * 32: replace(both, play_count=2), "2" * 32: other}
    begun_again = replace(both, played=False)
    await told(store, begun_again, other)
    # Missed once, for the second time something is missing, but not this.
    await told(store, replace(begun_again, favorite=False), other)
    assert await store.userdata.get(VIEWER, ("1" * 32,)) == {"1" * 32: begun_again}
    # Said once more: its counting starts anew.
    await told(store, begun_again, other)
    await told(store, replace(begun_again, favorite=False), other)
    assert len(await store.userdata.favorites(VIEWER)) == 2
    await told(store, replace(begun_again, favorite=False), other)
    assert await store.userdata.favorites(VIEWER) == {"2" * 32}


async def test_lost_favourites_are_doubted_until_two_sweeps_agree(store: Store) -> None:
    """Two of two as well; an agreement is one of the same titles."""
    rows = [UserRow(f"{number:032x}", favorite=True) for number in range(5)]
    await told(store, *rows, max_drop=50)
    assert not (await told(store, *rows[3:], max_drop=50)).known
    assert not (await told(store, *rows[:2], max_drop=50)).known
    assert len(await store.userdata.favorites(VIEWER)) == 5
    assert (await told(store, *rows[:2], max_drop=50)).known
    assert len(await store.userdata.favorites(VIEWER)) == 2
    assert not (await told(store, max_drop=50)).known
    assert len(await store.userdata.favorites(VIEWER)) == 2


async def test_a_forgotten_viewer_leaves_nothing(store: Store) -> None:
    """Neither marks nor data nor state; others keep theirs."""
    for viewer in (VIEWER, "b" * 32):
        await store.watched.mark(viewer, (mark(FILM, 1),))
        await store.userdata.take(viewer, (UserRow("2" * 32, favorite=True),))
        await store.userdata.keep_state(viewer, ReadState(sweep=1))
    await forget_viewer(store._database, VIEWER, "Sofa")
    with sqlite3.connect(store._database.path) as raw:
        dump = "\n".join(raw.iterdump())
    raw.close()
    assert VIEWER not in dump
    assert await store.watched.count("b" * 32) == 1
    assert await store.watched.is_watched("b" * 32, FILM) is not None
    assert await store.userdata.favorites("b" * 32) == {"2" * 32}


@pytest.mark.parametrize("plain", [None, {"sweep": []}])
async def test_a_state_that_cannot_be_read_is_none(store: Store, plain: object) -> None:
    """As if nothing had been read yet."""
    await store.kv.put("read:library", plain)
    assert await store.library.state() == ReadState()


async def test_when_a_file_was_seen_first_is_kept(store: Store) -> None:
    """Of what the first read finds nobody knows; what comes later, or takes another's place, does.

    A server that tells of it again has not brought it.
    """

    async def seen(path: str | None, sweep: int) -> datetime | None:
        item = replace(MOVIE, path=path)
        await store.library.take([item], sweep)
        found = await store.library.find(item.item_id)
        assert found is not None
        return found.seen_at

    assert await seen("/m/a.mkv", 1) is None
    assert await seen("/m/a.mkv", 2) is None
    first = await seen("/m/b.mkv", 3)
    assert first is not None
    assert await seen("/m/b.mkv", 4) == first
    again = await seen("/m/c.mkv", 5)
    assert again is not None
    assert again >= first
    other = replace(MOVIE, item_id="9" * 32)
    await store.library.take([other], 2)
    found = await store.library.find(other.item_id)
    assert found is not None
    assert found.seen_at is not None
