"""Every request that is not over: as it is while it waits, a few bytes once it is settled."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import override

from ..domain.requests.packed import pack_request, unpack_request
from ..domain.requests.request import Request
from .request_view import RequestView


class RequestBook(Mapping[str, RequestView]):
    """How requests stand by what was read, by their ids.

    There may be thousands that are settled: who goes through all has to give way to others.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._open: dict[str, RequestView] = {}
        self._settled: dict[str, bytes] = {}
        # Whoever puts one looks at it several times before the next.
        self._last: RequestView | None = None

    @override
    def __getitem__(self, request_id: str) -> RequestView:
        view = self._open.get(request_id)
        if view is None and self._last is not None and self._last.request.id == request_id:
            view = self._last
        return view or RequestView(*unpack_request(self._settled[request_id]))

    @override
    def __iter__(self) -> Iterator[str]:
        yield from self._open
        yield from self._settled

    @override
    def __len__(self) -> int:
        return len(self._open) + len(self._settled)

    @override
    def __contains__(self, request_id: object) -> bool:
        return request_id in self._open or request_id in self._settled

    def put(self, view: RequestView) -> None:
        """Hold a request as it stands now."""
        self.drop(view.request.id)
        if view.status.settled:
            self._settled[view.request.id] = pack_request(view.request, view.status)
            self._last = view
        else:
            self._open[view.request.id] = view

    def drop(self, request_id: str) -> None:
        """Hold a request no longer."""
        self._open.pop(request_id, None)
        if self._settled.pop(request_id, None) is not None:
            self._last = None


class Requests(MutableMapping[str, Request]):
    """The requests of a book for whom asks whom a report means.

    What was learnt of one and is not in the book yet counts already.
    """

    def __init__(self, book: RequestBook) -> None:
        """Take the book."""
        self._book = book
        self._learnt: dict[str, Request] = {}

    @override
    def __getitem__(self, request_id: str) -> Request:
        return self._learnt.get(request_id) or self._book[request_id].request

    @override
    def __setitem__(self, request_id: str, request: Request) -> None:
        held = self._book.get(request_id)
        if held is not None and held.request == request:
            self._learnt.pop(request_id, None)
        else:
            self._learnt[request_id] = request

    @override
    def __delitem__(self, request_id: str) -> None:
        if self._learnt.pop(request_id, None) is None and request_id not in self._book:
            raise KeyError(request_id)

    @override
    def __iter__(self) -> Iterator[str]:
        yield from self._book
        yield from (one for one in self._learnt if one not in self._book)

    @override
    def __len__(self) -> int:
        return sum(1 for _ in self)
