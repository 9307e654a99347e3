"""What many items of the library share stands once: folders, series, servers and genres.

Functions on an open transaction, called in the store's thread. A folder or a series goes with the
last item that is of it; of servers and genres there are few.
"""

from collections.abc import Collection, Iterable
from hashlib import blake2b
from itertools import batched
from typing import Final

from sqlalchemy import (
    Connection,
    ScalarSelect,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    select,
)

from .names import CHUNK
from .schema import (
    LIBRARY_FOLDERS as FOLDERS,
    LIBRARY_ITEMS as ITEMS,
    LIBRARY_SERIES as SERIES,
    LIBRARY_TEXTS as TEXTS,
)

# A series as its episodes tell it: its item's id and its name, of which one may be missing.
type SeriesOf = tuple[str | None, str | None]

_TEXTS: Final = select(TEXTS.c.text, TEXTS.c.id).where(
    TEXTS.c.text.in_(bindparam("texts", expanding=True))
)
_FOLDERS: Final = select(FOLDERS.c.path, FOLDERS.c.id).where(
    FOLDERS.c.digest.in_(bindparam("digests", expanding=True))
)
_SERIES: Final = select(SERIES.c.item_id, SERIES.c.name, SERIES.c.id)
_OF_ITEMS: Final = _SERIES.where(SERIES.c.item_id.in_(bindparam("ids", expanding=True)))
_OF_NO_ITEM: Final = _SERIES.where(
    SERIES.c.item_id.is_(None), SERIES.c.name.in_(bindparam("names", expanding=True))
)


def text_number(text: str) -> ScalarSelect[int]:
    """Ask for the number of a server or genres within another question."""
    return select(TEXTS.c.id).where(TEXTS.c.text == text).scalar_subquery()


def series_numbers(ids: Collection[str] | Select[tuple[str]]) -> Select[tuple[int]]:
    """Ask within another question for the numbers of what is told of series with these ids."""
    return select(SERIES.c.id).where(SERIES.c.item_id.in_(ids))


def intern_texts(connection: Connection, texts: Iterable[str]) -> dict[str, int]:
    """Give each text its number, a new one to a new text."""
    wanted = [*dict.fromkeys(texts)]

    def look(some: Collection[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for part in batched(some, CHUNK, strict=False):
            rows = connection.execute(_TEXTS, {"texts": part})
            found |= {text: number for text, number in rows}  # noqa: C416  as in `names`
        return found

    found = look(wanted)
    new = [text for text in wanted if text not in found]
    if new:
        connection.execute(insert(TEXTS), [{"text": text} for text in new])
        found |= look(new)
    return found


def folders(connection: Connection, paths: Iterable[str]) -> dict[str, int]:
    """Give the numbers of those folders that have one."""
    wanted = {path: digest_of(path) for path in paths}
    found: dict[str, int] = {}
    for some in batched(wanted.values(), CHUNK, strict=False):
        rows = connection.execute(_FOLDERS, {"digests": some})
        found |= {path: number for path, number in rows if path in wanted}
    return found


def intern_folders(connection: Connection, paths: Iterable[str]) -> dict[str, int]:
    """Give each folder its number, a new one to a new folder."""
    wanted = [*dict.fromkeys(paths)]
    found = folders(connection, wanted)
    new = [path for path in wanted if path not in found]
    if new:
        rows = [{"path": path, "digest": digest_of(path)} for path in new]
        connection.execute(insert(FOLDERS), rows)
        found |= folders(connection, new)
    return found


def intern_series(connection: Connection, some: Iterable[SeriesOf]) -> dict[SeriesOf, int]:
    """Give each series, as it is told, its number, a new one to a new one; none to nothing."""
    wanted = [one for one in dict.fromkeys(some) if one != (None, None)]
    found = _series(connection, wanted)
    new = [one for one in wanted if one not in found]
    if new:
        connection.execute(insert(SERIES), [{"item_id": one, "name": name} for one, name in new])
        found |= _series(connection, new)
    return found


def _series(connection: Connection, wanted: Collection[SeriesOf]) -> dict[SeriesOf, int]:
    found: dict[SeriesOf, int] = {}
    for some in batched(wanted, CHUNK, strict=False):
        ids = {one for one, _ in some if one is not None}
        names = {name for one, name in some if one is None}
        for query, values in ((_OF_ITEMS, {"ids": ids}), (_OF_NO_ITEM, {"names": names})):
            for item_id, name, number in connection.execute(query, values):
                found[item_id, name] = number
    return {one: found[one] for one in wanted if one in found}


def forget_unused(
    connection: Connection, folder: Collection[int | None], series: Collection[int | None]
) -> None:
    """Remove those of these folders and series that no item is of any more."""
    for table, column, numbers in (
        (FOLDERS, ITEMS.c.folder, folder),
        (SERIES, ITEMS.c.series, series),
    ):
        for some in batched(set(numbers) - {None}, CHUNK, strict=False):
            unused = table.c.id.in_(some) & ~exists().where(column == table.c.id)
            connection.execute(delete(table).where(unused))


def digest_of(path: str) -> int:
    """Give the number by which a folder is looked for."""
    return int.from_bytes(blake2b(path.encode(), digest_size=8).digest(), signed=True)
