"""Who has asked for what in the Seerrs, by all names of a title."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime

from ...clients.errors import ServiceError
from ...clients.seerr import MediaStatus, RequestStatus, SeerrRequest
from ...coordinators.seerr import SeerrCoordinator
from ...domain.deletion.facts import NOT_ASKED, SeerrSide
from ...domain.identity import KnownAs
from ...domain.knowledge import Knowledge, Known, Unknown
from ...domain.media import MediaType, ProviderIds, TitleKey
from ...domain.retention import Requester, RetentionViewer
from ...domain.text import say
from ..facts.title_asker import SEERR
from .gone import GoneUsers

type Asked = tuple[Requester, SeerrSide]
type Requests = Knowledge[Mapping[str, tuple[Asked, ...]]]


class AllRequests:
    """Asks every Seerr that is linked."""

    def __init__(self, seerrs: Mapping[str, SeerrCoordinator], gone: GoneUsers) -> None:
        """Take everything by hand."""
        self._seerrs = seerrs
        self._gone = gone

    async def asked(self, viewers: Iterable[RetentionViewer]) -> Requests:
        """Say who has asked for what, by the titles' names. Raises StoreError."""
        names = {one.id: one.name for one in viewers}
        every_one: list[tuple[str, SeerrRequest]] = []
        asked = dict(self._seerrs)  # one may be linked, or unlinked, while they answer
        for service, seerr in asked.items():
            if not seerr.connected:
                return Unknown(say("cant_say_who_wants", services=(seerr.title,)), SEERR)
            try:
                listed = await seerr.client.requests()
            except ServiceError as err:
                return Unknown(err.text, SEERR)
            every_one += [(service, one) for one in listed if not one.closed]
        if asked != self._seerrs:
            names_now = tuple(one.title for one in self._seerrs.values())
            return Unknown(say("cant_say_who_wants", services=names_now), SEERR)
        gone = await self._gone.since(
            one.jellyfin_user_id for _, one in every_one if one.jellyfin_user_id is not None
        )
        # Beside the event loop: there may be many.
        return Known(await asyncio.to_thread(_by_name, every_one, names, gone), SEERR)


def _by_name(
    every_one: Iterable[tuple[str, SeerrRequest]],
    names: Mapping[str, str],
    gone: Mapping[str, datetime],
) -> dict[str, tuple[Asked, ...]]:
    found: dict[str, tuple[Asked, ...]] = {}
    for service, one in every_one:
        asked = (_requester(one, names, gone), _side(service, one))
        for name in TitleKey(one.media, one.ids).names:
            found[name] = (*found.get(name, ()), asked)
    return found


def of_title(requests: Requests, known_as: Knowledge[KnownAs]) -> Knowledge[tuple[Asked, ...]]:
    """Say who has asked for a title; unknown, where it may have been for another one."""
    if not isinstance(requests, Known) or not isinstance(known_as, Known):
        return NOT_ASKED if isinstance(requests, Known) else requests
    surely = _named(requests.value, known_as.value.sure)
    if set(_named(requests.value, known_as.value.doubtful)) - set(surely):
        return Unknown(say("asked_under_other_ids"), SEERR)
    return Known(surely, SEERR)


def ids_in(requests: Requests, names: Iterable[str]) -> set[ProviderIds]:
    """Give the ids by which the Seerrs call what was asked for under these names."""
    if not isinstance(requests, Known):
        return set()
    return {side.ids for name in names for _, side in requests.value.get(name, ())}


def is_open(request: SeerrRequest) -> bool:
    """Tell whether something is still to come of a request: partly there may be what others got."""
    part = request.media_status is MediaStatus.PARTIAL and request.status is RequestStatus.COMPLETED
    return request.media_status is not MediaStatus.AVAILABLE and not part


def _requester(
    request: SeerrRequest, names: Mapping[str, str], gone: Mapping[str, datetime]
) -> Requester:
    who = request.jellyfin_user_id
    seasons = frozenset(request.seasons) if request.seasons else None
    return Requester(
        name=names.get(who or "", request.requested_by),
        viewer_id=who if who in names else None,
        seasons=None if request.media is MediaType.MOVIE else seasons,
        gone_since=gone.get(who or ""),
        open=is_open(request),
    )


def _side(service: str, request: SeerrRequest) -> SeerrSide:
    lone = request.other_status in (MediaStatus.UNKNOWN, MediaStatus.DELETED)
    return SeerrSide(service, request.id, request.ids, request.media_id, lone)


def _named(requests: Mapping[str, tuple[Asked, ...]], title: TitleKey) -> tuple[Asked, ...]:
    found = (one for name in title.names for one in requests.get(name, ()))
    return tuple(dict.fromkeys(found))
