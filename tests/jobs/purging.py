"""A seedbox in a folder: plain rTorrents and an arr as a purge sees them, and what may go wrong."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from custom_components.showrunner.clients.arr_history import Takes
from custom_components.showrunner.clients.arr_models import HealthFinding
from custom_components.showrunner.clients.errors import ServiceError, Unreachable
from custom_components.showrunner.domain.history import HistoryEvent, HistoryKind
from custom_components.showrunner.domain.media import MediaType
from custom_components.showrunner.domain.plan import Plan
from custom_components.showrunner.domain.plan.guards import Budget
from custom_components.showrunner.domain.torrent_details import (
    Removal,
    TorrentFile,
    TorrentFiles,
    TrackerState,
)
from custom_components.showrunner.domain.torrent_trust import Vanished
from custom_components.showrunner.domain.torrents import Torrent, TorrentList
from custom_components.showrunner.domain.transfer.remote import RemoteFile
from custom_components.showrunner.jobs.facts.seeding_facts import PurgeFacts
from custom_components.showrunner.jobs.kit.plan_runs import RunParts
from custom_components.showrunner.jobs.kit.runner import Runner
from custom_components.showrunner.jobs.purge.job import PurgeJob
from custom_components.showrunner.operations import all_operations
from custom_components.showrunner.options import Options, PurgeOptions, SafetyOptions
from custom_components.showrunner.signals import Signals
from custom_components.showrunner.store import Store
from tests.domain.seeding.samples import film
from tests.operations.disk import Disk
from tests.operations.linked import Book

CLIENT, TRANSFER, ARR = "client", "transfer", "arr"


@dataclass
class Switchboard:
    """Counts everything that is asked or told, and lets one of them go wrong.

    `kill_at`: the process ends at that call, before it takes place, or after.
    """

    calls: int = 0
    kill_at: int = -1
    after: bool = False
    before_each: Callable[[int], None] = lambda number: None

    async def __call__[T](self, do: Callable[[], T]) -> T:
        """Pass a call through."""
        self.calls += 1
        number = self.calls
        self.before_each(number)
        if number == self.kill_at and not self.after:
            raise asyncio.CancelledError
        outcome = do()
        if number == self.kill_at:
            raise asyncio.CancelledError
        return outcome


@dataclass
class Box:
    """The seedbox: a client, its files below `folder`, and the history of an arr."""

    folder: Path
    removal: Removal = Removal.ENTRY_ONLY
    torrents: dict[str, Torrent] = field(default_factory=dict)
    names: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    spoilt: set[bytes] = field(default_factory=set)
    events: list[HistoryEvent] = field(default_factory=list)
    queued: set[str] = field(default_factory=set)
    line: Switchboard = field(default_factory=Switchboard)
    down: set[str] = field(default_factory=set)
    erased: list[str] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    # Since when the arr runs; None: it does not say.
    started: datetime | None = None
    # What it finds wrong with itself.
    ails: set[HealthFinding] = field(default_factory=set)

    def put(self, number: int, names: Collection[bytes], **more: Any) -> Torrent:
        """Put in a torrent with its files, each with its name as what is in it."""
        root = self.folder / f"Release {number}"
        made = film(number, content_path=str(root), trackers=None, **more)
        for name in names:
            path = root / os.fsdecode(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name)
        self.torrents[made.hash], self.names[made.hash] = made, tuple(names)
        return made

    def imported(self, torrent: Torrent) -> None:
        """Have the arr grab and import a torrent."""
        for kind in (HistoryKind.GRABBED, HistoryKind.IMPORTED):
            self.happened(kind, torrent)

    def happened(self, kind: HistoryKind, torrent: Torrent) -> None:
        """Write a row of the history."""
        number = len(self.events) + 1
        at = self.now - timedelta(days=1) + timedelta(seconds=number)
        media = int(torrent.hash, 16)
        self.events.append(HistoryEvent(number, kind, at, media, download_id=torrent.hash))

    def imported_episodes(self, torrent: Torrent, names: Collection[bytes]) -> None:
        """Have a Sonarr grab and import these files of a torrent, each an episode."""
        for episode, name in enumerate(names, 1):
            for kind, source in (
                (HistoryKind.GRABBED, None),
                (HistoryKind.IMPORTED, f"/home/{os.fsdecode(name)}"),
            ):
                self.happened(kind, torrent)
                row = replace(self.events[-1], episode_id=episode, source_path=source)
                self.events[-1] = row

    def _must_answer(self, who: str) -> None:
        if who in self.down:
            raise Unreachable(who, "down")

    # -- the torrent client ------------------------------------------------------------------------

    url = "http://box/RPC2"
    tells_changes = False

    async def list(self) -> TorrentList:
        """List the torrents."""
        return await self.line(lambda: (self._must_answer(CLIENT), self._list())[1])

    async def hashes(self) -> frozenset[str]:
        """Name the torrents, and say nothing else of them."""
        return frozenset((await self.list()).by_hash)

    def _list(self) -> TorrentList:
        return TorrentList.of(self.torrents.values())

    async def files(self, info_hash: str) -> TorrentFiles | None:
        """List a torrent's files."""

        def tell() -> TorrentFiles | None:
            self._must_answer(CLIENT)
            torrent = self.torrents.get(info_hash)
            if torrent is None:
                return None
            files = tuple(
                TorrentFile(name, len(name), True, exact=name not in self.spoilt)
                for name in self.names[info_hash]
            )
            return TorrentFiles(os.fsencode(torrent.content_path or ""), files)

        return await self.line(tell)

    async def trackers(self, hashes: Collection[str]) -> Mapping[str, tuple[TrackerState, ...]]:
        """List trackers."""
        return await self.line(lambda: dict.fromkeys(hashes, ()))

    async def remove(self, info_hash: str, *, data: bool) -> None:
        """Remove a torrent, and nothing else."""
        assert not data

        def erase() -> None:
            self._must_answer(CLIENT)
            if self.torrents.pop(info_hash, None) is not None:
                self.erased.append(info_hash)

        await self.line(erase)

    # -- the arr -----------------------------------------------------------------------------------

    async def whole_history[T: Takes](self, begin: Callable[[], T]) -> T:
        """Tell everything, and have it taken in."""
        taken = begin()
        await self.line(lambda: (self._must_answer(ARR), taken.take(self.events)))
        return taken

    async def history_since(
        self, date: datetime, *, whole: bool = False
    ) -> tuple[HistoryEvent, ...]:
        """Tell what has happened since."""
        return await self.line(
            lambda: (self._must_answer(ARR), tuple(e for e in self.events if e.at >= date))[1]
        )

    async def title_history(self, arr_id: int) -> tuple[HistoryEvent, ...]:
        """Tell everything of one title."""
        return await self.line(
            lambda: (
                self._must_answer(ARR),
                tuple(event for event in self.events if event.media_id == arr_id),
            )[1]
        )

    async def began(self) -> datetime | None:
        """Tell since when it runs."""
        self._must_answer(ARR)
        return self.started

    missed_client: datetime | None = None
    queued_when_well: frozenset[int] = frozenset()

    async def health(self, *, anew: bool = False) -> tuple[HealthFinding, ...]:
        """Tell what is wrong with it."""
        self._must_answer(ARR)
        return tuple(self.ails)

    async def download_clients(self) -> int:
        """Tell how many it has."""
        return 1

    async def queue(self) -> tuple[Any, ...]:
        """Tell what is in the queue."""
        lines = [
            SimpleNamespace(id=int(one, 16), download_id=one, is_imported=False)
            for one in self.queued
        ]
        return await self.line(lambda: (self._must_answer(ARR), tuple(lines))[1])


