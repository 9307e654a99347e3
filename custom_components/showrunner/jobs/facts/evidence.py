"""What Jellyfin says of a title that is to be deleted, asked fresh: items, favourites, playing.

Our own library only tells which items to ask for; where they lie, and whose they are, Jellyfin
says in that moment. Every method raises a ServiceError or StoreError instead of half an answer.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import batched
from typing import Final

from ...clients.errors import ServiceError, Unreadable
from ...clients.jellyfin import JellyfinClient, LibraryFolder
from ...clients.jellyfin_library import MOST_IDS, PLAYABLE, SERIES, Page, Query
from ...clients.moment import note, noted
from ...coordinators.falls import LIBRARY, VIEWER
from ...coordinators.library_sweep import Listing
from ...domain.deletion.facts import Evidence, Favorites
from ...domain.knowledge import Answer
from ...domain.library import ItemKind, LibraryItem, UserRow
from ...domain.media import MOVIE, MediaType, Place, ProviderIds, Title, Unit
from ...domain.requests.showing import Shown
from ...domain.sweep_pages import Progress
from ...domain.text import say
from ...store import Store

# Nobody has marked more than a hundred thousand, nor has a series more episodes.
_MOST_PAGES: Final = 100
_MOST_EPISODES: Final = 10_000
_HITS: Final = 50
_MOST_IN_A_FILE: Final = 50
_MARKS: Final[Query] = {
    "includeItemTypes": "Movie,Series,Season,Episode",
    "isFavorite": "true",
}

type Wants = Callable[[int], bool]


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

    async def libraries(self) -> tuple[LibraryFolder, ...]:
        """List Jellyfin's libraries, and where they lie."""
        return await self._client.library_folders()

    # -- items -------------------------------------------------------------------------------------

    async def items(
        self, title: Title, wants: Wants, here: Collection[str]
    ) -> tuple[Evidence, ...]:
        """Find what Jellyfin has of a title, and what lies at these paths (in its own names).

        `wants` says of which seasons.
        """
        at_path = [
            item.item_id for path in here for item in await self._store.library.by_path(path)
        ]
        if title.media is MediaType.MOVIE:
            numbers = [*await self._movies(title), *at_path]
        else:
            numbers = [*await self._episodes(title, wants), *at_path]
        shown = await self._shown(tuple(dict.fromkeys(numbers)))
        kept = await self._store.library.find_many(
            [one.item.item_id for one in shown], self._server_id
        )
        series = await self._series_of(
            {one.item.series_item_id for one in shown if one.item.series_item_id}
        )
        return tuple(
            _evidence(one, series, kept) for one in shown if one.item.kind is not ItemKind.SERIES
        )

    async def with_versions(self, remembered: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """Ask for all files of items of which we remember one; what is gone stays as it was."""
        shown = await self._shown(tuple(dict.fromkeys(one.item_id for one in remembered)))
        paths = {one.item.item_id: tuple(file.path for file in one.files) for one in shown}
        return tuple(
            replace(one, paths=tuple(dict.fromkeys((*paths.get(one.item_id, ()), *one.paths))))
            for one in remembered
        )

    async def _movies(self, title: Title) -> list[str]:
        keys = [f"movie:{key}" for key in title.ids.keys]
        found = [item.item_id for item in await self._store.library.by_keys(keys)]
        if not found:
            item = await self._client.find_movie(title.ids, title.name, None)
            found = [] if item is None else [item.unit.item_id]
        return found

    async def _series(self, title: Title) -> list[str]:
        keys = [f"series:{key}" for key in title.ids.keys]
        found = [item.item_id for item in await self._store.library.by_keys(keys)]
        if not found and title.name:
            named = await self._client.library.named(self._server_id, SERIES, title.name, _HITS)
            found = [one.item_id for one in named if one.ids.matches(title.ids) is Answer.YES]
        return found

    async def _episodes(self, title: Title, wants: Wants) -> list[str]:
        found: list[str] = []
        for series_id in await self._series(title):
            episodes = await self._client.library.episodes(
                self._server_id, series_id, _MOST_EPISODES
            )
            found += [one.item_id for one in episodes if one.season is None or wants(one.season)]
        return found

    async def _shown(self, ids: Sequence[str]) -> list[Shown]:
        shown: list[Shown] = []
        for some in batched(ids, MOST_IDS, strict=False):
            shown += await self._client.library.shown(self._server_id, some)
        return shown

    async def _series_of(self, series: Iterable[str]) -> dict[str, LibraryItem]:
        found: dict[str, LibraryItem] = {}
        for some in batched(sorted(series), MOST_IDS, strict=False):
            items = await self._client.library.by_ids(self._server_id, some)
            found |= {one.item_id: one for one in items}
        return found

    # -- whose favourites, what plays --------------------------------------------------------------

    async def favorites(self, title: Title, evidence: Sequence[Evidence]) -> tuple[Favorites, ...]:
        """Say what tracked viewers have marked; one whom Jellyfin no longer knows marks nothing."""
        users = await self.users()
        series = {one.series_item_id for one in evidence if one.series_item_id}
        known = {one.item_id for one in evidence}
        bare: set[str] = set()
        if title.media is not MediaType.MOVIE:
            # Of a series may be nothing left but itself: that may be marked, too.
            bare = set(await self._series(title)) - series
            series |= bare
            known |= set(await self._other_episodes(series))
        found = []
        for user_id, name in self._viewers().items():
            if user_id not in users:
                continue
            marks = await self._marks(user_id, {})
            # A mark on a season, or on anything of the series that is no episode, is on them all.
            within = {m for one in series for m in await self._marks(user_id, {"parentId": one})}
            loved = bool(within - known - series or marks & bare)
            found.append(Favorites(name, marks, loved, user_id))
        return tuple(found)

    async def users(self) -> frozenset[str]:
        """Name all users by their ids."""
        users = frozenset(user.id for user in await self._client.users(whole=True))
        if not users:
            # There is always one: who is not named may be there all the same.
            raise Unreadable("Jellyfin", say("error_names_no_users"))
        return users

    async def _other_episodes(self, series: Iterable[str]) -> list[str]:
        """Name the episodes of all seasons: a mark on one that was not asked for is its own."""
        found: list[str] = []
        for one in series:
            episodes = await self._client.library.episodes(self._server_id, one, _MOST_EPISODES)
            found += [item.item_id for item in episodes]
        return found

    async def _marks(self, user_id: str, within: Query) -> frozenset[str]:
        met, _ = await self._listed(user_id, {**_MARKS, **within})
        return met

    async def kept(
        self, viewer_id: str, title: Title, evidence: Sequence[Evidence]
    ) -> Mapping[str, UserRow]:
        """Say what Jellyfin keeps of a viewer and of what it has of a title, by item."""
        found: dict[str, UserRow] = {}
        rows = [noted(self._row_of(viewer_id, one.item_id)) for one in evidence]
        if rows and all(one is not None for one in rows):
            return {one.item_id: one for one in rows}
        if title.media is MediaType.MOVIE:
            ids = dict.fromkeys(one.item_id for one in evidence)
            for some in batched(ids, MOST_IDS, strict=False):
                found |= await self._rows(viewer_id, {**PLAYABLE, "ids": ",".join(some)})
        else:
            for series in sorted({one.series_item_id for one in evidence if one.series_item_id}):
                within = {"includeItemTypes": "Episode", "parentId": series}
                found |= await self._rows(viewer_id, within)
        return found

    async def ask_ahead(self, viewers: Iterable[str], ids: Iterable[str]) -> None:
        """Ask what is kept of viewers and of many items, before each of them is asked for.

        It stands as long as a moment's other answers. Of what is not told here, as of whom Jellyfin
        no longer knows, everybody asks by themselves.
        """
        wanted = tuple(dict.fromkeys(ids))
        for viewer_id in viewers:
            for some in batched(wanted, MOST_IDS, strict=False):
                try:
                    rows = await self._rows(viewer_id, {**PLAYABLE, "ids": ",".join(some)})
                except ServiceError:
                    break
                for item_id, row in rows.items():
                    note(self._row_of(viewer_id, item_id), row)

    def _row_of(self, viewer_id: str, item_id: str) -> Hashable:
        """Name the question what is kept of a viewer and an item."""
        return self, viewer_id, item_id

    async def _rows(self, viewer_id: str, what: Query) -> Mapping[str, UserRow]:
        met, found = await self._listed(viewer_id, what)
        if met - found.keys():
            # What can't be read is not untouched.
            said = say("viewings_not_all", told=len(met), named=len(found))
            raise Unreadable("Jellyfin", said)
        return found

    async def _listed(
        self, user_id: str, what: Query
    ) -> tuple[frozenset[str], Mapping[str, UserRow]]:
        """Read a list to its end, proven whole: name its items, and give what could be read.

        Raises ServiceError.
        """

        async def ask(progress: Progress) -> Page[UserRow]:
            return await self._client.library.of_user(
                user_id, what, progress.start, progress.limit, count=progress.wants_total
            )

        listing, met = Listing(ask, _MOST_PAGES), set[str]()
        found: dict[str, UserRow] = {}
        async for page in listing.pages():
            met.update(page.ids)
            found |= {one.item_id: one for one in page.rows}
        if listing.total is not None:
            raise Unreadable("Jellyfin", say("half_met", met=len(met), total=listing.total))
        listing.check(len(met))
        return frozenset(met), found

    async def playing(self) -> tuple[Unit, ...]:
        """Say what plays, paused or not, with the series' ids of episodes."""
        units = await self._client.playing()
        series = await self._series_of(
            {one.series_item_id for one in units if one.series_item_id is not None}
        )
        return tuple(
            replace(
                one, series_ids=one.series_ids.merged(_ids_of(series.get(one.series_item_id or "")))
            )
            for one in units
        )


def _ids_of(item: LibraryItem | None) -> ProviderIds:
    return ProviderIds() if item is None else item.ids


def _evidence(
    shown: Shown, series: Mapping[str, LibraryItem], kept: Mapping[str, LibraryItem]
) -> Evidence:
    item = shown.item
    seen_at = kept[item.item_id].seen_at if item.item_id in kept else None
    ordered = dict.fromkeys((*(file.path for file in shown.files), item.path or ""))
    paths = tuple(path for path in ordered if path)
    if item.kind is ItemKind.MOVIE:
        movie = frozenset({MOVIE})
        return Evidence(
            item.item_id,
            item.ids,
            movie,
            paths,
            year=item.year,
            created=item.created,
            seen_at=seen_at,
            rating=item.rating,
        )
    of = series.get(item.series_item_id or "")
    return Evidence(
        item.item_id,
        _ids_of(of),
        _places(item),
        paths,
        item.series_item_id,
        year=None if of is None else of.year,
        created=item.created,
        seen_at=seen_at,
        rating=None if of is None else of.rating,
    )


def of_item(item: LibraryItem, rating: float | None = None) -> Evidence:
    """Say the same of what was remembered, of which only one place is known.

    `rating` is that of an episode's series.
    """
    is_movie = item.kind is ItemKind.MOVIE
    return Evidence(
        item.item_id,
        item.ids if is_movie else item.series_ids,
        frozenset({MOVIE}) if is_movie else _places(item),
        () if item.path is None else (item.path,),
        item.series_item_id,
        item.year if is_movie else item.series_year,
        item.created,
        item.seen_at,
        item.rating if is_movie else rating,
    )


def _places(item: LibraryItem) -> frozenset[Place]:
    """Say which episodes an item is; none when its numbers are not told, or make no sense."""
    if item.season is None or item.episode is None:
        return frozenset()
    last = item.episode if item.episode_end is None else item.episode_end
    if not item.episode <= last <= item.episode + _MOST_IN_A_FILE:
        return frozenset()
    return frozenset(Place(item.season, number) for number in range(item.episode, last + 1))
