"""Version 13: a viewing takes a tenth of the room.

Units and players stand once, names hang on units, and what was JSON is columns. All or nothing: it
is one transaction, which may be killed at any moment. What can't be read stays as it is, aside.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
import logging
import sqlite3
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from ..domain.watching import unit_from
from .names import digest_of, names_of
from .rewriting import SOME, begin, by_row, carry_out
from .viewing_columns import unit_text

_LOGGER = logging.getLogger(__name__)

type _Json = dict[str, Any]

# What a viewing takes at most while both are there (bytes).
_ROOM_EACH: Final = 300
_FLAGS: Final = (
    ("completed", 2),
    ("finished", 4),
    ("credits_jump", 8),
    ("confirmed", 16),
    ("doubted", 32),
)
_SOURCES: Final = {
    "websocket": 64,
    "poll": 128,
    "webhook": 256,
    "jellystat": 512,
    "playback_reporting": 1024,
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INSERT: Final = """INSERT INTO viewings (id, viewer, unit, player, ended_at, day, started, length,
    watched, position, runtime, flags, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_INSERT_NAME: Final = "INSERT INTO viewing_names (name, viewing_id) VALUES (?, ?)"
_INSERT_LOST: Final = "INSERT INTO unreadable_viewings (id, viewer, data) VALUES (?, ?, ?)"

_BEFORE: Final = (
    "DROP INDEX IF EXISTS viewings_ended",
    "DROP INDEX IF EXISTS viewings_viewer_ended",
    "DROP INDEX IF EXISTS viewing_names_ended",
    "ALTER TABLE viewings RENAME TO old_viewings",
    "ALTER TABLE viewing_names RENAME TO old_viewing_names",
    "ALTER TABLE watch_time RENAME TO old_watch_time",
    """CREATE TABLE players ( id INTEGER NOT NULL, viewer INTEGER NOT NULL, device TEXT NOT
        NULL, client TEXT NOT NULL, play_method TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (viewer,
        device, client, play_method) )""",
    """CREATE TABLE unit_names ( name INTEGER NOT NULL, unit INTEGER NOT NULL, PRIMARY KEY
        (name, unit) ) WITHOUT ROWID""",
    """CREATE TABLE units ( id INTEGER NOT NULL, digest BIGINT NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (id) )""",
    """CREATE TABLE unreadable_viewings ( id INTEGER NOT NULL, viewer INTEGER NOT NULL, data
        TEXT NOT NULL, PRIMARY KEY (id) )""",
    """CREATE TABLE viewings ( id INTEGER NOT NULL, viewer INTEGER NOT NULL, unit INTEGER NOT
        NULL, player INTEGER NOT NULL, day INTEGER NOT NULL, started BIGINT NOT NULL, length
        BIGINT NOT NULL, ended_at BIGINT NOT NULL, watched FLOAT NOT NULL, position FLOAT NOT
        NULL, runtime FLOAT, flags INTEGER NOT NULL, seen TEXT, PRIMARY KEY (id) )""",
    """CREATE TABLE watch_time ( viewer INTEGER NOT NULL, quarter INTEGER NOT NULL, seconds
        FLOAT NOT NULL, PRIMARY KEY (viewer, quarter) ) WITHOUT ROWID""",
    """CREATE TABLE viewing_names ( name INTEGER NOT NULL, viewing_id INTEGER NOT NULL, PRIMARY
        KEY (name, viewing_id), FOREIGN KEY(viewing_id) REFERENCES viewings (id) ON DELETE
        CASCADE ) WITHOUT ROWID""",
    """INSERT OR IGNORE INTO names (name)
        SELECT DISTINCT 'viewer:' || viewer_id FROM old_viewings
        UNION SELECT DISTINCT 'viewer:' || viewer_id FROM old_watch_time""",
    """INSERT INTO watch_time (viewer, quarter, seconds)
        SELECT names.id, quarter, seconds FROM old_watch_time
        JOIN names ON names.name = 'viewer:' || viewer_id""",
)
_AFTER: Final = (
    "DROP TABLE old_viewing_names",
    "DROP TABLE old_viewings",
    "DROP TABLE old_watch_time",
    "CREATE INDEX unit_names_unit ON unit_names (unit)",
    "CREATE INDEX units_digest ON units (digest)",
    "CREATE INDEX viewings_ended ON viewings (ended_at)",
    "CREATE INDEX viewings_unit ON viewings (unit, viewer, ended_at)",
    "CREATE INDEX viewings_viewer_ended ON viewings (viewer, ended_at)",
    "CREATE INDEX viewing_names_viewing ON viewing_names (viewing_id)",
)


def make_lean(connection: Connection) -> None:
    """Rewrite all viewings. Raises StoreError where the disk has no room for it."""
    driver = begin(connection, "viewings", (("viewings", _ROOM_EACH),))
    carry_out(driver, _BEFORE)
    _Rewriting(driver).run()
    carry_out(driver, _AFTER)


class _Rewriting:
    """Takes the old rows over, some at a time, in the order of their numbers."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        viewers = driver.execute(
            "SELECT name, id FROM names WHERE name >= 'viewer:' AND name < 'viewer;'"
        )
        self._viewers = {name.removeprefix("viewer:"): number for name, number in viewers}
        self._names: dict[str, int] = {}
        self._units: dict[bytes, tuple[int, frozenset[int]]] = {}
        self._players: dict[tuple[int, str, str, str], int] = {}

    def run(self) -> None:
        """Rewrite all."""
        named = by_row(
            self._driver.execute(
                "SELECT viewing_id, name FROM old_viewing_names ORDER BY viewing_id"
            )
        )
        after, ahead = 0, next(named, None)
        while rows := self._driver.execute(
            """SELECT id, viewer_id, ended_at, completed, data FROM old_viewings
            WHERE id > ? ORDER BY id LIMIT ?""",
            (after, SOME),
        ).fetchall():
            after = rows[-1][0]
            names: dict[int, set[int]] = {}
            while ahead is not None and ahead[0] <= after:
                names[ahead[0]] = ahead[1]
                ahead = next(named, None)
            self._take(rows, names)

    def _take(self, rows: Iterable[Any], names: Mapping[int, set[int]]) -> None:
        new: list[tuple[Any, ...]] = []
        own: list[tuple[int, int]] = []
        lost: list[tuple[int, int, str]] = []
        for number, viewer_id, ended_at, counts, data in rows:
            viewer = self._viewers[viewer_id]
            try:
                plain = orjson.loads(data)
                unit, units_names = self._unit(plain["unit"])
                player = self._player(viewer, plain)
                values = _columns(plain, counts=bool(counts))
            except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as err:
                _LOGGER.warning("A viewing can't be read and is put aside: %s", type(err).__name__)
                lost.append((number, viewer, data))
                continue
            new.append((number, viewer, unit, player, ended_at, *values))
            own += [(name, number) for name in sorted(names.get(number, set()) - units_names)]
        self._driver.executemany(_INSERT, new)
        self._driver.executemany(_INSERT_NAME, own)
        self._driver.executemany(_INSERT_LOST, lost)

    def _unit(self, plain: _Json) -> tuple[int, frozenset[int]]:
        """Give a unit's number and those of its names."""
        digest = blake2b(orjson.dumps(plain), digest_size=16).digest()
        if (known := self._units.get(digest)) is not None:
            return known
        unit = unit_from(plain)
        text = unit_text(unit)
        names = frozenset(map(self._name, names_of(unit)))
        number = len(self._units) + 1
        self._driver.execute(
            "INSERT INTO units (id, digest, data) VALUES (?, ?, ?)",
            (number, digest_of(text), text),
        )
        self._driver.executemany(
            "INSERT INTO unit_names (name, unit) VALUES (?, ?)", [(one, number) for one in names]
        )
        self._units[digest] = number, names
        return number, names

    def _name(self, name: str) -> int:
        if (known := self._names.get(name)) is None:
            self._driver.execute("INSERT OR IGNORE INTO names (name) VALUES (?)", (name,))
            (known,) = self._driver.execute(
                "SELECT id FROM names WHERE name = ?", (name,)
            ).fetchone()
            self._names[name] = known
        return known

    def _player(self, viewer: int, plain: _Json) -> int:
        device, client, method = (
            str(plain.get(one, "")) for one in ("device", "client", "play_method")
        )
        key = (viewer, device, client, method)
        if (known := self._players.get(key)) is None:
            known = self._players[key] = len(self._players) + 1
            self._driver.execute("INSERT INTO players VALUES (?, ?, ?, ?, ?)", (known, *key))
        return known


def _columns(plain: _Json, *, counts: bool) -> tuple[Any, ...]:
    """Give day, start, length, watched, position, runtime, flags and seen."""
    started, ended = _microseconds(plain["started_at"]), _microseconds(plain["ended_at"])
    # Of a confirmed one a doubt means nothing without what was seen.
    meant = plain.get("confirmed") is not True or plain.get("seen") is not None
    flags = int(counts)
    flags += sum(bit for name, bit in _FLAGS if plain.get(name) and (name != "doubted" or meant))
    # Where no source was written down the server itself had told it.
    flags += sum(_SOURCES[one] for one in set(plain["sources"]) or {"poll"})
    seen = None
    if plain.get("seen") is not None:
        watched, position, until = plain["seen"]
        seen = orjson.dumps([float(watched), float(position), _microseconds(until)]).decode()
    runtime = plain["runtime"]
    return (
        date.fromisoformat(plain["day"]).toordinal(),
        started,
        ended - started,
        float(plain["watched"]),
        float(plain["position"]),
        None if runtime is None else float(runtime),
        flags,
        seen,
    )


def _microseconds(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)
