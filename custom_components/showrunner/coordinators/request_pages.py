"""All requests in the order in which they are shown, while somebody looks through them.

Of thousands only what puts them in order and finds them is held, and only while somebody looks: it
is gathered once, giving way to others, then kept up with what changes.
"""

import asyncio
from collections.abc import Callable, Iterable

from ..domain.requests.browsing import Entry, Look, Page, in_order
from .cooperative_yield import CooperativeYield
from .held_requests import HeldRequests
from .request_view import RequestView

__all__ = ["RequestPages"]


class RequestPages:
    """The requests of one entry, page by page."""

    def __init__(self, requests: HeldRequests) -> None:
        """Begin with nobody who looks."""
        self._requests = requests
        self._lookers: list[Callable[[], None]] = []
        self._entries: dict[str, Entry] = {}
        self._ordered: list[Entry] | None = None
        self._gathered = False
        self._lock = asyncio.Lock()
        self._stop: Callable[[], None] | None = None

    def look(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed()` at every change, for somebody who looks; give what ends that."""
        self._lookers.append(changed)
        if self._stop is None:
            self._stop = self._requests.add_listener(self._take)

        def end() -> None:
            self._lookers.remove(changed)
            if not self._lookers and self._stop is not None:
                self._stop()
                self._stop, self._gathered = None, False
                self._entries, self._ordered = {}, None

        return end

    async def page(self, look: Look) -> tuple[Page, tuple[RequestView, ...]]:
        """Give a page and the requests on it, for somebody who looks."""
        async with self._lock:
            if not self._gathered:
                await self._gather()
        page = look.of(self._in_order())
        return page, tuple(self._requests.views[one] for one in page.ids)

    async def _gather(self) -> None:
        give_way = CooperativeYield()
        for request_id in tuple(self._requests.views):
            view = self._requests.views.get(request_id)
            if view is not None:
                self._put(view)
            await give_way()
        # Who looked may have gone meanwhile: then nobody keeps up with what changes.
        self._gathered = self._stop is not None

    def forget(self, request_ids: Iterable[str]) -> None:
        """Forget requests that are gone without a word of each: their source was unlinked."""
        for request_id in request_ids:
            self._entries.pop(request_id, None)
        self._changed()

    def _in_order(self) -> list[Entry]:
        if self._ordered is None:
            self._ordered = in_order(self._entries.values())
        return self._ordered

    def _take(self, view: RequestView) -> None:
        self._put(view)
        self._changed()

    def _put(self, view: RequestView) -> None:
        if view.status.closed is not None:
            self._entries.pop(view.request.id, None)
        else:
            self._entries[view.request.id] = Entry.of(view.request, view.status)

    def _changed(self) -> None:
        self._ordered = None
        for changed in tuple(self._lookers):
            changed()
