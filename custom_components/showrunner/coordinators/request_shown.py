"""The requests as they are shown, counted, and the events of what has become of them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ..domain.requests.request import RequestState
from .request_view import RequestView

# What is first heard of when it is older than this was not missed: nobody waits to be told.
_NEWS: Final = timedelta(days=1)


class Shown:
    """The views of all requests that are not over, by their ids."""

    def __init__(self) -> None:
        """Begin empty."""
        self.views: dict[str, RequestView] = {}
        self.stuck: set[str] = set()
        self._counts: Counter[RequestState] = Counter()

    def put(self, view: RequestView) -> None:
        """Show a request, as it stands now."""
        request_id = view.request.id
        self._forget(self.views.get(request_id))
        self.views[request_id] = view
        self._counts[view.status.state] += 1
        if view.status.stuck is not None:
            self.stuck.add(request_id)

    def drop(self, request_id: str) -> None:
        """Show a request no longer."""
        self._forget(self.views.pop(request_id, None))

    def _forget(self, before: RequestView | None) -> None:
        if before is not None:
            self._counts[before.status.state] -= 1
            self.stuck.discard(before.request.id)

    def count(self, state: RequestState) -> int:
        """Count the requests of a state."""
        return self._counts[state]


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
