"""A title that is identified later, or better, keeps its history under its ids."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
    MarkSource,
    WatchedMark,
)
from custom_components.showrunner.domain.media import (
    MediaType,
    ProviderIds,
    Title,
    Unit,
    UnitKind,
)
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.store import Store
from custom_components.showrunner.store.small import Word
from tests.domain.samples import NOW
from tests.effort import examples

from .identities import ALL, FILM, OTHER, SERIES, SERVER, VIEWER, by
from .viewings import watched_of

NONE = ProviderIds()
EPISODE = LibraryItem(
    SERVER,
    "d" * 32,
    ItemKind.EPISODE,
    "One",
    path="/s/1.mkv",
    series_item_id=SERIES.item_id,
    series_name="Show",
    season=1,
    episode=1,
)
DAYS = count(1)


def unit(ids: ProviderIds = NONE, item: str = FILM.item_id) -> Unit:
    """Name the film as a report does."""
    return Unit(UnitKind.MOVIE, "The Matrix", SERVER, item, ids=ids)


def viewing(what: Unit, day: int, viewer: str = VIEWER) -> Viewing:
    """Make a whole viewing."""
    at = NOW - timedelta(days=day)
    end = at + timedelta(hours=1)
    names = frozenset({ReportSource.POLL})
    return Viewing(viewer, what, at.date(), at, end, 3600, 3600, 3600, names, completed=True)


async def saw(store: Store, what: Unit, day: int, viewer: str = VIEWER) -> None:
    """Record a viewing and its mark."""
    await store.viewings.save(viewing(what, day, viewer))
    mark = WatchedMark(what.keys, what.item_id, NOW, MarkSource.VIEWING)
    await store.watched.mark(viewer, [mark])


@pytest.mark.parametrize("first", [NONE, ProviderIds(imdb="tt0133093")])
@pytest.mark.parametrize("known", [True, False])
async def test_what_was_seen_before_is_found_by_every_id(
    store: Store, first: ProviderIds, known: bool
) -> None:
    """Also when the file was added again since, so that nothing but the new id is left."""
    if known:
        await store.library.take([replace(FILM, ids=first)], 1)
    await saw(store, unit(first), 40)
    await saw(store, unit(first), 3, OTHER)
    assert await store.viewings.history(title=by(tmdb=603)) == ()
    await store.library.take([FILM], 2)
    for key in (by(tmdb=603), by(imdb="tt0133093")):
        assert len(await store.viewings.history(title=key)) == 2
        assert len(await store.viewings.history(title=key, viewer_id=OTHER)) == 1
    again = unit(ProviderIds(tmdb=603), "9" * 32)
    since = NOW - timedelta(days=90)
    assert await store.viewings.completed_count(VIEWER, again, since, 85) == 1
    assert await store.watched.is_watched(VIEWER, again) is not None
    assert await store.watched.is_watched(OTHER, again) is not None
    assert await store.watched.count(VIEWER) == 1
    assert (await store.viewings.history(title=by(tmdb=603)))[0].unit.ids == ALL


async def test_a_series_that_is_identified_later(store: Store) -> None:
    """Its episodes' history is found by the series' ids; whichever comes first."""
    what = Unit(UnitKind.EPISODE, "One", SERVER, EPISODE.item_id, series_item_id=SERIES.item_id)
    await store.library.take([replace(SERIES, ids=NONE), EPISODE], 1)
    await saw(store, what, 3)
    await store.library.take([SERIES], 2)
    assert len(await store.viewings.history(title=by(MediaType.SERIES, tvdb=5))) == 1
    assert await store.milestones.episodes(VIEWER, ProviderIds(tmdb=4)) == 1
    again = replace(what, item_id="9" * 32, series_ids=ProviderIds(tvdb=5), season=1, episode=1)
    assert await store.watched.is_watched(VIEWER, again) is not None
    assert await store.viewings.history(title=by(tmdb=4)) == ()


async def test_a_corrected_title_does_not_inherit(store: Store) -> None:
    """The file was taken for another film: what was recorded of that one is that one's."""
    await saw(store, unit(ProviderIds(1, None, "tt0000001")), 3)
    await store.library.take([FILM], 1)
    assert await store.viewings.history(title=by(tmdb=603)) == ()
    assert len(await store.viewings.history(title=by(tmdb=1))) == 1
    assert await store.watched.is_watched(VIEWER, unit(ALL, "9" * 32)) is None


