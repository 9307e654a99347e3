"""How a library's item lies in its table. Functions on an open transaction, for `library`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
import hashlib
from itertools import batched
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    RowMapping,
    insert,
    select,
    update,
)

from ..domain.library import ItemKind, LibraryItem
from ..domain.media import ProviderIds
from ..domain.values import year as known_year
from .codec import dump, instant, load, milliseconds
from .identified import is_anything_kept, learn
from .names import CHUNK
from .schema import LIBRARY_ALIASES as ALIASES, LIBRARY_ITEMS as ITEMS

type Values = dict[str, object]
type _Series = tuple[ProviderIds, int | None]

_NO_SERIES: Final[_Series] = (ProviderIds(), None)


def prepare(item: LibraryItem) -> Values:
    """Write an item as a row's values, with the digest of all that a sweep tells."""
    values: Values = {
        "server_id": item.server_id,
        "item_id": item.item_id,
        "kind": item.kind.value,
        "tmdb": item.ids.tmdb,
        "tvdb": item.ids.tvdb,
        "imdb": item.ids.imdb,
        "series_item_id": item.series_item_id,
        "season": item.season,
        "episode": item.episode,
        "episode_end": item.episode_end,
        "name": item.name,
        "series_name": item.series_name,
        "year": item.year,
        "path": item.path,
        "runtime": item.runtime,
        "created": None if item.created is None else milliseconds(item.created),
        "genres": dump(item.genres),
        "rating": item.rating,
    }
    text = dump(list(values.values())).encode()
    digest = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), signed=True)
    return values | {"size": item.size, "digest": digest}


def put(connection: Connection, rows: Sequence[Values], sweep: int) -> dict[str, int]:
    """Write rows of one server; what has not changed is left alone. Give the numbers by item id.

    Of what is new, or says something else than before, the history learns the ids.
    """
    numbers: dict[str, int] = {}
    # Since when there is what the first whole read finds nobody knows.
    now = milliseconds(datetime.now(UTC)) if sweep > 1 else None
    for some in batched(rows, CHUNK, strict=False):
        known = _known(connection, some)
        numbers |= {item_id: row["id"] for item_id, row in known.items()}
        new = [
            row | {"came": sweep, "seen_at": now}
            for row in {row["item_id"]: row for row in some}.values()
            if row["item_id"] not in known
        ]
        if new:
            connection.execute(insert(ITEMS), new)
            added = _known(connection, new)
            numbers |= {item_id: row["id"] for item_id, row in added.items()}
            _came_back(connection, new)
        for row in some:
            if (before := known.get(str(row["item_id"]))) is not None:
                _change(connection, row, before, now)
        numbered = [numbers[str(row["item_id"])] for row in some if _says_more(row, known)]
        if numbered and is_anything_kept(connection):
            _identify(connection, numbered)
    return numbers


def _says_more(row: Values, known: Mapping[str, RowMapping]) -> bool:
    before = known.get(str(row["item_id"]))
    return before is None or before["digest"] != row["digest"]


def _identify(connection: Connection, numbers: Sequence[int]) -> None:
    """Have the history learn the ids of items, and of the episodes whose series are among them."""
    items = read(connection, _numbered(connection, ITEMS.c.id, numbers))
    learn(connection, items)
    series = [item.item_id for item in items if item.kind is ItemKind.SERIES and item.ids]
    rows = _numbered(connection, ITEMS.c.series_item_id, series)
    for some in batched(rows, CHUNK, strict=False):
        learn(connection, read(connection, some))


def _numbered(
    connection: Connection, column: Column[Any], values: Sequence[object]
) -> list[RowMapping]:
    if not values:
        return []
    return list(connection.execute(select(ITEMS).where(column.in_(values))).mappings())


def _known(connection: Connection, rows: Sequence[Values]) -> dict[str, RowMapping]:
    columns = (
        *(ITEMS.c.item_id, ITEMS.c.id, ITEMS.c.digest, ITEMS.c.path, ITEMS.c.size),
        ITEMS.c.missed,
    )
    ids = [row["item_id"] for row in rows]
    query = select(*columns).where(
        ITEMS.c.item_id.in_(ids), ITEMS.c.server_id == rows[0]["server_id"]
    )
    return {row["item_id"]: row for row in connection.execute(query).mappings()}


