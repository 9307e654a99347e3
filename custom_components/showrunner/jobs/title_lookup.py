"""Which title a person means: by an id, with its kind or without, by a Jellyfin item, or by name.

A number is a movie's and a series' at once; without a kind it is the one that anybody here knows.
A name is enough where exactly one title has it. Where several may be meant nothing is guessed: the
answer names them.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ..clients.errors import ServiceError
from ..clients.jellyfin import JellyfinClient
from ..clients.jellyfin_library import TITLES
from ..coordinators.radarr import RadarrCoordinator
from ..coordinators.requests import RequestTracker
from ..coordinators.sonarr import SonarrCoordinator
from ..domain.knowledge import Answer
from ..domain.library import ItemKind, LibraryItem
from ..domain.media import MediaType, ProviderIds, Title, TitleKey, TitleRef
from ..domain.rarity import plain
from ..store import Store

_HITS: Final = 100
_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Meant:
    """A title that was named. `key` also has the ids that it had before; `item_id` Jellyfin's."""

    title: Title
    key: TitleKey
    item_id: str | None = None


class TitleUnknown(Exception):
    """Nobody here knows such a title."""


class TitleAmbiguous(Exception):
    """Several titles may be meant; `candidates` names them so that one can be chosen."""

    def __init__(self, candidates: tuple[Title, ...]) -> None:
        """Take them."""
        super().__init__()
        self.candidates = candidates[:_SHOWN]


class KindNotTold(Exception):
    """Nobody here knows the number, so that it can't be told whether it is a movie's."""


