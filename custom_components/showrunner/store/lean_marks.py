"""Version 14: marks and what the server keeps of viewers take a sixth of the room.

What is watched stands once for all who have watched it, with all its names; viewers and items are
numbers. All or nothing: it is one transaction, which may be killed at any moment.
"""

from collections.abc import Iterator
from itertools import batched
import sqlite3
import struct
from typing import Final

from sqlalchemy import Connection

from .rewriting import SOME, begin, by_row, carry_out

# What a row takes at most while both are there (bytes).
_ROOMS: Final = (("watched", 300), ("userdata", 200))

_BEFORE: Final = (
    "ALTER TABLE watched RENAME TO old_watched",
    "ALTER TABLE watched_names RENAME TO old_watched_names",
    "ALTER TABLE userdata RENAME TO old_userdata",
    "DROP INDEX IF EXISTS userdata_favorite",
    """CREATE TABLE watched ( viewer INTEGER NOT NULL, unit INTEGER NOT NULL, since BIGINT, source
        INTEGER NOT NULL, PRIMARY KEY (viewer, unit) ) WITHOUT ROWID""",
    """CREATE TABLE watched_units ( id INTEGER NOT NULL, item INTEGER NOT NULL, names BLOB NOT
        NULL, PRIMARY KEY (id) )""",
    """CREATE TABLE watched_names ( name INTEGER NOT NULL, unit INTEGER NOT NULL, PRIMARY KEY
        (name, unit) ) WITHOUT ROWID""",
    """CREATE TABLE userdata ( viewer INTEGER NOT NULL, item INTEGER NOT NULL, played BOOLEAN NOT
        NULL, favorite BOOLEAN NOT NULL, play_count INTEGER NOT NULL, position FLOAT NOT NULL,
        last_played BIGINT, played_missed INTEGER DEFAULT '0' NOT NULL, favorite_missed INTEGER
        DEFAULT '0' NOT NULL, PRIMARY KEY (viewer, item) ) WITHOUT ROWID""",
    # As they come: they are put in order only where they stay.
    "CREATE TABLE new_watched ( viewer INTEGER, unit INTEGER, since BIGINT, source )",
    "CREATE TABLE new_names ( name INTEGER, unit INTEGER )",
    """INSERT OR IGNORE INTO names (name)
        SELECT DISTINCT 'viewer:' || viewer_id FROM old_watched
        UNION SELECT DISTINCT 'viewer:' || viewer_id FROM old_userdata
        UNION SELECT DISTINCT 'id:' || item_id FROM old_watched
        UNION SELECT DISTINCT 'id:' || item_id FROM old_userdata""",
)
_USERDATA: Final = """INSERT INTO userdata SELECT viewers.id, items.id, played, favorite,
    play_count, position, last_played, played_missed, favorite_missed FROM old_userdata
    JOIN names AS viewers ON viewers.name = 'viewer:' || viewer_id
    JOIN names AS items ON items.name = 'id:' || item_id ORDER BY viewers.id, items.id"""
# A source that nobody knows stays as it was.
_MARKS: Final = """SELECT old_watched.id, viewers.id, items.id, since, CASE source
    WHEN 'jellyfin' THEN 0 WHEN 'viewing' THEN 1 WHEN 'import' THEN 2 ELSE source END
    FROM old_watched
    JOIN names AS viewers ON viewers.name = 'viewer:' || viewer_id
    JOIN names AS items ON items.name = 'id:' || item_id ORDER BY old_watched.id"""
_AFTER: Final = (
    # Two marks without any name are nobody's: one of them says as much.
    """INSERT OR IGNORE INTO watched SELECT viewer, unit, since, source FROM new_watched
        ORDER BY viewer, unit""",
    "INSERT INTO watched_names SELECT name, unit FROM new_names ORDER BY name, unit",
    "DROP TABLE new_watched",
    "DROP TABLE new_names",
    "DROP TABLE old_watched_names",
    "DROP TABLE old_watched",
    "DROP TABLE old_userdata",
    "CREATE INDEX userdata_favorite ON userdata (viewer) WHERE favorite IS 1",
)

type _Unit = tuple[int, bytes]


def make_marks_lean(connection: Connection) -> None:
    """Rewrite all marks and userdata. Raises StoreError where the disk has no room for it."""
    driver = begin(connection, "marks of what is watched", _ROOMS)
    carry_out(driver, _BEFORE)
    driver.execute(_USERDATA)
    units: dict[_Unit, int] = {}
    for marks in batched(_with_names(driver), SOME, strict=False):
        new: dict[_Unit, int] = {}
        rows = []
        for viewer, unit, since, source in marks:
            if (number := units.get(unit)) is None:
                number = new[unit] = units[unit] = len(units) + 1
            rows.append((viewer, number, since, source))
        driver.executemany("INSERT INTO new_watched VALUES (?, ?, ?, ?)", rows)
        driver.executemany(
            "INSERT INTO watched_units VALUES (?, ?, ?)",
            [(number, item, names) for (item, names), number in new.items()],
        )
        driver.executemany(
            "INSERT INTO new_names VALUES (?, ?)",
            [(one, number) for (_, names), number in new.items() for (one,) in _each(names)],
        )
    carry_out(driver, _AFTER)


def _with_names(driver: sqlite3.Connection) -> Iterator[tuple[int, _Unit, int | None, object]]:
    """Give each mark: whose it is, of which item under which names, since when, by whom."""
    query = "SELECT watched_id, name FROM old_watched_names ORDER BY watched_id, name"
    named = by_row(driver.execute(query))
    ahead = next(named, None)
    for number, viewer, item, since, source in driver.execute(_MARKS):
        while ahead is not None and ahead[0] < number:
            ahead = next(named, None)
        names = ahead[1] if ahead is not None and ahead[0] == number else set[int]()
        yield viewer, (item, struct.pack(f">{len(names)}I", *sorted(names))), since, source


def _each(names: bytes) -> Iterator[tuple[int]]:
    return struct.iter_unpack(">I", names)
