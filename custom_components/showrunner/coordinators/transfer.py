"""When we look at a transfer's two ends, and how far it is.

The server is asked gently: whether it lets us in and how much room it has. How far a transfer is
comes from who fetches, as often as it likes; entities follow it at a pace that a database can keep.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import shutil
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..clients.errors import HostKeyUnknown
from ..clients.fetching.fetcher import Fetches, Look
from ..clients.fetching.folder import Trouble, trouble
from ..clients.parse import instant
from ..clients.sftp_errors import PRODUCT
from ..clients.transfers import TransferClient
from ..domain.addresses import machine_of, same_host
from ..domain.seeding.drafting import reaches
from ..domain.transfer.progress import IDLE, TransferProgress
from ..domain.transfer.remote import Space
from ..signals import Signals
from .base import ServiceCoordinator
from .remembered import Values

INTERVAL: Final = timedelta(minutes=5)
# How often entities follow a transfer that does the same thing on and on (seconds).
_PACE: Final = 10.0
_LAST_SYNC: Final = "last_sync"


@dataclass(frozen=True, slots=True)
class TransferStatus:
    """The two ends, and what goes on between them. Room is None where it is not known."""

    remote: Space | None
    local: Space | None
    progress: TransferProgress = IDLE
    last_sync: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Here:
    """What this end is like. The room is that of the folder, of which another one tells nothing."""

    room: Space | None
    trouble: Trouble | None
    lacks: str | None


class TransferCoordinator(ServiceCoordinator[TransferStatus]):
    """Looks after one transfer. `data` is None until its server has let us in."""

    signs_in = True

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        signals: Signals,
        client: TransferClient,
        *,
        engine: Callable[[Look], Fetches],
        lacks: Callable[[], str | None],
        subentry_id: str,
        title: str,
        remote_path: bytes,
        local_path: str,
        import_path: str = "",
        folder_mark: str = "",
        values: Values,
    ) -> None:
        """Prepare; nothing is asked yet. `values` keeps when it was last in order.

        `engine` makes who fetches from there; `lacks` names a program that it needs and that is
        not installed, and may block.
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
        self.engine = engine
        self.remote_path = remote_path
        self.local_path = local_path
        # The same folder as Radarr and Sonarr see it; empty: nobody has said.
        self.import_path = import_path
        # What the local folder is known by, and what is wrong with it, as it was seen last.
        self.folder_mark = folder_mark
        self.trouble: Trouble | None = None
        self.lacks: str | None = None
        # The host key that nobody has confirmed, as long as the server shows it.
        self.stranger: HostKeyUnknown | None = None
        self.progress = IDLE
        self._values = values
        self._look_for_lack = lacks
        self._last_sync: datetime | None = None
        self._recalled = False
        self._listeners_of_progress: list[Callable[[TransferProgress], None]] = []
        self._shown_at = 0.0
        self._room: asyncio.Future[_Here] | None = None

    @property
    @override
    def version(self) -> str:
        return self.client.version

    @override
    async def async_shutdown(self) -> None:
        await super().async_shutdown()
        await self.client.close()

    # -- looking ---------------------------------------------------------------------------------

    @override
    async def _fetch(self) -> TransferStatus:
        # Also while the server is away: a person may want to know of both.
        local = await self._local_room()
        try:
            await self.client.connect()
        except HostKeyUnknown as err:
            self.stranger = err
            raise
        self.stranger = None
        remote = await self.client.statvfs(self.remote_path)
        await self._recall()
        return TransferStatus(remote, local, self.progress, self._last_sync)

    async def _local_room(self) -> Space | None:
        """Look at the folder here, which may be a network's that hangs: never twice at once."""
        if self._room is None or self._room.done():
            self._room = self.hass.loop.run_in_executor(None, self._looked_at)
        await asyncio.wait((self._room,), timeout=5)
        if not self._room.done():
            return None
        here = self._room.result()
        if (here.trouble, here.lacks) != (self.trouble, self.lacks):
            self.trouble, self.lacks = here.trouble, here.lacks
            self.async_update_listeners()  # also where nothing else has changed
        return here.room

    def _looked_at(self) -> _Here:
        """Look at the folder, and at what has to be installed beside it. Blocks."""
        lacks = self._look_for_lack()
        wrong = trouble(self.local_path, self.folder_mark)
        if wrong is not None and wrong.gone:
            return _Here(None, wrong, lacks)
        try:
            found = shutil.disk_usage(self.local_path)
        except OSError:
            return _Here(None, wrong, lacks)
        return _Here(Space.of(found.free, found.total), wrong, lacks)

    async def _recall(self) -> None:
        """Read when it was last in order, once. Raises StoreError."""
        if self._recalled:
            return
        kept = await self._values.get(self._key)
        self._recalled = True
        if self._last_sync is None:
            self._last_sync = instant(kept)

    @property
    def _key(self) -> str:
        return f"{_LAST_SYNC}:{self.subentry_id}"

    # -- how far it is ---------------------------------------------------------------------------

    @callback
    def on_progress(self, listener: Callable[[TransferProgress], None]) -> Callable[[], None]:
        """Call `listener` at every step from now on; give what ends that."""
        self._listeners_of_progress.append(listener)
        return lambda: self._listeners_of_progress.remove(listener)

    @callback
    def set_progress(self, progress: TransferProgress) -> None:
        """Take in how far it is; meant to be called once a second at the most."""
        before, self.progress = self.progress, progress
        for listener in tuple(self._listeners_of_progress):
            listener(progress)
        now = self.hass.loop.time()
        if progress.state is before.state and now - self._shown_at < _PACE:
            return
        self._shown_at = now
        self._show()

    async def synced(self, at: datetime) -> None:
        """Take in that all was at home at this instant. Raises StoreError."""
        self._last_sync, self._recalled = at, True
        self._show()
        await self._values.put(self._key, at.isoformat())

    def _show(self) -> None:
        if self.data is not None:
            self.data = replace(self.data, progress=self.progress, last_sync=self._last_sync)
            self.async_update_listeners()


def reaching(
    transfers: Mapping[str, TransferCoordinator], url: str, path: str | None
) -> tuple[str, TransferCoordinator] | None:
    """Find a transfer that reaches a place of a service at an address: one of the same host.

    On another host the same path may hold something else, such as a copy. One over which nothing
    can be removed does not count: it does not tell what is a link, either.
    """
    host = machine_of(url)
    for service, one in transfers.items():
        near = one.client.removes and same_host(one.client.login.host) == host
        if near and reaches(one.remote_path, path):
            return service, one
    return None
