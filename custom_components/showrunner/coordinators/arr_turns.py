"""Whose title an arr is asked for next: a bounded number of requests at each look.

First whom something was told of, then who was not read for longest; settled requests have their
turn after those that wait.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
import heapq
from itertools import islice
from typing import Final

from homeassistant.util import dt as dt_util

from ..domain.media import MediaType
from ..domain.requests.request import Request
from ..domain.schedule import share
from .request_index import Mark, Owner, owner_of
from .requests import RequestTracker, RequestView

# How many titles are read in one look: of waiting requests, and of settled ones. Settled ones have
# their turn each quarter of an hour, as long as there are no more than 300 of them.
MOST_WAITING: Final = 20
_MOST_SETTLED: Final = 20
_LOOKS: Final = 15
# How often a settled title is read in a row when it seems to have lost a file.
_READS: Final = 4
_NEVER: Final = datetime.min.replace(tzinfo=dt_util.UTC)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A settled request that is said to have lost a file: since when, how often it is read yet."""

    since: datetime
    left: int


class ArrTurns:
    """Which requests of one arr were read when, and which are next.

    `alone`: whether it is the only one of its kind, so that all requests are its.
    """

    def __init__(
        self,
        requests: RequestTracker,
        service: str,
        media: MediaType,
        alone: Callable[[], bool],
    ) -> None:
        """Begin with nothing read."""
        self._requests = requests
        self._service = service
        self._media = media
        self._alone = alone
        self._read_at: dict[str, datetime] = {}
        # Requests whose past was read, too.
        self._met: set[str] = set()
        # Requests that are read now, but for their past.
        self._pasts_left: set[str] = set()
        self._doubted: dict[str, _Doubt] = {}
        # Requests that were looked for as soon as they came.
        self._sought: set[str] = set()

    # -- whose they are --------------------------------------------------------------------------

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Under whom its requests are found: as Seerr says, or because there is no other."""
        own: Owner = (self._media, self._service)
        return (own, (self._media, None)) if self._alone() else (own,)

    def is_mine(self, request: Request) -> bool:
        """Tell whether a request is this arr's."""
        return owner_of(request) in self.owners

    # -- what is next ----------------------------------------------------------------------------

    def news(self, hot: Collection[int | None]) -> list[RequestView]:
        """Choose what is read because somebody told of it, or has just asked for it.

        `hot`: the arr's numbers of the titles to which something has happened.
        """
        told = self._told(hot)
        waiting = self._requests.places.marked(Mark.WAITING, self.owners)
        wanted = [
            *(one for one in self._doubted if self._is_held(one)),
            *(one for one in waiting if one in told or one not in self._read_at),
        ]
        return list(islice(self._views(dict.fromkeys(wanted)), MOST_WAITING))

    def turn(self, hot: Collection[int | None]) -> Iterator[RequestView]:
        """Choose whose titles are read: where something has happened first, then in turn."""
        told, places = self._told(hot), self._requests.places

        def order(one: str) -> tuple[bool, datetime]:
            return (one not in told, self._read_at.get(one, _NEVER))

        waiting = places.marked(Mark.WAITING, self.owners)
        yield from self._views(heapq.nsmallest(MOST_WAITING, waiting, key=order))
        # Only now, after others had their turn: there may be thousands.
        settled = places.marked(Mark.SETTLED, self.owners)
        doubted = [one for one in settled if one in self._doubted]
        yield from self._views(doubted[:MOST_WAITING])
        settled = tuple(one for one in settled if one not in self._doubted)
        yield from self._views(
            heapq.nsmallest(
                share(len(settled), _LOOKS, _MOST_SETTLED),
                settled,
                key=lambda one: (self._is_known(one), order(one)),
            )
        )

    def unread(self, most: int) -> list[RequestView]:
        """Choose some that were never read, such as all are when a Seerr was linked."""
        unread = self._requests.places.marked(Mark.UNREAD, self.owners)
        return list(islice(self._views(o for o in unread if o not in self._read_at), most))

    def _told(self, hot: Iterable[int | None]) -> frozenset[str]:
        """Name the requests of which something was told."""
        places, numbers = self._requests.places, (one for one in hot if one is not None)
        happened = (one for number in numbers for one in places.of_arr(self._service, number))
        return self._requests.hinted_by(self._service).union(happened)

    def _is_known(self, request_id: str) -> bool:
        """Tell whether it is known here; else it was there before anybody looked."""
        known = self._requests.places.number_of(request_id) is not None
        return known or request_id in self._read_at

    def _is_held(self, request_id: str) -> bool:
        view = self._requests.views.get(request_id)
        return view is not None and self.is_mine(view.request)

    def _views(self, requests: Iterable[str]) -> Iterator[RequestView]:
        for one in requests:
            view = self._requests.views.get(one)
            if view is not None:
                yield view

    # -- what was read ---------------------------------------------------------------------------

    def is_met(self, request_id: str) -> bool:
        """Tell whether what has happened to a title before was read."""
        return request_id in self._met

    def was_read(self, request_id: str) -> bool:
        """Tell whether it was read since the start."""
        return request_id in self._read_at

    def leave_past(self, request_id: str) -> None:
        """Note that what has happened to a title before is left for its next turn."""
        self._pasts_left.add(request_id)

    def were_read(self, requests: Collection[str], at: datetime) -> None:
        """Note what was read, and forget what is over."""
        self._met.update(one for one in requests if one not in self._pasts_left)
        self._pasts_left.clear()
        self._read_at.update(dict.fromkeys(requests, at))
        views = self._requests.views
        for one in [one for one in self._read_at if one not in views]:
            self._met.discard(one)
            del self._read_at[one]
        self._sought = {one for one in self._sought if one in views}
        self._doubted = {one: doubt for one, doubt in self._doubted.items() if one in views}

    def seek(self, view: RequestView) -> bool:
        """Tell whether a request must be looked for soon: nobody has done so since it came."""
        request_id = view.request.id
        known = request_id in self._read_at or request_id in self._sought
        if known or view.status.settled or not self.is_mine(view.request):
            return False
        self._sought.add(request_id)
        return True

    def doubt(self, requests: Iterable[str], at: datetime) -> None:
        """Have it read again soon of which somebody tells a loss."""
        self._doubted |= dict.fromkeys(requests, _Doubt(at, _READS))

    def lost(self, view: RequestView, began: datetime, *, lost: bool) -> bool:
        """Take in whether a title was read with a file less; tell whether that is news to others.

        It is read again soon: only reads that agree count. One that began before somebody told of
        the loss says nothing against it.
        """
        doubt = self._doubted.get(view.request.id, _Doubt(began, _READS))
        if not lost and began < doubt.since:
            return False
        self._doubted.pop(view.request.id, None)
        left = doubt.left - 1
        if lost and left > 0 and view.status.settled:
            self._doubted[view.request.id] = replace(doubt, left=left)
        return lost and left < _READS - 1
