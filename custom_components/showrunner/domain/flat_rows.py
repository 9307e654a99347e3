"""What a library holds in flat rows, while much of it is read at once.

A page of a thousand items, or all that a viewer has ever touched, is held for a while and let go.
As objects that would be what the interpreter's collector promotes, and then goes through all of the
process for; it passes over rows of texts and numbers. Each is made again when somebody looks at it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, override

from .library import ItemKind, LibraryItem, UserRow
from .media import ProviderIds

type _Row = tuple[Any, ...]


class FlatItems(Collection[LibraryItem]):
    """Items of a library, in their order."""

    def __init__(self, items: Iterable[LibraryItem] = ()) -> None:
        """Take some."""
        self._rows = [_of_item(one) for one in items]

    def append(self, item: LibraryItem) -> None:
        """Take one more."""
        self._rows.append(_of_item(item))

    @override
    def __iter__(self) -> Iterator[LibraryItem]:
        return map(_item, self._rows)

    @override
    def __len__(self) -> int:
        return len(self._rows)

    @override
    def __contains__(self, item: object) -> bool:
        return any(one == item for one in self)


class FlatUserRows(Mapping[str, UserRow]):
    """What the server keeps of one viewer, by the items' ids."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rows: dict[str, _Row] = {}

    def append(self, row: UserRow) -> None:
        """Take one; of an item the last word counts."""
        values = (row.played, row.favorite, row.play_count, row.position, row.last_played)
        self._rows[row.item_id] = values

    @override
    def __getitem__(self, item_id: str) -> UserRow:
        return UserRow(item_id, *self._rows[item_id])

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    @override
    def __len__(self) -> int:
        return len(self._rows)


@lru_cache(maxsize=1024)
def _shared(genres: tuple[str, ...]) -> tuple[str, ...]:
    """Give the same genres for all items that have them."""
    return genres


def _of_item(item: LibraryItem) -> _Row:
    own, series = item.ids, item.series_ids
    return (
        *(item.server_id, item.item_id, item.kind.value, item.name),
        *(own.tmdb, own.tvdb, own.imdb),
        *(item.year, item.path, item.size, item.runtime, item.created),
        *(_shared(item.genres), item.rating, item.series_item_id, item.series_name),
        *(series.tmdb, series.tvdb, series.imdb),
        *(item.season, item.episode, item.episode_end, item.series_year, item.seen_at),
    )


def _item(row: _Row) -> LibraryItem:
    own, series = ProviderIds(*row[4:7]), ProviderIds(*row[16:19])
    fields: _Row = (*row[:2], ItemKind(row[2]), row[3], own, *row[7:16], series, *row[19:])
    return LibraryItem(*fields)
