"""Everything that is asked before a request is deleted, fresh from the services (law 3).

A source that does not answer makes what it would have said unknown; it never ends the asking.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from homeassistant.util import dt as dt_util

from ...clients.arr_queue import known_queue
from ...clients.errors import ServiceError
from ...clients.seerr import MediaStatus
from ...coordinators.arr_inventory import NOT_NAMED
from ...coordinators.arr_reports import name_of
from ...coordinators.requests import RequestTracker
from ...coordinators.torrents import TorrentCoordinator
from ...domain.deletion.facts import NOT_ASKED, SeerrSide
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Absent, Knowledge, Known, Unknown
from ...domain.media import MOVIE, Place
from ...domain.plan import Action, Step, Target
from ...domain.requests.facts import Event, EventKind, Facts
from ...domain.requests.holdings import ClientTorrent, Gathered, Queued
from ...domain.requests.ref import RequestSource
from ...domain.requests.request import Request
from ...domain.text import say
from ...domain.torrent_details import Removal
from ...operations.seerr import surely
from ..facts.title_asker import SEERR, Arr, TitleAsker, known


class Ask(StrEnum):
    """Whom to ask beyond the arr of a title, the clients of its downloads, and Jellyfin's items.

    For whatever stands against deleting a file (marks, what plays, other arrs); and Seerr.
    """

    FILES = "files"
    SEERR = "seerr"


# Whose answers each step needs to go on. What it does not need can't stop it later than now.
SOURCES: Final[Mapping[Action, frozenset[Ask]]] = {
    # These may only make sense with the request, which Seerr has to let go.
    Action.UNMONITOR_MOVIE: frozenset(Ask),
    Action.UNMONITOR_EPISODES: frozenset(Ask),
    Action.REMOVE_TORRENT: frozenset(Ask),
    Action.DELETE_FILE: frozenset({Ask.FILES}),
    Action.DELETE_EPISODE_FILES: frozenset({Ask.FILES}),
    Action.DELETE_MOVIE: frozenset(),
    Action.FORGET_MEDIA: frozenset({Ask.SEERR}),
    Action.DELETE_REQUEST: frozenset({Ask.SEERR}),
}


class DeletionFacts:
    """Gathers for one request at a time."""

    def __init__(
        self,
        requests: RequestTracker,
        titles: TitleAsker,
        torrents: Mapping[str, TorrentCoordinator],
    ) -> None:
        """Take everything by hand."""
        self.requests = requests
        self.torrents = torrents
        self.titles = titles

    @property
    def torrent_count(self) -> int | None:
        """How many torrents there are, for the budget; None while a client does not tell."""
        lists = [one.data for one in self.torrents.values()]
        return sum(len(one.by_hash) for one in lists if one) if lists and all(lists) else None

    def sources(self, steps: Iterable[Step], *, files: bool) -> frozenset[str]:
        """Name what a plan is made from that can suddenly fall (law 9), as `Falls` names it."""
        touched = {step.target.service for step in steps}
        return frozenset(touched | self.titles.sources) if files else frozenset(touched)

    async def is_deleted(self, target: Target) -> bool:
        """Tell whether a request is gone from its Seerr; one that was never there is."""
        seerr = self.titles.seerrs.get(target.service)
        if target.remote_id is None:
            return True
        return seerr is not None and await surely(seerr.client, target.remote_id) is None

    async def gather(
        self, request: Request, *, files: bool, asks: Collection[Ask] = frozenset(Ask)
    ) -> Gathered:
        """Ask everybody, or those that are named; Jellyfin and other arrs only where it matters.

        What nobody was asked for is unknown, and an unknown answer only ever takes steps away.
        """
        record = await known("arr", self._record(request))
        downloads = _downloads(request, await self.requests.all_facts(request.id))
        queue: Knowledge[tuple[Queued, ...]] = Known(())
        if downloads or not isinstance(record, Absent):
            queue = await self._queue(self._own(request))
        if isinstance(record, Known) and isinstance(queue, Known):
            downloads = _with_queued(request, record.value, downloads, queue.value)
        if downloads:
            queue = await self._queue({**self.titles.radarrs, **self.titles.sonarrs})
        found = Gathered(
            record=record,
            downloads=downloads,
            other_downloads=frozenset(
                download
                for download, _ in downloads
                if self.requests.waiting_for(download) - {request.id}
            ),
            queue=queue,
            torrents=await self._clients() if downloads else Known(()),
            seerr=await known(SEERR, self._side(request)) if Ask.SEERR in asks else NOT_ASKED,
            year=request.title.year,
        )
        if files and _matters_to_jellyfin(found):
            found = await self.titles.with_items(request.title, request.wants, found)
            if Ask.FILES in asks:
                found = await self.titles.with_protection(request.title, found)
        return await self._with_words(request, found)

    async def _with_words(self, request: Request, found: Gathered) -> Gathered:
        """Add what people keep of the title and who else has asked for it, by all of its ids."""
        side = [found.seerr.value.ids] if isinstance(found.seerr, Known) else []
        known_as = await self.titles.known_as(request.title, found, side)
        title = known_as.value.every if isinstance(known_as, Known) else request.title.key
        others = (view.request for view in self.requests.about(title))
        return replace(
            found,
            keeps=await self.titles.keeps(known_as),
            others=tuple(one for one in others if one.id != request.id),
        )

    # -- the arrs ----------------------------------------------------------------------------------

    def arr_of(self, request: Request) -> Arr | None:
        """Find the arr that holds a request's title; None when that is not sure."""
        arrs = self.titles.arrs_of(request.title)
        if request.arr is not None:
            return arrs.get(request.arr[0])
        # As at the polls: an only arr is taken to hold the standard quality.
        return next(iter(arrs.values())) if len(arrs) == 1 and not request.is_4k else None

    def _own(self, request: Request) -> Mapping[str, Arr]:
        """Give the arr of a request's title, by its subentry."""
        arr = self.arr_of(request)
        return {} if arr is None else {arr.subentry_id: arr}

    async def _record(self, request: Request) -> Knowledge[ArrTitle]:
        arr = self.arr_of(request)
        if arr is None:
            return Unknown(say("arr_not_told"), "arr")
        return await self.titles.record(arr, request.ids, request.arr[1] if request.arr else None)

    async def _queue(self, arrs: Mapping[str, Arr]) -> Knowledge[tuple[Queued, ...]]:
        found: list[Queued] = []
        for service, arr in tuple(arrs.items()):
            try:
                lines = await known_queue(arr.client, arr.title, dt_util.utcnow())
            except ServiceError as err:
                return Unknown(err.text, "queue")
            found += [
                Queued(service, line.media_id, line.episode_id, name_of(line.download_id))
                for line in lines
            ]
        return Known(tuple(found), "queue")

    # -- torrents and Seerr ------------------------------------------------------------------------

    async def _clients(self) -> Knowledge[tuple[ClientTorrent, ...]]:
        found: list[ClientTorrent] = []
        for service, one in self.torrents.items():
            await one.async_refresh()
            if not one.connected or one.data is None:
                return Unknown(
                    one.last_error or say("does_not_answer", service=one.title), "torrents"
                )
            if one.doubted:
                return Unknown(say("lost_torrents", service=one.title), "torrents")
            found += [
                ClientTorrent(
                    service, one.service, torrent, one.client.removal is Removal.WITH_DATA
                )
                for torrent in one.data.by_hash.values()
            ]
        return Known(tuple(found), "torrents") if self.torrents else Absent("torrents")

    async def _side(self, request: Request) -> Knowledge[SeerrSide]:
        ref = request.source
        if ref is None or ref.source is not RequestSource.SEERR:
            return Absent("" if ref is None else ref.source)
        seerr = self.titles.seerrs.get(ref.service)
        if seerr is None:
            return Unknown(say("its_seerr_not_linked"), SEERR)
        answer = await surely(seerr.client, ref.number)
        if answer is None:
            return Absent(SEERR)
        lone = answer.other_status in (MediaStatus.UNKNOWN, MediaStatus.DELETED)
        return Known(SeerrSide(ref.service, ref.number, answer.ids, answer.media_id, lone), SEERR)