def _came_back(connection: Connection, new: Sequence[Values]) -> None:
    """An id that exists again is nobody's alias."""
    ids = [row["item_id"] for row in new]
    connection.execute(
        ALIASES.delete().where(
            ALIASES.c.old_id.in_(ids), ALIASES.c.server_id == new[0]["server_id"]
        )
    )


def _change(connection: Connection, row: Values, before: RowMapping, now: int | None) -> None:
    """Bring a row up to date. A size that was asked for once holds as long as the file does.

    Whatever a sweep missed before: now it is there.
    """
    values = row | {"missed": 0}
    if values["path"] != before["path"]:
        values["seen_at"] = now
    elif values["size"] is None:
        values["size"] = before["size"]
    if any(values[name] != before[name] for name in ("digest", "size", "missed")):
        connection.execute(update(ITEMS).where(ITEMS.c.id == before["id"]).values(values))


def read(connection: Connection, rows: Sequence[RowMapping]) -> list[LibraryItem]:
    """Read rows; episodes get their series' ids and year."""
    wanted = {row["series_item_id"] for row in rows} - {None}
    series: dict[tuple[str, str], _Series] = {}
    for some in batched(sorted(wanted), CHUNK, strict=False):
        query = select(
            ITEMS.c.server_id,
            ITEMS.c.item_id,
            ITEMS.c.year,
            ITEMS.c.tmdb,
            ITEMS.c.tvdb,
            ITEMS.c.imdb,
        ).where(ITEMS.c.item_id.in_(some))
        for server_id, item_id, year, *ids in connection.execute(query):
            series[server_id, item_id] = (ProviderIds(*ids), known_year(year))
    return [_item(row, series) for row in rows]


def _item(row: RowMapping, all_series: Mapping[tuple[str, str], _Series]) -> LibraryItem:
    genres = load(row["genres"])
    series_ids, series_year = all_series.get((row["server_id"], row["series_item_id"]), _NO_SERIES)
    return LibraryItem(
        server_id=row["server_id"],
        item_id=row["item_id"],
        kind=ItemKind(row["kind"]),
        name=row["name"],
        ids=ProviderIds(row["tmdb"], row["tvdb"], row["imdb"]),
        year=known_year(row["year"]),
        path=row["path"],
        size=row["size"],
        runtime=row["runtime"],
        created=None if row["created"] is None else instant(row["created"]),
        genres=tuple(genres) if isinstance(genres, list) else (),
        rating=row["rating"],
        series_item_id=row["series_item_id"],
        series_name=row["series_name"],
        series_ids=series_ids,
        season=row["season"],
        episode=row["episode"],
        episode_end=row["episode_end"],
        series_year=series_year,
        seen_at=None if row["seen_at"] is None else instant(row["seen_at"]),
    )


def by_item_ids(
    connection: Connection, ids: Iterable[str], server_id: str | None
) -> dict[str, LibraryItem]:
    """Find items by their ids, those that changed by their earlier ones; by the id asked for."""
    wanted = dict.fromkeys(ids)
    found: dict[str, LibraryItem] = {}
    for some in batched(wanted, CHUNK, strict=False):
        query = select(ITEMS).where(ITEMS.c.item_id.in_(some))
        if server_id is not None:
            query = query.where(ITEMS.c.server_id == server_id)
        items = read(connection, connection.execute(query).mappings().all())
        found |= {item.item_id: item for item in items}
        earlier = [item_id for item_id in some if item_id not in found]
        found |= _by_aliases(connection, earlier, server_id) if earlier else {}
    return found


def _by_aliases(
    connection: Connection, ids: Sequence[str], server_id: str | None
) -> dict[str, LibraryItem]:
    query = (
        select(ALIASES.c.old_id, ITEMS)
        .join(
            ITEMS,
            (ITEMS.c.item_id == ALIASES.c.item_id) & (ITEMS.c.server_id == ALIASES.c.server_id),
        )
        .where(ALIASES.c.old_id.in_(ids))
    )
    query = query.where(ALIASES.c.server_id == server_id) if server_id is not None else query
    rows = connection.execute(query).mappings().all()
    return {row["old_id"]: item for row, item in zip(rows, read(connection, rows), strict=True)}
