"""What is done to a release of a seedbox: bring it home."""

from collections.abc import Mapping
from datetime import datetime

from ..clients.fetching.fetcher import ReleaseFetcher
from ..domain.knowledge import Absent, Knowledge, Known
from ..domain.plan import FetchRelease, Step
from ..domain.text import say
from ..domain.transfer.tree import Version, from_text
from .base import Applied, BaseOperation, Linked, NotLinked, payload_of


class FetchReleaseOperation(BaseOperation):
    """Fetch a release into the local folder, under its own name, whole or not at all."""

    def __init__(self, linked: Linked) -> None:
        """Take whom to ask."""
        self._linked = linked

    async def apply(self, step: Step) -> Applied | None:
        """Fetch it. It may take hours."""
        fetcher, wish = self._fetcher(step), payload_of(step, FetchRelease)
        await fetcher.fetch(from_text(wish.name), _files(wish))
        return _fetched(fetcher, wish)

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether it was put in its place: what was there already is not ours."""
        fetcher, wish = self._fetcher(step), payload_of(step, FetchRelease)
        if await fetcher.was_placed(from_text(wish.name), _files(wish)):
            return Known(_fetched(fetcher, wish), step.target.kind)
        return Absent(step.target.kind)

    def _fetcher(self, step: Step) -> ReleaseFetcher:
        found = self._linked.transfer(step.target.service)
        if found is None:
            raise NotLinked(say("transfer_not_linked"))
        return found


def _fetched(fetcher: ReleaseFetcher, wish: FetchRelease) -> Applied:
    path = fetcher.place(from_text(wish.name))
    return Applied(say("done_fetched", count=len(wish.files)), {"path": path})


def _files(wish: FetchRelease) -> Mapping[bytes, Version]:
    return {from_text(one.path): Version(one.size_bytes, one.mtime) for one in wish.files}
