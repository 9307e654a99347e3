"""Whether an item of Jellyfin's is what a request waits for. Never by a name alone.

A movie is known by its ids, an episode by its series' ids, season and number. Anime is also known
by its file, for Jellyfin may have a movie as an episode and the reverse. Which of two requests for
one title an item fulfils, 4K or not, is told by the file's place, or by its width.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..knowledge import Answer
from ..library import ItemKind, LibraryItem
from ..media import MOVIE, MediaType, Place, ProviderIds, same_year
from ..paths import PathMap, components, same
from .facts import Facts
from .request import Request
from .unit import Ledger

# What is at least so wide is 4K: 3840 or 4096, and less where black bars were cut off.
_WIDE: Final = 3200
_MOST_IN_A_FILE: Final = 50


@dataclass(frozen=True, slots=True)
class File:
    """A file of an item: a version of it. `width` in pixels, None when it is not told."""

    path: str
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An item with all its files."""

    item: LibraryItem
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A unit of a request that Jellyfin has not shown yet. `path`: its file as the arr names it.

    `imported_at` while the arr has the file; `matched`: the anime matcher knows it.
    """

    request: Request
    place: Place
    imported_at: datetime | None
    path: str
    matched: bool

    def paths(self, path_map: PathMap) -> tuple[str, ...]:
        """Give the names under which its file may be known to Jellyfin."""
        if not self.path:
            return ()
        here = path_map.to_here(self.path)
        return (self.path,) if here is None else (here,)


def wanted(request: Request, facts: Facts) -> Iterator[Wanted]:
    """List the units of a request that are not seen yet."""
    ledger = Ledger(facts)
    places = (MOVIE,) if request.is_movie else sorted(ledger.places)
    for place in places:
        if not request.is_movie and (place == MOVIE or not request.wants(place.season)):
            continue
        unit = ledger.unit(place, approved=True, anime=False)
        if unit.available_at is None:
            path = unit.inventory.path if unit.inventory is not None else ""
            yield Wanted(request, place, unit.imported_at, path, unit.matched)


def seen(facts: Facts) -> dict[Place, bool]:
    """Say of each unit that Jellyfin has ever shown whether it was there the last time."""
    return {
        place: presence.seen
        for place, presence in Ledger(facts).presences.items()
        if presence.last_seen is not None
    }


def unmatched(request: Request, facts: Facts) -> Iterator[Wanted]:
    """List the imported units of an anime that neither the matcher nor Jellyfin knows yet."""
    if request.anime:
        for one in wanted(request, facts):
            if one.imported_at is not None and one.path and not one.matched:
                yield one


def may_be(one: Wanted, item: LibraryItem, series_ids: ProviderIds, path_map: PathMap) -> bool:
    """Tell whether an item is the wanted unit, whatever the quality. `series_ids`: its series'."""
    request = one.request
    if item.kind is ItemKind.MOVIE and request.is_movie:
        known = item.ids.matches(request.ids)
        if known is not Answer.UNKNOWN:
            return known is Answer.YES and not _of_another_year(request, item.year)
    if item.kind is ItemKind.EPISODE and request.title.media is MediaType.SERIES:
        known = series_ids.matches(request.ids)
        if known is not Answer.UNKNOWN and item.season is not None and item.episode is not None:
            same_series = known is Answer.YES and not _of_another_year(request, item.series_year)
            return same_series and _covers(item, one.place)
    return request.anime and _is_the_anime(one, item, path_map)


def _of_another_year(request: Request, year: int | None) -> bool:
    return same_year(request.title.year, year) is Answer.NO


def _is_the_anime(one: Wanted, item: LibraryItem, path_map: PathMap) -> bool:
    """Know an anime under the other kind of item, or without the usual ids."""
    if item.path is not None and any(same(path, item.path) for path in one.paths(path_map)):
        return True
    if not one.request.is_movie or item.kind is not ItemKind.EPISODE:
        return False
    ids = one.request.ids
    if _of_another_year(one.request, item.year):
        return False
    if ids.imdb is not None and item.ids.imdb is not None:
        return ids.imdb == item.ids.imdb
    # A movie and an episode may share a number at TMDb; a match says that it is no chance.
    return one.matched and ids.tmdb is not None and ids.tmdb == item.ids.tmdb


def _covers(item: LibraryItem, place: Place) -> bool:
    """Tell whether an episode's file holds a unit; one file may hold several."""
    if item.season != place.season or item.episode is None:
        return False
    last = item.episode if item.episode_end is None else item.episode_end
    if not item.episode <= last <= item.episode + _MOST_IN_A_FILE:
        last = item.episode
    return item.episode <= place.episode <= last


def shows(one: Wanted, shown: Shown, path_map: PathMap) -> bool:
    """Tell whether an item that is the title is there in the quality that was asked for.

    4K: its own file, or one that is wide enough. Else: its own file, or any that is not 4K; where
    nobody knows how Jellyfin names the arr's files, or how wide they are, whatever is there.
    """
    if any(same(path, file.path) for path in one.paths(path_map) for file in shown.files):
        return True
    widths = [file.width for file in shown.files]
    if one.request.is_4k:
        return any(width is not None and width >= _WIDE for width in widths)
    placed = bool(one.path) and path_map.to_here(one.path) is not None
    return not placed or not widths or any(width is None or width < _WIDE for width in widths)


def was_swept(one: Wanted, item: LibraryItem, read_at: datetime, path_map: PathMap) -> bool:
    """Tell whether a sweep that began then has met the very file that the arr has of the unit.

    It was asked for before, and the file was there before: then that is a sighting of its own. The
    file is its own, so whether it is 4K need not be asked.
    """
    if one.imported_at is None or item.path is None or one.request.requested_at >= read_at:
        return False
    if item.seen_at is not None and item.seen_at > read_at:
        return False  # it has come since, and nobody has met it again
    return any(same(path, item.path) for path in one.paths(path_map))


def keys_of(one: Wanted) -> tuple[str, ...]:
    """Give the names under which the library may have the unit."""
    ids = one.request.ids.keys
    if one.request.is_movie:
        return tuple(f"movie:{key}" for key in ids)
    return tuple(f"series:{key}:{one.place.text}" for key in ids)


def names_of(one: Wanted, path_map: PathMap) -> Iterator[str]:
    """Give every name under which an item may be the wanted unit, as `item_names` gives them."""
    yield from keys_of(one)
    if one.request.anime:
        yield from (f"path:{components(path)}" for path in one.paths(path_map))
        if one.request.is_movie:
            yield from (f"episode:{key}" for key in one.request.ids.keys)


def item_names(item: LibraryItem, series_ids: ProviderIds) -> Iterator[str]:
    """Give the names of an item, by which the units are found that it may be."""
    yield from (f"{item.kind}:{key}" for key in item.ids.keys)
    if item.path is not None:
        yield f"path:{components(item.path)}"
    if item.season is None or item.episode is None:
        return
    last = min(item.episode_end or item.episode, item.episode + _MOST_IN_A_FILE)
    for number in range(item.episode, max(item.episode, last) + 1):
        place = Place(item.season, number).text
        yield from (f"series:{key}:{place}" for key in series_ids.keys)


def place_keys(request: Request, places: Iterable[Place]) -> dict[Place, tuple[str, ...]]:
    """Give the library's names of several units of a request."""
    return {place: keys_of(Wanted(request, place, None, "", matched=False)) for place in places}
