"""Gives the disk back what a database no longer needs: SQLite keeps it for what comes."""

import logging
from pathlib import Path
import shutil
import sqlite3
from typing import Final

_LOGGER = logging.getLogger(__name__)

# It has to be worth it: so many bytes, and more than is used (a rewrite takes seconds).
_WORTH: Final = 64 * 1024 * 1024
_SPARE: Final = 16 * 1024 * 1024


def compact(driver: sqlite3.Connection, path: Path) -> bool:
    """Rewrite the file if more than half of it is empty; tell whether that was done.

    It is done whole or not at all, whenever it is killed, and not where the disk has no room:
    the file is as good as it was, and it is tried again at the next start.
    """
    pages, empty, size = (
        driver.execute(f"PRAGMA {one}").fetchone()[0]
        for one in ("page_count", "freelist_count", "page_size")
    )
    if empty * size < _WORTH or empty * 2 < pages:
        return False
    # What is used is written twice: beside the file, and to its log.
    if shutil.disk_usage(path.parent).free < 2 * (pages - empty) * size + _SPARE:
        return False
    try:
        driver.execute("VACUUM")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError as err:
        _LOGGER.warning("The database stays as large as it is: %s", err)
        return False
    return True
