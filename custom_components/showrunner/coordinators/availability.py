"""Whether Jellyfin shows what was asked for, so that it can be played.

One look at the newest items serves all waiting requests; a few that stay unseen are looked for by
themselves. Both only ever find. That something is gone is said by whole, healthy sweeps of the
library alone, or by a listing of everything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError
from ..clients.jellyfin_library import EVERYTHING, MOST_IDS, SERIES
from ..domain.knowledge import Answer, Knowledge, Known
from ..domain.library import ItemKind, LibraryItem
from ..domain.media import Place, same_year
from ..domain.paths import PathMap
from ..domain.requests.facts import JellyfinPresence
from ..domain.requests.report import About, Report
from ..domain.requests.request import Request, RequestState, Stage
from ..domain.requests.showing import (
    Wanted,
    item_names,
    keys_of,
    may_be,
    names_of,
    place_keys,
    seen,
    shows,
    wanted,
)
from ..store import Store, StoreError
from ..unexpected import log_unexpected
from ..waking import woken
from .cooperative_yield import CooperativeYield
from .requests import RequestTracker, RequestView
from .server import Server

_LOGGER = logging.getLogger(__name__)

IMPORTED: Final = timedelta(seconds=30)
WAITING: Final = timedelta(minutes=5)
# Several things that come at once are one look.
COLLECT: Final = 1.0
NEWEST: Final = 200
# Looks for a single title: how many in a round, and how often for one that stays away.
AT_ONCE: Final = 5
AGAIN_IMPORTED: Final = timedelta(minutes=2)
AGAIN: Final = timedelta(hours=1)
# How long Jellyfin may take to notice a new file by itself.
NOTICES: Final = timedelta(minutes=2)
# How long a sighting waits for the import before it, which a webhook has hinted at.
PATIENCE: Final = timedelta(seconds=10)
_HITS: Final = 50
_EPISODES: Final = 1000
_NOT_SEEN: Final = frozenset({Stage.NOT_MATCHED, Stage.NOT_VISIBLE})
_NEW: Final = frozenset({RequestState.IMPORTING, RequestState.ANIME_MATCHING})


async def _nobody(path: str) -> bool:
    return True


@dataclass(slots=True)
class _Round:
    """What one look found: the items that may be a wanted unit, by their ids."""

    at: datetime
    wanted: list[Wanted]
    index: dict[str, list[Wanted]]
    series: dict[str, LibraryItem | None]
    hits: dict[str, list[Wanted]]


class Availability:
    """Looks for what requests wait for. `path_map`: how an arr's (subentry) paths are named here.

    `tell`, when somebody gives it, has Jellyfin look at a path, in the arr's or its own name; it
    says whether that is done.
    """

    def __init__(
        self,
        server: Server,
        store: Store,
        requests: RequestTracker,
        *,
        lookup: Callable[[Sequence[str]], Awaitable[Mapping[str, Knowledge[LibraryItem]]]],
        path_map: Callable[[str], PathMap],
    ) -> None:
        """Take everything by hand; nothing is asked yet. `find_movie` looks through all of them."""
        self._server = server
        self._client = server.library
        self._store = store
        self._server_id = server.server_id
        self._requests = requests
        self._lookup = lookup
        self._path_map = path_map
        self.tell: Callable[[str], Awaitable[bool]] = _nobody
        self._hint = asyncio.Event()
        self._looked: dict[str, datetime] = {}
        self._announced: set[tuple[str, str]] = set()
        self._held_back: dict[str, datetime] = {}
        self._swept: datetime | None = None
        self.last_error = ""

    # -- when ------------------------------------------------------------------------------------

    def hint(self) -> None:
        """Look at once: somebody says that something is there, or has gone."""
        self._hint.set()

    def changed(self, view: RequestView) -> None:
        """Take a request's change as a hint: it was just made, or imported."""
        if view.status.state in _NEW or view.request.id not in self._looked:
            self._hint.set()

    async def work(self) -> None:
        """Look for as long as the entry is loaded."""
        forget = self._requests.add_listener(self.changed)
        try:
            while True:
                wait = await self._turn()
                if await woken(self._hint, wait.total_seconds()):
                    await asyncio.sleep(COLLECT)
                self._hint.clear()
        finally:
            forget()

    async def _turn(self) -> timedelta:
        """Look once; say when to look again. What fails says nothing of any title."""
        if not self._server.connected:
            return IMPORTED
        try:
            await self.look()
            await self.check_sweep()
        except (ServiceError, StoreError) as err:
            if str(err) != self.last_error:
                _LOGGER.info("Could not look for requested titles: %s", err)
            self.last_error = str(err)
        except Exception:  # noqa: BLE001  logged whole
            log_unexpected(_LOGGER, "Could not look for requested titles")
        else:
            self.last_error = ""
            if self._held_back:
                return timedelta(seconds=COLLECT)
        imported = any(view.status.stage in _NOT_SEEN for view in self._requests.waiting)
        return IMPORTED if imported else WAITING

    async def _begin(self) -> _Round:
        """Gather what is waited for, in parts: there may be thousands of episodes."""
        turn, pause = _Round(dt_util.utcnow(), [], {}, {}, {}), CooperativeYield()
        for view in self._requests.waiting:
            request = view.request
            for one in wanted(request, self._requests.facts(request.id)):
                turn.wanted.append(one)
                for key in names_of(one, self._paths(request)):
                    turn.index.setdefault(key, []).append(one)
            await pause()
        return turn

    def _paths(self, request: Request) -> PathMap:
        return PathMap() if request.arr is None else self._path_map(request.arr[0])

    # -- looking ---------------------------------------------------------------------------------

    async def look(self) -> None:
        """Look for all that is waited for, and report it. Raises ServiceError, StoreError."""
        turn = await self._begin()
        ids = {one.request.id for one in turn.wanted}
        self._looked = {one: at for one, at in self._looked.items() if one in ids}
        if not turn.wanted:
            self._held_back.clear()
            return
        await self._match(turn, await self._client.newest(self._server_id, NEWEST))
        for some in self._due(turn):
            await self._match(turn, await self._directly(some))
        found = await self._verify(turn)
        await self._requests.ingest(_reports(self._in_turn(found, turn.at), turn.at))
        there = {_mark(one) for one in found}
        await self._refresh([one for one in turn.wanted if _mark(one) not in there], turn.at)

    async def _match(self, turn: _Round, items: Sequence[LibraryItem]) -> None:
        """Note which items may be which units."""
        unknown = {
            item.series_item_id
            for item in items
            if item.series_item_id is not None and not item.series_ids
        }
        missing = tuple(unknown - turn.series.keys())
        if missing and any(not one.request.is_movie for one in turn.wanted):
            for series_id, episodes in (await self._lookup(missing)).items():
                turn.series[series_id] = episodes.value if isinstance(episodes, Known) else None
        pause = CooperativeYield()
        for listed_item in items:
            item = _with_series(listed_item, turn.series.get(listed_item.series_item_id or ""))
            ids = item.series_ids
            hits = {_mark(one): one for one in turn.hits.get(item.item_id, ())}
            for key in item_names(item, ids):
                for one in turn.index.get(key, ()):
                    if may_be(one, item, ids, self._paths(one.request)):
                        hits[_mark(one)] = one
            if hits:
                turn.hits[item.item_id] = list(hits.values())
            await pause()

    def _due(self, turn: _Round) -> list[tuple[Wanted, ...]]:
        """Choose whom to look for directly: few, and who was not looked for longest first."""
        hit = {_mark(one) for ones in turn.hits.values() for one in ones}
        open_: dict[str, list[Wanted]] = {}
        for one in turn.wanted:
            if _mark(one) not in hit:
                open_.setdefault(one.request.id, []).append(one)

        def due_at(request_id: str) -> datetime:
            last = self._looked.get(request_id)
            if last is None:
                return turn.at - AGAIN
            imported = any(one.imported_at is not None for one in open_[request_id])
            return last + (AGAIN_IMPORTED if imported else AGAIN)

        due = sorted((one for one in open_ if due_at(one) <= turn.at), key=due_at)[:AT_ONCE]
        self._looked |= dict.fromkeys(due, turn.at)
        return [tuple(open_[request_id]) for request_id in due]

    async def _directly(self, some: Sequence[Wanted]) -> Sequence[LibraryItem]:
        """Look for one request's units: in the library as it was read, else by name and ids."""
        found = await self._from_library(some)
        if found and (some[0].request.is_movie or len(found) >= len(some)):
            return found
        return [*found, *await self._by_name(some[0].request)]

    async def _from_library(self, some: Sequence[Wanted]) -> list[LibraryItem]:
        library, request = self._store.library, some[0].request
        found = list(await library.by_keys(key for one in some for key in keys_of(one)))
        for one in some if request.anime else ():
            for path in one.paths(self._paths(request)):
                found += await library.by_path(path)
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

    async def present(self, request: Request, units: Sequence[Wanted]) -> frozenset[Place]:
        """Say which of a request's units Jellyfin shows at this moment. Raises ServiceError.

        In whatever quality and under whatever id: that there is none is not said lightly.
        """
        anyhow = replace(request, is_4k=False)
        rest = [replace(one, request=anyhow) for one in units]
        found: set[Place] = set()
        for look in (self._from_library, lambda some: self._by_name(some[0].request)):
            turn = _Round(dt_util.utcnow(), rest, {}, {}, {})
            for one in rest:
                for key in names_of(one, self._paths(request)):
                    turn.index.setdefault(key, []).append(one)
            await self._match(turn, await look(rest))
            found |= {one.place for one in await self._verify(turn)}
            rest = [one for one in rest if one.place not in found]
            if not rest:
                return frozenset(found)
        if request.is_movie and await self._has_movie(request):
            found.add(Place())
        return frozenset(found)

    async def _verify(self, turn: _Round) -> list[Wanted]:
        """Ask once more for what may be wanted, with all its files: is it there, and how wide?"""
        found: dict[tuple[str, Place], Wanted] = {}
        ids = sorted(turn.hits)
        for begin in range(0, len(ids), MOST_IDS):
            for shown in await self._client.shown(self._server_id, ids[begin : begin + MOST_IDS]):
                for one in turn.hits.get(shown.item.item_id, ()):
                    if shows(one, shown, self._paths(one.request)):
                        found[_mark(one)] = one
        return list(found.values())

    def _in_turn(self, found: Iterable[Wanted], at: datetime) -> list[Wanted]:
        """Leave for later, but not for long, what its arr has still to tell the import of.

        So that a request goes on step by step, and whoever waits hears of each.
        """
        hinted = {o.request.id for o in found if self._requests.import_hinted(o.request.id)}
        held = {one: self._held_back.get(one, at) for one in hinted}
        self._held_back = {one: since for one, since in held.items() if at - since < PATIENCE}
        return [one for one in found if one.request.id not in self._held_back]

    async def _refresh(self, missed: Iterable[Wanted], now: datetime) -> None:
        """Have Jellyfin look at imports that it has not noticed, each once."""
        due: dict[tuple[str, str], str] = {}
        for one in missed:
            if one.imported_at is None or not one.path or now - one.imported_at < NOTICES:
                continue
            mark = (one.path, one.imported_at.isoformat())
            if mark not in self._announced:
                due[mark] = one.path
        for mark, path in list(due.items())[:AT_ONCE]:
            if await self.tell(path):
                self._announced.add(mark)

    # -- what has gone ---------------------------------------------------------------------------

    async def check_sweep(self) -> None:
        """After a whole, healthy sweep: report what was there once and is no more, or is again.

        Each sweep is one reading: two that agree close the request. Raises ServiceError,
        StoreError.
        """
        state = await self._store.library.state()
        at = state.good_at
        # While a sweep is under way the library is half one reading and half the next.
        if at is None or not state.known or at == self._swept or state.sweep != state.taken:
            return
        doubts: list[Request] = []
        reports: list[Report] = []
        pause = CooperativeYield()
        for view in tuple(self._requests.views.values()):
            await pause()
            row = await self._store.requests.get(view.request.id)
            if row is None:
                continue
            before = seen(row.facts)
            if not before:
                continue
            there = await self._there(view.request, before)
            gone = [place for place in before if place not in there]
            presences = [JellyfinPresence(place, at, seen=False) for place in gone]
            presences += [
                JellyfinPresence(place, at, seen=True) for place in there if not before[place]
            ]
            if presences:
                reports.append(Report(About(ref=view.request.ref), tuple(presences)))
            if gone and view.request.is_movie and before[gone[0]]:
                doubts.append(view.request)
        if (await self._store.library.state()).sweep != state.sweep:
            return  # another one has begun meanwhile: it will say
        await self._requests.ingest(reports)
        self._swept = at
        for request in doubts[:AT_ONCE]:
            await self._look_again(request)

    async def _there(self, request: Request, places: Iterable[Place]) -> set[Place]:
        """Say which of the units the last sweep met. Anime under the other kind by its file."""
        library, found = self._store.library, set()
        for place, keys in place_keys(request, places).items():
            if await library.by_keys(keys, met=True):
                found.add(place)
                continue
            if request.anime and await self._other_kind(request, place):
                found.add(place)
        return found

    async def _other_kind(self, request: Request, place: Place) -> bool:
        row = await self._store.requests.get(request.id)
        path_map = self._paths(request)
        for fact in () if row is None else row.facts:
            if getattr(fact, "place", None) != place or not (path := getattr(fact, "path", "")):
                continue
            one = Wanted(request, place, None, path, matched=False)
            for name in one.paths(path_map):
                if await self._store.library.by_path(name, met=True):
                    return True
        imdb = request.ids.imdb
        return imdb is not None and bool(
            await self._store.library.by_keys((f"episode:imdb:{imdb}",), met=True)
        )

    async def _has_movie(self, request: Request) -> bool:
        """Ask for a movie by its ids and name. Raises ServiceError."""
        return await self._server.has_movie(request.ids, request.title.name)

    async def _look_again(self, request: Request) -> None:
        """Look through all movies for one that a sweep did not meet: then two readings agree."""
        at = dt_util.utcnow()
        there = await self._has_movie(request)
        presence = JellyfinPresence(Place(), at, seen=there)
        await self._requests.ingest([Report(About(ref=request.ref), (presence,))])


def _with_series(item: LibraryItem, series: LibraryItem | None) -> LibraryItem:
    """Have an episode tell of its series what it does not tell itself."""
    if series is None or item.series_ids:
        return item
    return replace(item, series_ids=series.ids, series_year=series.year)


def _mark(one: Wanted) -> tuple[str, Place]:
    return (one.request.id, one.place)


def _reports(found: Iterable[Wanted], at: datetime) -> list[Report]:
    """Report what is there, for each request at once."""
    by_request: dict[str, list[JellyfinPresence]] = {}
    for one in found:
        by_request.setdefault(one.request.ref, []).append(
            JellyfinPresence(one.place, at, seen=True)
        )
    return [Report(About(ref=ref), tuple(presences)) for ref, presences in by_request.items()]
