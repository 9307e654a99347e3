"""What was gathered of a request before anything of it may be deleted: its title, and downloads.

What nobody could tell is unknown, never empty.
"""

from dataclasses import dataclass

from ..deletion.facts import NOT_ASKED, ProofFacts, SeerrSide
from ..knowledge import Knowledge
from ..media import Place
from ..torrents import Torrent
from .request import Request


@dataclass(frozen=True, slots=True)
class Queued:
    """A line of an arr's queue: whose download it is. `media_id` None: the arr does not know."""

    service: str
    media_id: int | None
    unit_id: int | None
    download: str


@dataclass(frozen=True, slots=True)
class ClientTorrent:
    """A torrent in one client. `removes_data`: deleting it there deletes its data too."""

    service: str
    kind: str
    torrent: Torrent
    removes_data: bool


@dataclass(frozen=True, slots=True)
class Gathered(ProofFacts):
    """Everything that the rules of a deletion ask for.

    `downloads` are those that this request waits for, with the units that each was grabbed for
    (None: one that can't be named; no units: only the arr's queue has told of it so far);
    `others` the other open requests of the title, `other_downloads` what open requests of anything
    wait for. `seerr` is absent when the request is none of Seerr's, or no longer there.
    """

    downloads: tuple[tuple[str, frozenset[Place | None]], ...] = ()
    queue: Knowledge[tuple[Queued, ...]] = NOT_ASKED
    torrents: Knowledge[tuple[ClientTorrent, ...]] = NOT_ASKED
    others: tuple[Request, ...] = ()
    other_downloads: frozenset[str] = frozenset()
    seerr: Knowledge[SeerrSide] = NOT_ASKED
