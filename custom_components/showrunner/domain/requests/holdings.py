"""What was gathered of a request before anything of it may be deleted: who holds what, and where.

Each part is known, absent or unknown. Paths of an arr are in its own names, those of evidence in
Jellyfin's; `Record.path_map` translates. What nobody could tell is unknown, never empty.
"""

from dataclasses import dataclass, field
from typing import Final

from ..knowledge import Knowledge, Unknown
from ..media import ProviderIds, Unit
from ..paths import PathMap
from ..text import say
from ..torrents import Torrent
from .facts import Place
from .request import Request

NOT_ASKED: Final = Unknown(say("nobody_asked"))


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file as its arr tracks it, with every unit that is in it."""

    id: int
    path: str
    size_bytes: int
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class HeldUnit:
    """The movie, or an episode, by the arr's own number. `file_id` None: it has no file."""

    id: int
    place: Place
    monitored: bool
    file_id: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """The title as one arr holds it. `service` is the arr's subentry, `tags` are labels."""

    service: str
    kind: str
    name: str
    id: int
    ids: ProviderIds
    path: str
    tags: frozenset[str]
    units: tuple[HeldUnit, ...]
    files: tuple[HeldFile, ...]
    path_map: PathMap = field(default_factory=PathMap)
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Rival:
    """A file of the same title in another arr, as Jellyfin names it; None: nobody can tell."""

    name: str
    path: str
    here: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """An item of Jellyfin's. `ids` and `year` are the movie's or the series', `paths` its files."""

    item_id: str
    ids: ProviderIds
    places: frozenset[Place]
    paths: tuple[str, ...]
    series_item_id: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Favorites:
    """What one tracked viewer has marked. `within`: marks on seasons and the like of this title."""

    viewer: str
    item_ids: frozenset[str]
    within: bool = False


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
class SeerrSide:
    """The request in its Seerr. `lone`: the title has nothing there in the other quality."""

    service: str
    number: int
    ids: ProviderIds
    media_id: int | None
    lone: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that the rules of a deletion ask for.

    `downloads` are those that this request waits for, with the units that each was grabbed for
    (None: one that can't be named; no units: only the arr's queue has told of it so far);
    `others` the other open requests of the title, `other_downloads` what open requests of anything
    wait for. `seerr` is absent when the request is none of Seerr's, or no longer there. `year` is
    the one that was asked for.
    """

    record: Knowledge[Record] = NOT_ASKED
    rivals: Knowledge[tuple[Rival, ...]] = NOT_ASKED
    evidence: Knowledge[tuple[Evidence, ...]] = NOT_ASKED
    favorites: Knowledge[tuple[Favorites, ...]] = NOT_ASKED
    playing: Knowledge[tuple[Unit, ...]] = NOT_ASKED
    downloads: tuple[tuple[str, frozenset[Place | None]], ...] = ()
    queue: Knowledge[tuple[Queued, ...]] = NOT_ASKED
    torrents: Knowledge[tuple[ClientTorrent, ...]] = NOT_ASKED
    others: tuple[Request, ...] = ()
    other_downloads: frozenset[str] = frozenset()
    seerr: Knowledge[SeerrSide] = NOT_ASKED
    year: int | None = None
