"""What is done to files: into the trash of their folder, back out of it, and deleted from there."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final, override

from ..domain.extras import Fingerprint, shown, unescaped
from ..domain.knowledge import Absent, Knowledge, Known, Unknown
from ..domain.plan import DeleteTrashed, Payload, RestoreFile, Step, TrashFile
from ..domain.text import say
from . import trash
from .base import NOTHING, Applied, BaseOperation, NotPossible, payload_of
from .open_folders import find, plainly
from .trash import Trashed

_SOURCE: Final = "files"
# Of a file that is not put into the trash now.
_NEVER: Final = datetime.min.replace(tzinfo=UTC)

type _AnyFile = TrashFile | RestoreFile | DeleteTrashed


class TrashFileOperation(BaseOperation):
    """Move one file to the trash. Nothing is freed by that yet."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Take the clock."""
        self._now = now

    async def apply(self, step: Step) -> Applied | None:
        """Move it, if it is still the very same."""
        payload = payload_of(step, TrashFile)
        file = _file(payload, self._now())
        await asyncio.to_thread(_plainly, trash.put_in, payload.folder, file)
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look where it is: in the trash, or still where it was."""
        payload = payload_of(step, TrashFile)
        return await asyncio.to_thread(_plainly, _trashed, payload)

    @override
    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        kept = {name: one for name, one in after.items() if name != "links"}
        try:
            return (RestoreFile.from_store(kept),)
        except TypeError:
            return ()


class RestoreFileOperation(BaseOperation):
    """Move one file back out of the trash."""

    @override
    async def snapshot(self, step: Step) -> Mapping[str, object]:
        """Make sure that it is still in the trash."""
        payload = payload_of(step, RestoreFile)
        file = _file(payload)
        if not await asyncio.to_thread(_plainly, _in_trash, payload.folder, file):
            raise NotPossible(say("trash_without_file", path=shown(file.name)))
        return NOTHING

    async def apply(self, step: Step) -> Applied | None:
        """Move it; what lies in its place by now stays."""
        payload = payload_of(step, RestoreFile)
        await asyncio.to_thread(_plainly, trash.take_out, payload.folder, _file(payload))
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look where it is."""
        return await asyncio.to_thread(_plainly, _put_back, payload_of(step, RestoreFile))


class DeleteTrashedOperation(BaseOperation):
    """Delete one file from the trash; what another name of it keeps alive frees nothing."""

    async def apply(self, step: Step) -> Applied | None:
        """Delete it, if it is what our own manifest says."""
        payload = payload_of(step, DeleteTrashed)
        await asyncio.to_thread(_plainly, trash.delete, payload.folder, _file(payload))
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is gone."""
        return await asyncio.to_thread(_plainly, _gone, payload_of(step, DeleteTrashed))


def _plainly[**P, R](function: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
    """Call what may be refused by the file system."""
    with plainly():
        return function(*given, **named)


def _file(payload: _AnyFile, at: datetime = _NEVER) -> Trashed:
    """Say which file a step is about. Raises NotPossible for what names none."""
    try:
        path, (own,) = unescaped(payload.path), unescaped(payload.trash)
    except ValueError:
        raise NotPossible(say("step_names_nothing")) from None
    inode = payload.inode if isinstance(payload, TrashFile) else 0
    links = 1 if isinstance(payload, RestoreFile) else payload.links
    known = Fingerprint(inode, payload.size_bytes, payload.modified_ns)
    return Trashed(own, path, known, links, at)


def _in_trash(folder: str, file: Trashed) -> bool:
    found = find(folder, (trash.TRASH, file.trash, file.name))
    return found is not None and found.same_content(file.fingerprint)


def _in_place(folder: str, file: Trashed) -> bool:
    found = find(folder, file.path)
    return found is not None and found.same_content(file.fingerprint)


def _trashed(payload: TrashFile) -> Knowledge[Applied]:
    file = _file(payload)
    found = find(payload.folder, file.path)
    if found == file.fingerprint:
        return Absent(_SOURCE)  # it may lie in the trash as well, by a crash
    if _in_trash(payload.folder, file):
        kept = asdict(payload)
        del kept["inode"]
        return Known(Applied(say("done_trashed"), kept), _SOURCE)
    if found is not None and found.same_content(file.fingerprint):
        return Absent(_SOURCE)
    return Unknown(say("file_nowhere", path=shown(file.name)), _SOURCE)


def _put_back(payload: RestoreFile) -> Knowledge[Applied]:
    file = _file(payload)
    if _in_trash(payload.folder, file):
        return Absent(_SOURCE)
    if _in_place(payload.folder, file):
        return Known(Applied(say("done_restored"), {"path": payload.path}), _SOURCE)
    return Unknown(say("file_nowhere", path=shown(file.name)), _SOURCE)


def _gone(payload: DeleteTrashed) -> Knowledge[Applied]:
    file = _file(payload)
    if not trash.has_trash(payload.folder):
        return Unknown(say("file_nowhere", path=shown(file.name)), _SOURCE)
    if _in_trash(payload.folder, file):
        return Absent(_SOURCE)
    freed = payload.size_bytes if payload.links == 1 else 0
    said = say("done_deleted") if freed else say("done_deleted_shared")
    return Known(Applied(said, {"path": payload.path}, freed), _SOURCE)
