"""Whether Jellyfin shows what was asked for, so that it can be played.

One look at the newest items serves all waiting requests; the library as it was read last answers
for many of them at once: what its last sweep met as the file that the arr has is there, and of the
rest Jellyfin is asked whether it is. A few that stay unseen are looked for by themselves. All of
them only ever find. That something is gone is said by whole, healthy sweeps of the library alone,
or by a listing of everything.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched, islice
import logging
from typing import Final

from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError
from ..domain.knowledge import Knowledge
from ..domain.library import ItemKind, LibraryItem
from ..domain.media import MediaType, Place, TitleKey
from ..domain.paths import PathMap
from ..domain.requests.facts import JellyfinPresence
from ..domain.requests.report import About, Report
from ..domain.requests.request import Request, RequestState
from ..domain.requests.showing import Wanted
from ..domain.sweep import ReadState
from ..store import Store, StoreError
from ..unexpected import log_unexpected
from ..waking import woken
from .anime_files import AnimeFiles, wanted_of
from .cooperative_yield import CooperativeYield
from .jellyfin_search import JellyfinSearch, Round, mark_of
from .request_index import Mark
from .requests import RequestTracker, RequestView
from .server import Server
from .swept_away import SweptAway

_LOGGER = logging.getLogger(__name__)

IMPORTED: Final = timedelta(seconds=30)
WAITING: Final = timedelta(minutes=5)
# Several things that come at once are one look.
COLLECT: Final = 1.0
NEWEST: Final = 200
NEWEST_AGAIN: Final = timedelta(seconds=5)
# Looks for a single title: how many in a round, and how often for one that stays away.
AT_ONCE: Final = 5
AGAIN_IMPORTED: Final = timedelta(minutes=2)
AGAIN: Final = timedelta(hours=1)
# How many requests the library is asked for in a round, and about how many units.
MOST_KNOWN: Final = 100
_MOST_UNITS: Final = 2000
# How long Jellyfin may take to notice a new file by itself.
NOTICES: Final = timedelta(minutes=2)
# So many requests are looked through in a round for imports that it has not noticed.
_MOST_MISSED: Final = 50
# How long a sighting waits for the import before it, which a webhook has hinted at.
PATIENCE: Final = timedelta(seconds=10)
_NEW: Final = frozenset({RequestState.IMPORTING, RequestState.ANIME_MATCHING})
# So many requests are told at once of what was found.
_TOLD: Final = 50
_NEVER: Final = datetime.min.replace(tzinfo=dt_util.UTC)


async def _nobody(path: str) -> bool:
    return True


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
        self._store = store
        self._requests = requests
        self._search = JellyfinSearch(server, store, lookup=lookup, path_map=path_map)
        self._swept = SweptAway(store, requests, self._search)
        self.tell: Callable[[str], Awaitable[bool]] = _nobody
        self._hint = asyncio.Event()
        # When a request was looked for by itself, and in the library as it was read at that time.
        self._looked: dict[str, datetime] = {}
        self._known: dict[str, datetime] = {}
        self._read_at: datetime | None = None
        # Whether the library was not asked for all of them yet.
        self._more = False
        self._newest_at = _NEVER
        self._files = AnimeFiles(requests, self._search)
        self._announced: set[tuple[str, str]] = set()
        self._missed: dict[str, datetime] = {}
        self._held_back: dict[str, datetime] = {}
        self.last_error = ""
        self.present = self._search.present

    # -- when ------------------------------------------------------------------------------------

    def hint(self) -> None:
        """Look at once: somebody says that something is there, or has gone."""
        self._hint.set()

    def changed(self, view: RequestView) -> None:
        """Take a request's change as a hint: it was just made, or imported."""
        self._files.changed(view)
        seen = view.request.id in self._looked or view.request.id in self._known
        if view.status.state in _NEW or not (seen or view.status.settled):
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
            if self._held_back or self._more:
                return timedelta(seconds=COLLECT)
        imported = self._requests.places.any_marked(Mark.NOT_SEEN)
        return IMPORTED if imported else WAITING

    # -- looking ---------------------------------------------------------------------------------

    async def look(self) -> None:
        """Look for all that is waited for, and report it. Raises ServiceError, StoreError."""
        turn = Round(dt_util.utcnow())
        waits = self._requests.places
        for kept in (self._looked, self._known, self._missed):
            for gone in [one for one in kept if not waits.is_marked(one, Mark.WAITING)]:
                del kept[gone]
        if not waits.any_marked(Mark.WAITING):
            self._held_back.clear()
            self._more = False
            return
        # While the library is asked for thousands, each round a second after the one before.
        if not self._more or turn.at - self._newest_at >= NEWEST_AGAIN:
            await self._look_at_newest(turn)
            self._newest_at = turn.at
        asked = await self._look_in_library(turn)
        for some in await self._due(turn):
            await self._search.match(turn, await self._search.directly(some))
        found = await self._search.verify(turn)
        await self._report(self._in_turn(found, turn.at), turn.at)
        # What failed before this was not asked for.
        self._known |= dict.fromkeys(asked, turn.at)
        await self._refresh(turn, found)

    async def _look_at_newest(self, turn: Round) -> None:
        """Look for those requests that any of the newest items may be of."""
        items = await self._search.newest(NEWEST)
        if self._requests.places.any_marked(Mark.WAITING_SERIES):
            items = await self._search.told(turn, items)
        await self._files.learn()
        pause, candidates = CooperativeYield(), dict[str, None]()
        for item in items:
            candidates |= dict.fromkeys(self._may_be_of(item))
            await pause()
        for one in candidates:
            self._search.seek(turn, wanted_of(self._requests, one))
            await pause()
        await self._search.match(turn, items)

    def _may_be_of(self, item: LibraryItem) -> Iterator[str]:
        """Name the requests that an item may be of; Jellyfin may have an anime as another kind."""
        if item.kind is ItemKind.EPISODE and item.series_ids:
            key = TitleKey(MediaType.SERIES, item.series_ids)
            yield from (view.request.id for view in self._requests.about(key))
        if item.kind is not ItemKind.SERIES and item.ids:
            movies = self._requests.about(TitleKey(MediaType.MOVIE, item.ids))
            exact = item.kind is ItemKind.MOVIE
            yield from (view.request.id for view in movies if exact or view.request.anime)
        if item.path is not None:
            yield from self._files.of(item.path)

    async def _look_in_library(self, turn: Round) -> list[str]:
        """Look for many in the library as it was read last; give for which.

        After each whole sweep for all of them once more.
        """
        state = await self._store.library.state()
        if state.good_at != self._read_at:
            self._read_at, self._known = state.good_at, {}
        due = [*self._due_of(self._known, turn)]
        pause, asked, units = CooperativeYield(), list[str](), list[Wanted]()
        for request_id in due[:MOST_KNOWN]:
            asked.append(request_id)
            units += wanted_of(self._requests, request_id)
            await pause()
            if len(units) >= _MOST_UNITS:
                break
        units = await self._left_by_sweep(state, units)
        self._search.seek(turn, units)
        await self._search.match(turn, await self._search.in_library(units))
        self._more = len(due) > len(asked)
        return asked

    async def _left_by_sweep(self, state: ReadState, units: list[Wanted]) -> list[Wanted]:
        """Report what the last whole sweep has met, and give the units that it leaves open.

        While another is under way the library is half one reading and half the next.
        """
        at = state.good_at
        if at is None or not state.known or state.sweep != state.taken:
            return units
        told = [one for one in units if not self._requests.import_hinted(one.request.id)]
        found = await self._search.in_last_sweep(told, at)
        await self._report(found, at)
        changed = dict.fromkeys(one.request.id for one in found)
        left = [one for one in units if one.request.id not in changed]
        # What was deleted since then is none the less waited for.
        return [*left, *(unit for one in changed for unit in wanted_of(self._requests, one))]

    def _due_of(self, asked: Mapping[str, datetime], turn: Round) -> Iterator[str]:
        """Name whom to look for, who was not looked for longest first; they came in that order."""
        waits = self._requests.places

        def due_at(one: str) -> datetime:
            last = asked.get(one)
            if last is None:
                return _NEVER
            imported = waits.is_marked(one, Mark.NOT_SEEN)
            return last + (AGAIN_IMPORTED if imported else AGAIN)

        due = {one: due_at(one) for one in waits.marked(Mark.WAITING)}
        yield from sorted((one for one, at in due.items() if at <= turn.at), key=due.__getitem__)

    async def _due(self, turn: Round) -> list[tuple[Wanted, ...]]:
        """Choose whom to look for by themselves: few, of whom no item was found yet."""
        hit, pause = turn.hit, CooperativeYield()
        found: list[tuple[Wanted, ...]] = []
        for request_id in islice(self._due_of(self._looked, turn), MOST_KNOWN):
            units = tuple(
                one for one in wanted_of(self._requests, request_id) if mark_of(one) not in hit
            )
            await pause()
            if not units:
                continue
            self._looked[request_id] = turn.at
            self._search.seek(turn, units)
            found.append(units)
            if len(found) == AT_ONCE:
                break
        return found

    def _in_turn(self, found: Iterable[Wanted], at: datetime) -> list[Wanted]:
        """Leave for later, but not for long, what its arr has still to tell the import of.

        So that a request goes on step by step, and whoever waits hears of each.
        """
        hinted = {o.request.id for o in found if self._requests.import_hinted(o.request.id)}
        held = {one: self._held_back.get(one, at) for one in hinted}
        self._held_back = {one: since for one, since in held.items() if at - since < PATIENCE}
        return [one for one in found if one.request.id not in self._held_back]

    async def _report(self, found: Iterable[Wanted], at: datetime) -> None:
        """Report what is there, for each request at once."""
        by_request: dict[str, list[JellyfinPresence]] = {}
        for one in found:
            by_request.setdefault(one.request.ref, []).append(
                JellyfinPresence(one.place, at, seen=True)
            )
        for some in batched(by_request.items(), _TOLD, strict=False):
            await self._requests.ingest(
                [Report(About(ref=ref), tuple(presences)) for ref, presences in some]
            )

    async def _refresh(self, turn: Round, found: Iterable[Wanted]) -> None:
        """Have Jellyfin look at imports that it has not noticed, each once."""
        there = {mark_of(one) for one in found}
        unseen = sorted(
            self._requests.places.marked(Mark.NOT_SEEN),
            key=lambda one: self._missed.get(one, _NEVER),
        )[:_MOST_MISSED]
        due: dict[tuple[str, str], str] = {}
        pause = CooperativeYield()
        for request_id in unseen:
            self._missed[request_id] = turn.at
            for one in wanted_of(self._requests, request_id):
                late = one.imported_at is not None and turn.at - one.imported_at >= NOTICES
                if one.imported_at is None or not one.path or not late or mark_of(one) in there:
                    continue
                mark = (one.path, one.imported_at.isoformat())
                if mark not in self._announced:
                    due[mark] = one.path
            await pause()
        for mark, path in list(due.items())[:AT_ONCE]:
            if await self.tell(path):
                self._announced.add(mark)

    # -- what has gone ---------------------------------------------------------------------------

    async def check_sweep(self) -> None:
        """After a whole, healthy sweep: report what was there once and is no more, or is again.

        Raises ServiceError, StoreError.
        """
        await self._swept.check(self._look_again)

    async def _look_again(self, request: Request) -> None:
        """Look through all movies for one that a sweep did not meet: then two readings agree."""
        at = dt_util.utcnow()
        there = await self._search.has_movie(request)
        presence = JellyfinPresence(Place(), at, seen=there)
        await self._requests.ingest([Report(About(ref=request.ref), (presence,))])
