"""When a viewer reaches a milestone: after a completed viewing, told once."""

from collections.abc import Sequence
from datetime import timedelta
import logging
from typing import Final

from ..domain.media import UnitKind
from ..domain.milestones import Milestone, SeriesCount, of_movies, of_series, passed
from ..domain.watching import Viewing
from ..signals import Signals, Topic
from ..store import Store, StoreError

_LOGGER = logging.getLogger(__name__)

# The server says when a play began by its own clock.
_CLOCKS: Final = timedelta(hours=1)


class MilestoneKeeper:
    """Counts after completed viewings, and in silence after an import."""

    def __init__(self, store: Store, signals: Signals) -> None:
        """Take the store, and whom to tell."""
        self._store = store
        self._signals = signals

    async def completed(self, viewing: Viewing) -> None:
        """Look what a completed viewing reached. What can't be counted now reaches nothing."""
        try:
            if viewing.unit.kind is UnitKind.MOVIE:
                reached = await self._movie(viewing)
            else:
                reached = await self._episode(viewing)
            at = viewing.ended_at.timestamp()
            new = await self._store.milestones.award_all(viewing.viewer_id, reached, at)
        except StoreError as err:
            _LOGGER.warning("Could not count for milestones: %s", err)
            return
        for milestone in new:
            self._signals.send(
                Topic.PLAYBACK, "milestone", milestone_attributes(viewing, milestone)
            )

    async def settle(self, viewer_id: str) -> None:
        """Award what an imported history has passed, in silence. Raises StoreError."""
        movies = await self._store.milestones.movies(viewer_id)
        await self._store.milestones.award_all(viewer_id, passed(movies.count))

    async def _movie(self, viewing: Viewing) -> Sequence[Milestone]:
        movies = await self._store.milestones.movies(viewing.viewer_id, viewing.unit)
        # What lies behind was passed unnoticed, and must not be reached again from below.
        behind = passed(movies.count - 1)
        await self._store.milestones.award_all(viewing.viewer_id, behind)
        return of_movies(movies)

    async def _episode(self, viewing: Viewing) -> Sequence[Milestone]:
        series = viewing.unit.title
        if not series.ids:
            return ()
        mark = await self._store.watched.is_watched(viewing.viewer_id, viewing.unit)
        since = mark.since if mark else None
        counts = SeriesCount(
            watched=await self._store.milestones.episodes(viewing.viewer_id, series.ids),
            episodes=await self._store.library.episode_count(series.ids),
            new=since is not None and since >= viewing.started_at - _CLOCKS,
            today=await self._store.milestones.on_day(viewing),
        )
        return of_series(series, counts)


def milestone_attributes(viewing: Viewing, milestone: Milestone) -> dict[str, object]:
    """Give what the event says: small and flat."""
    return {
        "viewer_id": viewing.viewer_id,
        "milestone": milestone.kind.value,
        "count": milestone.count,
        "title": milestone.title.name if milestone.title else viewing.unit.label,
    }
