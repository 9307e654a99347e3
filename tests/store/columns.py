"""The columns of a database."""

from pathlib import Path
import sqlite3


def _columns(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """Describe every table, whatever the order of its columns."""
    with sqlite3.connect(path) as raw:
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master")]
        found = {
            name: {row[1:4] for row in raw.execute(f"PRAGMA table_info({name})")} for name in names
        }
    raw.close()
    return found
