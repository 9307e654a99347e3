"""Looks for units of requests in Jellyfin: which items may be which unit, and whether they are.

The library as it was read last is asked first, by the names of many units at once; then Jellyfin,
by name. What may be a unit is asked for once more by its id: is it there, and how wide?
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from homeassistant.util import dt as dt_util

from ..clients.jellyfin_library import EVERYTHING, MOST_IDS, SERIES
from ..domain.knowledge import Answer, Knowledge, Known
from ..domain.library import ItemKind, LibraryItem
from ..domain.media import Place, same_year
from ..domain.paths import PathMap
from ..domain.requests.request import Request
from ..domain.requests.showing import (
    Wanted,
    item_names,
    keys_of,
    may_be,
    names_of,
    shows,
    was_swept,
)
from ..store import Store
from .cooperative_yield import CooperativeYield
from .server import Server

_HITS: Final = 50
_EPISODES: Final = 1000

type Mark = tuple[str, Place]


def mark_of(one: Wanted) -> Mark:
    """Name a unit of a request."""
    return (one.request.id, one.place)


@dataclass(slots=True)
class Round:
    """One look: the units that are looked for, and the items that may be one, by their ids."""

    at: datetime
    wanted: dict[Mark, Wanted] = field(default_factory=dict)
    index: dict[str, list[Wanted]] = field(default_factory=dict)
    series: dict[str, LibraryItem | None] = field(default_factory=dict)
    hits: dict[str, list[Wanted]] = field(default_factory=dict)

    @property
    def requests(self) -> frozenset[str]:
        """The requests of which units are looked for."""
        return frozenset(request_id for request_id, _ in self.wanted)

    @property
    def hit(self) -> frozenset[Mark]:
        """The units that some item may be."""
        return frozenset(mark_of(one) for ones in self.hits.values() for one in ones)


class JellyfinSearch:
    """Asks one Jellyfin. `path_map`: how an arr's (subentry) paths are named there.

    Every method raises ServiceError, StoreError.
    """

    def __init__(
        self,
        server: Server,
        store: Store,
        *,
        lookup: Callable[[Sequence[str]], Awaitable[Mapping[str, Knowledge[LibraryItem]]]],
        path_map: Callable[[str], PathMap],
    ) -> None:
        """Take everything by hand; nothing is asked yet."""
        self._server = server
        self._client = server.library
        self._server_id = server.server_id
        self._store = store
        self._lookup = lookup
        self._path_map = path_map

    def paths(self, request: Request) -> PathMap:
        """Say how the paths of a request's arr are named in Jellyfin."""
        return PathMap() if request.arr is None else self._path_map(request.arr[0])

    def seek(self, turn: Round, units: Iterable[Wanted]) -> None:
        """Look for units in this round, too."""
        for one in units:
            if mark_of(one) in turn.wanted:
                continue
            turn.wanted[mark_of(one)] = one
            for key in names_of(one, self.paths(one.request)):
                turn.index.setdefault(key, []).append(one)

    # -- items -----------------------------------------------------------------------------------

    async def told(self, turn: Round, items: Iterable[LibraryItem]) -> list[LibraryItem]:
        """Have episodes tell of their series what they do not tell themselves."""
        items = tuple(items)
        unknown = {
            item.series_item_id
            for item in items
            if item.series_item_id is not None and not item.series_ids
        }
        if missing := tuple(unknown - turn.series.keys()):
            for series_id, found in (await self._lookup(missing)).items():
                turn.series[series_id] = found.value if isinstance(found, Known) else None
        return [_with_series(one, turn.series.get(one.series_item_id or "")) for one in items]

    async def match(self, turn: Round, items: Sequence[LibraryItem]) -> None:
        """Note which items may be which units."""
        if any(not one.request.is_movie for one in turn.wanted.values()):
            items = await self.told(turn, items)
        pause = CooperativeYield()
        for item in items:
            ids = item.series_ids
            hits = {mark_of(one): one for one in turn.hits.get(item.item_id, ())}
            for key in item_names(item, ids):
                for one in turn.index.get(key, ()):
                    if may_be(one, item, ids, self.paths(one.request)):
                        hits[mark_of(one)] = one
            if hits:
                turn.hits[item.item_id] = list(hits.values())
            await pause()

    async def verify(self, turn: Round) -> list[Wanted]:
        """Ask once more for what may be wanted, with all its files: is it there, and how wide?"""
        found: dict[Mark, Wanted] = {}
        ids = sorted(turn.hits)
        for begin in range(0, len(ids), MOST_IDS):
            for shown in await self._client.shown(self._server_id, ids[begin : begin + MOST_IDS]):
                for one in turn.hits.get(shown.item.item_id, ()):
                    if shows(one, shown, self.paths(one.request)):
                        found[mark_of(one)] = one
        return list(found.values())

    # -- where they come from --------------------------------------------------------------------

    async def newest(self, most: int) -> Sequence[LibraryItem]:
        """Give what was added to Jellyfin last."""
        return await self._client.newest(self._server_id, most)

    async def in_library(self, units: Sequence[Wanted]) -> list[LibraryItem]:
        """Give what the library has under the names of any of these units, asked for at once."""
        if not units:
            return []
        found = await self._store.library.by_keys_of(keys_of(one) for one in units)
        items = {(item.server_id, item.item_id): item for some in found for item in some}
        return list(items.values())

    async def in_last_sweep(self, units: Iterable[Wanted], read_at: datetime) -> list[Wanted]:
        """Give the units whose very files the last sweep has met; it began then."""
        imported = [one for one in units if one.path and one.imported_at is not None]
        found = await self._store.library.by_keys_of((keys_of(o) for o in imported), met=True)
        there, pause = list[Wanted](), CooperativeYield()
        for one, items in zip(imported, found, strict=True):
            paths = self.paths(one.request)
            if any(
                may_be(one, item, item.series_ids, paths) and was_swept(one, item, read_at, paths)
                for item in items
            ):
                there.append(one)
            await pause()
        return there

    async def directly(self, some: Sequence[Wanted]) -> Sequence[LibraryItem]:
        """Look for one request's units: in the library as it was read, else by name and ids."""
        found = await self._from_library(some)
        if found and (some[0].request.is_movie or len(found) >= len(some)):
            return found
        return [*found, *await self._by_name(some[0].request)]

    async def _from_library(self, some: Sequence[Wanted]) -> list[LibraryItem]:
        request, found = some[0].request, await self.in_library(some)
        for one in some if request.anime else ():
            for path in one.paths(self.paths(request)):
                found += await self._store.library.by_path(path)
        return found

    async def _by_name(self, request: Request) -> Sequence[LibraryItem]:
        library, found = self._store.library, list[LibraryItem]()
        if request.is_movie:
            named = await self._client.named(self._server_id, EVERYTHING, request.title.name, _HITS)
            return [item for item in named if item.kind is not ItemKind.SERIES]
        series = [
            item
            for item in (
                *await library.by_keys(f"series:{key}" for key in request.ids.keys),
                *await self._client.named(self._server_id, SERIES, request.title.name, _HITS),
            )
            if item.kind is ItemKind.SERIES
            and item.ids.matches(request.ids) is Answer.YES
            and same_year(item.year, request.title.year) is not Answer.NO
        ]
        for item_id in dict.fromkeys(item.item_id for item in series):
            found += await self._client.episodes(self._server_id, item_id, _EPISODES)
        return found

    # -- one request -----------------------------------------------------------------------------

    async def present(self, request: Request, units: Sequence[Wanted]) -> frozenset[Place]:
        """Say which of a request's units Jellyfin shows at this moment.

        In whatever quality and under whatever id: that there is none is not said lightly.
        """
        anyhow = replace(request, is_4k=False)
        rest = [replace(one, request=anyhow) for one in units]
        found: set[Place] = set()
        for look in (self._from_library, lambda some: self._by_name(some[0].request)):
            turn = Round(dt_util.utcnow())
            self.seek(turn, rest)
            await self.match(turn, await look(rest))
            found |= {one.place for one in await self.verify(turn)}
            rest = [one for one in rest if one.place not in found]
            if not rest:
                return frozenset(found)
        if request.is_movie and await self.has_movie(request):
            found.add(Place())
        return frozenset(found)

    async def has_movie(self, request: Request) -> bool:
        """Ask for a movie by its ids and name."""
        return await self._server.has_movie(request.ids, request.title.name)


def _with_series(item: LibraryItem, series: LibraryItem | None) -> LibraryItem:
    """Have an episode tell of its series what it does not tell itself."""
    if series is None or item.series_ids:
        return item
    return replace(item, series_ids=series.ids, series_year=series.year)
