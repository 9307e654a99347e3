"""What is done to a torrent in its client: remove it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, override

from ..clients.errors import ServiceError
from ..domain.knowledge import Absent, Knowledge, Known, Unknown
from ..domain.plan import RemoveTorrent, Step
from ..domain.text import Text, joined, say
from ..domain.torrent_details import Removal
from ..domain.torrents import is_among
from .base import Applied, BaseOperation, Linked, NotLinked, NotPossible, TorrentSource, payload_of
from .link_counts import LinkCounts

_NONE: Final[Mapping[bytes, int]] = {}


class RemoveTorrentOperation(BaseOperation):
    """Remove one torrent from its client, with its data where that is wanted and it can do that."""

    def __init__(self, linked: Linked) -> None:
        """Take whom to ask."""
        self._linked = linked
        self._links = LinkCounts()

    def _source(self, step: Step) -> TorrentSource:
        found = self._linked.torrent_client(step.target.service)
        if found is None:
            raise NotLinked(say("client_not_linked"))
        return found

    async def apply(self, step: Step) -> Applied | None:
        """Remove it; where a transfer reaches its data, see what has other names elsewhere."""
        client, payload = self._source(step).client, payload_of(step, RemoveTorrent)
        data = _with_data(payload, client.removal)
        frees = data and client.removal is Removal.WITH_DATA
        linked = await self._other_names(step) if frees else _NONE
        await client.remove(payload.hash, data=data)
        if not linked:
            return None
        try:
            gone = await self._gone(step)
        except ServiceError, NotPossible:
            # It was told to remove it: no error of looking means that it did not. It is read back.
            return None
        return _less(gone.value, linked) if isinstance(gone, Known) else None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is in the list; a list that lost most of what it had says nothing."""
        return await self._gone(step)

    async def _gone(self, step: Step) -> Knowledge[Applied]:
        source, payload = self._source(step), payload_of(step, RemoveTorrent)
        info_hash = payload.hash
        there = await source.client.hashes()
        if not source.believes(there, without=info_hash):
            return Unknown(say("says_torrents_gone"), step.target.kind)
        if is_among(info_hash, there):
            return Absent(step.target.kind)
        said, claimed = _outcome(payload, source.client.removal, step.cost.bytes)
        after: dict[str, object] = {"hash": info_hash}
        if claimed:
            after["freed_proven"] = False
        return Known(Applied(said, after, claimed), step.target.kind)

    async def _other_names(self, step: Step) -> Mapping[bytes, int]:
        """Give the sizes of its files that have other names. A mere figure: it fails none."""
        folder = self._linked.folder_over(step.target.service, step.target.path)
        if folder is None:
            return _NONE
        try:
            listed = await self._source(step).client.files(payload_of(step, RemoveTorrent).hash)
            if listed is None:
                return _NONE
            sizes = {listed.root + b"/" + one.path: one.size_bytes for one in listed.files}
            links = await self._links.of(folder.client, sizes)
        except ServiceError:
            return _NONE
        return {path: sizes[path] for path in links.linked}

    @override
    async def acknowledge(self, step: Step) -> None:
        await self._source(step).let_go(payload_of(step, RemoveTorrent).hash)


def _less(applied: Applied, linked: Mapping[bytes, int]) -> Applied:
    """Take from what a client says to be free what other names keep."""
    said = joined((applied.detail, say("done_files_linked", count=len(linked))))
    freed = max(0, applied.bytes_freed - sum(linked.values()))
    after = {**applied.after, "linked": len(linked)}
    return replace(applied, detail=said, after=after, bytes_freed=freed)


def _outcome(payload: RemoveTorrent, removal: Removal, size: int) -> tuple[Text, int]:
    """Say what became of a torrent that is gone, and what is free again as its client says.

    Nobody looks at the disk: the client deletes a little later, may move to a trash of its own
    (qBittorrent 5), and what has other names elsewhere frees nothing.
    """
    if not _with_data(payload, removal):
        return say("done_removed"), 0
    if removal is Removal.QUEUED_WITH_DATA:
        return say("done_removed_queued"), 0
    return say("done_removed_with_data"), size


def _with_data(payload: RemoveTorrent, removal: Removal) -> bool:
    if payload.data is None:
        return removal is Removal.WITH_DATA
    return payload.data and removal is not Removal.ENTRY_ONLY
