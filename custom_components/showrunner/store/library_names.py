"""Finds the library's items under their names, many at once. Functions on an open transaction."""

from collections.abc import Iterable, Mapping
from itertools import batched
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select

from ..domain.library import ItemKey, ItemKind
from ..domain.media import ProviderIds
from .library_reading import READ
from .library_texts import series_numbers
from .names import CHUNK
from .schema import LIBRARY_ITEMS as ITEMS

_PROVIDERS: Final = {"tmdb": ITEMS.c.tmdb, "tvdb": ITEMS.c.tvdb, "imdb": ITEMS.c.imdb}

type _Found = dict[ItemKey, dict[int, RowMapping]]
# Which names have which id of a provider.
type _Asked = dict[str, dict[object, list[ItemKey]]]


def with_ids(kind: ItemKind, ids: ProviderIds) -> ColumnElement[bool] | None:
    """Say which rows have one of these ids; None for no ids."""
    ways = [
        and_(_PROVIDERS[name] == value, ITEMS.c.kind == kind.value) for name, value in _pairs(ids)
    ]
    return or_(*ways) if ways else None


def named(connection: Connection, keys: Iterable[ItemKey]) -> Mapping[ItemKey, list[RowMapping]]:
    """Find the rows under each of these names, the oldest first."""
    wanted = tuple(dict.fromkeys(keys))
    found: _Found = {key: {} for key in wanted}
    _by_item(connection, [key for key in wanted if key.kind is None], found)
    for kind in ItemKind:
        mine = [key for key in wanted if key.kind is kind and key.season is None]
        _by_ids(connection, kind, mine, found)
    _by_place(connection, [key for key in wanted if key.season is not None], found)
    return {key: [rows[number] for number in sorted(rows)] for key, rows in found.items()}


def _by_item(connection: Connection, keys: Iterable[ItemKey], found: _Found) -> None:
    wanted = {(key.server_id, key.item_id): key for key in keys}
    for some in batched(dict.fromkeys(item for _, item in wanted), CHUNK, strict=False):
        query = READ.where(ITEMS.c.item_id.in_(some))
        for row in connection.execute(query).mappings():
            key = wanted.get((row["server_id"], row["item_id"]))
            if key is not None:
                found[key][row["id"]] = row


def _by_ids(connection: Connection, kind: ItemKind, keys: Iterable[ItemKey], found: _Found) -> None:
    for provider, asked in _asked(keys).items():
        column = _PROVIDERS[provider]
        for some in batched(asked, CHUNK, strict=False):
            query = READ.where(column.in_(some), ITEMS.c.kind == kind.value)
            for row in connection.execute(query).mappings():
                for key in asked[row[provider]]:
                    found[key][row["id"]] = row


def _by_place(connection: Connection, keys: Iterable[ItemKey], found: _Found) -> None:
    """Find episodes by the ids of their series."""
    places: dict[str, dict[tuple[int, int], set[ItemKey]]] = {}
    for provider, asked in _asked(keys).items():
        column = _PROVIDERS[provider]
        for some in batched(asked, CHUNK, strict=False):
            query = select(ITEMS.c.item_id, column).where(
                column.in_(some), ITEMS.c.kind == ItemKind.SERIES.value
            )
            for item_id, value in connection.execute(query):
                for key in asked[value]:
                    mine = places.setdefault(item_id, {})
                    mine.setdefault((key.season or 0, key.episode or 0), set()).add(key)
    for series in batched(places, CHUNK, strict=False):
        wanted = {place for one in series for place in places[one]}
        episodes = [episode for _, episode in wanted]
        query = READ.where(
            ITEMS.c.series.in_(series_numbers(series)),
            ITEMS.c.season.in_({season for season, _ in wanted}),
            ITEMS.c.episode.between(min(episodes), max(episodes)),
        )
        for row in connection.execute(query).mappings():
            mine = places[row["series_item_id"]]
            for key in mine.get((row["season"], row["episode"]), ()):
                found[key][row["id"]] = row


def _asked(keys: Iterable[ItemKey]) -> _Asked:
    found: _Asked = {}
    for key in keys:
        for provider, value in _pairs(key.ids):
            found.setdefault(provider, {}).setdefault(value, []).append(key)
    return found


def _pairs(ids: ProviderIds) -> list[tuple[str, Any]]:
    pairs = (("tmdb", ids.tmdb), ("tvdb", ids.tvdb), ("imdb", ids.imdb))
    return [(name, value) for name, value in pairs if value]
