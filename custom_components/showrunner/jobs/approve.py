"""Approving requests in Seerr, and mending what is stuck: a person's own decision.

It is carried out whatever the dry run says, which holds back what Showrunner does by itself.
"""

from collections.abc import Mapping
from typing import Any

from ..clients.seerr import RequestStatus, SeerrRequest
from ..coordinators.arr import ArrCoordinator
from ..coordinators.request_index import Mark
from ..coordinators.request_view import RequestView
from ..coordinators.requests import RequestTracker
from ..coordinators.seerr import SeerrCoordinator
from ..domain.requests.mending import Mending, mending_of
from ..domain.requests.ref import RequestSource


class NotWaiting(Exception):
    """The request is not there, is not Seerr's, or waits for nobody."""


class NotHandedOn(Exception):
    """Seerr has approved it, and could not hand it on: its Radarr or Sonarr does not answer."""


class Approvals:
    """The requests that wait for somebody to approve them."""

    def __init__(self, requests: RequestTracker, seerrs: Mapping[str, SeerrCoordinator]) -> None:
        """Take the requests, and the Seerrs by their subentries' ids."""
        self._requests = requests
        self._seerrs = seerrs

    @property
    def waiting(self) -> tuple[RequestView, ...]:
        """The requests that wait, the oldest first."""
        found = (view for view in self._requests.marked(Mark.PENDING) if self.waits(view))
        return tuple(sorted(found, key=lambda view: (view.request.requested_at, view.request.id)))

    def waits(self, view: RequestView) -> bool:
        """Tell whether a request waits for approval, also when its title is there already."""
        return (
            view.status.pending and view.status.closed is None and self._seerr_of(view) is not None
        )

    async def approve(self, request_id: str) -> None:
        """Approve a request. Raises NotWaiting, NotHandedOn, ServiceError, StoreError."""
        view = self._requests.find(request_id)
        if view is None or not self.waits(view):
            raise NotWaiting(request_id)
        seerr, number = self._found(view)
        _check(await seerr.approve(number))

    async def decline(self, request_id: str) -> None:
        """Decline a request that waits. Raises NotWaiting, ServiceError, StoreError."""
        view = self._requests.find(request_id)
        if view is None or not self.waits(view):
            raise NotWaiting(request_id)
        seerr, number = self._found(view)
        await seerr.decline(number)

    async def retry(self, request_id: str) -> None:
        """Have a request handed on once more that Seerr could not hand on. Raises likewise."""
        view = self._requests.find(request_id)
        if view is None:
            raise NotWaiting(request_id)
        seerr, number = self._found(view)
        _check(await seerr.retry(number))

    def _found(self, view: RequestView) -> tuple[SeerrCoordinator, int]:
        found = self._seerr_of(view)
        if found is None:
            raise NotWaiting(view.request.id)
        return found

    def _seerr_of(self, view: RequestView) -> tuple[SeerrCoordinator, int] | None:
        """Find whose request it is; its name says it."""
        ref = view.request.source
        if ref is None or ref.source is not RequestSource.SEERR:
            return None
        seerr = self._seerrs.get(ref.service)
        return None if seerr is None else (seerr, ref.number)


class ArrChecks:
    """Has the arr of a request look again at its downloads, or search again."""

    def __init__(self, requests: RequestTracker, arrs: Mapping[str, ArrCoordinator[Any]]) -> None:
        """Take the requests, and the Radarrs and Sonarrs by their subentries' ids."""
        self._requests = requests
        self._arrs = arrs

    async def look_again(self, request_id: str) -> None:
        """Ask every arr that may hold it. Raises NotWaiting, ServiceError."""
        view = self._requests.find(request_id)
        mine = [] if view is None else [a for a in self._arrs.values() if a.owns(view.request)]
        if not mine:
            raise NotWaiting(request_id)
        for arr in mine:
            await arr.check_downloads()

    async def search_again(self, request_id: str) -> None:
        """Have what is missing searched for. Raises NotWaiting (nothing is), ServiceError."""
        view = self._requests.find(request_id)
        mine = [] if view is None else [a for a in self._arrs.values() if a.owns(view.request)]
        found = [await arr.search_again(view.request) for arr in mine] if view is not None else []
        if not any(found):
            raise NotWaiting(request_id)


class Mends:
    """Does what can be done at once about a request that is stuck."""

    def __init__(self, requests: RequestTracker, approvals: Approvals, arrs: ArrChecks) -> None:
        """Take the requests, and who asks Seerr and the arrs."""
        self._requests = requests
        self._approvals = approvals
        self._arrs = arrs

    async def mend(self, request_id: str) -> Mending:
        """Do it, and say what was done.

        Raises NotWaiting: it moves by now, or nothing of it can be mended from here; NotHandedOn,
        ServiceError, StoreError.
        """
        view = self._requests.find(request_id)
        what = None if view is None else mending_of(view.status.stuck)
        match what:
            case None:
                raise NotWaiting(request_id)
            case Mending.RETRY:
                await self._approvals.retry(request_id)
            case Mending.SEARCH:
                await self._arrs.search_again(request_id)
            case Mending.LOOK_AGAIN:
                await self._arrs.look_again(request_id)
        return what


def _check(answer: SeerrRequest | None) -> None:
    if answer is not None and answer.status is RequestStatus.FAILED:
        raise NotHandedOn
