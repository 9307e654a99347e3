"""What was gathered of a title before any file of it may be deleted: who holds what, and where.

Each part is known, absent or unknown. Paths of an arr are in its own names, those of evidence in
Jellyfin's; `ArrTitle.path_map` translates. What nobody could tell is unknown, never empty.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..inventory import ArrTitle
from ..keeps import Keep
from ..knowledge import Knowledge, Unknown
from ..media import Place, ProviderIds, Unit
from ..text import say

NOT_ASKED: Final = Unknown(say("nobody_asked"))


@dataclass(frozen=True, slots=True)
class Rival:
    """A file of the same title in another arr, as Jellyfin names it; None: nobody can tell."""

    name: str
    path: str
    here: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """An item of Jellyfin's. `paths` are its files; `seen_at`: when we saw it first.

    `ids`, `year` and `rating` are the movie's or the series'.
    """

    item_id: str
    ids: ProviderIds
    places: frozenset[Place]
    paths: tuple[str, ...]
    series_item_id: str | None = None
    year: int | None = None
    created: datetime | None = None
    seen_at: datetime | None = None
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class Favorites:
    """What one tracked viewer has marked. `within`: marks on seasons and the like of this title."""

    viewer: str
    item_ids: frozenset[str]
    within: bool = False
    viewer_id: str = ""


@dataclass(frozen=True, slots=True)
class SeerrSide:
    """The request in its Seerr. `lone`: the title has nothing there in the other quality."""

    service: str
    number: int
    ids: ProviderIds
    media_id: int | None
    lone: bool


@dataclass(frozen=True, slots=True)
class ProofFacts:
    """Everything that proofs and protections ask for. `year` is the one that was asked for.

    `keeps` are the words of people on this title that hold now.
    """

    record: Knowledge[ArrTitle] = NOT_ASKED
    rivals: Knowledge[tuple[Rival, ...]] = NOT_ASKED
    evidence: Knowledge[tuple[Evidence, ...]] = NOT_ASKED
    favorites: Knowledge[tuple[Favorites, ...]] = NOT_ASKED
    playing: Knowledge[tuple[Unit, ...]] = NOT_ASKED
    year: int | None = None
    keeps: Knowledge[tuple[Keep, ...]] = NOT_ASKED
