"""Which title a person means: by an id, with its kind or without, by a Jellyfin item, or by name.

A number is a movie's and a series' at once; without a kind it is the one that anybody here knows.
A name is enough where exactly one title has it. Where several may be meant nothing is guessed: the
answer names them.
"""

from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from ..clients.arr_titles import Entry
from ..clients.errors import ServiceError
from ..clients.jellyfin import JellyfinClient
from ..clients.jellyfin_library import TITLES
from ..coordinators.radarr import RadarrCoordinator
from ..coordinators.requests import RequestTracker
from ..coordinators.seerr import SeerrCoordinator
from ..coordinators.sonarr import SonarrCoordinator
from ..domain.knowledge import Answer, any_of
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


class KindUnknown(Exception):
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
        seerrs: Mapping[str, SeerrCoordinator],
    ) -> None:
        """Take everything by hand."""
        self._store = store
        self._jellyfin = jellyfin
        self._server_id = server_id
        self._requests = requests
        self._radarrs = radarrs
        self._sonarrs = sonarrs
        self._seerrs = seerrs

    async def find(self, text: str) -> Meant:
        """Say which title is meant.

        Raises TitleUnknown, TitleAmbiguous, KindUnknown, and ServiceError or StoreError.
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

    async def name_of(self, name: str) -> str:
        """Name the title with this id and kind, by what we keep of it. Raises StoreError."""
        ref = TitleRef.parse(name)
        if ref is None or ref.media is None:
            return name
        return (await self._known(Title(ref.media, ref.ids, ""))).title.label or name

    # -- an id -----------------------------------------------------------------------------------

    async def _kind_of(self, ids: ProviderIds) -> MediaType:
        """Say of which kind the only title with this id is."""
        found = await self._store.titles.kinds(ids)
        if not found:
            found = await self._elsewhere(ids)
        if not found:
            raise KindUnknown
        if len(found) > 1:
            both = [await self._known(Title(media, ids, "")) for media in sorted(found)]
            # By the number that was written, with its kind: that is what tells them apart.
            raise TitleAmbiguous(tuple(replace(one.title, ids=ids) for one in both))
        return next(iter(found))

    async def _elsewhere(self, ids: ProviderIds) -> frozenset[MediaType]:
        """Ask those who may hold what our memory does not. Raises ServiceError."""
        movie, series = MediaType.MOVIE, MediaType.SERIES
        asked: list[tuple[MediaType, Awaitable[object]]] = []
        asked += [(movie, one.by_ids(ids)) for one in self._radarrs.values()]
        asked += [(series, one.client.by_ids(ids)) for one in self._sonarrs.values()]
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
        for titled in [_title_of(item) for item in items]:
            title = _filled(title, titled)
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

    # -- whether there is such a title -----------------------------------------------------------

    async def is_known(self, meant: Meant) -> Answer:
        """Tell whether anybody here knows a title; unknown while one who may does not answer.

        What people themselves have said of it is no knowledge of it. Raises StoreError.
        """
        named = meant.item_id is not None or bool(self._requests.about(meant.key))
        if named or await self._store.titles.is_remembered(meant.key):
            return Answer.YES
        answers = [Answer.NO]
        for asked in self._askings(meant):
            try:
                answers.append(Answer.of(await asked))
            except ServiceError:
                answers.append(Answer.UNKNOWN)
            if answers[-1] is Answer.YES:
                break
        return any_of(answers)

    def _askings(self, meant: Meant) -> Iterator[Awaitable[bool]]:
        """Give what is asked of each service, one after the other."""
        if meant.title.media is MediaType.MOVIE:
            yield from (self._in_radarr(one, meant) for one in self._radarrs.values())
        else:
            yield from (self._in_sonarr(one, meant) for one in self._sonarrs.values())
        yield from (self._in_seerr(one, meant) for one in self._seerrs.values())
        yield self._in_jellyfin(meant.title)

    async def _in_radarr(self, radarr: RadarrCoordinator, meant: Meant) -> bool:
        if radarr.client.can_ask(meant.title.ids):
            return await radarr.client.by_ids(meant.title.ids) is not None
        imdb = meant.title.ids.imdb
        if imdb is not None and await radarr.asked_by_imdb(imdb) is not None:
            return True
        found = await radarr.client.movies(partial(_if_meant, meant), 1, whole=True)
        return bool(found)

    async def _in_sonarr(self, sonarr: SonarrCoordinator, meant: Meant) -> bool:
        if sonarr.client.can_ask(meant.title.ids):
            return await sonarr.client.by_ids(meant.title.ids) is not None
        return bool(await sonarr.client.all_series(partial(_if_meant, meant), 1, whole=True))

    async def _in_seerr(self, seerr: SeerrCoordinator, meant: Meant) -> bool:
        newest = await seerr.client.newest()
        names = frozenset(meant.key.names)
        known = (name for one in newest.requests for name in TitleKey(one.media, one.ids).names)
        return not names.isdisjoint(known)

    async def _in_jellyfin(self, title: Title) -> bool:
        if title.media is MediaType.MOVIE:
            return await self._jellyfin.find_movie(title.ids, title.name, None) is not None
        return await self._jellyfin.find_series_folder(title.ids, title.name, None) is not None

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


def _if_meant[EntryT: Entry](meant: Meant, entry: EntryT) -> EntryT | None:
    """Give an arr's entry if it has one of the ids that are meant."""
    return None if frozenset(meant.key.names).isdisjoint(entry.title.key.names) else entry


def _title_of(item: LibraryItem) -> Title:
    """Name an item's movie or series."""
    if item.kind is ItemKind.EPISODE:
        return Title(MediaType.SERIES, item.series_ids, item.series_name or "", item.series_year)
    return Title(MediaType(item.kind.value), item.ids, item.name, item.year)


def _filled(title: Title, other: Title) -> Title:
    """Learn of a title what another source knows, unless an id says that it is another."""
    if other.ids.matches(title.ids) is not Answer.YES:
        return title
    return replace(
        title,
        ids=title.ids.merged(other.ids),
        name=title.name or other.name,
        year=title.year or other.year,
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
