"""What Jellyfin says of a title that is to be deleted, asked fresh: items, favourites, playing.

Our own library only tells which items to ask for; where they lie, and whose they are, Jellyfin
says in that moment. Every method raises a ServiceError or StoreError instead of half an answer.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import batched
from typing import Final

from ...clients.errors import Unreadable
from ...clients.jellyfin import JellyfinClient
from ...clients.jellyfin_library import MOST_IDS, SERIES, Query
from ...coordinators.falls import LIBRARY, VIEWER
from ...domain.knowledge import Answer
from ...domain.library import ItemKind, LibraryItem
from ...domain.media import ProviderIds, Unit, UnitKind
from ...domain.requests.facts import MOVIE, Place
from ...domain.requests.holdings import Evidence, Favorites
from ...domain.requests.request import Request
from ...domain.requests.showing import Shown
from ...domain.text import say
from ...store import Store

_PAGE: Final = 1000
_MOST_EPISODES: Final = 10_000
_HITS: Final = 50
_MOST_IN_A_FILE: Final = 50
_MARKS: Final[Query] = {
    "includeItemTypes": "Movie,Series,Season,Episode",
    "isFavorite": "true",
}


class JellyfinEvidence:
    """Asks one Jellyfin. `viewers` gives the tracked users' names by their ids."""

    def __init__(
        self,
        client: JellyfinClient,
        store: Store,
        server_id: str,
        viewers: Callable[[], Mapping[str, str]],
    ) -> None:
        """Take everything by hand."""
        self._client = client
        self._store = store
        self._server_id = server_id
        self._viewers = viewers

    @property
    def sources(self) -> tuple[str, ...]:
        """Name what the answers stand on that can suddenly fall: the library, viewers' marks."""
        return (LIBRARY, *(VIEWER + one for one in self._viewers()))

    # -- items -------------------------------------------------------------------------------------

    async def items(self, request: Request, here: Collection[str]) -> tuple[Evidence, ...]:
        """Find what Jellyfin has of a title, and what lies at these paths (in its own names)."""
        at_path = [
            item.item_id for path in here for item in await self._store.library.by_path(path)
        ]
        if request.is_movie:
            numbers = [*await self._movies(request), *at_path]
        else:
            numbers = [*await self._episodes(request), *at_path]
        shown = await self._shown(tuple(dict.fromkeys(numbers)))
        series = await self._series_of(
            {one.item.series_item_id for one in shown if one.item.series_item_id}
        )
        return tuple(
            _evidence(one, series) for one in shown if one.item.kind is not ItemKind.SERIES
        )

    async def _movies(self, request: Request) -> list[str]:
        keys = [f"movie:{key}" for key in request.ids.keys]
        found = [item.item_id for item in await self._store.library.by_keys(keys)]
        if not found:
            item = await self._client.find_movie(request.ids, request.title.name, None)
            found = [] if item is None else [item.unit.item_id]
        return found

    async def _series(self, request: Request) -> list[str]:
        keys = [f"series:{key}" for key in request.ids.keys]
        found = [item.item_id for item in await self._store.library.by_keys(keys)]
        if not found and request.title.name:
            named = await self._client.library.named(
                self._server_id, SERIES, request.title.name, _HITS
            )
            found = [one.item_id for one in named if one.ids.matches(request.ids) is Answer.YES]
        return found

    async def _episodes(self, request: Request) -> list[str]:
        found: list[str] = []
        for series_id in await self._series(request):
            told = await self._client.library.episodes(self._server_id, series_id, _MOST_EPISODES)
            found += [
                one.item_id for one in told if one.season is None or request.wants(one.season)
            ]
        return found

    async def _shown(self, ids: Sequence[str]) -> list[Shown]:
        shown: list[Shown] = []
        for some in batched(ids, MOST_IDS, strict=False):
            shown += await self._client.library.shown(self._server_id, some)
        return shown

    async def _series_of(self, series: Iterable[str]) -> dict[str, LibraryItem]:
        found: dict[str, LibraryItem] = {}
        for some in batched(sorted(series), MOST_IDS, strict=False):
            told = await self._client.library.by_ids(self._server_id, some)
            found |= {one.item_id: one for one in told}
        return found

    # -- whose favourites, what plays --------------------------------------------------------------

    async def favorites(
        self, request: Request, evidence: Sequence[Evidence]
    ) -> tuple[Favorites, ...]:
        """Say what tracked viewers have marked; one whom Jellyfin no longer knows marks nothing."""
        users = {user.id for user in await self._client.users()}
        if not users:
            # There is always one: who is not named may love it all the same.
            raise Unreadable("Jellyfin", say("error_names_no_users"))
        series = {one.series_item_id for one in evidence if one.series_item_id}
        known = {one.item_id for one in evidence}
        if not request.is_movie:
            known |= set(await self._other_episodes(series))
        found = []
        for user_id, name in self._viewers().items():
            if user_id not in users:
                continue
            marks = await self._marks(user_id, {})
            # A mark on a season, or on anything of the series that is no episode, is on them all.
            within = {m for one in series for m in await self._marks(user_id, {"parentId": one})}
            found.append(Favorites(name, marks, within=bool(within - known - series)))
        return tuple(found)

    async def _other_episodes(self, series: Iterable[str]) -> list[str]:
        """Name the episodes of all seasons: a mark on one that was not asked for is its own."""
        found: list[str] = []
        for one in series:
            told = await self._client.library.episodes(self._server_id, one, _MOST_EPISODES)
            found += [item.item_id for item in told]
        return found

    async def _marks(self, user_id: str, within: Query) -> frozenset[str]:
        found: set[str] = set()
        start, total = 0, 1
        while start < total:
            page = await self._client.library.of_user(
                user_id, {**_MARKS, **within}, start, _PAGE, count=True
            )
            total, start = page.total or 0, start + len(page.ids)
            found.update(page.ids)
            if not page.ids and start < total:
                raise Unreadable("Jellyfin", say("favorites_not_all", told=total, named=start))
        return frozenset(found)

    async def playing(self, now: datetime) -> tuple[Unit, ...]:
        """Say what plays, paused or not, with the series' ids of episodes."""
        told = await self._client.sessions(now)
        units = [report.unit for report in told.reports]
        series = await self._series_of(
            {one.series_item_id for one in units if one.series_item_id is not None}
        )
        named = [
            replace(
                one, series_ids=one.series_ids.merged(_ids_of(series.get(one.series_item_id or "")))
            )
            for one in units
        ]
        # A session whose user is not told plays all the same.
        known = {one.item_id for one in named}
        return (
            *named,
            *(
                Unit(UnitKind.MOVIE, stream.title, self._server_id, stream.item_id)
                for stream in told.streams
                if stream.item_id not in known
            ),
        )


def _ids_of(item: LibraryItem | None) -> ProviderIds:
    return ProviderIds() if item is None else item.ids


def _evidence(shown: Shown, series: Mapping[str, LibraryItem]) -> Evidence:
    item = shown.item
    told = dict.fromkeys((*(file.path for file in shown.files), item.path or ""))
    paths = tuple(path for path in told if path)
    if item.kind is ItemKind.MOVIE:
        return Evidence(item.item_id, item.ids, frozenset({MOVIE}), paths, year=item.year)
    of = series.get(item.series_item_id or "")
    return Evidence(
        item.item_id,
        _ids_of(of),
        _places(item),
        paths,
        item.series_item_id,
        year=None if of is None else of.year,
    )


def _places(item: LibraryItem) -> frozenset[Place]:
    """Say which episodes an item is; none when its numbers are not told, or make no sense."""
    if item.season is None or item.episode is None:
        return frozenset()
    last = item.episode if item.episode_end is None else item.episode_end
    if not item.episode <= last <= item.episode + _MOST_IN_A_FILE:
        return frozenset()
    return frozenset(Place(item.season, number) for number in range(item.episode, last + 1))
