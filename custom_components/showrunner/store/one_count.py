"""Version 19: what an arr had is counted once, and no longer by the job for extras beside it.

What that job remembered is taken over: the larger count is what was had, and a fall that stood goes
on until two reads agree or a person confirms it. What was counted and can't be read is in doubt,
whatever that job says of the titles alone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection

from .codec import dump, load
from .errors import StoreDamaged

_EXTRAS: Final = "extras:"
_COUNTED: Final = "counted:"
_TITLES: Final = "titles"


def count_once(connection: Connection) -> None:
    """Take over what is kept by `extras:` and a link's id."""
    rows = connection.exec_driver_sql("SELECT key, data FROM kv WHERE key LIKE 'extras:%'").all()
    for key, data in rows:
        name = _COUNTED + key.removeprefix(_EXTRAS)
        kept = connection.exec_driver_sql("SELECT data FROM kv WHERE key = ?", (name,)).scalar()
        before = None if kept is None else _object(kept)
        after = _merged(_object(data), before)
        if after is not None:
            connection.exec_driver_sql(
                "INSERT OR REPLACE INTO kv (key, data) VALUES (?, ?)", (name, dump(after))
            )
        connection.exec_driver_sql("DELETE FROM kv WHERE key = ?", (key,))


def _merged(
    extras: Mapping[str, object], before: Mapping[str, object] | None
) -> dict[str, object] | None:
    """Put the titles that extras had counted to what is counted; None: it had counted nothing.

    `before`: what is counted, None where nothing is.
    """
    count, low = extras.get("count"), extras.get("low")
    if not isinstance(count, int):
        return None
    counted = before or {}
    after = dict(counted)
    known = counted.get("had")
    had = dict(known) if isinstance(known, Mapping) else {}
    if before is not None and not had and not isinstance(low, int):
        return {**counted, "had": None}
    titles = had.get(_TITLES)
    if not isinstance(titles, int) or titles < count:
        # When that was read nobody has noted: nothing that we have deleted since excuses a loss.
        had[_TITLES] = count
        after |= {"had": had, "had_at": None}
    if isinstance(low, int) and not isinstance(counted.get("low"), Mapping):
        after |= {"low": {**had, _TITLES: low}, "since": _since(extras), "low_at": None}
    return after


def _since(extras: Mapping[str, object]) -> str:
    """Say since when a fall stands; from now on, where that can't be read."""
    kept = extras.get("since")
    try:
        at = datetime.fromisoformat(kept) if isinstance(kept, str) else None
    except ValueError:
        at = None
    return (at if at is not None and at.tzinfo is not None else datetime.now(UTC)).isoformat()


def _object(row: str) -> dict[str, object]:
    try:
        plain = load(row)
    except StoreDamaged:
        return {}
    return plain if isinstance(plain, dict) else {}
