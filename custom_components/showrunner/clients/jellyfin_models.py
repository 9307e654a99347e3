"""What Jellyfin tells, as values. Seconds (ticks stay in here), and instants in UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ..domain.library_access import LibraryAccess
from ..domain.media import ProviderIds, Unit, UnitKind, normalize_guid
from . import parse
from .parse import Json, flag, instant, natural, path, rating, rows, size, table, text, texts, year

TICKS: Final = 10_000_000
# The provider that the plugin "Intros" gives to its items.
_INTROS: Final = "prerolls.video"
_KINDS: Final = {"movie": UnitKind.MOVIE, "episode": UnitKind.EPISODE, "series": UnitKind.EPISODE}


@dataclass(frozen=True, slots=True)
class JellyfinServer:
    """Who answers."""

    id: str
    name: str
    version: str
    product: str


# What a user's policy holds back of the libraries that they may see.
_LIMITS: Final = (
    "MaxParentalRating",
    "MaxParentalSubRating",
    "BlockedTags",
    "AllowedTags",
    "BlockUnratedItems",
    "BlockedMediaFolders",
)


@dataclass(frozen=True, slots=True)
class JellyfinUser:
    """A user."""

    id: str
    name: str
    is_administrator: bool
    is_disabled: bool
    # All libraries, and nothing held back by a parental limit; where it isn't told, it is not so.
    sees_everything: bool
    libraries: LibraryAccess = field(default_factory=LibraryAccess)


@dataclass(frozen=True, slots=True)
class LibraryFolder:
    """A library, and where its files are. `kind` in Jellyfin's words, "" for one of mixed kinds.

    `id` is the library's own; "" where it is not told.
    """

    name: str
    paths: tuple[str, ...]
    kind: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An installed plugin."""

    id: str
    name: str
    version: str
    status: str


@dataclass(frozen=True, slots=True)
class JellyfinItem:
    """A movie, an episode or a series (told as an episode-like unit without numbers).

    What is kept of a user is False, 0 and None when no user was named. `play_count` counts starts.
    """

    unit: Unit
    original_title: str | None
    path: str | None
    genres: tuple[str, ...]
    community_rating: float | None
    source_paths: tuple[str, ...]
    runtime: float | None
    is_favorite: bool
    played: bool
    play_count: int
    last_played: datetime | None
    position: float = 0.0
    size: int | None = None


def seconds(ticks: object) -> float | None:
    """Turn ticks into seconds."""
    return parse.seconds(ticks, TICKS)


def runtime(ticks: object) -> float | None:
    """Read how long something is; 0 where the server does not know it."""
    return parse.seconds(ticks, TICKS) or None


def is_extra(row: Json) -> bool:
    """Tell whether an item is a trailer, a theme, or an intro that plays before the film.

    The plugin for intros ("pre-rolls") marks its items with a provider of its own.
    """
    ids = table(row.get("ProviderIds"))
    return text(row.get("ExtraType")) is not None or any(is_intro(name) for name in ids)


def is_intro(provider: str) -> bool:
    """Tell whether a provider's name marks an intro."""
    return provider.lower() == _INTROS


def unit(row: Json, server_id: str) -> Unit | None:
    """Read the unit of an item; None for what is no movie, episode or series, or has no id."""
    item_id = normalize_guid(row.get("Id"))
    kind = _KINDS.get((text(row.get("Type")) or "").lower())
    if item_id is None or kind is None:
        return None
    ids = ProviderIds.from_mapping(table(row.get("ProviderIds")))
    name = text(row.get("Name")) or "?"
    made = year(row.get("ProductionYear"))
    if kind is UnitKind.MOVIE:
        return Unit(kind, name, server_id, item_id, ids=ids, year=made)
    if (text(row.get("Type")) or "").lower() == "series":
        return Unit(
            kind,
            name,
            server_id,
            item_id,
            year=made,
            series_item_id=item_id,
            series_name=name,
            series_ids=ids,
        )
    return Unit(
        kind,
        name,
        server_id,
        item_id,
        ids=ids,
        series_item_id=normalize_guid(row.get("SeriesId")),
        series_name=text(row.get("SeriesName")),
        season=natural(row.get("ParentIndexNumber")),
        episode=natural(row.get("IndexNumber")),
    )


def item(row: Json, server_id: str) -> JellyfinItem | None:
    """Read an item; None for what can't be watched."""
    found = unit(row, server_id)
    if found is None:
        return None
    kept = table(row.get("UserData"))
    found_sources = rows(row.get("MediaSources"))
    sources = [path(source.get("Path")) for source in found_sources]
    sizes = [size(source.get("Size")) for source in found_sources]
    return JellyfinItem(
        unit=found,
        original_title=text(row.get("OriginalTitle")),
        path=path(row.get("Path")),
        genres=texts(row.get("Genres")),
        community_rating=rating(row.get("CommunityRating")),
        source_paths=tuple(one for one in sources if one),
        runtime=runtime(row.get("RunTimeTicks")),
        is_favorite=flag(kept.get("IsFavorite")) or False,
        played=flag(kept.get("Played")) or False,
        play_count=natural(kept.get("PlayCount")) or 0,
        last_played=instant(kept.get("LastPlayedDate")),
        position=seconds(kept.get("PlaybackPositionTicks")) or 0.0,
        size=max((one for one in sizes if one), default=None),
    )


def user(row: Json) -> JellyfinUser | None:
    """Read a user; None without an id."""
    user_id, policy = normalize_guid(row.get("Id")), table(row.get("Policy"))
    if user_id is None:
        return None
    return JellyfinUser(
        user_id,
        text(row.get("Name")) or user_id,
        flag(policy.get("IsAdministrator")) or False,
        flag(policy.get("IsDisabled")) or False,
        flag(policy.get("EnableAllFolders")) is True
        # An empty list or null, which may be left out, limits nothing; a rating of 0 does.
        and all(policy.get(one) is None or policy[one] == [] for one in _LIMITS),
        _access(policy),
    )


def _access(policy: Json) -> LibraryAccess:
    """Read which libraries are open to a user. What is blocked and can't be read blocks all."""
    blocked = policy.get("BlockedMediaFolders")
    if blocked is not None and len(_guids(blocked)) != len(_list(blocked) or [blocked]):
        return LibraryAccess()
    every = flag(policy.get("EnableAllFolders")) is True
    return LibraryAccess(every, _guids(policy.get("EnabledFolders")), _guids(blocked))


def _guids(value: object) -> frozenset[str]:
    return frozenset(one for each in _list(value) if (one := normalize_guid(each)) is not None)


def library_folder(row: Json) -> LibraryFolder:
    """Read a library."""
    return LibraryFolder(
        text(row.get("Name")) or "",
        tuple(one for place in _list(row.get("Locations")) if (one := path(place)) is not None),
        (text(row.get("CollectionType")) or "").lower(),
        normalize_guid(row.get("ItemId")) or "",
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def plugin(row: Json) -> Plugin | None:
    """Read a plugin; None without an id."""
    plugin_id = normalize_guid(row.get("Id"))
    if plugin_id is None:
        return None
    return Plugin(
        plugin_id,
        text(row.get("Name")) or "",
        text(row.get("Version")) or "",
        text(row.get("Status")) or "",
    )
