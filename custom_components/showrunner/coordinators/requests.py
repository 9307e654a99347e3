"""Facts of any source become the states of requests, and survive restarts.

What is read of any service and of Jellyfin ends in `asked`, `ingest` and `of_downloads`; what
webhooks tell in `hint`. The state is derived (`domain.requests`); this keeps
the facts, stores what changed and tells the rest. Only requests that are not settled are held with
their facts. Hints lie over the facts in what is shown, and are never stored; events are sent of
what was read alone.
"""

import asyncio
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import batched
import logging
from types import MappingProxyType
from typing import Final, override

from ..domain.requests.facts import Event, EventKind, Fact, Facts
from ..domain.requests.hints import Hint, Hints, without
from ..domain.requests.record import settled as kept_of
from ..domain.requests.report import Report, admitted, enriched
from ..domain.requests.request import Closing, Request
from ..domain.requests.stuck import StuckPolicy
from ..signals import Signals, Topic
from ..store import RequestRow, Store
from .cooperative_yield import CooperativeYield
from .held_requests import HeldRequests, RequestListener, listed_so
from .request_pages import RequestPages
from .request_saving import Urgency, same_stand, urgency
from .request_shown import events
from .request_view import RequestView

__all__ = ["RequestListener", "RequestTracker", "RequestView"]

_LOGGER = logging.getLogger(__name__)

_TICK: Final = timedelta(seconds=30)
# So many requests are written in one transaction.
_AT_ONCE: Final = 50
# So many requests are shown with what only webhooks say of them.
MOST_HINTED: Final = 500


