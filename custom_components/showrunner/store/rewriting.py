"""What steps of the schema share that rewrite many rows: all or nothing, and room asked first.

Each is one transaction, which may be killed at any moment: what was there before is there then.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
import logging
from operator import itemgetter
from pathlib import Path
import shutil
import sqlite3
from typing import Final

from sqlalchemy import Connection

from ..domain.text import say
from .errors import StoreError

_LOGGER = logging.getLogger(__name__)

# Rows that are read at once, and above which it is worth a word that it takes a while.
SOME: Final = 5000
_MB: Final = 1024 * 1024
# What is left for everything else (bytes).
_ROOM: Final = 16 * _MB


def begin(
    connection: Connection, what: str, rooms: Iterable[tuple[str, int]]
) -> sqlite3.Connection:
    """Begin to rewrite tables. Raises StoreError where the disk has no room for it.

    `rooms`: of each table what a row takes at most while both are there (bytes).
    """
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    if not driver.in_transaction:
        # Else the first statements would be transactions of their own.
        driver.execute("BEGIN IMMEDIATE")
    many, need = 0, _ROOM
    for table, each in rooms:
        (count,) = driver.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  ours
        many, need = many + count, need + count * each
    _must_have_room(driver, need)
    if many > SOME:
        _LOGGER.warning("Rewriting the %s (%d rows); this may take a minute", what, many)
    return driver


def _must_have_room(driver: sqlite3.Connection, need: int) -> None:
    """Raise StoreError unless the disk has so many bytes left, as far as it tells.

    Some file systems say 0 of 0 bytes, as those of a program may.
    """
    path = next(row[2] for row in driver.execute("PRAGMA database_list") if row[1] == "main")
    if not path:
        return
    usage = shutil.disk_usage(Path(path).parent)
    if usage.total and (free := usage.free) < need:
        raise StoreError(say("store_no_room", need=-(-need // _MB), free=free // _MB))


def carry_out(driver: sqlite3.Connection, statements: Iterable[str]) -> None:
    """Carry out statements that give nothing."""
    for statement in statements:
        driver.execute(statement)


def by_row(reading: Iterable[tuple[int, int]]) -> Iterator[tuple[int, set[int]]]:
    """Give each row's names, in the order of the rows."""
    for row, pairs in groupby(reading, key=itemgetter(0)):
        yield row, {name for _, name in pairs}
