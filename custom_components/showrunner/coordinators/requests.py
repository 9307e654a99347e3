"""Facts of any source become the states of requests, and survive restarts.

Webhooks and polls of Seerr, the arrs, torrent clients, Shoko and Jellyfin all end in `asked`,
`ingest` and `of_downloads`. The state is derived (`domain.requests`); this keeps the facts, stores
what changed and tells the rest. Only requests that are not settled are held with their facts.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Final

from ..domain.media import TitleKey
from ..domain.requests.facts import Event, EventKind, Fact, Facts
from ..domain.requests.record import settled as kept_of
from ..domain.requests.report import Index, Report, admitted, enriched
from ..domain.requests.request import Request, RequestState, StuckReason
from ..domain.requests.state import RequestStatus, state_of
from ..domain.requests.stuck import StuckPolicy
from ..signals import Signals, Topic
from ..store import RequestRow, Store
from .request_saving import Urgency, same_stand, urgency
from .request_view import RequestView
from .slices import Slices

__all__ = ["RequestListener", "RequestTracker", "RequestView"]

_LOGGER = logging.getLogger(__name__)

_TICK: Final = timedelta(seconds=30)
# What is first heard of when it is older than this was not missed: nobody waits to be told.
_NEWS: Final = timedelta(days=1)


type RequestListener = Callable[[RequestView], None]


class RequestTracker:
    """All requests of one entry that are not over."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        *,
        shoko: Callable[[], bool],
        now: Callable[[], datetime],
        policy: StuckPolicy | None = None,
    ) -> None:
        """Begin empty; `load` brings back what is under way. `shoko`: whether one is linked."""
        self._store = store
        self._signals = signals
        self._shoko = shoko
        self._now = now
        self._policy = policy or StuckPolicy()
        self._index = Index()
        self._facts: dict[str, Facts] = {}
        self._views: dict[str, RequestView] = {}
        self._counts: Counter[RequestState] = Counter()
        self._stuck: set[str] = set()
        # Whose readings have changed since they were written.
        self._unsaved: set[str] = set()
        self._listeners: list[RequestListener] = []
        self._lock = asyncio.Lock()

    # -- what others see -------------------------------------------------------------------------

    @property
    def views(self) -> Mapping[str, RequestView]:
        """Every request that is not over, by its id."""
        return self._views

    @property
    def waiting(self) -> tuple[RequestView, ...]:
        """The requests that are not settled: for them sources are asked."""
        return tuple(self._views[one] for one in self._facts if one in self._views)

    @property
    def downloads(self) -> frozenset[str]:
        """The downloads that unsettled requests wait for."""
        index = self._index.downloads
        return frozenset(
            download for download, ids in index.items() if any(one in self._facts for one in ids)
        )

    def waiting_for(self, download: str) -> frozenset[str]:
        """Name the unclosed requests that a download is for, settled or not."""
        return frozenset(self._index.downloads.get(download, ()))

    def facts(self, request_id: str) -> Facts:
        """Give the facts of a request that is not settled; of others nothing is held."""
        return self._facts.get(request_id, Facts())

    async def all_facts(self, request_id: str) -> Facts:
        """Give the facts of any request; those of a settled one are read from the store."""
        return await self._known(request_id)

    def count(self, state: RequestState) -> int:
        """Count the requests of a state."""
        return self._counts[state]

    @property
    def stuck_count(self) -> int:
        """Count the requests with a trouble; one that only waits for approval has none."""
        return sum(
            view.status.stuck is not None
            and view.status.stuck.reason is not StuckReason.WAITING_FOR_APPROVAL
            for view in self.stuck
        )

    @property
    def stuck(self) -> tuple[RequestView, ...]:
        """The requests that somebody should look at."""
        return tuple(self._views[one] for one in self._stuck)

    def find(self, ref: str) -> RequestView | None:
        """Find an unclosed request by its id or its source's own name."""
        request = self._index.by_ref(ref)
        return self._views.get(ref if request is None else request.id)

    def about(self, title: TitleKey) -> tuple[RequestView, ...]:
        """Find the unclosed requests of a title."""
        found = self._index.of_title(title)
        return tuple(self._views[one] for one in sorted(found) if one in self._views)

    def add_listener(self, listener: RequestListener) -> Callable[[], None]:
        """Call `listener(view)` at every change of a request; give what ends that."""
        self._listeners.append(listener)

        def remove() -> None:
            self._listeners.remove(listener)

        return remove

    # -- what comes in ---------------------------------------------------------------------------

    async def load(self) -> None:
        """Take up the requests as they stood when Home Assistant stopped."""
        give_way = Slices()
        for row in await self._store.requests.unclosed():
            status = row.status or self._status(row.request, row.facts)
            self._hold(row.request, row.facts, status)
            await give_way()

    async def asked(self, said: Iterable[tuple[Request, tuple[Fact, ...]]]) -> None:
        """Take in requests as their source tells them now, with facts; twice is as once.

        A request that is over is never taken up again, whatever its source still says of it.
        """
        async with self._lock:
            given = list(said)
            unknown = [one.ref for one, _ in given if self._index.by_ref(one.ref) is None]
            over = await self._store.requests.refs(unknown) if unknown else frozenset()
            changed: dict[str, tuple[Request, Facts]] = {}
            for request, facts in given:
                known = self._index.by_ref(request.ref)
                if known is None and request.ref in over:
                    continue
                if known is None:
                    begun = replace(request, floor=await self._floor(request))
                    changed[request.id] = (begun, Facts().with_(facts))
                    continue
                merged, before = _told_again(known, request), await self._known(known.id)
                after = before.with_(facts)
                if merged != known or after is not before:
                    changed[known.id] = (merged, after)
            await self._save(changed)

    async def ingest(self, reports: Iterable[Report]) -> None:
        """Take in what sources report of titles; what nobody asked for is passed over."""
        async with self._lock:
            changed: dict[str, tuple[Request, Facts]] = {}
            for report in reports:
                for request in self._index.meant(report.about):
                    before = changed.get(request.id)
                    held = before[0] if before else request
                    facts = before[1] if before else await self._known(request.id)
                    grown = enriched(held, report)
                    more = facts.with_(admitted(grown, report.facts))
                    if more is not facts or grown != held:
                        changed[request.id] = (grown, more)
                        self._index.put(grown, more)
            await self._save(changed)

    async def of_downloads(self, facts: Mapping[str, tuple[Fact, ...]]) -> None:
        """Take in facts about downloads, by their ids; only those waited for count."""
        async with self._lock:
            changed: dict[str, tuple[Request, Facts]] = {}
            for download, more in facts.items():
                for request_id in self._index.downloads.get(download, ()):
                    if request_id not in self._facts:
                        continue  # settled: how its torrent does is no news
                    request, known = changed.get(
                        request_id,
                        (self._index.requests[request_id], self._facts[request_id]),
                    )
                    grown = known.with_(more)
                    if grown is not known:
                        changed[request_id] = (request, grown)
            await self._save(changed)

    async def closed(self, refs: Iterable[str]) -> frozenset[str]:
        """Tell which of these are over: known, and not followed any more."""
        unknown = [ref for ref in refs if self._index.by_ref(ref) is None]
        return await self._store.requests.refs(unknown) if unknown else frozenset()

    async def withdrawn(self, ref: str, at: datetime) -> None:
        """Note that its source has deleted a request."""
        view = self.find(ref)
        if view is not None:
            await self.asked([(view.request, (Event(EventKind.WITHDRAWN, at),))])

    async def tick(self) -> None:
        """Derive again what depends on the time: waiting that lasts, episodes that air."""
        give_way = Slices()
        for request_id in tuple(self._facts):
            async with self._lock:
                if request_id in self._facts:
                    request = self._index.requests[request_id]
                    await self._save({request_id: (request, self._facts[request_id])}, quiet=True)
            await give_way()

    async def work(self) -> None:
        """Keep the time, for as long as the entry is loaded."""
        while True:
            await asyncio.sleep(_TICK.total_seconds())
            await self.tick()
            await self.save()

    async def save(self) -> None:
        """Write the readings that were not written when they came."""
        async with self._lock:
            rows = [
                RequestRow(self._index.requests[one], self._facts[one], self._views[one].status)
                for one in self._unsaved
                if one in self._facts
            ]
            await self._store.requests.put(rows)
            self._unsaved.clear()

    async def forget_unlinked(self, linked: Container[str]) -> None:
        """Forget the requests of sources that are no longer linked; `linked` are subentry ids."""
        for source in await self._store.requests.sources():
            if source.partition(":")[2] not in linked:
                await self.forget(source)

    async def forget(self, source: str) -> None:
        """Forget the requests of a source that was unlinked, closed ones too: seerr:<subentry>."""
        async with self._lock:
            gone = await self._store.requests.of_source(source)
            for request_id in gone:
                self._drop(request_id)
            if gone:
                await self._store.requests.forget(gone)

    # -- inside ----------------------------------------------------------------------------------

    async def _floor(self, request: Request) -> datetime | None:
        """Say before when everything belongs to an earlier request of the same title."""
        earlier = await self._store.requests.for_title(request.title.key)
        closed = [
            row.status.closed_at
            for row in earlier
            if row.status is not None
            and row.status.closed_at is not None
            and row.request.is_4k == request.is_4k
        ]
        return max(closed, default=None)

    async def _known(self, request_id: str) -> Facts:
        """Give a request's facts; those of a settled one are in the store."""
        held = self._facts.get(request_id)
        if held is not None:
            return held
        row = await self._store.requests.get(request_id)
        return Facts() if row is None else row.facts

    def _status(self, request: Request, facts: Facts) -> RequestStatus:
        return state_of(request, facts, self._now(), policy=self._policy, shoko=self._shoko())

    async def _save(
        self, changed: Mapping[str, tuple[Request, Facts]], *, quiet: bool = False
    ) -> None:
        """Derive, store what is new, then hold and tell it. `quiet`: only the time has passed."""
        told: list[tuple[Request, Facts, RequestStatus]] = []
        rows: list[RequestRow] = []
        for request_id, (request, facts) in changed.items():
            status = self._status(request, facts)
            before = self._views.get(request_id)
            if before is not None and before.status == status and quiet:
                continue
            told.append((request, facts, status))
            when = self._when(before, RequestView(request, status), facts, quiet=quiet)
            if when is Urgency.NOW:
                kept = kept_of(facts) if status.settled else facts
                rows.append(RequestRow(request, kept, status))
            elif when is Urgency.SOON:
                self._unsaved.add(request_id)
        await self._store.requests.put(rows)
        self._unsaved -= {row.request.id for row in rows}
        for request, facts, status in told:
            before = self._views.get(request.id)
            self._hold(request, facts, status)
            self._tell(before, RequestView(request, status))

    def _when(
        self, before: RequestView | None, view: RequestView, facts: Facts, *, quiet: bool
    ) -> Urgency:
        """Say when a request must be written."""
        if before is None or before.request != view.request:
            return Urgency.NOW
        if not same_stand(before.status, view.status):
            return Urgency.NOW
        return Urgency.WHENEVER if quiet else urgency(self._facts.get(view.request.id), facts)

    def _hold(self, request: Request, facts: Facts, status: RequestStatus) -> None:
        if status.closed is not None:
            self._drop(request.id)
            return
        self._show(RequestView(request, status))
        self._index.put(request, facts)
        if status.settled:
            self._facts.pop(request.id, None)
        else:
            self._facts[request.id] = facts

    def _show(self, view: RequestView) -> None:
        self._hide(view.request.id)
        self._views[view.request.id] = view
        self._counts[view.status.state] += 1
        if view.status.stuck is not None:
            self._stuck.add(view.request.id)

    def _hide(self, request_id: str) -> None:
        before = self._views.pop(request_id, None)
        if before is not None:
            self._counts[before.status.state] -= 1
            self._stuck.discard(request_id)

    def _drop(self, request_id: str) -> None:
        self._hide(request_id)
        self._facts.pop(request_id, None)
        self._unsaved.discard(request_id)
        self._index.drop(request_id)

    def _tell(self, before: RequestView | None, view: RequestView) -> None:
        if before == view:
            return
        for listener in tuple(self._listeners):
            listener(view)
        old, status = before.status if before else None, view.status
        if before is None and view.request.requested_at < self._now() - _NEWS:
            return  # found when its service was linked: history, and no event
        if status.closed is not None:
            self._signals.send(Topic.REQUEST, "closed", view.attributes())
            return
        if old is None or old.state is not status.state:
            self._signals.send(Topic.REQUEST, status.state.value, view.attributes())
        if status.stuck is not None and (
            old is None or old.stuck is None or old.stuck.reason is not status.stuck.reason
        ):
            self._signals.send(Topic.REQUEST, "stuck", view.attributes())


def _told_again(known: Request, told: Request) -> Request:
    """Learn from a source that names a request once more; nothing known is lost."""
    ids, titles = known.ids.merged(told.ids), (*known.other_titles, *told.other_titles)
    return replace(
        known,
        title=replace(
            known.title,
            ids=ids,
            name=told.title.name or known.title.name,
            year=told.title.year or known.title.year,
        ),
        # Before a request is approved its seasons can be changed, so the last word counts.
        seasons=known.seasons if known.is_movie else told.seasons or known.seasons,
        is_4k=told.is_4k,
        anime=known.anime or told.anime,
        other_titles=tuple(dict.fromkeys(titles)),
        arr=known.arr or told.arr,
        requested_by=told.requested_by or known.requested_by,
        poster=known.poster or told.poster,
    )
