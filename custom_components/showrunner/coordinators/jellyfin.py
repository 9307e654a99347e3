"""When we look at Jellyfin: its sessions' WebSocket first, an adaptive poll, its webhook beside.

While the socket tells the sessions, polling is a slow check of the server's health, and of a play
of which nothing is pushed. Where it is refused or breaks: every second while somebody plays, every
five seconds else, backing off to a minute while the server is down. All sources end in
`PlaybackTracker.ingest`; each alone is enough, and none is believed alone that somebody is gone.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import logging
import random
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError, WrongProduct
from ..clients.jellyfin import JellyfinClient, JellyfinServer, SessionsSnapshot
from ..clients.jellyfin_library import JellyfinLibrary
from ..clients.jellyfin_webhook import (
    Ignored,
    LibraryChanged,
    UserDataSaved,
    is_chatter,
    parse_webhook,
)
from ..domain.media import ProviderIds
from ..domain.schedule import is_due
from ..domain.streams import Stream, visible
from ..domain.text import say
from ..domain.watching import PlaybackReport, ReportKind
from ..signals import Signals
from ..store import StoreError
from .base import ServiceCoordinator
from .conversions import Conversions
from .inbox import Inbox
from .playback import PlaybackTracker
from .session_presence import SessionPresence

_LOGGER = logging.getLogger(__name__)

PLAYING: Final = timedelta(seconds=1)
IDLE: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(seconds=60)
# While the socket is alive: the check of the server, and how long a play may go unmentioned.
CHECK: Final = timedelta(seconds=60)
QUIET: Final = timedelta(seconds=15)
# Between two attempts at the socket: doubled each time, and never the same for two of us (seconds).
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0
_STABLE: Final = 30.0
_SERVER_EVERY: Final = timedelta(hours=1)

type _Message = PlaybackReport | UserDataSaved | LibraryChanged
type UserDataListener = Callable[[UserDataSaved], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class JellyfinData:
    """What the server's entities show. `streams` are everybody's, also of who is not tracked."""

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
        tracked: Callable[[str], bool],
    ) -> None:
        """Prepare; nothing is asked yet. `tracked` tells whether a user is."""
        super().__init__(hass, entry, signals, service="Jellyfin", title=entry.title, interval=IDLE)
        self.client = client
        self.playback = playback
        self.on_userdata: list[UserDataListener] = []
        # Called when the plugin says that something came or went.
        self.on_items: list[Callable[[], None]] = []
        # Told the ids of items that are said to be gone.
        self.on_gone: list[Callable[[str], None]] = []
        self.inbox = Inbox[_Message]("Jellyfin", self._read, self._work_on, self._is_known)
        self.socket_error = ""
        self._tracked = tracked
        self._server: tuple[datetime, JellyfinServer] | None = None
        self._server_due = False
        self._latest: JellyfinData | None = None
        self._roll = SessionPresence()
        self._conversions = Conversions(signals, tracked)
        self._pushing = False
        self._said_connected: bool | None = None
        self._pushes = 0
        self._pushed_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._ill = False
        self._recovered = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    @property
    def library(self) -> JellyfinLibrary:
        """What reads the server's library."""
        return self.client.library

    @property
    def server_id(self) -> str:
        """Who the server says that it is."""
        return self.config_entry.unique_id or ""

    async def has_movie(self, ids: ProviderIds, name: str) -> bool:
        """Look for a movie by its ids; the name narrows the search. Raises ServiceError."""
        return await self.client.find_movie(ids, name, None) is not None

    @property
    def pushing(self) -> bool:
        """Tell whether the socket tells the sessions."""
        return self._pushing

    def visible_streams(self) -> tuple[Stream, ...]:
        """Give the streams of tracked viewers; of all others only their number may be shown."""
        return visible(self.data.streams, self._tracked) if self.data else ()

    @override
    async def async_shutdown(self) -> None:
        """End what looks."""
        await super().async_shutdown()
        if self._looking is not None:
            self._looking.cancel()

    # -- asked -----------------------------------------------------------------------------------

    @property
    @override
    def version(self) -> str:
        """As it told it last."""
        return self.data.server.version if self.data else ""

    @override
    async def _fetch(self) -> JellyfinData:
        now = dt_util.utcnow()
        if self._latest is not None and self._is_settled(now):
            return self._latest
        pushes = self._pushes
        try:
            server = await self._identity(now)
            snapshot = await self.client.sessions(now)
        except ServiceError:
            self._roll.server_was_ill(dt_util.utcnow())
            self._ill = True
            current = self.update_interval or IDLE
            self.update_interval = min(LONGEST, max(IDLE, current * 2))
            raise
        self._asked_at = now
        if self._ill:
            self._ill = False
            self._recovered.set()
        if pushes == self._pushes or self._latest is None:
            await self._take_in(snapshot, server, now)
        # Else the socket has told something newer meanwhile.
        self.update_interval = self._pace(dt_util.utcnow())
        return self._latest or JellyfinData(server, ())

    def _is_settled(self, now: datetime) -> bool:
        """Tell whether the socket has told all that an answer could."""
        if not self._pushing or not self.last_update_success or self._roll.doubtful:
            return False
        heard = self._pushed_at
        return heard is not None and now - heard < QUIET and not is_due(self._asked_at, now, CHECK)

    def _pace(self, now: datetime) -> timedelta:
        """Say when to look again."""
        if self._roll.doubtful:
            return PLAYING
        if not self._pushing:
            return PLAYING if self._roll.plays else IDLE
        if not self._roll.plays:
            return CHECK
        heard = self._pushed_at
        return IDLE if heard is not None and now - heard < QUIET else PLAYING

    async def _identity(self, now: datetime) -> JellyfinServer:
        """Ask who the server is, once an hour; a server that was exchanged is not ours."""
        due = self._server_due or (
            self._server is not None and is_due(self._server[0], now, _SERVER_EVERY)
        )
        if self._server is None or due:
            server = await self.client.check_admin()
            if server.id != self.config_entry.unique_id:
                # Its users and items are others: nothing of it may be mixed into our history.
                raise WrongProduct("Jellyfin", say("error_another_server_answers_address"))
            self._server, self._server_due = (now, server), False
        return self._server[1]

    def _look(self) -> None:
        """Ask at once, unless somebody does already."""
        if self._looking is None or self._looking.done():
            self._looking = self.config_entry.async_create_background_task(
                self.hass, self.async_refresh(), "showrunner look at the sessions"
            )

    # -- pushed ----------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Follow the sessions' socket, for as long as the entry is loaded."""
        failures = 0
        while True:
            begun = self.hass.loop.time()
            try:
                await self._follow()
            except ServiceError as err:
                # A key that is refused is the poll's to report: it asks with the same one.
                self._say(connected=False, why=err)
            finally:
                # Whatever ended it: polling takes over.
                was, self._pushing = self._pushing, False
            if was:
                self._server_due = True
                self._look()
            failures = 1 if self.hass.loop.time() - begun > _STABLE else failures + 1
            await self._pause(failures)

    async def _follow(self) -> None:
        """Take in what one connection tells. Raises ServiceError when it ends."""
        async with self.client.sessions_socket(dt_util.utcnow) as socket:
            # Another server may answer where ours was: its sessions are not ours.
            server = await self._identity(dt_util.utcnow())
            if not self.last_update_success:
                self._look()  # it is back, and need not wait for the next poll
            while True:
                snapshot = await socket.receive()
                self._pushing = True
                self._say(connected=True)
                await self._pushed(snapshot, server)

    async def _pushed(self, snapshot: SessionsSnapshot, server: JellyfinServer) -> None:
        now = dt_util.utcnow()
        self._pushes += 1
        self._pushed_at = now
        try:
            data = await self._take_in(snapshot, server, now)
        except StoreError as err:
            _LOGGER.debug("Could not keep what the socket told: %s", err)
            return  # the next check says so, once
        if not self.last_update_success:
            return  # a socket alone does not make an ill server well
        self.update_interval = self._pace(now)
        self.async_set_updated_data(data)
        # Every push puts the scheduled check off, so it is begun from here when it is due.
        if self._roll.doubtful or is_due(self._asked_at, now, CHECK):
            self._look()

    def _say(self, *, connected: bool, why: ServiceError | None = None) -> None:
        """Say once that the socket is lost, and once that it is back."""
        self.socket_error = str(why) if why else ""
        if connected is self._said_connected:
            return
        self._said_connected = connected
        if why is None:
            _LOGGER.info("%s: the WebSocket tells what plays", self.name)
        else:
            _LOGGER.info("%s: no WebSocket, polling instead (%s)", self.name, why.message)

    async def _pause(self, failures: int) -> None:
        """Wait before the next attempt, but no longer than the server itself is down."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 16))
        self._recovered.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(longest * random.uniform(0.5, 1.0)):  # noqa: S311
                await self._recovered.wait()

    # -- taken in --------------------------------------------------------------------------------

    async def _take_in(
        self, snapshot: SessionsSnapshot, server: JellyfinServer, now: datetime
    ) -> JellyfinData:
        """Take in all that plays, whoever told it. Raises StoreError."""
        reports = self._roll.take(snapshot.reports, now)
        streams = tuple(self._named(stream) for stream in snapshot.streams)
        # Jellyfin lists a device that was switched off for minutes.
        dead = self._roll.silent(
            (stream.session_id for stream in streams), now, self.playback.lost_after
        )
        streams = tuple(stream for stream in streams if stream.session_id not in dead)
        self._latest = data = JellyfinData(server, streams)
        self._conversions.forget(streams, self._roll.plays)
        await self.playback.ingest(reports, now)
        self._conversions.look(streams)
        return data

    def _named(self, stream: Stream) -> Stream:
        name = self._roll.session_id(stream.session_id)
        return stream if name == stream.session_id else replace(stream, session_id=name)

    # -- told by webhook -------------------------------------------------------------------------

    def accept(self, body: object) -> bool:
        """Take in a webhook's decoded body; false when it was collapsed as part of a flood.

        Raises NotOurs for a body that Jellyfin's plugin does not send. The work is done later,
        in `work_off`, so that the answer is immediate.
        """
        if is_chatter(body):
            # Every few seconds of every play: not worth a look into it.
            self.inbox.ignored += 1
            return True
        return self.inbox.accept(body)

    async def work_off(self) -> None:
        """Work on accepted webhooks, for as long as the entry is loaded."""
        await self.inbox.work_off()

    def _read(self, body: object, now: datetime) -> _Message | None:
        """Read a body; None for what is of no use, and what was saved of who is not tracked."""
        message = parse_webhook(body, now, self._server[1].id if self._server else None)
        if isinstance(message, Ignored):
            _LOGGER.debug("Nothing to do for Jellyfin's webhook %s", message.kind)
            return None
        if isinstance(message, UserDataSaved) and not self._tracked(message.user_id):
            return None
        return message

    def _is_known(self, message: _Message) -> bool:
        """Tell whether a body is about what Jellyfin itself says that somebody plays."""
        return isinstance(message, PlaybackReport) and self._roll.is_playing(message)

    async def _work_on(self, message: _Message) -> None:
        """Work on one message. Raises StoreError."""
        if isinstance(message, LibraryChanged):
            for changed in tuple(self.on_items):
                changed()
            if message.gone and message.item_id:
                for gone in tuple(self.on_gone):
                    gone(message.item_id)
            return
        if isinstance(message, UserDataSaved):
            await self._tell_userdata(message)
            return
        await self.playback.ingest((self._roll.heard(message),), dt_util.utcnow())
        if message.kind is not ReportKind.PROGRESS:
            # So that the streams are shown at once, and polled at the pace of a play.
            self.config_entry.async_create_background_task(
                self.hass, self.async_request_refresh(), "showrunner look at the sessions"
            )

    async def _tell_userdata(self, message: UserDataSaved) -> None:
        """Call who wants to know; one listener's failure is its own."""
        for listener in tuple(self.on_userdata):
            try:
                await listener(message)
            except (ServiceError, StoreError) as err:
                _LOGGER.warning("Could not keep what Jellyfin saved of a title: %s", err)
