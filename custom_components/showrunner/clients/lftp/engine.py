"""Fetches one release with lftp: into the staging folder, looked at once more, then to its place.

lftp is told each file by itself, so that only what is chosen ever comes, and under a plain name of
ours. What it leaves when it is interrupted is never taken for a file: only what has the very size,
and is the same there as before, goes into the tree.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from ...domain.text import say
from ...domain.transfer.sizes import FileClass, has_room
from ...domain.transfer.tree import Version, shown
from ..errors import ServiceError, TimedOut, TlsFailed, Unauthorized, Unreachable
from ..fetching.disk import Disk
from ..fetching.engine import place, proved
from ..fetching.fetcher import Look
from ..fetching.order import DiskFull, FetchOrder, InUse, Limits, Progress, RemoteChanged
from ..fetching.staging import Staging
from ..offload import whole
from . import parts
from .process import PRODUCT, Home, Keys, at_work, home, lacking, run
from .script import Address, can_name, script

_TICK: Final = 0.5
_SAVE: Final = 4.0
# So often is fetched again what goes on changing, or breaks off.
_TRIES: Final = 3


def _refused() -> ServiceError:
    return Unauthorized(PRODUCT, say("error_key_login_was_refused"))


# What lftp says, in small letters, when something is wrong with more than a file.
_SAYS: Final[Mapping[str, Callable[[], ServiceError]]] = {
    "certificate": lambda: TlsFailed(PRODUCT, say("error_certificate_not_trusted")),
    "host key verification failed": lambda: Unauthorized(PRODUCT, say("error_lftp_host_key")),
    "login incorrect": _refused,
    "login failed": _refused,
    "permission denied (publickey": _refused,
    "permission denied (password": _refused,
    "permission denied (keyboard": _refused,
    "timed out": lambda: TimedOut(PRODUCT, say("error_no_answer_time")),
}


@dataclass(slots=True)
class _Work:
    """One release while it is fetched: `versions` are those that are wanted now."""

    order: FetchOrder
    opened: Staging
    disk: Disk
    limits: Limits
    progress: Progress
    versions: dict[bytes, Version]
    home: Home
    # How much of the larger files is noted to be on the disk, by the names of their parts.
    saved: dict[str, int] = field(default_factory=dict)
    done: set[bytes] = field(default_factory=set)
    before: int = 0
    # The most that was there of unfinished files (bytes).
    most: int = 0

    def missing(self) -> list[bytes]:
        """Name what is not fetched, the largest first."""
        left = self.versions.keys() - self.done
        return sorted(left, key=lambda path: (-self.versions[path].size, path))


class LftpEngine:
    """Fetches releases one after the other."""

    def __init__(self, address: Address, keys: Keys, look: Look) -> None:
        """Take where files come from, and who lists a release; nothing runs yet."""
        self._address = address
        self._keys = keys
        self._look = look

    async def fetch(self, order: FetchOrder, limits: Limits, progress: Progress) -> None:
        """Fetch a release. Raises ServiceError, and then nothing of it lies in the local folder."""
        order = order.on(await self._look(order.name))
        for path in order.files:
            if not can_name(path):
                raise RemoteChanged(say("transfer_lftp_name", name=shown(path)))
        if (program := await asyncio.to_thread(lacking, self._address.protocol)) is not None:
            raise Unreachable(PRODUCT, say("error_program_missing", program=program))
        async with (
            Disk() as disk,
            home(disk, self._address, self._keys) as own,
            proved(order, disk) as opened,
        ):
            if await disk.run(at_work, opened.parts):
                raise InUse
            work = _Work(order, opened, disk, limits, progress, dict(order.files), own)
            try:
                await self._fetch(work)
            finally:
                with suppress(ServiceError):
                    await disk.run(opened.note)
            await place(order, disk, opened, progress, work.versions)

    async def _fetch(self, work: _Work) -> None:
        progress = work.progress
        progress.files_total = len(work.versions)
        progress.bytes_total = sum(one.size for one in work.versions.values())
        work.done = await work.disk.run(_finished, work)
        await self._must_have_room(work)
        tries = 0
        while tries < _TRIES:
            said = await self._round(work)
            progress.verifying = True
            seen = await self._look(work.order.name)
            changed = await work.disk.run(_changed, work, seen)
            progress.verifying = False
            if changed:
                tries += 1
            elif not work.missing():
                return
            elif said is not None:
                await self._must_have_room(work)
                raise _meaning(said)
        raise RemoteChanged(say("transfer_goes_on_changing", name=shown(min(changed))))

    async def _round(self, work: _Work) -> str | None:
        """Have lftp fetch what is missing; give what it said when that has brought nothing."""
        await work.disk.run(_prepared, work, work.missing())
        missing = work.missing()
        if not missing:
            return None
        said = await self._run(work, missing)
        brought = await work.disk.run(_taken, work, missing)
        after = await work.disk.run(_sizes, work, missing)
        # More than ever: what may not be on the disk was cut before, and comes each time.
        progressed = brought or after > work.most
        work.most = after if brought else max(work.most, after)
        return None if said is None or progressed else said

    async def _run(self, work: _Work, missing: Collection[bytes]) -> str | None:
        """Have several lftps run, and follow them; give what they said.

        None: there is another rate now, and they have to begin anew.
        """
        rate = work.progress.pace.rate
        left = await work.disk.run(_left, work, missing)
        # What is here already is not received again.
        work.progress.bytes_done = work.before + await work.disk.run(_sizes, work, missing)
        all_left = max(sum(left.values()), 1)
        shares = _shares(left, work.limits.parallel_files)
        # Each has its part of the rate: all end at the same time, and use the line till then.
        runs = [
            asyncio.ensure_future(self._one(work, share, rate * part if rate else None))
            for share in shares
            for part in [sum(left[path] for path in share) / all_left]
        ]
        watch = asyncio.ensure_future(self._follow(work, missing, rate))
        work.progress.connections = len(runs)
        every = asyncio.gather(*runs)
        try:
            await asyncio.wait((every, watch), return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                watch.result()
                return None
            return "\n".join(await every)
        finally:
            for task in (*runs, watch):
                task.cancel()
            # Until the last of them has ended nobody else may write here.
            await whole(asyncio.gather(every, *runs, watch, return_exceptions=True))
            await work.disk.run(_saved, work, missing)

    async def _one(self, work: _Work, share: Collection[bytes], rate: float | None) -> str:
        files = [
            (work.order.remote(path), parts.name_of(path, work.versions[path])) for path in share
        ]
        commands = script(
            self._address, rate=rate, ca_file=work.home.ca_file, ssh=work.home.ssh, files=files
        )
        opened = work.opened
        return await run(work.home, commands, within=opened.parts, held=opened.lock)

    async def _follow(self, work: _Work, missing: Collection[bytes], rate: float) -> None:
        """Note how far it is, and what is on the disk; end when the rate is another one."""
        ticks = 0
        while work.progress.pace.rate == rate:
            await asyncio.sleep(_TICK)
            ticks += 1
            before = work.progress.bytes_done
            work.progress.bytes_done = work.before + await work.disk.run(_sizes, work, missing)
            work.progress.received += max(work.progress.bytes_done - before, 0)
            if ticks % round(_SAVE / _TICK) == 0:
                await work.disk.run(_saved, work, missing)
                await self._must_have_room(work)

    async def _must_have_room(self, work: _Work) -> None:
        """Raise DiskFull unless the rest fits."""
        missing = work.missing()
        there = await work.disk.run(_sizes, work, missing)
        need = sum(work.versions[path].size for path in missing) - there
        if need > 0 and not has_room(need, await work.disk.run(work.opened.space)):
            raise DiskFull


# -- on the disk, in threads -----------------------------------------------------------------------


def _finished(work: _Work) -> set[bytes]:
    """Name what lies in the tree already, and count it."""
    done = {path for path, one in work.versions.items() if work.opened.is_there(path, one)}
    _count(work, done)
    return done


def _count(work: _Work, done: Collection[bytes]) -> None:
    work.before = sum(work.versions[path].size for path in done)
    work.progress.files_done, work.progress.bytes_done = len(done), work.before


def _prepared(work: _Work, missing: Collection[bytes]) -> None:
    """Cut what was begun to what is sure, and take what is whole."""
    for path in missing:
        parts.prepare(work.opened, parts.name_of(path, work.versions[path]))
    _taken(work, missing)


def _sizes(work: _Work, missing: Collection[bytes]) -> int:
    names = [parts.name_of(path, work.versions[path]) for path in missing]
    return sum(parts.sizes(work.opened, names).values())


def _saved(work: _Work, missing: Collection[bytes]) -> None:
    """Note what is on the disk of larger files; small ones are fetched again."""
    for path in missing:
        if FileClass.of(work.versions[path].size) is not FileClass.SMALL:
            name = parts.name_of(path, work.versions[path])
            work.saved[name] = parts.save(work.opened, name, work.saved.get(name, 0))


def _taken(work: _Work, missing: Collection[bytes]) -> int:
    """Take what is whole into the tree; count it."""
    before = len(work.done)
    for path in missing:
        if parts.finish(work.opened, path, work.versions[path]):
            work.done.add(path)
    _count(work, work.done)
    return len(work.done) - before


def _changed(work: _Work, seen: Mapping[bytes, Version]) -> set[bytes]:
    """Compare what was fetched with what is there now; take the new versions. Raises Refused."""
    new = sorted(seen.keys() - work.order.listed.keys())
    if new:
        raise RemoteChanged(say("transfer_release_grows", name=shown(new[0])))
    changed = {path for path, one in work.versions.items() if seen.get(path) != one}
    for path in changed:
        now = seen.get(path)
        if now is None:
            raise RemoteChanged(say("transfer_goes_on_changing", name=shown(path)))
        parts.drop(work.opened, path, work.versions[path])
        work.progress.bytes_total += now.size - work.versions[path].size
        work.versions[path], work.most = now, 0
    work.done -= changed
    _count(work, work.done)
    return changed


def _left(work: _Work, missing: Collection[bytes]) -> dict[bytes, int]:
    """Say how much is missing of each."""
    names = {path: parts.name_of(path, work.versions[path]) for path in missing}
    there = parts.sizes(work.opened, names.values())
    return {
        path: max(work.versions[path].size - there.get(name, 0), 0) for path, name in names.items()
    }


def _shares(left: Mapping[bytes, int], most: int) -> list[list[bytes]]:
    """Share files out, so that all end at about the same time: the largest first."""
    shares: list[list[bytes]] = [[] for _ in range(max(min(most, len(left)), 1))]
    loads = [0] * len(shares)
    for path in sorted(left, key=lambda path: (-left[path], path)):
        least = loads.index(min(loads))
        shares[least].append(path)
        loads[least] += left[path] + 1
    return shares


def _meaning(said: str) -> ServiceError:
    """Say what went wrong, by words of lftp's; nothing of what it says is kept."""
    text = said.lower()
    for words, error in _SAYS.items():
        if words in text:
            return error()
    return Unreachable(PRODUCT, say("error_connection_broke_off"))
