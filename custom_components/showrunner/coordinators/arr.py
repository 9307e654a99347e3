"""When we look at a Radarr or a Sonarr, and what of it is reported to the requests.

Every minute: queue, history, and the titles of waiting requests, a bounded number in turn. While
something of theirs is under way the queue alone is read in between. A webhook only hints, and has
us look within a second, at what it is about: what was read well overrules it. What did not answer
says nothing.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import heapq
from itertools import islice
import logging
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..clients import arr_webhook
from ..clients.arr import ArrClient, ArrStatus
from ..clients.arr_models import QueueItem, RootFolder
from ..clients.arr_webhook import ArrEvent, ArrMessage
from ..clients.errors import ServiceError, Unauthorized, Unreachable
from ..domain.history import HistoryEvent, HistoryKind
from ..domain.media import MediaType, Place, TitleKey
from ..domain.paths import PathMap, contains
from ..domain.requests.facts import Facts, Inventory
from ..domain.requests.readings import missing
from ..domain.requests.report import Report
from ..domain.requests.request import Request, RequestState
from ..domain.schedule import is_due, share
from ..signals import Signals
from . import arr_reports
from .arr_reports import Holding, Speaker
from .base import ServiceCoordinator, Worker
from .inbox import Inbox
from .requests import RequestTracker, RequestView

_LOGGER = logging.getLogger(__name__)

INTERVAL: Final = timedelta(seconds=60)
BUSY: Final = timedelta(seconds=10)
# What a webhook hints at may be over soon: a file can be matched in a few seconds.
PROMPT: Final = 1.0
# How far back the history is read again: so much the arr's clock may be put back.
_OVERLAP: Final = timedelta(hours=6)
# What a request's title went through before that belongs to nobody who waits now.
_BEFORE: Final = timedelta(hours=1)
# How many titles are read in one look: of waiting requests, and of settled ones. Settled ones have
# their turn each quarter of an hour, as long as there are no more than 300 of them.
_MOST_WAITING: Final = 20
_MOST_SETTLED: Final = 20
_LOOKS: Final = 15
# How often a settled title is read in a row when it seems to have lost a file.
_READS: Final = 4

_UNDER_WAY: Final = frozenset(
    {
        RequestState.GRABBING,
        RequestState.DOWNLOADING,
        RequestState.DOWNLOADED,
        RequestState.IMPORTING,
    }
)
_FILES: Final = frozenset({HistoryKind.IMPORTED, HistoryKind.RENAMED, HistoryKind.DELETED})
_FILE_EVENTS: Final = frozenset(
    {ArrEvent.IMPORT, ArrEvent.RENAME, ArrEvent.FILE_DELETED, ArrEvent.TITLE_DELETED}
)
# What took something away: only a look says whether it is so.
_LOSSES: Final = frozenset({ArrEvent.FILE_DELETED, ArrEvent.TITLE_DELETED})
_NEVER: Final = datetime.min.replace(tzinfo=dt_util.UTC)


@dataclass(frozen=True, slots=True)
class ArrData:
    """What an arr's entities show. `free_bytes` is of its root folders' disks, each once."""

    status: ArrStatus
    queue: tuple[QueueItem, ...]
    missing: int
    root_folders: tuple[RootFolder, ...]
    free_bytes: int | None


class ArrCoordinator[ClientT: ArrClient](ServiceCoordinator[ArrData]):
    """Looks after one Radarr or Sonarr."""

    media: ClassVar[MediaType]
    subentry_id: str

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: ClientT,
        requests: RequestTracker,
        *,
        subentry_id: str,
        title: str,
        permanent_folders: tuple[str, ...],
        path_map: PathMap,
        alone: Callable[[], bool],
    ) -> None:
        """Prepare; `permanent_folders` are root folders as the arr names them.

        `alone`: whether it is the only one of its kind, so that all requests are its.
        """
        super().__init__(
            hass,
            entry,
            signals,
            service=client.product,
            title=title,
            interval=INTERVAL,
            subentry_id=subentry_id,
            cooldown=PROMPT,
        )
        self.subentry_id = subentry_id
        self.client = client
        self.permanent_folders = permanent_folders
        self.path_map = path_map
        self.inbox = Inbox(title, self._read, self._work_on)
        # Told when files have come, gone or changed their names.
        self.on_files: list[Callable[[str], None]] = []
        # Called when it says that it has handed a download to a client.
        self.on_grabbed: list[Callable[[], None]] = []
        # Told the requests whose files two reads in a row have missed.
        self.on_lost: list[Callable[[str], None]] = []
        self._requests = requests
        self._alone = alone
        self._holdings: dict[int, Holding] = {}
        self._queued: frozenset[str] = frozenset()
        self._read_at: dict[str, datetime] = {}
        self._met: set[str] = set()
        self._seen: set[tuple[int, datetime]] = set()
        self._latest: datetime | None = None
        self._full_at: datetime | None = None
        self._hinted = False
        self._nameless: set[int] = set()
        # Settled requests that are said to have lost a file, and how often they are still read.
        self._doubted: dict[str, int] = {}
        # Requests that were looked for as soon as they came.
        self._sought: set[str] = set()
        entry.async_on_unload(requests.add_listener(self._changed))

    def is_permanent(self, path: str) -> bool:
        """Tell whether a path of the arr's lies under a permanent root folder."""
        return any(contains(folder, path) for folder in self.permanent_folders)

    async def check_downloads(self) -> None:
        """Have the arr look at its downloads again, and look soon at what comes of it.

        Raises ServiceError.
        """
        await self.client.check_downloads()
        self.config_entry.async_create_background_task(
            self.hass, self.async_request_refresh(), f"{self.title} was asked to look again"
        )

    def owns(self, request: Request) -> bool:
        """Tell whether a request is this arr's."""
        return self._mine(request)

    async def history_since(self, date: datetime) -> tuple[HistoryEvent, ...]:
        """List what happened since an instant of the arr's clock, fresh. Raises ServiceError."""
        return await self.client.history_since(date)

    async def has_files(self, request: Request, places: Collection[Place]) -> bool:
        """Tell whether it has a file of any of these units, fresh. Raises ServiceError."""
        holding = await self._find(request, dt_util.utcnow())
        units = () if holding is None else holding.units
        return any(unit.has_file and unit.place in places for unit in units)

    @property
    @override
    def workers(self) -> tuple[Worker, ...]:
        return ((f"webhooks of {self.title}", self.inbox.work_off),)

    # -- what each of the two knows better -------------------------------------------------------

    @abstractmethod
    async def _find(self, request: Request, at: datetime) -> Holding | None:
        """Read the title of a request; None when the arr does not hold it. Raises ServiceError."""

    @abstractmethod
    async def _is_gone(self, arr_id: int) -> bool:
        """Tell whether the arr says of its own number that there is nothing."""

    async def _with_places(self, holding: Holding) -> Holding:
        """Learn the numbers of all units. Raises ServiceError."""
        return holding

    # -- polling ---------------------------------------------------------------------------------

    @property
    @override
    def version(self) -> str:
        """As it told it last."""
        return self.data.status.version if self.data else ""

    @override
    async def _fetch(self) -> ArrData:
        at = dt_util.utcnow()
        awaited = self._awaited()
        well = self.data is not None and self.last_update_success
        full = not well or is_due(self._full_at, at, INTERVAL)
        hinted, self._hinted = self._hinted, False
        queue = await self.client.queue()
        self._queued = frozenset(arr_reports.name_of(item.download_id) for item in queue)
        data = await self._state(queue) if full else replace(self.data, queue=queue)
        if full or hinted:
            await self._read_titles(at, all_of_them=full)
        if full:
            self._full_at = at
        await self._report_queue(queue, awaited, at)
        if full or hinted:
            await self._requests.overrule(self.subentry_id, at)
        busy = any(_under_way(view) for view in self._requests.waiting if self._mine(view.request))
        self.update_interval = BUSY if busy else INTERVAL
        return data

    async def _state(self, queue: tuple[QueueItem, ...]) -> ArrData:
        status = await self.client.status()
        folders = await self.client.root_folders()
        return ArrData(
            status=status,
            queue=queue,
            missing=await self.client.wanted_missing_count(),
            root_folders=folders,
            free_bytes=_free(folders),
        )

    def _mine(self, request: Request) -> bool:
        """Tell whether a request is this arr's: as Seerr says, or because there is no other."""
        if request.title.media is not self.media:
            return False
        if request.arr is not None:
            return request.arr[0] == self.subentry_id
        return self._alone() and not request.is_4k

    def _awaited(self) -> frozenset[str]:
        """Name the downloads that the queue should hold."""
        views = [v for v in self._requests.waiting if _under_way(v) and self._mine(v.request)]
        return frozenset(
            name
            for view in views
            for name in arr_reports.awaited(self._requests.facts(view.request.id))
        )

    @property
    def _speaker(self) -> Speaker:
        return Speaker(self.subentry_id, self.media, self._alone())

    async def _report_queue(
        self, queue: Sequence[QueueItem], awaited: frozenset[str], at: datetime
    ) -> None:
        self._know(item.media_id for item in queue)
        unsure = {
            item.id for item in queue if not await self._learn(item.media_id, item.episode_id)
        }
        await self._requests.ingest(
            tuple(arr_reports.of_items(self._speaker, queue, self._holdings, at, unsure))
        )
        named = {arr_reports.name_of(item.download_id) for item in queue}
        await self._requests.of_downloads(
            {name: (missing(name, at, "queue"),) for name in awaited - named}
        )

    async def _read_titles(self, at: datetime, *, all_of_them: bool) -> None:
        """Read the history, and the titles whose turn it is, or those alone that news is of."""
        events = await self.client.history_since((self._latest or at) - _OVERLAP)
        fresh = [event for event in events if (event.id, event.at) not in self._seen]
        read: list[str] = []
        reports: list[Report] = []
        hot = {event.media_id for event in fresh}
        for view in self._turn(hot) if all_of_them else self._news(hot):
            try:
                reports += await self._read_title(view)
                read.append(view.request.id)
            except Unauthorized:
                raise
            except Unreachable as err:
                _LOGGER.debug("%s did not tell of %s: %s", self.title, view.request.id, err)
                break
            except ServiceError as err:
                _LOGGER.debug("%s did not tell of %s: %s", self.title, view.request.id, err)
        self._know(event.media_id for event in fresh)
        unheard = {
            (event.id, event.at)
            for event in fresh
            if not await self._learn(event.media_id, event.episode_id)
        }
        heard = [event for event in fresh if (event.id, event.at) not in unheard]
        reports += arr_reports.of_history(self._speaker, heard, self._holdings)
        await self._requests.ingest(reports)
        self._met = (self._met | set(read)) & self._requests.views.keys()
        self._read_at = {
            one: when
            for one, when in {**self._read_at, **dict.fromkeys(read, at)}.items()
            if one in self._requests.views
        }
        self._sought &= self._requests.views.keys()
        self._doubted = {
            one: left for one, left in self._doubted.items() if one in self._requests.views
        }
        first = self._latest is None
        self._latest = min(max((event.at for event in events), default=at), at)
        self._seen = {(event.id, event.at) for event in events} - unheard
        if not first and any(event.kind in _FILES for event in fresh):
            self._tell_files()

    def _is_news(self, hot: set[int | None]) -> Callable[[RequestView], bool]:
        """Say of which requests something was told."""
        hinted = self._requests.hinted_by(self.subentry_id)

        def is_news(view: RequestView) -> bool:
            arr = view.request.arr
            return view.request.id in hinted or (arr is not None and arr[1] in hot)

        return is_news

    def _news(self, hot: set[int | None]) -> list[RequestView]:
        """Choose what is read because somebody told of it, or has just asked for it."""
        is_news, doubted = self._is_news(hot), self._doubted
        found = (
            view
            for view in self._requests.views.values()
            if self._mine(view.request)
            and (
                view.request.id in doubted
                or (
                    not view.status.settled
                    and (is_news(view) or view.request.id not in self._read_at)
                )
            )
        )
        return list(islice(found, _MOST_WAITING))

    def _turn(self, hot: set[int | None]) -> Iterator[RequestView]:
        """Choose whose titles are read: where something has happened first, then in turn."""
        is_news = self._is_news(hot)

        def order(view: RequestView) -> tuple[bool, datetime]:
            return (not is_news(view), self._read_at.get(view.request.id, _NEVER))

        waiting = [view for view in self._requests.waiting if self._mine(view.request)]
        yield from heapq.nsmallest(_MOST_WAITING, waiting, key=order)
        # Only now, after others had their turn: there may be thousands.
        settled = [
            view
            for view in self._requests.views.values()
            if view.status.settled and self._mine(view.request)
        ]
        doubted = [view for view in settled if view.request.id in self._doubted]
        yield from doubted[:_MOST_WAITING]
        settled = [view for view in settled if view.request.id not in self._doubted]
        yield from heapq.nsmallest(
            share(len(settled), _LOOKS, _MOST_SETTLED),
            settled,
            key=lambda v: (self._is_met(v), order(v)),
        )

    def _is_met(self, view: RequestView) -> bool:
        """Tell whether it is known here; else it was there before anybody looked."""
        return view.request.arr is not None or view.request.id in self._read_at

    async def _read_title(self, view: RequestView) -> list[Report]:
        request, speaker, at = view.request, self._speaker, dt_util.utcnow()
        holding = await self._find(request, at)
        if holding is None:
            if request.arr is None or not await self._is_gone(request.arr[1]):
                if not view.status.settled and request.id not in self._met:
                    await self._check(view, await self._requests.all_facts(request.id), ())
                return []  # not added yet: that says nothing
            facts = await self._requests.all_facts(request.id)
            own = [arr_reports.gone(speaker, request.arr[1], request.ids, facts, at)]
            self._doubt(view, own)
            return own
        self._holdings[holding.arr_id] = holding
        if view.status.settled:
            facts = await self._requests.all_facts(request.id)
            own = [arr_reports.of_settled(speaker, holding, facts)]
            self._doubt(view, own)
            return own if request.arr is not None else [*own, *await self._past(view, holding)]
        reports = [arr_reports.of_holding(speaker, holding)]
        if request.id not in self._met:
            reports += await self._past(view, holding)
        return reports

    async def _past(self, view: RequestView, holding: Holding) -> list[Report]:
        """Read what has happened to a title since it was asked for."""
        kept = await self._requests.all_facts(view.request.id)
        since = view.request.requested_at - _BEFORE
        events = [e for e in await self.client.title_history(holding.arr_id) if e.at >= since]
        if not view.status.settled:
            await self._check(view, kept, events)
        return list(arr_reports.of_history(self._speaker, events, self._holdings))

    async def _check(self, view: RequestView, kept: Facts, events: Iterable[HistoryEvent]) -> None:
        """Hold what is kept of a request's downloads against what has happened, once a start."""
        since = view.request.requested_at - _BEFORE
        unknown = arr_reports.unconfirmed(kept, events, self._queued, since)
        await self._requests.forget_downloads(view.request.id, unknown)

    def _doubt(self, view: RequestView, reports: Iterable[Report]) -> None:
        """Look again soon at what is settled and has lost a file: only reads that agree count."""
        request_id = view.request.id
        left = self._doubted.pop(request_id, _READS) - 1
        lost = any(isinstance(f, Inventory) and not f.has_file for r in reports for f in r.facts)
        if not lost:
            return
        if left > 0 and view.status.settled:
            self._doubted[request_id] = left
        if left < _READS - 1:
            for tell in self.on_lost:
                tell(request_id)

    def _know(self, media_ids: Iterable[int | None]) -> None:
        """Take the ids of titles that only their numbers name from the requests themselves."""
        unknown = {one for one in media_ids if one is not None} - self._holdings.keys()
        if not unknown:
            return
        for view in self._requests.views.values():
            arr = view.request.arr
            if arr is not None and arr[0] == self.subentry_id and arr[1] in unknown:
                self._holdings[arr[1]] = Holding(arr[1], view.request.ids)

    async def _learn(self, media_id: int | None, episode_id: int | None) -> bool:
        """See to it that an episode of a requested title is known by its numbers.

        False when it could not be asked: what is said of it must be heard again.
        """
        holding = None if media_id is None else self._holdings.get(media_id)
        if holding is None or episode_id is None or episode_id in self._nameless:
            return True
        if holding.place(episode_id, self.media) is not None:
            return True
        try:
            learnt = await self._with_places(holding)
        except Unauthorized:
            raise
        except ServiceError as err:
            _LOGGER.debug("%s did not tell of episode %s: %s", self.title, episode_id, err)
            return False
        self._holdings[holding.arr_id] = learnt
        if learnt.place(episode_id, self.media) is None:
            self._nameless.add(episode_id)  # it was deleted since
        return True

    def _tell_files(self) -> None:
        for tell in self.on_files:
            tell(self.subentry_id)

    # -- webhooks --------------------------------------------------------------------------------

    def _read(self, body: object, at: datetime) -> ArrMessage | None:
        message = arr_webhook.read(body, at, self.media)
        return None if message.event in (ArrEvent.TEST, ArrEvent.OTHER) else message

    async def _work_on(self, message: ArrMessage) -> None:
        """Show what a message hints at, and look soon when it is about a request."""
        await self._requests.hint(
            self.subentry_id, [arr_reports.of_message(self._speaker, message)]
        )
        if message.event in _FILE_EVENTS:
            self._tell_files()
        if message.event is ArrEvent.GRAB:
            for tell in self.on_grabbed:
                tell()
        about = self._requests.about(TitleKey(self.media, message.ids))
        if message.event in _LOSSES:
            mine = (one.request.id for one in about if self._mine(one.request))
            self._doubted |= dict.fromkeys(mine, _READS)
        if about or message.download in self._requests.downloads:
            self.look_twice()

    @callback
    def _changed(self, view: RequestView) -> None:
        """Look at what was just asked for: much may have happened before anybody heard of it."""
        known = view.request.id in self._read_at or view.request.id in self._sought
        if not known and not view.status.settled and self._mine(view.request):
            self._sought.add(view.request.id)
            self.look_soon()

    @override
    @callback
    def look_soon(self) -> None:
        """Look now, at what somebody told of."""
        self._hinted = True
        super().look_soon()


def _under_way(view: RequestView) -> bool:
    status = view.status
    return status.state in _UNDER_WAY or not _UNDER_WAY.isdisjoint(status.episodes)


def _free(folders: tuple[RootFolder, ...]) -> int | None:
    """Add up free space; folders on one disk report the same number, so count each once."""
    free = {folder.free_bytes for folder in folders if folder.free_bytes is not None}
    return sum(free) if free else None
