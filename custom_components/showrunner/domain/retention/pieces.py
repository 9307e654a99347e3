"""What leaves as one: a movie, a season, a special's file, and a series that has no files left."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ..inventory import ArrFile, ArrTitle, ArrUnit
from ..media import MOVIE, Place
from ..plan import Scope
from .facts import Requester, TitleFacts, TitlePart

SPECIALS: Final = 0


@dataclass(frozen=True)
class Piece:
    """A part of a title, with all units of it by the arr's inventory, with a file or without.

    `twins`: the same title in other arrs. `season` None: a movie, or a series as a whole. `spread`:
    the files that are in several seasons.
    """

    title: TitleFacts
    twins: tuple[TitleFacts, ...]
    scope: Scope
    season: int | None
    units: tuple[ArrUnit, ...]
    files: tuple[ArrFile, ...] = ()
    spread: frozenset[int] = frozenset()

    @property
    def record(self) -> ArrTitle:
        """The title as its arr holds it."""
        return self.title.record

    @property
    def holdings(self) -> tuple[TitleFacts, ...]:
        """The title in every arr: a person's word on one of them is on the title."""
        return (self.title, *self.twins)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from the other pieces of its title."""
        return (self.scope, self.season, *(one.id for one in self.files))

    @property
    def is_season(self) -> bool:
        """Tell whether it is a season, and not the specials."""
        return self.scope is Scope.SEASON

    @cached_property
    def places(self) -> frozenset[Place]:
        """Everything that is in it, also what is only in its files."""
        inside = (place for one in self.files for place in one.places)
        return frozenset((*(one.place for one in self.units), *inside))

    def touches(self, part: TitlePart) -> bool:
        """Tell whether a mark is on it, on something in it, or on what it lies in (law 6)."""
        return self.scope is Scope.SERIES or any(part.touches(place) for place in self.places)

    def covered_by(self, season: int | None) -> bool:
        """Tell whether what holds for a season, or for all (None), holds for it, or below it."""
        return season is None or self.season is None or self.season == season

    def is_asked_by(self, request: Requester) -> bool:
        """Tell whether a request is for it, or for something in it."""
        seasons = request.seasons
        return seasons is None or self.season is None or self.season in seasons


def pieces(title: TitleFacts, twins: tuple[TitleFacts, ...]) -> Iterator[Piece]:
    """Take a title apart into what leaves as one; what has no files is left out."""
    record = title.record
    if not title.is_series:
        if record.files:
            yield Piece(title, twins, Scope.MOVIE, None, record.units, record.files)
        return
    if not record.files and all(one.file_id is None for one in record.units):
        regular = tuple(one for one in record.units if one.place.season != SPECIALS)
        yield Piece(title, twins, Scope.SERIES, None, regular)
        return
    units, seasons = _by_season(record), _seasons_of(record)
    spread = frozenset(number for number, found in seasons.items() if len(found) > 1)
    for number in sorted({one for found in seasons.values() for one in found} - {SPECIALS}):
        mine = tuple(one for one in record.files if number in seasons[one.id])
        yield Piece(title, twins, Scope.SEASON, number, tuple(units[number]), mine, spread)
    for file in record.files:
        inside = tuple(
            one for one in record.units if one.place.season == SPECIALS and _is_in(one, file)
        )
        if inside:
            yield Piece(title, twins, Scope.EPISODE, SPECIALS, inside, (file,), spread)


def _by_season(record: ArrTitle) -> Mapping[int, list[ArrUnit]]:
    found: dict[int, list[ArrUnit]] = defaultdict(list)
    for unit in record.units:
        found[unit.place.season].append(unit)
    return found


def _seasons_of(record: ArrTitle) -> Mapping[int, set[int]]:
    """Say of each file in which seasons it is, by its episodes and by what it says itself."""
    found = {file.id: {place.season for place in file.places} for file in record.files}
    for unit in record.units:
        if unit.file_id in found:
            found[unit.file_id].add(unit.place.season)
    return found


def _is_in(unit: ArrUnit, file: ArrFile) -> bool:
    return unit.file_id == file.id or unit.place in file.places


def is_numbered(place: Place) -> bool:
    """Tell whether an episode has its numbers: 0 is one, a missing one is not."""
    return place != MOVIE and place.season >= 0 and place.episode >= 0