async def test_a_renumbered_title_is_found_under_both_numbers(store: Store) -> None:
    """IMDb's id says that it is the same."""
    old = replace(FILM, ids=ProviderIds(1, None, "tt0133093"))
    await store.library.take([old], 1)
    await saw(store, unit(old.ids), 3)
    title = Title(MediaType.MOVIE, old.ids, "The Matrix")
    await store.acquisitions.put(Acquisition("x", title, AcquisitionState.DROPPED, NOW, None))
    await store.library.take([FILM], 2)
    for key in (by(tmdb=1), by(tmdb=603)):
        assert len(await store.viewings.history(title=key)) == 1
        assert len(await store.acquisitions.for_title(key)) == 1
    assert await store.watched.is_watched(VIEWER, unit(ProviderIds(tmdb=603), "9" * 32)) is not None


async def test_a_persons_word_follows_and_a_later_one_stays(store: Store) -> None:
    """What was said of IMDb's id holds under TMDb's; what was said of that itself is not lost."""
    await store.overrides.set(by(imdb="tt0133093"), Override.NEVER, "somebody")
    await store.library.take([FILM], 1)
    assert await store.overrides.get(by(tmdb=603)) == Word(Override.NEVER)
    assert await store.overrides.get(by(MediaType.SERIES, tmdb=603)) == Word()
    await store.overrides.set(by(tmdb=603), Override.ASK, "somebody")
    await store.library.take([replace(FILM, name="The Matrix again")], 2)
    assert await store.overrides.get(by(tmdb=603)) == Word(Override.ASK)


async def test_two_that_turn_out_to_be_one_on_one_day_are_one_viewing(store: Store) -> None:
    """Watched under Jellyfin's id and under IMDb's, before anything joined them."""
    await store.viewings.save(viewing(unit(NONE, "1" * 32), 3))
    await store.viewings.save(viewing(unit(ProviderIds(imdb="tt0133093"), "2" * 32), 3))
    assert len(await store.viewings.history()) == 2
    await store.library.take([FILM], 1)
    assert len(await store.viewings.history()) == 1
    spent = (await watched_of(store, VIEWER, NOW - timedelta(days=9))).time
    assert spent == timedelta(hours=1)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["see", "take"]),
        st.sampled_from([NONE, ProviderIds(603), ProviderIds(None, None, "tt0133093"), ALL]),
        st.sampled_from(["1", "2"]),
        st.sampled_from([VIEWER, OTHER]),
    ),
    min_size=1,
    max_size=10,
)
_FILES = count()


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
async def test_learning_ids_in_any_order_loses_no_row(
    tmp_path: Path, steps: list[tuple[str, ProviderIds, str, str]]
) -> None:
    """Each day's viewing is still there, and in the end every id finds all of them."""
    store = await Store.open(tmp_path / f"{next(_FILES)}.db")
    seen: set[tuple[str, int]] = set()
    for number, (what, ids, item, viewer) in enumerate(steps):
        if what == "see":
            await saw(store, unit(ids, item * 32), number + 1, viewer)
            seen.add((viewer, number + 1))
        else:
            await store.library.take([replace(FILM, item_id=item * 32, ids=ids)], number)
    for item in "12":
        await store.library.take([replace(FILM, item_id=item * 32, name="At last")], 99)
    for key in (by(tmdb=603), by(imdb="tt0133093")):
        found = await store.viewings.history(title=key, limit=99)
        assert {(one.viewer_id, (NOW.date() - one.day).days) for one in found} == seen
    assert len(await store.viewings.history(limit=99)) == len(seen)
    for viewer in {viewer for viewer, _ in seen}:
        assert await store.watched.count(viewer) == 1
        assert await store.watched.is_watched(viewer, unit(ProviderIds(603), "9" * 32)) is not None
    await store.close()
