"""A milestone is reached by the viewing that completes it, and by nothing else."""

from hypothesis import given, strategies as st
import pytest

from custom_components.showrunner.domain.knowledge import Absent, Knowledge, Known, Unknown
from custom_components.showrunner.domain.media import MediaType, ProviderIds, Title
from custom_components.showrunner.domain.milestones import (
    MOVIES,
    Milestone,
    MilestoneKind,
    MovieCount,
    SeriesCount,
    of_movies,
    of_series,
    passed,
)

from .samples import SERIES

NAMELESS = Title(MediaType.SERIES, ProviderIds(), "The Ministry")


def series(
    watched: int, episodes: Knowledge[int], *, new: bool = True, today: int = 1
) -> list[MilestoneKind]:
    """Name what an episode reached."""
    counts = SeriesCount(watched, episodes, new, today)
    return [one.kind for one in of_series(SERIES, counts)]


@pytest.mark.parametrize("number", [10, 50, 100, 500, 1000])
def test_so_many_movies(number: int) -> None:
    """At the number, neither before nor after it."""
    reached = [of_movies(MovieCount(count, new=True)) for count in (number - 1, number, number + 1)]
    assert reached == [(), (Milestone(MilestoneKind.MOVIES, number),), ()]


def test_a_movie_seen_again_reaches_nothing() -> None:
    """The tenth movie for the second time."""
    assert of_movies(MovieCount(10, new=False)) == ()


@given(st.integers(0, 2000))
def test_what_lies_behind_and_what_is_reached_never_overlap_twice(count: int) -> None:
    """From one movie to the next at most one milestone is passed, and it is the one reached."""
    gained = set(passed(count + 1)) - set(passed(count))
    assert gained == set(of_movies(MovieCount(count + 1, new=True)))
    assert len(passed(count)) == sum(number <= count for number in MOVIES)


def test_a_series_is_finished_when_all_its_known_episodes_are_watched() -> None:
    """The last one that was missing; a number more than the library has does no harm."""
    assert series(9, Known(10, "library")) == []
    assert series(10, Known(10, "library")) == [MilestoneKind.SERIES_FINISHED]
    assert series(11, Known(10, "library")) == [MilestoneKind.SERIES_FINISHED]


@pytest.mark.parametrize("episodes", [Absent("library"), Unknown("no sweep yet", "library")])
def test_an_unknown_library_finishes_no_series(episodes: Knowledge[int]) -> None:
    """Never a guess."""
    assert series(10, episodes) == []


def test_a_series_without_episodes_is_not_finished() -> None:
    """Nothing of nothing is not everything."""
    assert series(0, Known(0, "library")) == []


def test_an_episode_seen_again_finishes_no_series() -> None:
    """It was finished before, by whoever saw that."""
    assert series(10, Known(10, "library"), new=False) == []


def test_five_episodes_in_a_day() -> None:
    """The fifth of one series on one day."""
    assert series(4, Known(10, "library"), today=4) == []
    assert series(5, Known(10, "library"), today=5) == [MilestoneKind.EPISODES_IN_A_DAY]


def test_a_series_without_ids_reaches_nothing() -> None:
    """Its name alone is no name."""
    assert of_series(NAMELESS, SeriesCount(10, Known(10, "library"), new=True, today=9)) == ()


def test_a_series_is_known_under_all_its_ids() -> None:
    """So that it is not finished twice when it gains an id."""
    both = Title(MediaType.SERIES, ProviderIds(tmdb=1, tvdb=2), "The Ministry")
    (finished,) = of_series(both, SeriesCount(3, Known(3, "library"), new=True, today=1))
    assert finished.keys == (
        "series_finished:series:tmdb:1",
        "series_finished:series:tvdb:2",
    )
    assert Milestone(MilestoneKind.MOVIES, 50).keys == ("movies:50",)