class TitleLookup:
    """Asks our own memory, the requests, the arrs and Jellyfin."""

    def __init__(
        self,
        store: Store,
        jellyfin: JellyfinClient,
        server_id: str,
        requests: RequestTracker,
        radarrs: Mapping[str, RadarrCoordinator],
        sonarrs: Mapping[str, SonarrCoordinator],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._jellyfin = jellyfin
        self._server_id = server_id
        self._requests = requests
        self._radarrs = radarrs
        self._sonarrs = sonarrs

    async def find(self, text: str) -> Meant:
        """Say which title is meant.

        Raises TitleUnknown, TitleAmbiguous, KindNotTold, and ServiceError or StoreError.
        """
        ref = TitleRef.parse(text)
        if ref is None:
            raise TitleUnknown(text)
        if ref.item_id is not None:
            return await self._of_item(ref.item_id)
        if ref.name:
            return await self._named(ref.name)
        media = ref.media or await self._kind_of(ref.ids)
        return await self._known(Title(media, ref.ids, ""))

    # -- an id -----------------------------------------------------------------------------------

    async def _kind_of(self, ids: ProviderIds) -> MediaType:
        """Say of which kind the only title with this id is."""
        found = await self._store.titles.kinds(ids)
        if not found:
            found = await self._elsewhere(ids)
        if not found:
            raise KindNotTold
        if len(found) > 1:
            both = [await self._known(Title(media, ids, "")) for media in sorted(found)]
            # By the number that was written, with its kind: that is what tells them apart.
            raise TitleAmbiguous(tuple(replace(one.title, ids=ids) for one in both))
        return next(iter(found))

    async def _elsewhere(self, ids: ProviderIds) -> frozenset[MediaType]:
        """Ask those who may hold what our memory does not. Raises ServiceError."""
        movie, series = MediaType.MOVIE, MediaType.SERIES
        asked: list[tuple[MediaType, Awaitable[object]]] = []
        if ids.tmdb is not None:
            asked += [(movie, one.client.movie_by_tmdb(ids.tmdb)) for one in self._radarrs.values()]
        if ids.imdb is not None:
            asked += [(movie, one.movie_by_imdb(ids.imdb)) for one in self._radarrs.values()]
        if ids.tvdb is not None:
            asked += [
                (series, one.client.series_by_tvdb(ids.tvdb)) for one in self._sonarrs.values()
            ]
        found = {kind for kind, question in asked if await question is not None}
        if not (await self._store.library.state()).known:
            # Until it was read once, only Jellyfin can tell.
            if await self._jellyfin.find_movie(ids, "", None) is not None:
                found.add(movie)
            if await self._jellyfin.find_series_folder(ids, "", None) is not None:
                found.add(series)
        return frozenset(found)

    async def _known(self, title: Title) -> Meant:
        """Learn a title's other ids and its name from what we keep."""
        items = await self._store.library.by_keys(title.key.names)
        for told in [_title_of(item) for item in items]:
            title = _filled(title, told)
        for view in self._requests.about(title.key):
            title = _filled(title, view.request.title)
        if not items and title.ids:
            # It may have been here once.
            for viewing in await self._store.viewings.history(title=title.key, limit=1):
                title = _filled(title, viewing.unit.title)
            for pursuit in await self._store.acquisitions.for_title(title.key):
                title = _filled(title, pursuit.title)
        key = await self._store.titles.together(title.key)
        return Meant(title, key, items[0].item_id if items else None)

    # -- an item ---------------------------------------------------------------------------------

    async def _of_item(self, item_id: str) -> Meant:
        try:
            item = await self._jellyfin.item(item_id, None)
        except ServiceError:
            if (kept := await self._kept(item_id)) is None:
                raise
            return kept
        if item is None:
            if (kept := await self._kept(item_id)) is None:
                raise TitleUnknown(item_id)
            return kept
        return replace(await self._known(item.unit.title), item_id=item_id)

    async def _kept(self, item_id: str) -> Meant | None:
        """Find the title of an item that is gone, or that Jellyfin does not tell of now."""
        item = await self._store.library.find(item_id, self._server_id)
        if item is not None:
            return replace(await self._known(_title_of(item)), item_id=item_id)
        viewings = await self._store.viewings.history(item_id=item_id, limit=1)
        if not viewings:
            return None
        return replace(await self._known(viewings[0].unit.title), item_id=item_id)

    # -- a name ----------------------------------------------------------------------------------

    async def _named(self, name: str) -> Meant:
        """Find the only title of a name; its year may be behind it."""
        library = self._jellyfin.library
        hits = await library.named(self._server_id, TITLES, _without_year(name), _HITS)
        titles = [_title_of(item) for item in hits]
        titles += [view.request.title for view in self._requests.views.values()]
        wanted = plain(name)
        same = _distinct([one for one in titles if wanted in (plain(one.name), plain(one.label))])
        if not same:
            near = [one for one in titles if f" {wanted} " in f" {plain(one.label)} "]
            if near:
                raise TitleAmbiguous(_distinct(near))
            raise TitleUnknown(name)
        if len(same) > 1:
            raise TitleAmbiguous(same)
        items = [item.item_id for item in hits if _is_same(_title_of(item), same[0])]
        known = await self._known(same[0])
        return replace(known, item_id=items[0] if items else known.item_id)


def _title_of(item: LibraryItem) -> Title:
    """Name an item's movie or series."""
    if item.kind is ItemKind.EPISODE:
        return Title(MediaType.SERIES, item.series_ids, item.series_name or "", item.series_year)
    return Title(MediaType(item.kind.value), item.ids, item.name, item.year)


def _filled(title: Title, told: Title) -> Title:
    """Learn of a title what another source knows, unless an id says that it is another."""
    if told.ids.matches(title.ids) is not Answer.YES:
        return title
    return replace(
        title,
        ids=title.ids.merged(told.ids),
        name=title.name or told.name,
        year=title.year or told.year,
    )


def _is_same(one: Title, other: Title) -> bool:
    return one.media is other.media and (one == other or one.ids.matches(other.ids) is Answer.YES)


def _distinct(titles: list[Title]) -> tuple[Title, ...]:
    """Take versions of one title, and what several services say of it, as one."""
    found: list[Title] = []
    for title in titles:
        known = next((n for n, one in enumerate(found) if _is_same(one, title)), None)
        if known is None:
            found.append(title)
        else:
            found[known] = replace(found[known], ids=found[known].ids.merged(title.ids))
    return tuple(found)


def _without_year(name: str) -> str:
    """Give what to search for: Jellyfin's names have no year."""
    head, _, tail = name.rstrip().rpartition("(")
    return head.strip() if head.strip() and tail.rstrip(")").isdigit() else name