class Client:
    """Looks after the client, as `TorrentCoordinator` does."""

    service, title, last_error, doubted = "rTorrent", "Box", "", False

    def __init__(self, box: Box) -> None:
        """Take the box."""
        self.client, self.connected = self, False
        self.box = box
        self.data: TorrentList | None = None
        self.vanished = Vanished()
        self.url, self.removal, self.tells_changes = box.url, box.removal, box.tells_changes
        self.files, self.trackers, self.remove = box.files, box.trackers, box.remove
        self.torrents = box.list

    async def async_refresh(self) -> None:
        """Look."""
        try:
            self.data = await self.box.list()
        except ServiceError as err:
            self.connected, self.last_error = False, str(err)
        else:
            self.connected = True

    async def hashes(self) -> frozenset[str]:
        """Name them."""
        return await self.box.hashes()

    def believes(self, there: Collection[str], *, without: str) -> bool:
        """Believe everything."""
        return True

    async def let_go(self, download: str) -> None:
        """Take it out of what was told last."""
        if self.data is not None:
            self.data = self.data.without({download})

    def show_purgeable(self, count: int | None) -> None:
        """Note it."""
        self.purgeable = count


class Transfer(Disk):
    """A file transfer over the same calls."""

    title = "SFTP"
    login = SimpleNamespace(host="box")

    def __init__(self, box: Box) -> None:
        """Take the box."""
        super().__init__(box.folder)
        self.box = box

    async def connect(self) -> None:
        """Sign in."""
        await self.box.line(lambda: self.box._must_answer(TRANSFER))

    async def lstat(self, path: bytes) -> RemoteFile:
        """Look at a file."""
        self.box._must_answer(TRANSFER)
        return await super().lstat(path)

    async def remove_file(self, path: bytes) -> None:
        """Remove a file."""
        await self.box.line(lambda: self.box._must_answer(TRANSFER))
        await super().remove_file(path)
        await self.box.line(lambda: None)

    async def remove_empty_folder(self, path: bytes) -> None:
        """Remove a folder."""
        await self.box.line(lambda: self.box._must_answer(TRANSFER))
        await super().remove_empty_folder(path)


