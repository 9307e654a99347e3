"""What the arrs list of what may leave, each asked once; and whether they are believed (law 9)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from ...clients.errors import ServiceError
from ...clients.radarr import RadarrMovie
from ...clients.sonarr import SonarrSeries
from ...coordinators.arr_counts import ArrCounts
from ...coordinators.arr_inventory import of_movie, of_series
from ...coordinators.cooperative_yield import CooperativeYield
from ...coordinators.radarr import RadarrCoordinator
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Answer
from ...domain.media import Title
from ...domain.plan import LeftOut
from ...domain.retention import Ground, RetentionPolicy
from ...store import Store
from ..facts.counted_lists import CountedLists
from ..facts.title_asker import Arr, TitleAsker
from .doubles import held_twice
from .entries import is_old, may_be_left
from .watchers import Seen
from .words import KeptNames


@dataclass(slots=True)
class Listing:
    """What was listed: `silent` are the kinds of arrs of which one has said nothing."""

    keeps: KeptNames
    silent: set[str] = field(default_factory=set)
    # Of which several arrs have files, where copies are compared: by kind, and by ids.
    twice: dict[str, frozenset[str]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


type Entry = RadarrMovie | SonarrSeries


class Meets(Protocol):
    """Is told what arrs hold of what it waits for."""

    def waits_for(self, entry: Entry) -> bool:
        """Tell whether it wants to know of a title; asked beside the event loop."""
        ...

    def meet(self, arr: Arr, entry: Entry) -> None:
        """Take it that an arr holds a title."""
        ...


@dataclass(frozen=True, slots=True)
class _Row[T: Entry]:
    """What counts of a row of a list: of most there is no entry, for there may be 50,000.

    Nothing of it is noted while the list is read: one that breaks off is asked for once more, and
    what of it had come counts for nothing.
    """

    tags: tuple[int, ...]
    files: int
    wanted: T | None
    # What others wait for: a word that keeps it, or that somebody has it again.
    met: T | None


@lru_cache(4096)
def _counted(tags: tuple[int, ...], files: int) -> _Row[Any]:
    """Give the row of what is only counted: many are equal, and the collector looks at each."""
    return _Row(tags, files, None, None)


class ArrLists:
    """Lists. `keep_tags` keep a title; `met` is told what arrs list of what it waits for."""

    def __init__(
        self,
        titles: TitleAsker,
        store: Store,
        counts: ArrCounts,
        *,
        policy: Callable[[], RetentionPolicy | None],
        keep_tags: Callable[[], frozenset[str]],
        now: Callable[[], datetime],
        met: Meets,
    ) -> None:
        """Take everything by hand."""
        self._titles = titles
        self._store = store
        self._counts = counts
        self._policy = policy
        self._lists = CountedLists(counts, keep_tags)
        self._now = now
        self._met = met

    @property
    def in_doubt(self) -> bool:
        """Tell whether an arr has suddenly lost much, so that another look is to agree."""
        return self._counts.in_doubt

    async def records(self, seen: Seen, listing: Listing) -> tuple[tuple[Title, ArrTitle], ...]:
        """Give what the arrs hold of what was watched. What can't be read takes its title along."""
        found: list[tuple[Title, ArrTitle]] = []
        unread: list[Title] = []
        turn = CooperativeYield()
        async for title, asked in self._listed(seen, listing):
            try:
                found.append((title, await asked))
            except ServiceError as err:
                unread.append(title)
                listing.left_out.append(LeftOut(title.label, err.text, unknown=True))
            await turn()
        if not unread:
            return tuple(found)
        return tuple(one for one in found if not any(_may_be(one[0], other) for other in unread))

    async def _listed(
        self, seen: Seen, listing: Listing
    ) -> AsyncIterator[tuple[Title, Awaitable[ArrTitle]]]:
        """Give the arrs' entries of what was watched, with what is still to be asked of each."""
        listing.twice = await self._twice()
        movies = seen.movies | listing.twice["radarr"]
        shows = seen.series | listing.twice["sonarr"]
        radarrs, sonarrs = dict(self._titles.radarrs), dict(self._titles.sonarrs)
        for radarr in radarrs.values():
            try:
                listed = await self._movies(radarr, movies, listing.keeps, self._unwatched_before())
            except ServiceError as err:
                listing.silent.add("radarr")
                listing.left_out.append(LeftOut(radarr.title, err.text, unknown=True))
            else:
                for one in listed:
                    yield one.title, of_movie(radarr, one)
        for sonarr in sonarrs.values():
            try:
                shown = await self._shows(sonarr, shows, listing.keeps)
            except ServiceError as err:
                listing.silent.add("sonarr")
                listing.left_out.append(LeftOut(sonarr.title, err.text, unknown=True))
            else:
                for each in shown:
                    yield each.title, of_series(sonarr, each)
        # One that was linked, or unlinked, meanwhile has not said what it has.
        changed = {
            "radarr": radarrs != self._titles.radarrs,
            "sonarr": sonarrs != self._titles.sonarrs,
        }
        listing.silent |= {kind for kind, others in changed.items() if others}

    async def _twice(self) -> dict[str, frozenset[str]]:
        """Name the titles that several arrs hold; nobody is asked where copies don't matter."""
        policy = self._policy()
        if policy is None or Ground.LOWER not in policy.chosen:
            return {"radarr": frozenset(), "sonarr": frozenset()}
        return {
            "radarr": await held_twice(self._titles.radarrs),
            "sonarr": await held_twice(self._titles.sonarrs),
        }

    async def _movies(
        self,
        radarr: RadarrCoordinator,
        wanted: frozenset[str],
        keeps: KeptNames,
        before: datetime | None = None,
    ) -> tuple[RadarrMovie, ...]:
        """List the movies with one of these ids, or that came before then.

        Raises ServiceError, also for a sudden fall.
        """

        def is_wanted(one: RadarrMovie) -> bool:
            if not wanted.isdisjoint(one.title.ids.keys):
                return True
            return one.has_file and is_old(one.file_added, before)

        def pick(one: RadarrMovie) -> _Row[RadarrMovie]:
            return self._row(one, one.tags, int(one.has_file), keeps, wanted=is_wanted(one))

        return await self._believed(radarr, lambda: radarr.client.movies(pick, whole=True), keeps)

    def _unwatched_before(self) -> datetime | None:
        """Say before when something has come that may leave because nobody ever watched it."""
        policy = self._policy()
        if policy is None or Ground.UNWATCHED not in policy.chosen:
            return None
        return self._now() - policy.unwatched

    async def _shows(
        self, sonarr: SonarrCoordinator, wanted: frozenset[str], keeps: KeptNames
    ) -> tuple[SonarrSeries, ...]:
        """List what somebody has watched, and what may be an entry that we have emptied."""
        policy = self._policy()
        empty = policy is not None and policy.remove_empty_series
        found: list[SonarrSeries] = []
        before = self._unwatched_before()
        for one in await self._series(sonarr, wanted, keeps, empty=empty, before=before):
            watched = not wanted.isdisjoint(one.title.ids.keys)
            if (
                watched
                or not may_be_left(one)
                or await self._store.ledger.deleted_at(one.title.key) is not None
            ):
                found.append(one)
        return tuple(found)

    async def _series(
        self,
        sonarr: SonarrCoordinator,
        wanted: frozenset[str],
        keeps: KeptNames,
        *,
        empty: bool = False,
        before: datetime | None = None,
    ) -> tuple[SonarrSeries, ...]:
        """List the series with one of these ids, or that came before then and have files.

        `empty`: also those that have ended and have none. Raises ServiceError, also for a sudden
        fall.
        """

        def is_wanted(one: SonarrSeries) -> bool:
            if not wanted.isdisjoint(one.title.ids.keys):
                return True
            if is_old(one.added, before) and one.size_bytes:
                return True
            return empty and may_be_left(one)

        def pick(one: SonarrSeries) -> _Row[SonarrSeries]:
            files = sum(season.files for season in one.seasons)
            return self._row(one, one.tags, files, keeps, wanted=is_wanted(one))

        return await self._believed(
            sonarr, lambda: sonarr.client.all_series(pick, whole=True), keeps
        )

    def _row[T: Entry](
        self, one: T, tags: tuple[int, ...], files: int, keeps: KeptNames, *, wanted: bool
    ) -> _Row[T]:
        is_met = self._met.waits_for(one) or keeps.waits_for(one.title.key)
        if not wanted and not is_met:
            return _counted(tags, files)
        return _Row(tags, files, one if wanted else None, one if is_met else None)

    def _meet[T: Entry](self, arr: Arr, rows: tuple[_Row[T], ...], keeps: KeptNames) -> None:
        for row in rows:
            if row.met is not None:
                self._met.meet(arr, row.met)
                keeps.meet(row.met.title.key)

    # -- a sudden fall -----------------------------------------------------------------------------

    async def _believed[T: Entry](
        self, arr: Arr, ask: Callable[[], Awaitable[tuple[_Row[T], ...]]], keeps: KeptNames
    ) -> tuple[T, ...]:
        """List what an arr has, and give what is wanted of it. Raises ServiceError for a fall."""

        async def listed() -> tuple[_Row[T], ...]:
            rows = await ask()
            self._meet(arr, rows, keeps)
            return rows

        rows = await self._lists.rows(arr, listed)
        return tuple(row.wanted for row in rows if row.wanted is not None)

    async def is_believed(self, service: str, arr: Arr) -> bool:
        """Tell whether an arr has what it had; it is counted anew where that was not just done."""
        known = self._counts.fresh(service)
        if known is not Answer.UNKNOWN:
            return known is Answer.YES
        try:
            if isinstance(arr, RadarrCoordinator):
                await self._movies(arr, frozenset(), KeptNames())
            else:
                await self._series(arr, frozenset(), KeptNames())
        except ServiceError:
            return False
        return True


def _may_be(title: Title, other: Title) -> bool:
    return title.media is other.media and title.ids.matches(other.ids) is not Answer.NO
