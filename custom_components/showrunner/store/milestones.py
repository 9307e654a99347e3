"""Milestones that were awarded, each once, and the counts that they are reached by."""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from ..domain.media import ProviderIds, Unit
from ..domain.milestones import Milestone, MovieCount
from ..domain.watching import Viewing
from .database import Database
from .library_texts import series_numbers
from .names import number_of, numbers, viewer_name
from .schema import (
    LIBRARY_ITEMS as ITEMS,
    MILESTONES,
    NAMES,
    UNIT_NAMES,
    VIEWING_NAMES,
    VIEWINGS,
    WATCHED,
    WATCHED_NAMES,
)
from .viewing_columns import COUNTS
from .viewing_rows import by_own_name, by_unit

type Place = tuple[int, int]


class Milestones:
    """What viewers have reached."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        """Take the database, and whom to tell of changes."""
        self._database = database
        self._changed = changed

    async def award(self, viewer_id: str, milestone: Milestone, at: float | None) -> bool:
        """Award a milestone; tell whether it is new. `at` None: it was passed unnoticed."""
        return bool(await self.award_all(viewer_id, (milestone,), at))

    async def award_all(
        self, viewer_id: str, milestones: Sequence[Milestone], at: float | None = None
    ) -> tuple[Milestone, ...]:
        """Award milestones; give those that are new. `at`: seconds since 1970, None: unnoticed."""
        if not milestones:
            return ()

        def write(connection: Connection) -> tuple[Milestone, ...]:
            return tuple(one for one in milestones if _award(connection, viewer_id, one, at))

        new = await self._database.run(write)
        if new:
            self._changed("milestones")
        return new

    async def awarded(self, viewer_id: str) -> tuple[str, ...]:
        """Give the keys of a viewer's milestones."""
        query = (
            select(MILESTONES.c.milestone)
            .where(MILESTONES.c.viewer_id == viewer_id)
            .order_by(MILESTONES.c.milestone)
        )
        return tuple(await self._database.read(lambda c: c.execute(query).scalars().all()))

    async def movies(self, viewer_id: str, unit: Unit | None = None) -> MovieCount:
        """Count the movies that a viewer has completed, each once by its provider ids.

        `new`: no viewing but one is of this movie.
        """
        return await self._database.read(lambda c: _movies(c, viewer_id, unit))

    async def episodes(self, viewer_id: str, series: ProviderIds) -> int:
        """Count the episodes of a series that a viewer has watched, without specials.

        A file that holds several counts for all of them.
        """
        return await self._database.read(lambda c: len(_episodes(c, viewer_id, series)))

    async def on_day(self, viewing: Viewing) -> int:
        """Count the episodes of a viewing's series that its viewer completed on its day."""
        return await self._database.read(lambda c: _on_day(c, viewing))


def _award(connection: Connection, viewer_id: str, milestone: Milestone, at: float | None) -> bool:
    known = connection.scalar(
        select(MILESTONES.c.milestone)
        .where(MILESTONES.c.viewer_id == viewer_id, MILESTONES.c.milestone.in_(milestone.keys))
        .limit(1)
    )
    moment = None if at is None else round(at * 1000)
    rows = [{"viewer_id": viewer_id, "milestone": key, "at": moment} for key in milestone.keys]
    connection.execute(insert(MILESTONES).on_conflict_do_nothing(), rows)
    return known is None


def _movies(connection: Connection, viewer_id: str, unit: Unit | None) -> MovieCount:
    """Group viewings that share a name: one says tmdb, another imdb, a third both."""
    names: dict[int, list[str]] = {}
    for table, on in (
        (UNIT_NAMES, UNIT_NAMES.c.unit == VIEWINGS.c.unit),
        (VIEWING_NAMES, VIEWING_NAMES.c.viewing_id == VIEWINGS.c.id),
    ):
        query = (
            select(VIEWINGS.c.id, NAMES.c.name)
            .join(table, on)
            .join(NAMES, NAMES.c.id == table.c.name)
            .where(
                VIEWINGS.c.viewer == number_of(viewer_name(viewer_id)),
                VIEWINGS.c.flags.bitwise_and(COUNTS) == COUNTS,
                NAMES.c.name >= "movie:",
                NAMES.c.name < "movie;",
            )
        )
        for viewing_id, name in connection.execute(query):
            names.setdefault(viewing_id, []).append(name)
    groups = _grouped(names.values())
    own = {groups[key] for key in (unit.keys if unit else ()) if key in groups}
    viewings = sum(1 for one in names.values() if groups[one[0]] in own)
    return MovieCount(len(set(groups.values())), new=viewings == 1)


def _grouped(all_names: Iterable[Sequence[str]]) -> dict[str, str]:
    """Give each name the name of its group: names that ever stood together are one."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = name = parent[parent[name]]
        return name

    for names in all_names:
        first = root(names[0])
        for other in names[1:]:
            parent[root(other)] = first
    return {name: root(name) for name in parent}


def _episodes(connection: Connection, viewer_id: str, series: ProviderIds) -> set[Place]:
    own = viewer_name(viewer_id)
    viewer = numbers(connection, (own,)).get(own)
    if viewer is None:
        return set()
    watched: set[Place] = set()
    for key in series.keys:
        before = f"series:{key}:s"
        query = (
            select(NAMES.c.name)
            .join(WATCHED_NAMES, WATCHED_NAMES.c.name == NAMES.c.id)
            .join(WATCHED, WATCHED.c.unit == WATCHED_NAMES.c.unit)
            .where(
                NAMES.c.name >= before,
                NAMES.c.name < f"series:{key}:t",
                WATCHED.c.viewer == viewer,
            )
        )
        for name in connection.execute(query).scalars():
            season, _, episode = name.removeprefix(before).partition("e")
            if season.isdigit() and episode.isdigit() and int(season) > 0:
                watched.add((int(season), int(episode)))
    spans = _spans(connection, series)
    return {
        (season, number)
        for season, episode in watched
        for number in range(episode, max(episode, spans.get((season, episode), 0)) + 1)
    }


def _spans(connection: Connection, series: ProviderIds) -> dict[Place, int]:
    """Give the last episode of each file of a series that holds several."""
    pairs = ((ITEMS.c.tmdb, series.tmdb), (ITEMS.c.tvdb, series.tvdb), (ITEMS.c.imdb, series.imdb))
    found: dict[Place, int] = {}
    for column, value in pairs:
        if value is None:
            continue
        ids = select(ITEMS.c.item_id).where(column == value, ITEMS.c.kind == "series")
        query = select(ITEMS.c.season, ITEMS.c.episode, ITEMS.c.episode_end).where(
            ITEMS.c.series.in_(series_numbers(ids)), ITEMS.c.episode_end.is_not(None)
        )
        for season, episode, end in connection.execute(query):
            found[season, episode] = max(end, found.get((season, episode), 0))
    return found


def _on_day(connection: Connection, viewing: Viewing) -> int:
    own = viewer_name(viewing.viewer_id)
    have = numbers(connection, (*viewing.unit.title.key.names, own))
    viewer = have.pop(own, None)
    if viewer is None or not have:
        return 0
    found: set[int] = set()
    for ask in (by_unit, by_own_name):
        query = ask(have.values(), viewer, VIEWINGS.c.id).where(
            VIEWINGS.c.day == viewing.day.toordinal(),
            VIEWINGS.c.flags.bitwise_and(COUNTS) == COUNTS,
        )
        found |= set(connection.execute(query).scalars())
    return len(found)
