"""The requests as they are shown, counted, and the events of what has become of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, override

from ..domain.requests.request import RequestState, StuckReason
from .request_book import RequestBook
from .request_view import RequestView

# What is first heard of when it is older than this was not missed: nobody waits to be told.
_NEWS: Final = timedelta(days=1)


class Shown:
    """The views of all requests that are not over: as the book has them, but for what hints say."""

    def __init__(self, book: RequestBook) -> None:
        """Begin with nothing shown."""
        self._hinted: dict[str, RequestView] = {}
        self._states: dict[str, RequestState] = {}
        self.views: Mapping[str, RequestView] = _Views(book, self._hinted, self._states)
        # What holds up those that are stuck. They are counted at every change: thousands may be.
        self.stuck: dict[str, StuckReason] = {}
        self._counts: Counter[RequestState] = Counter()
        self._reasons: Counter[StuckReason] = Counter()

    def put(self, view: RequestView, *, hinted: bool = False) -> None:
        """Show a request, as it stands now; `hinted`: not as the book has it."""
        request_id = view.request.id
        self.drop(request_id)
        if hinted:
            self._hinted[request_id] = view
        self._states[request_id] = view.status.state
        self._counts[view.status.state] += 1
        if view.status.stuck is not None:
            self.stuck[request_id] = view.status.stuck.reason
            self._reasons[view.status.stuck.reason] += 1

    def drop(self, request_id: str) -> None:
        """Show a request no longer."""
        self._hinted.pop(request_id, None)
        before = self._states.pop(request_id, None)
        if before is not None:
            self._counts[before] -= 1
        if (reason := self.stuck.pop(request_id, None)) is not None:
            self._reasons[reason] -= 1

    def count(self, state: RequestState) -> int:
        """Count the requests of a state."""
        return self._counts[state]

    def count_stuck(self, *, but: StuckReason) -> int:
        """Count the requests that are held up, but for those that this holds up."""
        return len(self.stuck) - self._reasons[but]


class _Views(Mapping[str, RequestView]):
    """What is shown, by the requests' ids."""

    def __init__(
        self,
        book: RequestBook,
        hinted: Mapping[str, RequestView],
        shown: Mapping[str, RequestState],
    ) -> None:
        self._book = book
        self._hinted = hinted
        self._shown = shown

    @override
    def __getitem__(self, request_id: str) -> RequestView:
        if request_id not in self._shown:
            raise KeyError(request_id)
        return self._hinted.get(request_id) or self._book[request_id]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._shown)

    @override
    def __len__(self) -> int:
        return len(self._shown)

    @override
    def __contains__(self, request_id: object) -> bool:
        return request_id in self._shown


def events(before: RequestView | None, view: RequestView, now: datetime) -> Iterator[str]:
    """Name what has happened to a request. What is old when it is found is history, and no event.

    One that was over and is followed again begins anew.
    """
    old, status = before.status if before else None, view.status
    if before == view or (before is None and view.request.requested_at < now - _NEWS):
        return
    if status.closed is not None:
        yield "closed"
        return
    if old is None or old.state is not status.state or old.closed is not None:
        yield status.state.value
    if status.stuck is not None and (
        old is None or old.stuck is None or old.stuck.reason is not status.stuck.reason
    ):
        yield "stuck"
