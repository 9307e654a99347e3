"""When we look at Shoko: whether it answers, and whether it has matched what was imported.

Every five minutes, and every minute while an imported anime is not matched and not visible; its
hub tells earlier, and is only a hint. That a file is not matched, or that Shoko is down, says
nothing of a request.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
import logging
import random
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..clients.errors import ServiceError, Unreadable
from ..clients.shoko import PRODUCT, HubEvent, ShokoClient, ShokoStatus
from ..domain.requests.facts import Event, EventKind
from ..domain.requests.report import About, Report
from ..domain.requests.request import RequestState
from ..domain.requests.showing import Wanted, unmatched
from ..signals import Signals
from .base import ServiceCoordinator, Worker
from .request_index import Mark
from .requests import RequestTracker, RequestView

_LOGGER = logging.getLogger(__name__)

INTERVAL: Final = timedelta(minutes=5)
WAITING: Final = timedelta(minutes=1)
# Files that are asked for in one look; who was not asked longest comes first.
AT_ONCE: Final = 20
FIRST_PAUSE: Final = 2.0
LONGEST_PAUSE: Final = 300.0
_STABLE: Final = 60.0
_NEVER: Final = datetime.min.replace(tzinfo=dt_util.UTC)
_TELLING: Final = frozenset({"FileMatched", "FileMoved", "FileRenamed", "FileHashed"})
_IMPORTED: Final = frozenset({RequestState.IMPORTING, RequestState.ANIME_MATCHING})


class ShokoCoordinator(ServiceCoordinator[ShokoStatus]):
    """Looks after one Shoko."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: ShokoClient,
        requests: RequestTracker,
        *,
        subentry_id: str,
        title: str,
    ) -> None:
        """Prepare; nothing is asked yet."""
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
        self.hub_error = ""
        self._requests = requests
        self._asked: dict[str, datetime] = {}
        self._said_connected: bool | None = None
        self.until_shutdown(requests.add_listener(self._changed))

    @property
    @override
    def version(self) -> str:
        """As it told it last."""
        return self.data.version if self.data else ""

    @override
    async def _fetch(self) -> ShokoStatus:
        status = await self.client.status()
        waiting = self._waiting()
        # Imported, and not matched: its path may still be to come from the arr.
        unmatched_yet = self._requests.places.any_marked(Mark.NOT_MATCHED)
        self.update_interval = WAITING if unmatched_yet else INTERVAL
        await self._look_at(waiting)
        return status

    def _waiting(self) -> Mapping[str, list[Wanted]]:
        """Give the units that wait to be matched by their files: one may hold several."""
        found: dict[str, list[Wanted]] = {}
        for view in self._requests.marked(Mark.NOT_MATCHED):
            for one in unmatched(view.request, self._requests.facts(view.request.id)):
                found.setdefault(one.path, []).append(one)
        return found

    async def _look_at(self, waiting: Mapping[str, list[Wanted]]) -> None:
        """Ask for what waits, and report what is matched. Raises ServiceError, StoreError."""
        self._asked = {path: at for path, at in self._asked.items() if path in waiting}
        due = sorted(waiting, key=lambda path: self._asked.get(path, _NEVER))[:AT_ONCE]
        reports = []
        failure: ServiceError | None = None
        for path in due:
            now = dt_util.utcnow()
            try:
                matched = await self.client.is_matched(path)
            except Unreadable as err:
                # One file's answer; the others' may be good.
                failure, matched = err, None
            self._asked[path] = now
            if matched:
                reports += [
                    Report(About(ref=one.request.ref), (Event(EventKind.MATCHED, now, one.place),))
                    for one in waiting[path]
                ]
        if reports:
            await self._requests.ingest(reports)
        if failure is not None:
            raise failure

    @callback
    def _changed(self, view: RequestView) -> None:
        """Look at what has just been imported, and not only after five minutes."""
        if (
            view.request.anime
            and view.status.state in _IMPORTED
            and self.update_interval != WAITING
        ):
            self.look_soon()

    @property
    @override
    def workers(self) -> tuple[Worker, ...]:
        return ((f"hub of {self.title}", self.listen),)

    # -- told by the hub -------------------------------------------------------------------------

    async def listen(self) -> None:
        """Follow the hub, for as long as the entry is loaded."""
        failures = 0
        while True:
            begun = self.hass.loop.time()
            # Its language is known only of a version that the poll has accepted.
            if self.connected:
                try:
                    await self._follow()
                except ServiceError as err:
                    # A key that is refused is the poll's to report: it asks with the same one.
                    self._say(connected=False, why=err)
            failures = 1 if self.hass.loop.time() - begun > _STABLE else failures + 1
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures, 16))
            await asyncio.sleep(longest * random.uniform(0.5, 1.0))  # noqa: S311

    async def _follow(self) -> None:
        """Take in what one connection tells. Raises ServiceError when it ends."""
        async with self.client.hub() as hub:
            self._say(connected=True)
            # What happened while nobody listened.
            self.look_soon()
            while True:
                self._heard(await hub.receive())

    def _heard(self, event: HubEvent) -> None:
        if event.name not in _TELLING or not event.path:
            return
        end = self.client.wanted_end(event.path)
        if any(self.client.wanted_end(path) == end for path in self._waiting()):
            self.look_soon()

    def _say(self, *, connected: bool, why: ServiceError | None = None) -> None:
        """Say once that the hub is lost, and once that it is back."""
        self.hub_error = str(why) if why else ""
        if connected is self._said_connected:
            return
        self._said_connected = connected
        if why is None:
            _LOGGER.info("%s: its hub tells what it matches", self.name)
        else:
            _LOGGER.info("%s: no hub, polling instead (%s)", self.name, why.message)