def _matters_to_jellyfin(found: Gathered) -> bool:
    """Tell whether anything hangs on what Jellyfin has: a file, or what Seerr is to forget."""
    match found.record:
        case Unknown():
            return True
        case Known(record) if record.files or any(unit.file_id for unit in record.units):
            return True
    return isinstance(found.seerr, Known) and found.seerr.value.media_id is not None


type _Downloads = tuple[tuple[str, frozenset[Place | None]], ...]


def _downloads(request: Request, facts: Facts) -> _Downloads:
    """List the downloads that were grabbed and of which something was not imported yet.

    Only those for units that were asked for, or may be: what was grabbed for an episode that can't
    be named (None) may be any.
    """
    grabbed: dict[str, set[Place | None]] = {}
    imported: set[tuple[str, Place | None]] = set()
    for fact in facts:
        if not isinstance(fact, Event) or not fact.download:
            continue
        if fact.kind is EventKind.GRABBED:
            grabbed.setdefault(fact.download, set()).add(fact.place)
        elif fact.kind is EventKind.IMPORTED:
            imported.add((fact.download, fact.place))
    return tuple(
        (download, frozenset(places))
        for download, places in sorted(grabbed.items(), key=lambda pair: pair[0])
        if any((download, place) not in imported for place in places)
        and any(place is None or _is_asked(request, place) for place in places)
    )


def _is_asked(request: Request, place: Place) -> bool:
    return place == MOVIE if request.is_movie else request.wants(place.season)


def _with_queued(
    request: Request, record: ArrTitle, downloads: _Downloads, queue: Iterable[Queued]
) -> _Downloads:
    """Add what only the arr's queue tells of so far: it was grabbed a moment ago."""
    known, places = dict(downloads), {unit.id: unit.place for unit in record.units}
    for line in queue:
        if (line.service, line.media_id) != (record.service, record.id) or not line.download:
            continue
        place = MOVIE if request.is_movie else places.get(line.unit_id or NOT_NAMED)
        if place is None or _is_asked(request, place):
            known.setdefault(line.download, frozenset())
    return tuple(known.items())
