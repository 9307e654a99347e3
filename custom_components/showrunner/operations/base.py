"""What an operation is: how one action is carried out, whatever job asks for it.

An operation does one thing to one service, and reads back whether it took place. Reads never write.
Why a step may be carried out is not its business: its job checks that from fresh answers.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from ..clients.fetching.fetcher import ReleaseFetcher
from ..clients.radarr import RadarrClient
from ..clients.seerr import SeerrClient
from ..clients.sftp import SftpClient
from ..clients.sonarr import SonarrClient
from ..clients.torrents import TorrentClient
from ..domain.knowledge import Answer, Knowledge
from ..domain.media import ProviderIds, Title
from ..domain.plan import Payload, Step
from ..domain.text import Words, say

NOTHING: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, slots=True)
class Applied:
    """A step took place; `after` is what the ledger keeps of it, `bytes_freed` was read back.

    `half`: only a part of it did. The step has failed, and says what is left. `unfinished`: the
    answer was lost before its end, and what is left may be done still.
    """

    detail: Words
    after: Mapping[str, object]
    bytes_freed: int = 0
    half: bool = False
    unfinished: bool = False


class NotPossible(Exception):
    """A step can't be carried out as things are: what it names is not linked, or not there."""

    def __init__(self, why: Words) -> None:
        """Take why."""
        super().__init__(str(why))
        self.why = why

    @property
    def text(self) -> Words:
        """Say it, as errors of services do."""
        return self.why


class NotLinked(NotPossible):
    """The service is not linked at this moment: it may be linked anew, and be there again."""


class Operation(Protocol):
    """How one action is carried out. All but `undo` raise ServiceError and NotPossible."""

    async def snapshot(self, step: Step) -> Mapping[str, object]:
        """Say what the ledger keeps of how it was before: enough to undo the step."""
        ...

    async def apply(self, step: Step) -> Applied | None:
        """Carry the step out. None: whether it took is to be read back."""
        ...

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Ask whether a step begun at `since` took place. Absent: nothing of it did.

        What it has freed before (`Step.bytes_freed`) is not told once more.
        """
        ...

    async def acknowledge(self, step: Step) -> None:
        """Take note on our side that the step took place. May be called twice."""
        ...

    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Say what takes the step back, one after the other; nothing: nothing does.

        `before` is what `snapshot` gave, `after` what is kept of how it ended.
        """
        ...


class BaseOperation:
    """What most operations have in common: nothing to keep, to note, or to undo."""

    async def snapshot(self, step: Step) -> Mapping[str, object]:
        """Keep nothing beyond the step."""
        return NOTHING

    async def acknowledge(self, step: Step) -> None:
        """Note nothing."""

    def undo(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> tuple[Payload, ...]:
        """Say that nothing takes it back."""
        return ()


class TorrentSource(Protocol):
    """A linked torrent client, and what we believe of its list."""

    @property
    def client(self) -> TorrentClient:
        """The client."""
        ...

    def believes(self, there: Collection[str], *, without: str) -> bool:
        """Tell whether an answer with these hashes counts after a torrent was removed (law 9)."""
        ...

    async def let_go(self, download: str) -> None:
        """Take in that a torrent was removed by us."""
        ...


class RemoteFolder(Protocol):
    """A linked file transfer: its server, and the folder that it may touch."""

    @property
    def client(self) -> SftpClient:
        """The server."""
        ...

    @property
    def remote_path(self) -> bytes:
        """The folder."""
        ...


class Linked(Protocol):
    """The clients of linked services, by their subentries' ids; None where none is linked."""

    def radarr(self, service: str) -> RadarrClient | None:
        """Find a Radarr."""
        ...

    def sonarr(self, service: str) -> SonarrClient | None:
        """Find a Sonarr."""
        ...

    def seerr(self, service: str) -> SeerrClient | None:
        """Find a Seerr."""
        ...

    def torrent_client(self, service: str) -> TorrentSource | None:
        """Find a torrent client."""
        ...

    def transfer(self, service: str) -> ReleaseFetcher | None:
        """Find who fetches releases."""
        ...

    def remote_folder(self, service: str) -> RemoteFolder | None:
        """Find a file transfer."""
        ...

    def folder_over(self, service: str, path: str | None) -> RemoteFolder | None:
        """Find a file transfer that reaches a place of a torrent client: one of the same host."""
        ...


class RequestBook(Protocol):
    """Our requests, as far as an operation changes them."""

    async def withdrawn(self, ref: str, at: datetime) -> None:
        """Note that a request was deleted at its source."""
        ...


def remote_id(step: Step) -> int:
    """Give the number of a step's target. Raises NotPossible when it names none."""
    if step.target.remote_id is None:
        raise NotPossible(say("step_names_nothing"))
    return step.target.remote_id


def numbers(kept: object) -> tuple[int, ...]:
    """Read a list of numbers out of what the ledger keeps; what is none is left out."""
    rows = kept if isinstance(kept, list) else []
    return tuple(one for one in rows if isinstance(one, int) and not isinstance(one, bool))


def text(kept: object) -> str | None:
    """Read a text out of what the ledger keeps; an empty one is none."""
    return kept if isinstance(kept, str) and kept else None


def payload_of[T](step: Step, kind: type[T]) -> T:
    """Give a step's payload, which must be of this kind: each action has one."""
    if not isinstance(step.payload, kind):
        raise NotPossible(say("step_names_nothing"))
    return step.payload


def title_of(step: Step) -> Title:
    """Give the title that a step is about."""
    if step.subject.title is None:
        raise NotPossible(say("step_names_nothing"))
    return step.subject.title


async def has_forgotten(client: RadarrClient | SonarrClient, number: int, ids: ProviderIds) -> bool:
    """Tell whether an arr no longer holds a title under a number of its. Raises ServiceError.

    A proxy before an arr that is down says 404, too; a list it does not give.
    """
    entry = await client.by_number(number)
    if entry is not None:
        return entry.title.ids.matches(ids) is Answer.NO
    if client.can_ask(ids):
        await client.by_ids(ids)
    else:
        await client.status()
    return True
