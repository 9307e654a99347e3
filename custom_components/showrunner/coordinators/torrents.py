"""When we look at one torrent client, and what of it is reported to the requests.

Often while something downloads or a request has grabbed something, seldom otherwise. That a
download is missing is said only of one that this client had, by an answer that is believed.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError, Unreadable
from ..clients.offload import offload
from ..clients.torrents import TorrentClient
from ..domain.fall import Fall
from ..domain.growth import Growth
from ..domain.requests.facts import Fact, Transfer
from ..domain.requests.readings import missing, of_torrent
from ..domain.text import say
from ..domain.torrent_trust import Trust, Vanished
from ..domain.torrents import TorrentList
from ..signals import Signals
from ..store import StoreError
from .base import ServiceCoordinator
from .remembered import RememberedTorrents
from .request_index import Mark, marks_of
from .requests import RequestTracker, RequestView

_LOGGER = logging.getLogger(__name__)

BUSY: Final = timedelta(seconds=10)
IDLE: Final = timedelta(seconds=60)
# About what a torrent in a list weighs (bytes).
_WEIGHT: Final = 64


def _unknown() -> int | None:
    return None


class TorrentCoordinator(ServiceCoordinator[TorrentList]):
    """Looks after one rTorrent or qBittorrent: one request a poll, however many torrents."""

    signs_in = True

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: TorrentClient,
        requests: RequestTracker,
        *,
        service: str,
        subentry_id: str,
        title: str,
        clients: Callable[[], Collection[TorrentCoordinator]],
        remembered: RememberedTorrents,
        max_drop: Callable[[], float],
        quota_bytes: int | None = None,
        free_elsewhere: Callable[[], int | None] = _unknown,
    ) -> None:
        """Prepare; nothing is asked yet. `service` is the product's name.

        `clients`: the coordinators of all torrent clients that are linked, with this one.
        `max_drop`: law 9's limit in percent. `free_elsewhere`: how much is free on its disk as
        another service says, for a client that does not know (rTorrent, while all are closed).
        """
        super().__init__(
            hass,
            entry,
            signals,
            service=service,
            title=title,
            interval=IDLE,
            subentry_id=subentry_id,
        )
        self.client = client
        self.quota_bytes = quota_bytes
        self._free_elsewhere = free_elsewhere
        self._trust = Trust()
        self._remembered = remembered
        self._kept: frozenset[str] | None = None  # what is remembered; None: not read yet
        self._knows_growth = False
        # For each answer that is on its way: what was let go meanwhile, and may be told by it.
        self._asked: list[set[str]] = []
        self._max_drop = max_drop
        # How much the client may hold (0: any); None: nobody has said.
        self._purgeable: int | None = None
        self.growth = Growth()
        self.target_bytes: Callable[[], int] | None = None
        # It lost most of what it had, and no second reading has agreed yet.
        self.doubted = False
        # What it told before and does not tell now, until a second answer agrees.
        self.vanished = Vanished()
        self._requests = requests
        self._clients = clients
        # Which of the downloads that are waited for it had; None until it has named anything.
        self._had: frozenset[str] | None = None
        # Called when a download is complete that was not at the last look, or at the first one.
        self.on_completed: list[Callable[[], None]] = []
        self._complete: frozenset[str] | None = None
        self.until_shutdown(requests.add_listener(self._changed))

    @property
    @override
    def version(self) -> str:
        """As it told it last."""
        return self.client.version

    @override
    async def _fetch(self) -> TorrentList:
        gone: set[str] = set()
        self._asked.append(gone)
        try:
            listing = (await self.client.torrents()).without(gone)
        except ServiceError:
            self._trust, self.vanished = self._trust.missed(), self.vanished.missed()
            raise
        finally:
            self._asked = [one for one in self._asked if one is not gone]
        now = dt_util.utcnow()
        if self._kept is None:
            self._kept = await self._remembered.recall()
            self._trust = Trust(self._kept)
        before = {} if self.data is None else self.data.by_hash
        self.vanished = self.vanished.read(listing.by_hash, self._trust.had, before, now)
        self._trust, believed = self._trust.read(listing.by_hash, now, self._max_drop())
        self.doubted = not believed
        if self.doubted and not listing.by_hash:
            raise Unreadable(self.service, say("error_had_torrents_says_none_must_last"))
        if self._trust.had != self._kept:
            await self._remembered.keep(self._trust.had)
            self._kept = self._trust.had
        # What it tells now is no reason to look at once again.
        self.update_interval = BUSY
        await self._report(listing, now)
        self._note_complete(listing)
        busy = listing.is_busy or self._requests.places.any_marked(Mark.COMING)
        self.update_interval = BUSY if busy else IDLE
        listing = listing.with_free(self._free_elsewhere()).with_quota(self.quota_bytes)
        if not self.doubted:
            await self._note_growth(now, listing.used_bytes)
        return listing.with_purgeable(self._purgeable)

    async def _note_growth(self, now: datetime, used: int) -> None:
        """Note how much it holds, and remember it: a restart would forget how fast it fills.

        A store that fails takes no reading away: then it is only not remembered.
        """
        try:
            if not self._knows_growth:
                self.growth = await self._remembered.recall_growth()
                self._knows_growth = True
            before, self.growth = self.growth, self.growth.noted(now, used)
            if self.growth is not before:
                await self._remembered.keep_growth(self.growth)
        except StoreError as err:
            _LOGGER.debug("How fast %s fills is not remembered: %s", self.title, err)

    @callback
    def show_purgeable(self, purgeable_bytes: int | None) -> None:
        """Show how much the next purge would free; None: nobody knows."""
        self._purgeable = purgeable_bytes
        if self.data is not None:
            self.data = self.data.with_purgeable(purgeable_bytes)
            self.async_update_listeners()

    @property
    def over_target(self) -> bool | None:
        """Tell whether it holds more than it may; None while nobody knows."""
        target = None if self.target_bytes is None else self.target_bytes()
        if self.data is None or target is None:
            return None
        return bool(target) and self.data.used_bytes > target

    # -- a sudden fall ---------------------------------------------------------------------------

    @property
    @override
    def fall(self) -> Fall | None:
        """What it no longer tells, as long as that is in doubt."""
        return self._trust.fall

    @override
    async def accept_fall(self, mark: str) -> None:
        missing = self._trust.missing
        self._trust = self._trust.accepted(mark)
        self.vanished = self.vanished.confirmed(missing)
        await self._remembered.keep(self._trust.had)
        await self.async_refresh()

    # -- what requests wait for ------------------------------------------------------------------

    def has(self, download: str) -> bool:
        """Tell whether it had a download when it answered last."""
        return self.data is not None and self.data.get(download) is not None

    async def let_go(self, download: str) -> None:
        """Take in that we have removed a torrent: without its only one a client may be empty."""
        self._trust = self._without(download)
        self.vanished = self.vanished.without(download)
        told = self.data
        if told is None or (torrent := told.get(download)) is None:
            return
        for gone in self._asked:
            gone.add(torrent.hash)
        # It was read back as gone: to ask for all the others once more would tell nothing of it.
        left = await offload(_WEIGHT * len(told), lambda: told.without({torrent.hash}))
        if self.data is told:
            self.data = left
            self.async_update_listeners()

    def believes(self, there: Collection[str], *, without: str) -> bool:
        """Tell whether an answer counts, after we have removed a torrent (law 9)."""
        return self._without(without).read(there, dt_util.utcnow(), self._max_drop())[1]

    def _without(self, download: str) -> Trust:
        torrent = None if self.data is None else self.data.get(download)
        return self._trust if torrent is None else self._trust.without(torrent.hash)

    async def _report(self, listing: TorrentList, now: datetime) -> None:
        """Tell the requests how their downloads do."""
        awaited = self._requests.downloads
        facts: dict[str, tuple[Fact, ...]] = {}
        for download in awaited:
            torrent = listing.get(download)
            if torrent is not None:
                # A hybrid is known to the arr by another hash than to its client.
                facts[download] = tuple(of_torrent(replace(torrent, hash=download), now))
        if self._had is None and len(listing):
            self._had = self._had_before()
        if self._had is not None:
            gone = (self._had & awaited) - facts.keys()
            self._had = gone | facts.keys()
            if self.doubted:
                gone = frozenset()  # whoever lost most of them says nothing of one
            for download in gone:
                if not any(one.has(download) for one in self._clients() if one is not self):
                    facts[download] = (missing(download, now, "client"),)
        if facts:
            await self._requests.of_downloads(facts)

    def _note_complete(self, listing: TorrentList) -> None:
        """Tell who waits for it that something has become complete."""
        before, self._complete = (
            self._complete,
            frozenset(
                one.hash
                for one in listing.by_hash.values()
                if one.complete and not one.state.is_at_work
            ),
        )
        if self._complete - (before or frozenset()):
            for tell in self.on_completed:
                tell()

    def _had_before(self) -> frozenset[str]:
        """Name what was here before Home Assistant was started; of several clients nobody knows."""
        if len(self._clients()) > 1:
            return frozenset()
        return frozenset(
            fact.download
            for view in self._requests.waiting
            for fact in self._requests.facts(view.request.id)
            if isinstance(fact, Transfer) and fact.source == "client"
        )

    @callback
    def _changed(self, view: RequestView) -> None:
        """Look soon at what is on its way, and not only after a minute."""
        if self.rests or self.update_interval == BUSY or Mark.COMING not in marks_of(view):
            return
        self.look_soon()
