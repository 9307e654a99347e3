"""When we look at a Radarr or a Sonarr, and what of it is reported to the requests.

Every minute: queue, history, and the titles of waiting requests, a bounded number in turn. While
something of theirs is under way the queue alone is read in between; while thousands are new, some
of them, one after another. A webhook only hints, and has
us look within a second, at what it is about: what was read well overrules it. What did not answer
says nothing.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
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
from ..domain.requests.facts import Event, Facts, Inventory
from ..domain.requests.readings import missing
from ..domain.requests.report import Report
from ..domain.requests.request import Request
from ..domain.schedule import is_due
from ..signals import Signals
from . import arr_reports
from .arr_reports import Holding, Speaker
from .arr_turns import MOST_WAITING, ArrTurns
from .base import ServiceCoordinator, Worker
from .inbox import Inbox
from .request_index import Mark
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
# So many titles more are read in one look that nobody has read yet, for so long (seconds): all are,
# when a Seerr of thousands was linked.
_MOST_NEW: Final = 500
_LONGEST: Final = 15.0
# How many titles are held that nothing was told of lately.
_MOST_HELD: Final = 100

_FILES: Final = frozenset({HistoryKind.IMPORTED, HistoryKind.RENAMED, HistoryKind.DELETED})
_FILE_EVENTS: Final = frozenset(
    {ArrEvent.IMPORT, ArrEvent.RENAME, ArrEvent.FILE_DELETED, ArrEvent.TITLE_DELETED}
)
# What took something away: only a look says whether it is so.
_LOSSES: Final = frozenset({ArrEvent.FILE_DELETED, ArrEvent.TITLE_DELETED})


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
        self._turns = ArrTurns(requests, subentry_id, self.media, alone)
        # Titles by its numbers of them; what was told of last is at the end.
        self._holdings: dict[int, Holding] = {}
        self._queued: frozenset[str] = frozenset()
        self._loading: frozenset[int | None] = frozenset()
        self._seen: set[tuple[int, datetime]] = set()
        self._latest: datetime | None = None
        self._full_at: datetime | None = None
        self._hinted = False
        self._nameless: set[int] = set()
        # Whether titles are left that nobody has read yet, and it answers.
        self._more_new = False
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

    async def search_again(self, request: Request) -> bool:
        """Have what is missing of a request searched for; tell whether anything is.

        Not what is in its queue, and nothing that it does not look for. Raises ServiceError.
        """
        queue = await self.client.queue()
        found = await self._search(request, queue)
        if found:
            self.config_entry.async_create_background_task(
                self.hass, self.async_request_refresh(), f"{self.title} was asked to search again"
            )
        return found

    def owns(self, request: Request) -> bool:
        """Tell whether a request is this arr's."""
        return self._turns.is_mine(request)

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

    @abstractmethod
    async def _search(self, request: Request, queue: Collection[QueueItem]) -> bool:
        """Search for what is missing and not in the queue; tell whether there was anything."""

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
        owners = self._turns.owners
        awaited = self._requests.places.awaited(owners)
        first = self.data is None
        full = first or not self.last_update_success or is_due(self._full_at, at, INTERVAL)
        hinted, self._hinted = self._hinted, False
        queue = await self.client.queue()
        self._queued = frozenset(arr_reports.name_of(item.download_id) for item in queue)
        self._loading = frozenset(item.media_id for item in queue)
        data = await self._state(queue) if full else replace(self.data, queue=queue)
        if first:
            # Home Assistant's start waits for this look: titles are read in the next one, at once.
            self.look_soon()
        elif full or hinted:
            await self._read_titles(at, all_of_them=full)
        elif self._more_new:
            await self._read_new()
        if full and not first:
            self._full_at = at
        await self._report_queue(queue, awaited, at)
        if (full or hinted) and not first:
            await self._requests.overrule(self.subentry_id, at)
        self._hold_on({item.media_id for item in queue})
        busy = self._requests.places.any_marked(Mark.UNDER_WAY, owners)
        self.update_interval = BUSY if busy or self._more_new else INTERVAL
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
        hot = {event.media_id for event in fresh}
        chosen = self._turns.turn(hot) if all_of_them else self._turns.news(hot)
        read, reports = await self._read_some(chosen)
        self._know(event.media_id for event in fresh)
        unheard = {
            (event.id, event.at)
            for event in fresh
            if not await self._learn(event.media_id, event.episode_id)
        }
        heard = [event for event in fresh if (event.id, event.at) not in unheard]
        reports += arr_reports.of_history(self._speaker, heard, self._holdings)
        await self._requests.ingest(reports)
        self._turns.were_read(read, at)
        first = self._latest is None
        self._latest = min(max((event.at for event in events), default=at), at)
        self._seen = {(event.id, event.at) for event in events} - unheard
        if not first and any(event.kind in _FILES for event in fresh):
            self._tell_files()
        if all_of_them:
            await self._read_new()

    async def _read_some(self, views: Iterable[RequestView]) -> tuple[list[str], list[Report]]:
        """Read titles until the arr is not reached any more. Raises Unauthorized."""
        read: list[str] = []
        reports: list[Report] = []
        for view in views:
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
        return read, reports

    async def _read_new(self) -> None:
        """Read on for a while where many titles were never read. Raises Unauthorized."""
        time = self.hass.loop.time
        begun, new, self._more_new = time(), self._turns.unread(_MOST_NEW), False
        for some in batched(new, MOST_WAITING, strict=False):
            at = dt_util.utcnow()
            read, reports = await self._read_some(some)
            await self._requests.ingest(reports)
            self._turns.were_read(read, at)
            self._hold_on(())
            if not read:
                return
            if time() - begun > _LONGEST:
                break
        self._more_new = bool(self._turns.unread(1))

    async def _read_title(self, view: RequestView) -> list[Report]:
        request, speaker, at = view.request, self._speaker, dt_util.utcnow()
        holding = await self._find(request, at)
        if holding is None:
            if request.arr is None or not await self._is_gone(request.arr[1]):
                if not view.status.settled and not self._turns.is_met(request.id):
                    await self._check(view, await self._requests.all_facts(request.id), ())
                return []  # not added yet: that says nothing
            facts = await self._requests.all_facts(request.id)
            own = [arr_reports.gone(speaker, request.arr[1], request.ids, facts, at)]
            # Also where nobody ever read what it had: the title itself is no longer there.
            self._doubt(view, at, lost=True)
            return own
        self._remember(holding)
        if view.status.settled:
            facts = await self._requests.all_facts(request.id)
            own = [arr_reports.of_settled(speaker, holding, facts)]
            lost = any(isinstance(f, Inventory) and not f.has_file for r in own for f in r.facts)
            self._doubt(view, at, lost=lost)
            return own if request.arr is not None else [*own, *await self._past(view, holding)]
        reports = [arr_reports.of_holding(speaker, holding)]
        if self._turns.is_met(request.id):
            return reports
        if self._is_all_there(request, holding):
            # Jellyfin most likely shows it: then nobody asks how it came. Else in its next turn.
            self._turns.leave_past(request.id)
            return reports
        return [*reports, *await self._past(view, holding)]

    def _is_all_there(self, request: Request, holding: Holding) -> bool:
        """Tell whether it has every file of a title that nobody has read, or loads as far as known.

        So it is with most of thousands, when a Seerr was linked.
        """
        if self._turns.was_read(request.id) or holding.arr_id in self._loading:
            return False
        kept = self._requests.facts(request.id)
        loads = any(isinstance(fact, Event) and fact.download for fact in kept)
        return not loads and bool(holding.units) and all(unit.has_file for unit in holding.units)

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

    def _doubt(self, view: RequestView, began: datetime, *, lost: bool) -> None:
        """Look again soon at what is settled and has lost a file: only reads that agree count."""
        if self._turns.lost(view, began, lost=lost):
            for tell in self.on_lost:
                tell(view.request.id)

    def _remember(self, holding: Holding) -> None:
        """Hold what queue and history need of a title; what it has was reported."""
        self._holdings.pop(holding.arr_id, None)
        self._holdings[holding.arr_id] = replace(holding, units=())

    def _hold_on(self, queued: Collection[int | None]) -> None:
        """Forget the titles of which nothing was told lately, and nothing is queued."""
        known = [one for one in self._holdings if one not in queued]
        for one in known[: max(0, len(known) - _MOST_HELD)]:
            del self._holdings[one]

    def _know(self, media_ids: Iterable[int | None]) -> None:
        """Take the ids of titles that only their numbers name from the requests themselves."""
        for one in {one for one in media_ids if one is not None} - self._holdings.keys():
            for request_id in self._requests.places.of_arr(self.subentry_id, one):
                self._holdings[one] = Holding(one, self._requests.views[request_id].request.ids)

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
        self._remember(learnt)
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
            mine = [one.request.id for one in about if self.owns(one.request)]
            self._turns.doubt(mine, dt_util.utcnow())
        if about or message.download in self._requests.downloads:
            self.look_twice()

    @callback
    def _changed(self, view: RequestView) -> None:
        """Look at what was just asked for: much may have happened before anybody heard of it."""
        if self._turns.seek(view):
            self.look_soon()

    @override
    @callback
    def look_soon(self) -> None:
        """Look now, at what somebody told of."""
        self._hinted = True
        super().look_soon()


def _free(folders: tuple[RootFolder, ...]) -> int | None:
    """Add up free space; folders on one disk report the same number, so count each once."""
    free = {folder.free_bytes for folder in folders if folder.free_bytes is not None}
    return sum(free) if free else None
