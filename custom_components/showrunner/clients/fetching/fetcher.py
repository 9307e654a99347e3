"""Fetches releases over one linked transfer, from Home Assistant's event loop.

An engine does the work, in the thread of the SFTP client or with lftp; here it is followed once a
second, and ended when there is something against going on.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from ...domain.knowledge import Answer
from ...domain.paths import PathMap, below
from ...domain.text import Words, say
from ...domain.transfer.progress import FileProgress, TransferProgress, TransferState
from ...domain.transfer.remote import RemoteFile
from ...domain.transfer.tree import Release, Version, releases, shown
from ..errors import NotThere, ServiceError, Unreadable
from ..sftp import SftpClient
from ..sftp_errors import PRODUCT
from ..transfers import TransferClient
from . import placed, staging
from .disk import meaning
from .engine import Engine
from .folder import Trouble, trouble
from .order import (
    FetchOrder,
    FolderGone,
    FolderUnconfirmed,
    Limits,
    LocalFailed,
    LocalUnfit,
    Progress,
)
from .remote import Pool

# How often it is told how far it is (seconds), and over how long the rate is taken (ticks).
_TICK: Final = 1.0
_RATE_OVER: Final = 6
_MOST_FILES: Final = 20


@dataclass(frozen=True, slots=True)
class How:
    """How fetching is done now: how much at once, at which rate (bytes a second, 0: any)."""

    limits: Limits = field(default_factory=Limits)
    rate: float = 0.0


class Interrupted(ServiceError):
    """There is something against going on now. What was fetched so far stays for later."""

    def __init__(self, why: Words) -> None:
        """Take what."""
        super().__init__(PRODUCT, why)


type Look = Callable[[bytes], Awaitable[Mapping[bytes, Version]]]


class Fetches(Protocol):
    """An engine: it brings the files of one release into the local folder, all or none."""

    async def fetch(self, order: FetchOrder, limits: Limits, progress: Progress) -> None:
        """Fetch a release, which it lists itself first: `listed` of the order is empty.

        Raises ServiceError, and then nothing of it lies in the local folder.
        """
        ...


class InProcess:
    """Fetches over SFTP in this process, in the thread of its client."""

    def __init__(self, client: SftpClient) -> None:
        """Take the client."""
        self._client = client
        self._engine = Engine()

    async def fetch(self, order: FetchOrder, limits: Limits, progress: Progress) -> None:
        """Fetch a release. Raises ServiceError."""
        await self._client.run(self._fetch(order, limits, progress))

    async def _fetch(self, order: FetchOrder, limits: Limits, progress: Progress) -> None:
        async with self._client.connections(0) as connections:
            pool = Pool(connections, limits.answer)
            listed = await self._engine.look(pool, limits, order.root, order.name)
            await self._engine.fetch(order.on(listed), pool, limits, progress)


class ReleaseFetcher:
    """Fetches from one remote folder into one local folder, one release after the other.

    `against` says what is against going on, and is asked every second.
    """

    def __init__(
        self,
        client: TransferClient,
        service: str,
        remote_path: bytes,
        local_path: str,
        *,
        engine: Callable[[Look], Fetches],
        import_path: str = "",
        mark: str,
        how: Callable[[], How],
        tell: Callable[[TransferProgress], None],
    ) -> None:
        """Take the client and both folders. `tell` is told how far it is.

        `engine` makes who fetches, and may list a release by what it is given. `import_path`: the
        local folder as arrs see it, where somebody has said; `mark`: its mark, without which
        nothing is done in it.
        """
        self._client = client
        self._service = service
        self.remote_path = remote_path
        self.local_path = local_path
        self.import_path = import_path
        self._mark = mark
        # What the local disk can't hold, in the versions in which it was tried, and why.
        self._unfit: dict[bytes, tuple[Mapping[bytes, Version], Words]] = {}
        self._how = how
        self._tell = tell
        self._engine = engine(self._versions)
        self._shown = TransferProgress()
        # What the run that this is a part of fetches in all, and has fetched (bytes).
        self._run = ""
        self._run_total = 0
        self._run_done = 0
        self.against: Callable[[], Words | None] = _nothing

    def key(self, name: bytes) -> str:
        """Name a release's own folder within the staging folder."""
        return staging.key_of(self._service, self.remote_path.rstrip(b"/") + b"/" + name)

    def place(self, name: bytes) -> str:
        """Say where a release lies when it is home, as people can read it."""
        return f"{self.local_path.rstrip('/')}/{shown(name)}"

    def place_for(self, path_map: PathMap, name: bytes) -> str:
        """Say where a release lies when it is home, as an arr sees it.

        Where nobody has said that, what is known of Jellyfin's paths may hold for the folder too.
        """
        if self.import_path:
            return below(self.import_path, shown(name))
        return path_map.to_there(self.place(name)) or self.place(name)

    # -- the other end ---------------------------------------------------------------------------

    async def listing(self) -> tuple[Release, ...]:
        """List all releases with their files. Raises ServiceError."""
        self._show(TransferProgress(TransferState.LISTING))
        try:
            return await self._releases(await self._below(self.remote_path))
        finally:
            self._show(TransferProgress())

    async def look(self, name: bytes) -> Release | None:
        """List one release; None when it is there no more. Raises ServiceError."""
        path = self.remote_path.rstrip(b"/") + b"/" + name
        try:
            first = await self._client.lstat(path)
            below = await self._below(path) if first.kind.value == "folder" else []
        except NotThere:
            return None
        found = await self._releases([first, *below])
        return found[0] if found else None

    async def _releases(self, listed: Collection[RemoteFile]) -> tuple[Release, ...]:
        """Sort what was listed, beside the event loop: there may be very many files."""
        return await asyncio.to_thread(lambda: releases(self._relative(one) for one in listed))

    async def _below(self, root: bytes) -> list[RemoteFile]:
        found: list[RemoteFile] = []
        async with aclosing(self._client.walk(root)) as walk:
            async for part in walk:
                found += part
        return found

    def _relative(self, file: RemoteFile) -> RemoteFile:
        return replace(file, path=file.path.removeprefix(self.remote_path.rstrip(b"/") + b"/"))

    async def must_have_folder(self) -> None:
        """Raise ServiceError unless the local folder is the one that was linked, and open to us."""
        match await asyncio.to_thread(trouble, self.local_path, self._mark):
            case Trouble(unconfirmed=True):
                raise FolderUnconfirmed
            case Trouble(gone=True):
                raise FolderGone
            case Trouble(why=why):
                raise LocalFailed(why)

    def unfit(self, name: bytes, files: Mapping[bytes, Version]) -> Words | None:
        """Say why the local disk can't hold a release, as far as that was tried with these files.

        Only since the start: another disk may be there after it.
        """
        tried, why = self._unfit.get(name, ({}, None))
        return why if tried == files else None

    # -- here ------------------------------------------------------------------------------------

    async def is_there(self, name: bytes) -> Answer:
        """Tell whether something lies under a release's name in the local folder."""
        try:
            return Answer.of(await self._on_disk(placed.exists, self.local_path, name))
        except ServiceError:
            return Answer.UNKNOWN

    async def was_placed(self, name: bytes, files: Mapping[bytes, Version]) -> bool:
        """Tell whether a release was put in its place by us, asked for in these versions.

        Raises ServiceError.
        """
        place = (self.local_path, self.key(name), name)
        return await self._on_disk(placed.was_placed, *place, files)

    async def came(
        self, name: bytes, files: Mapping[bytes, Version]
    ) -> Mapping[bytes, Version] | None:
        """Give the versions in which a release came home that was asked for in these ones.

        None where that is not known any more. Raises ServiceError.
        """
        return await self._on_disk(placed.came, self.local_path, self.key(name), files)

    async def discard(self, key: str) -> None:
        """Remove what the staging folder holds of a release. Raises ServiceError."""
        await self._on_disk(placed.discard, self.local_path, key)

    async def staged(self) -> Mapping[str, float]:
        """Name what the staging folder holds, and when each changed last. Raises ServiceError."""
        return await self._on_disk(placed.staged, self.local_path)

    async def _on_disk[*Ts, T](self, work: Callable[[*Ts, str], T], *args: *Ts) -> T:
        """Look at the local folder, or change it, where it is the one that was linked."""
        self._must_be_confirmed()
        try:
            return await asyncio.to_thread(work, *args, self._mark)
        except OSError as err:
            error = meaning(err)
        raise error

    def _must_be_confirmed(self) -> None:
        if not self._mark:
            raise FolderUnconfirmed

    # -- fetching --------------------------------------------------------------------------------

    def begin(self, run: str, total: int) -> None:
        """Take it that a run fetches so many bytes, with all of its releases."""
        if run != self._run:
            self._run, self._run_total, self._run_done = run, total, 0

    def end(self, run: str) -> None:
        """Take it that a run is over: it shows how its last release ended."""
        if run == self._run:
            self._run = ""
            self._run_total = self._run_done = 0
            if self._shown.state not in (TransferState.PAUSED, TransferState.FAILED):
                self._show(TransferProgress())

    async def fetch(self, name: bytes, files: Mapping[bytes, Version]) -> None:
        """Fetch a release. Raises ServiceError; Interrupted: it may go on later."""
        self._must_be_confirmed()
        progress = Progress()
        order = FetchOrder(
            self.remote_path, self.local_path, self.key(name), name, files, {}, self._mark
        )
        work = asyncio.create_task(self._engine.fetch(order, self._how().limits, progress))
        rates = deque([(asyncio.get_running_loop().time(), 0)], _RATE_OVER)
        against: Words | None = None
        try:
            while not work.done():
                progress.pace.rate = self._how().rate
                if (why := self.against()) is not None and progress.break_off():
                    against = why
                    break
                self._follow(name, progress, rates)
                await asyncio.wait((work,), timeout=_TICK)
        finally:
            if not work.done():
                # What is being put in its place is there at the end, however long that takes.
                if progress.break_off():
                    work.cancel()
                await asyncio.wait((work,))
        if against is not None and (work.cancelled() or work.exception() is not None):
            self._show(TransferProgress(TransferState.PAUSED))
            raise Interrupted(against)
        if work.cancelled() or work.exception() is not None:
            self._show(TransferProgress(TransferState.FAILED))
            if not work.cancelled() and isinstance(err := work.exception(), LocalUnfit):
                self._unfit[name] = (files, err.text)
        work.result()
        self._unfit.pop(name, None)
        self._run_done += sum(version.size for version in files.values())

    async def _versions(self, name: bytes) -> Mapping[bytes, Version]:
        """List the files of a release, all of them. Raises ServiceError."""
        found = await self.look(name)
        if found is not None and found.unread:
            raise Unreadable(PRODUCT, say("error_folder_not_told_whole"))
        return {} if found is None else found.files

    def _follow(self, name: bytes, progress: Progress, rates: deque[tuple[float, int]]) -> None:
        """Tell how far it is."""
        now = asyncio.get_running_loop().time()
        rates.append((now, progress.received))
        (since, before), (_, received) = rates[0], rates[-1]
        rate = (received - before) / (now - since) if now > since else 0.0
        done = self._run_done + progress.bytes_done
        total = max(self._run_total, self._run_done + progress.bytes_total)
        files = [
            FileProgress(shown(path.rsplit(b"/", 1)[-1]), blocks.done_bytes, blocks.version.size)
            for path, blocks in tuple(progress.under_way.items())
        ]
        whole = FileProgress(shown(name), progress.bytes_done, progress.bytes_total)
        self._show(
            TransferProgress(
                TransferState.VERIFYING if progress.verifying else TransferState.FETCHING,
                done,
                total,
                round(rate),
                round((total - done) / rate) if rate > 0 else None,
                tuple(files[:_MOST_FILES]) or (whole,),
            )
        )

    def _show(self, progress: TransferProgress) -> None:
        if progress != self._shown:
            self._shown = progress
            self._tell(progress)


def _nothing() -> None:
    return None
