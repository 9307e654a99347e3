"""Tells the request tracker what one Seerr says: what is new, under its name, and only once.

10,000 requests are normal, and nearly all are as they were: what was told already is left out.
"""

import asyncio
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Final

from ..clients.seerr import MediaStatus, RequestStatus, SeerrArr, SeerrClient, SeerrRequest
from ..clients.seerr_webhook import SeerrMessage
from ..domain.media import MediaType
from ..domain.requests.facts import Fact
from ..domain.requests.ref import RequestRef, RequestSource, beginning
from ..domain.requests.report import About, Report
from ..domain.requests.request import Closing, Request
from ..store.library import Library
from .requests import RequestTracker
from .seerr_arrs import LinkedArr, arr_of
from .seerr_reading import (
    Held,
    facts_heard,
    facts_of,
    request_of,
)
from .seerr_titles import SeerrTitles

_CHUNK: Final = 200
_PART: Final = 500

type HintListener = Callable[[Collection[str]], None]


class SeerrReports:
    """What was told of one Seerr. `servers` are its Radarrs and Sonarrs, once it has named them."""

    def __init__(
        self,
        client: SeerrClient,
        tracker: RequestTracker,
        library: Library,
        subentry_id: str,
        linked: Callable[[], Sequence[LinkedArr]],
    ) -> None:
        """Begin with nothing told. `linked` gives the Radarrs and Sonarrs of the entry."""
        self.servers: Mapping[MediaType, Sequence[SeerrArr]] | None = None
        self.on_hint: list[HintListener] = []
        self._tracker = tracker
        self._subentry_id = subentry_id
        self._linked = linked
        self._titles = SeerrTitles(client, library)
        # What was told: the status and all the rest as one number each, for there are thousands.
        self._reported: dict[int, tuple[int, int]] = {}
        self._unnamed: dict[int, SeerrRequest] = {}

    def ref(self, number: int) -> str:
        """Give the name under which the tracker knows a request."""
        return RequestRef(RequestSource.SEERR, self._subentry_id, number).text

    def held(self) -> frozenset[int]:
        """Give the numbers of this Seerr's requests that are not over."""
        # There may be 10,000 requests of others, whose names need not be read.
        mine = beginning(RequestSource.SEERR, self._subentry_id)
        names = (ref for ref in tuple(self._tracker.refs) if ref.startswith(mine))
        return frozenset(one.number for one in map(RequestRef.parse, names) if one is not None)

    async def polled(
        self, listed: Mapping[int, SeerrRequest], again: Collection[int], now: datetime
    ) -> None:
        """Take in what a poll has found, names first, so that nobody hears of an id.

        `again`: what the tracker is told whatever it was told before. Raises Unauthorized.
        """
        news = await self._news({**self._unnamed, **listed}, again)
        nameless = await _picked(news, lambda one: not self._named(one))
        self._unnamed |= {one.id: one for one in nameless}
        unnamed = tuple(self._unnamed.values())
        await self._titles.find(unnamed)
        await self._titles.ask(unnamed, now)
        named = await _picked(unnamed, self._named)
        for one in named:
            del self._unnamed[one.id]
        said = await _picked(news, lambda one: not self._waits(one, now))
        every = {one.id: one for one in (*said, *named)}
        # Whoever waits for thousands wants to see first what is there.
        await self._tell(sorted(every.values(), key=_is_there, reverse=True), now)
        self._titles.let_go()

    async def decided(self, one: SeerrRequest, now: datetime) -> None:
        """Take in what Seerr answers to a decision of ours."""
        await self._tell(await self._news({one.id: one}, {one.id}), now)

    async def heard(self, message: SeerrMessage, number: int, now: datetime) -> None:
        """Show what a webhook's body hints at, of a request that Seerr itself has told of."""
        ref = self.ref(number)
        about = About(media=message.media, ids=message.ids, ref=ref, year=message.year)
        await self._tracker.hint(self._subentry_id, [Report(about, facts_heard(message, now))])
        if message.available:
            self._hint([ref])

    async def read_well(self, began: datetime) -> None:
        """Note that Seerr was read well: what its webhook said before counts no more."""
        await self._tracker.overrule(self._subentry_id, began)

    async def withdrawn(self, number: int, now: datetime) -> None:
        """Note that a request was deleted."""
        self._reported.pop(number, None)
        await self._tracker.withdrawn(self.ref(number), now)

    # -- inside ----------------------------------------------------------------------------------

    async def _news(
        self, listed: Mapping[int, SeerrRequest], again: Collection[int]
    ) -> list[SeerrRequest]:
        """Pick what the tracker was not told yet; `again`: also when it was."""
        fresh = await _picked(
            listed.values(), lambda one: one.id in again or self._reported.get(one.id) != _told(one)
        )
        over = await self._tracker.closed(self.ref(one.id) for one in fresh)
        return await _picked(fresh, lambda one: self._is_news(one, over))

    def _is_news(self, one: SeerrRequest, over: Mapping[str, Closing | None]) -> bool:
        """Leave out what is over: once closed here, or there and gone before we came.

        What was declined, and no longer is, is not over.
        """
        ref = self.ref(one.id)
        gone = one.closed and one.status is not RequestStatus.DECLINED
        undone = over.get(ref) is Closing.DECLINED and not one.closed
        if (ref in over and not undone) or (gone and self._tracker.find(ref) is None):
            self._reported[one.id] = _told(one)
            return False
        # Which seasons are meant nobody knows: it is followed once Seerr names some.
        nameless = one.media is MediaType.SERIES and not one.seasons
        return not nameless or self._tracker.find(ref) is not None

    def _waits(self, one: SeerrRequest, now: datetime) -> bool:
        """Keep back what is closed at first sight until its name is known: then nobody adds it."""
        return (
            one.closed
            and self._tracker.find(self.ref(one.id)) is None
            and not self._named(one)
            and not self._titles.hopeless(one, now)
        )

    def _named(self, one: SeerrRequest) -> bool:
        view = self._tracker.find(self.ref(one.id))
        return self._titles.get(one) is not None or bool(view and view.request.title.name)

    async def _tell(self, news: Iterable[SeerrRequest], now: datetime) -> None:
        for some in batched(news, _CHUNK, strict=False):
            hints = [self.ref(one.id) for one in some if self._became_playable(one)]
            over = await self._tracker.closed(self.ref(one.id) for one in some)
            said = [self._said(one, await self._known(self.ref(one.id), over), now) for one in some]
            await self._tracker.asked([one for one in said if one is not None])
            self._reported |= {one.id: _told(one) for one in some}
            self._hint(hints)

    def _said(
        self, one: SeerrRequest, held: Held | None, now: datetime
    ) -> tuple[Request, tuple[Fact, ...]] | None:
        request = request_of(
            one,
            self.ref(one.id),
            title=self._titles.get(one),
            arr=arr_of(one, self.servers or {}, self._linked()),
            held=held.request if held else None,
            now=now,
        )
        return None if request is None else (request, facts_of(one, held, now))

    def _became_playable(self, one: SeerrRequest) -> bool:
        before = self._reported.get(one.id)
        done = RequestStatus.COMPLETED
        return before is not None and before[0] != done and one.status is done

    async def _known(self, ref: str, over: Container[str]) -> Held | None:
        """Say what is known of a request already; also of one that was declined before.

        `over`: which are known, and not followed any more.
        """
        view = self._tracker.find(ref)
        if view is not None:
            facts = self._tracker.facts(view.request.id)
            return Held(view.request, facts, view.status.settled)
        row = await self._tracker.over(ref) if ref in over else None
        return None if row is None else Held(row.request, row.facts, settled=False)

    def _hint(self, refs: Collection[str]) -> None:
        held = [ref for ref in refs if self._tracker.find(ref) is not None]
        for tell in tuple(self.on_hint) if held else ():
            tell(held)


def _told(one: SeerrRequest) -> tuple[int, int]:
    """Give what tells one state of a request from another."""
    return int(one.status), hash(one)


def _is_there(one: SeerrRequest) -> bool:
    return one.media_status is MediaStatus.AVAILABLE


async def _picked(
    requests: Iterable[SeerrRequest], wanted: Callable[[SeerrRequest], bool]
) -> list[SeerrRequest]:
    """Pick requests, in parts: there may be thousands, and others wait for the event loop."""
    found: list[SeerrRequest] = []
    for some in batched(requests, _PART, strict=False):
        found += [one for one in some if wanted(one)]
        await asyncio.sleep(0)
    return found
