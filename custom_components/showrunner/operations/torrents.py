"""What is done to a torrent in its client: remove it."""

from datetime import datetime
from typing import override

from ..domain.knowledge import Absent, Knowledge, Known, Unknown
from ..domain.plan import RemoveTorrent, Step
from ..domain.text import say
from .base import Applied, BaseOperation, Linked, NotLinked, NotPossible, TorrentSource


class RemoveTorrentOperation(BaseOperation):
    """Remove one torrent from its client. Whether its data goes, the client says beforehand."""

    def __init__(self, linked: Linked) -> None:
        """Take whom to ask."""
        self._linked = linked

    def _source(self, step: Step) -> TorrentSource:
        found = self._linked.torrent_client(step.target.service)
        if found is None:
            raise NotLinked(say("client_not_linked"))
        return found

    async def apply(self, step: Step) -> Applied | None:
        """Remove it."""
        await self._source(step).client.remove(_hash(step))
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it is in the list; a list that lost most of what it had says nothing."""
        source, info_hash = self._source(step), _hash(step)
        told = await source.client.torrents()
        if not source.believes(told, without=info_hash):
            return Unknown(say("says_torrents_gone"), step.target.kind)
        if told.get(info_hash) is not None:
            return Absent(step.target.kind)
        said = say("done_removed")
        if source.client.removes_data:
            said = say("done_removed_with_data")
        return Known(Applied(said, {"hash": info_hash}, step.cost.bytes), step.target.kind)

    @override
    async def acknowledge(self, step: Step) -> None:
        await self._source(step).let_go(_hash(step))


def _hash(step: Step) -> str:
    if not isinstance(step.payload, RemoveTorrent):
        raise NotPossible(say("step_names_nothing"))
    return step.payload.hash
