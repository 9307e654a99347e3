"""What is done to files of a seedbox over a file transfer: remove exactly the ones that are named.

Nothing is taken on trust: each is looked at in the moment before. It has to lie in the folder that
the transfer may touch, on a way without links, and be a file of the very size that was planned.
Anything else stays, and is said.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from ..clients.errors import NotThere, Refused, ServiceError, Unauthorized, Unreachable
from ..clients.sftp import SftpClient
from ..clients.transfers import TransferClient
from ..domain.knowledge import Absent, Knowledge, Known
from ..domain.plan import RemovedFile, RemoveRemoteFiles, Step
from ..domain.text import Words, joined, say
from ..domain.torrent_details import is_below
from ..domain.transfer.remote import RemoteFile, RemoteKind
from ..domain.transfer.tree import shown
from .base import Applied, BaseOperation, Linked, NotLinked, NotPossible
from .link_counts import LinkCounts

# So many questions are under way at once: one by one, each costs the way there and back.
_AT_ONCE: Final = 16
# Of what stays so many names are kept in the ledger.
_NAMED: Final = 50


@dataclass(frozen=True, slots=True)
class _Look:
    """What lies where a file of the plan lay; None: nothing."""

    file: RemovedFile
    path: bytes
    found: RemoteFile | None

    @property
    def is_it(self) -> bool:
        """Tell whether it is the very file."""
        found = self.found
        return (
            found is not None
            and found.kind is RemoteKind.FILE
            and found.size == self.file.size_bytes
        )


class RemoveRemoteFilesOperation(BaseOperation):
    """Remove the files of a torrent that has left its client."""

    def __init__(self, linked: Linked) -> None:
        """Take whom to ask."""
        self._linked = linked
        self._links = LinkCounts()

    def _client(self, step: Step) -> tuple[SftpClient, RemoveRemoteFiles]:
        payload = step.payload
        if not isinstance(payload, RemoveRemoteFiles):
            raise NotPossible(say("step_names_nothing"))
        found = self._linked.remote_folder(step.target.service)
        if found is None:
            raise NotLinked(say("transfer_not_linked"))
        if found.remote_path.rstrip(b"/") != unquote_to_bytes(payload.inside).rstrip(b"/"):
            raise NotPossible(say("transfer_elsewhere"))
        return found.client, payload

    async def apply(self, step: Step) -> Applied | None:
        """Remove them, then the folders that are empty now."""
        client, payload = self._client(step)
        await _must_be_there(client, payload)
        before = await _look(client, payload)
        mine = [one for one in before if one.is_it]
        clear = await _clear_ways(client, payload, {_parent(one.path) for one in mine})
        mine = [one for one in mine if _parent(one.path) in clear]
        links = await self._links.of(client, [one.path for one in mine])
        try:
            await _each(mine, lambda one: _removed(client, one.path))
            stays = await _remove_folders(client, payload)
            after = await _look(client, payload)
        except (Unauthorized, Refused) as err:
            # Whatever it says no to by now: some may be gone, and that only another look tells.
            raise Unreachable(err.service, err.said) from err
        there = {one.path for one in before if one.found is not None}
        still = [one.file for one in after if one.found is not None]
        gone = [one.file for one in after if one.found is None and one.path in there]
        named = [one.file for one in before if one.path in links.linked]
        unproven = any(one.path in links.unknown for one in before if one.file in gone)
        applied = _applied(payload, gone, still, named, unproven=unproven, stays=stays)
        if earlier := len(before) - len(there):
            said = joined((applied.detail, say("done_files_gone_before", count=earlier)))
            return replace(applied, detail=said)
        return applied

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look what is gone: it has not happened only where all of them are there still.

        What else lies in a folder keeps it, and keeps nothing from being done; an empty one is to
        be removed still. What other names they had can't be seen any more.
        """
        client, payload = self._client(step)
        await _must_be_there(client, payload)
        found = await _look(client, payload)
        gone = [one.file for one in found if one.found is None]
        left = sum(one.is_it for one in found)
        if left and not gone:
            return Absent(step.target.kind)
        changed = [one.file for one in found if one.found is not None and not one.is_it]
        empty, stays = await _folders_there(client, payload)
        applied = _applied(payload, gone, changed, unproven=bool(gone), stays=stays)
        freed = max(0, applied.bytes_freed - step.bytes_freed)
        if left:
            said = joined((applied.detail, say("done_files_to_do", count=left)))
            applied = replace(applied, detail=said, unfinished=True, half=True)
        elif empty:
            said = joined((applied.detail, say("done_folder_to_do")))
            applied = replace(applied, detail=said, unfinished=True)
        return Known(replace(applied, bytes_freed=freed), step.target.kind)


async def any_there(client: TransferClient, payload: RemoveRemoteFiles) -> bool:
    """Tell whether any of the files lies where it is looked for. Raises ServiceError."""
    return any(one.is_it for one in await _look(client, payload))


