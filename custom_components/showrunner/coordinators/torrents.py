"""When we look at one torrent client, and what of it is reported to the requests.

Often while something downloads or a request has grabbed something, seldom otherwise. That a
download is missing is said only of one that this client had, by an answer that is believed.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError, Unreadable
from ..clients.torrents import TorrentClient
from ..domain.fall import Fall
from ..domain.requests.facts import Fact, Transfer
from ..domain.requests.readings import missing, of_torrent
from ..domain.requests.request import RequestState
from ..domain.text import say
from ..domain.torrents import TorrentList, Trust
from ..signals import Signals
from .base import ServiceCoordinator
from .remembered import RememberedTorrents
from .requests import RequestTracker, RequestView

BUSY: Final = timedelta(seconds=10)
IDLE: Final = timedelta(seconds=60)
_COMING: Final = frozenset({RequestState.GRABBING, RequestState.DOWNLOADING})


class TorrentCoordinator(ServiceCoordinator[TorrentList]):
    """Looks after one rTorrent or qBittorrent: one request a poll, however many torrents."""

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
    ) -> None:
        """Prepare; nothing is asked yet. `service` is the product's name.

        `clients`: the coordinators of all torrent clients that are linked, with this one.
        `max_drop`: law 9's limit in percent.
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
        self._trust = Trust()
        self._remembered = remembered
        self._kept: frozenset[str] | None = None  # what is remembered; None: not read yet
        self._max_drop = max_drop
        # It lost most of what it had, and no second reading has agreed yet.
        self.doubted = False
        self._requests = requests
        self._clients = clients
        # Which of the downloads that are waited for it had; None until it has named anything.
        self._had: frozenset[str] | None = None
        self.until_shutdown(requests.add_listener(self._changed))

    @property
    @override
    def version(self) -> str:
        """As it told it last."""
        return self.client.version

    @override
    async def _fetch(self) -> TorrentList:
        try:
            told = await self.client.torrents()
        except ServiceError:
            self._trust = self._trust.missed()
            raise
        now = dt_util.utcnow()
        if self._kept is None:
            self._kept = await self._remembered.recall()
            self._trust = Trust(self._kept)
        self._trust, believed = self._trust.read(told.by_hash, now, self._max_drop())
        self.doubted = not believed
        if self.doubted and not told.by_hash:
            raise Unreadable(self.service, say("error_had_torrents_says_none_must_last"))
        if self._trust.had != self._kept:
            await self._remembered.keep(self._trust.had)
            self._kept = self._trust.had
        # What it tells now is no reason to look at once again.
        self.update_interval = BUSY
        await self._report(told, now)
        busy = told.is_busy or any(_is_coming(view) for view in self._requests.waiting)
        self.update_interval = BUSY if busy else IDLE
        return told.with_quota(self.quota_bytes)

    # -- a sudden fall ---------------------------------------------------------------------------

    @property
    @override
    def fall(self) -> Fall | None:
        """What it no longer tells, as long as that is in doubt."""
        return self._trust.fall

    @override
    async def accept_fall(self, mark: str) -> None:
        self._trust = self._trust.accepted(mark)
        await self._remembered.keep(self._trust.had)
        await self.async_refresh()

    # -- what requests wait for ------------------------------------------------------------------

    def has(self, download: str) -> bool:
        """Tell whether it had a download when it answered last."""
        return self.data is not None and self.data.get(download) is not None

    async def let_go(self, download: str) -> None:
        """Take in that we have removed a torrent: without its only one a client may be empty."""
        self._trust = self._without(download)
        await self.async_refresh()

    def believes(self, told: TorrentList, *, without: str) -> bool:
        """Tell whether an answer counts, after we have removed a torrent (law 9)."""
        trust = self._without(without)
        return trust.read(told.by_hash, dt_util.utcnow(), self._max_drop())[1]

    def _without(self, download: str) -> Trust:
        torrent = None if self.data is None else self.data.get(download)
        return self._trust if torrent is None else self._trust.without(torrent.hash)

    async def _report(self, told: TorrentList, now: datetime) -> None:
        """Tell the requests how their downloads do."""
        awaited = self._requests.downloads
        facts: dict[str, tuple[Fact, ...]] = {}
        for download in awaited:
            torrent = told.get(download)
            if torrent is not None:
                # A hybrid is known to the arr by another hash than to its client.
                facts[download] = tuple(of_torrent(replace(torrent, hash=download), now))
        if self._had is None and len(told):
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
        if self.update_interval == BUSY or not _is_coming(view):
            return
        self.look_soon()


def _is_coming(view: RequestView) -> bool:
    """Tell whether a download is on its way, as far as anybody knows."""
    status = view.status
    downloading = any(status.episodes.get(state) for state in _COMING) or status.state in _COMING
    return downloading and status.stuck is None
