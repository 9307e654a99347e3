"""What was there once and is no more, or is again, by whole, healthy sweeps of the library."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from itertools import batched
from typing import Final

from ..domain.media import Place
from ..domain.requests.facts import JellyfinPresence
from ..domain.requests.report import About, Report
from ..domain.requests.request import Request
from ..domain.requests.showing import Wanted, place_keys, seen
from ..store import RequestRow, Store
from .cooperative_yield import CooperativeYield
from .jellyfin_search import JellyfinSearch
from .requests import RequestTracker

# So many are looked for once more after one sweep.
AT_ONCE: Final = 5
# So many requests are told at once.
_TOLD: Final = 50
_KEY: Final = "availability:swept"


class SweptAway:
    """Compares requests with each sweep. Each is one reading: two that agree close a request."""

    def __init__(self, store: Store, requests: RequestTracker, search: JellyfinSearch) -> None:
        """Take everything by hand."""
        self._store = store
        self._requests = requests
        self._search = search
        # When the sweep began that was compared last, over restarts: each says something once.
        self._swept: str | None = None

    async def check(self, look_again: Callable[[Request], Awaitable[None]]) -> None:
        """Report what the last sweep has missed, and met again. Raises ServiceError, StoreError.

        `look_again` looks through all movies for one that it did not meet.
        """
        state = await self._store.library.state()
        at = state.good_at
        # While a sweep is under way the library is half one reading and half the next.
        if at is None or not state.known or state.sweep != state.taken:
            return
        if at.isoformat() == await self._last():
            return
        doubts: list[Request] = []
        reports: list[Report] = []
        pause, last = CooperativeYield(), 0
        while (page := await self._store.requests.whole_after(last)).rows:
            rows, last = page.rows, page.last
            known = {row.request.id: seen(row.facts) for row in rows}
            there = await self._there([row for row in rows if known[row.request.id]], known)
            for row in rows:
                await pause()
                before = known[row.request.id]
                met = there.get(row.request.id, frozenset())
                gone = [place for place in before if place not in met]
                presences = [JellyfinPresence(place, at, seen=False) for place in gone]
                presences += [
                    JellyfinPresence(place, at, seen=True) for place in met if not before[place]
                ]
                if presences:
                    reports.append(Report(About(ref=row.request.ref), tuple(presences)))
                if gone and row.request.is_movie and before[gone[0]]:
                    doubts.append(row.request)
        if (await self._store.library.state()).sweep != state.sweep:
            return  # another one has begun meanwhile: it will say
        for some in batched(reports, _TOLD, strict=False):
            await self._requests.ingest(some)
        self._swept = at.isoformat()
        for request in doubts[:AT_ONCE]:
            await look_again(request)
        await self._store.kv.put(_KEY, {"at": self._swept})

    async def _last(self) -> str:
        """Say which sweep was compared last; "" for none."""
        if self._swept is None:
            kept = await self._store.kv.get(_KEY)
            at = kept.get("at") if isinstance(kept, Mapping) else None
            self._swept = at if isinstance(at, str) else ""
        return self._swept

    async def _there(
        self, rows: Collection[RequestRow], known: Mapping[str, Mapping[Place, bool]]
    ) -> Mapping[str, frozenset[Place]]:
        """Say which of the known units the last sweep met, asked for all of them at once.

        Anime under the other kind by its file.
        """
        units = [
            (row, place, keys)
            for row in rows
            for place, keys in place_keys(row.request, known[row.request.id]).items()
        ]
        found = await self._store.library.by_keys_of((keys for *_, keys in units), met=True)
        there: dict[str, set[Place]] = {}
        for (row, place, _), items in zip(units, found, strict=True):
            if items or (row.request.anime and await self._other_kind(row, place)):
                there.setdefault(row.request.id, set()).add(place)
        return {request_id: frozenset(places) for request_id, places in there.items()}

    async def _other_kind(self, row: RequestRow, place: Place) -> bool:
        path_map = self._search.paths(row.request)
        for fact in row.facts:
            if getattr(fact, "place", None) != place or not (path := getattr(fact, "path", "")):
                continue
            one = Wanted(row.request, place, None, path, matched=False)
            for name in one.paths(path_map):
                if await self._store.library.by_path(name, met=True):
                    return True
        imdb = row.request.ids.imdb
        return imdb is not None and bool(
            await self._store.library.by_keys((f"episode:imdb:{imdb}",), met=True)
        )
