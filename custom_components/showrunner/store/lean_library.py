"""Version 17: an item of the library takes a third of the room.

What many items share stands once, ids are numbers and bytes, and the names of files are packed.
All or nothing: it is one transaction, which may be killed at any moment.
"""

from collections.abc import Callable, Iterator
from itertools import batched
import sqlite3
from typing import Any, Final

from sqlalchemy import Connection

from .library_columns import guid, imdb, kind, thousandths
from .library_paths import Told, digest_of, pack, split
from .library_texts import digest_of as folder_digest
from .rewriting import SOME, begin, carry_out

# What a row takes at most while both are there (bytes).
_ROOMS: Final = (("library_items", 500),)
_INDEXES: Final = ("tmdb", "tvdb", "imdb", "series", "path", "kind")

_BEFORE: Final = (
    "ALTER TABLE library_items RENAME TO old_library_items",
    # Their room is used again at once.
    *(f"DROP INDEX IF EXISTS library_items_{one}" for one in _INDEXES),
    """CREATE TABLE library_texts ( id INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (id),
        UNIQUE (text) )""",
    """CREATE TABLE library_folders ( id INTEGER NOT NULL, digest BIGINT NOT NULL, path TEXT NOT
        NULL, PRIMARY KEY (id) )""",
    """CREATE TABLE library_series ( id INTEGER NOT NULL, item_id BLOB, name TEXT, PRIMARY KEY
        (id) )""",
    """CREATE TABLE library_items ( id INTEGER NOT NULL, server INTEGER NOT NULL, item_id BLOB NOT
        NULL, kind BLOB NOT NULL, tmdb BIGINT, tvdb BIGINT, imdb BLOB, series INTEGER, season
        INTEGER, episode INTEGER, episode_end INTEGER, name TEXT NOT NULL, year INTEGER, folder
        INTEGER, file BLOB, file_digest INTEGER, size BIGINT, runtime BLOB, created BIGINT, genres
        INTEGER NOT NULL, rating BLOB, digest BIGINT NOT NULL, came INTEGER NOT NULL, missed
        INTEGER DEFAULT '0' NOT NULL, seen_at BIGINT, PRIMARY KEY (id), UNIQUE (item_id, server)
        )""",
)
_AFTER: Final = (
    "DROP TABLE old_library_items",
    "CREATE INDEX library_folders_digest ON library_folders (digest)",
    "CREATE INDEX library_series_item ON library_series (item_id, name)",
    "CREATE INDEX library_items_tmdb ON library_items (tmdb, kind) WHERE tmdb IS NOT NULL",
    "CREATE INDEX library_items_tvdb ON library_items (tvdb, kind) WHERE tvdb IS NOT NULL",
    "CREATE INDEX library_items_imdb ON library_items (imdb, kind) WHERE imdb IS NOT NULL",
    """CREATE INDEX library_items_series ON library_items (series, season, episode)
        WHERE series IS NOT NULL""",
    "CREATE INDEX library_items_file ON library_items (folder, file_digest)",
    "CREATE INDEX library_items_kind ON library_items (kind)",
)
_OLD: Final = """SELECT id, server_id, item_id, kind, tmdb, tvdb, imdb, series_item_id, series_name,
    season, episode, episode_end, name, year, path, size, runtime, created, genres, rating, digest,
    came, missed, seen_at FROM old_library_items ORDER BY id"""
_NEW: Final = f"INSERT INTO library_items VALUES ({', '.join('?' * 25)})"  # noqa: S608  ours


class _Numbers[K]:
    """Numbers things in the order in which they come, and knows which of them are new."""

    def __init__(self) -> None:
        self._known: dict[K, int] = {}
        self.new: list[tuple[int, K]] = []

    def __call__(self, one: K) -> int:
        """Give something its number."""
        number = self._known.get(one)
        if number is None:
            number = self._known[one] = len(self._known) + 1
            self.new.append((number, one))
        return number

    def taken(self) -> Iterator[tuple[int, K]]:
        """Give what is new, once."""
        new, self.new = self.new, []
        return iter(new)


def make_library_lean(connection: Connection) -> None:
    """Rewrite all items. Raises StoreError where the disk has no room for it."""
    driver = begin(connection, "library's items", _ROOMS)
    carry_out(driver, _BEFORE)
    rewriting = _Rewriting()
    for rows in batched(driver.execute(_OLD), SOME, strict=False):
        driver.executemany(_NEW, [rewriting.row(row) for row in rows])
        rewriting.put(driver)
    carry_out(driver, _AFTER)


class _Rewriting:
    """Writes rows anew, and what they share."""

    def __init__(self) -> None:
        self._texts = _Numbers[str]()
        self._folders = _Numbers[str]()
        self._series = _Numbers[tuple[str | None, str | None]]()

    def row(self, old: tuple[Any, ...]) -> tuple[object, ...]:
        """Give the values of a row."""
        number, server, item_id, what, tmdb, tvdb, imdb_id, series, series_name, *more = old
        season, episode, end, name, year, path, size, runtime, created, genres, rating, *last = more
        told = Told(name, year, series_name, season, episode)
        return (
            *(number, self._texts(server), guid(item_id), kind(what), tmdb, tvdb),
            _or_none(imdb, imdb_id),
            None if series is None and series_name is None else self._series((series, series_name)),
            *(season, episode, end, name, year, *self._file(path, told, movie=what == "movie")),
            *(size, _or_none(thousandths, runtime), created, self._texts(genres)),
            *(_or_none(thousandths, rating), *last),
        )

    def _file(self, path: str | None, told: Told, *, movie: bool) -> tuple[object, object, object]:
        if path is None:
            return None, None, None
        folder, file = split(path, with_its_folder=movie)
        return self._folders(folder), pack(file, told), digest_of(file)

    def put(self, driver: sqlite3.Connection) -> None:
        """Write what is new of what rows share."""
        driver.executemany("INSERT INTO library_texts VALUES (?, ?)", self._texts.taken())
        driver.executemany(
            "INSERT INTO library_folders VALUES (?, ?, ?)",
            [(number, folder_digest(path), path) for number, path in self._folders.taken()],
        )
        driver.executemany(
            "INSERT INTO library_series VALUES (?, ?, ?)",
            [(n, _or_none(guid, one), name) for n, (one, name) in self._series.taken()],
        )


def _or_none[V](write: Callable[[V], object], value: V | None) -> object:
    return None if value is None else write(value)
