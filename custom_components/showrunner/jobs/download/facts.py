"""What each source's answer says of a film: single facts, known, absent or unknown."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
import ntpath
import posixpath
from typing import Final

from ...clients.jellyfin import JellyfinItem
from ...clients.radarr import QueueItem, RadarrMovie
from ...coordinators.radarr import RadarrCoordinator
from ...domain.decision import Candidate, Policy, Viewer
from ...domain.inventory import lies_in
from ...domain.knowledge import Absent, Answer, Knowledge, Known, Unknown, first, fmap
from ...domain.media import MediaType, ProviderIds, Title
from ...domain.text import Words

_NO_IDS: Final = ProviderIds()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to decide about: a Jellyfin item, or a title by its ids when there is no item."""

    item_id: str | None
    ids: ProviderIds = _NO_IDS
    name: str = ""
    year: int | None = None
    media: MediaType = MediaType.MOVIE


@dataclass(frozen=True, slots=True)
class Holding:
    """One Radarr's word on the movie. `tags` are labels; `note`: what was accepted all the same."""

    radarr: RadarrCoordinator
    movie: RadarrMovie
    queue: tuple[QueueItem, ...]
    tags: frozenset[str]
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A candidate and where it would be fetched.

    `owner` is the right Radarr's holding; `adder` the Radarr that it would be added to when none
    holds it; both None when there is no right Radarr, and `problem` says why.
    `silent` names the Radarrs that did not answer: any of them may be the right one.
    """

    candidate: Candidate
    item: JellyfinItem | None
    owner: Holding | None
    adder: RadarrCoordinator | None
    problem: Words
    silent: Words = ""


def owns(holding: Holding, item: JellyfinItem) -> bool:
    """Tell whether the file that Jellyfin plays lies in this Radarr's folder of the movie."""
    return lies_in(holding.movie.path, item.path, holding.radarr.path_map) is Answer.YES


def is_local(holding: Holding, item: JellyfinItem | None) -> bool:
    """Tell whether the movie has a file under a permanent root folder.

    A root folder that was changed (by us, or by a person) leaves Radarr with a file that it
    believes to be there until it looks. Where Jellyfin plays that very file from another folder,
    it is not.
    """
    radarr, movie = holding.radarr, holding.movie
    if not movie.has_file or not radarr.is_permanent(movie.path):
        return False
    if item is None or item.path is None or _file_name(item.path) != _file_name(movie.file_path):
        return True
    there = radarr.path_map.to_there(item.path)
    return there is None or radarr.is_permanent(there)


def any_says(facts: Iterable[bool], silent: Unknown | None) -> Knowledge[bool]:
    """Yes if one Radarr says so; unknown if one is silent; absent if none holds the movie."""
    said = tuple(facts)
    if any(said):
        return Known(value=True, source="radarr")
    if silent is not None:
        return silent
    return Known(value=False, source="radarr") if said else Absent("radarr")


def bind[T](movie: Knowledge[RadarrMovie], name: str) -> Knowledge[T]:
    """Take a fact that the movie itself answers with known, absent or unknown."""
    return getattr(movie.value, name) if isinstance(movie, Known) else movie


def attribute[T](thing: Knowledge[object], name: str, source: str) -> Knowledge[T]:
    """Take an attribute; None means that the source has nothing."""
    if not isinstance(thing, Known):
        return thing
    value = getattr(thing.value, name)
    return Absent(source) if value is None else Known(value, source)


def released(movie: Knowledge[RadarrMovie]) -> Knowledge[bool]:
    """Say whether it is out, as Radarr sees it."""
    return attribute(movie, "is_available", "radarr")


def genres(
    movie: Knowledge[RadarrMovie], item: Knowledge[JellyfinItem]
) -> Knowledge[tuple[str, ...]]:
    """Join both services' genres; known as soon as one of them tells any."""
    lists = [fmap(movie, lambda m: m.genres), fmap(item, lambda i: i.genres)]
    known_lists = [known for known in lists if isinstance(known, Known) and known.value]
    if known_lists:
        names = dict.fromkeys(name for known in known_lists for name in known.value)
        return Known(tuple(names), ", ".join(known.source for known in known_lists))
    return first(*(Absent(k.source) if isinstance(k, Known) else k for k in lists))


def tags(holdings: tuple[Holding, ...], rest: Knowledge[RadarrMovie]) -> Knowledge[frozenset[str]]:
    """Join the labels that all Radarrs give it."""
    if holdings:
        return Known(frozenset().union(*(holding.tags for holding in holdings)), "radarr")
    return Absent("radarr") if isinstance(rest, Known) else rest


def texts(movies: tuple[RadarrMovie, ...], item: Knowledge[JellyfinItem]) -> tuple[str, ...]:
    """Collect titles, editions and file names (names only: folders hold other films too)."""
    texts: list[str] = []
    for movie in movies:
        texts += [movie.title.name, movie.original_title or "", movie.file_edition or ""]
        texts.append(_file_name(movie.file_path))
    if isinstance(item, Known):
        found = item.value
        texts += [found.unit.name, found.original_title or "", _file_name(found.path)]
        texts += [_file_name(path) for path in found.source_paths]
    return tuple(dict.fromkeys(text for text in texts if text))


def _file_name(path: str | None) -> str:
    return posixpath.basename(ntpath.basename(path)) if path else ""


def title(
    wanted: Wanted, item: JellyfinItem | None, holdings: tuple[Holding, ...], ids: ProviderIds
) -> Title:
    """Name the movie as Radarr does, else as Jellyfin does, else as it was asked for."""
    year = (item.unit.year if item is not None else None) or wanted.year
    if holdings:
        title = holdings[0].movie.title
        return replace(title, ids=ids.merged(title.ids), year=title.year or year)
    if item is not None:
        return replace(item.unit.title, ids=ids, year=year)
    return Title(MediaType.MOVIE, ids, wanted.name or (ids.keys[0] if ids else "?"), year)


def recent(item: JellyfinItem, viewer: Viewer, policy: Policy, now: datetime) -> bool:
    """Tell whether Jellyfin's play count can speak of the window: it has one date, the last."""
    days = viewer.rewatch_days or policy.rewatch_days
    return item.last_played is not None and item.last_played >= now - timedelta(days=days)