def _applied(
    payload: RemoveRemoteFiles,
    gone: Iterable[RemovedFile],
    still: Iterable[RemovedFile],
    linked: Iterable[RemovedFile] = (),
    *,
    unproven: bool = False,
    stays: bytes | None = None,
) -> Applied:
    """Say what is gone and what stayed; what has other names elsewhere has freed nothing.

    `unproven`: of some it could not be seen whether it has; `stays`: a folder that is not empty.
    """
    removed, stayed, named = tuple(gone), tuple(still), frozenset(linked)
    freed = sum(one.size_bytes for one in removed if one not in named)
    names: list[object] = [one.path for one in stayed[:_NAMED]]
    left = len(stayed) + payload.left
    said: Words = say("done_files_removed", count=len(removed))
    if left:
        said = say("done_files_removed_but", count=len(removed), left=left)
    after: dict[str, object] = {"hash": payload.hash, "files": len(removed), "left": names}
    if others := sum(one in named for one in removed):
        said = joined((said, say("done_files_linked", count=others)))
        after["linked"] = others
    if unproven:
        said = joined((said, say("done_files_links_unknown")))
        after["freed_proven"] = False
    if stays is not None and not left:
        said = joined((said, say("done_folder_stays", folder=shown(stays))))
        after["folder"] = shown(stays)
    return Applied(said, after, freed, half=bool(stayed))


# -- looking -------------------------------------------------------------------------------------


async def _must_be_there(client: SftpClient, payload: RemoveRemoteFiles) -> None:
    """Raise Unreachable while the transfer's folder is away, as of a disk that is not mounted."""
    try:
        found = await client.stat(unquote_to_bytes(payload.inside))
    except NotThere:
        found = None
    if found is None or found.kind is not RemoteKind.FOLDER:
        raise Unreachable("SFTP", say("error_no_folder"))


async def _look(client: TransferClient, payload: RemoveRemoteFiles) -> list[_Look]:
    """Look at every file of the plan. Raises ServiceError, NotPossible."""
    folder = _folder(payload)
    places = [(file, folder + b"/" + file.name) for file in payload.files]
    if not all(is_below(file.name) for file in payload.files):
        raise NotPossible(say("files_outside"))

    async def look(place: tuple[RemovedFile, bytes]) -> _Look:
        file, path = place
        try:
            return _Look(file, path, await client.lstat(path))
        except NotThere:
            return _Look(file, path, None)

    return await _each(places, look)


def _folder(payload: RemoveRemoteFiles) -> bytes:
    """Give the torrent's folder. Raises NotPossible when it is not where it may be."""
    folder, inside = unquote_to_bytes(payload.folder), unquote_to_bytes(payload.inside)
    root = inside.rstrip(b"/")
    below = folder.removeprefix(root + b"/")
    # A torrent without a folder of its own may lie in the transfer's folder itself.
    shared = not payload.own and folder.rstrip(b"/") == root
    if not inside.startswith(b"/") or not (shared or (below != folder and is_below(below))):
        raise NotPossible(say("files_outside"))
    return folder.rstrip(b"/")


async def _clear_ways(
    client: SftpClient, payload: RemoveRemoteFiles, folders: Iterable[bytes]
) -> frozenset[bytes]:
    """Name the folders to which no link leads from the transfer's own folder on."""
    inside = unquote_to_bytes(payload.inside).rstrip(b"/") or b"/"
    real = (await client.realpath(inside)).rstrip(b"/")

    async def is_clear(folder: bytes) -> tuple[bytes, bool]:
        try:
            found = await client.realpath(folder)
        except NotThere:
            return folder, False
        return folder, found == real + folder.removeprefix(inside.rstrip(b"/"))

    return frozenset(folder for folder, clear in await _each(folders, is_clear) if clear)


# -- removing ------------------------------------------------------------------------------------


async def _removed(client: SftpClient, path: bytes) -> None:
    # What is refused is looked at once more afterwards, and said.
    with suppress(Refused):
        await client.remove_file(path)


async def _folders_there(
    client: SftpClient, payload: RemoveRemoteFiles
) -> tuple[bool, bytes | None]:
    """Tell whether an empty folder of the files is there still; and name one that is not empty."""
    stays: bytes | None = None
    wanted = _folders(payload)
    clear = await _clear_ways(client, payload, wanted)
    for one in wanted:
        if one not in clear:
            continue
        try:
            if (await client.lstat(one)).kind is not RemoteKind.FOLDER:
                continue
            if await client.is_empty(one):
                return True, None
        except NotThere:
            continue
        stays = one
    return False, stays


def _folders(payload: RemoveRemoteFiles) -> list[bytes]:
    """Name the folders of the files, from the deepest up; the torrent's own is the last."""
    folder = _folder(payload)
    below = {
        b"/".join(parts[:depth])
        for file in payload.files
        for parts in [file.name.split(b"/")]
        for depth in range(1, len(parts))
    }
    wanted = [folder + b"/" + one for one in below]
    if payload.own:
        wanted.append(folder)
    return sorted(wanted, key=lambda path: path.count(b"/"), reverse=True)


async def _remove_folders(client: SftpClient, payload: RemoveRemoteFiles) -> bytes | None:
    """Remove what became empty; name the uppermost that did not."""
    stays: bytes | None = None
    wanted = _folders(payload)
    clear = await _clear_ways(client, payload, wanted)
    for one in wanted:
        if one in clear:
            try:
                await client.remove_empty_folder(one)
            except NotThere:
                continue
            except Refused:  # something else lies in it
                stays = one
    return stays


def _parent(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


async def _each[T, U](things: Iterable[T], do: Callable[[T], Awaitable[U]]) -> list[U]:
    """Do something with each, many at once; give what came of it, in their order."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(thing: T) -> U:
        async with gate:
            return await do(thing)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(thing)) for thing in things]
    except* ServiceError as several:
        error = several.exceptions[0]
    else:
        return [task.result() for task in tasks]
    raise error
