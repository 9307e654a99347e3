"""What a Jellyfin library holds and what it keeps of its users, and how a title outlives its ids.

An item's id changes when its file is added again; the provider ids stay, and by them the newcomer
is known to be the title that went. Two versions of a movie are two items of one title.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
import re
from typing import Final

from .knowledge import Answer
from .media import ProviderIds, Unit, UnitKind

NO_IDS: Final = ProviderIds()
# Who answers that an item is there, and neither a movie nor a series nor an episode.
NO_TITLE: Final = "jellyfin: it is no title"
_MOST_IN_A_FILE: Final = 50
_PLACE: Final = re.compile(
    r"series:(?P<id>[a-z]+:[A-Za-z0-9]+):s(?P<season>[0-9]{1,16})e(?P<episode>[0-9]{1,16})"
)


class ItemKind(StrEnum):
    """What an item is."""

    MOVIE = "movie"
    SERIES = "series"
    EPISODE = "episode"


@dataclass(frozen=True, slots=True)
class LibraryItem:
    """One item of one server. Seconds and bytes; `size` only where somebody asked for it.

    `ids` are the item's own; an episode's `series_ids` and `series_year` come from its series.
    `episode_end` is the last episode of a file that holds several. `seen_at` is when we saw its
    file first, which no server tells; None for what was there before us.
    """

    server_id: str
    item_id: str
    kind: ItemKind
    name: str
    ids: ProviderIds = NO_IDS
    year: int | None = None
    path: str | None = None
    size: int | None = None
    runtime: float | None = None
    created: datetime | None = None
    genres: tuple[str, ...] = ()
    rating: float | None = None
    series_item_id: str | None = None
    series_name: str | None = None
    series_ids: ProviderIds = NO_IDS
    season: int | None = None
    episode: int | None = None
    episode_end: int | None = None
    series_year: int | None = None
    seen_at: datetime | None = field(default=None, compare=False)

    @property
    def unit(self) -> Unit | None:
        """The movie or episode as it is watched; None for a series."""
        if self.kind is ItemKind.SERIES:
            return None
        return Unit(
            UnitKind(self.kind.value),
            self.name,
            self.server_id,
            self.item_id,
            ids=self.ids,
            year=self.year if self.kind is ItemKind.MOVIE else None,
            series_item_id=self.series_item_id,
            series_name=self.series_name,
            series_ids=self.series_ids,
            season=self.season,
            episode=self.episode,
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """Every name of the item, the strongest first."""
        unit = self.unit
        if unit is not None:
            return unit.keys
        own = (f"{self.kind}:{key}" for key in self.ids.keys)
        return (*own, f"item:{self.server_id}:{self.item_id}")


@dataclass(frozen=True, slots=True)
class ItemKey:
    """One of a unit's or item's names, taken apart: whose id it is, and which episode's place."""

    kind: ItemKind | None
    ids: ProviderIds = NO_IDS
    server_id: str = ""
    item_id: str = ""
    season: int | None = None
    episode: int | None = None

    @classmethod
    def parse(cls, key: str) -> ItemKey | None:
        """Read a name as `Unit.keys` and `LibraryItem.keys` write it; None when it is none."""
        if place := _PLACE.fullmatch(key):
            provider, _, value = place["id"].partition(":")
            ids = ProviderIds.from_mapping({provider: value})
            numbers = int(place["season"]), int(place["episode"])
            return cls(ItemKind.EPISODE, ids, season=numbers[0], episode=numbers[1])
        kind, _, rest = key.partition(":")
        first, _, value = rest.partition(":")
        if kind == "item" and value:
            return cls(None, server_id=first, item_id=value)
        ids = ProviderIds.from_mapping({first: value})
        return cls(ItemKind(kind), ids) if ids and kind in set(ItemKind) else None


@dataclass(frozen=True, slots=True)
class UserRow:
    """What the server keeps of one user and one item. `play_count` counts starts; seconds."""

    item_id: str
    played: bool = False
    favorite: bool = False
    play_count: int = 0
    position: float = 0.0
    last_played: datetime | None = None

    @property
    def was_begun(self) -> bool:
        """Tell whether the user has ever started to play it."""
        return self.play_count > 0 or self.position > 0

    @property
    def says_nothing(self) -> bool:
        """Tell whether it is what a user has of every item that they never touched."""
        return self == UserRow(self.item_id)


class MarkSource(StrEnum):
    """Who says that something is watched."""

    JELLYFIN = "jellyfin"  # its played flag, by whomever it was set
    VIEWING = "viewing"  # a completed viewing of ours
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class WatchedMark:
    """A viewer has watched a unit. Without `since` nobody knows when, and no date is invented."""

    keys: tuple[str, ...]
    item_id: str
    since: datetime | None
    source: MarkSource


def successor(gone: LibraryItem, arrived: Iterable[LibraryItem]) -> LibraryItem | None:
    """Find the item under which a title came back: the same ids, best the same file.

    A title without provider ids has no successor: a name alone proves nothing.
    """
    same = [one for one in arrived if _same_title(gone, one)]
    same.sort(key=lambda one: (one.path != gone.path, one.item_id))
    return same[0] if same else None


def _same_title(gone: LibraryItem, other: LibraryItem) -> bool:
    if gone.kind is not other.kind or gone.server_id != other.server_id:
        return False
    own = gone.ids.matches(other.ids)
    if own is not Answer.UNKNOWN or gone.kind is not ItemKind.EPISODE:
        return own is Answer.YES
    place = (gone.season, gone.episode)
    return (
        None not in place
        and place == (other.season, other.episode)
        and gone.series_ids.matches(other.series_ids) is Answer.YES
    )


def episodes_of(files: Iterable[tuple[int | None, int | None, int | None]]) -> int | None:
    """Count the episodes of files (season, first, last): each once, specials not.

    None when a file does not say which episode it is: then nobody knows how many there are.
    """
    found: set[tuple[int, int]] = set()
    for season, first, last in files:
        if season == 0:
            continue
        if season is None or first is None:
            return None
        end = last if last is not None and first <= last <= first + _MOST_IN_A_FILE else first
        found.update((season, number) for number in range(first, end + 1))
    return len(found)