class Linked:
    """What operations ask for."""

    def __init__(self, client: Client, transfer: Transfer | None) -> None:
        """Take them."""
        self._client, self._transfer = client, transfer

    def torrent_client(self, service: str) -> Any:
        """Find the client."""
        return self._client if service == CLIENT else None

    def folder_over(self, service: str, path: str | None) -> Any:
        """Find the transfer, which reaches all of the client's."""
        return self._transfer if service == CLIENT else None

    def remote_folder(self, service: str) -> Any:
        """Find the transfer."""
        return self._transfer if service == TRANSFER else None


def _now() -> datetime:
    return datetime.now(UTC)


def purge_of(
    box: Box,
    store: Store,
    *,
    transfer: bool = True,
    policy: PurgeOptions | None = None,
    server: Any = None,
    now: Callable[[], datetime] = _now,
    signals: Signals | None = None,
    media: MediaType = MediaType.MOVIE,
    most: int = 1000,
) -> PurgeJob:
    """Make the job, as after a start. `server`: a transfer that takes the place of the folder's."""
    client, disk = Client(box), server or (Transfer(box) if transfer else None)
    arr = SimpleNamespace(client=box, title="the arr", media=media)
    options = Options(
        safety=SafetyOptions(dry_run=False, max_items=most, max_library_percent=100),
        purge=policy or PurgeOptions(),
    )
    linked: Any = Linked(client, disk)

    async def not_frozen(plan: Plan) -> None:
        return None

    runner = Runner(
        store,
        all_operations(linked, Book(), now),
        budget=lambda: Budget(max_items=most, max_share=100),
        frozen=not_frozen,
        now=now,
    )
    arrs: Any = {ARR: arr}
    clients: Any = {CLIENT: client}
    transfers: Any = {TRANSFER: disk} if disk is not None else {}
    facts = PurgeFacts(arrs, clients, transfers, now)
    parts = RunParts(store, signals or Signals(), runner, options=lambda: options, now=now)
    return PurgeJob(parts, facts)
