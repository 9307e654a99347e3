"""When we look at one Seerr: what was asked for, and what was decided of it.

Every minute the newest requests and those that are open, and how many there are; all of them every
ten minutes, or, where they are many, when the number says that some were deleted, and now and then.
A request is deleted when a whole list lacks it and Seerr says, asked for it by name,
that there is none; what a list has missed is kept over restarts. A webhook only hints, and leads to
a look at the truth.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..clients.errors import Forbidden, Refused, Unreadable
from ..clients.seerr import (
    PRODUCT,
    RequestPage,
    RequestStatus,
    SeerrArr,
    SeerrClient,
    SeerrRequest,
    WebhookUse,
)
from ..clients.seerr_webhook import SeerrMessage, parse_webhook
from ..domain.fall import Fall, FallMoved
from ..domain.media import MediaType
from ..domain.requests.listing import Listing
from ..domain.schedule import is_due
from ..domain.since import begun
from ..domain.text import say
from ..signals import Signals
from ..store import Store
from .base import DOWN_AFTER, ServiceCoordinator, Worker
from .inbox import Inbox
from .requests import RequestTracker
from .seerr_arrs import LinkedArr
from .seerr_reports import HintListener, SeerrReports

__all__ = ["HintListener", "LinkedArr", "SeerrCoordinator", "SeerrData", "WebhookUse"]

_LOGGER = logging.getLogger(__name__)

INTERVAL: Final = timedelta(seconds=60)
FULL_EVERY: Final = timedelta(minutes=10)
# A list of more is a hundred kilobytes for each hundred of them: 10,000 are read whole this often.
_FEW: Final = 500
SELDOM: Final = timedelta(hours=6)
_LOOKS: Final = 20
# Of so many numbers that webhooks named it is asked next; more are found by the lists.
_MOST_NAMED: Final = 100
_OPEN: Final = (RequestStatus.PENDING, RequestStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class Unreached:
    """A Radarr or Sonarr that Seerr has not reached for long."""

    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SeerrData:
    """What is shown of Seerr."""

    version: str
    requests: int
    unreached: tuple[Unreached, ...] = ()


class SeerrCoordinator(ServiceCoordinator[SeerrData]):
    """Looks after one Seerr."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: SeerrClient,
        requests: RequestTracker,
        store: Store,
        *,
        subentry_id: str,
        title: str,
        arrs: Callable[[], Sequence[LinkedArr]],
        max_drop: Callable[[], float],
    ) -> None:
        """Prepare; nothing is asked yet. `arrs` gives the Radarrs and Sonarrs of the entry.

        `max_drop`: law 9's limit in percent.
        """
        super().__init__(
            hass,
            entry,
            signals,
            service=PRODUCT,
            title=title,
            interval=INTERVAL,
            subentry_id=subentry_id,
        )
        self.client = client
        self.inbox = Inbox(PRODUCT, _read, self._heard)
        self._reports = SeerrReports(client, requests, store.library, subentry_id, arrs)
        self._version = ""
        self._open: frozenset[int] = frozenset()
        self._look_at: set[int] = set()
        self._full_at: datetime | None = None
        # The numbers that the last whole list named, and those since; how many it could not read.
        self._numbers: set[int] | None = None
        self._unread = 0
        self._store = store
        self._listing_key = f"seerr:{subentry_id}:listing"
        self._listing: Listing | None = None
        self._max_drop = max_drop
        self._fall: Fall | None = None
        # Since when Seerr names an arr as one that it can't reach.
        self._unreached: dict[str, datetime] = {}

    @property
    def on_hint(self) -> list[HintListener]:
        """Who is called with the ids of requests that Seerr has found to be playable."""
        return self._reports.on_hint

    @property
    def webhook(self) -> WebhookUse:
        """What Seerr's only webhook is used for, as it was last seen."""
        return self.client.notifications.use

    # -- polling ---------------------------------------------------------------------------------

    @property
    @override
    def version(self) -> str:
        """As it told it last."""
        return self._version

    @override
    async def _fetch(self) -> SeerrData:
        looks, self._look_at = self._look_at, set()
        try:
            if not self._version or not self.last_update_success:
                self._version = await self.client.check()
            now = dt_util.utcnow()
            total = await self._poll(now, looks)
            await self._reports.read_well(now)
        except BaseException:
            self._look_at |= looks
            raise
        return SeerrData(self._version, total, self._unreached_for_long(now))

    async def _poll(self, now: datetime, looks: Collection[int]) -> int:
        """Look at what is new and open, or at everything; give how many requests there are."""
        page = await self.client.newest()
        self._unreached = begun(self._unreached, page.unreached, now)
        listed, full = _by_number(page.requests), page.complete
        if not full and self._is_due(now, page):
            listed, full = _by_number(await self.client.requests()), True
        elif not full:
            listed |= _by_number(await self.client.requests("pending"))
            listed |= _by_number(await self.client.requests("approved"))
        if full or self._reports.servers is None:
            self._reports.servers = await self._arrs()
        gone = await self._gone(frozenset(listed)) if full else self._open - listed.keys()
        sought = [*(looks - listed.keys()), *(gone - set(looks))][:_LOOKS]
        found, missing = await self._look(sought)
        listed |= found
        still_open = (one.id for one in listed.values() if one.status in _OPEN)
        self._open = frozenset(still_open) | (gone - set(sought))
        await self._reports.polled(listed, looks, now)
        for number in missing & gone if full else ():
            await self._reports.withdrawn(number, now)
        if full:
            self._full_at, self._numbers = now, set(listed)
            self._unread = page.total - len(listed)
        elif missing:
            self._full_at = None  # no list has lacked it yet: the next one is a whole one
        return page.total

    def _unreached_for_long(self, now: datetime) -> tuple[Unreached, ...]:
        """Name the arrs that Seerr can't reach; of one that is restarted nobody has to know."""
        return tuple(
            Unreached(name, since)
            for name, since in sorted(self._unreached.items())
            if now - since >= DOWN_AFTER
        )

    def _is_due(self, now: datetime, page: RequestPage) -> bool:
        """Tell whether to read everything. Not at first: Home Assistant's start waits for that.

        Of many it is read when their number is not the one that it must be: what is new is among
        the newest, so that some were deleted, or more have come than these.
        """
        if self.last_success is None:
            return False
        if page.total <= _FEW or self._numbers is None:
            return is_due(self._full_at, now, FULL_EVERY)
        self._numbers |= {one.id for one in page.requests}
        if page.total != len(self._numbers) + self._unread:
            return True
        return is_due(self._full_at, now, SELDOM)

    async def _look(
        self, numbers: Iterable[int]
    ) -> tuple[Mapping[int, SeerrRequest], frozenset[int]]:
        """Ask for requests by name; give those that there are, and the numbers of no request."""
        found: dict[int, SeerrRequest] = {}
        missing: set[int] = set()
        for number in numbers:
            one = await self.client.request(number)
            if one is None:
                missing.add(number)
            else:
                found[number] = one
        return found, frozenset(missing)

    async def _gone(self, listed: frozenset[int]) -> frozenset[int]:
        """Say which of the held requests a whole list lacks. Raises Unreadable for a sudden fall.

        A Seerr that names none, or too few, of what it had is ill, until it says so twice.
        """
        if self._listing is None:
            self._listing = Listing.from_dict(await self._store.kv.get(self._listing_key))
        after, gone = self._listing.read(listed, self._reports.held(), self._max_drop())
        if after != self._listing:
            await self._store.kv.put(self._listing_key, after.as_dict())
            self._listing = after
        self._fall = None
        if gone is None:
            self._fall = after.fall(self._reports.held(), dt_util.utcnow())
            raise Unreadable(
                PRODUCT, say("error_names_none_named_requests_had", named=len(after.missed))
            )
        return gone

    @property
    @override
    def fall(self) -> Fall | None:
        """The requests that a whole list suddenly lacks, until another one says so."""
        return self._fall

    @override
    async def accept_fall(self, mark: str) -> None:
        if self._listing is None or self._fall is None:
            raise FallMoved
        self._listing = self._listing.accepting(mark)
        self._fall = None
        await self._store.kv.put(self._listing_key, self._listing.as_dict())
        await self.async_refresh()

    async def _arrs(self) -> Mapping[MediaType, Sequence[SeerrArr]]:
        """Ask which Radarrs and Sonarrs Seerr uses. What it does not tell is not known."""
        try:
            return {media: await self.client.arrs(media) for media in MediaType}
        except (Refused, Unreadable, Forbidden) as err:
            _LOGGER.debug("%s does not tell of its services: %s", self.title, err)
            return self._reports.servers or {}

    @property
    @override
    def workers(self) -> tuple[Worker, ...]:
        return ((f"webhooks of {self.title}", self.inbox.work_off),)

    # -- its webhook -----------------------------------------------------------------------------

    async def _heard(self, message: SeerrMessage) -> None:
        """Show what a body hints at, and look soon: it may say what it likes."""
        if message.number is None:
            return
        if len(self._look_at) < _MOST_NAMED:
            self._look_at.add(message.number)
        await self._reports.heard(message, message.number, dt_util.utcnow())
        self.look_twice()

    # -- what a person decides -------------------------------------------------------------------

    async def approve(self, number: int) -> SeerrRequest | None:
        """Approve a request, and take in what came of it. Raises ServiceError."""
        return await self._decided(await self.client.approve(number))

    async def decline(self, number: int) -> SeerrRequest | None:
        """Decline a request, likewise. Raises ServiceError."""
        return await self._decided(await self.client.decline(number))

    async def retry(self, number: int) -> SeerrRequest | None:
        """Have a failed request handed on once more, likewise. Raises ServiceError."""
        return await self._decided(await self.client.retry(number))

    async def _decided(self, answer: SeerrRequest | None) -> SeerrRequest | None:
        if answer is not None:
            await self._reports.decided(answer, dt_util.utcnow())
        return answer


def _by_number(requests: Iterable[SeerrRequest]) -> dict[int, SeerrRequest]:
    return {one.id: one for one in requests}


def _read(body: object, _: datetime) -> SeerrMessage | None:
    message = parse_webhook(body)
    return None if message.number is None else message
