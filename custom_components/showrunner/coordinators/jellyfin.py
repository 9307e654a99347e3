"""When we look at Jellyfin: an adaptive poll of its sessions, and its webhook beside it.

Every second while somebody plays, every five seconds else, backing off to a minute while the
server is down. Both sources end in `PlaybackTracker.ingest`; each alone is enough.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError, WrongProduct
from ..clients.jellyfin import JellyfinClient, JellyfinServer
from ..clients.jellyfin_webhook import UserDataSaved, parse_webhook
from ..domain.flood import Admission, FloodGate
from ..domain.watching import PlaybackReport, ReportKind
from ..signals import Signals
from ..store import StoreError
from .base import ServiceCoordinator
from .playback import PlaybackTracker

_LOGGER = logging.getLogger(__name__)

PLAYING: Final = timedelta(seconds=1)
IDLE: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(seconds=60)
_SERVER_EVERY: Final = timedelta(hours=1)
_BACKLOG: Final = 1000


@dataclass(frozen=True, slots=True)
class Stream:
    """Somebody plays something. `user_id` serves to leave out users who are not tracked."""

    session_id: str
    user_id: str
    title: str
    device: str
    client: str
    play_method: str
    paused: bool

    @property
    def is_transcoding(self) -> bool:
        """Tell whether the server converts what it sends."""
        return self.play_method == "transcode"


@dataclass(frozen=True, slots=True)
class JellyfinData:
    """What the server's entities show."""

    server: JellyfinServer
    streams: tuple[Stream, ...]


class JellyfinCoordinator(ServiceCoordinator[JellyfinData]):
    """Looks after the entry's Jellyfin server."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: JellyfinClient,
        playback: PlaybackTracker,
    ) -> None:
        """Prepare; nothing is asked yet."""
        super().__init__(hass, entry, signals, service="Jellyfin", title=entry.title, interval=IDLE)
        self.client = client
        self.playback = playback
        self.webhooks = 0
        self.webhooks_ignored = 0
        self.last_webhook: datetime | None = None
        self._server: tuple[datetime, JellyfinServer] | None = None
        self._playing: dict[tuple[str, ...], PlaybackReport] = {}
        self._missing: dict[tuple[str, ...], PlaybackReport] = {}
        self._flood = FloodGate()
        self._backlog: asyncio.Queue[PlaybackReport] = asyncio.Queue(_BACKLOG)

    @property
    def webhooks_collapsed(self) -> int:
        """Count the bodies that were equal to ones worked on already."""
        return self._flood.collapsed

    @override
    async def _fetch(self) -> JellyfinData:
        try:
            now = dt_util.utcnow()
            server = await self._identity(now)
            reports = await self.client.sessions(now)
        except ServiceError:
            current = self.update_interval or IDLE
            self.update_interval = min(LONGEST, max(IDLE, current * 2))
            raise
        await self.playback.ingest((*reports, *self._ended(reports, now)), now)
        self.update_interval = PLAYING if reports or self._missing else IDLE
        return JellyfinData(server, tuple(_stream(report) for report in reports))

    def _ended(
        self, reports: tuple[PlaybackReport, ...], now: datetime
    ) -> tuple[PlaybackReport, ...]:
        """Report as stopped what two good answers in a row no longer name.

        One is not enough: clients drop out for a moment. Without an answer nobody has stopped.
        """
        playing = {_place(report): report for report in reports}
        gone = tuple(
            replace(report, kind=ReportKind.STOPPED, at=now)
            for place, report in self._missing.items()
            if place not in playing
        )
        self._missing = {
            place: report for place, report in self._playing.items() if place not in playing
        }
        self._playing = playing
        return gone

    async def _identity(self, now: datetime) -> JellyfinServer:
        """Ask who the server is, once an hour; a server that was exchanged is not ours."""
        if self._server is None or now - self._server[0] > _SERVER_EVERY:
            server = await self.client.check_admin()
            if server.id != self.config_entry.unique_id:
                # Its users and items are others: nothing of it may be mixed into our history.
                raise WrongProduct("Jellyfin", "another server answers at this address")
            self._server = (now, server)
        return self._server[1]

    def accept(self, body: object) -> bool:
        """Take in a webhook's decoded body; false when it was collapsed as part of a flood.

        Raises NotOurs for a body that Jellyfin's plugin does not send. The work is done later,
        in `work_off`, so that the answer is immediate.
        """
        admission = self._flood.admit(_fingerprint(body), self.hass.loop.time())
        if admission is Admission.REPORT:
            _LOGGER.warning(
                "Jellyfin's webhook sends the same message again and again; "
                "more than %s a minute are not worked on",
                self._flood.limit,
            )
        if admission is not Admission.ACCEPT:
            return False
        now = dt_util.utcnow()
        message = parse_webhook(body, now, self._server[1].id if self._server else None)
        self.last_webhook = now
        self.webhooks += 1
        if not isinstance(message, PlaybackReport):
            self.webhooks_ignored += 1
            kind = "UserDataSaved" if isinstance(message, UserDataSaved) else message.kind
            _LOGGER.debug("Nothing to do for Jellyfin's webhook %s", kind)
            return True
        if self._backlog.full():
            # Polling tells the same story; the oldest report is the one that matters least.
            self._backlog.get_nowait()
        self._backlog.put_nowait(message)
        return True

    async def work_off(self) -> None:
        """Work on accepted webhooks, for as long as the entry is loaded."""
        while True:
            report = await self._backlog.get()
            try:
                await self.playback.ingest((report,), dt_util.utcnow())
            except StoreError as err:
                _LOGGER.warning("Could not keep what a webhook told: %s", err)
                continue
            if report.kind is not ReportKind.PROGRESS:
                # So that the streams are shown at once, and polled at the pace of a play.
                self.config_entry.async_create_background_task(
                    self.hass, self.async_request_refresh(), "showrunner look at the sessions"
                )


def _fingerprint(body: object) -> int:
    """Give equal bodies an equal number; times that tick do not make a body another one."""
    if isinstance(body, Mapping):
        return hash(
            tuple((key, repr(value)) for key, value in body.items() if "Timestamp" not in str(key))
        )
    return hash(repr(body))


def _place(report: PlaybackReport) -> tuple[str, ...]:
    return (report.user_id, report.session_id or report.device, report.unit.key)


def _stream(report: PlaybackReport) -> Stream:
    return Stream(
        session_id=report.session_id,
        user_id=report.user_id,
        title=report.unit.label,
        device=report.device,
        client=report.client,
        play_method=report.play_method,
        paused=report.paused,
    )
