"""Milestones of a viewer: so many movies, a series finished, five episodes in a day.

A milestone is reached by a viewing, in the moment when that completes it. What was reached without
one (history that was imported, or watched before Showrunner) is never told afterwards; what is not
known is not reached.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .knowledge import Knowledge, Known
from .media import Title

MOVIES: Final = (10, 50, 100, 500, 1000)
EPISODES_IN_A_DAY: Final = 5


class MilestoneKind(StrEnum):
    """What was reached."""

    MOVIES = "movies"
    SERIES_FINISHED = "series_finished"
    EPISODES_IN_A_DAY = "episodes_in_a_day"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One milestone. `title` is the series, `count` how many movies or episodes."""

    kind: MilestoneKind
    count: int
    title: Title | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Every name under which it may have been awarded: one a series' id."""
        if self.title is None:
            return (f"{self.kind}:{self.count}",)
        return tuple(f"{self.kind}:{name}" for name in self.title.key.names)


@dataclass(frozen=True, slots=True)
class MovieCount:
    """How many movies a viewer has completed, each once; `new`: this one for the first time."""

    count: int
    new: bool


@dataclass(frozen=True, slots=True)
class SeriesCount:
    """How much of a series a viewer has watched.

    `watched` of its `episodes` (without specials); `new`: this episode for the first time; `today`
    how many were completed on the day of this viewing.
    """

    watched: int
    episodes: Knowledge[int]
    new: bool
    today: int


def of_movies(movies: MovieCount) -> tuple[Milestone, ...]:
    """Give the milestone that a completed movie reached."""
    return tuple(
        Milestone(MilestoneKind.MOVIES, number)
        for number in MOVIES
        if movies.new and number == movies.count
    )


def of_series(series: Title, counts: SeriesCount) -> tuple[Milestone, ...]:
    """Give the milestones that a completed episode reached. A series without ids has none."""
    if not series.ids:
        return ()
    reached = []
    episodes = counts.episodes
    if counts.new and isinstance(episodes, Known) and 0 < episodes.value <= counts.watched:
        reached.append(Milestone(MilestoneKind.SERIES_FINISHED, episodes.value, series))
    if counts.today >= EPISODES_IN_A_DAY:
        reached.append(Milestone(MilestoneKind.EPISODES_IN_A_DAY, counts.today, series))
    return tuple(reached)


def passed(movies: int) -> tuple[Milestone, ...]:
    """Give the milestones that lie behind so many movies."""
    return tuple(Milestone(MilestoneKind.MOVIES, number) for number in MOVIES if number <= movies)
