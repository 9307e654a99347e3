"""Milestones with a real store: counted from what is in it, told once, never after an import."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.showrunner.coordinators.milestones import MilestoneKeeper
from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
    MarkSource,
    WatchedMark,
)
from custom_components.showrunner.domain.media import ProviderIds, Unit, UnitKind
from custom_components.showrunner.domain.sweep import ReadState
from custom_components.showrunner.domain.watching import ReportSource, Viewing
from custom_components.showrunner.signals import Attributes, Signals, Topic
from custom_components.showrunner.store import Store
from tests.domain.samples import NOW, UNIT

VIEWER, OTHER = "a" * 32, "b" * 32
SERIES_ID = "5" * 32
SERIES = ProviderIds(tvdb=880101, tmdb=4401)


class Milestones:
    """The keeper, its store, and what it told."""

    def __init__(self, store: Store) -> None:
        """Listen."""
        self.store = store
        self.events: list[Attributes] = []
        signals = Signals()
        signals.subscribe(Topic.PLAYBACK, lambda _, attributes: self.events.append(attributes))
        self.keeper = MilestoneKeeper(store, signals)

    @property
    def names(self) -> list[tuple[object, object]]:
        """Name what was told."""
        return [(event["milestone"], event["count"]) for event in self.events]

    async def watch(self, viewing: Viewing) -> None:
        """Complete a viewing as the tracker and the library do."""
        saved = await self.store.viewings.save(viewing)
        unit = saved.viewing.unit
        mark = WatchedMark(unit.keys, unit.item_id, viewing.ended_at, MarkSource.VIEWING)
        await self.store.watched.mark(viewing.viewer_id, (mark,))
        if saved.newly_completed:
            await self.keeper.completed(saved.viewing)


@pytest.fixture
async def milestones(tmp_path: Path) -> AsyncGenerator[Milestones]:
    """Open a store."""
    store = await Store.open(tmp_path / "showrunner.db")
    yield Milestones(store)
    await store.close()


def seen(unit: Unit, *, day: int = 0, minute: int = 0, viewer: str = VIEWER) -> Viewing:
    """Make a completed viewing."""
    at = NOW + timedelta(days=day, minutes=minute)
    return Viewing(
        viewer_id=viewer,
        unit=unit,
        day=at.date(),
        started_at=at - timedelta(minutes=40),
        ended_at=at,
        watched=2400.0,
        position=2400.0,
        runtime=2400.0,
        sources=frozenset({ReportSource.POLL}),
        completed=True,
        finished=True,
    )


def movie(number: int) -> Unit:
    """Name a movie."""
    return replace(UNIT, item_id=f"{number:032x}", ids=ProviderIds(tmdb=number))


def episode(number: int, season: int = 1) -> Unit:
    """Name an episode."""
    return Unit(
        UnitKind.EPISODE,
        f"Part {number}",
        "s" * 32,
        f"{season:02d}{number:030d}",
        ids=ProviderIds(tvdb=9000 + 100 * season + number),
        series_item_id=SERIES_ID,
        series_name="The Ministry",
        series_ids=SERIES,
        season=season,
        episode=number,
    )


async def library(store: Store, *files: tuple[int, int, int | None]) -> None:
    """Let the library hold a series: season, episode, and the last one in the file."""
    items = [
        LibraryItem("s" * 32, SERIES_ID, ItemKind.SERIES, "The Ministry", ids=SERIES),
        *(
            LibraryItem(
                "s" * 32,
                episode(number, season).item_id,
                ItemKind.EPISODE,
                f"Part {number}",
                series_item_id=SERIES_ID,
                season=season,
                episode=number,
                episode_end=end,
            )
            for season, number, end in files
        ),
    ]
    await store.library.take(items, 1)
    await store.library.keep_state(ReadState(sweep=1, taken=1, good_at=NOW))


async def test_the_tenth_movie_is_told_once(milestones: Milestones) -> None:
    """Not the ninth, not the tenth once more, not the eleventh."""
    for number in range(1, 10):
        await milestones.watch(seen(movie(number)))
    assert milestones.names == []
    await milestones.watch(seen(movie(10)))
    await milestones.watch(seen(movie(10), day=1))
    await milestones.watch(seen(movie(11)))
    assert milestones.names == [("movies", 10)]
    assert milestones.events[0]["viewer_id"] == VIEWER


async def test_a_movie_counts_once_whatever_its_ids(milestones: Milestones) -> None:
    """One report says tmdb, another imdb, a third both; it was seen three times."""
    for number in range(1, 10):
        await milestones.watch(seen(movie(number)))
    both = ProviderIds(tmdb=1, imdb="tt0000001")
    await milestones.watch(seen(replace(movie(99), ids=ProviderIds(imdb="tt0000001")), day=1))
    await milestones.watch(seen(replace(movie(98), ids=both), day=2))
    assert (await milestones.store.milestones.movies(VIEWER)).count == 9


async def test_viewers_count_for_themselves(milestones: Milestones) -> None:
    """Ten movies of two people are no ten of one."""
    for number in range(1, 11):
        await milestones.watch(seen(movie(number), viewer=VIEWER if number % 2 else OTHER))
    assert milestones.names == []


async def test_what_is_not_completed_does_not_count(milestones: Milestones) -> None:
    """Nine, and one that was left."""
    for number in range(1, 10):
        await milestones.watch(seen(movie(number)))
    left = replace(seen(movie(10)), completed=False, position=900.0)
    await milestones.store.viewings.save(left)
    assert (await milestones.store.milestones.movies(VIEWER)).count == 9


async def test_an_import_passes_milestones_in_silence(milestones: Milestones) -> None:
    """Sixty movies from before; the next one tells nothing, not even when old ones are removed."""
    for number in range(1, 61):
        await milestones.store.viewings.save(seen(movie(number), day=-number))
    await milestones.keeper.settle(VIEWER)
    await milestones.watch(seen(movie(61)))
    assert milestones.names == []
    assert await milestones.store.milestones.awarded(VIEWER) == ("movies:10", "movies:50")
    fresh = Milestones(milestones.store)
    for number in range(62, 101):
        await fresh.watch(seen(movie(number)))
    assert fresh.names == [("movies", 100)]


async def test_what_was_passed_unnoticed_is_never_reached_again(milestones: Milestones) -> None:
    """Twelve movies that nobody counted; the thirteenth tells nothing of the tenth, for ever."""
    for number in range(1, 13):
        await milestones.store.viewings.save(seen(movie(number), day=-number))
    await milestones.watch(seen(movie(13)))
    assert milestones.names == []
    assert await milestones.store.milestones.awarded(VIEWER) == ("movies:10",)


async def test_a_series_is_finished_with_its_last_missing_episode(milestones: Milestones) -> None:
    """In any order, under any of its ids, specials aside; once."""
    await library(milestones.store, (0, 1, None), (1, 1, None), (1, 2, None), (2, 1, None))
    await milestones.watch(seen(episode(1, 2)))
    await milestones.watch(seen(replace(episode(2), series_ids=ProviderIds(tmdb=4401)), day=1))
    assert milestones.names == []
    await milestones.watch(seen(episode(1), day=2))
    await milestones.watch(seen(episode(1), day=3))
    assert milestones.names == [("series_finished", 3)]
    assert milestones.events[0]["title"] == "The Ministry"


async def test_specials_do_not_finish_a_series(milestones: Milestones) -> None:
    """Season 0 neither counts nor is counted."""
    await library(milestones.store, (0, 1, None), (1, 1, None), (1, 2, None))
    await milestones.watch(seen(episode(1)))
    await milestones.watch(seen(episode(1, 0)))
    assert milestones.names == []


async def test_a_file_with_two_episodes_counts_for_both(milestones: Milestones) -> None:
    """S01E01-E02 is watched as its first."""
    await library(milestones.store, (1, 1, 2), (1, 3, None))
    await milestones.watch(seen(episode(1)))
    await milestones.watch(seen(episode(3)))
    assert milestones.names == [("series_finished", 3)]


async def test_without_a_library_nothing_is_finished(milestones: Milestones) -> None:
    """Unknown is not all."""
    await milestones.watch(seen(episode(1)))
    assert milestones.names == []


async def test_a_series_watched_before_us_is_not_finished_by_a_rewatch(
    milestones: Milestones,
) -> None:
    """Jellyfin's played flags said so long ago."""
    await library(milestones.store, (1, 1, None), (1, 2, None))
    long_ago = NOW - timedelta(days=400)
    for number in (1, 2):
        unit = episode(number)
        mark = WatchedMark(unit.keys, unit.item_id, long_ago, MarkSource.JELLYFIN)
        await milestones.store.watched.mark(VIEWER, (mark,))
    await milestones.watch(seen(episode(2)))
    assert milestones.names == []


async def test_five_episodes_in_a_day_are_told_once(milestones: Milestones) -> None:
    """Of one series and on one day; the sixth tells nothing, nor another such day."""
    for number in range(1, 5):
        await milestones.watch(seen(episode(number), minute=number))
    await milestones.watch(seen(episode(5), day=1))
    assert milestones.names == []
    await milestones.watch(seen(episode(6), minute=6))
    await milestones.watch(seen(episode(7), minute=7))
    for number in range(1, 6):
        await milestones.watch(seen(episode(number, 2), day=9, minute=number))
    assert milestones.names == [("episodes_in_a_day", 5)]


async def test_a_forgotten_viewer_has_no_milestones(milestones: Milestones) -> None:
    """They go with everything else that is theirs."""
    for number in range(1, 11):
        await milestones.watch(seen(movie(number)))
    await milestones.store.forget_viewer(VIEWER, "Sofa")
    assert await milestones.store.milestones.awarded(VIEWER) == ()
