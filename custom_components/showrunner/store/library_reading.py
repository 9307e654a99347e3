"""How the library's items are read from their tables. Functions on an open transaction."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from ..domain.library import ItemKind, LibraryItem
from ..domain.media import ProviderIds
from ..domain.values import year as known_year
from .codec import instant, load
from .library_paths import Told, unpack
from .names import CHUNK
from .schema import (
    LIBRARY_ALIASES as ALIASES,
    LIBRARY_FOLDERS as FOLDERS,
    LIBRARY_ITEMS as ITEMS,
    LIBRARY_SERIES as SERIES,
    LIBRARY_TEXTS as TEXTS,
)

type _Series = tuple[ProviderIds, int | None]

_NO_SERIES: Final[_Series] = (ProviderIds(), None)
_SERVERS: Final = TEXTS.alias("servers")
_GENRES: Final = TEXTS.alias("genres_texts")
# All that makes an item: its row, and the texts whose numbers that has.
READ: Final[Select[Any]] = (
    select(
        ITEMS,
        _SERVERS.c.text.label("server_id"),
        _GENRES.c.text.label("genres_text"),
        SERIES.c.item_id.label("series_item_id"),
        SERIES.c.name.label("series_name"),
        FOLDERS.c.path.label("folder_path"),
    )
    .outerjoin(_SERVERS, _SERVERS.c.id == ITEMS.c.server)
    .outerjoin(_GENRES, _GENRES.c.id == ITEMS.c.genres)
    .outerjoin(SERIES, SERIES.c.id == ITEMS.c.series)
    .outerjoin(FOLDERS, FOLDERS.c.id == ITEMS.c.folder)
)
# Made once: that takes longer than to ask it.
_BY_IDS: Final = READ.where(ITEMS.c.item_id.in_(bindparam("ids", expanding=True)))
_SERIES_IDS: Final = (
    select(
        _SERVERS.c.text,
        *(ITEMS.c.item_id, ITEMS.c.year, ITEMS.c.tmdb, ITEMS.c.tvdb, ITEMS.c.imdb),
    )
    .join(_SERVERS, _SERVERS.c.id == ITEMS.c.server)
    .where(ITEMS.c.item_id.in_(bindparam("ids", expanding=True)))
)
_BY_IDS_THERE: Final = _BY_IDS.where(
    ITEMS.c.server
    == select(TEXTS.c.id).where(TEXTS.c.text == bindparam("server")).scalar_subquery()
)


def read(connection: Connection, rows: Sequence[RowMapping]) -> list[LibraryItem]:
    """Read rows; episodes get their series' ids and year."""
    wanted = {row["series_item_id"] for row in rows} - {None}
    series: dict[tuple[str, str], _Series] = {}
    for some in batched(sorted(wanted), CHUNK, strict=False):
        for server_id, item_id, year, *ids in connection.execute(_SERIES_IDS, {"ids": some}):
            series[server_id, item_id] = (ProviderIds(*ids), known_year(year))
    return [_item(row, series) for row in rows]


def path_of(row: RowMapping) -> str | None:
    """Give where an item's file lies. Raises StoreDamaged where that can't be told."""
    if row["file"] is None:
        return None
    told = Told(row["name"], row["year"], row["series_name"], row["season"], row["episode"])
    return f"{row['folder_path']}{unpack(row['file'], told, row['file_digest'])}"


def _item(row: RowMapping, all_series: Mapping[tuple[str, str], _Series]) -> LibraryItem:
    genres = load(row["genres_text"])
    series_ids, series_year = all_series.get((row["server_id"], row["series_item_id"]), _NO_SERIES)
    return LibraryItem(
        server_id=row["server_id"],
        item_id=row["item_id"],
        kind=ItemKind(row["kind"]),
        name=row["name"],
        ids=ProviderIds(row["tmdb"], row["tvdb"], row["imdb"]),
        year=known_year(row["year"]),
        path=path_of(row),
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
    query = _BY_IDS if server_id is None else _BY_IDS_THERE
    for some in batched(wanted, CHUNK, strict=False):
        values = {"ids": some} if server_id is None else {"ids": some, "server": server_id}
        items = read(connection, connection.execute(query, values).mappings().all())
        found |= {item.item_id: item for item in items}
        earlier = [item_id for item_id in some if item_id not in found]
        found |= _by_aliases(connection, earlier, server_id) if earlier else {}
    return found


def _by_aliases(
    connection: Connection, ids: Sequence[str], server_id: str | None
) -> dict[str, LibraryItem]:
    query = select(ALIASES.c.old_id, ALIASES.c.server_id, ALIASES.c.item_id)
    query = query.where(ALIASES.c.old_id.in_(ids))
    query = query.where(ALIASES.c.server_id == server_id) if server_id is not None else query
    aliases = connection.execute(query).all()
    items: dict[tuple[str, str], LibraryItem] = {}
    for some in batched({item_id for _, _, item_id in aliases}, CHUNK, strict=False):
        rows = connection.execute(_BY_IDS, {"ids": some}).mappings().all()
        items |= {(item.server_id, item.item_id): item for item in read(connection, rows)}
    return {old: items[now] for old, *here in aliases if (now := (here[0], here[1])) in items}
