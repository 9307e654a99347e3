"""Where to look for requests: by whose they are, how they stand, and when time changes them.

Kept up to date at every change, so that whoever looks for a few does not go through all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import Enum, auto
import heapq
from typing import Final

from ..domain.media import MediaType
from ..domain.requests.request import Request, RequestState, Stage
from .request_view import RequestView

_UNDER_WAY: Final = frozenset(
    {
        RequestState.GRABBING,
        RequestState.DOWNLOADING,
        RequestState.DOWNLOADED,
        RequestState.IMPORTING,
    }
)
_COMING: Final = frozenset({RequestState.GRABBING, RequestState.DOWNLOADING})

# A kind of title and the arr that has it (a subentry); no arr: any that holds standard titles.
type Owner = tuple[MediaType, str | None]


class Mark(Enum):
    """What somebody looks for among the requests."""

    WAITING = auto()  # it is not settled
    WAITING_SERIES = auto()  # it waits, and is a series
    SETTLED = auto()
    UNDER_WAY = auto()  # a download of it is, or an import
    COMING = auto()  # a download is on its way, as far as anybody knows
    NOT_MATCHED = auto()
    NOT_SEEN = auto()  # imported, and Jellyfin does not show it yet
    PENDING = auto()  # nobody has approved it, however far it is
    UNREAD = auto()  # it waits, and no arr has ever said what it has of it


_STAGES: Final[Mapping[Stage, set[Mark]]] = {
    Stage.NOT_VISIBLE: {Mark.NOT_SEEN},
    Stage.NOT_MATCHED: {Mark.NOT_SEEN, Mark.NOT_MATCHED},
}


def owner_of(request: Request) -> Owner | None:
    """Say whose a request is; None: nobody can know yet, for an only arr is for standard titles."""
    if request.arr is not None:
        return request.title.media, request.arr[0]
    return None if request.is_4k else (request.title.media, None)


def marks_of(view: RequestView) -> frozenset[Mark]:
    """Say what a request is found by."""
    status = view.status
    states = {status.state, *(state for state, count in status.episodes.items() if count)}
    found = {Mark.SETTLED if status.settled else Mark.WAITING}
    if not status.settled and not view.request.is_movie:
        found.add(Mark.WAITING_SERIES)
    if not status.settled:
        if states & _UNDER_WAY:
            found.add(Mark.UNDER_WAY)
        if states & _COMING and status.stuck is None:
            found.add(Mark.COMING)
        found |= _STAGES.get(status.stage, set())
    if status.pending and status.closed is None:
        found.add(Mark.PENDING)
    return _shared(frozenset(found))


_SHARED: dict[frozenset[Mark], frozenset[Mark]] = {}


def _shared(marks: frozenset[Mark]) -> frozenset[Mark]:
    return _SHARED.setdefault(marks, marks)


class RequestIndex:
    """The ids of requests, by what they are looked for by."""

    def __init__(self) -> None:
        """Begin empty."""
        self._owners: dict[str, Owner | None] = {}
        # One object for all that are somebody's: the collector goes through what holds objects.
        self._shared: dict[Owner | None, Owner | None] = {}
        self._marks: dict[str, frozenset[Mark]] = {}
        self._numbers: dict[str, tuple[str, int]] = {}
        # Dicts, for the order in which they came.
        self._marked: defaultdict[tuple[Mark, Owner | None], dict[str, None]] = defaultdict(dict)
        self._of_arr: dict[tuple[str, int], tuple[str, ...]] = {}
        self._came: dict[str, datetime] = {}
        self._due: dict[str, datetime] = {}
        self._awaited: dict[str, tuple[str, ...]] = {}

    def put(
        self,
        view: RequestView,
        *,
        due: datetime | None = None,
        awaited: Collection[str] = (),
        unread: bool = False,
    ) -> None:
        """Take in a request as it is shown now.

        `due`: when the time alone may change it; `awaited`: the downloads its arr should queue;
        `unread`: no arr has ever said what it has of it.
        """
        request_id, marks = view.request.id, marks_of(view)
        if unread and Mark.WAITING in marks:
            marks = _shared(marks | {Mark.UNREAD})
        owner = owner_of(view.request)
        owner = self._shared.setdefault(owner, owner)
        if self._owners.get(request_id) != owner or self._marks.get(request_id) != marks:
            self._unmark(request_id)
            self._owners[request_id], self._marks[request_id] = owner, marks
            for mark in marks:
                self._marked[mark, owner][request_id] = None
        if self._numbers.get(request_id) != view.request.arr:
            self._unnumber(request_id)
            if view.request.arr is not None:
                self._numbers[request_id] = view.request.arr
                known = self._of_arr.get(view.request.arr, ())
                self._of_arr[view.request.arr] = (*known, request_id)
        _keep(self._came, request_id, view.status.available_at)
        _keep(self._due, request_id, due)
        _keep(self._awaited, request_id, tuple(awaited) or None)

    def put_off(self, request_id: str, due: datetime | None) -> None:
        """Note when the time may change a request next: until now it has not."""
        _keep(self._due, request_id, due)

    def drop(self, request_id: str) -> None:
        """Look for a request no more."""
        self._unmark(request_id)
        self._unnumber(request_id)
        for one in (self._owners, self._marks, self._came, self._due, self._awaited):
            one.pop(request_id, None)

    def _unmark(self, request_id: str) -> None:
        owner = self._owners.get(request_id)
        for mark in self._marks.get(request_id, ()):
            del self._marked[mark, owner][request_id]

    def _unnumber(self, request_id: str) -> None:
        arr = self._numbers.pop(request_id, None)
        if arr is None:
            return
        left = tuple(one for one in self._of_arr[arr] if one != request_id)
        if left:
            self._of_arr[arr] = left
        else:
            del self._of_arr[arr]

    def marked(self, mark: Mark, owners: Iterable[Owner] | None = None) -> tuple[str, ...]:
        """Name the requests with a mark; of some owners, or of anybody."""
        keys = (
            [key for key in self._marked if key[0] is mark]
            if owners is None
            else [(mark, owner) for owner in owners]
        )
        return tuple(one for key in keys for one in self._marked.get(key, ()))

    def any_marked(self, mark: Mark, owners: Iterable[Owner] | None = None) -> bool:
        """Tell whether there is a request with a mark."""
        if owners is None:
            return any(ids for key, ids in self._marked.items() if key[0] is mark)
        return any(self._marked.get((mark, owner)) for owner in owners)

    def is_marked(self, request_id: str, mark: Mark) -> bool:
        """Tell whether a request has a mark."""
        return mark in self._marks.get(request_id, ())

    def of_arr(self, service: str, number: int) -> tuple[str, ...]:
        """Name the requests of a title by its arr's number of it."""
        return self._of_arr.get((service, number), ())

    def number_of(self, request_id: str) -> int | None:
        """Give the number by which its arr knows a request's title."""
        arr = self._numbers.get(request_id)
        return None if arr is None else arr[1]

    def awaited(self, owners: Iterable[Owner]) -> frozenset[str]:
        """Name the downloads that the queue of these owners' arr should hold."""
        return frozenset(
            download
            for request_id in self.marked(Mark.UNDER_WAY, owners)
            for download in self._awaited.get(request_id, ())
        )

    def came_last(self, most: int) -> list[str]:
        """Name the settled requests that became available last, the last first."""
        came = ((at, one) for one, at in self._came.items() if self.is_marked(one, Mark.SETTLED))
        return [one for _, one in heapq.nlargest(most, came)]

    def due(self, now: datetime) -> tuple[str, ...]:
        """Name the requests that the time alone may have changed by now."""
        return tuple(one for one, due in self._due.items() if due <= now)


def _keep[T](kept: dict[str, T], request_id: str, value: T | None) -> None:
    if value is None:
        kept.pop(request_id, None)
    else:
        kept[request_id] = value
