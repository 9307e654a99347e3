"""Finds out which of our deletions people took back, from what is known anyway.

Requests are remembered here, an undo stands in the ledger, and what a Radarr or Sonarr holds again
is met while its list is read for what leaves. Only of a series of which we deleted a season, and
which has files of that season again, its files are asked for.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
import logging
from typing import Final

from ...clients.errors import ServiceError
from ...clients.radarr import RadarrMovie
from ...clients.sonarr import SonarrFile, SonarrSeries
from ...coordinators.request_view import RequestView
from ...coordinators.sonarr import SonarrCoordinator
from ...domain.acquisition import Origin
from ...domain.regrets import (
    STAYS_AFTER_REGRET,
    WITHIN,
    Regret,
    Way,
    Wish,
    regret_of,
)
from ...domain.requests.ref import RequestSource
from ...domain.requests.request import Request
from ...domain.requests.seasons import TheseSeasons
from ...store import Store, StoreError
from ..facts.title_asker import Arr
from .lost import Lost, lost_in

_LOGGER = logging.getLogger(__name__)

# What was regretted longer ago keeps nothing any more.
_LOOKS_BACK: Final = STAYS_AFTER_REGRET + WITHIN


@dataclass(frozen=True, slots=True)
class Arrival:
    """A title of which we deleted something, as an arr holds it now."""

    arr: Arr
    entry: RadarrMovie | SonarrSeries
    lost: tuple[Lost, ...]


class Regrets:
    """Looks, whenever something may have been taken back."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """Take everything by hand."""
        self._store = store
        self._now = now
        self._lost: Mapping[str, tuple[Lost, ...]] = {}
        self._arrivals: dict[tuple[str, int], Arrival] = {}
        self._heard: set[str] = set()
        self._wake = asyncio.Event()

    # -- when --------------------------------------------------------------------------------------

    def hear(self, view: RequestView) -> None:
        """Take it that somebody asks for something; of each request that counts once."""
        if view.request.id not in self._heard:
            self._heard.add(view.request.id)
            self._wake.set()

    def undone(self) -> None:
        """Take it that something was taken back."""
        self._wake.set()

    async def work(self) -> None:
        """Look at the start, and whenever something was heard."""
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.look()
            except StoreError as err:
                _LOGGER.warning("Could not say what was taken back: %s", err)

    async def look(self) -> tuple[Regret, ...]:
        """Note who asked again or undid something; give what is new. Raises StoreError."""
        lost = await self._deleted()
        names = frozenset(name for one in lost for name in one.names)
        asked: dict[str, list[Wish]] = {}
        for name, request in await self._store.requests.of_names(names):
            asked.setdefault(name, []).append(_asked(request))
        wishes = ((one, (w for name in one.names for w in asked.get(name, ()))) for one in lost)
        return await self._note(wishes)

    async def count(self) -> int:
        """Say how many deletions were ever taken back. Raises StoreError."""
        return await self._store.regrets.count()

    # -- what the arrs have again ------------------------------------------------------------------

    async def expect(self) -> None:
        """Begin to look what arrs hold of what we deleted within 30 days. Raises StoreError."""
        by_name: dict[str, list[Lost]] = {}
        since = self._now() - WITHIN
        for one in await self._deleted():
            if one.deleted.at >= since:
                for name in one.names:
                    by_name.setdefault(name, []).append(one)
        # What was met already stays until it is noted: another look may be about to.
        self._lost = {name: tuple(some) for name, some in by_name.items()}

    def waits_for(self, entry: RadarrMovie | SonarrSeries) -> bool:
        """Tell whether a title may be one of which we deleted something."""
        lost = self._lost
        return bool(lost) and not lost.keys().isdisjoint(entry.title.key.names)

    def meet(self, arr: Arr, entry: RadarrMovie | SonarrSeries) -> None:
        """Take it that an arr holds a title."""
        found = (one for name in entry.title.key.names for one in self._lost.get(name, ()))
        if lost := tuple(dict.fromkeys(found)):
            self._arrivals[arr.subentry_id, entry.id] = Arrival(arr, entry, lost)

    async def met(self) -> tuple[Regret, ...]:
        """Note what came back by other hands than ours; give what is new. Raises StoreError."""
        # While it is asked what came, other lists may be read, and tell of more.
        taken = tuple(self._arrivals.items())
        told = [(lost, await self._came(one, lost)) for _, one in taken for lost in one.lost]
        found = await self._note(told)
        for key, one in taken:
            if self._arrivals.get(key) is one:
                del self._arrivals[key]
        return found

    async def _came(self, one: Arrival, lost: Lost) -> list[Wish]:
        """Say what came of a title since we deleted a part of it, and who is behind that."""
        key, wishes = one.entry.title.key, list[Wish]()
        ours = [row for row in await self._store.ledger.for_title(key) if lost.is_ours(row)]
        if ours:
            # A person's wish counts that we carried out; what we fetched for a viewing does not.
            pursued = await self._store.acquisitions.for_title(key)
            asked = (each for each in pursued if each.origin is Origin.PERSON)
            wishes += (Wish(each.created_at, Way.REQUEST, "showrunner") for each in asked)
        if any(row.begun_at >= lost.deleted.begun for row in ours):
            return wishes
        try:
            # What we searched for before it went brings a file, but adds no title again.
            fetched = [] if ours else await _fetched(one, lost)
            return [*wishes, *_added(one.entry), *fetched]
        except ServiceError as err:
            _LOGGER.debug("%s did not tell what it has again: %s", one.arr.title, err)
            return []

    # -- together ----------------------------------------------------------------------------------

    async def _note(self, told: Iterable[tuple[Lost, Iterable[Wish]]]) -> tuple[Regret, ...]:
        found = await asyncio.to_thread(_regrets, told)
        return await self._store.regrets.put(found)

    async def _deleted(self) -> tuple[Lost, ...]:
        rows = await self._store.ledger.deletions(self._now() - _LOOKS_BACK)
        # Beside the event loop: it may be a year's.
        return await asyncio.to_thread(lambda: tuple(lost_in(rows)))


def _regrets(told: Iterable[tuple[Lost, Iterable[Wish]]]) -> list[Regret]:
    found = (regret_of(lost.deleted, wishes) for lost, wishes in told)
    return [one for one in found if one is not None]


def _asked(request: Request) -> Wish:
    seasons = request.seasons
    named = frozenset(seasons.numbers) if isinstance(seasons, TheseSeasons) else None
    source = "" if request.source is None else request.source.source.value
    way = Way.REQUEST if source == RequestSource.SEERR else Way.ADDED
    return Wish(request.requested_at, way, source, named)


def _added(entry: RadarrMovie | SonarrSeries) -> Iterator[Wish]:
    """Say that somebody has added a title; of a series the seasons that are looked for."""
    if entry.added is not None:
        if isinstance(entry, RadarrMovie):
            yield Wish(entry.added, Way.ADDED, "radarr")
        else:
            wanted = frozenset(one.number for one in entry.seasons if one.monitored)
            yield Wish(entry.added, Way.ADDED, "sonarr", wanted)


async def _fetched(one: Arrival, lost: Lost) -> list[Wish]:
    """Say which files came, where we deleted, or where the title was added since."""
    entry, arr = one.entry, one.arr
    added = entry.added is not None and entry.added > lost.deleted.begun
    if lost.service != arr.subentry_id and not added:
        return []  # it has long had a copy of its own
    if isinstance(entry, RadarrMovie):
        at = entry.file_added if entry.has_file else None
        return [] if at is None else [Wish(at, Way.FETCHED, "radarr")]
    season = lost.deleted.season
    if not any(each.files and season in (None, each.number) for each in entry.seasons):
        return []
    if not isinstance(arr, SonarrCoordinator):
        return []
    return [
        Wish(file.added, Way.FETCHED, "sonarr", frozenset({file.season}))
        for file in await _files(arr, entry.id, lost)
        if file.added is not None and file.season is not None
    ]


async def _files(arr: SonarrCoordinator, series: int, lost: Lost) -> list[SonarrFile]:
    """Give the files by which a lost part may be there again: those of the episodes that went.

    Of which that was an older version did not keep: then of a season any, and no other special.
    """
    season, files = lost.deleted.season, await arr.client.files(series)
    if season is None or not lost.spots:
        return [] if season == 0 else [*files]
    told = await arr.client.episodes(series)
    there = {one.file_id for one in told if (one.season, one.number) in lost.spots}
    return [one for one in files if one.id in there]