class RequestTracker(HeldRequests):
    """All requests of one entry that are not over, and what becomes of them."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        *,
        matcher: Callable[[], bool],
        now: Callable[[], datetime],
        policy: StuckPolicy | None = None,
    ) -> None:
        """Begin empty; `load` brings back what is under way.

        `matcher`: whether a service is linked that knows an anime before Jellyfin does.
        """
        super().__init__(matcher=matcher, now=now, policy=policy or StuckPolicy())
        self.pages = RequestPages(self)
        self._store = store
        self._signals = signals
        # Whose readings have changed since they were written.
        self._unsaved: set[str] = set()
        self._lock = asyncio.Lock()
        # Whether an anime waited for its matcher when the time was looked at last.
        self._matched = matcher()

    # -- what others see -------------------------------------------------------------------------

    async def all_facts(self, request_id: str) -> Facts:
        """Give the facts of any request; those of a settled one are read from the store."""
        return await self._known(request_id)

    async def listed(
        self, states: Collection[str] | None, *, stuck: bool | None, limit: int
    ) -> tuple[RequestView, ...]:
        """List requests, the last first; closed ones only when they are asked for.

        Raises StoreError.
        """
        views, give_way = [], CooperativeYield()
        for request_id in tuple(self.views):
            view = self.views.get(request_id)
            if view is not None and listed_so(view, states, stuck=stuck):
                views.append(view)
            await give_way()
        if states and "closed" in states and not stuck:
            rows = await self._store.requests.closed(limit)
            views += [RequestView(row.request, row.status) for row in rows if row.status]
        views.sort(key=lambda view: view.request.requested_at, reverse=True)
        return tuple(views[:limit])

    # -- what comes in ---------------------------------------------------------------------------

    async def load(self) -> None:
        """Take up the requests as they stood when Home Assistant stopped."""
        give_way, last = CooperativeYield(), 0
        while (page := await self._store.requests.unclosed_after(last)).rows:
            for row in page.rows:
                view, due = (
                    self._stands(row.request, row.facts)
                    if row.status is None
                    else (RequestView(row.request, row.status), None)
                )
                self._hold(view, row.facts, due)
                await give_way()
            last = page.last

    async def asked(self, said: Iterable[tuple[Request, tuple[Fact, ...]]]) -> None:
        """Take in requests as their source tells them now, with facts; twice is as once.

        A request that is over is not taken up again, whatever its source still says of it; but for
        a declined one that is approved after all, or waits once more.
        """
        async with self._lock:
            given = list(said)
            unknown = [request for request, _ in given if self._index.by_ref(request.ref) is None]
            over = await self._store.requests.closings(one.ref for one in unknown)
            floors = await self._floors(one for one in unknown if one.ref not in over)
            changed: dict[str, tuple[Request, Facts]] = {}
            reopened: dict[str, RequestView] = {}
            for request, facts in given:
                known = self._index.by_ref(request.ref)
                if known is None and request.ref in over:
                    if over[request.ref] is not Closing.DECLINED:
                        continue
                    row = await self._reopened(request, facts)
                    if row is not None and row.status is not None:
                        changed[request.id] = (row.request, row.facts)
                        reopened[request.id] = RequestView(row.request, row.status)
                    continue
                if known is None:
                    begun = replace(request, floor=floors.get(request.id))
                    changed[request.id] = (begun, Facts().with_(facts))
                    continue
                merged, before = _updated(known, request), await self._known(known.id)
                after = before.with_(facts)
                if merged != known or after is not before:
                    changed[known.id] = (merged, after)
            await self._save(changed, over=reopened)

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
                        self._index.put(grown, more, waits=request.id in self._facts)
            await self._save(changed)

    async def of_downloads(self, facts: Mapping[str, tuple[Fact, ...]]) -> None:
        """Take in facts about downloads, by their ids; only those waited for count."""
        async with self._lock:
            changed: dict[str, tuple[Request, Facts]] = {}
            for download, more in facts.items():
                for request_id in self._index.of_download(download):
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

    async def forget_downloads(self, request_id: str, downloads: Collection[str]) -> None:
        """Forget what is kept of a request's downloads that turned out to be nobody's."""
        async with self._lock:
            request, facts = self._index.requests.get(request_id), self._facts.get(request_id)
            if request is None or facts is None:
                return
            left = facts.without_downloads(downloads)
            if left is not facts:
                await self._save({request_id: (request, left)})

    async def closed(self, refs: Iterable[str]) -> Mapping[str, Closing | None]:
        """Tell which of these are over, and why: known, and not followed any more."""
        unknown = [ref for ref in refs if self._index.by_ref(ref) is None]
        return await self._store.requests.closings(unknown) if unknown else {}

    async def over(self, ref: str) -> RequestRow | None:
        """Give a request that is over, with its facts. A request's id is its source's name."""
        return None if self._index.by_ref(ref) else await self._store.requests.get(ref)

    async def withdrawn(self, ref: str, at: datetime) -> None:
        """Note that its source has deleted a request."""
        view = self.find(ref)
        if view is not None:
            await self.asked([(view.request, (Event(EventKind.WITHDRAWN, at),))])

    async def hint(self, service: str, reports: Iterable[Report]) -> None:
        """Show what a webhook tells, until its service is read (law 13).

        Nothing is stored, no event is sent, and no request is begun or ended by it. Of what is
        settled only a read can say more.
        """
        came = self._now()
        async with self._lock:
            for report in reports:
                for request in self._index.meant(report.about, guesses=True):
                    facts = self._facts.get(request.id)
                    if facts is None:
                        continue
                    before = self._hints.get(request.id, Hints())
                    hints = before.with_hint(Hint.of(service, came, request, report), facts)
                    if hints is not before:
                        self._hints[request.id] = hints
                        self._show_again(request.id)
                        self._make_room()

    def _make_room(self) -> None:
        """Forget the hints of the request that was hinted at first, when there are too many.

        A read says the same soon; and forged ones may be of everything there is.
        """
        if len(self._hints) > MOST_HINTED:
            self._forget_hints(next(iter(self._hints)), Hints())

    def _forget_hints(self, request_id: str, left: Hints) -> None:
        facts = self._facts[request_id]
        self._facts.put(request_id, without(facts, self._hints[request_id], left))
        self._hints[request_id] = left
        self._show_again(request_id)

    async def overrule(self, service: str, began: datetime) -> None:
        """Note that a service was read well: what its webhook told before counts no more."""
        async with self._lock:
            for request_id, hints in tuple(self._hints.items()):
                left = hints.after(service, began)
                if left is not hints:
                    self._forget_hints(request_id, left)

    async def tick(self) -> None:
        """Derive again what the time has changed: waiting that lasts, episodes that air.

        All that wait, when a service that knows an anime first was linked or unlinked.
        """
        give_way, before = CooperativeYield(), self._matched
        self._matched = self._matcher()
        same = self._matched is before
        for request_id in self._places.due(self._now()) if same else tuple(self._facts):
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
        for some in batched(tuple(self._unsaved), _AT_ONCE, strict=False):
            async with self._lock:
                rows = [
                    RequestRow(self._index.requests[one], self._facts[one], self._held[one].status)
                    for one in some
                    if one in self._facts and one in self._unsaved
                ]
                await self._store.requests.put(rows)
                self._unsaved.difference_update(some)

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
            self.pages.forget(gone)
            if gone:
                await self._store.requests.forget(gone)

    # -- inside ----------------------------------------------------------------------------------

    async def _floors(self, requests: Iterable[Request]) -> Mapping[str, datetime]:
        """Say before when everything belongs to an earlier request of the same title."""
        named = {one.id: (one, one.title.key.names) for one in requests}
        ends: dict[tuple[str, bool], datetime] = {}
        names = {name for _, names in named.values() for name in names}
        for name, row in await self._store.requests.ended(names):
            closed_at = None if row.status is None else row.status.closed_at
            if closed_at is not None:
                key = (name, row.request.is_4k)
                ends[key] = max(closed_at, ends.get(key, closed_at))
        return {
            request_id: max(ends[name, one.is_4k] for name in found)
            for request_id, (one, names) in named.items()
            if (found := [name for name in names if (name, one.is_4k) in ends])
        }

    async def _known(self, request_id: str) -> Facts:
        """Give a request's facts; those of a settled one are in the store."""
        held = self._facts.get(request_id)
        if held is not None:
            return held
        row = await self._store.requests.get(request_id)
        return Facts() if row is None else row.facts

    async def _reopened(self, request: Request, facts: tuple[Fact, ...]) -> RequestRow | None:
        """Take up a declined request again, if what is said of it now undoes that."""
        row = await self.over(request.ref)
        if row is None:
            return None
        grown = row.facts.with_(facts)
        if self._status(row.request, grown).closed is not None:
            return None
        return RequestRow(_updated(row.request, request), grown, row.status)

    async def _save(
        self,
        changed: Mapping[str, tuple[Request, Facts]],
        *,
        over: Mapping[str, RequestView] = MappingProxyType({}),
        quiet: bool = False,
    ) -> None:
        """Derive, store what is new, then hold and tell it.

        `over`: those that were over until now; `quiet`: only the time has passed.
        """
        written: list[tuple[RequestView, Facts, datetime | None]] = []
        rows: list[RequestRow] = []
        give_way = CooperativeYield()
        for request_id, (request, facts) in changed.items():
            await give_way()
            view, due = self._stands(request, facts)
            before = self._held.get(request_id)
            same = quiet and before is not None and before.status == view.status
            if same and request_id not in self._hints:
                self._places.put_off(request_id, due)
                continue
            written.append((view, facts, due))
            when = self._when(before, view, facts, quiet=quiet)
            if when is Urgency.NOW:
                kept = kept_of(facts) if view.status.settled else facts
                rows.append(RequestRow(request, kept, view.status))
            elif when is Urgency.SOON:
                self._unsaved.add(request_id)
        await self._store.requests.put(rows)
        self._unsaved -= {row.request.id for row in rows}
        for view, facts, due in written:
            await give_way()
            held = self._held.get(view.request.id, over.get(view.request.id))
            shown = self._shown.views.get(view.request.id)
            self._hold(view, facts, due)
            self._tell(shown, self._shown.views.get(view.request.id, view))
            for kind in events(held, view, self._now()):
                self._signals.send(Topic.REQUEST, kind, view.attributes())

    def _when(
        self, before: RequestView | None, view: RequestView, facts: Facts, *, quiet: bool
    ) -> Urgency:
        """Say when a request must be written."""
        if before is None or before.request != view.request:
            return Urgency.NOW
        if not same_stand(before.status, view.status):
            return Urgency.NOW
        return Urgency.WHENEVER if quiet else urgency(self._facts.get(view.request.id), facts)

    @override
    def _drop(self, request_id: str) -> None:
        super()._drop(request_id)
        self._unsaved.discard(request_id)


def _updated(known: Request, update: Request) -> Request:
    """Learn from a source that names a request once more; nothing known is lost."""
    ids, titles = known.ids.merged(update.ids), (*known.other_titles, *update.other_titles)
    return replace(
        known,
        title=replace(
            known.title,
            ids=ids,
            name=update.title.name or known.title.name,
            year=update.title.year or known.title.year,
        ),
        # Before a request is approved its seasons can be changed, so the last word counts.
        seasons=known.seasons if known.is_movie else update.seasons or known.seasons,
        is_4k=update.is_4k,
        anime=known.anime or update.anime,
        other_titles=tuple(dict.fromkeys(titles)),
        arr=known.arr or update.arr,
        requested_by=update.requested_by or known.requested_by,
        poster=known.poster or update.poster,
    )
