"""Version 15: a request with its facts takes a seventh of the room.

All or nothing: it is one transaction, which may be killed at any moment.
"""

from typing import Final

from sqlalchemy import Connection

from .packed import pack
from .rewriting import begin

# What a row takes at most while it is there as it was and as it is (bytes).
_ROOMS: Final = (("requests", 8000),)
_AT_ONCE: Final = 200


def make_requests_lean(connection: Connection) -> None:
    """Pack all requests. Raises StoreError where the disk has no room for it."""
    driver = begin(connection, "requests", _ROOMS)
    after = ""
    while rows := driver.execute(
        """SELECT id, data, facts, settled FROM requests WHERE id > ? ORDER BY id LIMIT ?""",
        (after, _AT_ONCE),
    ).fetchall():
        after = rows[-1][0]
        driver.executemany(
            "UPDATE requests SET data = ?, facts = ?, settled = ? WHERE id = ?",
            [(*map(_packed, texts), number) for number, *texts in rows],
        )


def _packed(text: object) -> object:
    """Pack a text. What is none stays as it is, for whoever can read it."""
    return pack(text) if isinstance(text, str) else text
