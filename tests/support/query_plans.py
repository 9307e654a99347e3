"""How SQLite carries out each statement of the store, in whatever test: no big table is read whole.

Each distinct one is explained once in a process, by the connection that it is about to go to.
"""

import re
import sqlite3
from typing import Any, Final

from sqlalchemy import Engine, event

from custom_components.showrunner.store.migrations import CURRENT

# What grows with the years, or with the library. All others have a few hundred rows at most.
BIG: Final = frozenset(
    {
        *("viewings", "viewing_names", "units", "unit_names", "names", "watch_time"),
        *("watched", "watched_units", "watched_names", "userdata"),
        *("library_items", "library_aliases", "library_folders", "library_series"),
        *("requests", "titles"),
        *("decisions", "ledger", "plans", "plan_steps", "acquisitions"),
    }
)
# Whoever is forgotten is looked for in all that was ever decided, wherever it names them.
LEFT: Final = (
    "SELECT decisions.id, decisions.data \nFROM decisions \nWHERE (decisions.data LIKE",
    "SELECT acquisitions.id, acquisitions.data \nFROM acquisitions \nWHERE (acquisitions.data LIKE",
)
_EXPLAINED: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_MANY: Final = re.compile(r"\?(?:, \?)+|\(\?\)(?:, \(\?\))+")
_ALIAS: Final = re.compile(r"(\w+) AS (\w+)")
# The first rows, as they lie or in the order of an index, are not the table.
_ENDS: Final = re.compile(r"\bLIMIT\b")
_GOES_ON: Final = re.compile(r"\bWHERE\b|\bORDER BY\b|\bGROUP BY\b")
_SEEN: set[str] = set()


def watch(engine: Engine, found: list[str]) -> None:
    """Note in `found` which statements of an engine read a big table from one end to the other."""

    def look(*given: Any) -> None:
        _, cursor, statement, parameters, _, many = given
        alike = _MANY.sub("?, ?", statement)
        if alike in _SEEN or not statement.startswith(_EXPLAINED):
            return
        if not _is_current(cursor.connection):
            return
        _SEEN.add(alike)
        values = parameters[0] if many and parameters else parameters
        found.extend(f"{one}: {alike}" for one in scans(cursor.connection, statement, values))

    event.listen(engine, "before_cursor_execute", look)


def _is_current(raw: sqlite3.Connection) -> bool:
    """Tell whether a database has come to the last version: on the way there all is read."""
    try:
        (version,) = raw.execute("SELECT max(version) FROM schema_version").fetchone()
    except sqlite3.OperationalError:
        return False
    return bool(version == CURRENT)


def scans(raw: sqlite3.Connection, statement: str, values: Any) -> list[str]:
    """Give the steps of a statement that read a big table whole."""
    if statement.startswith(LEFT):
        return []
    names = {alias: table for table, alias in _ALIAS.findall(statement)}
    steps = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    return [one for one in steps if _is_scan(one, names, statement)]


def _is_scan(step: str, names: dict[str, str], statement: str) -> bool:
    does, _, rest = step.partition(" ")
    table = rest.split(" ")[0]
    if does != "SCAN" or names.get(table, table) not in BIG:
        return False
    if _ENDS.search(statement) is None:
        return True
    return "USING" not in rest and _GOES_ON.search(statement) is not None
