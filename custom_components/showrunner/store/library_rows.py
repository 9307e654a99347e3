"""How the library's items are written into their tables. Functions on an open transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
import hashlib
from itertools import batched
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    RowMapping,
    insert,
    select,
    update,
)

from ..domain.library import ItemKind, LibraryItem
from .codec import dump, milliseconds
from .identified import is_anything_kept, learn
from .library_paths import Told, digest_of, pack, split
from .library_reading import READ, path_of, read
from .library_texts import (
    SeriesOf,
    forget_unused,
    intern_folders,
    intern_series,
    intern_texts,
    series_numbers,
    text_number,
)
from .names import CHUNK
from .schema import LIBRARY_ALIASES as ALIASES, LIBRARY_ITEMS as ITEMS

type Values = dict[str, object]


def prepare(item: LibraryItem) -> Values:
    """Say what a row says of an item, with the digest of all that a sweep tells."""
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
            add(connection, new)
            added = _known(connection, new)
            numbers |= {item_id: row["id"] for item_id, row in added.items()}
            _came_back(connection, new)
        _change(connection, [row for row in some if row["item_id"] in known], known, now)
        numbered = [numbers[str(row["item_id"])] for row in some if _says_more(row, known)]
        if numbered and is_anything_kept(connection):
            _identify(connection, numbered)
    return numbers


def add(connection: Connection, rows: Sequence[Values]) -> None:
    """Write rows that are not there yet."""
    connection.execute(insert(ITEMS), _written(connection, rows))


def _written(connection: Connection, rows: Sequence[Values]) -> list[Values]:
    """Put numbers for what many rows share, and pack the names of files."""
    texts = intern_texts(connection, _all(rows, "server_id", "genres"))
    all_series = intern_series(connection, map(_series_of, rows))
    paths = [None if row["path"] is None else _split(row) for row in rows]
    folders = intern_folders(connection, (path[0] for path in paths if path is not None))
    written: list[Values] = []
    for row, path in zip(rows, paths, strict=True):
        folder, file = (None, None) if path is None else path
        values = {name: value for name, value in row.items() if name in ITEMS.c}
        written.append(
            values
            | {
                "server": texts[str(row["server_id"])],
                "genres": texts[str(row["genres"])],
                "series": all_series.get(_series_of(row)),
                "folder": None if folder is None else folders[folder],
                "file": None if file is None else pack(file, _told(row)),
                "file_digest": None if file is None else digest_of(file),
            }
        )
    return written


def _says_more(row: Values, known: Mapping[str, RowMapping]) -> bool:
    before = known.get(str(row["item_id"]))
    return before is None or before["digest"] != row["digest"]


def _identify(connection: Connection, numbers: Sequence[int]) -> None:
    """Have the history learn the ids of items, and of the episodes whose series are among them."""
    items = read(connection, _numbered(connection, ITEMS.c.id, numbers))
    learn(connection, items)
    series = [item.item_id for item in items if item.kind is ItemKind.SERIES and item.ids]
    rows = _numbered(connection, ITEMS.c.series, series_numbers(series)) if series else []
    for some in batched(rows, CHUNK, strict=False):
        learn(connection, read(connection, some))


def _numbered(connection: Connection, column: Column[Any], values: Any) -> list[RowMapping]:
    return list(connection.execute(READ.where(column.in_(values))).mappings())


def _known(connection: Connection, rows: Sequence[Values]) -> dict[str, RowMapping]:
    columns = (ITEMS.c.item_id, ITEMS.c.id, ITEMS.c.digest, ITEMS.c.size, ITEMS.c.missed)
    ids = [row["item_id"] for row in rows]
    query = select(*columns).where(
        ITEMS.c.item_id.in_(ids), ITEMS.c.server == text_number(str(rows[0]["server_id"]))
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


def _change(
    connection: Connection, rows: Sequence[Values], known: Mapping[str, RowMapping], now: int | None
) -> None:
    """Bring rows up to date. A size that was asked for once holds as long as the file does.

    Whatever a sweep missed before: now it is there.
    """
    others = [known[str(row["item_id"])]["id"] for row in rows if _says_more(row, known)]
    before = {row["id"]: row for row in _numbered(connection, ITEMS.c.id, others)} if others else {}
    changed: dict[int, Values] = {}
    for row in rows:
        was = known[str(row["item_id"])]
        values = row | {"missed": 0}
        full = before.get(was["id"])
        # What says the same has the same file.
        if full is not None and values["path"] != path_of(full):
            values["seen_at"] = now
        elif values["size"] is None:
            values["size"] = was["size"]
        if any(values[name] != was[name] for name in ("digest", "size", "missed")):
            changed[was["id"]] = values
    for number, values in zip(changed, _written(connection, [*changed.values()]), strict=True):
        connection.execute(update(ITEMS).where(ITEMS.c.id == number).values(values))
    forget_unused(
        connection,
        [row["folder"] for row in before.values()],
        [row["series"] for row in before.values()],
    )


def _all(rows: Iterable[Values], *names: str) -> Iterator[str]:
    return (str(row[name]) for row in rows for name in names)


def _series_of(row: Values) -> SeriesOf:
    return row["series_item_id"], row["series_name"]  # type: ignore[return-value]


def _split(row: Values) -> tuple[str, str]:
    return split(str(row["path"]), with_its_folder=row["kind"] == ItemKind.MOVIE)


def _told(row: Values) -> Told:
    return Told(
        *(row["name"], row["year"], row["series_name"], row["season"], row["episode"])  # type: ignore[arg-type]
    )
