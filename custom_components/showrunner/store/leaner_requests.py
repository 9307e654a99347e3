"""Version 20: a request takes half the room, its title's rows two thirds.

Its facts stand in columns, its names and its instant no longer twice, and what it is about is a
table without an index of the same. All or nothing: it is one transaction, which may be killed at
any moment.
"""

from collections.abc import Mapping
import sqlite3
from typing import Final

from sqlalchemy import Connection

from .codec import dump, load
from .errors import StoreDamaged
from .packed import pack, unpack
from .packed_rows import pack_rows, unpack_rows
from .rewriting import begin, carry_out

# What a row takes at most while it is there as it was and as it is (bytes).
_ROOMS: Final = (("requests", 4000), ("titles", 400))
_AT_ONCE: Final = 200
_READ: Final = """SELECT rowid, id, ref, requested_at, data, facts FROM requests
    WHERE rowid > ? ORDER BY rowid LIMIT ?"""
_STATEMENTS: Final = (
    "DROP INDEX IF EXISTS requests_closed",
    "CREATE INDEX requests_closed ON requests (closed)",
    "ALTER TABLE titles RENAME TO old_titles",
    "DROP INDEX IF EXISTS titles_ref",
    """CREATE TABLE titles ( "key" VARCHAR(64) NOT NULL, subject VARCHAR(16) NOT NULL, ref
        VARCHAR(64) NOT NULL, PRIMARY KEY ("key", subject, ref) ) WITHOUT ROWID""",
    """INSERT INTO titles ("key", subject, ref)
        SELECT "key", subject, ref FROM old_titles ORDER BY "key", subject, ref""",
    "DROP TABLE old_titles",
    "CREATE INDEX titles_ref ON titles (subject, ref)",
)


def make_requests_leaner(connection: Connection) -> None:
    """Pack all requests anew. Raises StoreError where the disk has no room for it."""
    driver = begin(connection, "requests", _ROOMS)
    _requests(driver)
    carry_out(driver, _STATEMENTS)


def _requests(driver: sqlite3.Connection) -> None:
    last = 0
    while rows := driver.execute(_READ, (last, _AT_ONCE)).fetchall():
        last = rows[-1][0]
        driver.executemany(
            "UPDATE requests SET data = ?, facts = ? WHERE rowid = ?",
            [
                (_data(data, {"id": name, "ref": ref, "requested_at": at}), _facts(facts), number)
                for number, name, ref, at, data, facts in rows
            ],
        )


def _data(stored: object, columns: Mapping[str, object]) -> object:
    """Leave out what columns say. What can't be read stays as it is, for whoever can."""
    try:
        plain = load(_text(stored))
    except StoreDamaged:
        return stored
    if not isinstance(plain, dict):
        return stored
    left = {name: one for name, one in plain.items() if columns.get(name, ...) != one}
    return pack(dump(left))


def _facts(stored: object) -> object:
    """Pack facts in columns, if they are the same when they are read."""
    try:
        rows = load(_text(stored))
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            return stored
        packed = pack_rows(rows)
        # As they are written: 1 is 1.0, and another value.
        same = repr(unpack_rows(packed)) == repr(rows)
    except StoreDamaged:
        return stored
    return packed if same else stored


def _text(stored: object) -> str:
    """Give a packed text. Raises StoreDamaged for anything else."""
    return unpack(stored) if isinstance(stored, bytes) else str(stored)
