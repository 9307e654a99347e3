"""All that is shown and kept."""

from collections.abc import Iterator
from pathlib import Path
import sqlite3

from homeassistant.core import HomeAssistant

# What the library holds is no trace of a user: these tables have every title.
LIBRARY = (
    *("library_items", "library_aliases", "library_texts", "library_folders", "library_series"),
    "names",
)


def shown(hass: HomeAssistant) -> Iterator[str]:
    """Give every state with its attributes."""
    for state in hass.states.async_all():
        yield f"state {state.entity_id}: {state.state} {dict(state.attributes)}"


def kept(path: Path, *, library: bool) -> Iterator[str]:
    """Give every row of every table, as another process reads them."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master")]
        tables = {
            name
            for name, kind in database.execute("SELECT name, type FROM sqlite_master")
            if kind == "table"
        }
        assert {"viewings", "kv", "decisions", "userdata"} <= tables, names
        for table in sorted(tables):
            if library or table not in LIBRARY:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    yield f"table {table}: {row}"
    database.close()
