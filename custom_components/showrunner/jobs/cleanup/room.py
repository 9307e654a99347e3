"""What the steps of a plan really free, and whether their downloads are still on the seedbox.

In bulk, for a whole plan: the histories of the arrs, which are read whole once and then added to;
what the torrent clients told last; and how many names the files have, where Home Assistant sees
them itself, or a file transfer of the arr's own host does. It is a mere figure: nothing waits for
it, and what nobody tells is unknown.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
import os
from stat import S_ISREG
from typing import Final

from ...clients.errors import ServiceError
from ...clients.sftp import SftpClient
from ...coordinators.arrs import Arrs
from ...coordinators.torrents import TorrentCoordinator
from ...coordinators.transfer import TransferCoordinator, reaching
from ...domain.deletion.room import links, seedbox
from ...domain.inventory import ArrTitle
from ...domain.knowledge import Absent, Knowledge, Known, Unknown
from ...domain.plan import DeleteEpisodeFiles, DeleteMovieFile, FileFingerprint, Room, Step
from ...domain.seeding import Unit
from ...domain.text import say
from ..facts.histories import Histories

# A share that hangs is not waited for longer (seconds).
_PATIENCE: Final = 20.0

type Names = Mapping[tuple[str, FileFingerprint], int]
type Downloads = Mapping[tuple[str, Unit], frozenset[str]]


class RoomAsker:
    """Asks for plans."""

    def __init__(
        self,
        arrs: Arrs,
        torrents: Mapping[str, TorrentCoordinator],
        transfers: Mapping[str, TransferCoordinator],
        histories: Histories,
    ) -> None:
        """Take everything by hand."""
        self._arrs = arrs
        self._torrents = torrents
        self._transfers = transfers
        self._histories = histories

    async def of(self, steps: Sequence[tuple[Step, ArrTitle]]) -> list[Step]:
        """Say of steps that delete files what they free; the others are given as they are."""
        mine = [(step, record) for step, record in steps if files_of(step)]
        if not mine:
            return [step for step, _ in steps]
        downloads = await self._downloads(mine)
        names = await self._names(mine)
        return [self._told(step, record, downloads, names) for step, record in steps]

    def _told(
        self, step: Step, record: ArrTitle, downloads: Knowledge[Downloads], names: Names
    ) -> Step:
        files = files_of(step)
        if not files:
            return step
        counts = tuple(names.get((record.service, one)) for one in files)
        room = Room.of(zip((one.size_bytes for one in files), counts, strict=True))
        found = [links(counts, room)]
        if self._torrents:
            found.insert(0, seedbox(self._clients(step, record, downloads)))
        return replace(step, room=room, findings=(*step.findings, *found))

    # -- the seedbox -------------------------------------------------------------------------------

    async def _downloads(self, steps: Iterable[tuple[Step, ArrTitle]]) -> Knowledge[Downloads]:
        """Say what was imported from which downloads; nobody is asked without a torrent client."""
        if not self._torrents:
            return Absent()
        read = await self._histories.read()
        if not isinstance(read, Known):
            return Unknown(say("nothing_said")) if isinstance(read, Absent) else read
        wanted = {unit for step, record in steps for unit in units_of(step, record)}
        # Beside the event loop: there may be very many downloads.
        return Known(await asyncio.to_thread(read.value.downloads_of, wanted))

    def _clients(
        self, step: Step, record: ArrTitle, downloads: Knowledge[Downloads]
    ) -> Knowledge[tuple[str, ...]]:
        """Name the clients that still have a download of what a step deletes."""
        if not isinstance(downloads, Known):
            return Unknown(downloads.reason) if isinstance(downloads, Unknown) else Absent()
        units = units_of(step, record)
        came = {unit: downloads.value.get(unit, frozenset()) for unit in units}
        silent: list[str] = []
        found: list[str] = []
        for one in self._torrents.values():
            if one.data is None or not one.connected or one.doubted:
                silent.append(one.title)
            elif any(one.data.get(name) for names in came.values() for name in names):
                found.append(one.title)
        if found:
            return Known(tuple(sorted(found)))
        if not units or not all(came.values()):
            return Unknown(say("room_download_unknown"))
        if silent:
            return Unknown(say("does_not_answer", service=min(silent)))
        return Known(())

    # -- other names -------------------------------------------------------------------------------

    async def _names(self, steps: Iterable[tuple[Step, ArrTitle]]) -> Names:
        """Count the names of files, where somebody can."""
        files = {
            (record.service, one): _places(record, one.path)
            for step, record in steps
            for one in files_of(step)
        }
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await asyncio.to_thread(_here, files)
        except TimeoutError:
            found = {}
        return {**await self._there(set(files) - set(found)), **found}

    async def _there(self, files: Iterable[tuple[str, FileFingerprint]]) -> Names:
        """Count over a file transfer of the arr's own host: there its paths are the same."""
        folders: dict[tuple[str, bytes], list[tuple[str, FileFingerprint]]] = {}
        for service, one in files:
            arr = self._arrs.get(service)
            over = arr and reaching(self._transfers, arr.client.url, one.path)
            if over:
                folder = os.fsencode(one.path).rpartition(b"/")[0]
                folders.setdefault((over[0], folder), []).append((service, one))
        found: dict[tuple[str, FileFingerprint], int] = {}
        for (transfer, folder), some in folders.items():
            client = self._transfers[transfer].client
            if not isinstance(client, SftpClient):
                continue  # it does not tell what is a link
            try:
                counts = await client.link_counts(folder)
            except ServiceError:
                continue
            for key in some:
                if (count := counts.get(os.fsencode(key[1].path).rpartition(b"/")[2])) is not None:
                    found[key] = count
        return found


def files_of(step: Step) -> tuple[FileFingerprint, ...]:
    """Give the files that a step deletes through an arr."""
    payload = step.payload
    return payload.files if isinstance(payload, DeleteMovieFile | DeleteEpisodeFiles) else ()


def units_of(step: Step, record: ArrTitle) -> tuple[tuple[str, Unit], ...]:
    """Name what lies in the files of a step, as its arr's history does."""
    files = {one.id for one in files_of(step)}
    movie = record.kind == "radarr"
    return tuple(
        (record.service, (record.id, None if movie else unit.id))
        for unit in record.units
        if unit.file_id in files
    )


def _places(record: ArrTitle, path: str) -> tuple[str, ...]:
    """Say where Home Assistant may see a file: as its arr names it, or as Jellyfin does."""
    here = record.path_map.to_here(path)
    return (path,) if here in (None, path) else (path, here)


def _here(
    files: Mapping[tuple[str, FileFingerprint], Iterable[str]],
) -> dict[tuple[str, FileFingerprint], int]:
    """Count the names of what lies here. Another file of the same path has another size."""
    found: dict[tuple[str, FileFingerprint], int] = {}
    for key, places in files.items():
        for path in places:
            try:
                seen = os.lstat(path)
            except OSError, ValueError:
                continue
            if S_ISREG(seen.st_mode) and seen.st_size == key[1].size_bytes:
                found[key] = seen.st_nlink
                break
    return found
